"""The classifiers whose answers are timed, as their users would set them up, on one thread.

A table of numbers comes as an array, one with categories as a frame; none misses a number.
"""

import numpy as np
import pandas as pd
from _models import encoded, make
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

MODELS = {
    "ours": "MutualInfoClassifier",
    "networks": "its networks alone",
    "hgb": "HistGradientBoosting",
    "rf": "random forest, 100 trees",
    "catboost": "CatBoost",
    "realmlp_s": "RealMLP-TD-S",
}
OF_SKOPS = ("ours", "networks", "hgb", "rf")  # which skops knows how to store


def make_one(name, X):
    """The classifier of that name for a table like X, not yet fitted."""
    if name in OWN:
        return OWN[name](X)
    found = make(name, pd.DataFrame(X), n_threads=1)
    return found.classifier if name == "realmlp_s" else found  # the rest fills in missing numbers


def hgb(X):
    return HistGradientBoostingClassifier(random_state=0)


def rf(X):
    forest = RandomForestClassifier(100, n_jobs=1, random_state=0)
    return forest if isinstance(X, np.ndarray) else encoded(forest)


class OneThreadCatBoost:
    """CatBoost, which answers on all cores unless each call says how many."""

    def __init__(self, X):
        self.classifier = make("catboost", pd.DataFrame(X), n_threads=1)

    def fit(self, X, y):
        self.classifier.fit(X, y)
        return self

    def predict_proba(self, X):
        return self.classifier.predict_proba(X, thread_count=1)


OWN = {"hgb": hgb, "rf": rf, "catboost": OneThreadCatBoost}


def some_rows(X, start, n_rows):
    """So many rows of an array or a frame from number `start` on, again from 0 after the last."""
    rows = np.arange(start, start + n_rows) % len(X)
    return X[rows] if isinstance(X, np.ndarray) else X.iloc[rows].reset_index(drop=True)
