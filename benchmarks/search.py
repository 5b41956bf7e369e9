"""What does a search in stacks cost, against scikit-learn's over the same fits and over skorch?

    python benchmarks/search.py            # 32 candidates x 5 folds, 2,000 rows x 20 columns
    python benchmarks/search.py wide       # large batches and widths, where stacking does not pay
    python benchmarks/search.py halving    # factor=3 against the full search, on several tables

`StackedSearchCV` and `GridSearchCV` search the same classifier over the same folds, two processes
of one thread each, or with ``--jobs 1`` a single one whose processor time is counted. skorch's
`NeuralNetClassifier` has a network of the same layers, trained for the same epochs in the same
batches on one split of the training rows, without an estimate, calibration or companions. Runs
alternate; seconds and ratios are medians over the rounds. "apart" is the largest difference of any
score on any split from that of `GridSearchCV`.
"""

import argparse
import time

import numpy as np
import torch
from _machine import describe
from fit import PlainMLP
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_breast_cancer, load_digits, load_wine, make_classification
from sklearn.model_selection import GridSearchCV, ParameterGrid
from skorch import NeuralNetClassifier
from skorch.dataset import ValidSplit
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._inputs._table_encoder import TableEncoder
from sklearn_mi._recipe import make_edges
from sklearn_mi.metrics import mutual_info_scorer, normalized_mutual_info_scorer
from sklearn_mi.model_selection import StackedSearchCV

GRID = {
    "learning_rate_init": [0.002, 0.004, 0.008, 0.016],
    "alpha": [0.001, 0.1],
    "dropout": [0.0, 0.05, 0.1, 0.2],
}
EPOCHS, BATCH = 30, 80
SAME = {"max_iter": EPOCHS, "n_iter_no_change": EPOCHS, "batch_size": BATCH}
FITS = {
    "one network": {"cv": None, "estimators": None},
    "one network, companions": {"cv": None},
    "five networks": {"cv": 5, "estimators": None},
    "five networks, companions (default)": {"cv": 5},
}


class Skorch(ClassifierMixin, BaseEstimator):
    """Stock skorch on the encoded table, with a network of our layers."""

    def __init__(self, learning_rate_init=0.006, alpha=0.01, dropout=0.1):
        self.learning_rate_init = learning_rate_init
        self.alpha = alpha
        self.dropout = dropout

    def fit(self, X, y):
        torch.set_num_threads(1)
        self.classes_ = np.unique(y)
        self.encoder_ = TableEncoder().fit(X)
        rows = [np.arange(len(X))]
        edges = make_edges(self.encoder_.encoding, self.encoder_.read(X), rows)[0]
        matrix = self.encoder_.transform(X)
        network = PlainMLP(edges, matrix.shape[1], len(self.classes_))
        width = network.layers[0].in_features
        network.layers = nn.Sequential(
            nn.Linear(width, 64), nn.SiLU(), nn.Dropout(self.dropout), nn.Linear(64, 3)
        )
        self.net_ = NeuralNetClassifier(
            network,
            criterion=nn.CrossEntropyLoss,
            optimizer=torch.optim.AdamW,
            optimizer__weight_decay=self.alpha,
            lr=self.learning_rate_init,
            max_epochs=EPOCHS,
            batch_size=BATCH,
            iterator_train__shuffle=True,
            train_split=ValidSplit(0.2, stratified=True),
            verbose=0,
        ).fit(matrix, y)
        return self

    def predict_proba(self, X):
        return torch.as_tensor(self.net_.predict_proba(self.encoder_.transform(X))).numpy()

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(1)]


def make_table(n_rows=2000):
    return make_classification(
        n_rows, 20, n_informative=10, n_classes=3, class_sep=0.8, random_state=0
    )


def searches(classifier, grid, cv, n_jobs):
    options = {"scoring": mutual_info_scorer, "cv": cv, "n_jobs": n_jobs, "refit": False}
    return {
        kind.__name__: kind(classifier, grid, **options) for kind in (StackedSearchCV, GridSearchCV)
    }


def clock_of(n_jobs):
    """Seconds, or of a single process those of computing, which others disturb less."""
    return time.process_time if n_jobs == 1 else time.perf_counter


