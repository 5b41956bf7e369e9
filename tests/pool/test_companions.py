"""Companions: classifiers of other kinds learn and score the rows of each member, and no others."""

import numpy as np
import pytest
import sklearn
from companion_fits import KINDS, PRIOR, companions_of, encode, fit, members_of, smoothed
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from threadpoolctl import threadpool_info, threadpool_limits
from witnesses import witness

from sklearn_mi._engine._members import Members
from sklearn_mi._pool._boosting import GradualBoosting
from sklearn_mi._pool._companions import SMOOTHING, Companions
from sklearn_mi._pool._learned_rows import LearnedRows

# --- who learns and scores what -------------------------------------------------------------------


SPLITS = {
    "folds": 3,
    "one split": None,
    "repeated": RepeatedStratifiedKFold(n_splits=2, n_repeats=2, random_state=0),
}


@pytest.mark.parametrize("cv", SPLITS.values(), ids=SPLITS.keys())
@pytest.mark.parametrize("weighted", [False, True])
def test_equals_classifiers_fitted_by_hand(rows, cv, weighted):
    X, y = rows
    members = members_of(y, cv)
    weight = np.random.RandomState(0).uniform(0.5, 2, len(y)) if weighted else None
    companions = companions_of(X, y, members, weight=weight)
    answers = companions.log_proba(encode(X))
    everything = np.unique(np.concatenate(members.train_rows))
    for expert, (_, kind) in enumerate(KINDS):

        def expected(rows, kind=kind):
            own = np.float32(weight[rows] / weight[rows].mean()) if weighted else None
            return smoothed(clone(kind).fit(X[rows], y[rows], own).predict_proba(X))

        assert_allclose(answers[expert], expected(everything))
        for m, train in enumerate(members.train_rows):
            own = members.entry_member == m
            found = companions.held_out[expert, own]
            assert_allclose(found, expected(train)[members.entry_row[own]])


def test_rows_are_to_each_as_its_own_member_encodes_them(rows):
    """Naive Bayes does not mind that a member shifts its rows, if it shifts them each time."""
    X, y = rows
    members, bayes = members_of(y), [("bayes", GaussianNB())]

    def shifted(member, rows):
        return X[rows] + 3 * member

    own = companions_of(X, y, members, estimators=bayes, encoded=shifted)
    plain = companions_of(X, y, members, estimators=bayes)
    assert_allclose(own.log_proba(shifted), plain.log_proba(encode(X)), rtol=1e-3)
    assert_allclose(own.held_out, plain.held_out, rtol=1e-3)


# Steps are chosen by scores of other folds, whose classifiers did learn these labels.
GROWN = [("grown", GradualBoosting(60, random_state=0))]


@pytest.mark.parametrize("cv, kinds", [(3, KINDS), (None, GROWN)], ids=["folds", "one split"])
def test_labels_of_a_part_have_no_say_in_its_scores(rows, cv, kinds):
    X, y = rows
    members = members_of(y, cv)
    before = companions_of(X, y, members, estimators=kinds).held_out
    for part, held in enumerate(members.part_rows):
        flipped = y.copy()
        flipped[held] = (y[held] + 1) % 3
        after = companions_of(X, flipped, members, estimators=kinds).held_out
        own = members.entry_part == part
        assert_array_equal(after[:, own], before[:, own])
        assert (after[:, ~own] != before[:, ~own]).any()


def test_posteriors_are_distributions(rows):
    X, y = rows
    companions = companions_of(X, y, members_of(y))
    for log_proba in (companions.held_out, np.stack(companions.log_proba(encode(X)))):
        assert log_proba.shape == (len(KINDS), 240, 3)
        assert_allclose(np.exp(log_proba).sum(axis=-1), 1)
        assert (log_proba >= np.log(SMOOTHING * PRIOR)).all()


