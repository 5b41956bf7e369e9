"""Rows of three classes for companions."""

import pytest
from companion_fits import PRIOR

from sklearn_mi.datasets import make_gaussian_classes


@pytest.fixture(scope="module")
def rows():
    return make_gaussian_classes(240, 4, centers=(0, 1, -1), class_prior=PRIOR, random_state=0)
