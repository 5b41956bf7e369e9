"""A classifier that has nothing to learn, and rows that it has the posterior of."""

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin


class Logit(ClassifierMixin, BaseEstimator):
    """Answers softmax(0, slope * x), times a factor for each class, whatever it is trained on.

    `answer` is a function that spoils the probabilities.
    """

    def __init__(self, slope=1.0, factor=(1.0, 1.0), answer=None):
        self.slope = slope
        self.factor = factor
        self.answer = answer

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        positive = expit(self.slope * X[:, 0])
        proba = np.column_stack([1 - positive, positive]) * self.factor
        proba /= proba.sum(axis=1, keepdims=True)
        return proba if self.answer is None else self.answer(proba)


def make_logit_data(n_samples=3000, centre=-2.0, seed=0):
    """X of shape (n_samples, 1) and labels 0 and 1, of which `Logit` has the posterior."""
    rng = np.random.default_rng(seed)
    X = rng.normal(centre, 3, size=(n_samples, 1))
    return X, (rng.random(n_samples) < expit(X[:, 0])).astype(int)
