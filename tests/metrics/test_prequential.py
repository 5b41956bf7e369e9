"""Sums over a stream give what its rows would."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_mi.metrics._estimate import (
    class_frequencies,
    label_entropy,
    mean_and_standard_error,
)
from sklearn_mi.metrics._prequential import PrequentialScore


def draw(rng, n_rows, n_classes):
    log_proba = np.log(rng.uniform(0.01, 1, n_rows))
    return log_proba, rng.integers(0, n_classes, n_rows), rng.uniform(0.1, 3, n_rows)


def of_chunks(chunks, n_classes):
    score = PrequentialScore(n_classes)
    for chunk in chunks:
        score = score.and_then(*chunk)
    return score


@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.integers(2, 5))
def test_one_chunk_has_mean_and_error_of_its_rows(seed, n_rows, n_classes):
    log_proba, labels, weight = draw(np.random.default_rng(seed), n_rows, n_classes)
    prior = class_frequencies(labels, n_classes, weight)
    score = of_chunks([(log_proba, labels, weight)], n_classes)
    told = log_proba - np.log(prior[labels])
    assert score.estimate() == pytest.approx(mean_and_standard_error(told, weight), abs=1e-7)
    assert score.label_entropy() == pytest.approx(label_entropy(prior))


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 20), min_size=1, max_size=8))
def test_the_later_half_is_of_whole_chunks_and_as_short_as_can_be(seed, sizes):
    rng = np.random.default_rng(seed)
    chunks = [draw(rng, size, 3) for size in sizes]
    score = of_chunks(chunks, 3)
    sums, n_rows = score.later_half()
    assert n_rows >= sum(sizes) / 2
    n_chunks = next(k for k in range(1, len(sizes) + 1) if sum(sizes[-k:]) == n_rows)
    assert sum(sizes[len(sizes) - n_chunks + 1 :]) < sum(sizes) / 2
    joined = [np.concatenate(parts) for parts in zip(*chunks[-n_chunks:], strict=True)]
    assert np.allclose(sums, of_chunks([joined], 3).sums[0])


def test_the_history_has_each_chunk_alone():
    rng = np.random.default_rng(0)
    chunks = [draw(rng, size, 3) for size in (30, 1, 20)]
    history = of_chunks(chunks, 3).history()
    assert history["n_samples"].tolist() == [30, 1, 20]
    alone = [of_chunks([chunk], 3).estimate() for chunk in chunks]
    assert np.array_equal(np.transpose(alone), [history["mutual_info"], history["stderr"]])
    assert np.isinf(history["stderr"][1])  # of one row nothing is known of the spread


def test_a_further_chunk_leaves_the_score_as_it_was():
    rng = np.random.default_rng(0)
    before = of_chunks([draw(rng, 20, 3)], 3)
    estimate = before.estimate()
    before.and_then(*draw(rng, 20, 3))
    assert before.estimate() == estimate


def test_frequencies_of_few_rows_make_the_estimate_too_low_on_average():
    """What tells nothing, and knows the frequencies, gets about -(K - 1) / 2n."""
    rng, prior = np.random.default_rng(0), np.array([0.5, 0.3, 0.2])
    found = []
    for _ in range(2000):
        labels = rng.choice(3, 50, p=prior)
        score = PrequentialScore(3).and_then(np.log(prior[labels]), labels, np.ones(50))
        found.append(score.estimate()[0])
    error = np.std(found) / np.sqrt(len(found))
    assert np.mean(found) == pytest.approx(-2 / 100, abs=4 * error)
