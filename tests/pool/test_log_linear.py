"""Calibration: known weights and noise matrices come back, no part has a say in its own."""

import numpy as np
import pytest
from drawn_rows import draw_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad
from scipy.special import log_softmax, softmax
from sklearn.model_selection import RepeatedStratifiedKFold

from sklearn_mi._engine._members import make_members
from sklearn_mi._pool._label_noise import LabelNoisePool
from sklearn_mi._pool._log_linear import (
    IGNORED_ROWS,
    LogLinearPool,
    cross_calibrate,
    log_mean_exp,
)

CALIBRATIONS = [LogLinearPool, LabelNoisePool]
every_calibration = pytest.mark.parametrize("kind", CALIBRATIONS)


def log_loss_of(calibration, log_proba, y, weight=None):
    rows = np.arange(len(y))
    return -np.average(calibration.log_observed(log_proba)[rows, y], weights=weight)


# Both kinds


@every_calibration
@pytest.mark.parametrize("scale", [1, 1000])
def test_posteriors_are_normalised(kind, scale):
    log_proba, y, prior = draw_rows()
    calibration = kind().fit(log_softmax(scale * log_proba, axis=-1), y, prior)
    stacked = log_softmax(scale * log_proba.reshape(1, 2, -1, 3), axis=-1)
    for method in (calibration.log_posterior, calibration.log_observed):
        assert method(stacked).shape == stacked.shape[1:]
        np.testing.assert_allclose(np.exp(method(stacked)).sum(axis=-1), 1)


@every_calibration
def test_equal_weights_are_no_weights(kind):
    log_proba, y, prior = draw_rows()
    plain = kind().fit(log_proba, y, prior)
    for weight in (np.ones(400), np.full(400, 7.0)):
        weighted = kind().fit(log_proba, y, prior, weight)
        assert weighted.weights_ == pytest.approx(plain.weights_)
        np.testing.assert_allclose(weighted.class_prior_, plain.class_prior_)


@every_calibration
def test_weights_repeat_rows(kind):
    log_proba, y, prior = draw_rows(n=4000)
    times = np.arange(4000) % 3
    weighted = kind().fit(log_proba, y, prior, times.astype(float))
    repeated = kind().fit(log_proba.repeat(times, axis=1), y.repeat(times), prior)
    # The penalty counts rows, so the two agree as far as it does not matter.
    assert weighted.weights_ == pytest.approx(repeated.weights_, rel=1e-2)
    expected = repeated.log_observed(log_proba[:, :20])
    np.testing.assert_allclose(weighted.log_observed(log_proba[:, :20]), expected, atol=2e-2)


@every_calibration
def test_finite_for_certain_outputs(kind):
    _, y, prior = draw_rows()
    log_proba = np.where(np.eye(3)[y] == 1, 0.0, -np.inf)
    log_proba[:40] = np.roll(log_proba[:40], 1, axis=1)  # some are certain and wrong
    log_proba = np.maximum(log_proba, -1e3)[None]
    calibration = kind().fit(log_proba, y, prior)
    assert np.isfinite(calibration.weights_).all()
    assert np.isfinite(log_loss_of(calibration, log_proba, y))


# The pool


@pytest.mark.parametrize("factor", [0.2, 0.5, 1, 3, 10])
def test_a_known_temperature_comes_back(factor):
    log_proba, y, prior = draw_rows(n=20_000)
    information = log_proba - np.log(prior)
    scaled = log_softmax(np.log(prior) + factor * information, axis=-1)
    pool = LogLinearPool().fit(scaled, y, prior)
    assert pool.weights_ * factor == pytest.approx(1, abs=0.05)
    assert pool.ignorance_ < 0.01
    np.testing.assert_allclose(np.exp(pool.log_posterior(scaled)), np.exp(log_proba[0]), atol=0.02)


def test_known_weights_of_several_experts_come_back():
    rng = np.random.default_rng(0)
    experts = log_softmax(2 * rng.standard_normal((3, 40_000, 3)), axis=-1)
    prior, weights = np.array([0.2, 0.3, 0.5]), np.array([0.8, 0.0, 0.4])
    pooled = np.log(prior) + np.tensordot(weights, experts - np.log(prior), 1)
    cumulated = softmax(pooled, axis=1).cumsum(axis=1)
    y = (rng.random((40_000, 1)) > cumulated[:, :-1]).sum(axis=1)
    pool = LogLinearPool().fit(experts, y, prior)
    np.testing.assert_allclose(pool.weights_, weights, atol=0.03)


