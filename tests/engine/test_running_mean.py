"""Means of values that come some at a time are those of all at once."""

import numpy as np
import pytest

from sklearn_mi._engine import _passes
from sklearn_mi._engine._passes import RunningMean
from sklearn_mi.metrics._estimate import mean_and_standard_error, means_of_groups


@pytest.fixture
def values():
    return np.random.default_rng(0).normal(3, 2, size=100)


@pytest.fixture(params=[False, True], ids=["equal weights", "weights"])
def weights(request):
    return np.random.default_rng(1).exponential(size=100) if request.param else np.ones(100)


def feed(mean, values, weights, hashes):
    for some in np.split(np.arange(len(values)), [1, 40, 90]):
        mean.add(values[some], weights[some], hashes[some])
    return mean.result()


def test_of_rows(values, weights):
    score, error, n_rows = feed(RunningMean(), values, weights, np.zeros(100, np.uint64))
    assert (score, error) == pytest.approx(mean_and_standard_error(values, weights), rel=1e-9)
    assert n_rows == 100


def test_of_rows_where_a_few_have_most_of_the_weight(values):
    weights = np.r_[100.0, np.ones(99)]
    _, error, _ = feed(RunningMean(), values, weights, np.zeros(100, np.uint64))
    assert error == pytest.approx(mean_and_standard_error(values, weights)[1], rel=1e-9)


def test_of_groups(values, weights):
    groups = np.arange(100) % 13
    expected = mean_and_standard_error(*means_of_groups(values, weights, groups))
    of_rows = values, weights, groups.astype(np.uint64)
    score, error, n_groups = feed(RunningMean(grouped=True), *of_rows)
    assert (score, error) == pytest.approx(expected, rel=1e-9)
    assert n_groups == 13


def test_of_more_groups_than_bins(values, monkeypatch):
    monkeypatch.setattr(_passes, "N_BINS", 20)
    hashes = np.arange(100, dtype=np.uint64)
    *_, n_units = feed(RunningMean(grouped=True), values, np.ones(100), hashes)
    assert n_units == 20
