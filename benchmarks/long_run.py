"""Does a process that fits and answers for long keep what it no longer needs?

    python benchmarks/long_run.py      # 100 fits and 1,000 answers in one process

The resident size of the process, in MB, after some fits, each of which is dropped before the next;
and after ten more, which are slow, for tracemalloc then counts what Python has allocated since.
"""

import argparse
import gc
import time
import tracemalloc
from pathlib import Path

from _machine import describe
from sklearn.datasets import make_classification

from sklearn_mi import MutualInfoClassifier


def resident():
    """MB of this process in memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def say(n_fits, n_answers, start):
    gc.collect()
    allocated = tracemalloc.get_traced_memory()[0] / 2**20
    spent = time.process_time() - start
    print(f"{n_fits:6} {n_answers:8} {resident():10.1f} {allocated:10.2f} {spent:8.0f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fits", type=int, default=100)
    parser.add_argument("--answers", type=int, default=10, help="after each fit")
    arguments = parser.parse_args()
    print(describe())
    print(f"{'fits':>6} {'answers':>8} {'resident':>10} {'allocated':>10} {'CPU s':>8}")
    X, y = make_classification(300, 10, n_informative=5, random_state=0)
    start, last = time.process_time(), arguments.fits
    for number in range(1, last + 11):
        clf = MutualInfoClassifier(cv=2, max_iter=3, random_state=number).fit(X, y)
        for _ in range(arguments.answers):
            clf.predict(X)
        del clf
        if number in (1, 10, 25, 50, 75) or number >= last:
            say(number, number * arguments.answers, start)
        if number == last:
            tracemalloc.start()


if __name__ == "__main__":
    main()
