"""Does a table that comes in chunks tell as much as the same table at once? Does a drift show?

    python benchmarks/stream.py tables --folder DIR --drop split
    python benchmarks/stream.py drift

"tables": a third of a shuffled table is put aside as fresh rows; of the others, at most 6,000, one
classifier learns all by `fit`, another 20 chunks by `partial_fit`. "fit" and "stream" are
`mutual_info_score_` of both with standard errors, "fresh" what each certifies of the fresh rows,
and seconds count the processor.

"drift": 20 chunks of 300 rows of Gaussian classes, whose centres change places from chunk 12 on.
"""

import argparse
import time

import numpy as np
from _machine import describe
from _tables import folder_tables
from sklearn.model_selection import train_test_split

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_gaussian_classes
from sklearn_mi.metrics import mutual_info_scorer

TABLES = ["adult", "segment", "page_blocks", "phoneme", "dry_bean"]
N_CHUNKS, DRIFT = 20, 12


def learn_chunks(X, y, seed):
    clf = MutualInfoClassifier(n_threads=1, random_state=seed)
    for rows in np.array_split(np.arange(len(y)), N_CHUNKS):
        clf.partial_fit(X.iloc[rows].reset_index(drop=True), y[rows], classes=np.unique(y))
    return clf


def learn_at_once(X, y, seed):
    return MutualInfoClassifier(n_threads=1, random_state=seed).fit(X, y)


def timed(learn, *arguments):
    start = time.process_time()
    return learn(*arguments), time.process_time() - start


def tables(args):
    known = folder_tables(args.folder, args.target, args.drop)
    print(
        "table        seed   fit            stream         off    fresh: fit stream off    seconds"
    )
    for name in args.tables:
        X, y = known[name]()
        for seed in args.seeds:
            one_table(name, X, np.asarray(y), seed, args.max_rows)


def one_table(name, X, y, seed, max_rows):
    split = train_test_split(X, y, test_size=1 / 3, random_state=seed, stratify=y)
    X, X_fresh, y, y_fresh = split
    X, y = X[:max_rows].reset_index(drop=True), y[:max_rows]
    (once, of_fit), (stream, of_stream) = (
        timed(learn, X, y, seed) for learn in (learn_at_once, learn_chunks)
    )
    fresh = [mutual_info_scorer(clf, X_fresh, y_fresh) for clf in (once, stream)]
    own = [(clf.mutual_info_score_, clf.mutual_info_stderr_) for clf in (once, stream)]
    print(
        f"{name:12s} {seed:4d}   "
        + "".join(f"{value:.3f} +- {error:.3f}  " for value, error in own)
        + f"{own[1][0] - own[0][0]:+.3f}      {fresh[0]:.3f} {fresh[1]:.3f} "
        f"{fresh[1] - fresh[0]:+.3f}   {of_fit:.0f} {of_stream:.0f}",
        flush=True,
    )


def drift(args):
    for seed in args.seeds:
        X, y = make_gaussian_classes(300 * N_CHUNKS, 6, centers=(0, 1.5, 3), random_state=seed)
        y[300 * DRIFT :] = (y[300 * DRIFT :] + 1) % 3
        clf = MutualInfoClassifier(n_threads=1, random_state=seed)
        for rows in np.split(np.arange(len(y)), N_CHUNKS):
            clf.partial_fit(X[rows], y[rows], classes=[0, 1, 2])
        told = clf.mutual_info_history_
        print(f"seed {seed}: nats of each chunk, the centres change places at chunk {DRIFT}")
        print(" ".join(f"{value:.2f}" for value in told["mutual_info"]), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["tables", "drift"])
    parser.add_argument("--folder")
    parser.add_argument("--target")
    parser.add_argument("--drop", nargs="*", default=[])
    parser.add_argument("--tables", nargs="*", default=TABLES)
    parser.add_argument("--max-rows", type=int, default=6000)
    parser.add_argument("--seeds", nargs="*", type=int, default=[0])
    args = parser.parse_args()
    print(describe() + "\n")
    {"tables": tables, "drift": drift}[args.what](args)


if __name__ == "__main__":
    main()
