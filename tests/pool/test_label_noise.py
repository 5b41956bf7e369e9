"""Noise calibration: known noise matrices, weights and true classes come back."""

import numpy as np
import pytest
from drawn_rows import draw_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime, minimize
from scipy.special import log_softmax

from sklearn_mi._pool import _label_noise as _noise_calibration
from sklearn_mi._pool._label_noise import UNMIXING_ROUNDS, LabelNoisePool, noise_pools, unmix
from sklearn_mi.datasets import make_label_noise

ASYMMETRIC = np.array([[0.7, 0.3, 0.0], [0.0, 1.0, 0.0], [0.1, 0.0, 0.9]])
NOISES = [np.eye(3), ASYMMETRIC, np.full((3, 3), 0.2) + 0.4 * np.eye(3)]
every_noise = pytest.mark.parametrize("noise", NOISES, ids=["none", "asymmetric", "symmetric"])


def through(noise, log_proba):
    """Log posterior of the observed label that goes with that of the true class."""
    return np.log(np.maximum(np.exp(log_proba) @ noise, 1e-300))


def two_experts(noise, n=40_000):
    """An expert of the true class and one of the observed label; true and observed classes."""
    rng = np.random.default_rng(0)
    first, second = 2 * rng.standard_normal((2, n, 3))
    posterior = np.exp(log_softmax(first + second, axis=1))
    clean = (rng.random((n, 1)) > posterior.cumsum(axis=1)[:, :-1]).sum(axis=1)
    first, second = log_softmax(first, axis=1), through(noise, log_softmax(second, axis=1))
    return np.stack([first, second]), clean, make_label_noise(clean, noise, random_state=0)


# The fit


@pytest.mark.parametrize("weighted", [False, True])
def test_gradients_are_those_of_the_values(weighted, monkeypatch):
    experts, _, y = two_experts(ASYMMETRIC, n=60)
    rng = np.random.default_rng(0)
    asked = []

    def listen(objective, start, **options):
        asked.append((objective, start))
        return minimize(objective, start, **options)

    monkeypatch.setattr(_noise_calibration, "minimize", listen)
    LabelNoisePool().fit(experts, y, weight=rng.random(60) if weighted else None)
    assert len(asked) == 2 + UNMIXING_ROUNDS
    for objective, start in asked:
        at = start + 0.3 * rng.standard_normal(len(start))
        numeric = approx_fprime(at, lambda x, objective=objective: objective(x)[0], 1e-6)
        np.testing.assert_allclose(objective(at)[1], numeric, atol=1e-5)


@every_noise
@pytest.mark.parametrize("factor", [1, 3])
def test_a_known_noise_matrix_comes_back(noise, factor):
    log_proba, clean, prior = draw_rows(n=20_000, spread=4)
    y = make_label_noise(clean, noise, random_state=0)
    pool = LabelNoisePool().fit(log_softmax(factor * log_proba, axis=-1), y)
    assert abs(pool.noise_matrix_ - noise).mean() <= 0.02
    assert pool.weights_ * factor == pytest.approx(1, abs=0.2)
    np.testing.assert_allclose(pool.class_prior_, prior, atol=0.02)
    np.testing.assert_allclose(pool.noise_matrix_.sum(axis=1), 1)


@pytest.mark.parametrize("told", [ASYMMETRIC, ASYMMETRIC.tolist()], ids=["array", "list"])
def test_many_rows_of_a_noise_matrix_that_is_told_outvote_the_labels(told):
    log_proba, y, _ = draw_rows(n=60)
    pool = LabelNoisePool(1e5, told).fit(log_proba, y)
    np.testing.assert_allclose(pool.noise_matrix_, ASYMMETRIC, atol=2e-3)


@every_noise
def test_experts_of_the_observed_label_add_what_they_know_of_the_true_class(noise):
    experts, clean, y = two_experts(noise)
    together, alone = (LabelNoisePool().fit(experts[:n], y) for n in (2, 1))
    np.testing.assert_allclose(together.weights_, 1, atol=0.15)
    assert abs(together.noise_matrix_ - noise).mean() <= 0.02

    def accuracy(pool, n):
        return (pool.log_posterior(experts[:n]).argmax(axis=1) == clean).mean()

    assert accuracy(together, 2) > accuracy(alone, 1) + 0.05


