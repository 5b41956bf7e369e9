"""Classes of a few rows: spread over the folds, and their frequency where training has none."""

import warnings

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.model_selection import StratifiedKFold

from sklearn_mi._engine._members import Members, make_folds, make_members
from sklearn_mi._engine._rare_classes import leave_unknown_classes_open, unknown_classes

# --- the rule -------------------------------------------------------------------------------------


def test_unknown_classes_get_their_frequency_and_the_others_what_is_left():
    log_proba = np.log([[0.2, 0.3, 0.5], [0.2, 0.3, 0.5]])
    unknown = np.array([[False, False, True], [False, False, False]])
    opened = np.exp(leave_unknown_classes_open(log_proba, unknown, np.array([0.5, 0.25, 0.25])))
    assert_allclose(opened, [[0.3, 0.45, 0.25], [0.2, 0.3, 0.5]])


def test_where_all_classes_are_known_nothing_changes():
    log_proba = np.log(np.random.default_rng(0).dirichlet(np.ones(3), size=5))
    same = leave_unknown_classes_open(log_proba, np.zeros(3, bool), np.full(3, 1 / 3))
    assert same is log_proba


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_opened_probabilities_sum_to_one_and_keep_their_ratios(data):
    n_classes = data.draw(st.integers(2, 6))
    log_proba = data.draw(
        st.lists(st.floats(-700, 0), min_size=n_classes, max_size=n_classes).map(np.array)
    )
    unknown = np.arange(n_classes) < data.draw(st.integers(0, n_classes - 1))
    prior = np.arange(1.0, n_classes + 1) / np.arange(1, n_classes + 1).sum()
    opened = leave_unknown_classes_open(log_proba, unknown, prior)
    if unknown.any():
        assert_allclose(np.exp(opened).sum(), 1)
        assert_allclose(opened[unknown], np.log(prior[unknown]))
    known = ~unknown
    assert_allclose(np.diff(opened[known]), np.diff(log_proba[known]), atol=1e-9)


def test_what_a_member_lacks_is_what_it_does_not_train_on():
    members = Members([np.array([0, 1]), np.array([2, 3])], [np.array([2])] * 2, np.arange(2))
    lacking = unknown_classes(np.array([0, 1, 1, 1]), members, 3)
    assert lacking.tolist() == [[False, False, True], [True, False, True]]


# --- the folds ------------------------------------------------------------------------------------


counts_of_classes = st.lists(st.sampled_from([1, 1, 2, 2, 3, 7, 15]), min_size=2, max_size=6)


@given(
    counts=counts_of_classes, cv=st.integers(2, 6), seed=st.integers(0, 99), grouped=st.booleans()
)
@settings(max_examples=80, deadline=None)
def test_folds_of_rare_classes(counts, cv, seed, grouped):
    y = np.repeat(np.arange(len(counts)), counts)
    groups = np.arange(len(y)) // 2 if grouped else None
    n_units = len(y) if groups is None else groups[-1] + 1
    if max(counts) == 1 or cv > n_units:
        refused = r"single row|expected at least 2 folds|groups has one value"
        with pytest.raises(ValueError, match=refused):
            make_folds(y, cv, groups, seed)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # scikit-learn says nothing
        folds = make_folds(y, cv, groups, seed)
    held = np.array([np.bincount(y[rows], minlength=len(counts)) for _, rows in folds])
    assert held.sum(axis=0).tolist() == counts
    for train, rows in folds:
        assert len(np.intersect1d(train, rows)) == 0
        assert len(train) + len(rows) == len(y)
        assert groups is None or not np.isin(groups[train], groups[rows]).any()
    if groups is None:
        assert (np.ptp(held, axis=0) <= 1).all()
    assert grouped or np.ptp(held.sum(axis=1)) <= max(1, len(counts))


@given(counts=counts_of_classes, fraction=st.floats(0.1, 0.7), seed=st.integers(0, 99))
@example(counts=[3, 7], fraction=0.1, seed=0)
@settings(max_examples=60, deadline=None)
def test_a_single_split_keeps_classes_of_one_row_for_training(counts, fraction, seed):
    y = np.repeat(np.arange(len(counts)), counts)
    if max(counts) == 1 or len(y) < 10:
        return
    if np.ceil(fraction * len(y)) < 2:  # no halves to tune on each other
        with pytest.raises(ValueError, match="at least 2 rows that are held out"):
            make_members(y, cv=None, validation_fraction=fraction, seed=seed)
        return
    members = make_members(y, cv=None, validation_fraction=fraction, seed=seed)
    train, held = members.train_rows[0], members.entry_row
    assert np.sort(np.r_[train, held]).tolist() == list(range(len(y)))
    assert not np.isin(y[held], np.flatnonzero(np.array(counts) == 1)).any()


def test_common_classes_meet_the_folds_of_scikit_learn():
    y = np.arange(40) % 3
    theirs = StratifiedKFold(5, shuffle=True, random_state=7).split(y, y)
    for ours, other in zip(make_folds(y, 5, None, 7), theirs, strict=True):
        np.testing.assert_array_equal(ours[1], other[1])
