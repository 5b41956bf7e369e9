"""The encoder turns any table into a finite float32 matrix, the same way in fit and transform."""

import datetime
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from sklearn_mi._inputs._table_encoder import RARE, TableEncoder

pytestmark = pytest.mark.filterwarnings(
    "ignore:Column .* left out:UserWarning", "ignore:Column .* cells :UserWarning"
)

MISSING = st.sampled_from([None, float("nan"), pd.NA, pd.NaT])
NUMBERS = st.one_of(
    st.floats(allow_infinity=False),
    st.integers(-(10**9), 10**9),
    st.sampled_from([1.7e308, -1.7e308, 5e-324, 0.0, -0.0]),
)
ODD = st.sampled_from(["", " ", "nan", "None", "missing", "infrequent_sklearn", "é", "a\x00b", "1"])
TEXTS = st.text(max_size=3).filter(lambda text: text.strip().lower() != "inf")  # no finite number
CELLS = st.one_of(NUMBERS, TEXTS, ODD, st.booleans(), MISSING, st.just((1, 2)))
COLUMNS = [NUMBERS, st.one_of(NUMBERS, MISSING), ODD, st.one_of(ODD, MISSING), st.booleans(), CELLS]


@st.composite
def tables(draw):
    """A frame of up to five columns and twelve rows, with repeated names, some of it constant."""
    n = draw(st.integers(1, 12))
    constant = CELLS.map(lambda cell: [cell] * n)
    column = st.one_of(constant, *(st.lists(kind, min_size=n, max_size=n) for kind in COLUMNS))
    drawn = draw(st.lists(column, min_size=1, max_size=5))
    columns = [pd.Series(cells, dtype=object) for cells in drawn]
    names = draw(st.lists(st.sampled_from("abc"), min_size=len(columns), max_size=len(columns)))
    table = pd.concat(columns, axis=1).set_axis(names, axis=1)
    return table if draw(st.booleans()) else _inferred(table)


def _inferred(table):
    """The types that pandas would find on its own, column by column."""
    columns = [table.iloc[:, j].infer_objects() for j in range(table.shape[1])]
    return pd.concat(columns, axis=1).set_axis(table.columns, axis=1)


def _encoded(encoder, X):
    """What each network sees of rows, (M, n, d)."""
    return np.stack([encoder.transform(X, member) for member in range(len(encoder.center_))])


def _read(X):
    return _fit_transform(X)[1]


def _fit_transform(X, train_rows=None, **params):
    """The encoder, and what the first network sees."""
    encoder = TableEncoder(**params).fit(X, train_rows)
    return encoder, _encoded(encoder, X)[0]


@settings(max_examples=150, deadline=None)
@given(tables())
def test_output_is_finite_float32_of_the_width_of_fit(table):
    encoder, out = _fit_transform(table)
    assert out.dtype == np.float32
    assert np.isfinite(out).all() and np.abs(out).max() <= 3
    assert out.shape == (len(table), encoder.encoding.width)
    assert encoder.read(table).shape == (len(table), len(encoder.columns_))
    assert_array_equal(_encoded(encoder, table[:1])[0], out[:1])


@settings(max_examples=75, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_rows_may_come_in_any_order_under_any_index(table, random):
    order = random.sample(range(len(table)), len(table))
    shuffled = table.iloc[order].set_axis(["row"] * len(table), axis=0)
    encoder, out = _fit_transform(table)
    again, shuffled_out = _fit_transform(shuffled)
    assert_array_equal(shuffled_out, out[order])
    assert_array_equal(_encoded(encoder, shuffled)[0], out[order])
    assert_array_equal(again.read(shuffled), encoder.read(table)[order])


@settings(max_examples=75, deadline=None)
@given(tables())
def test_each_column_is_read_by_itself(table):
    encoder, out = _fit_transform(table)
    width = 0
    for j in range(table.shape[1]):
        alone, own = _fit_transform(table.iloc[:, [j]])
        assert len(alone.columns_) == (encoder.columns_ == j).sum()
        if len(alone.columns_):
            width += own.shape[1]
            read = encoder.read(table)[:, encoder.columns_ == j]
            assert_array_equal(read, alone.read(table.iloc[:, [j]]))
    assert out.shape[1] == max(1, width)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=20))
def test_a_number_is_encoded_monotonically(values):
    values = np.sort(values)[:, None]
    encoder, out = _fit_transform(values)
    if len(encoder.scaled_):
        assert (np.diff(out[:, 0]) >= 0).all() and out[0, 0] < out[-1, 0]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint8", "int64", "O"])
