"""What the columns of a table are: one decision for fit, predict and the report."""

import datetime as dt
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._adversary._threats import numeric_columns
from sklearn_mi._inputs._cells import (
    as_frame,
    holds_numbers,
    kind_of,
    numbers_of,
    read_kinds,
    texts_of,
)
from sklearn_mi.report._columns import column_information

FIRST, SECOND = dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 3)
ORDERED = {  # cells that are 0 and 2 (days) apart, but for an offset
    "int": ("number", [0, 2, None]),
    "decimals": ("number", [Decimal("0.0"), Decimal("2.0"), None]),
    "decimal and float": ("number", [Decimal("0.0"), 2.0, None]),
    "fractions": ("number", [Fraction(0), Fraction(2), None]),
    "float32 and int": ("number", [np.float32(0), 2, None]),
    "number and mark": ("number", [0, 2, *[1] * 20, "?"]),
    "text": ("number", ["0", "2.0", None]),
    "bytes": ("number", [b"0", b"2", None]),
    "Int64": ("number", pd.array([0, 2, None], dtype="Int64")),
    "Float32": ("number", pd.array([0, 2, None], dtype="Float32")),
    "string": ("number", pd.array(["0", "2", None], dtype="string")),
    "sparse": ("number", pd.arrays.SparseArray([0.0, 2.0, np.nan])),
    "intervals": ("number", pd.arrays.IntervalArray.from_tuples([(0, 1), (2, 3), None])),
    "interval cells": ("number", [pd.Interval(0, 1), pd.Interval(2, 3), None]),
    "open intervals": ("number", [pd.Interval(-np.inf, 0), pd.Interval(2, np.inf), None]),
    "datetime": ("date", [FIRST, SECOND, None]),
    "date": ("date", [FIRST.date(), SECOND.date(), None]),
    "datetime64": ("date", [np.datetime64(FIRST), np.datetime64(SECOND), None]),
    "mixed dates": ("date", [FIRST.date(), pd.Timestamp(SECOND), None]),
    "zone": ("date", pd.to_datetime([FIRST, SECOND, None]).tz_localize("Europe/Berlin")),
    "iso": ("date", ["2020-01-01", "2020-01-03 00:00", None]),
    "date and iso": ("date", [FIRST.date(), "2020-01-03", None]),
    "period": ("date", pd.PeriodIndex(["2020-01-01", "2020-01-03", None], freq="D")),
    "period cells": ("date", [pd.Period("2020-01-01", "D"), pd.Period("2020-01-03", "D"), None]),
    "date intervals": ("date", pd.interval_range(pd.Timestamp(FIRST), periods=3)[[0, 2]]),
    "far dates": ("date", pd.Series(["0001-01-01", "0001-01-03", None]).astype("M8[s]")),
    "timedelta": ("duration", [dt.timedelta(0), dt.timedelta(2), None]),
    "timedelta64": ("duration", [np.timedelta64(0, "D"), np.timedelta64(2, "D"), None]),
    "text durations": ("duration", ["0 days", "2 days 00:00:00", None]),
}
TIMES = {
    "times": [dt.time(0), dt.time(12), None],
    "text times": ["0:00", "12:00", ""],
    "text times with seconds": ["00:00:00", "12:00:00", "NA"],
}
ARROW = {
    "timestamp[ns]": ("date", [FIRST, SECOND, None]),
    "timestamp[us]": ("date", [FIRST, SECOND, None]),
    "timestamp[ms]": ("date", [FIRST, SECOND, None]),
    "timestamp[s]": ("date", [FIRST, SECOND, None]),
    "timestamp[us, tz=UTC]": ("date", [pd.Timestamp(d, tz="UTC") for d in (FIRST, SECOND)]),
    "date32[day]": ("date", [FIRST.date(), SECOND.date(), None]),
    "date64[ms]": ("date", [FIRST.date(), SECOND.date(), None]),
    "duration[ns]": ("duration", [dt.timedelta(0), dt.timedelta(2), None]),
    "duration[s]": ("duration", [dt.timedelta(0), dt.timedelta(2), None]),
    "int8": ("number", [0, 2, None]),
    "double": ("number", [0, 2, None]),
    "string": ("number", ["0", "2", None]),
}
LEVELS = {
    "bool": [True, False, True],
    "boolean": pd.array([True, False, None], dtype="boolean"),
    "category": pd.Categorical(["1", "2", None]),
    "ordered category": pd.Categorical([1.5, 2.5, None], ordered=True),
    "cut": pd.cut(pd.Series([1, 2, 3]), 2),
    "words": ["a", "b", None],
    "tuples": [(1, 2), (3, 4), None],
    "nothing": [None, None, None],
    "booleans and numbers": [True, 2, None],
    "dates and numbers": [FIRST, 2, None],
}