def race(runs, table, rounds, clock):
    """Median seconds of each search, and its ratio to the first; and how far scores are apart."""
    seconds = {name: [] for name in runs}
    MutualInfoClassifier(max_iter=1).fit(*table)  # which loads what is loaded late
    for _ in range(rounds):
        for name, search in runs.items():
            start = clock()
            search.fit(*table)
            seconds[name].append(clock() - start)
    first, *_ = (np.array(values) for values in seconds.values())
    for name, values in seconds.items():
        ratio = np.median(first / np.array(values))
        print(f"    {name:16} {np.median(values):8.1f} s   stacked / this {ratio:6.3f}", flush=True)
    stacked, plain = (runs[name].cv_results_ for name in ("StackedSearchCV", "GridSearchCV"))
    splits = [name for name in plain if name.startswith("split")]
    apart = max(np.abs(stacked[name] - plain[name]).max() for name in splits)
    print(f"    scores apart by at most {apart:.1g}", flush=True)


def compare_speed(rounds, n_jobs, wanted, cv):
    table = make_table()
    for name in wanted or FITS:
        usual = {"hidden_layer_sizes": 64, "random_state": 0, "n_threads": 1}
        print(f"\n{name}, width 64, {len(ParameterGrid(GRID))} candidates x {cv} folds")
        runs = searches(MutualInfoClassifier(**usual, **SAME, **FITS[name]), GRID, cv, n_jobs)
        if name == "one network":
            options = {"scoring": mutual_info_scorer, "cv": cv, "n_jobs": n_jobs, "refit": False}
            runs["skorch"] = GridSearchCV(Skorch(), GRID, **options)
        race(runs, table, rounds, clock_of(n_jobs))


def compare_wide(rounds, n_jobs):
    table = make_table(4000)
    grid = {"learning_rate_init": [0.002, 0.006], "dropout": [0.0, 0.1]}
    for width, batch in ((256, 256), (512, 256), (512, 1024)):
        print(f"\nwidths {width}-{width}, batches of {batch}, 4 candidates x 2 folds, 4,000 rows")
        sizes = {"hidden_layer_sizes": (width, width), "batch_size": batch, "max_iter": 4}
        usual = {"random_state": 0, "n_threads": 1, "estimators": None, "cv": 5}
        runs = searches(MutualInfoClassifier(**sizes, **usual), grid, 2, n_jobs)
        race(runs, table, rounds, clock_of(n_jobs))


def compare_halving(n_jobs, wanted, cv):
    """The full search's score of what halving chooses, against that of its own choice."""
    clock = clock_of(n_jobs)
    tables = {
        "made, 2,000 rows": make_table(),
        "breast cancer": load_breast_cancer(return_X_y=True),
        "digits": load_digits(return_X_y=True),
        "wine": load_wine(return_X_y=True),
    }
    for fit in wanted or ("one network", "five networks, companions (default)"):
        for name, table in tables.items():
            classifier = MutualInfoClassifier(
                hidden_layer_sizes=64, random_state=0, n_threads=1, **FITS[fit]
            )
            found, seconds = {}, {}
            for factor in (None, 3):
                options = {"scoring": normalized_mutual_info_scorer, "cv": cv, "n_jobs": n_jobs}
                search = StackedSearchCV(classifier, GRID, factor=factor, refit=False, **options)
                start = clock()
                found[factor] = search.fit(*table)
                seconds[factor] = clock() - start
            score = found[None].cv_results_["mean_test_score"]
            behind = score.max() - score[found[3].best_index_]
            ratio = seconds[3] / seconds[None]
            print(
                f"{fit:36} {name:18} {seconds[None]:6.1f} s, with factor=3 {ratio:.2f} of that; "
                f"behind by {behind:.4f} of H(Y)",
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", choices=["speed", "wide", "halving"], default="speed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--folds", type=int, default=5, help="of speed and halving")
    parser.add_argument("--fits", nargs="*", choices=FITS, help="which fits, of these")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(describe())
    if arguments.part == "speed":
        compare_speed(arguments.rounds, arguments.jobs, arguments.fits, arguments.folds)
    elif arguments.part == "wide":
        compare_wide(arguments.rounds, arguments.jobs)
    else:
        compare_halving(arguments.jobs, arguments.fits, arguments.folds)


if __name__ == "__main__":
    main()
