"""Rows and images that several files of tests fit a classifier to."""

import pytest
from sklearn.datasets import load_digits

from sklearn_mi.datasets import make_gaussian_classes


@pytest.fixture(scope="module")
def rows():
    return make_gaussian_classes(240, 4, centers=(0, 1, -1), random_state=0)


@pytest.fixture(scope="module")
def digits():
    data = load_digits(n_class=4)
    return data.images[:240, None] / 16, data.target[:240]
