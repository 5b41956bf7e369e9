"""Errors of noise-aware losses: slopes, known standard errors, coverage, and what no data tell."""

import pickle

import numpy as np
import pytest
from drawn_rows import draw_rows
from scipy.optimize import approx_fprime
from scipy.special import log_softmax

from sklearn_mi._pool._label_noise import LabelNoisePool, noise_pools
from sklearn_mi._pool._noise_error import NoiseError, noise_error
from sklearn_mi._pool._profile_likelihood import DROP, NEAR, Profile
from sklearn_mi.datasets import make_label_noise

SYMMETRIC = 0.45 * np.eye(3) + 0.55 / 3
CLEAR, OVERLAPPING = 12, 1.5  # spreads of the scores of rows
CLASSES = np.array(["cat", "dog", "owl"])


def fitted(spread, noise=SYMMETRIC, n=400, seed=0, weight=None):
    """A pool, what it was fitted to and the true classes."""
    log_proba, clean, _ = draw_rows(n=n, spread=spread, seed=seed)
    y = make_label_noise(clean, noise, random_state=seed)
    return LabelNoisePool().fit(log_proba, y, weight=weight), log_proba, y, clean


def error_of(spread, noise=SYMMETRIC, **options):
    pool, log_proba, y, _ = fitted(spread, noise, **options)
    return noise_error(pool, log_proba, y)


def score_of(pool, log_proba, y):
    return pool.true_information(pool.log_posterior(log_proba), y).mean()


def an_error(**changes):
    zero = np.zeros((3, 3))
    plain = {
        "below": 0.2,
        "above": 0.1,
        "less": 0.0,
        "more": 0.0,
        "disagreement": 0.0,
        "sampling": zero + 0.1,
    }
    return NoiseError(**plain | {"shift": zero, "clear": np.ones(3)} | changes)


# --- how far the likelihood goes ----------------------------------------------------------------


@pytest.fixture(scope="module")
def profile():
    weight = np.random.default_rng(0).random(120)
    pool, log_proba, y, _ = fitted(3, n=120, weight=weight)
    two = np.concatenate([log_proba, log_softmax(0.5 * log_proba, axis=-1)])
    return Profile(pool.fit(two, y, weight=weight), two, y, weight)


@pytest.mark.parametrize("name", ["certified", "likelihood"])
def test_slopes_are_those_of_the_values(profile, name):
    tolerance = {"likelihood": 1e-3, "certified": 1e-6}[name]
    at = np.random.default_rng(1).standard_normal(2 + 3 + 9)
    at[:2] = abs(at[:2])
    function = getattr(profile, name)
    numeric = approx_fprime(at, lambda x: function(x)[0], 1e-6)
    np.testing.assert_allclose(function(at)[1], numeric, atol=tolerance)


def test_at_the_fit_it_certifies_its_own_information():
    pool, log_proba, y, _ = fitted(3)
    profile = Profile(pool, log_proba, y, np.ones(len(y)))
    start = np.r_[pool.weights_, pool.offsets_, np.log(pool.noise_matrix_).ravel()]
    posterior = np.exp(pool.log_posterior(log_proba))
    own = (posterior * np.log(posterior / posterior.mean(axis=0))).sum(axis=1).mean()
    assert profile.certified(start)[0] == pytest.approx(own, abs=1e-6)


@pytest.mark.parametrize("sign", [-1, 1])
def test_an_end_is_where_the_likelihood_has_fallen_as_far(sign, monkeypatch):
    pool, log_proba, y, _ = fitted(3)
    profile = Profile(pool, log_proba, y, np.ones(len(y)))
    visited = []

    def listen(wish, start, best=profile.best):
        visited.append(best(wish, start))
        return visited[-1]

    monkeypatch.setattr(profile, "best", listen)
    best = profile.best(
        lambda _: (0, 0), np.r_[pool.weights_, pool.offsets_, np.log(pool.noise_matrix_).flat]
    )
    distance = profile.end(best, sign)
    drop = profile.likelihood(best)[0] - profile.likelihood(visited[-1])[0]
    assert drop == pytest.approx(DROP, rel=NEAR)
    there = sign * (profile.certified(visited[-1])[0] - profile.certified(best)[0])
    assert distance == pytest.approx(there * np.sqrt(DROP / drop))


def test_more_rows_leave_less_open():
    few, many = error_of(4, n=300), error_of(4, n=4800)
    assert few.below + few.above > 2 * (many.below + many.above)
    assert (few.sampling.diagonal() > 2 * many.sampling.diagonal()).all()


def test_a_sample_of_many_rows_says_what_all_say(monkeypatch):
    pool, log_proba, y, _ = fitted(4, n=4000)
    every = noise_error(pool, log_proba, y)
    monkeypatch.setattr("sklearn_mi._pool._profile_likelihood.MAX_SIZE", 2000 * 9)
    some = noise_error(pool, log_proba, y)
    assert some.below + some.above == pytest.approx(every.below + every.above, rel=0.3)


