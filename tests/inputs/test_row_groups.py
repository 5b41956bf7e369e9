"""Groups of equal rows: which cells are equal, and what holds rows together."""

import datetime
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_mi.model_selection import group_repeated_rows


def test_groups_number_equal_rows_in_their_order():
    assert group_repeated_rows([[2, 1], [1, 2], [2, 1], [3, 3]]).tolist() == [0, 1, 0, 2]
    assert group_repeated_rows(["a", "b", "a"]).tolist() == [0, 1, 0]


def test_groups_that_share_a_row_become_one():
    X = np.array([1, 2, 1, 3, 2, 4])[:, None]
    assert group_repeated_rows(X, [*"aabbcd"]).tolist() == [0, 0, 0, 0, 0, 1]
    with pytest.raises(ValueError, match="2 entries, but X has 6 rows"):
        group_repeated_rows(X, ["a", "b"])


SAME_CELLS = {
    "zeros": [0.0, -0.0],
    "missing numbers": [np.nan, -np.nan, np.uint64(0x7FF8000000000123).view(float)],
    "missing texts": pd.Series([None, None], dtype="str"),
    "missing integers": pd.Series([pd.NA, pd.NA], dtype="Int64"),
    "missing times": pd.to_datetime(pd.Series([None, "NaT"])),
    "dates": [datetime.date(2020, 1, 1)] * 2,
    "lists": [[1, 2], [1, 2]],
    "mixed": ["a", "a"],
}


@pytest.mark.parametrize("name", SAME_CELLS)
def test_cells_that_are_equal(name):
    cells = pd.Series(SAME_CELLS[name])
    assert len(set(group_repeated_rows(pd.DataFrame({"a": cells, "b": 1})))) == 1


OTHER_CELLS = {
    "close numbers": [1.0, 1.0 + 1e-15],
    "long integers": [2**62, 2**62 + 1],
    "long integers and a gap": pd.Series([2, None, 3], dtype="Int64"),
    "missing and text": ["nan", None],
    "categories": pd.Categorical(["a", "b"]),
    "mixed": [1, "a"],
}


@pytest.mark.parametrize("name", OTHER_CELLS)
def test_cells_that_differ(name):
    cells = pd.Series(OTHER_CELLS[name])
    assert len(set(group_repeated_rows(pd.DataFrame({"a": cells, "b": 1})))) == len(cells)


@given(
    st.lists(
        st.lists(st.sampled_from([0.0, 1.0, -1.0, np.nan]), min_size=3, max_size=3), min_size=1
    )
)
@settings(max_examples=60, deadline=None)
def test_groups_are_those_of_pandas_whatever_holds_the_table(rows):
    frame = pd.DataFrame(rows, dtype=float)
    expected = frame.groupby([0, 1, 2], dropna=False, sort=False).ngroup()
    for table in (frame, frame.to_numpy(), frame.to_numpy(np.float32), frame.astype(object), rows):
        np.testing.assert_array_equal(group_repeated_rows(table), expected)


def test_columns_do_not_change_places():
    assert len(set(group_repeated_rows([[1, 2], [2, 1]]))) == 2
    assert len(set(group_repeated_rows(pd.DataFrame([[1, 2], [2, 1]])))) == 2


def test_a_large_table_takes_no_time():
    X = np.random.default_rng(0).normal(size=(50_000, 20))
    start = perf_counter()
    assert group_repeated_rows(X)[-1] == 49_999
    assert perf_counter() - start < 1.5  # about .05 s where nothing else runs
