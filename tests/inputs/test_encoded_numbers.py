"""Numbers, dates and durations as a network sees them: scaled, bounded, missing ones flagged."""

import datetime

import numpy as np
import pandas as pd
import pytest
from encoded_tables import encoded, fit_transform, quiet, read
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_mi._inputs._table_encoder import TableEncoder

pytestmark = quiet


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=20))
def test_a_number_is_encoded_monotonically(values):
    values = np.sort(values)[:, None]
    encoder, out = fit_transform(values)
    if len(encoder.scaled_):
        assert (np.diff(out[:, 0]) >= 0).all() and out[0, 0] < out[-1, 0]


def test_numbers_follow_the_formula():
    x = np.array([0.0, 1, 2, 3, 4, 1000])
    low, median, high = np.quantile(x, [0.25, 0.5, 0.75])
    z = (x - median) / (high - low)
    out = fit_transform(x[:, None])[1][:, 0]
    assert_allclose(out, z / np.sqrt(1 + (z / 3) ** 2), rtol=1e-6)


def test_a_mostly_constant_number_is_scaled_by_its_standard_deviation():
    x = np.array([0.0] * 9 + [1.0])
    out = fit_transform(x[:, None])[1][:, 0]
    z = 1 / np.std(x)
    assert_allclose(out[-1], z / np.sqrt(1 + (z / 3) ** 2), rtol=1e-6)
    assert (out[:9] == 0).all()


def test_scale_and_offset_of_a_number_do_not_matter():
    x = np.random.default_rng(0).standard_normal((50, 1))
    out = read(x)
    for other in (1e-300 * x, 1e300 * x, 8 * x + 1024):
        assert_allclose(read(other), out, atol=1e-5)


def test_values_far_outside_those_of_fit_are_bounded():
    encoder = TableEncoder().fit([[0.0], [1e-300], [2e-300]])
    assert_array_equal(encoded(encoder, [[-1e308], [1e308]])[0], [[-3], [3]])


@pytest.mark.parametrize("gap", [None, np.nan, pd.NA])
@pytest.mark.parametrize("dtype", [object, "Float64", "Int64", "float64"])
def test_missing_numbers_are_zero_and_flagged(gap, dtype):
    values = [1, 5, 2, 3, 4, np.nan if dtype == "float64" else gap]
    X = pd.DataFrame({"age": pd.Series(values, dtype=dtype)})
    encoder, out = fit_transform(X)
    assert len(encoder.scaled_) == len(encoder.flagged_) == 1
    assert_array_equal(out[-1], [0, 1])
    assert_array_equal(out[:-1, 1], 0)


def test_numbers_first_missing_in_transform_are_zero():
    encoder = TableEncoder().fit(pd.DataFrame({"age": [1, 2, 3]}))
    out = encoded(encoder, pd.DataFrame({"age": [None, "3", pd.NA]}, dtype=object))
    assert_array_equal(out, encoded(encoder, [[2], [3], [2]]))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_dates_and_durations_are_days(unit):
    days = pd.Series(["2020-01-01", "2020-01-02", None, "2020-01-05"]).astype(f"M8[{unit}]")
    table = pd.DataFrame(
        {
            "naive": days,
            "zoned": days.dt.tz_localize("Europe/Berlin"),
            "cells": pd.Series([datetime.date(2020, 1, d) for d in (1, 2, 5)], index=[0, 1, 3]),
            "span": days - days[0],
        }
    )
    encoder, out = fit_transform(table)
    expected = read([[0], [1], [np.nan], [4]])
    assert len(encoder.scaled_) == 4 and out.shape[1] == 8
    for j in range(4):
        assert_allclose(out[:, [j, j + 4]], expected, rtol=1e-6)
    as_text = table.astype({"naive": "str"}).where(table.notna())
    assert_array_equal(encoded(encoder, as_text)[0], out)


def test_numbers_as_text_are_converted_in_transform():
    encoder = TableEncoder().fit([[1.0], [2.0], [3.5]])
    for dtype in (object, "category", "string"):
        column = pd.Series(["3.5", "1", None], dtype=dtype)
        assert_array_equal(encoder.read(column.to_frame()), encoder.read([[3.5], [1], [np.nan]]))


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_values_are_refused_by_column_and_row(value):
    X = pd.DataFrame({"age": [1.0, 2.0, 3.0], "pay": [1.0, value, 2.0]})
    with pytest.raises(ValueError, match=r"'pay' has .*inf.* in row 1, .* make it NaN"):
        TableEncoder().fit(X)
    with pytest.raises(ValueError, match=r"'x1' has .*inf.* in row 1"):
        TableEncoder().fit(X.to_numpy())
    with pytest.raises(ValueError, match=r"'pay' has .*inf.* in row 1"):
        TableEncoder().fit(X.replace(value, 4.0)).transform(X)


FITTED = {
    "number": [1, 2, 3],
    "date": pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01"]),
    "duration": pd.to_timedelta([1, 2, 3], unit="D"),
}


@pytest.mark.filterwarnings("ignore:Could not infer format:UserWarning")
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", "many"),
        ("number", {}),
        ("number", pd.Timestamp("2020-01-01")),
        ("number", 10**400),
        ("number", "inf"),
        ("date", 5),
        ("date", True),
        ("date", "soon"),
        ("duration", 5),
        ("duration", True),
        ("duration", "long"),
    ],
)
def test_cells_of_another_kind_are_refused_by_column_and_row(kind, value):
    encoder = TableEncoder().fit(pd.DataFrame({"a": FITTED[kind]}))
    X = pd.DataFrame({"a": pd.Series([None, value], dtype=object)})
    with pytest.raises(
        ValueError, match=rf"'a' has .* in row 1, where a finite {kind} was expected"
    ):
        encoder.transform(X)
    assert np.isnan(encoder.read(X[:1])).all()
    assert np.isnan(encoder.read(pd.DataFrame({"a": [np.nan]}))).all()


def test_complex_numbers_are_refused():
    for X in (np.array([[1j], [2]]), pd.DataFrame({"x0": [1j, 2j]}, dtype=object)):
        with pytest.raises(ValueError, match="Complex data not supported: column 'x0'"):
            TableEncoder().fit(X)
