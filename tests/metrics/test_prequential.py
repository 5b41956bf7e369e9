"""What a stream tells: of its chunks, and of the rows to come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_mi.metrics._estimate import class_frequencies, mean_and_standard_error
from sklearn_mi.metrics._prequential import information_of_chunk, information_of_stream

SEEDS = st.integers(0, 2**32 - 1)


def draw(seed, n_rows, n_classes=3):
    rng = np.random.default_rng(seed)
    labels, weight = rng.integers(0, n_classes, n_rows), rng.uniform(0.1, 3, n_rows)
    now, before = np.log(rng.uniform(0.01, 1, (2, n_rows)))
    late = np.arange(n_rows) >= rng.integers(0, n_rows)
    return now, before, late, labels, weight


def told(log_proba, labels, weight, n_classes=3):
    return log_proba - np.log(class_frequencies(labels, n_classes, weight)[labels])


@given(SEEDS, st.integers(2, 40))
def test_a_chunk_has_mean_and_error_of_its_rows(seed, n_rows):
    log_proba, _, _, labels, weight = draw(seed, n_rows)
    expected = mean_and_standard_error(told(log_proba, labels, weight), weight)
    assert information_of_chunk(log_proba, labels, weight, 3) == pytest.approx(expected)


def test_of_one_row_no_spread_is_known():
    mean, stderr = information_of_chunk(np.log([0.5]), np.array([1]), np.ones(1), 2)
    assert mean == pytest.approx(np.log(0.5)) and np.isinf(stderr)


def test_frequencies_of_few_rows_make_a_chunk_too_low_on_average():
    """What tells nothing, and knows the frequencies, gets about -(K - 1) / 2n."""
    rng, prior = np.random.default_rng(0), np.array([0.5, 0.3, 0.2])
    found = []
    for _ in range(2000):
        labels = rng.choice(3, 50, p=prior)
        found.append(information_of_chunk(np.log(prior[labels]), labels, np.ones(50), 3)[0])
    assert np.mean(found) == pytest.approx(-2 / 100, abs=4 * np.std(found) / np.sqrt(2000))


@given(SEEDS, st.integers(2, 40))
def test_a_stream_is_a_mean_less_what_late_rows_told_too_much(seed, n_rows):
    now, before, late, labels, weight = draw(seed, n_rows)
    mean, _ = information_of_stream(now, before, late, labels, weight, 3)
    too_much = np.average((now - before)[late], weights=weight[late])
    expected = np.average(told(now, labels, weight), weights=weight) - too_much
    assert mean == pytest.approx(expected)


@given(SEEDS, st.integers(2, 40))
def test_where_all_rows_are_late_it_is_the_prequential_mean(seed, n_rows):
    now, before, _, labels, weight = draw(seed, n_rows)
    everything = np.ones(n_rows, bool)
    found = information_of_stream(now, before, everything, labels, weight, 3)
    assert found == pytest.approx(information_of_chunk(before, labels, weight, 3))


@given(SEEDS, st.integers(2, 40))
def test_where_nothing_was_learnt_since_it_is_the_mean(seed, n_rows):
    now, _, late, labels, weight = draw(seed, n_rows)
    found = information_of_stream(now, now, late, labels, weight, 3)
    assert found == pytest.approx(information_of_chunk(now, labels, weight, 3))


def test_its_error_is_that_of_repeated_streams():
    rng, found = np.random.default_rng(0), []
    for _ in range(3000):
        labels, late = rng.integers(0, 2, 90), np.arange(90) >= 60
        now = np.log(rng.uniform(0.3, 0.9, 90))
        before = now - np.abs(rng.normal(0.1, 0.1, 90))
        found.append(information_of_stream(now, before, late, labels, np.ones(90), 2))
    means, errors = np.transpose(found)
    assert np.mean(errors) == pytest.approx(np.std(means), rel=0.1)