def test_frame_and_array_of_numbers_agree(dtype):
    X = np.random.default_rng(0).integers(0, 100, (30, 3)).astype(dtype)
    frame = pd.DataFrame(X, index=np.arange(30)[::-1])
    encoder, out = _fit_transform(X)
    assert_array_equal(_fit_transform(frame)[1], out)
    assert_array_equal(_encoded(encoder, frame)[0], out)
    assert encoder.kinds_.tolist() == ["number"] * 3 and out.shape == (30, 3)


def test_numbers_follow_the_formula():
    x = np.array([0.0, 1, 2, 3, 4, 1000])
    low, median, high = np.quantile(x, [0.25, 0.5, 0.75])
    z = (x - median) / (high - low)
    out = _fit_transform(x[:, None])[1][:, 0]
    assert_allclose(out, z / np.sqrt(1 + (z / 3) ** 2), rtol=1e-6)


def test_a_mostly_constant_number_is_scaled_by_its_standard_deviation():
    x = np.array([0.0] * 9 + [1.0])
    out = _fit_transform(x[:, None])[1][:, 0]
    z = 1 / np.std(x)
    assert_allclose(out[-1], z / np.sqrt(1 + (z / 3) ** 2), rtol=1e-6)
    assert (out[:9] == 0).all()


def test_scale_and_offset_of_a_number_do_not_matter():
    x = np.random.default_rng(0).standard_normal((50, 1))
    out = _read(x)
    for other in (1e-300 * x, 1e300 * x, 8 * x + 1024):
        assert_allclose(_read(other), out, atol=1e-5)


def test_values_far_outside_those_of_fit_are_bounded():
    encoder = TableEncoder().fit([[0.0], [1e-300], [2e-300]])
    assert_array_equal(_encoded(encoder, [[-1e308], [1e308]])[0], [[-3], [3]])


@pytest.mark.parametrize("gap", [None, np.nan, pd.NA])
@pytest.mark.parametrize("dtype", [object, "Float64", "Int64", "float64"])
def test_missing_numbers_are_zero_and_flagged(gap, dtype):
    values = [1, 5, 2, 3, 4, np.nan if dtype == "float64" else gap]
    X = pd.DataFrame({"age": pd.Series(values, dtype=dtype)})
    encoder, out = _fit_transform(X)
    assert len(encoder.scaled_) == len(encoder.flagged_) == 1
    assert_array_equal(out[-1], [0, 1])
    assert_array_equal(out[:-1, 1], 0)


def test_numbers_first_missing_in_transform_are_zero():
    encoder = TableEncoder().fit(pd.DataFrame({"age": [1, 2, 3]}))
    out = _encoded(encoder, pd.DataFrame({"age": [None, "3", pd.NA]}, dtype=object))
    assert_array_equal(out, _encoded(encoder, [[2], [3], [2]]))


def test_constant_columns_leave_nothing_but_their_gaps():
    X = pd.DataFrame(
        {
            "one": [1] * 5,
            "gap": [1, None, 1, 1, None],
            "empty": [np.nan] * 5,
            "none": pd.Series([None] * 5, dtype=object),
            "text": ["a"] * 5,
            "text_gap": ["a", None, "a", "a", None],
        }
    )
    encoder, out = _fit_transform(X)
    assert_array_equal(encoder.columns_, [1, 5])
    gap = np.array([0, 1, 0, 0, 1])
    assert_array_equal(out, np.transpose([gap, 1 - gap, gap]))
    assert len(encoder.scaled_) == 0


def test_columns_that_were_constant_are_not_looked_at_again():
    encoder = TableEncoder().fit(pd.DataFrame({"a": [1, 1], "b": [1, 2]}))
    assert _encoded(encoder, pd.DataFrame({"a": ["?"], "b": [1.5]})).tolist() == [[[0]]]


def test_a_table_of_constants_still_has_one_column():
    encoder, out = _fit_transform(pd.DataFrame({"a": [1, 1], "b": ["x", "x"]}))
    assert_array_equal(out, np.zeros((2, 1)))
    assert len(encoder.columns_) == 0


def test_a_boolean_array_is_numeric_and_a_boolean_column_a_category():
    X = np.array([[True], [False], [False], [True]])
    assert_array_equal(_read(X), _read(X.astype(int)))
    for dtype in ("bool", "boolean", object):
        encoder, out = _fit_transform(pd.DataFrame(X, columns=["flag"]).astype(dtype))
        assert encoder.kinds_.tolist() == ["category"]
        assert_array_equal(out, [[0, 1], [1, 0], [1, 0], [0, 1]])


@pytest.mark.parametrize("dtype", [object, "category", "string", None])
def test_missing_categories_are_a_level(dtype):
    X = pd.DataFrame({"work": pd.Series(["b", None, "a", np.nan, "a", "b"], dtype=dtype)})
    assert_array_equal(_read(X), np.eye(3)[[1, 2, 0, 2, 0, 1]])


