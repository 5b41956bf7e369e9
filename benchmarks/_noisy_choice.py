"""Does the determinant on noisy labels choose the classifier that is best on clean ones?

Half of the rows train, a quarter validates, both with noisy labels; a quarter tests with clean
ones. "search" is a grid search over the losses on all noisy rows.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from _models import encoded
from _noisy_tasks import Noise, asym, label, sampled, sym, taken_tables
from scipy.stats import spearmanr
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.metrics import determinant_mutual_info_scorer

TABLES = ["dry_bean", "segment", "spambase"]
PEERS = {
    "logreg C=.001": LogisticRegression(C=0.001, max_iter=2000),
    "logreg C=.1": LogisticRegression(C=0.1, max_iter=2000),
    "logreg C=10": LogisticRegression(C=10, max_iter=2000),
    "tree depth 3": DecisionTreeClassifier(max_depth=3, random_state=0),
    "tree depth 6": DecisionTreeClassifier(max_depth=6, random_state=0),
    "tree": DecisionTreeClassifier(random_state=0),
    "1 neighbour": KNeighborsClassifier(1),
    "15 neighbours": KNeighborsClassifier(15),
    "naive bayes": GaussianNB(),
    "lda": LinearDiscriminantAnalysis(),
    "extra trees": ExtraTreesClassifier(min_samples_leaf=5, random_state=0),
}
CRITERIA = ["determinant", "accuracy_noisy", "minus_log_loss"]


def cheap(loss, seed):
    """A single network and no companions."""
    return MutualInfoClassifier(loss, cv=None, estimators=None, random_state=seed)


def tasks(args):
    """Digits and, with a folder, three of its tables."""
    digits = partial(load_digits, return_X_y=True, as_frame=True)
    loads = {label("digits", args.rows): partial(sampled, digits, args.rows)}
    if args.folder:
        found = taken_tables(args)
        names = [label(name, args.rows) for name in TABLES]
        loads |= {name: found[name] for name in names if name in found}
    for data, load in loads.items():
        for noise in [asym(0.4), sym(0.4)]:
            yield Choice(data, noise, load)


@dataclass(frozen=True)
class Choice:
    """Score one of the candidates on noisy and on clean rows."""

    data: str
    noise: Noise
    load: Callable

    def models(self, losses):
        return [*PEERS, *losses, f"search {' '.join(losses)}"]

    def measure(self, name, seed):
        X, y = self.load()
        X, X_test, y, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
        noisy, _ = self.noise.draw(y, seed)
        start = time.perf_counter()
        if name.startswith("search "):
            result = search(name.split()[1:], seed, X, noisy, X_test, y_test)
        else:
            clf = encoded(PEERS[name]) if name in PEERS else cheap(name, seed)
            result = judge(clf, seed, X, noisy, X_test, y_test)
        return {"n": len(y), **result, "seconds": time.perf_counter() - start}


def judge(clf, seed, X, noisy, X_test, y_test):
    """The criteria on noisy rows, and accuracy and determinant on clean ones."""
    X, X_valid, noisy, y_valid = train_test_split(
        X, noisy, test_size=1 / 3, stratify=noisy, random_state=seed
    )
    clf.fit(X, noisy)
    decided = clf.predict(X_valid)
    return {
        "determinant": determinant_mutual_info_scorer(clf, X_valid, y_valid),
        "accuracy_noisy": accuracy_score(y_valid, decided),
        "minus_log_loss": -log_loss(y_valid, clf.predict_proba(X_valid), labels=clf.classes_),
        "determinant_clean": determinant_mutual_info_scorer(clf, X_test, y_test),
        "accuracy": accuracy_score(y_test, clf.predict(X_test)),
    }


def search(losses, seed, X, noisy, X_test, y_test):
    """What a grid search picks, and the accuracy of each loss on clean rows."""
    grid = GridSearchCV(
        cheap("ce", seed), {"loss": losses}, scoring=determinant_mutual_info_scorer, cv=3,
        refit=False, error_score="raise",
    )  # fmt: skip
    picked = grid.fit(X, noisy).best_params_["loss"]
    accuracy = {
        loss: float(cheap(loss, seed).fit(X, noisy).score(X_test, y_test)) for loss in losses
    }
    best = max(accuracy, key=accuracy.get)
    found = {"picked": picked, "best": best, "best_accuracy": accuracy[best]}
    return found | {"accuracy": accuracy[picked], "of_each": accuracy}


# --- text -----------------------------------------------------------------------------------------


def cells(rows, searches):
    """{(data, noise): {seed: rows}} of the searches or of all others."""
    found = {}
    for row in rows:
        if row["model"].startswith("search ") == searches:
            seeds = found.setdefault((row["data"], row["noise"]), {})
            seeds.setdefault(row["seed"], []).append(row)
    return found


def agreement(rows, criterion, truth="accuracy"):
    """Rank correlation with the truth, and what the choice by the criterion loses."""
    values = np.array([row[criterion] for row in rows])
    clean = np.array([row[truth] for row in rows])
    return spearmanr(values, clean).statistic, clean.max() - clean[values.argmax()]


def table(rows):
    """Rank correlations and losses of each criterion, then the searches."""
    heads = "".join(f"{name:>18}" for name in [*CRITERIA, "det. with its own"])
    lines = [f"{'rank correlation, loss of accuracy':40}{heads}"]
    for (data, noise), seeds in cells(rows, False).items():
        pairs = [(name, "accuracy") for name in CRITERIA] + [("determinant", "determinant_clean")]
        figures = [
            np.mean([agreement(found, *pair) for found in seeds.values()], axis=0) for pair in pairs
        ]
        shown = "".join(f"{rho:+11.2f} {loss:6.3f}" for rho, loss in figures)
        models = len(next(iter(seeds.values())))
        lines.append(f"{data:20} {noise:10} {models:3} models{shown}")
    return "\n".join([*lines, "", *search_lines(rows)])


def search_lines(rows):
    lines = [f"{'grid search':31} {'seed':>4} {'picked':>8} {'accuracy':>9} {'best':>8} accuracy"]
    for (data, noise), seeds in cells(rows, True).items():
        for row in [row for found in seeds.values() for row in found]:
            lines.append(
                f"{data:20} {noise:10} {row['seed']:4} {row['picked']:>8} {row['accuracy']:9.3f} "
                f"{row['best']:>8} {row['best_accuracy']:8.3f}"
            )
    return lines if len(lines) > 1 else []
