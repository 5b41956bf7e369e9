"""Does ONNX Runtime say what the classifier says?

    python benchmarks/onnx_agreement.py --folder DIR --drop split --tables adult,car

For each table a classifier is fitted with its defaults to all rows and exported, and a process of
its own that has loaded neither torch nor scikit-learn answers all rows by ONNX Runtime. "within
1e-5" is the share of rows none of whose probabilities differs by more. "other label" counts, among
the rows whose two most probable classes are more than 1e-5 apart, those with another label. Seconds
are of one answer for all rows at once, by the classifier and by ONNX Runtime, on one thread.
"""

import argparse
import subprocess
import sys
import tempfile
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from _machine import describe
from _tables import bundled_tables, folder_tables

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.export import to_onnx

CLOSE = 1e-5
SCRIPT = Path(__file__).with_name("_onnx_answer.py")
HEAD = (
    f"{'table':16}{'rows':>8}{'columns':>9}{'classes':>9}{'largest difference':>20}"
    f"{'within 1e-5':>13}{'other label':>13}{'MB':>7}{'seconds':>9}{'ONNX':>7}"
)


def feeds(X):
    """What the graph is to be given: a column of doubles or texts for each of a frame."""
    return {str(name): _column(X[name])[:, None] for name in X}


def _column(cells):
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        return cells.to_numpy(float)
    return cells.astype("string").fillna("").to_numpy(str)


def compare(clf, X):
    """Answers for rows by the classifier, and by ONNX Runtime in a process of its own.

    Returns
    -------
    found : dict
    """
    with tempfile.TemporaryDirectory() as folder:
        model, inputs, answers = (
            Path(folder) / name for name in ("model.onnx", "inputs.npz", "answers.npz")
        )
        to_onnx(clf, model)
        np.savez(inputs, **feeds(X))
        subprocess.run([sys.executable, SCRIPT, model, inputs, answers], check=True)
        with np.load(answers) as file:
            theirs = dict(file)
        size = model.stat().st_size
    if len(theirs["loaded"]):
        raise SystemExit(f"The process that answered has loaded {', '.join(theirs['loaded'])}.")
    start = time.perf_counter()
    proba = clf.predict_proba(X)
    seconds = time.perf_counter() - start
    found = agreement(proba, clf.predict(X), theirs["proba"], theirs["label"])
    return found | {"size": size, "seconds": seconds, "onnx_seconds": float(theirs["seconds"])}


def agreement(proba, label, other_proba, other_label):
    """The largest difference, the share of close rows, and how many are labelled otherwise."""
    difference = abs(proba - other_proba).max(axis=1)
    best = np.sort(proba, axis=1)
    clear = best[:, -1] - best[:, -2] > CLOSE
    return {
        "largest": difference.max(),
        "close": (difference <= CLOSE).mean(),
        "other": int((clear & (np.asarray(label, str) != other_label)).sum()),
    }


def line(name, X, n_classes, found):
    """A row of the table."""
    return (
        f"{name:16}{len(X):8,}{X.shape[1]:9}{n_classes:9}{found['largest']:20.1e}"
        f"{found['close']:13.4%}{found['other']:13}{found['size'] / 1e6:7.1f}"
        f"{found['seconds']:9.2f}{found['onnx_seconds']:7.2f}"
    )


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", help="CSV files; else the tables that scikit-learn ships")
    parser.add_argument("--drop", default="", help="columns of these that are no inputs")
    parser.add_argument("--tables", default="", help="some of them, by name")
    parser.add_argument("--max-rows", type=int, help="sample larger tables down")
    parser.add_argument("--max-iter", type=int, default=None, help="fewer epochs")
    return parser.parse_args(arguments)


def main(arguments=None):
    args = parse(arguments)
    tables = bundled_tables(args.max_rows)
    if args.folder:
        tables = folder_tables(args.folder, None, args.drop.split(","), args.max_rows)
    names = args.tables.split(",") if args.tables else list(tables)
    params = {} if args.max_iter is None else {"max_iter": args.max_iter}
    print(f"{describe()}, onnx {version('onnx')}, onnxruntime {version('onnxruntime')}\n\n{HEAD}")
    for name in names:
        X, y = tables[name]()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            clf = MutualInfoClassifier(random_state=0, n_threads=1, **params).fit(X, y)
            print(line(name, X, len(clf.classes_), compare(clf, X)), flush=True)


if __name__ == "__main__":
    main()
