"""Means as estimates: standard errors, intervals, entropies."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import sem

from sklearn_mi.metrics._estimate import (
    class_frequencies,
    confidence_interval,
    label_entropy,
    mean_and_standard_error,
)


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=30))
@settings(max_examples=30, deadline=None)
def test_equal_weights_give_the_usual_standard_error(values):
    mean, stderr = mean_and_standard_error(values, np.full(len(values), 2.5))
    assert mean == pytest.approx(np.mean(values), abs=1e-12)
    assert stderr == pytest.approx(sem(values), abs=1e-12)


def test_weighted_standard_error_is_the_spread_of_weighted_means():
    rng = np.random.default_rng(0)
    weight = rng.exponential(size=200)
    draws = rng.standard_normal((2000, 200))
    spread = np.average(draws, weights=weight, axis=1).std()
    errors = [mean_and_standard_error(row, weight)[1] for row in draws[:200]]
    assert np.mean(errors) == pytest.approx(spread, rel=0.08)


def test_rows_without_weight_do_not_count():
    values = np.array([1.0, 5.0, 2.0, -3.0])
    assert mean_and_standard_error(values, [1, 0, 2, 1]) == pytest.approx(
        mean_and_standard_error(values[[0, 2, 3]], [1, 2, 1])
    )
    with pytest.raises(ValueError, match="at least 2 rows of positive weight, got 1"):
        mean_and_standard_error(values, [1, 0, 0, 0])


def test_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = 0
    for row in rng.standard_normal((1000, 8)):
        low, high = confidence_interval(*mean_and_standard_error(row), len(row), 0.8)
        covered += low <= 0 <= high
    assert covered / 1000 == pytest.approx(0.8, abs=4 * np.sqrt(0.8 * 0.2 / 1000))


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, np.nan, "95 %"])
def test_bad_confidence_level(level):
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        confidence_interval(0.0, 1.0, 10, level)


def test_interval_needs_two_rows():
    with pytest.raises(ValueError, match="n_samples must be at least 2"):
        confidence_interval(0.0, 1.0, 1)


def test_entropy_of_equal_shares_is_the_logarithm_of_their_number():
    assert label_entropy(np.full(7, 1 / 7)) == pytest.approx(np.log(7))
    assert label_entropy([1.0, 0.0]) == 0


def test_bad_shares_have_no_entropy():
    with pytest.raises(ValueError, match=r"a sum of 1\.1"):
        label_entropy([0.5, 0.6])


def test_a_row_that_outweighs_all_others_brings_no_certainty():
    values = np.random.RandomState(0).standard_normal(200)
    weight = np.r_[1e9, np.ones(199)]
    assert mean_and_standard_error(values, weight)[1] > 0.3


def test_standard_error_takes_one_value_per_row():
    with pytest.raises(ValueError, match="one value per row, got shape"):
        mean_and_standard_error(np.ones((3, 2)))


def test_frequencies_are_weighted_shares():
    y, weight = np.array([2, 0, 0, 2]), [1.0, 2.0, 3.0, 2.0]
    np.testing.assert_allclose(class_frequencies(y, 4, weight), [5 / 8, 0, 3 / 8, 0])


def test_heavy_rows_that_lie_far_off_count_by_the_squares_of_their_weights():
    values, weight = np.array([9.0, 1.0, 0.0, 2.0]), np.array([5.0, 1.0, 1.0, 1.0])
    mean, stderr = mean_and_standard_error(values, weight)
    share = weight / weight.sum()
    assert mean == pytest.approx(share @ values)
    expected = np.sqrt(4 / 3 * (share**2 @ (values - mean) ** 2))
    even = np.sqrt(share @ (values - mean) ** 2 * (share @ share) / (1 - share @ share))
    assert stderr == pytest.approx(max(expected, even))
    far = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 40.0, -40.0])
    heavy = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 3.0, 3.0])
    share = heavy / heavy.sum()
    expected = np.sqrt(7 / 6 * (share**2 @ far**2))
    assert mean_and_standard_error(far, heavy)[1] == pytest.approx(expected)
