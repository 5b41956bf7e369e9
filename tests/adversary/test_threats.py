"""What moves, how far, and what stays: spreads, shifted tables, balls around rows."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_mi._adversary._threats import (
    ImageThreat,
    TableThreat,
    column_spread,
    image_range,
    moved,
)

EPS = 0.3
both_norms = pytest.mark.parametrize("norm", ["inf", "2"])


@pytest.fixture
def frame():
    """Columns of every kind, numbers first; an index with a value twice."""
    columns = {
        "whole": [1, 2, 3, 5],
        "real": [0.1, np.nan, 0.5, 0.2],
        "nullable": pd.array([1, None, 3, 3], dtype="Int64"),
        "single": np.array([1, 2, 4, 8], np.float32),
        "decimal": [Decimal(1), Decimal(2), None, Decimal(4)],
        "constant": [0.1, 0.1, 0.1, 0.1],
        "text": ["x", "y", None, "z"],
        "flag": [True, False, True, True],
        "level": pd.Categorical([1, 2, 1, 3]),
        "date": pd.date_range("2020", periods=4, tz="UTC"),
    }
    return pd.DataFrame(columns, index=[3, 3, 4, 7])


NUMERIC = ["whole", "real", "nullable", "single", "decimal", "constant"]


def lengths(moves):
    return np.sqrt((moves**2).reshape(len(moves), -1).sum(axis=1))


# --- spread and shift ---------------------------------------------------------------------------


def test_spread_is_the_standard_deviation_of_numbers(frame):
    spread = column_spread(frame)
    expected = [np.std([1, 2, 3, 5]), np.std([0.1, 0.5, 0.2]), np.std([1, 3, 3])]
    expected += [np.std([1, 2, 4, 8]), np.std([1, 2, 4]), 0, 0, 0, 0, 0]
    assert_allclose(spread, expected, rtol=1e-12)
    assert_allclose(column_spread(frame[NUMERIC].to_numpy(object)), expected[:6], rtol=1e-12)


def test_spread_of_arrays():
    X = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    assert_allclose(column_spread(X), X.astype(float).std(axis=0))
    assert_array_equal(column_spread(X > 0), [0, 0, 0])
    assert_array_equal(column_spread(np.full((5, 2), np.nan)), [0, 0])
    assert_array_equal(column_spread(np.array([["a", "b"], ["c", "d"]])), [0, 0])


def test_a_shift_moves_numbers_only(frame):
    before = frame.copy()
    result = moved(frame, np.arange(1.0, 11.0))
    pd.testing.assert_frame_equal(frame, before)
    assert result.index.equals(frame.index) and result.columns.equals(frame.columns)
    for number, name in enumerate(NUMERIC, 1):
        values = frame[name].astype(float).to_numpy()
        assert_allclose(result[name].to_numpy(float), values + number, rtol=1e-6)
    pd.testing.assert_frame_equal(result.drop(columns=NUMERIC), frame.drop(columns=NUMERIC))


def test_a_shift_of_arrays_and_of_single_cells(frame):
    X, shift = np.arange(6).reshape(3, 2), np.array([[0.5, 0], [0, 0.25], [1, 1]])
    assert_array_equal(moved(X, shift), X + shift)
    assert moved(X.astype(np.float32), shift).dtype == np.float32
    assert moved(X > 2, shift).dtype == bool
    cells = moved(frame.to_numpy(object), np.ones(10))
    assert cells[0, 0] == 2 and cells[0, 6] == "x" and cells[0, 7] is True


def test_range_of_images():
    assert image_range(np.array([3, 200], np.uint8)) == (0, 1)
    assert image_range(np.array([0.2, 0.7])) == (0, 1)
    assert image_range(np.array([-2.0, 3.0])) == (-2, 3)
    assert image_range(np.array([0, 255])) == (0, 255)


# --- balls --------------------------------------------------------------------------------------


@both_norms
def test_moves_stay_in_the_ball_and_reach_its_edge(norm):
    X, rng = np.random.default_rng(0).normal(size=(40, 5)), np.random.RandomState(0)
    threat = TableThreat(X, norm, np.arange(5.0), np.arange(5) == 2)
    far = threat.project(rng.normal(size=X.shape) * 100, EPS)
    size = np.abs(far).max(axis=1) if norm == "inf" else lengths(far)
    assert_allclose(size, EPS)
    steps = [threat.random(EPS, rng), threat.climb(far, rng.normal(size=X.shape), np.ones(40), EPS)]
    for moves in [far, *steps]:
        size = np.abs(moves).max(axis=1) if norm == "inf" else lengths(moves)
        assert (size <= EPS * (1 + 1e-12)).all()
        assert not moves[:, [0, 2]].any()  # of scale 0, and frozen
        assert_allclose(threat.project(moves, EPS), moves, rtol=1e-12)
        assert_allclose(threat.apply(moves) - X, moves * np.arange(5), atol=1e-14)


@both_norms
def test_a_climb_is_the_steepest(norm):
    threat = TableThreat(np.zeros((1, 3)), norm, np.ones(3), np.zeros(3, bool))
    slope = np.array([[3e-200, 0, -4e-200]])
    step = threat.climb(np.zeros((1, 3)), slope, np.array([0.1]), 1.0)
    assert_allclose(step, [[0.1, 0, -0.1]] if norm == "inf" else [[0.06, 0, -0.08]])


def test_no_slope_no_move():
    for norm in ["inf", "2"]:
        threat = TableThreat(np.zeros((2, 3)), norm, np.ones(3), np.zeros(3, bool))
        still = np.zeros((2, 3))
        assert_array_equal(threat.climb(still, still, np.ones(2), 1.0), still)


def test_random_points_of_a_ball_are_uniform():
    threat = TableThreat(np.zeros((4000, 2)), "2", np.ones(2), np.zeros(2, bool))
    moves = threat.random(1.0, np.random.RandomState(0))
    assert abs((lengths(moves) < 0.5).mean() - 0.25) < 0.03
    assert np.abs(moves.mean(axis=0)).max() < 0.03


def test_missing_cells_and_frozen_columns_stay(frame):
    frozen = frame.columns.isin(["whole", "text"])
    threat = TableThreat(frame, "inf", np.ones(10), frozen)
    result = threat.apply(threat.project(np.ones((4, 10)), EPS))
    assert_array_equal(result.isna(), frame.isna())
    pd.testing.assert_frame_equal(result[["whole", "text"]], frame[["whole", "text"]])
    assert_allclose(result["real"], frame["real"] + EPS)


@pytest.mark.parametrize("form", [pd.DataFrame, np.asarray])
def test_cells_take_the_levels_that_are_found(frame, form):
    X = frame if form is pd.DataFrame else frame.to_numpy(object)
    threat = TableThreat(X, "inf", np.zeros(10), np.zeros(10, bool))
    assert_array_equal(threat.n_levels[6 : 9 if form is pd.DataFrame else 8][:2], [3, 2])
    moves = np.zeros((4, 10))
    moves[:, 6], moves[1, 7], moves[:, 9] = 3, 1, 2
    result = pd.DataFrame(threat.apply(threat.project(moves, EPS)), columns=frame.columns)
    assert result["text"].dropna().tolist() == ["z"] * 3 and result["text"].isna().tolist()[2]
    assert result["flag"].tolist() == [True, True, True, True]
    assert (result["date"] == frame["date"].iloc[1]).all()
    assert not threat.project(moves, 0.0).any()
    if form is pd.DataFrame:
        assert result.dtypes.equals(frame.dtypes)


def test_a_part_of_a_threat_is_the_threat_to_a_part(frame):
    threat = TableThreat(frame, "2", np.ones(10), np.zeros(10, bool))
    moves = threat.project(np.ones((4, 10)), EPS)
    part = threat.of([1, 3])
    assert len(part) == 2 and part.shape == (2, 10)
    assert_allclose(part.project(np.ones((2, 10)), EPS), moves[[1, 3]])
    pd.testing.assert_frame_equal(part.apply(moves[[1, 3]]), threat.apply(moves).iloc[[1, 3]])


# --- images -------------------------------------------------------------------------------------


def pictures(dtype=np.uint8):
    return np.random.default_rng(0).integers(0, 256, size=(6, 2, 3, 4)).astype(dtype)


@both_norms
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, int])
def test_images_stay_in_range_and_in_the_ball(norm, dtype):
    X, rng = pictures(dtype), np.random.RandomState(0)
    threat = ImageThreat(X, norm, None, (2, 3, 4))
    low, high = image_range(X)
    clean = threat.apply(np.zeros(X.shape))
    assert_array_equal(clean, X / np.float32(255) if dtype == np.uint8 else X)
    moves = threat.climb(threat.random(EPS, rng), rng.normal(size=X.shape), np.ones(6), EPS)
    result = threat.apply(moves)
    assert result.shape == X.shape and result.min() >= low and result.max() <= high
    way = (result.astype(float) - clean) / (high - low)
    size = np.abs(way).max() if norm == "inf" else lengths(way).max()
    assert EPS * 0.5 < size <= EPS * (1 + 1e-6)
    assert result.dtype == (float if dtype is int else np.float32)


def test_rows_of_pixels_are_images():
    X = pictures()
    moves = ImageThreat(X, "inf", None, (2, 3, 4)).random(EPS, np.random.RandomState(0))
    expected = ImageThreat(X, "inf", None, (2, 3, 4)).apply(moves).reshape(6, -1)
    rows = pd.DataFrame(X.reshape(6, -1), index=list("abcdef")).add_prefix("p")
    result = ImageThreat(rows, "inf", None, (2, 3, 4)).apply(moves)
    assert result.index.equals(rows.index) and result.columns.equals(rows.columns)
    assert_array_equal(result, expected)


def test_a_scale_of_images_is_in_units_of_pixels():
    X = pictures(float)
    threat = ImageThreat(X, "inf", 10.0, (2, 3, 4))
    result = threat.apply(threat.project(np.ones(X.shape), 0.5))
    assert_allclose(result, np.minimum(X + 5, X.max()))


def test_the_spread_of_huge_and_of_tiny_numbers():
    X = np.array([[1e200, 1e-200], [-1e200, 3e-200]])
    assert_allclose(column_spread(X), [1e200, 1e-200])
