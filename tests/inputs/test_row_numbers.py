"""Columns that number the rows: told, since in a sorted table they tell the label."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_mi._inputs._table_encoder import TableEncoder, _counts_rows

N = 20


def told_of(column):
    """What is said of a column beside another one."""
    X = pd.DataFrame({"other": np.random.RandomState(0).randn(N), "id": column})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        TableEncoder().fit(X)
    return [str(warning.message) for warning in caught if "counts the rows" in str(warning.message)]


NUMBERED = {
    "from 0": np.arange(N),
    "from 1": np.arange(N) + 1,
    "from 5000": np.arange(N) + 5000,
    "in twos": 2 * np.arange(N),
    "down": np.arange(N)[::-1],
    "in sevens": 7 * np.arange(N),
    "with a gap": np.r_[np.arange(10), np.arange(12, N + 2)],
    "floats": np.arange(N, dtype=float),
    "text": [str(k) for k in range(N)],
    "Int64": pd.array(range(N), dtype="Int64"),
}
OTHERS = {
    "each twice": np.arange(N) // 2,
    "shuffled": np.random.RandomState(0).permutation(N),
    "a number is missing": np.r_[np.arange(N - 1), np.nan],
    "sorted amounts": np.arange(N) ** 3,
    "fractions": np.arange(N) / 2,
    "days": pd.date_range("2020-01-01", periods=N),
    "booleans": [False, True] * (N // 2),
}


@pytest.mark.parametrize("column", NUMBERED.values(), ids=NUMBERED.keys())
def test_a_column_that_numbers_the_rows_is_told(column):
    (said,) = told_of(column)
    assert said.startswith("Column 'id'") and "drop it" in said


@pytest.mark.parametrize("column", OTHERS.values(), ids=OTHERS.keys())
def test_other_columns_are_not(column):
    assert told_of(column) == []


@given(st.integers(0, 2**32 - 1), st.integers(200, 500), st.integers(2, 1000))
def test_a_sample_of_numbered_rows_is_told(seed, n_rows, step):
    """As of a large table, or what is left of one."""
    rng = np.random.RandomState(seed)
    rows = np.sort(rng.choice(n_rows * step, n_rows, replace=False))
    assert _counts_rows(rows.astype(float))
    assert _counts_rows(rows[::-1].astype(float))
    assert not _counts_rows(rng.permutation(rows).astype(float))


@given(st.integers(0, 2**32 - 1), st.floats(1.0, 3.0))
def test_sorted_amounts_of_uneven_spread_are_not(seed, spread):
    amounts = np.exp(spread * np.random.RandomState(seed).normal(size=200))
    assert not _counts_rows(np.unique(np.round(1000 * amounts)))


def test_a_few_rows_may_be_in_order_by_chance():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TableEncoder().fit(np.arange(9.0)[:, None])