@pytest.mark.parametrize("factor", [30, 1000])
@pytest.mark.parametrize("n_experts", [1, 2])
def test_a_certain_expert_loses_nothing_of_what_it_knows(factor, n_experts):
    """Log posteriors that are a multiple of the right ones: only the weight has to change."""
    experts, _, y = two_experts(ASYMMETRIC, n=2000)
    experts = experts[:n_experts]
    certain = experts.copy()
    certain[0] = log_softmax(factor * experts[0], axis=1)
    for calm, pool in zip(noise_pools(), noise_pools(), strict=True):
        calm.fit(experts, y), pool.fit(certain, y)
        of_calm, of_pool = calm.log_observed(experts), pool.log_observed(certain)
        own = np.arange(len(y)), y
        assert of_pool[own].mean() > of_calm[own].mean() - 0.005
        error_of_calm, error = (abs(p.noise_matrix_ - ASYMMETRIC).mean() for p in (calm, pool))
        assert error < error_of_calm + 0.005


@pytest.mark.parametrize("lowest", [-1e5, -1e37, -np.inf])
def test_what_is_held_to_be_impossible_leaves_everything_finite(lowest):
    _, clean, y = two_experts(ASYMMETRIC, n=300)
    certain = np.where(np.arange(3) == clean[:, None], 0.0, lowest)[None]
    pool = LabelNoisePool().fit(certain, y)
    posterior = pool.log_posterior(certain)
    assert np.isfinite(posterior).all() and np.isfinite(pool.weights_).all()
    assert np.isfinite(pool.true_information(posterior, y)).all()
    assert abs(pool.noise_matrix_ - ASYMMETRIC).mean() < 0.05


def test_an_expert_that_is_noise_ends_without_weight():
    experts, _, y = two_experts(ASYMMETRIC)
    experts[1] = np.random.default_rng(1).permutation(experts[1])
    assert LabelNoisePool().fit(experts, y).weights_[1] < 0.05


def test_a_hundred_classes_converge():
    log_proba, clean, _ = draw_rows(n=10_000, n_classes=100, spread=12)
    y, noise = make_label_noise(clean, 0.4, return_noise_matrix=True, random_state=0)
    pool = LabelNoisePool().fit(log_proba, y)
    changed = noise.diagonal() < 1
    assert np.median(pool.noise_matrix_.diagonal()[changed]) == pytest.approx(0.6, abs=0.05)
    assert np.median(pool.noise_matrix_.diagonal()[~changed]) > 0.9


def test_few_rows_are_drawn_towards_even_noise():
    log_proba, clean, _ = draw_rows(n=600, n_classes=10, spread=6)
    options = {"kind": "symmetric", "return_noise_matrix": True, "random_state": 0}
    y, noise = make_label_noise(clean, 0.5, **options)
    free, drawn = (pool.fit(log_proba, y) for pool in noise_pools())
    assert drawn.even_noise_ == pytest.approx(0.5 * 10 / 9, abs=0.06)
    error_of_free, error = (abs(pool.noise_matrix_ - noise).mean() for pool in (free, drawn))
    assert error < 0.8 * error_of_free


def test_overlap_of_classes_is_not_taken_for_noise():
    log_proba, y, _ = draw_rows(n=2000, spread=1)
    sharpened = log_softmax(4 * log_proba, axis=-1)  # as a loss leaves it that rewards certainty
    drawn = noise_pools()[1].fit(sharpened, y)
    assert abs(drawn.noise_matrix_ - np.eye(3)).mean() < 0.1


def test_offsets_of_the_classes_come_back():
    log_proba, y, _ = draw_rows(n=20_000, spread=3)
    shifted = log_softmax(log_proba + np.array([0.0, 1.0, -1.0]), axis=-1)
    found = np.exp(LabelNoisePool().fit(shifted, y).log_posterior(shifted))
    np.testing.assert_allclose(found, np.exp(log_proba[0]), atol=0.06)


