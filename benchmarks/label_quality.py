"""Which labels are wrong: how well does `label_quality` find them, compared with cleanlab?

    python benchmarks/label_quality.py                          # the full table
    python benchmarks/label_quality.py --seeds 0 --tables car   # one table, one seed

Tables with labels that are taken for right, some of which `make_label_noise` changes: asymmetric r
makes the first, third, ... class the next one with probability r, symmetric r any class another.
Classifiers with default settings are fitted to the noisy labels. The figure is the average
precision of the ranking of all rows, worst label first; a ranking at random would have the share of
wrong labels. Mean over the seeds, which draw noise and networks.

All rankings of a line come from the same out-of-fold probabilities. "quality" is ours. The others
are cleanlab's: its scores self_confidence (self), the same with adjust_pred_probs (adjusted),
normalized_margin (margin) and confidence_weighted_entropy (entropy), then find_label_issues ranked
by self_confidence (issues), the rows that it does not report after those that it does. For "dmi"
probabilities speak of the true class; "dmi observed" gives cleanlab those of the observed label
instead, the same times the noise matrix. "wrong" is the share of wrong labels, "told" what the mean
quality says of it, "reported" the share that find_label_issues reports.

scikit-learn's digits, and where `--data` is a folder of CSV files, tables of it: stratified samples
of at most `--max-rows`, without classes under 25 rows, since folds need some of each.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from _machine import describe
from _tables import bundled_tables, folder_tables
from sklearn.metrics import average_precision_score

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_label_noise
from sklearn_mi.inspection import label_quality

try:
    import cleanlab
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
except ImportError:
    cleanlab = None

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "tabular"
TABLES = ["digits", "car", "dry_bean", "segment", "splice", "vehicle", "wine_quality_white"]
CASES = [("asymmetric", 0.2), ("asymmetric", 0.4), ("symmetric", 0.3)]
SCORES = [
    {"method": "self_confidence"},
    {"method": "self_confidence", "adjust_pred_probs": True},
    {"method": "normalized_margin"},
    {"method": "confidence_weighted_entropy"},
]
RANKINGS = ["quality", "self", "adjusted", "margin", "entropy", "issues"]
COLUMNS = ["wrong", "told", "reported", *RANKINGS]
MIN_CLASS_COUNT = 25


def issues_first(issues, score):
    """A score of all rows, low for bad labels: issues in their order, then the others by `score`.

    `issues` are row numbers, worst first; `score` has one value a row, low for bad labels.
    """
    order = np.argsort(score, kind="stable")
    order = np.concatenate([issues, order[~np.isin(order, issues)]]).astype(int)
    return np.argsort(order)


def cleanlab_scores(codes, proba):
    """Its scores of all rows, low for bad labels, one list a ranking; and the share it reports."""
    scores = [get_label_quality_scores(codes, proba, **options) for options in SCORES]
    issues = find_label_issues(codes, proba, return_indices_ranked_by="self_confidence", n_jobs=1)
    return [*scores, issues_first(issues, scores[0])], len(issues) / len(codes)


def figures(wrong, quality, codes, proba):
    """One value for each of COLUMNS."""
    scores, reported = cleanlab_scores(codes, proba)
    found = [average_precision_score(wrong, -score) for score in (quality, *scores)]
    return [wrong.mean(), 1 - quality.mean(), reported, *found]


def one_run(X, y, kind, noise, loss, seed):
    """Figures for each kind of probabilities that a classifier gives, by name."""
    observed = make_label_noise(y, noise, kind=kind, random_state=seed)
    clf = MutualInfoClassifier(loss, random_state=seed).fit(X, observed)
    result = label_quality(clf, X, observed)
    codes = np.searchsorted(clf.classes_, observed)
    proba = {loss: np.exp(clf.oof_log_proba_)}
    if result.noise_matrix is not None:
        proba[f"{loss} observed"] = proba[loss] @ result.noise_matrix
    wrong = observed != y
    return {name: figures(wrong, result.quality, codes, p) for name, p in proba.items()}


def without_rare_classes(X, y):
    """The rows of classes that have enough of them."""
    classes, counts = np.unique(y, return_counts=True)
    kept = np.isin(y, classes[counts >= MIN_CLASS_COUNT])
    return X[kept].reset_index(drop=True), y[kept]


def sources(args):
    """The tables asked for, as name -> function that loads."""
    tables = bundled_tables(args.max_rows)
    if args.data.is_dir():
        tables |= folder_tables(args.data, drop=["split"], max_rows=args.max_rows)
    names = args.tables or [name for name in TABLES if name in tables]
    if unknown := set(names) - set(tables):
        raise SystemExit(f"no tables {sorted(unknown)} among {', '.join(tables)}")
    return {name: tables[name] for name in names}


def line(table, kind, noise, name, values):
    shown = "".join(f"{value:9.3f}" for value in values)
    return f"{table[:18]:18} {kind[:4]} {noise:.1f} {name:12}{shown}"


def run(args):
    """Print a line for each table, noise and kind of probabilities, then the means over tables."""
    print(f"{'table':18} {'noise':8} {'proba':12}" + "".join(f"{name:>9}" for name in COLUMNS))
    means = {}
    for table, load in sources(args).items():
        X, y = without_rare_classes(*load())
        for kind, noise in CASES:
            for loss in args.losses:
                runs = [one_run(X, y, kind, noise, loss, seed) for seed in args.seeds]
                for name in runs[0]:
                    values = np.mean([run[name] for run in runs], axis=0)
                    means.setdefault((kind, noise, name), []).append(values)
                    print(line(table, kind, noise, name, values), flush=True)
    for (kind, noise, name), values in means.items():
        print(line("mean", kind, noise, name, np.mean(values, axis=0)))


def parse(arguments=None):
    def words(text):
        return text.split(",")

    def numbers(text):
        return [int(word) for word in words(text)]

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="folder of CSV files")
    parser.add_argument("--tables", type=words, help="names, separated by commas")
    parser.add_argument("--seeds", type=numbers, default=[0, 1, 2])
    parser.add_argument("--losses", type=words, default=["ce", "dmi"])
    parser.add_argument("--max-rows", type=int, default=3000)
    return parser.parse_args(arguments)


def main():
    args = parse()
    if cleanlab is None:
        raise SystemExit(
            "this compares with cleanlab, which is not installed: pip install cleanlab"
        )
    print(f"{describe()}, cleanlab {cleanlab.__version__}", flush=True)
    start = time.perf_counter()
    run(args)
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
