"""What tables of bins forecast, against what is known, and which columns a step looks at."""

import numpy as np
import pandas as pd
import pytest

from sklearn_mi._engine._members import make_folds, make_members
from sklearn_mi.datasets import make_xor
from sklearn_mi.feature_selection import _screen
from sklearn_mi.feature_selection._candidates import to_add, to_drop
from sklearn_mi.feature_selection._screen import Screen


def make_screen(X, y, weight=None):
    splits = make_folds(y, 5, None, 0)
    members = make_members(y, cv=splits, validation_fraction=None)
    return Screen(X, y, members, weight, np.bincount(y) / len(y))


@pytest.fixture(scope="module")
def parity():
    X, y = make_xor(2000, 6, random_state=0)
    return make_screen(X, y)


def test_a_pair_that_needs_each_other_stands_out(parity):
    tables = parity.of_pairs(parity.prior, np.arange(6))
    np.testing.assert_allclose(tables, tables.T, atol=1e-6)
    assert 0.3 < tables[0, 1] < 0.5
    tables[[0, 1], [1, 0]] = 0
    assert tables.max() < 0.01 and parity.alone(parity.prior).max() < 0.01


def test_a_pair_is_looked_at_only_where_there_is_room_for_it(parity):
    assert (0, 1) in to_add(parity, parity.prior, [], 2, 2)
    assert all(len(new) == 1 for new in to_add(parity, parity.prior, [], 2, 1))


def test_the_partner_of_a_chosen_column_comes_first(parity):
    assert to_add(parity, parity.prior, [1], 2, 5)[0] == (0,)


def test_where_nothing_is_promised_what_tells_most_alone_is_next(parity):
    known = np.full((2000, 2), 0.05)
    known[np.arange(2000), parity.codes] = 0.95
    alone = 2 + int(np.argmax(parity.first[2:]))
    assert to_add(parity, known, [0, 1], 4, 4) == [(alone,)]
    everything = to_add(parity, known, [0, 1], None, 1)
    assert sorted(everything) == [(2,), (3,), (4,), (5,)]


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_a_column_that_shifts_the_classes_a_little_adds_what_it_tells(n_classes):
    rng = np.random.default_rng(0)
    table = np.full((4, n_classes), 1 / n_classes)
    table[0, :2] += [0.1, -0.1]
    table[1, :2] -= [0.1, -0.1]
    bins = rng.integers(0, 4, 20_000)
    y = (rng.random((20_000, 1)) > table[bins].cumsum(axis=1)).sum(axis=1)
    truth = (table * np.log(table * n_classes)).sum() / 4
    frame = pd.DataFrame({"level": pd.Categorical(bins), "number": bins.astype(float)})
    screen = make_screen(frame, y)
    np.testing.assert_allclose(screen.alone(screen.prior), truth, atol=0.3 * truth + 0.001)
    known = table[bins]
    assert screen.alone(known).max() < 0.0005


def test_a_missing_value_is_a_bin_of_its_own():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    X = pd.DataFrame({"x": np.where(y == 1, np.nan, rng.standard_normal(400))})
    screen = make_screen(X, y)
    assert screen.alone(screen.prior)[0] > 0.3


def test_rows_without_weight_do_not_count():
    X, y = make_xor(800, 3, random_state=0)
    weight = np.repeat([1.0, 0.0], 400)
    other = np.r_[y[:400], 1 - y[400:]]
    one, two = make_screen(X, y, weight), make_screen(X, other, weight)
    told = np.full((800, 2), 0.5)
    folds = [len(fold) for fold in one.folds]
    assert sum(folds) == 800
    two.folds = one.folds
    np.testing.assert_allclose(one.alone(told), two.alone(told))


def test_many_columns_are_counted_in_blocks(monkeypatch):
    X, y = make_xor(300, 9, random_state=0)
    screen = make_screen(X, y)
    whole = screen.of_pairs(screen.prior, np.arange(9))
    monkeypatch.setattr(_screen, "BLOCK", 2)
    np.testing.assert_allclose(screen.of_pairs(screen.prior, np.arange(9)), whole, rtol=1e-5)


def test_of_many_rows_some_are_counted(monkeypatch):
    monkeypatch.setattr(_screen, "MOST_ROWS", 100)
    X, y = make_xor(300, 3, random_state=0)
    assert len(make_screen(X, y).rows) == 100


def test_to_drop_looks_again_at_the_cheap_and_at_the_old():
    columns, costs = list(range(6)), {0: 0.5, 1: 0.1, 2: 0.4, 3: 0.2, 4: 0.3, 5: 0.6}
    assert to_drop(columns, {}, {}, 2) == columns
    asked = {0: 2, 1: 3, 2: 1, 3: 3, 4: 3, 5: 1}
    assert to_drop(columns, costs, asked, 2) == [1, 2, 3, 5]
    assert to_drop(columns, costs, asked, None) == columns