def test_true_information_without_noise_is_that_of_the_label():
    log_proba, y, prior = draw_rows()
    pool = LabelNoisePool()
    pool.noise_matrix_, pool.class_prior_ = np.eye(3), prior
    expected = log_proba[0, np.arange(400), y] - np.log(prior)[y]
    np.testing.assert_allclose(pool.true_information(log_proba[0], y), expected)


def test_true_information_of_a_label_that_says_nothing_is_the_divergence_from_the_prior():
    log_proba, y, prior = draw_rows()
    pool = LabelNoisePool()
    pool.noise_matrix_, pool.class_prior_ = np.full((3, 3), 1 / 3), prior
    divergence = (np.exp(log_proba[0]) * (log_proba[0] - np.log(prior))).sum(axis=1)
    np.testing.assert_allclose(pool.true_information(log_proba[0], y), divergence)


def test_class_prior_is_the_mean_posterior():
    log_proba, y, _ = draw_rows()
    weight = np.random.default_rng(0).random(400)
    pool = LabelNoisePool().fit(log_proba, y, weight=weight)
    mean = np.average(np.exp(pool.log_posterior(log_proba)), axis=0, weights=weight)
    np.testing.assert_allclose(pool.class_prior_, mean)


def test_observed_posterior_is_the_true_one_through_the_noise():
    log_proba, y, _ = draw_rows()
    pool = LabelNoisePool().fit(log_proba, y)
    observed = np.exp(pool.log_posterior(log_proba)) @ pool.noise_matrix_
    np.testing.assert_allclose(np.exp(pool.log_observed(log_proba)), observed)


def test_no_label_is_held_to_be_impossible():
    log_proba = log_softmax(1e3 * np.eye(3)[np.arange(60) % 3], axis=1)[None]
    pool = LabelNoisePool().fit(log_proba, np.arange(60) % 3)
    assert pool.noise_matrix_.min() > 1e-3


def test_what_it_says_of_a_row_does_not_depend_on_the_axes_around_it():
    experts, _, y = two_experts(ASYMMETRIC, n=600)
    pool = LabelNoisePool().fit(experts, y)
    stacked = pool.log_posterior(experts.reshape(2, 4, 150, 3))
    np.testing.assert_allclose(stacked.reshape(600, 3), pool.log_posterior(experts))


# The way back through the noise


@given(seed=st.integers(0, 10_000), n_classes=st.integers(2, 6))
@settings(max_examples=50, deadline=None)
def test_unmix_finds_what_was_mixed(seed, n_classes):
    rng = np.random.default_rng(seed)
    proba = rng.dirichlet(np.ones(n_classes), size=20)
    noise = 0.5 * np.eye(n_classes) + 0.5 * rng.dirichlet(np.ones(n_classes), size=n_classes)
    # What stands on the edge of the simplex is only approached, in steps.
    np.testing.assert_allclose(unmix(proba @ noise, noise), proba, atol=0.03)


@pytest.mark.parametrize("noise", [*NOISES, np.full((3, 3), 1 / 3)])
def test_unmix_stays_on_the_simplex_whatever_it_is_given(noise):
    proba = np.random.default_rng(0).dirichlet(np.full(3, 0.3), size=(2, 50))
    found = unmix(proba, noise)
    assert found.shape == proba.shape and found.min() >= 0
    if np.ptp(noise):
        np.testing.assert_allclose(found.sum(axis=-1), 1)


def test_unmix_comes_closer_than_the_clipped_inverse():
    proba = np.random.default_rng(0).dirichlet(np.full(3, 0.3), size=200)
    noise = NOISES[2]
    clipped = np.maximum(proba @ np.linalg.inv(noise), 1e-6)
    clipped /= clipped.sum(axis=1, keepdims=True)

    def divergence(found):
        return (proba * np.log(np.maximum(proba, 1e-300) / (found @ noise))).sum()

    assert divergence(unmix(proba, noise)) < divergence(clipped)