@pytest.mark.parametrize("share", [0.02, 0.2])
def test_a_known_share_of_rows_that_follow_the_frequencies_alone_comes_back(share):
    log_proba, y, prior = draw_rows(n=40_000, spread=5)
    rng = np.random.default_rng(1)
    y = np.where(rng.random(40_000) < share, rng.choice(3, 40_000, p=prior), y)
    pool = LogLinearPool().fit(log_proba, y, prior)
    assert pool.ignorance_ == pytest.approx(share, abs=0.01)
    assert pool.weights_ == pytest.approx(1, abs=0.05)


def test_an_expert_twice_is_one_expert():
    log_proba, y, prior = draw_rows(n=20_000)
    once = LogLinearPool().fit(log_proba, y, prior)
    twice = LogLinearPool().fit(np.repeat(log_proba, 2, axis=0), y, prior)
    assert twice.weights_.sum() == pytest.approx(once.weights_.sum(), abs=1e-3)
    np.testing.assert_allclose(
        twice.log_posterior(np.repeat(log_proba[:, :9], 2, axis=0)),
        once.log_posterior(log_proba[:, :9]),
        atol=0.01,
    )


def test_an_expert_that_says_the_same_of_every_row_has_no_weight_and_changes_nothing():
    log_proba, y, prior = draw_rows()
    silent = np.broadcast_to(np.log([0.5, 0.3, 0.2]), log_proba.shape[1:])[None]
    alone = LogLinearPool().fit(log_proba, y, prior)
    joined = LogLinearPool().fit(np.concatenate([silent, log_proba]), y, prior)
    np.testing.assert_array_equal(joined.weights_, np.r_[0, alone.weights_])
    assert joined.ignorance_ == alone.ignorance_


@pytest.mark.parametrize("weighted", [False, True])
def test_gradient_of_the_pool_is_that_of_its_value(weighted):
    rng = np.random.default_rng(0)
    information, y = rng.standard_normal((3, 4, 50)), rng.integers(4, size=50)
    weight = rng.random(50) if weighted else np.ones(50)
    observed = information[:, y, np.arange(50)]
    arguments = information, observed, y, np.array([0.1, 0.2, 0.3, 0.4]), weight / weight.sum()

    def value(parameters):
        return LogLinearPool._objective(parameters, *arguments)[0]

    def slope(parameters):
        return LogLinearPool._objective(parameters, *arguments)[1]

    for _ in range(5):
        assert check_grad(value, slope, np.r_[rng.random(3), -rng.exponential(2)]) < 1e-5


@given(seed=st.integers(0, 10_000), n=st.integers(5, 60), factor=st.floats(0.05, 20))
@settings(max_examples=50, deadline=None)
def test_pool_of_one_is_no_worse_than_the_expert_on_its_own_rows(seed, n, factor):
    log_proba, y, prior = draw_rows(n, seed=seed)
    log_proba = log_softmax(factor * log_proba, axis=-1)
    pool = LogLinearPool().fit(log_proba, y, prior)
    as_it_was = -log_proba[0, np.arange(n), y].mean()
    # The price of taking one row in n for one that cannot be foreseen, and of the half row more.
    price = -np.log1p(-1 / n) + IGNORED_ROWS * np.log(n / 2) / n
    assert log_loss_of(pool, log_proba, y) <= as_it_was + price + 1e-6


def test_outputs_without_information_end_at_the_class_frequencies():
    log_proba, _, prior = draw_rows(n=20_000)
    y = np.random.default_rng(1).choice(3, size=20_000, p=prior)
    posterior = np.exp(LogLinearPool().fit(log_proba, y, prior).log_posterior(log_proba))
    assert abs(posterior - prior).mean() < 0.02


def test_pool_of_one_keeps_the_decisions_of_equal_frequencies():
    log_proba, y, _ = draw_rows()
    pool = LogLinearPool().fit(log_proba, y, np.full(3, 1 / 3))
    decisions = pool.log_posterior(log_proba).argmax(axis=1)
    np.testing.assert_array_equal(decisions, log_proba[0].argmax(axis=1))


@pytest.mark.parametrize("n, n_classes", [(10, 2), (60, 3), (400, 4)])
def test_half_a_row_is_held_unknown_where_an_expert_is_never_wrong(n, n_classes):
    """The share e that is best for n rows that are known, and half a row that is not."""
    y = np.arange(n) % n_classes
    certain = log_softmax(100.0 * np.eye(n_classes)[y], axis=1)[None]
    pool = LogLinearPool().fit(certain, y, np.full(n_classes, 1 / n_classes))
    assert pool.ignorance_ == pytest.approx(0.5 / (n + 0.5) / (1 - 1 / n_classes), rel=0.02)


