"""Experts that nobody needs: their weight is zero, and they need not say anything any more."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import log_softmax, softmax

from sklearn_mi._pool._label_noise import LabelNoisePool
from sklearn_mi._pool._log_linear import LEAST_POOL_WEIGHT, LogLinearPool

every_calibration = pytest.mark.parametrize("kind", [LogLinearPool, LabelNoisePool])


PRIOR = np.array([0.2, 0.3, 0.5])


def pooled(*weights, n=4000, seed=0):
    """Log posteriors of experts that know nothing of each other, and labels that all speak of."""
    rng = np.random.default_rng(seed)
    experts = log_softmax(2 * rng.standard_normal((len(weights), n, 3)), axis=-1)
    proba = softmax(np.log(PRIOR) + np.tensordot(weights, experts - np.log(PRIOR), 1), axis=1)
    return experts, (rng.random((n, 1)) > proba.cumsum(axis=1)[:, :-1]).sum(axis=1)


@pytest.mark.parametrize("place", [1, 2])
def test_what_says_nothing_changes_nothing(place):
    experts, y = pooled(0.8, 0.5)
    nothing = np.tile(np.log(PRIOR), (4000, 1))
    with_it = LogLinearPool().fit(np.insert(experts, place, nothing, axis=0), y, PRIOR)
    without = LogLinearPool().fit(experts, y, PRIOR)
    assert with_it.weights_[place] == 0
    assert_array_equal(np.delete(with_it.weights_, place), without.weights_)
    assert with_it.ignorance_ == without.ignorance_
    assert with_it.log_likelihood_ == without.log_likelihood_


def test_what_has_little_weight_has_none_and_changes_nothing():
    weights = 0.8, LEAST_POOL_WEIGHT / 2, 0.5
    experts, y = pooled(*weights)
    kept = [0, 2]
    some, all_three = (LogLinearPool().fit(experts[e], y, PRIOR) for e in (kept, [0, 1, 2]))
    assert all_three.weights_[1] == 0
    assert_array_equal(all_three.weights_[kept], some.weights_)
    assert_array_equal(some.log_posterior(experts[kept]), all_three.log_posterior(experts))
    first = LogLinearPool().fit(experts[[1, 0, 2]], y, PRIOR)  # where it stays
    assert 0 < first.weights_[0] < LEAST_POOL_WEIGHT


def test_the_likelihood_is_that_of_the_labels_but_for_the_penalties():
    experts, y = pooled(0.8, 0.5)
    pool = LogLinearPool().fit(experts, y, PRIOR)
    explained = pool.log_posterior(experts)[np.arange(4000), y].sum()
    assert explained - 10 < pool.log_likelihood_ < explained


def test_the_first_stays_whatever_it_says():
    """So that what it says of rows by each network gives a posterior by each."""
    (right, other), y = pooled(0.8, 0.0)
    wrong = log_softmax(np.log(PRIOR) - 2 * (right - np.log(PRIOR)), axis=-1)
    for experts in ([wrong, right], [wrong]):
        pool = LogLinearPool().fit(np.stack(experts), y, PRIOR)
        assert pool.weights_[0] == 0
        answers = pool.log_posterior([np.stack([wrong, other]), *experts[1:]])
        assert answers.shape == (2, 4000, 3)
        assert_array_equal(*answers)


@pytest.mark.parametrize("n_experts", [1, 2])
def test_where_nobody_says_anything_the_pool_is_the_frequencies(n_experts):
    nothing = np.tile(np.log(PRIOR), (n_experts, 400, 1))
    pool = LogLinearPool().fit(nothing, pooled(0.8, n=400)[1], PRIOR)
    assert_allclose(np.exp(pool.log_posterior(nothing)), np.tile(PRIOR, (400, 1)))
    assert np.isfinite(pool.weights_).all()


@every_calibration
def test_what_has_no_weight_need_not_answer(kind):
    experts, y = pooled(0.8, 0.0, 0.5, n=400)
    pool = kind().fit(experts, y, PRIOR)
    pool.weights_[1] = 0.0
    for method in (pool.log_posterior, pool.log_observed):
        assert_array_equal(method([experts[0], None, experts[2]]), method(experts))
