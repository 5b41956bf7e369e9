"""Does a dask cluster give the same results, how quickly, and what does it survive?

    python benchmarks/cluster.py speed      # a search here and by two workers; bytes sent
    python benchmarks/cluster.py killed     # workers killed at random moments of a search
    python benchmarks/cluster.py members    # would the networks of one fit gain by two processes?
    python benchmarks/cluster.py threads    # fits beside busy processes; n_jobs of a search

The cluster is a `dask.distributed.LocalCluster` of processes of one thread each. Where other
programs want the cores too, seconds say little: "CPU" are seconds of computing, here, of all
workers and of the busiest one, which is what one waits for on a quiet machine; of one thread they
are the time on an idle machine. MB are what the client and the scheduler write, so that what goes
to one worker counts twice.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import threading
import time

import joblib
import numpy as np
from _machine import describe
from dask.distributed import Client, LocalCluster
from distributed.comm.tcp import TCP
from sklearn.datasets import make_classification
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.metrics import mutual_info_scorer

GRID = {"learning_rate_init": [0.002, 0.004, 0.006, 0.009, 0.013], "dropout": [0.0, 0.1, 0.2]}
BUSY = "while True: pass"


class SafeClient(Client):
    """A copy on every worker, so that none takes the last one with it."""

    def scatter(self, data, **options):
        return super().scatter(data, **{**options, "broadcast": True})


class Wire:
    """Counts what this process writes to others."""

    def __init__(self):
        self.n_bytes, self.write = 0, TCP.write

    def __enter__(self):
        async def write(comm, *args, **options):
            n_bytes = await self.write(comm, *args, **options)
            self.n_bytes += n_bytes
            return n_bytes

        TCP.write = write
        return self

    def __exit__(self, *error):
        TCP.write = self.write


def make_table(n_rows, n_columns=20):
    return make_classification(n_rows, n_columns, n_informative=10, random_state=0)


def make_cluster(n_workers):
    return LocalCluster(
        n_workers=n_workers, threads_per_worker=1, dashboard_address=None, silence_logs=50
    )


def make_search(n_jobs=None, **params):
    classifier = MutualInfoClassifier(cv=None, random_state=0, **params)
    options = {"scoring": mutual_info_scorer, "cv": 3, "refit": False, "n_jobs": n_jobs}
    return GridSearchCV(classifier, GRID, **options)


def scores_of(search, table):
    return search.fit(*table).cv_results_["mean_test_score"]


def load(n):
    """In every worker what it loads late; returns the seconds that it has computed."""
    MutualInfoClassifier(max_iter=1, random_state=0).fit(*make_table(100))
    return time.process_time()


def compare_speed(n_rows, rounds):
    table, search, here, there = make_table(n_rows), make_search(estimators=None), [], []
    load(0)
    print(f"\n15 candidates x 3 folds, {n_rows} rows x 20 columns, {table[0].nbytes / 1e6:.2f} MB")
    with make_cluster(2) as cluster, Client(cluster) as client:
        client.run(load, 0)
        for _ in range(rounds):
            start, cpu = time.perf_counter(), time.process_time()
            expected = scores_of(search, table)
            here.append((time.perf_counter() - start, time.process_time() - cpu))
            before, start = client.run(time.process_time), time.perf_counter()
            with Wire() as wire, joblib.parallel_config("dask"):
                found = scores_of(search, table)
            seconds, after = time.perf_counter() - start, client.run(time.process_time)
            spent = [after[worker] - before[worker] for worker in before]
            there.append((seconds, sum(spent), max(spent)))
            assert np.array_equal(found, expected), "other scores"
    alone, both = np.median(here, axis=0), np.median(there, axis=0)
    print(f"    in one process {alone[0]:7.1f} s, CPU {alone[1]:6.1f} s")
    print(
        f"    by two workers {both[0]:7.1f} s, CPU {both[1]:6.1f} s, of the busiest "
        f"{both[2]:6.1f} s: {alone[0] / both[0]:.2f} times as quick, by CPU "
        f"{alone[1] / both[2]:.2f}\n    the same scores each time; {wire.n_bytes / 1e6:.2f} MB sent"
    )


def kill_workers(n_rows, n_kills):
    table, search, same = make_table(n_rows), make_search(estimators=None), 0
    expected, rng = scores_of(search, table), random.Random(0)
    for _ in range(n_kills):
        with make_cluster(2) as cluster, SafeClient(cluster) as client:
            client.amm.stop()  # which would take away copies that nobody asks for
            client.run(load, 0)
            pid = rng.choice(sorted(client.run(os.getpid).values()))
            timer = threading.Timer(rng.uniform(0.2, 4), os.kill, (pid, signal.SIGKILL))
            timer.start()
            with joblib.parallel_config("dask"):
                same += np.array_equal(scores_of(search, table), expected)
            timer.join()
    print(f"\na worker killed in each of {n_kills} searches: {same} of them with the same scores")


def split_members(rounds):
    """Seconds of computing of the networks of five folds, three and two, for as many epochs."""
    print("\nnetworks of some folds, one thread, CPU s; a stack of three beside one of two")
    for n_rows, epochs in ((2_000, 20), (20_000, 2)):
        X, y = make_table(n_rows)
        splits = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X, y))
        seconds = {5: [], 3: [], 2: []}
        for _ in range(rounds):
            for n, values in seconds.items():
                fit = {"cv": splits[:n], "max_iter": epochs, "n_iter_no_change": epochs}
                clf = MutualInfoClassifier(**fit, n_threads=1, estimators=None, random_state=0)
                training = clf._prepare(X, y).training
                start = time.process_time()
                training.run()
                values.append(time.process_time() - start)
        five, three, two = map(np.median, seconds.values())
        whole = MutualInfoClassifier(n_threads=1, random_state=0)
        start = time.process_time()
        n_iter = whole.fit(X, y).n_iter_
        print(
            f"    {n_rows:7} rows, {epochs} epochs: 5 are {five:.2f}, 3 {three:.2f}, 2 {two:.2f}, "
            f"at best {five / three:.2f} times as fast; a default fit stops after {n_iter} of 100 "
            f"epochs, and takes {time.process_time() - start:.1f}",
            flush=True,
        )


class Busy:
    """So many processes beside this one that never wait."""

    def __init__(self, n):
        self.n = n

    def __enter__(self):
        self.all = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(self.n)]
        time.sleep(1)

    def __exit__(self, *error):
        for each in self.all:
            each.kill()
            each.wait()


def watch_threads(rounds, n_busy):
    print(f"\na fit beside {n_busy} more processes that are always busy")
    for n_columns, params in ((20, {}), (300, {"estimators": None, "max_iter": 2})):
        table, spent = make_table(2_000, n_columns), {"auto": [], 1: [], 2: []}
        load(0)
        with Busy(n_busy):
            for n_threads in rounds * [*spent]:
                clf = MutualInfoClassifier(n_threads=n_threads, random_state=0, **params)
                start, cpu = time.perf_counter(), time.process_time()
                clf.fit(*table)
                taken = time.perf_counter() - start, time.process_time() - cpu
                spent[n_threads].append(taken)
        for n_threads, values in spent.items():
            seconds, cpu = np.median(values, axis=0)
            named = f"{n_columns} columns, n_threads={n_threads!r}"
            print(f"    {named:32} {seconds:6.1f} s, CPU {cpu:6.1f} s", flush=True)
    with Busy(n_busy):
        compare_jobs()


def compare_jobs():
    print("\n5-fold search of 4 candidates, 2,000 rows, workers started anew: seconds")
    grid, seconds = {"dropout": [0.0, 0.1], "alpha": [0.01, 0.1]}, {}
    for n_jobs in (1, 2):
        clf = MutualInfoClassifier(random_state=0)
        search = GridSearchCV(clf, grid, scoring=mutual_info_scorer, n_jobs=n_jobs, refit=False)
        start = time.perf_counter()
        search.fit(*make_table(2_000))
        seconds[n_jobs] = time.perf_counter() - start
    print(
        f"    n_jobs=1 {seconds[1]:.1f}, n_jobs=2 {seconds[2]:.1f}: {seconds[2] / seconds[1]:.2f}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["speed", "killed", "members", "threads"])
    parser.add_argument("--rows", type=int, default=2_000, help="of speed and killed")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--busy", type=int, default=4, help="of threads")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print(f"{describe()}; load {os.getloadavg()[0]:.1f} before")
    if arguments.part == "speed":
        compare_speed(arguments.rows, arguments.rounds)
    elif arguments.part == "killed":
        kill_workers(arguments.rows, arguments.kills)
    elif arguments.part == "members":
        split_members(arguments.rounds)
    else:
        watch_threads(arguments.rounds, arguments.busy)


if __name__ == "__main__":
    main()