def series(cells):
    plain = isinstance(cells, list)
    return pd.Series(cells, dtype=object) if plain else pd.Series(cells)


def parsed(column):
    kind = kind_of(column, "a")
    values = numbers_of(column, kind, "a")
    return kind, values - np.nanmin(values)


# --- kinds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "cells"), ORDERED.values(), ids=ORDERED.keys())
def test_what_can_be_ordered_is_ordered(kind, cells):
    column = series(cells)
    found, values = parsed(column)
    assert found == kind
    assert_allclose(values[:2], [0, 2])
    assert np.isnan(values[-1]) == (column.isna().iloc[-1] or column.iloc[-1] == "?")


@pytest.mark.parametrize("cells", TIMES.values(), ids=TIMES.keys())
def test_times_of_the_day_are_ordered(cells):
    kind, values = parsed(series(cells))
    assert kind == "duration"
    assert_array_equal(values, [0, 0.5, np.nan])


@pytest.mark.parametrize("name", ARROW)
def test_arrow_types_of_every_unit_are_ordered(name):
    pytest.importorskip("pyarrow")
    kind, cells = ARROW[name]
    found, values = parsed(pd.Series(cells, dtype=f"{name}[pyarrow]"))
    assert found == kind
    assert_allclose(values, [0, 2, np.nan][: len(cells)])


def test_other_arrow_types():
    pa = pytest.importorskip("pyarrow")
    times = pd.Series([dt.time(0), dt.time(12)], dtype=pd.ArrowDtype(pa.time32("s")))
    assert parsed(times)[1].tolist() == [0, 0.5]
    decimals = pd.Series([Decimal("0.5"), None], dtype=pd.ArrowDtype(pa.decimal128(5, 2)))
    assert kind_of(decimals, "a") == "number" and holds_numbers(decimals)
    dictionary = pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))
    for column in (
        pd.Series(["a", None], dtype=dictionary),
        pd.Series(["a", None], dtype=pd.ArrowDtype(pa.large_string())),
    ):
        assert kind_of(column, "a") == "category"
        assert texts_of(column.to_frame(), [0])[:, 0].tolist() == ["a", None]
    flags = pd.Series([True, None], dtype="bool[pyarrow]")
    assert kind_of(flags, "a") == "category"
    assert texts_of(flags.to_frame(), [0])[:, 0].tolist() == ["1", None]


@pytest.mark.parametrize("cells", LEVELS.values(), ids=LEVELS.keys())
def test_other_cells_are_levels(cells):
    assert kind_of(series(cells), "a") == "category"


@pytest.mark.parametrize("cell", [[1], {"k": 1}, {1}, np.ones(2)], ids=lambda c: type(c).__name__)
def test_cells_that_hold_several_values_are_refused(cell):
    with pytest.raises(ValueError, match=r"'a' holds an? \w+ in row 1, where one value to a cell"):
        read_kinds(pd.DataFrame({"a": pd.Series([1, cell], dtype=object)}))


def test_numbers_by_type_are_those_that_can_be_shifted():
    frame = pd.DataFrame({"n": [1.0, 2], "t": ["1", "2"], "b": [True, False]})
    frame["i"] = pd.arrays.IntervalArray.from_breaks([0, 1, 2])
    assert numeric_columns(frame).tolist() == [True, False, False, False]


