"""Members: who trains on which rows, who holds them out, and who may choose for whom."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneOut,
    PredefinedSplit,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedKFold,
)

from sklearn_mi._engine._members import Members, make_members

Y = np.arange(60) % 3
SPLITTERS = [
    5,
    None,
    StratifiedKFold(4),
    KFold(3, shuffle=True, random_state=0),
    RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0),
    ShuffleSplit(6, test_size=0.4, random_state=0),
    LeaveOneOut(),
    PredefinedSplit(np.r_[np.full(30, -1), np.full(10, 0), np.full(20, 1)]),
    [(np.arange(40), np.arange(40, 60))],
    [(np.arange(30), np.arange(30, 60)), (np.arange(30, 60), np.arange(10))],
]
every_splitter = pytest.mark.parametrize("cv", SPLITTERS, ids=lambda cv: str(cv)[:40])


def members_of(cv, y=Y, **options):
    return make_members(y, **{"cv": cv, "validation_fraction": 0.3, **options})


@every_splitter
def test_no_member_scores_what_it_trains_on(cv):
    members = members_of(cv)
    assert len(members.part_member) == members.n_parts
    assert set(members.part_member) == set(range(members.n_members))
    for member, part in zip(members.part_member, members.part_rows, strict=True):
        train = members.train_rows[member]
        assert len(train) and len(part)
        assert not np.intersect1d(train, part).size
        assert len(np.unique(train)) == len(train)


@every_splitter
def test_outside_has_no_row_of_the_part(cv):
    members = members_of(cv)
    for part, rows in enumerate(members.part_rows):
        outside = members.outside(part)
        assert outside.any()
        assert not np.isin(members.entry_row[outside], rows).any()
        assert np.isin(members.entry_row[~outside], rows).all()


@every_splitter
def test_entries_are_the_parts_one_after_the_other(cv):
    members = members_of(cv)
    for part, rows in enumerate(members.part_rows):
        np.testing.assert_array_equal(members.entry_row[members.entry_part == part], rows)
    assert (np.diff(members.entry_part) >= 0).all()


labels = st.integers(2, 4).flatmap(
    lambda k: st.permutations([*range(k)] * 4 + [0] * 9 + [k - 1] * 3).map(np.array)
)


@given(y=labels, cv=st.integers(2, 4), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_folds_hold_out_every_row_once(y, cv, seed):
    members = make_members(y, cv=cv, validation_fraction=0.2, seed=seed)
    np.testing.assert_array_equal(np.sort(members.entry_row), np.arange(len(y)))
    assert members.n_members == members.n_parts == cv
    for train, part in zip(members.train_rows, members.part_rows, strict=True):
        assert len(train) + len(part) == len(y)
        assert (np.bincount(y[part]) >= 1).all()


@given(y=labels, fraction=st.floats(0.25, 0.6), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_a_single_split_has_two_halves(y, fraction, seed):
    members = make_members(y, cv=None, validation_fraction=fraction, seed=seed)
    assert members.n_members == 1
    np.testing.assert_array_equal(members.part_member, [0, 0])
    everyone = np.r_[members.train_rows[0], members.entry_row]
    np.testing.assert_array_equal(np.sort(everyone), np.arange(len(y)))
    first, second = (np.bincount(y[rows], minlength=4) for rows in members.part_rows)
    assert abs(first - second).max() <= 1
    assert abs(first.sum() - second.sum()) <= 1
    np.testing.assert_array_equal(members.outside(0), members.entry_part == 1)


@given(keep=st.lists(st.booleans(), min_size=60, max_size=60).map(np.array))
@settings(max_examples=40, deadline=None)
def test_rows_without_weight_are_as_if_not_there(keep):
    keep[:15] = True  # enough of every class
    rows = np.flatnonzero(keep)
    for cv in (3, None):
        members, without = members_of(cv, keep=keep), members_of(cv, Y[keep])
        for ours, theirs in zip(members.train_rows, without.train_rows, strict=True):
            np.testing.assert_array_equal(ours, rows[theirs])
        np.testing.assert_array_equal(members.entry_row, rows[without.entry_row])


@every_splitter
def test_rows_without_weight_take_no_part(cv):
    keep = np.arange(60) % 7 != 0
    if isinstance(cv, LeaveOneOut):
        with pytest.raises(ValueError, match="0 held-out rows of positive weight"):
            members_of(cv, keep=keep)
        return
    members = members_of(cv, keep=keep)
    assert all(keep[rows].all() for rows in [*members.train_rows, *members.part_rows])


def test_the_seed_draws_the_folds():
    def rows(seed):
        return members_of(5, seed=seed).entry_row

    np.testing.assert_array_equal(rows(0), rows(0))
    assert not np.array_equal(rows(0), rows(1))


@pytest.mark.parametrize("cv", [GroupKFold(3), 3, None])
def test_groups_stay_together(cv):
    groups = np.arange(60) // 4
    members = members_of(cv, groups=groups)
    parts = [set(groups[part]) for part in members.part_rows]
    assert all(not a & b for a, b in itertools.combinations(parts, 2))
    for member, part in zip(members.part_member, parts, strict=True):
        assert part.isdisjoint(groups[members.train_rows[member]])


def test_splits_are_taken_as_they_are_given():
    splits = [(np.arange(30), np.arange(30, 60)), (np.arange(30, 60), np.arange(10))]
    for cv in (splits, iter(splits)):
        members = members_of(cv)
        for m, (train, test) in enumerate(splits):
            np.testing.assert_array_equal(members.train_rows[m], train)
            np.testing.assert_array_equal(members.part_rows[m], test)


@pytest.mark.parametrize("kind", [list, lambda rows: np.isin(np.arange(20), rows)])
def test_splits_may_be_lists_or_masks(kind):
    splits = list(KFold(4).split(np.zeros(20)))
    as_given = [tuple(map(kind, split)) for split in splits]
    y = np.arange(20) % 2
    members = make_members(y, cv=as_given, validation_fraction=None)
    for (train, held), own, part in zip(splits, members.train_rows, members.part_rows, strict=True):
        assert_array_equal(own, train)
        assert_array_equal(part, held)


def test_a_class_with_fewer_rows_than_folds_is_spread():
    y = np.r_[np.zeros(20, int), np.ones(3, int), 2]
    members = members_of(5, y)
    counts = np.array([np.bincount(y[part], minlength=3) for part in members.part_rows])
    assert_array_equal(np.sort(counts.sum(axis=1)), [4, 5, 5, 5, 5])
    assert_array_equal(np.sort(counts, axis=0).T, [[4] * 5, [0, 0, 1, 1, 1], [0, 0, 0, 0, 1]])


@pytest.mark.parametrize(
    "cv",
    [
        [(np.arange(59), np.array([59]))],  # cannot be halved
        [(np.arange(30), np.arange(40, 60)), (np.arange(20), np.arange(40, 60))],
        [(np.arange(30), np.arange(40, 60)), (np.arange(20), np.arange(45, 60))],
    ],
    ids=["one held-out row", "the same held-out rows twice", "one part within the other"],
)
def test_a_part_without_rows_outside_it_is_refused(cv):
    with pytest.raises(ValueError):
        members_of(cv)


# Averages over the entries of a row


@every_splitter
@pytest.mark.parametrize("shape", [(), (3,)])
def test_average_by_row_equals_a_loop(cv, shape):
    members = members_of(cv)
    values = np.random.default_rng(0).standard_normal((len(members.entry_row), *shape))
    average = members.average_by_row(values, 60)
    assert average.shape == (60, *shape)
    for row in range(60):
        own = values[members.entry_row == row]
        expected = own.mean(axis=0) if len(own) else np.full(shape, np.nan)
        np.testing.assert_allclose(average[row], expected)


def test_average_by_row_of_ones_tells_who_is_held_out():
    members = Members([np.arange(3)] * 2, [np.array([4, 5]), np.array([5])], np.arange(2))
    np.testing.assert_array_equal(
        members.average_by_row(np.ones(3), 7), [np.nan, np.nan, np.nan, np.nan, 1, 1, np.nan]
    )