# --- known errors -------------------------------------------------------------------------------


def test_the_error_of_a_row_of_the_matrix_is_binomial_where_classes_are_known():
    error, counts = error_of(60, n=1500), np.full(3, 500)
    binomial = np.sqrt(SYMMETRIC * (1 - SYMMETRIC) / counts)
    np.testing.assert_allclose(error.sampling, binomial, rtol=0.15)
    assert error.shift == pytest.approx(np.zeros((3, 3)), abs=0.02)
    assert error.less < 0.03 and error.more < 0.03


def test_rows_one_by_one_have_the_errors_of_the_joint_where_classes_are_known(monkeypatch):
    pool, log_proba, y, _ = fitted(60, n=1000)
    joint = noise_error(pool, log_proba, y).sampling
    monkeypatch.setattr("sklearn_mi._pool._noise_error.MAX_PARAMETERS", 1)
    np.testing.assert_allclose(noise_error(pool, log_proba, y).sampling, joint, rtol=0.1)


def test_overlap_moves_the_noise_matrix_as_noise_before_it_would():
    pool, log_proba, y, _ = fitted(OVERLAPPING)
    error = noise_error(pool, log_proba, y)
    r = np.exp(pool.log_posterior(log_proba))
    overlap = np.array(
        [[(r[:, i] * r[:, j]).sum() / r[:, i].sum() for j in range(3)] for i in range(3)]
    )
    np.testing.assert_allclose(error.clear, overlap.diagonal())
    np.testing.assert_allclose(error.shift, overlap @ pool.noise_matrix_ - pool.noise_matrix_)
    np.testing.assert_allclose(error.shift.sum(axis=1), 0, atol=1e-12)


def test_the_most_that_rows_could_tell_is_what_their_first_class_is_worth():
    pool, log_proba, y, _ = fitted(OVERLAPPING)
    log_posterior = pool.log_posterior(log_proba)
    gain = log_posterior - np.log(pool.class_prior_)
    known = (np.exp(log_posterior) * gain).sum(axis=1)
    assert noise_error(pool, log_proba, y).more == pytest.approx((gain.max(axis=1) - known).mean())


def test_networks_that_disagree_lower_what_is_certified_by_what_they_deny():
    pool, log_proba, y, _ = fitted(3)
    posterior = np.exp(pool.log_posterior(log_proba))
    agreeing = noise_error(pool, log_proba, y, others=posterior)
    assert agreeing.disagreement == noise_error(pool, log_proba, y).disagreement == 0
    shifted = 0.9 * posterior + 0.1 * np.roll(posterior, 1, axis=1)
    gain = np.log(posterior) - np.log(pool.class_prior_)
    expected = ((posterior - shifted) * gain).sum(axis=1).mean()
    denied = noise_error(pool, log_proba, y, others=shifted)
    assert denied.disagreement == pytest.approx(expected) and expected > 0.05
    lower = agreeing.interval(1, 0, 1.96)[0] - denied.interval(1, 0, 1.96)[0]
    assert lower == pytest.approx(expected)


# --- coverage -----------------------------------------------------------------------------------


def test_intervals_cover_what_the_posterior_certifies_on_clean_labels():
    """The error over rows for a given noise matrix, the only one there was, did not."""
    covered, before, entries = [], [], []
    fresh, classes, _ = draw_rows(n=5000, spread=3, seed=10_000)
    for seed in range(20):
        pool, log_proba, y, _ = fitted(3, n=200, seed=seed)
        information = pool.true_information(pool.log_posterior(log_proba), y)
        score, stderr = information.mean(), information.std() / np.sqrt(200)
        log_posterior = pool.log_posterior(fresh)[np.arange(5000), classes]
        certified = (log_posterior - np.log(pool.class_prior_)[classes]).mean()
        error = noise_error(pool, log_proba, y)
        covered.append(error.interval(score, stderr, 1.96)[0] <= certified)
        before.append(score - 1.96 * stderr <= certified)
        entries.append(abs(pool.noise_matrix_ - SYMMETRIC) <= 1.96 * error.noise_matrix)
    assert np.mean(covered) >= 0.92 > 0.85 > np.mean(before)
    assert np.mean(entries) >= 0.92


def test_wrong_labels_near_the_boundary_are_within_the_errors():
    """The model reads them as overlap; the certified information is above its score."""
    rng = np.random.default_rng(0)
    log_proba, clean, _ = draw_rows(n=3000, spread=3)
    ordered = np.sort(log_proba[0], axis=1)
    unsure = rng.random(3000) < 0.9 * np.exp((ordered[:, 1] - ordered[:, 2]) / 2)
    second = log_proba[0].argsort(axis=1)[:, 1]
    y = np.where(unsure, np.where(rng.random(3000) < 0.5, second, clean), clean)
    truth = np.array([[np.mean(y[clean == i] == j) for j in range(3)] for i in range(3)])
    pool = LabelNoisePool().fit(log_proba, y)
    error, score = noise_error(pool, log_proba, y), score_of(pool, log_proba, y)
    own = pool.log_posterior(log_proba)[np.arange(3000), clean]
    certified = (own - np.log(pool.class_prior_)[clean]).mean()
    assert score < certified < error.interval(score, 0.0, 1.96)[1]
    assert (abs(pool.noise_matrix_ - truth) <= 1.96 * error.noise_matrix).mean() > 0.6
    assert (abs(pool.noise_matrix_ - truth) <= 1.96 * error.sampling).mean() < 0.4


