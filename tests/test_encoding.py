"""The encoder turns any table into a finite float32 matrix, the same way in fit and transform."""

import datetime
import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from sklearn_mi._encoding import TableEncoder

pytestmark = pytest.mark.filterwarnings("ignore:Column .* cells :UserWarning")

MISSING = st.sampled_from([None, float("nan"), pd.NA, pd.NaT])
NUMBERS = st.one_of(
    st.floats(allow_infinity=False),
    st.integers(-(10**9), 10**9),
    st.sampled_from([1.7e308, -1.7e308, 5e-324, 0.0, -0.0]),
)
ODD = st.sampled_from(["", " ", "nan", "None", "missing", "infrequent_sklearn", "é", "a\x00b", "1"])
CELLS = st.one_of(NUMBERS, st.text(max_size=3), ODD, st.booleans(), MISSING, st.just((1, 2)))
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


def _fit_transform(X, **params):
    encoder = TableEncoder(**params).fit(X)
    return encoder, encoder.transform(X)


@settings(max_examples=150, deadline=None)
@given(tables())
def test_output_is_finite_float32_of_the_width_of_fit(table):
    encoder, out = _fit_transform(table)
    assert out.dtype == np.float32 and out.flags.c_contiguous
    assert np.isfinite(out).all() and np.abs(out).max() <= 3
    assert out.shape == (len(table), encoder.n_features_out_)
    assert len(encoder.get_feature_names_out()) == len(encoder.feature_index_) == out.shape[1]
    assert encoder.transform(table[:1]).shape == (1, out.shape[1])


@settings(max_examples=75, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_rows_may_come_in_any_order_under_any_index(table, random):
    order = random.sample(range(len(table)), len(table))
    shuffled = table.iloc[order].set_axis(["row"] * len(table), axis=0)
    encoder, out = _fit_transform(table)
    again, shuffled_out = _fit_transform(shuffled)
    assert_array_equal(shuffled_out, out[order])
    assert_array_equal(encoder.transform(shuffled), out[order])
    assert_array_equal(again.get_feature_names_out(), encoder.get_feature_names_out())


@settings(max_examples=75, deadline=None)
@given(tables())
def test_feature_index_names_the_only_column_that_an_output_depends_on(table):
    encoder, out = _fit_transform(table)
    for j in range(table.shape[1]):
        alone = TableEncoder().fit(table.iloc[:, [j]])
        ours = encoder.feature_index_ == j
        if alone.get_feature_names_out().tolist() != ["constant"]:
            assert_array_equal(out[:, ours], alone.transform(table.iloc[:, [j]]))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=20))
def test_a_number_is_encoded_monotonically(values):
    values = np.sort(values)[:, None]
    encoder, out = _fit_transform(values)
    if encoder.n_numeric_:
        assert (np.diff(out[:, 0]) >= 0).all() and out[0, 0] < out[-1, 0]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint8", "int64", "O"])
def test_frame_and_array_of_numbers_agree(dtype):
    X = np.random.default_rng(0).integers(0, 100, (30, 3)).astype(dtype)
    frame = pd.DataFrame(X, index=np.arange(30)[::-1])
    encoder, out = _fit_transform(X)
    assert_array_equal(_fit_transform(frame)[1], out)
    assert_array_equal(encoder.transform(frame), out)
    assert encoder.get_feature_names_out().tolist() == ["x0", "x1", "x2"]
    assert encoder.n_numeric_ == 3


def test_numbers_follow_the_formula():
    x = np.array([0.0, 1, 2, 3, 4, 1000])
    low, median, high = np.quantile(x, [0.25, 0.5, 0.75])
    z = (x - median) / (high - low)
    out = TableEncoder().fit_transform(x[:, None])[:, 0]
    assert_allclose(out, z / np.sqrt(1 + (z / 3) ** 2), rtol=1e-6)


def test_a_mostly_constant_number_is_scaled_by_its_standard_deviation():
    x = np.array([0.0] * 9 + [1.0])
    out = TableEncoder().fit_transform(x[:, None])[:, 0]
    z = 1 / np.std(x)
    assert_allclose(out[-1], z / np.sqrt(1 + (z / 3) ** 2), rtol=1e-6)
    assert (out[:9] == 0).all()


def test_scale_and_offset_of_a_number_do_not_matter():
    x = np.random.default_rng(0).standard_normal((50, 1))
    out = TableEncoder().fit_transform(x)
    for other in (1e-300 * x, 1e300 * x, 8 * x + 1024):
        assert_allclose(TableEncoder().fit_transform(other), out, atol=1e-5)


def test_values_far_outside_those_of_fit_are_bounded():
    encoder = TableEncoder().fit([[0.0], [1e-300], [2e-300]])
    assert_array_equal(encoder.transform([[-1e308], [1e308]]), [[-3], [3]])


