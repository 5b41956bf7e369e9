"""Rows, quick fits and quick attacks for the tests of what survives an adversary."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection import adversarial_robustness

QUICK = {"max_iter": 5, "max_queries": 25, "random_state": 0}
both_norms = pytest.mark.parametrize("norm", ["inf", "2"])


def make_table(n=120, n_classes=3, seed=0):
    """Blobs: two columns that tell, one that does not, of different units."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    angle = 2 * np.pi * y / n_classes
    X = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(n)]) * 2 + rng.normal(size=(n, 3))
    return X * [1, 100, 0.01], y


def fit(X, y, **params):
    usual = {"max_iter": 8, "cv": 2, "hidden_layer_sizes": (16,), "estimators": None}
    usual["learning_rate_init"] = 0.03
    return MutualInfoClassifier(**usual | {"random_state": 0} | params).fit(X, y)


def attack(estimator, X, y, eps=(0, 0.2, 0.6), **options):
    return adversarial_robustness(estimator, X, y, eps=eps, **QUICK | options)


def clean_figures(estimator, X, y):
    codes = np.searchsorted(estimator.classes_, y)
    q = estimator.predict_proba(X)[np.arange(len(y)), codes]
    prior = getattr(estimator, "class_prior_", np.bincount(codes) / len(y))
    return estimator.score(X, y), np.mean(np.log(q) - np.log(prior)[codes])


class Rounded(ClassifierMixin, BaseEstimator):
    """Hides the slope of a classifier: numbers are rounded before it sees them."""

    def __init__(self, inner):
        self.inner = inner

    def fit(self, X, y):
        self.classes_ = self.inner.classes_
        return self

    def predict_proba(self, X):
        return self.inner.predict_proba(np.round(X, 1))

    def predict(self, X):
        return self.inner.predict(np.round(X, 1))