# --- what is told -------------------------------------------------------------------------------


def test_overlap_without_noise_is_told_and_the_interval_is_wide():
    pool, log_proba, y, _ = fitted(OVERLAPPING, np.eye(3), n=1000)
    error, score = noise_error(pool, log_proba, y), score_of(pool, log_proba, y)
    low, high = interval = error.interval(score, 0.0, 1.96)
    text = error.warning(CLASSES, interval, np.log(3))
    assert "cannot tell noise from overlap of classes" in text
    assert all(repr(str(name)) in text for name in CLASSES)
    assert f"from {low:.2f} to {high:.2f} nats" in text
    assert high - low > 0.25 * np.log(3)


def test_noise_of_classes_that_are_told_apart_is_no_reason_to_warn():
    for pool in noise_pools():
        _, log_proba, y, _ = fitted(CLEAR, n=1000)
        error = noise_error(pool.fit(log_proba, y), log_proba, y)
        assert error.warning(CLASSES, (0, 1), np.log(3)) is None
        low, high = error.interval(1.0, 0.0, 1.96)
        assert high - low < 0.25 * np.log(3)


def test_what_few_rows_leave_open_is_told():
    text = an_error(below=0.3).warning(CLASSES, (0.1, 0.9), 0.7)
    assert an_error(disagreement=0.1).warning(CLASSES, (0, 1), np.log(3)) is None
    assert "for 0.90 nats" in an_error(disagreement=0.6).warning(CLASSES, (0, 1), np.log(3))
    assert "for 0.40 nats are open" in text and "from 0.10 to 0.90" in text


@pytest.mark.parametrize("kind", [str, int])
def test_a_warning_names_five_classes_at_most(kind):
    clear = np.linspace(0.1, 0.9, 12)
    text = an_error(clear=clear).warning(np.arange(12).astype(kind), (0, 1), 10.0)
    assert f"{kind(0)!r} (90%), {kind(1)!r} (83%)" in text
    assert f"{kind(4)!r}" in text and "..." in text and f"{kind(5)!r} (" not in text


# --- how errors add up --------------------------------------------------------------------------


def test_an_interval_holds_its_score_and_grows_with_the_quantile():
    error = error_of(3)
    narrow, wide = error.interval(0.5, 0.01, 1.0), error.interval(0.5, 0.01, 2.0)
    assert wide[0] < narrow[0] < 0.5 < narrow[1] < wide[1]


def test_ends_at_95_percent_are_those_of_the_profile():
    assert an_error().interval(1.0, 0.0, 1.96) == pytest.approx((0.8, 1.1))
    assert an_error(less=0.3, more=0.2).interval(1.0, 0.0, 1.96) == pytest.approx((0.5, 1.3))


def test_a_standard_error_is_that_of_an_even_distribution_where_sampling_says_nothing():
    error = an_error(below=0.0, above=0.0, less=0.1, more=0.5)
    assert error.information(0.0) == pytest.approx(0.6 / np.sqrt(12))
    assert an_error().information(0.0) == pytest.approx(0.15 / 1.96)
    assert an_error(below=0.0, above=0.0).information(0.3) == pytest.approx(0.3)


def test_rows_that_repeat_widen_what_sampling_leaves_open():
    error = an_error(less=0.1, shift=np.full((3, 3), 0.3))
    four = error.for_design(4.0, 1.0)
    assert four.interval(1.0, 0.0, 1.96) == pytest.approx((0.5, 1.2))
    np.testing.assert_allclose(four.noise_matrix, np.hypot(0.2, 0.3 / np.sqrt(3)))
    assert error.for_design(1.0, 4.0) == error  # no narrower
    assert error.for_design(1.0, 0.0) == error  # nothing is known of any row


def test_repeated_rows_say_no_more_than_once_they_are_counted():
    """Each row four times, with the design effect of four: the errors of the rows once."""
    pool, log_proba, y, _ = fitted(4)
    once = noise_error(pool, log_proba, y)
    log_proba, y = np.tile(log_proba, (1, 4, 1)), np.tile(y, 4)
    four = noise_error(LabelNoisePool().fit(log_proba, y), log_proba, y).for_design(4.0, 1.0)
    np.testing.assert_allclose(four.interval(1, 0, 1.96), once.interval(1, 0, 1.96), atol=0.08)
    np.testing.assert_allclose(four.noise_matrix, once.noise_matrix, atol=0.02)


def test_no_more_is_kept_than_classes_need():
    assert len(pickle.dumps(error_of(3, n=2000))) < 2000