def test_levels_that_training_has_not_seen_share_the_place_of_the_rare_ones():
    seen = pd.DataFrame({"work": [*"aabbb", "once"]})
    encoder, out = _fit_transform(seen)
    assert_array_equal(out, np.eye(3)[[0, 0, 1, 1, 1, 2]])
    unseen = pd.DataFrame({"work": ["c", None, 1, np.nan, pd.NA, True, "once"]}, dtype=object)
    assert_array_equal(_encoded(encoder, unseen)[0], np.tile(np.eye(3)[2], (7, 1)))


def test_without_rare_levels_unseen_ones_are_all_zeros():
    encoder = TableEncoder().fit(pd.DataFrame({"work": [*"abab"]}))
    assert_array_equal(_encoded(encoder, pd.DataFrame({"work": ["c", "d"]})), np.zeros((1, 2, 2)))


def test_a_column_of_one_level_in_training_says_nothing_of_others():
    encoder, _ = _fit_transform(pd.DataFrame({"a": [*"xxxxy"]}), [np.arange(4)])
    assert len(encoder.columns_) == 0


def test_whole_numbers_match_as_categories_whatever_their_type():
    encoder = TableEncoder().fit(pd.DataFrame({"code": [1, 2, "x"] * 2}, dtype=object))
    expected = np.eye(3)[[1, 0]]
    for dtype in (int, float, "float32", "Int64", "string", "category", object):
        column = pd.Series(["2", "1"] if dtype == "string" else [2, 1], dtype=dtype)
        assert_array_equal(_encoded(encoder, column.to_frame("code"))[0], expected)


def test_mixed_cells_are_categories_by_their_text():
    cells = [1, 1.0, "1", True, ("k", 1), (1, 2), 2.5, b"x", None, 1j]
    _, out = _fit_transform(pd.DataFrame({"a": pd.Series(cells * 2, dtype=object)}))
    for same in (1, 2, 3):
        assert_array_equal(out[0], out[same])
    assert len(np.unique(out, axis=0)) == len(cells) - 3 == out.shape[1]


def test_rare_levels_share_a_column():
    often = [f"user {i:03}" for i in range(200) for _ in range(RARE)]
    X = pd.DataFrame({"id": [*often, *["anna"] * 5, *["bo"] * 4, "once"]})
    encoder, out = _fit_transform(X, max_categories=20)
    unseen = _encoded(encoder, pd.DataFrame({"id": ["never", "anna", "once"]}))[0]
    assert_array_equal(unseen, np.eye(20)[[-1, 0, -1]])
    assert out.shape[1] == 20
    assert (out.sum(axis=1) == 1).all() and out[:, -1].sum() == RARE * (200 - 17) + 1
    assert_array_equal(out[-10:, :2], np.repeat(np.eye(3)[:, :2], [5, 4, 1], axis=0))
    assert _read(X).shape[1] == 100
    assert _fit_transform(X, max_categories=None)[1].shape[1] == 203


@pytest.mark.filterwarnings("error")
def test_a_nearly_unique_column_is_left_out_and_named():
    ids = [f"user {i}" for i in range(300)]
    message = r"'id' has 300 levels in 300 rows: left out"
    with pytest.warns(UserWarning, match=message):
        encoder, out = _fit_transform(pd.DataFrame({"id": ids, "z": np.arange(300)}))
    assert_array_equal(encoder.columns_, [1])
    with pytest.warns(UserWarning, match=message):
        _, out = _fit_transform(pd.DataFrame({"id": [*ids, *[None] * 9]}))
    assert_array_equal(out, np.eye(2)[[1] * 300 + [0] * 9])
    with pytest.warns(UserWarning, match="'id' has 301 levels in 302 rows"):
        assert _read(pd.DataFrame({"id": [*ids, "anna", "anna"]})).shape[1] == 1
    assert _read(pd.DataFrame({"id": [*ids, *ids[:100]]})).shape[1] == 101 - 1


@pytest.mark.filterwarnings("error")
def test_places_come_from_the_training_rows_of_each_network():
    X = pd.DataFrame({"c": [*"aabbccdd"], "n": [0.0, 1, 2, 3, 1e6, 2e6, 3e6, np.nan]})
    rows = [np.array([0, 1, 2, 3]), np.array([4, 5, 6, 7])]
    encoder, _ = _fit_transform(X, rows)
    out = _encoded(encoder, X)
    for member, own in enumerate(rows):
        expected = _read(X.iloc[own])
        assert_array_equal(out[member][own][:, 0], expected[:, 0])  # the number
        assert_array_equal(out[member][own][:, -2:], expected[:, -2:])  # the levels
        assert (out[member][np.setdiff1d(np.arange(8), own)][:, -2:] == 0).all()
    assert_array_equal(out[:, 7, 1], [0, 1])  # the first has seen nothing missing


