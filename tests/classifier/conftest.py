"""Rows and images that several files of tests fit a classifier to."""

from functools import partial

import pytest
from sklearn.datasets import load_digits

from sklearn_mi import _recipe as recipe
from sklearn_mi._pool import _boosting
from sklearn_mi._pool._boosting import GradualBoosting
from sklearn_mi.datasets import make_gaussian_classes


@pytest.fixture(scope="module")
def rows():
    return make_gaussian_classes(240, 4, centers=(0, 1, -1), random_state=0)


@pytest.fixture(scope="module")
def digits():
    data = load_digits(n_class=4)
    return data.images[:240, None] / 16, data.target[:240]


@pytest.fixture
def few_trees(monkeypatch):
    """Companions as "auto" makes them, but small ones."""
    monkeypatch.setattr(recipe, "N_TREES", ((10, 10), (10, 10)))
    monkeypatch.setattr(recipe, "GradualBoosting", partial(GradualBoosting, 8))
    monkeypatch.setattr(_boosting, "FEWEST_STEPS", 5)