@pytest.mark.parametrize("gap", [None, np.nan, pd.NA])
@pytest.mark.parametrize("dtype", [object, "Float64", "Int64", "float64"])
def test_missing_numbers_are_zero_and_flagged(gap, dtype):
    values = [1, 5, 2, 3, 4, np.nan if dtype == "float64" else gap]
    X = pd.DataFrame({"age": pd.Series(values, dtype=dtype)})
    encoder, out = _fit_transform(X)
    assert encoder.get_feature_names_out().tolist() == ["age", "age_missing"]
    assert_array_equal(out[-1], [0, 1])
    assert_array_equal(out[:-1, 1], 0)


def test_numbers_first_missing_in_transform_are_zero():
    encoder = TableEncoder().fit(pd.DataFrame({"age": [1, 2, 3]}))
    out = encoder.transform(pd.DataFrame({"age": [None, "3", pd.NA]}, dtype=object))
    assert_array_equal(out, encoder.transform([[2], [3], [2]]))


def test_constant_columns_leave_nothing_but_their_gaps():
    X = pd.DataFrame(
        {
            "one": [1, 1, 1],
            "gap": [1, None, 1],
            "empty": [np.nan, np.nan, np.nan],
            "none": pd.Series([None, None, None], dtype=object),
            "text": ["a", "a", "a"],
            "text_gap": ["a", None, "a"],
        }
    )
    encoder, out = _fit_transform(X)
    names = ["gap_missing", "text_gap_a", "text_gap_missing"]
    assert encoder.get_feature_names_out().tolist() == names
    assert_array_equal(encoder.feature_index_, [1, 5, 5])
    assert_array_equal(out, [[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    assert encoder.n_numeric_ == 0


def test_columns_that_were_constant_are_not_looked_at_again():
    encoder = TableEncoder().fit(pd.DataFrame({"a": [1, 1], "b": [1, 2]}))
    assert encoder.transform(pd.DataFrame({"a": ["?"], "b": [1.5]})).tolist() == [[0]]


def test_a_table_of_constants_still_has_one_column():
    encoder, out = _fit_transform(pd.DataFrame({"a": [1, 1], "b": ["x", "x"]}))
    assert_array_equal(out, np.zeros((2, 1)))
    assert encoder.get_feature_names_out().tolist() == ["constant"]
    assert (encoder.n_features_out_, encoder.n_numeric_) == (1, 0)
    assert_array_equal(encoder.feature_index_, [0])


def test_a_boolean_array_is_numeric_and_a_boolean_column_a_category():
    X = np.array([[True], [False], [False]])
    assert_array_equal(TableEncoder().fit_transform(X), TableEncoder().fit_transform(X.astype(int)))
    for dtype in ("bool", "boolean", object):
        encoder, out = _fit_transform(pd.DataFrame(X, columns=["flag"]).astype(dtype))
        assert encoder.get_feature_names_out().tolist() == ["flag_0", "flag_1"]
        assert_array_equal(out, [[0, 1], [1, 0], [1, 0]])


@pytest.mark.parametrize("dtype", [object, "category", "string", None])
def test_missing_categories_are_a_level(dtype):
    X = pd.DataFrame({"work": pd.Series(["b", None, "a", np.nan], dtype=dtype)})
    encoder, out = _fit_transform(X)
    assert encoder.get_feature_names_out().tolist() == ["work_a", "work_b", "work_missing"]
    assert_array_equal(out, np.eye(3)[[1, 2, 0, 2]])


@pytest.mark.filterwarnings("error")
def test_unseen_categories_are_all_zeros():
    encoder = TableEncoder().fit(pd.DataFrame({"work": ["a", "b", "a"]}))
    unseen = pd.DataFrame({"work": ["c", None, 1, np.nan, pd.NA, True, {}]}, dtype=object)
    assert_array_equal(encoder.transform(unseen), np.zeros((7, 2)))


def test_whole_numbers_match_as_categories_whatever_their_type():
    encoder = TableEncoder().fit(pd.DataFrame({"code": [1, 2, "x"]}, dtype=object))
    expected = np.eye(3)[[1, 0]]
    for dtype in (int, float, "float32", "Int64", "string", "category", object):
        column = pd.Series(["2", "1"] if dtype == "string" else [2, 1], dtype=dtype)
        assert_array_equal(encoder.transform(column.to_frame("code")), expected)


def test_mixed_cells_are_categories_by_their_text():
    cells = [1, 1.0, "1", True, ("k", 1), (1, 2), 2.5, b"x", None, 1j]
    encoder, out = _fit_transform(pd.DataFrame({"a": pd.Series(cells, dtype=object)}))
    assert_array_equal(out[0], out[1])
    assert_array_equal(out[0], out[2])
    assert_array_equal(out[0], out[3])
    assert len(np.unique(out, axis=0)) == len(cells) - 3 == encoder.n_features_out_


def test_rare_levels_share_a_column():
    X = pd.DataFrame({"id": [f"user {i}" for i in range(300)] + ["anna", "anna"]})
    encoder, out = _fit_transform(X, max_categories=20)
    assert out.shape[1] == 20 == encoder.n_features_out_
    assert encoder.get_feature_names_out()[-1] == "id_infrequent_sklearn"
    assert (out.sum(axis=1) == 1).all() and out[:, -1].sum() == 300 - 18
    assert _fit_transform(X)[1].shape[1] == 100
    assert _fit_transform(X, max_categories=None)[1].shape[1] == 301


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
    expected = TableEncoder().fit_transform([[0], [1], [np.nan], [4]])
    assert encoder.n_numeric_ == 4 and out.shape[1] == 8
    for j in range(4):
        assert_allclose(out[:, [j, j + 4]], expected, rtol=1e-6)
    as_text = table.astype({"naive": "str"}).where(table.notna())
    assert_array_equal(encoder.transform(as_text), out)


def test_numbers_as_text_are_converted_in_transform():
    encoder = TableEncoder().fit([[1.0], [2.0], [3.5]])
    for dtype in (object, "category", "string"):
        column = pd.Series(["3.5", "1", None], dtype=dtype)
        assert_array_equal(
            encoder.transform(column.to_frame()), encoder.transform([[3.5], [1], [2]])
        )


def test_text_arrays_are_read_by_column_and_lists_keep_their_types():
    with pytest.warns(UserWarning, match="'x0': 2 of 2 cells are numbers as text"):
        encoder = TableEncoder().fit(np.array([["1", "a"], ["2", "b"]]))
    assert encoder.get_feature_names_out().tolist() == ["x0", "x1_a", "x1_b"]
    names = TableEncoder().fit([[1, "a"], [2, "b"]]).get_feature_names_out()
    assert names.tolist() == ["x0", "x1_a", "x1_b"]


def test_columns_may_share_a_name():
    X = pd.DataFrame([[1, "a", 3], [2, "b", None]], columns=["same", "same", "same"])
    encoder, _ = _fit_transform(X)
    names = ["same", "same_missing", "same_a", "same_b"]
    assert encoder.get_feature_names_out().tolist() == names
    assert_array_equal(encoder.feature_index_, [0, 2, 1, 1])


def test_names_can_be_given():
    encoder = TableEncoder().fit(np.array([[1, "a"], [None, "b"], [2, "b"]], dtype=object))
    names = encoder.get_feature_names_out(["age", "work"])
    assert names.tolist() == ["age", "age_missing", "work_a", "work_b"]
    with pytest.raises(ValueError, match="Got 1 columns; pass the 2"):
        encoder.get_feature_names_out(["age"])


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
    assert encoder.transform(X[:1]).tolist() == [[0]]
    assert encoder.transform(pd.DataFrame({"a": [np.nan]})).tolist() == [[0]]


def test_complex_numbers_are_refused():
    for X in (np.array([[1j], [2]]), pd.DataFrame({"x0": [1j, 2j]}, dtype=object)):
        with pytest.raises(ValueError, match="Complex data not supported: column 'x0'"):
            TableEncoder().fit(X)


def test_another_width_and_an_unfitted_encoder_are_refused():
    with pytest.raises(NotFittedError):
        TableEncoder().transform([[1]])
    with pytest.raises(NotFittedError):
        TableEncoder().get_feature_names_out()
    with pytest.raises(ValueError, match="Got 3 columns; pass the 2 seen in fit"):
        TableEncoder().fit([[1, 2], [3, 4]]).transform([[1, 2, 3]])


def test_pickle_clone_and_refit():
    X = pd.DataFrame({"age": [25, 38, None], "work": ["a", None, "b"]})
    encoder, out = _fit_transform(X, max_categories=7)
    copy = pickle.loads(pickle.dumps(encoder))
    assert_array_equal(copy.transform(X), out)
    assert_array_equal(copy.get_feature_names_out(), encoder.get_feature_names_out())
    assert clone(encoder).max_categories == 7
    assert copy.fit(X[["age"]]).n_features_out_ == 2


def test_the_output_is_an_array_whatever_the_global_configuration():
    X = pd.DataFrame({"age": [25, 38], "work": ["a", "b"]})
    with sklearn.config_context(transform_output="pandas"):
        assert isinstance(TableEncoder().fit_transform(X), np.ndarray)


def test_the_table_is_left_as_it_was():
    X = pd.DataFrame({"age": [25, None], "work": pd.Series(["a", None], dtype=object)})
    before = X.copy(deep=True)
    TableEncoder().fit_transform(X)
    pd.testing.assert_frame_equal(X, before)


@pytest.mark.parametrize("dtype", [int, float, "boolean", "Int8", object])
def test_true_and_one_are_one_level(dtype):
    """As which booleans come back from a file or a database."""
    flags = pd.DataFrame({"flag": [True, False, True, True]})
    encoder = TableEncoder().fit(flags)
    assert_array_equal(encoder.transform(flags.astype(dtype)), encoder.transform(flags))
