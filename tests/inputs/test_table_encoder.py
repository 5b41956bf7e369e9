"""The encoder turns any table into a finite float32 matrix, the same way in fit and transform."""

import pickle

import numpy as np
import pandas as pd
import pytest
from encoded_tables import encoded, fit_transform, quiet, read
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from sklearn_mi._inputs._table_encoder import TableEncoder

pytestmark = quiet

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


@settings(max_examples=150, deadline=None)
@given(tables())
def test_output_is_finite_float32_of_the_width_of_fit(table):
    encoder, out = fit_transform(table)
    assert out.dtype == np.float32
    assert np.isfinite(out).all() and np.abs(out).max() <= 3
    assert out.shape == (len(table), encoder.encoding.width)
    assert encoder.read(table).shape == (len(table), len(encoder.columns_))
    assert_array_equal(encoded(encoder, table[:1])[0], out[:1])


@settings(max_examples=75, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_rows_may_come_in_any_order_under_any_index(table, random):
    order = random.sample(range(len(table)), len(table))
    shuffled = table.iloc[order].set_axis(["row"] * len(table), axis=0)
    encoder, out = fit_transform(table)
    again, shuffled_out = fit_transform(shuffled)
    assert_array_equal(shuffled_out, out[order])
    assert_array_equal(encoded(encoder, shuffled)[0], out[order])
    assert_array_equal(again.read(shuffled), encoder.read(table)[order])


@settings(max_examples=75, deadline=None)
@given(tables())
def test_each_column_is_read_by_itself(table):
    encoder, out = fit_transform(table)
    width = 0
    for j in range(table.shape[1]):
        alone, own = fit_transform(table.iloc[:, [j]])
        assert len(alone.columns_) == (encoder.columns_ == j).sum()
        if len(alone.columns_):
            width += own.shape[1]
            cells = encoder.read(table)[:, encoder.columns_ == j]
            assert_array_equal(cells, alone.read(table.iloc[:, [j]]))
    assert out.shape[1] == max(1, width)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint8", "int64", "O"])
def test_frame_and_array_of_numbers_agree(dtype):
    X = np.random.default_rng(0).integers(0, 100, (30, 3)).astype(dtype)
    frame = pd.DataFrame(X, index=np.arange(30)[::-1])
    encoder, out = fit_transform(X)
    assert_array_equal(fit_transform(frame)[1], out)
    assert_array_equal(encoded(encoder, frame)[0], out)
    assert encoder.kinds_.tolist() == ["number"] * 3 and out.shape == (30, 3)


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
    encoder, out = fit_transform(X)
    assert_array_equal(encoder.columns_, [1, 5])
    gap = np.array([0, 1, 0, 0, 1])
    assert_array_equal(out, np.transpose([gap, 1 - gap, gap]))
    assert len(encoder.scaled_) == 0


def test_columns_that_were_constant_are_not_looked_at_again():
    encoder = TableEncoder().fit(pd.DataFrame({"a": [1, 1], "b": [1, 2]}))
    assert encoded(encoder, pd.DataFrame({"a": ["?"], "b": [1.5]})).tolist() == [[[0]]]


def test_a_table_of_constants_still_has_one_column():
    encoder, out = fit_transform(pd.DataFrame({"a": [1, 1], "b": ["x", "x"]}))
    assert_array_equal(out, np.zeros((2, 1)))
    assert len(encoder.columns_) == 0


@pytest.mark.filterwarnings("error")
def test_places_come_from_the_training_rows_of_each_network():
    X = pd.DataFrame({"c": [*"aabbccdd"], "n": [0.0, 1, 2, 3, 1e6, 2e6, 3e6, np.nan]})
    rows = [np.array([0, 1, 2, 3]), np.array([4, 5, 6, 7])]
    encoder, _ = fit_transform(X, rows)
    out = encoded(encoder, X)
    for member, own in enumerate(rows):
        expected = read(X.iloc[own])
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
        assert_array_equal(encoded(encoder, table), encoded(alone, table))
        assert_array_equal(encoder.columns_, alone.columns_)


def test_text_arrays_are_read_by_column_and_lists_keep_their_types():
    with pytest.warns(UserWarning, match="'x0': 4 of 4 cells are numbers as text"):
        encoder = TableEncoder().fit(np.array([["1", "a"], ["2", "b"]] * 2))
    assert encoder.kinds_.tolist() == ["number", "category"]
    assert TableEncoder().fit([[1, "a"], [2, "b"]] * 2).kinds_.tolist() == ["number", "category"]


def test_columns_may_share_a_name():
    X = pd.DataFrame([[1, "a", 3], [2, "b", None]] * 2, columns=["same", "same", "same"])
    encoder, _ = fit_transform(X)
    assert_array_equal(encoder.columns_, [0, 2, 1])


def test_another_width_and_an_unfitted_encoder_are_refused():
    with pytest.raises(NotFittedError):
        TableEncoder().transform([[1]])
    with pytest.raises(ValueError, match="Got 3 columns; pass the 2 seen in fit"):
        TableEncoder().fit([[1, 2], [3, 4]]).transform([[1, 2, 3]])


def test_pickle_clone_and_refit():
    X = pd.DataFrame({"age": [25, 38, None], "work": ["a", None, "a"]})
    encoder, out = fit_transform(X, max_categories=7)
    copy = pickle.loads(pickle.dumps(encoder))
    assert_array_equal(encoded(copy, X)[0], out)
    assert clone(encoder).max_categories == 7
    assert encoded(copy.fit(X[["age"]]), X[["age"]]).shape == (1, 3, 2)


def test_the_table_is_left_as_it_was():
    X = pd.DataFrame({"age": [25, None], "work": pd.Series(["a", None], dtype=object)})
    before = X.copy(deep=True)
    read(X)
    pd.testing.assert_frame_equal(X, before)
