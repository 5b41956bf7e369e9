"""Levels as a network sees them: a place for each, one for the rare, none for names of rows."""

import numpy as np
import pandas as pd
import pytest
from encoded_tables import encoded, fit_transform, quiet, read
from numpy.testing import assert_array_equal

from sklearn_mi._inputs._table_encoder import RARE, TableEncoder

pytestmark = quiet


def test_a_boolean_array_is_numeric_and_a_boolean_column_a_category():
    X = np.array([[True], [False], [False], [True]])
    assert_array_equal(read(X), read(X.astype(int)))
    for dtype in ("bool", "boolean", object):
        encoder, out = fit_transform(pd.DataFrame(X, columns=["flag"]).astype(dtype))
        assert encoder.kinds_.tolist() == ["category"]
        assert_array_equal(out, [[0, 1], [1, 0], [1, 0], [0, 1]])


@pytest.mark.parametrize("dtype", [object, "category", "string", None])
def test_missing_categories_are_a_level(dtype):
    X = pd.DataFrame({"work": pd.Series(["b", None, "a", np.nan, "a", "b"], dtype=dtype)})
    assert_array_equal(read(X), np.eye(3)[[1, 2, 0, 2, 0, 1]])


def test_levels_that_training_has_not_seen_share_the_place_of_the_rare_ones():
    seen = pd.DataFrame({"work": [*"aabbb", "once"]})
    encoder, out = fit_transform(seen)
    assert_array_equal(out, np.eye(3)[[0, 0, 1, 1, 1, 2]])
    unseen = pd.DataFrame({"work": ["c", None, 1, np.nan, pd.NA, True, "once"]}, dtype=object)
    assert_array_equal(encoded(encoder, unseen)[0], np.tile(np.eye(3)[2], (7, 1)))


def test_without_rare_levels_unseen_ones_are_all_zeros():
    encoder = TableEncoder().fit(pd.DataFrame({"work": [*"abab"]}))
    assert_array_equal(encoded(encoder, pd.DataFrame({"work": ["c", "d"]})), np.zeros((1, 2, 2)))


def test_a_column_of_one_level_in_training_says_nothing_of_others():
    encoder, _ = fit_transform(pd.DataFrame({"a": [*"xxxxy"]}), [np.arange(4)])
    assert len(encoder.columns_) == 0


def test_whole_numbers_match_as_categories_whatever_their_type():
    encoder = TableEncoder().fit(pd.DataFrame({"code": [1, 2, "x"] * 2}, dtype=object))
    expected = np.eye(3)[[1, 0]]
    for dtype in (int, float, "float32", "Int64", "string", "category", object):
        column = pd.Series(["2", "1"] if dtype == "string" else [2, 1], dtype=dtype)
        assert_array_equal(encoded(encoder, column.to_frame("code"))[0], expected)


def test_mixed_cells_are_categories_by_their_text():
    cells = [1, 1.0, "1", True, ("k", 1), (1, 2), 2.5, b"x", None, 1j]
    _, out = fit_transform(pd.DataFrame({"a": pd.Series(cells * 2, dtype=object)}))
    for same in (1, 2, 3):
        assert_array_equal(out[0], out[same])
    assert len(np.unique(out, axis=0)) == len(cells) - 3 == out.shape[1]


def test_rare_levels_share_a_column():
    often = [f"user {i:03}" for i in range(200) for _ in range(RARE)]
    X = pd.DataFrame({"id": [*often, *["anna"] * 5, *["bo"] * 4, "once"]})
    encoder, out = fit_transform(X, max_categories=20)
    unseen = encoded(encoder, pd.DataFrame({"id": ["never", "anna", "once"]}))[0]
    assert_array_equal(unseen, np.eye(20)[[-1, 0, -1]])
    assert out.shape[1] == 20
    assert (out.sum(axis=1) == 1).all() and out[:, -1].sum() == RARE * (200 - 17) + 1
    assert_array_equal(out[-10:, :2], np.repeat(np.eye(3)[:, :2], [5, 4, 1], axis=0))
    assert read(X).shape[1] == 100
    assert fit_transform(X, max_categories=None)[1].shape[1] == 203


@pytest.mark.filterwarnings("error")
def test_a_nearly_unique_column_is_left_out_and_named():
    ids = [f"user {i}" for i in range(300)]
    message = r"'id' has 300 levels in 300 rows: left out"
    with pytest.warns(UserWarning, match=message):
        encoder, out = fit_transform(pd.DataFrame({"id": ids, "z": np.arange(300) % 7}))
    assert_array_equal(encoder.columns_, [1])
    with pytest.warns(UserWarning, match=message):
        _, out = fit_transform(pd.DataFrame({"id": [*ids, *[None] * 9]}))
    assert_array_equal(out, np.eye(2)[[1] * 300 + [0] * 9])
    with pytest.warns(UserWarning, match="'id' has 301 levels in 302 rows"):
        assert read(pd.DataFrame({"id": [*ids, "anna", "anna"]})).shape[1] == 1
    assert read(pd.DataFrame({"id": [*ids, *ids[:100]]})).shape[1] == 101 - 1


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
