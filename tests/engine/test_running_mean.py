"""Means of values that come some at a time are those of all at once."""

import numpy as np
import pytest

from sklearn_mi._engine import _passes
from sklearn_mi._engine._passes import RunningMean
from sklearn_mi.metrics._estimate import mean_and_standard_error, means_of_groups


@pytest.fixture
def values():
    return np.random.default_rng(0).normal(3, 2, size=100)


def feed(mean, values, hashes):
    for some in np.split(np.arange(len(values)), [1, 40, 90]):
        mean.add(values[some], hashes[some])
    return mean.result()


def test_of_rows(values):
    score, error, n_rows = feed(RunningMean(), values, np.zeros(100, np.uint64))
    assert (score, error) == pytest.approx(mean_and_standard_error(values), rel=1e-12)
    assert n_rows == 100


def test_of_groups(values):
    groups = np.arange(100) % 13
    expected = mean_and_standard_error(*means_of_groups(values, None, groups))
    score, error, n_groups = feed(RunningMean(grouped=True), values, groups.astype(np.uint64))
    assert (score, error) == pytest.approx(expected, rel=1e-12)
    assert n_groups == 13


def test_of_more_groups_than_bins(values, monkeypatch):
    monkeypatch.setattr(_passes, "N_BINS", 20)
    hashes = np.arange(100, dtype=np.uint64)
    *_, n_units = feed(RunningMean(grouped=True), values, hashes)
    assert n_units == 20
