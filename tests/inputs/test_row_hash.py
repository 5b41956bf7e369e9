"""A row keeps its hash, and so its fold, in whatever strip of its source it is read."""

import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_mi._inputs._arrow_rows import ArrowRows
from sklearn_mi._inputs._row_hash import hash_cells

CELLS = {
    "truth": [True, False, None],
    "whole": [1, 2**40, None],
    "number": [0.5, -0.0, None],
    "text": ["a", "", None],
    "bytes": [b"a", b"", None],
    "time": [datetime.time(1), datetime.time(2), None],
    "day": [datetime.date(2026, 1, 1), datetime.date(2026, 1, 2), None],
    "stamp": [datetime.datetime(2026, 1, 1, 3), None],
    "duration": [datetime.timedelta(seconds=3), None],
}


@given(st.sampled_from(sorted(CELLS)), st.data(), st.integers(1, 7))
def test_hashes_do_not_depend_on_the_strip(kind, data, size):
    column = pa.array(CELLS[kind])
    rows = data.draw(st.lists(st.integers(0, len(column) - 1), min_size=1, max_size=20))
    table = pa.table({"x": column.take(pa.array(rows)), "y": [0] * len(rows)})
    source = ArrowRows(pyarrow.dataset.dataset(table), "y")
    whole = np.concatenate([r.hashes for r in source.strips([0], 100)])
    strips = np.concatenate([r.hashes for r in source.strips([0], size)])
    assert np.array_equal(whole, strips)
    levels = pd.factorize(np.array(rows))[0]
    assert np.array_equal(pd.factorize(whole)[0], levels)


@pytest.mark.parametrize("cells", [["a", None, "b", None], [True, None, False, None]])
def test_columns_of_objects_are_hashed_cell_by_cell(cells):
    frame = pd.DataFrame({"x": pd.Series(cells, dtype=object)})
    alone = [hash_cells(frame[i : i + 1])[0] for i in range(len(cells))]
    assert hash_cells(frame).tolist() == alone
    assert alone[1] == alone[3] and len(set(alone)) == 3
