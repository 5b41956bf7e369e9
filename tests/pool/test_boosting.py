"""Boosting grown in steps, as far as those rows ask for whose labels have no say in the rest."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import log_softmax
from sklearn.ensemble import HistGradientBoostingClassifier

from sklearn_mi._engine._members import make_members
from sklearn_mi._pool._boosting import FEWEST_STEPS, GradualBoosting, StepChoice

PRIOR = np.full(3, 1 / 3)


def rows(n=300, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n, 5))
    return X, (X[:, 0] + X[:, 1] ** 2 > 1).astype(int) + (X[:, 2] > rng.standard_normal(n))


# --- growing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
def test_growing_in_steps_is_growing_straight(weighted):
    """To the bit, for a warm start goes on drawing columns where it stopped."""
    X, y = rows()
    weight = np.random.RandomState(0).uniform(0.5, 2, len(y)) if weighted else None
    grown = GradualBoosting(random_state=3)
    for n_steps in (3, 5, 8):
        grown.fit(X, y, weight, n_steps=n_steps)
        params = grown.booster_.get_params() | {"warm_start": False}
        straight = HistGradientBoostingClassifier(**params).fit(X, y, weight)
        assert_array_equal(grown.predict_proba(X), straight.predict_proba(X))
        assert_array_equal(grown.predict(X), straight.predict(X))
        assert grown.n_steps_ == straight.n_iter_ == n_steps


@given(
    seed=st.integers(0, 10_000), n_values=st.integers(1, 255), n_columns=st.sampled_from([1, 3, 60])
)
@settings(max_examples=15, deadline=None)
def test_no_column_loses_a_value_to_bins(seed, n_values, n_columns):
    """As many as the column of most values has make the trees that the most bins make."""
    rng = np.random.RandomState(seed)
    X = rng.standard_normal(n_values)[rng.randint(n_values, size=(300, n_columns))]
    X[:, 1:] = X[:, 1:] > 0
    y = (X[:, 0] + rng.standard_normal(300) > 0).astype(int)
    y[:2] = 0, 1
    grown = GradualBoosting(random_state=seed).fit(X, y, n_steps=3)
    params = grown.booster_.get_params() | {"max_bins": 255}
    most = HistGradientBoostingClassifier(**params).fit(X, y)
    assert grown.booster_.max_bins <= max(2, n_values)
    assert_array_equal(grown.predict_proba(X), most.predict_proba(X))


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(25, 120),
    n_classes=st.integers(2, 4),
    n_values=st.sampled_from([None, 2, 5]),
    n_steps=st.integers(1, 12),
)
@settings(max_examples=15, deadline=None)
def test_as_arrays_it_says_what_it_said_as_it_grew(seed, n, n_classes, n_values, n_steps):
    """Also of cells that are thresholds, in float32, and of a row alone, that to the bit."""
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n, 3)) if n_values is None else rng.randint(n_values, size=(n, 3))
    X, y = X.astype(np.float32), np.arange(n) % n_classes
    y = np.where(X[:, 0] > 0.5, rng.permutation(y), np.sort(y))
    grown = GradualBoosting(random_state=seed).fit(X, y, n_steps=n_steps)
    kept = GradualBoosting(n_steps, random_state=seed).fit(X, y)
    near = kept.threshold_[np.isfinite(kept.threshold_)]
    near = np.r_[near, np.nextafter(near, np.float32(np.inf)), rng.standard_normal(9)]
    for fresh in (X, np.repeat(near[:, None], 3, axis=1).astype(np.float32)):
        answers = kept.predict_proba(fresh)
        assert_allclose(answers, grown.predict_proba(fresh), atol=1e-6)
        assert_array_equal(kept.predict_proba(fresh[-1:])[0], answers[-1])
    assert not hasattr(kept, "booster_")
    assert_array_equal(kept.classes_, grown.classes_)


def test_its_arrays_take_less_than_half_of_the_bytes():
    X, y = rows()
    grown = GradualBoosting(random_state=0).fit(X, y, n_steps=10)
    kept = GradualBoosting(10, random_state=0).fit(X, y)
    assert 2 * len(pickle.dumps(kept)) < len(pickle.dumps(grown))
    assert_array_equal(pickle.loads(pickle.dumps(kept)).predict_proba(X), kept.predict_proba(X))


def test_a_fit_without_steps_starts_anew():
    (X, y), (other, labels) = rows(), rows(seed=1)
    again = GradualBoosting(10, random_state=0).fit(X, y).fit(other, labels)
    anew = GradualBoosting(10, random_state=0).fit(other, labels)
    assert_array_equal(again.predict_proba(X), anew.predict_proba(X))


@pytest.mark.parametrize("most", [1, 39, 40, 60, 350, 1000])
def test_steps_to_try_grow_to_the_most(most):
    steps = GradualBoosting(most).growth_steps
    assert steps[0] == FEWEST_STEPS and steps == sorted(set(steps))
    assert steps[-1] <= max(most, FEWEST_STEPS) < 2.01 * steps[-1]


# --- how far --------------------------------------------------------------------------------------


def truth(n=600, seed=0):
    """Log posteriors (n, K) and labels drawn from them."""
    rng = np.random.RandomState(seed)
    log_proba = log_softmax(1.5 * rng.standard_normal((n, 3)), axis=1)
    y = (rng.random_sample((n, 1)) > np.exp(log_proba).cumsum(axis=1)[:, :-1]).sum(axis=1)
    return log_proba, y


def nothing(n=600):
    return np.tile(np.log(PRIOR), (n, 1))


def softened(log_proba, share):
    return np.log((1 - share) * np.exp(log_proba) + share * PRIOR)


def chosen(answers, y, networks, weight=None, cv=3):
    """The choice after as many of the answers, by number of steps, as it wants to see."""
    members = make_members(y, cv=cv, validation_fraction=0.5)
    row = members.entry_row
    weight = None if weight is None else weight[row]
    choice = StepChoice(networks[None, row], y[row], PRIOR, weight, members.parts)
    seen = []
    for n_steps, log_proba in answers.items():
        seen.append(n_steps)
        if not choice.consider(n_steps, log_proba[row]):
            break
    return choice, seen, members


def test_noise_is_worth_no_step():
    _, y = truth()
    noise = log_softmax(5 * truth(seed=1)[0], axis=1)  # sure of itself, as boosting on noise is
    choice, seen, _ = chosen({40: noise, 60: noise}, y, nothing())
    assert choice.n_steps_ == 0 and seen == [40]
    assert_array_equal(choice.log_proba_, nothing())


def test_what_the_networks_know_is_worth_no_step():
    log_proba, y = truth()
    choice, seen, _ = chosen({40: log_proba, 60: log_proba}, y, log_proba)
    assert choice.n_steps_ == 0 and seen == [40]


@pytest.mark.parametrize("cv", [3, None])
def test_grows_as_long_as_it_tells_what_networks_do_not_see(cv):
    """And not beyond the first number of steps that brings nothing."""
    log_proba, y = truth()
    answers = {40: softened(log_proba, 0.8), 60: softened(log_proba, 0.4)}
    answers |= {90: log_proba, 135: log_proba, 202: log_proba}
    choice, seen, members = chosen(answers, y, nothing(), cv=cv)
    assert choice.n_steps_ == 90 and seen == [40, 60, 90, 135]
    assert_array_equal(choice.log_proba_, log_proba[members.entry_row])


def test_rows_of_no_weight_ask_for_no_steps():
    log_proba, y = truth()
    known = np.arange(600) < 300
    answers = {40: np.where(known[:, None], nothing(), log_proba)}
    assert chosen(answers, y, nothing())[0].n_steps_ == 40
    assert chosen(answers, y, nothing(), np.where(known, 1.0, 1e-9))[0].n_steps_ == 0


@pytest.mark.parametrize("cv", [3, None])
def test_labels_of_a_part_have_no_say_in_its_steps(cv):
    log_proba, y = truth()
    answers = {40: softened(log_proba, 0.5), 60: log_proba}
    before, _, members = chosen(answers, y, nothing(), cv=cv)
    for part, held in enumerate(members.part_rows):
        others = y.copy()
        others[held] = (y[held] + 1) % 3  # so that, of all, steps are worth less
        labels = others[members.entry_row]
        after = StepChoice(before.experts, labels, PRIOR, None, members.parts)
        for n_steps, answer in answers.items():
            after.consider(n_steps, answer[members.entry_row])
        own = members.entry_part == part
        assert_array_equal(after.log_proba_[own], before.log_proba_[own])
        assert (after.log_proba_ != before.log_proba_).any()
