"""Texts as sparse matrices: what does the default tell and take beside logistic regression?

    python benchmarks/text.py mr.csv.gz [--models ours,lr,lr_tuned] [--sets tfidf,counts,docstrings]

"tfidf" are sentences of a CSV with columns `text` and `label`, by scikit-learn's defaults; "counts"
the same as counts of words and pairs; "docstrings" first paragraphs from eight installed libraries,
of which the library is asked. The vectoriser is fitted on the training rows of each of five splits,
four fifths of the rows, and is in no time. "lr" is `LogisticRegression()`, "lr_tuned" has C
of nine chosen by `LogisticRegressionCV` on the log loss of five folds, "svd" is the default on the
components of `TruncatedSVD(100)`, on the first split only. Runs alternate, on one thread; seconds
are of the processor, and their ratio is the median over splits. Memory is what a process of its own
needs at most for the fit, above what it had before; on Linux.
"""

import argparse
import ast
import multiprocessing
import re
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from _machine import describe
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.metrics import variational_mutual_info_score

LIBRARIES = "numpy", "scipy", "sklearn", "pandas", "torch", "sympy", "networkx", "matplotlib"
PER_LIBRARY = 1500
N_SPLITS = 5


def sentences(path):
    frame = pd.read_csv(path, keep_default_na=False)
    return frame["text"].to_numpy(object), frame["label"].to_numpy()


@cache
def docstrings(_):
    """First paragraphs of documented functions and classes, and the library of each."""
    rng, texts, labels = np.random.default_rng(0), [], []
    for library in LIBRARIES:
        folder = Path(find_spec(library).origin).parent
        found = sorted({text for path in folder.rglob("*.py") for text in _paragraphs(path)})
        chosen = rng.choice(len(found), min(PER_LIBRARY, len(found)), replace=False)
        texts += [found[i] for i in chosen]
        labels += [library] * len(chosen)
    return np.array(texts, dtype=object), np.array(labels)


def _paragraphs(path):
    try:
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    except (SyntaxError, UnicodeDecodeError):
        return
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            text = " ".join(ast.get_docstring(node).split("\n\n")[0].split())
            if 20 < len(text) < 400:
                yield text


SETS = {
    "tfidf": (sentences, TfidfVectorizer),
    "counts": (sentences, lambda: CountVectorizer(ngram_range=(1, 2))),
    "docstrings": (docstrings, TfidfVectorizer),
}
MODELS = {
    "ours": lambda: MutualInfoClassifier(random_state=0, n_threads=1),
    "lr": lambda: LogisticRegression(max_iter=300),
    "lr_tuned": lambda: LogisticRegressionCV(
        Cs=np.logspace(-2, 2, 9), cv=5, scoring="neg_log_loss", use_legacy_attributes=False,
        l1_ratios=(0,), max_iter=300,
    ),
    "svd": lambda: make_pipeline(TruncatedSVD(100, random_state=0), MODELS["ours"]()),
}  # fmt: skip


def split(name, path, number):
    """Sparse training and held-out rows with their labels."""
    load, vectoriser = SETS[name]
    texts, y = load(path)
    shuffle = StratifiedShuffleSplit(N_SPLITS, test_size=0.2, random_state=0)
    train, test = list(shuffle.split(texts, y))[number]
    words = vectoriser().fit(texts[train])
    return words.transform(texts[train]), y[train], words.transform(texts[test]), y[test]


def measure(model, X, y, fresh, labels):
    start = time.process_time()
    fitted = MODELS[model]().fit(X, y)
    seconds = time.process_time() - start
    proba = fitted.predict_proba(fresh)
    frequency = np.unique(y, return_counts=True)[1] / len(y)
    columns = {"labels": fitted.classes_, "class_prior": frequency}
    nats = variational_mutual_info_score(labels, proba, **columns)
    return nats, (fitted.classes_[proba.argmax(axis=1)] == labels).mean(), seconds


def warm_up(models, data):
    """What is imported with the first fit belongs to none."""
    for model in models:
        MODELS[model]().fit(data[0][:200], data[1][:200])


def _peak(name, path, model, queue):
    X, y, *rest = split(name, path, 0)
    warm_up([model], (X, y, *rest))
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = _kilobytes("VmRSS")
    MODELS[model]().fit(X, y)
    queue.put((_kilobytes("VmHWM") - before) / 1024)


def _kilobytes(name):
    status = Path("/proc/self/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+) kB", status)[1])


def peak(name, path, model):
    """MiB of a fit at most, above what its process had before; on Linux."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_peak, args=(name, path, model, queue))
    process.start()
    found = queue.get()
    process.join()
    return found


def run(name, path, models):
    figures = {model: [] for model in models}
    for number in range(N_SPLITS):
        data = split(name, path, number)
        if number == 0:
            warm_up([model for model in models if model != "svd"], data)
        for model in models:
            if model != "svd" or number == 0:
                figures[model].append(measure(model, *data))
    print(f"\n{name}: {data[0].shape[0]:,} rows x {data[0].shape[1]:,} columns", end=", ")
    print(f"{data[0].nnz / data[0].shape[0]:.0f} cells a row, {len(set(data[1]))} classes")
    print(f"{'':10} {'nats':>7} {'accuracy':>9} {'seconds':>9} {'/ lr':>7} {'MiB':>6}")
    base = np.array(figures["lr"])[:, 2]
    for model, rows in figures.items():
        nats, accuracy, seconds = np.mean(rows, axis=0)
        ratio = np.median(np.array(rows)[:, 2] / base[: len(rows)])
        memory = peak(name, path, model)
        line = f"{model:10} {nats:7.4f} {accuracy:9.4f} {seconds:9.3f} {ratio:7.1f} {memory:6.0f}"
        print(line, flush=True)


def main(arguments=None):
    shape = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("file", help="CSV of sentences with columns text and label")
    parser.add_argument("--models", default="ours,lr,lr_tuned")
    parser.add_argument("--sets", default=",".join(SETS))
    args = parser.parse_args(arguments)
    print(describe())
    for name in args.sets.split(","):
        run(name, args.file, args.models.split(","))


if __name__ == "__main__":
    main()
