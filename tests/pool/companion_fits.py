"""Companions of a few kinds, fitted alone or by a classifier."""

import numpy as np
import sklearn
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.naive_bayes import GaussianNB
from threadpoolctl import threadpool_info

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine._members import make_members
from sklearn_mi._pool._companions import SMOOTHING, Companions

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
    companions = Companions(estimators, PRIOR)
    return companions.fit(encoded or encode(X), y, weight, members, n_threads, seed=0)


def encode(X):
    """Every member sees the rows as they are."""
    return lambda member, rows: X[rows]


def smoothed(proba):
    return np.log((1 - SMOOTHING) * proba + SMOOTHING * PRIOR)


def openmp():
    return [pool for pool in threadpool_info() if pool["user_api"] == "openmp"]


class Witness(GaussianNB):
    """Writes down what it was fitted on and under which settings."""

    def fit(self, X, y, sample_weight=None):
        self.rows_, self.sample_weight_ = X, sample_weight
        self.n_threads_ = {pool["num_threads"] for pool in openmp()}
        self.config_ = sklearn.get_config()
        return super().fit(X, y, sample_weight)