@settings(max_examples=50, deadline=None)
@given(tables(), tables(), st.randoms(use_true_random=False))
def test_held_out_rows_have_no_say_in_how_they_are_read(table, other, random):
    """Whatever stands in rows that a network does not train on: its training rows look the same."""
    table, other = (t.set_axis(range(t.shape[1]), axis=1).astype(object) for t in (table, other))
    both = pd.concat([table, other[[*table.columns]]] if len(other.T) >= len(table.T) else [table])
    try:
        encoder = TableEncoder().fit(both, [np.arange(len(table))])
    except ValueError:  # cells that make a column one of numbers may be refused
        return
    alone = TableEncoder().fit(table)
    if (encoder.kinds_ == alone.kinds_).all():
        assert_array_equal(_encoded(encoder, table), _encoded(alone, table))
        assert_array_equal(encoder.columns_, alone.columns_)


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
    encoder, out = _fit_transform(table)
    expected = _read([[0], [1], [np.nan], [4]])
    assert len(encoder.scaled_) == 4 and out.shape[1] == 8
    for j in range(4):
        assert_allclose(out[:, [j, j + 4]], expected, rtol=1e-6)
    as_text = table.astype({"naive": "str"}).where(table.notna())
    assert_array_equal(_encoded(encoder, as_text)[0], out)


def test_numbers_as_text_are_converted_in_transform():
    encoder = TableEncoder().fit([[1.0], [2.0], [3.5]])
    for dtype in (object, "category", "string"):
        column = pd.Series(["3.5", "1", None], dtype=dtype)
        assert_array_equal(encoder.read(column.to_frame()), encoder.read([[3.5], [1], [np.nan]]))


def test_text_arrays_are_read_by_column_and_lists_keep_their_types():
    with pytest.warns(UserWarning, match="'x0': 4 of 4 cells are numbers as text"):
        encoder = TableEncoder().fit(np.array([["1", "a"], ["2", "b"]] * 2))
    assert encoder.kinds_.tolist() == ["number", "category"]
    assert TableEncoder().fit([[1, "a"], [2, "b"]] * 2).kinds_.tolist() == ["number", "category"]


def test_columns_may_share_a_name():
    X = pd.DataFrame([[1, "a", 3], [2, "b", None]] * 2, columns=["same", "same", "same"])
    encoder, _ = _fit_transform(X)
    assert_array_equal(encoder.columns_, [0, 2, 1])


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


def test_another_width_and_an_unfitted_encoder_are_refused():
    with pytest.raises(NotFittedError):
        TableEncoder().transform([[1]])
    with pytest.raises(ValueError, match="Got 3 columns; pass the 2 seen in fit"):
        TableEncoder().fit([[1, 2], [3, 4]]).transform([[1, 2, 3]])


def test_pickle_clone_and_refit():
    X = pd.DataFrame({"age": [25, 38, None], "work": ["a", None, "a"]})
    encoder, out = _fit_transform(X, max_categories=7)
    copy = pickle.loads(pickle.dumps(encoder))
    assert_array_equal(_encoded(copy, X)[0], out)
    assert clone(encoder).max_categories == 7
    assert _encoded(copy.fit(X[["age"]]), X[["age"]]).shape == (1, 3, 2)


def test_the_table_is_left_as_it_was():
    X = pd.DataFrame({"age": [25, None], "work": pd.Series(["a", None], dtype=object)})
    before = X.copy(deep=True)
    _read(X)
    pd.testing.assert_frame_equal(X, before)


@pytest.mark.parametrize("dtype", [int, float, "boolean", "Int8", object])
def test_true_and_one_are_one_level(dtype):
    """As which booleans come back from a file or a database."""
    flags = pd.DataFrame({"flag": [True, False, True, True]})
    encoder = TableEncoder().fit(flags)
    assert_array_equal(encoder.transform(flags.astype(dtype)), encoder.transform(flags))


@pytest.mark.filterwarnings("error")
def test_new_names_in_a_column_of_names_are_no_surprise():
    names = pd.DataFrame({"id": [*(f"user {i}" for i in range(50)), *[None] * 5]})
    with pytest.warns(UserWarning, match="left out"):
        encoder = TableEncoder().fit(names)
    encoder.transform(pd.DataFrame({"id": ["user 50", None]}))
    encoder = TableEncoder().fit(pd.DataFrame({"id": [*"aabb"]}))
    with pytest.warns(UserWarning, match="none of its levels"):
        encoder.transform(pd.DataFrame({"id": ["c"]}))
