"""Levels of categories: one text for a level whatever carries it, and unknown ones are told."""

import datetime as dt
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._inputs._cells import texts_of
from sklearn_mi._inputs._words import warn_of_unknown_levels, word

DAY = dt.datetime(2020, 1, 1)
ONE_LEVEL = [
    [
        True,
        np.True_,
        1,
        1.0,
        np.float32(1),
        Decimal("1.0"),
        "1",
        "1.0",
        "True",
        "true",
        " 1 ",
        b"1",
    ],
    [False, 0, -0.0, "0", "False", "FALSE"],
    [0.1, np.float32(0.1), float(np.float32(0.1)), "0.1", Decimal("0.1"), np.float16(0.1)],
    [1e5, 100_000, "100000", "100000.0", np.int32(100_000)],
    [1e16, 10**16, "1e+16"],
    [DAY.date(), DAY, pd.Timestamp(DAY), "2020-01-01"],
    ["a", " a", b"a"],
]


@pytest.mark.parametrize("cells", ONE_LEVEL, ids=lambda cells: str(cells[0]))
def test_a_level_is_known_by_one_text_whatever_carries_it(cells):
    assert len({word(cell) for cell in cells}) == 1


def test_different_levels_have_different_words():
    cells = ["1", "01", "001", "1.10", "1.1", "a", "A", "+1", "", 2, 1.5, None]
    frame = pd.DataFrame({"a": pd.Series(cells, dtype=object)})
    words = texts_of(frame, [0])[:, 0].tolist()
    assert words == ["1", "01", "001", "1.10", "1.1", "a", "A", "+1", None, "2", "1.5", None]


CARRIED = {
    "bool": ([True, False], ["True", "False"], [1, 0], [1.0, 0.0], pd.array([True, False])),
    "floats": ([0.1, 2.5], np.array([0.1, 2.5], dtype=np.float32), ["0.1", "2.5"]),
    "whole": ([1, 20], [1.0, 20.0], ["1", "20"], ["1.0", "20.0"], np.array([1, 20], dtype=np.int8)),
}


@pytest.mark.parametrize("forms", CARRIED.values(), ids=CARRIED.keys())
def test_columns_of_different_types_have_the_same_words(forms):
    words = [texts_of(pd.DataFrame({"a": pd.Series(form)}), [0]).tolist() for form in forms]
    assert all(other == words[0] for other in words)
    assert texts_of(pd.DataFrame({"a": pd.Categorical(forms[0])}), [0]).tolist() == words[0]


def test_fit_on_booleans_and_ask_by_text():
    y = np.tile([0, 1], 30)
    frame = pd.DataFrame({"a": y == 1})
    clf = MutualInfoClassifier(estimators=None, max_iter=3, random_state=0).fit(frame, y)
    expected = clf.predict_proba(frame)
    assert len(np.unique(expected)) > 1
    for asked in (frame.astype(str), frame.astype(int), frame.astype(float)):
        assert_array_equal(clf.predict_proba(asked), expected)


def test_where_no_level_is_known_there_is_a_warning():
    frame = pd.DataFrame({"n": [1, 2], "a": ["x", "y"]})
    known = [["a", "b", None]]
    with pytest.warns(UserWarning, match=r"'a': none of its levels \('x', 'y'\) was seen in fit"):
        warn_of_unknown_levels(frame, [1], texts_of(frame, [1]), known)


def test_codes_that_lost_their_zeros_have_a_warning():
    frame = pd.DataFrame({"zip": [1234, 90210]})
    with pytest.warns(UserWarning, match=r"'zip' holds numbers, but was text with leading zeros"):
        warn_of_unknown_levels(frame, [0], texts_of(frame, [0]), [["01234", "90210"]])


@pytest.mark.parametrize("cells", [["x", "a"], [None, None], ["a", None]])
def test_where_a_level_is_known_or_none_is_there_all_is_quiet(cells):
    frame = pd.DataFrame({"a": pd.Series(cells, dtype=object)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_unknown_levels(frame, [0], texts_of(frame, [0]), [["a", "b"]])
