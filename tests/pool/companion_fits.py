"""Companions of a few kinds, fitted alone or by a classifier."""

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.naive_bayes import GaussianNB

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine._members import make_members
from sklearn_mi._pool._companions import SMOOTHING, Companions
from sklearn_mi._pool._learned_rows import LearnedRows

PRIOR = np.array([0.3, 0.3, 0.4])
KINDS = [
    ("bayes", GaussianNB()),
    ("forest", ExtraTreesClassifier(5, random_state=0)),
    ("boosting", HistGradientBoostingClassifier(max_iter=3, random_state=0)),
]


def fit(X, y, *, sample_weight=None, **params):
    usual = {"hidden_layer_sizes": (16,), "max_iter": 3, "cv": 3, "random_state": 0}
    clf = MutualInfoClassifier(**usual | params)
    return clf.fit(X, y, sample_weight=sample_weight)


def members_of(y, cv=3):
    return make_members(y, cv=cv, validation_fraction=0.3)


def companions_of(X, y, members, *, estimators=KINDS, weight=None, n_threads=1, encoded=None):
    """Fitted to the rows of each member beside networks that say nothing, and all to all rows."""
    companions = Companions(estimators, PRIOR, n_threads=n_threads)
    rows = LearnedRows(encoded or encode(X), y, weight, members)
    companions.fit(rows, np.tile(np.log(PRIOR), (len(members.entry_row), 1)))
    companions.fit_all(rows, [True] * len(estimators))
    return companions


def encode(X):
    """Every member sees the rows as they are."""
    return lambda member, rows: X[rows]


def smoothed(proba):
    return np.log((1 - SMOOTHING) * proba + SMOOTHING * PRIOR)