def test_a_few_rows_without_an_error_do_not_ask_for_certainty():
    log_proba = np.log([[[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]]])
    pool = LogLinearPool().fit(log_proba, np.array([0, 1, 0, 1]), np.full(2, 0.5))
    assert 1 < pool.weights_[0] < 5


# Across the parts


@every_calibration
@pytest.mark.parametrize("cv", [4, None, RepeatedStratifiedKFold(n_splits=3, n_repeats=2)])
def test_labels_of_a_part_have_no_say_in_its_calibration(kind, cv):
    log_proba, labels, prior = draw_rows(n=200)
    members = make_members(labels, cv=cv, validation_fraction=0.5)
    row = members.entry_row
    entries = log_softmax(log_proba[:, row] * np.linspace(0.5, 2, len(row))[:, None], axis=-1)

    def calibrate(labels):
        return cross_calibrate([kind()], entries, labels[row], prior, None, members.parts)[1:3]

    before = calibrate(labels)
    for part, rows in enumerate(members.part_rows):
        others = labels.copy()
        others[rows] = np.random.default_rng(0).permutation(labels[rows])
        own = members.entry_part == part
        for old, new in zip(before, calibrate(others), strict=True):
            np.testing.assert_array_equal(new[own], old[own])
            assert not np.allclose(new[~own], old[~own])


def test_weights_of_a_part_have_no_say_in_its_calibration():
    log_proba, labels, prior = draw_rows(n=200)
    members = make_members(labels, cv=4, validation_fraction=0.5)
    row = members.entry_row
    weight = np.random.default_rng(0).random(200) + 0.1

    def calibrate(weight):
        arguments = log_proba[:, row], labels[row], prior, weight[row], members.parts
        return cross_calibrate([LogLinearPool()], *arguments)[1]

    other = weight.copy()
    other[members.part_rows[2]] *= 5
    unchanged = members.entry_part == 2
    before, after = calibrate(weight), calibrate(other)
    np.testing.assert_array_equal(before[unchanged], after[unchanged])
    assert not np.allclose(before[~unchanged], after[~unchanged])


class Constant:
    """A candidate that believes in one class, whatever it is fitted on."""

    def __init__(self, favourite):
        self.log_proba = np.log(np.where(np.arange(3) == favourite, 0.8, 0.1))

    def fit(self, *rows):
        return self

    def log_posterior(self, log_proba):
        return np.tile(self.log_proba, (log_proba.shape[1], 1))

    log_observed = log_posterior

    def true_information(self, log_posterior, y):
        return np.zeros(len(y))


def test_candidates_are_chosen_for_a_part_by_the_labels_outside_it():
    labels = np.repeat([0, 1, 1], 20)  # in three parts, of which the first is an exception
    splits = [(np.setdiff1d(np.arange(60), held), held) for held in np.split(np.arange(60), 3)]
    members = make_members(labels, cv=splits, validation_fraction=None)
    both = [Constant(0), Constant(1)]
    arguments = np.zeros((1, 60, 3)), labels, np.full(3, 1 / 3), None, members.parts
    best, log_posterior, *_ = cross_calibrate(both, *arguments)
    assert best is both[1]
    assert (log_posterior.argmax(axis=1)[:20] == 1).all()
    only_first = np.r_[np.ones(20), np.full(40, 1e-3)]
    best, log_posterior, *_ = cross_calibrate(both, *arguments[:3], only_first, members.parts)
    assert best is both[0]
    assert log_posterior.argmax(axis=1).tolist() == [1] * 20 + [0] * 40


# Sums on the log scale


def test_log_mean_exp_is_the_log_of_the_mean():
    values = np.random.default_rng(0).standard_normal((4, 5, 3))
    for axis in range(3):
        expected = np.log(np.exp(values).mean(axis=axis))
        np.testing.assert_allclose(log_mean_exp(values, axis), expected)
        np.testing.assert_allclose(log_mean_exp(values - 5e3, axis), expected - 5e3)


def test_mean_of_posteriors_is_a_posterior():
    log_proba = np.log(softmax(np.random.default_rng(0).standard_normal((4, 5, 3)), axis=-1))
    np.testing.assert_allclose(np.exp(log_mean_exp(log_proba, axis=0)).sum(axis=-1), 1)