def test_a_class_that_a_member_has_not_seen_has_the_smoothed_share(rows):
    X, y = rows
    one, others = np.flatnonzero(y == 1), np.flatnonzero(y != 1)
    train, held = [others[::2], np.r_[others[1::2], one[::2]]], [one[1::2], others[::2]]
    members = Members(train, held, np.arange(2))
    companions = companions_of(X, y, members)
    first, second = (companions.held_out[:, members.entry_part == part] for part in range(2))
    assert_allclose(first[..., 1], np.log(SMOOTHING * PRIOR[1]))
    assert_allclose(np.exp(first).sum(axis=-1), 1)
    for seen in (second, np.stack(companions.log_proba(encode(X)))):
        assert (seen[..., 1] > np.log(SMOOTHING * PRIOR[1])).any()


@pytest.mark.parametrize("weighted", [False, True])
def test_what_has_seen_one_class_repeats_it(rows, weighted):
    X, y = rows
    one, others = np.flatnonzero(y == 1), np.flatnonzero(y != 1)
    members = Members([one, others], [others, one], np.arange(2))
    weight = np.random.RandomState(0).uniform(size=240) if weighted else None
    estimators = [*KINDS, ("logistic", LogisticRegression())]  # which alone would refuse to fit
    companions = companions_of(X, y, members, estimators=estimators, weight=weight)
    answer = companions.held_out[:, members.entry_part == 0]
    assert_allclose(answer, np.broadcast_to(smoothed(np.eye(3)[1]), answer.shape))


@pytest.mark.parametrize("constant", [1.0, 7.0])
def test_equal_weights_are_no_weights(rows, constant):
    X, y = rows
    bayes = witness(GaussianNB)
    estimators = [("witness", bayes), ("neighbours", KNeighborsClassifier())]
    plain = fit(X, y, estimators=estimators)
    weighted = fit(X, y, estimators=estimators, sample_weight=np.full(240, constant))
    assert all(each.sample_weight_ is None for each in bayes.fitted)
    assert_allclose(weighted.oof_log_proba_, plain.oof_log_proba_, rtol=1e-6)


def test_rows_of_weight_zero_reach_nobody(rows):
    X, y = rows
    weight = np.where(np.arange(240) % 3 > 0, 2.0, 0.0)
    bayes = witness(GaussianNB)
    fit(X, y, estimators=[("witness", bayes)], sample_weight=weight, n_threads=1)
    *of_members, of_all = (len(each.rows_) for each in bayes.fitted)
    assert sum(of_members) == 2 * 160 and of_all == 160
    assert all(each.sample_weight_ is None for each in bayes.fitted)


def test_what_the_pool_has_no_use_for_learns_no_more_and_is_not_asked(rows):
    X, y = rows
    bayes = witness(GaussianNB)
    companions = Companions([("witness", bayes), *KINDS], PRIOR)
    learned = LearnedRows(encode(X), y, None, members_of(y))
    companions.fit(learned, np.tile(np.log(PRIOR), (240, 1)))
    companions.fit_all(learned, [False, True, False, True])
    assert len(bayes.fitted) == 3
    assert list(companions.fitted) == ["bayes", "boosting"]
    answers = companions.log_proba(encode(X))
    assert [answer is None for answer in answers] == [True, False, True, False]


# --- threads --------------------------------------------------------------------------------------


def test_threads_change_nothing(rows):
    X, y = rows
    first, second = (companions_of(X, y, members_of(y), n_threads=n) for n in (1, 2))
    assert_array_equal(first.held_out, second.held_out)
    assert_array_equal(first.log_proba(encode(X)), second.log_proba(encode(X)))


@pytest.mark.parametrize("n_threads", [1, 2])
def test_each_learns_on_one_thread_and_the_settings_stay(rows, n_threads):
    bayes = witness(GaussianNB)
    with threadpool_limits(2), sklearn.config_context(assume_finite=True):
        before = threadpool_info()
        clf = fit(*rows, estimators=[("witness", bayes), *KINDS], n_threads=n_threads)
        clf.predict(rows[0])
        assert threadpool_info() == before
    assert {pool["num_threads"] for pool in before if pool["user_api"] == "openmp"} == {2}
    assert len(bayes.fitted) >= 3
    for fitted in bayes.fitted:
        assert fitted.n_threads_ == {1}
        assert fitted.config_["assume_finite"]
