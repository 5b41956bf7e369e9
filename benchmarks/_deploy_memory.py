"""One process of deploy.py: how much memory does an answer take that loading did not?

    python benchmarks/_deploy_memory.py FOLDER ROWS

The figure, printed in bytes, is the largest resident memory while so many rows are made from
table.pkl and model.pkl answers them, above what was resident once model.pkl had been loaded. Linux
only, which lets a process forget an earlier peak.
"""

import pickle
import re
import sys
import warnings
from pathlib import Path

import pandas as pd  # noqa: F401, or it would count as part of the answer
from _deploy_models import some_rows

FORGET_PEAK = "5"  # to /proc/self/clear_refs


def resident(name):
    """Bytes by /proc/self/status, now (VmRSS) or at most (VmHWM)."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)[1])


def peak_of(call):
    """Bytes that are resident at most while a function runs, above those before."""
    Path("/proc/self/clear_refs").write_text(FORGET_PEAK)
    before = resident("VmRSS")
    call()
    return resident("VmHWM") - before


def main():
    warnings.simplefilter("ignore")
    folder, n_rows = Path(sys.argv[1]), int(sys.argv[2])
    with open(folder / "model.pkl", "rb") as file:
        model = pickle.load(file)

    def answer():
        X, _ = pickle.loads((folder / "table.pkl").read_bytes())
        model.predict_proba(some_rows(X, 0, n_rows))

    print(peak_of(answer))


if __name__ == "__main__":
    main()
