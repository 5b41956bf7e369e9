"""Does a fit, or a search, that is killed end in the same bits, and what do checkpoints cost?

    python benchmarks/survival.py kills --fits 20 --searches 10
    python benchmarks/survival.py kills --fits 6 --works passes --searches 0
    python benchmarks/survival.py cost

"kills" runs each work in a process of its own, on one thread, once undisturbed. Then it is killed
by SIGKILL at a moment drawn evenly from the time that took, the import of packages excluded, in
every second case once more while it goes on, and is left to end. "equal" compares what was fitted
to the last bit: networks, held-out posteriors, answers, history. So that there is much to go on
with in a short fit, checkpoints may be half a second apart and take a fifth of the time. "kept"
says how many files the last process found.

"cost" fits with checkpoints as they are by default, and gives their share of the time of training.
"""

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from _machine import describe

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine import _checkpoint, _kept_answers, _row_stream
from sklearn_mi._inputs import _reservoir
from sklearn_mi.metrics import mutual_info_scorer
from sklearn_mi.model_selection import StackedSearchCV

STARTED = "started"  # a file that says that the work begins


def make_table(n_rows, n_columns=20, n_classes=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_columns))
    hidden = np.tanh(X @ rng.normal(size=(n_columns, 16)) / 2) @ rng.normal(size=(16, n_classes))
    return X, (hidden + rng.gumbel(size=hidden.shape)).argmax(axis=1)


def make_images(n_rows):
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=n_rows)
    return (255 * rng.random((n_rows, 1, 14, 14)) ** (1 + y[:, None, None, None])).astype("u1"), y


def make_file(folder, n_rows):
    """Rows that are read in passes, through windows that hold a third of them."""
    file = Path(folder).parent / "rows.parquet"
    if not file.exists():
        X, y = make_table(n_rows)
        frame = pd.DataFrame(X).rename(columns=lambda j: f"x{j}").assign(label=y)
        frame.to_parquet(file, row_group_size=1000)
    _reservoir.SAMPLE_ROWS, _row_stream.WINDOW_CELLS = n_rows // 4, 20 * n_rows // 3
    return file


def fit(rows, folder, **params):
    return MutualInfoClassifier(n_threads=1, random_state=0, checkpoint=folder, **params).fit(*rows)


def search(rows, folder):
    grid = {"learning_rate_init": [0.002, 0.006], "hidden_layer_sizes": [(64,), (128, 128)]}
    clf = MutualInfoClassifier(cv=None, max_iter=15, n_threads=1, random_state=0)
    options = {"scoring": mutual_info_scorer, "cv": 5, "checkpoint": folder}
    return StackedSearchCV(clf, grid, **options).fit(*rows)


WORKS = {
    "ce": lambda folder: fit(make_table(2500), folder, max_iter=50),
    "dmi": lambda folder: fit(make_table(1500, n_classes=3), folder, loss="dmi", max_iter=20),
    "forward": lambda folder: fit(
        make_table(1500, n_classes=3), folder, loss="forward", max_iter=15
    ),
    "gccs": lambda folder: fit(make_table(2000), folder, loss="gccs", max_iter=50),
    "images": lambda folder: fit(make_images(300), folder, augmentation=["shift"], max_iter=5),
    "passes": lambda folder: fit(
        (make_file(folder, 20_000), "label"), folder, estimators=None, max_iter=40
    ),
    "search": lambda folder: search(make_table(1000), folder),
}
FITS = [name for name in WORKS if name != "search"]


# --- one process --------------------------------------------------------------------------------


def work(name, folder):
    """Fit, and print what was found and a digest of what was fitted."""
    torch.set_num_threads(1)
    _checkpoint.SECONDS_BETWEEN, _checkpoint.MOST_SHARE = 0.5, 0.2
    found = count_what_is_found()
    (Path(folder).parent / STARTED).touch()
    fitted = WORKS[name](folder)
    print(json.dumps({"found": len(found), "digest": digest_of(fitted)}))


def count_what_is_found():
    """Filled by all that is read of a process before."""
    found = []
    read = _kept_answers.KeptFolder.read

    def counted(folder, name):
        content = read(folder, name)
        if content is not None and name != "search":  # which only says what is asked
            found.append(name)
        return content

    _kept_answers.KeptFolder.read = counted
    return found


def digest_of(fitted):
    clf = getattr(fitted, "best_estimator_", fitted)
    hashed = hashlib.sha256()
    for value in clf.net_.module_.state_dict().values():
        hashed.update(value.numpy().tobytes())
    arrays = [clf.loss_curve_, clf.validation_curve_, clf.mutual_info_score_]
    arrays += [clf.oof_log_proba_] if hasattr(clf, "oof_log_proba_") else []
    if fitted is not clf:
        arrays += [fitted.cv_results_["mean_test_score"], fitted.best_mutual_info_]
    rows = make_images(50) if clf.image_shape_ else make_table(50, n_classes=len(clf.classes_))
    X = rows[0]
    if hasattr(clf, "feature_names_in_"):
        X = pd.DataFrame(X, columns=clf.feature_names_in_)
    for array in [*arrays, clf.predict_proba(X)]:
        hashed.update(np.asarray(array).tobytes())
    return hashed.hexdigest()[:16]


