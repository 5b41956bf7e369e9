"""Numbers with marks for thousands, and columns that are not what a user says they are."""

import numpy as np
import pandas as pd
import pytest

from sklearn_mi.report._file_columns import column_of_text
from sklearn_mi.report._files import UserError, force


def test_points_for_thousands_where_a_cell_has_both_marks():
    column = column_of_text(["2.152,74", "180,90", "1.076", "-12.345.678,5", "", " 3 "], ",")
    np.testing.assert_equal(column.tolist(), [2152.74, 180.9, 1076, -12345678.5, np.nan, 3])


@pytest.mark.parametrize("cells", [["1.076", "2.500"], ["1.5", "2,5"], ["1.0761,5", "2,5"]])
def test_without_such_a_cell_a_point_is_no_mark_for_thousands(cells):
    assert column_of_text(cells, ",").dtype.kind != "f"


@pytest.mark.parametrize(
    ("marks", "cells", "numbers"),
    [
        ((".", ","), ["22,857", "-1,234,567.5", " 8 "], [22857, -1234567.5, 8]),
        ((",", "."), ["5.125", "-1,5"], [5125, -1.5]),
        ((".", " "), ["1 234", "5"], [1234, 5]),
        ((".", " "), ["1\u00a0234", "2\u202f000"], [1234, 2000]),
        ((".", "'"), ["1'234.5", "5"], [1234.5, 5]),
    ],
)
def test_marks_for_thousands_are_taken_out_as_said(marks, cells, numbers):
    assert column_of_text(cells, *marks).tolist() == numbers


@pytest.mark.parametrize("cell", ["1,5", "12,34", "1234,567", ",123", "1,2345"])
def test_a_mark_for_thousands_parts_groups_of_three(cell):
    assert cell in column_of_text([cell, "1,234"], ".", ",").tolist()


@pytest.mark.parametrize(
    ("options", "cell"),
    [({"dates": ["day=%d/%m/%Y"]}, "23.07.2024"), ({"numbers": "price"}, "2.152,74")],
)
def test_a_column_of_which_no_cell_is_what_it_is_said_to_be_is_refused(options, cell):
    frame = pd.DataFrame({"day": ["23.07.2024"] * 3, "price": ["2.152,74", None, "1,5"]})
    with pytest.raises(UserError, match="no cell is what it is said to be") as refused:
        force(frame, print, **options)
    assert repr(cell) in str(refused.value)


def test_the_share_of_cells_that_are_lost_is_told():
    notes = []
    force(pd.DataFrame({"a": ["1", "2", "x", "y", None]}), notes.append, numbers="a")
    assert notes == ["column 'a': 2 cells are taken as missing ('x', 'y'), 50% of them"]