def test_boolean_arrays_are_numbers_and_lists_keep_booleans():
    assert as_frame(np.array([[True], [False]])).dtypes.tolist() == [np.uint8]
    assert read_kinds(as_frame([[True, 1.5], [False, 2.5]])).tolist() == ["category", "number"]


# --- what is told ---------------------------------------------------------------------------------


def warnings_of(frame):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read_kinds(frame)
    return [str(warning.message) for warning in caught]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["1.5", "?"] * 1 + ["2"] * 9, ["'a': 10 of 11 cells", "('?')", "astype('category')"]),
        (["1,5", "2,5"], ["0 of 2 cells", "X['a'].str.replace(',', '.')"]),
        (["05/01/2020", "x"], ["1 of 2 cells", "pandas.to_datetime(X['a'], format=...)"]),
        (["12:30", "12:30:00"], ["2 of 2 cells", "pandas.to_timedelta(X['a'])"]),
        ([1, 2, "x"], ["2 of 3 cells are plain numbers", "left as levels"]),
    ],
)
def test_a_decision_on_text_is_told_with_its_remedy(cells, said):
    (text,) = warnings_of(
        pd.DataFrame({"b": [1] * len(cells), "a": pd.Series(cells, dtype=object)})
    )
    assert all(part in text for part in said)


def test_nothing_is_told_where_nothing_was_decided():
    frame = pd.DataFrame({"n": [1.5, 2], "w": ["a", "b"], "c": pd.Categorical(["1", "2"])})
    assert warnings_of(frame.assign(d=pd.Timestamp("2020"), b=[True, False])) == []


def test_the_remedies_silence_the_warning():
    frame = pd.DataFrame({"a": ["1", "2", "?", *"34567890"]})
    assert len(warnings_of(frame)) == 1
    assert warnings_of(frame.astype({"a": "category"})) == []
    assert warnings_of(frame.assign(a=pd.to_numeric(frame["a"], errors="coerce"))) == []


def test_fit_predict_and_column_scores_read_alike():
    rng = np.random.RandomState(0)
    y = np.tile([0, 1], 45)
    values = rng.normal(size=90) + 2 * y
    numbers = pd.DataFrame({"a": values.round(3)})
    numbers.iloc[[5, 50]] = np.nan
    text = numbers.astype(object).where(numbers.notna(), "?").astype(str)
    clf = MutualInfoClassifier(estimators=None, max_iter=3, random_state=0)
    expected = clf.fit(numbers, y).mutual_info_score_
    proba = clf.predict_proba(numbers)
    assert_array_equal(clf.predict_proba(text), proba)
    with pytest.warns(UserWarning, match="'a': 88 of 90 cells are numbers as text"):
        assert clf.fit(text, y).mutual_info_score_ == expected
    assert_array_equal(clf.predict_proba(numbers), proba)
    pd.testing.assert_frame_equal(column_information(text, y), column_information(numbers, y))


# --- predict --------------------------------------------------------------------------------------


def test_dates_as_text_are_read_in_iso_form_only():
    when = pd.date_range("2020-01-01", periods=12, freq="MS")
    assert_array_equal(
        numbers_of(pd.Series(when.strftime("%Y-%m-%d")), "date", "a"),
        numbers_of(pd.Series(when), "date", "a"),
    )
    for form in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d %b %Y"):
        with pytest.raises(
            ValueError, match=r"'a' has .* in row 0, where a finite date .* ISO 8601"
        ):
            numbers_of(pd.Series(when.strftime(form)), "date", "a")


@pytest.mark.parametrize("bad", ["1,5", "1,234", "01", "12a", "<5", "1_000"])
def test_numbers_as_text_are_read_by_the_rules_of_fit(bad):
    column = pd.Series(["1.5", "?", "NA", None, bad])
    assert_array_equal(numbers_of(column[:4], "number", "a"), [1.5, np.nan, np.nan, np.nan])
    with pytest.raises(ValueError, match=r"'a' has .* in row 4, where a finite number"):
        numbers_of(column, "number", "a")