# --- kills --------------------------------------------------------------------------------------


def run(name, folder, seconds=None):
    """The work in a process, killed so many seconds after its start; gives what it printed."""
    started = folder.parent / STARTED
    started.unlink(missing_ok=True)
    command = [sys.executable, __file__, "work", "--name", name, "--folder", str(folder)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    while not started.exists() and process.poll() is None:
        time.sleep(0.01)
    start = time.perf_counter()
    try:
        printed, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return None, seconds
    return json.loads(printed), time.perf_counter() - start


def kill_and_go_on(name, seconds, twice, rng):
    """Kill a work once or twice, and let it end; gives the moments, and what it printed."""
    with tempfile.TemporaryDirectory() as parent:
        folder, moments, printed = Path(parent) / "folder", [], ""
        while printed is not None:  # or it was faster than the moment, and begins again
            shutil.rmtree(folder, ignore_errors=True)
            moments = [rng.uniform(0, seconds)]
            printed, took = run(name, folder, moments[0])
        if twice:
            moments.append(rng.uniform(0, seconds / 2))
            printed, took = run(name, folder, moments[1])
        if printed is None:
            return moments, *run(name, folder)
        return moments[:1], printed, took


def kills(args):
    rng = np.random.default_rng(args.seed)
    print(describe())
    print("work     undisturbed  killed after (s)     then took (s)  kept  equal")
    names = [args.works[i % len(args.works)] for i in range(args.fits)]
    names += ["search"] * args.searches
    whole, n_equal, n_kills = {}, 0, 0
    for number, name in enumerate(names):
        if name not in whole:
            with tempfile.TemporaryDirectory() as parent:
                whole[name] = run(name, Path(parent) / "folder")
        first, seconds = whole[name]
        moments, last, took = kill_and_go_on(name, seconds, number % 2, rng)
        shown = ", ".join(f"{moment:.1f}" for moment in moments)
        equal = "yes" if last["digest"] == first["digest"] else "NO"
        n_equal, n_kills = n_equal + (equal == "yes"), n_kills + len(moments)
        print(
            f"{name:8} {seconds:11.1f}  {shown:20} {took:13.1f}  {last['found']:4}  {equal}",
            flush=True,
        )
    print(f"{n_kills} kills; {n_equal} of {len(names)} equal")


# --- cost ---------------------------------------------------------------------------------------

LARGE = {"hidden_layer_sizes": (512, 512), "n_iter_no_change": 100}
COSTS = {
    "20,000 x 20, default network": (20_000, {"n_iter_no_change": 100, "max_iter": 40}),
    "5,000 x 20, (512, 512)": (5_000, {**LARGE, "max_iter": 30}),
}


def cost(args):
    print(describe())
    print("training                      seconds  checkpoints  mean (s)    MiB   share")
    for name, (n_rows, params) in COSTS.items():
        spent, sizes = [], []
        took, write = _checkpoint.Checkpoint._took, _checkpoint.KeptFolder.write

        def counted(checkpoint, start, took=took, spent=spent):
            took(checkpoint, start)
            spent.append(checkpoint.took[-1])

        def weighed(folder, name, content, write=write, sizes=sizes):
            sizes.append(len(content) / 2**20)
            write(folder, name, content)

        _checkpoint.Checkpoint._took, _checkpoint.KeptFolder.write = counted, weighed
        rows = make_table(n_rows)
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            fit(rows, Path(folder) / "folder", estimators=None, **params)
            seconds = time.perf_counter() - start
        _checkpoint.Checkpoint._took, _checkpoint.KeptFolder.write = took, write
        print(
            f"{name:28} {seconds:8.1f}  {len(sizes):11}  {np.mean(spent):8.3f}  {max(sizes):5.1f}  "
            f"{sum(spent) / seconds:6.2%}",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    of_kills = commands.add_parser("kills")
    of_kills.add_argument("--fits", type=int, default=20)
    of_kills.add_argument("--searches", type=int, default=10)
    of_kills.add_argument("--works", nargs="+", choices=FITS, default=FITS)
    of_kills.add_argument("--seed", type=int, default=0)
    of_kills.set_defaults(run=kills)
    commands.add_parser("cost").set_defaults(run=cost)
    of_work = commands.add_parser("work")
    of_work.add_argument("--name", choices=WORKS)
    of_work.add_argument("--folder")
    of_work.set_defaults(run=lambda args: work(args.name, args.folder))
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
