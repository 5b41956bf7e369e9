"""Tables to points and back."""

import numpy as np
import pandas as pd
import pytest

from sklearn_mi._inputs._table_space import TableSpace


@pytest.fixture
def rng():
    return np.random.RandomState(0)


@pytest.fixture
def mixed(rng):
    """200 rows with columns of every kind, some cells of which are missing."""
    n = 200
    frame = pd.DataFrame(
        {
            "smooth": rng.standard_normal(n),
            "heavy": np.exp(3 * rng.standard_normal(n)),
            "count": rng.poisson(30, n),
            "rooms": rng.randint(1, 4, n),
            "small": rng.standard_normal(n).astype(np.float32),
            "price": rng.gamma(2, 40, n).round(2),
            "gaps": np.where(rng.random_sample(n) < 0.3, np.nan, rng.standard_normal(n)),
            "whole gaps": pd.array(rng.randint(0, 99, n), dtype="Int64"),
            "place": rng.choice(["Aarhus", "Bern", "Cork"], n),
            "grade": pd.Categorical(rng.choice(["low", "high"], n), ["low", "high", "never"], True),
            "yes": rng.random_sample(n) < 0.5,
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.randint(0, 900, n), unit="D"),
        }
    )
    frame.loc[::7, "whole gaps"] = pd.NA
    frame.loc[::5, "place"] = None
    return frame


def there_and_back(table, rng):
    space = TableSpace().fit(table)
    return space.from_points(*space.to_points(table, rng), rng)


def test_every_cell_comes_back_with_its_type(mixed, rng):
    back = there_and_back(mixed, rng)
    assert (back.dtypes == mixed.dtypes).all()
    numbers = ["smooth", "heavy", "small", "price", "gaps"]
    np.testing.assert_allclose(back[numbers], mixed[numbers], rtol=1e-4)
    rest = mixed.columns.difference(numbers)
    pd.testing.assert_frame_equal(back[rest], mixed[rest])


@pytest.mark.filterwarnings("ignore:Column .* as text")
@pytest.mark.parametrize(
    "cells",
    [
        pd.period_range("2020-01", periods=40, freq="M"),
        pd.date_range("2020-01-01", periods=40, tz="Europe/Berlin"),
        pd.to_timedelta(np.arange(40), unit="h"),
        pd.array(np.arange(40.0), dtype="Float64"),
        pd.array([str(i) for i in range(40)], dtype="str"),
        pd.array([str(i / 4) for i in range(1, 81, 2)], dtype="str"),
        pd.array([f"2020-01-{1 + i % 30:02}" for i in range(40)], dtype="str"),
        pd.arrays.SparseArray(np.arange(40)),
        pd.cut(np.arange(40), 4),
    ],
    ids=lambda cells: str(cells.dtype),
)
def test_odd_types_come_back(cells, rng):
    table = pd.DataFrame({"a": cells, "b": np.arange(40) % 3})
    pd.testing.assert_frame_equal(there_and_back(table, rng), table)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.uint8, object])
def test_arrays_stay_arrays(dtype, rng):
    table = rng.randint(0, 200, (50, 3)).astype(dtype)
    back = there_and_back(table, rng)
    assert back.dtype == table.dtype
    assert (back == table).all()


def test_points_far_out_stay_in_the_range_of_the_fit(mixed, rng):
    space = TableSpace().fit(mixed)
    coordinates, levels = space.to_points(mixed, rng)
    back = space.from_points(100 * coordinates, levels, rng)
    for name in ("smooth", "heavy", "count", "price"):
        assert back[name].between(mixed[name].min(), mixed[name].max()).all()


def test_decimals_are_those_of_the_fit(mixed, rng):
    space = TableSpace().fit(mixed)
    coordinates, levels = space.to_points(mixed, rng)
    back = space.from_points(
        coordinates + 0.01 * rng.standard_normal(coordinates.shape), levels, rng
    )
    np.testing.assert_array_equal(back["price"].round(2), back["price"])


def test_repeated_numbers_are_spread_over_their_ranks(rng):
    table = pd.DataFrame({"x": np.repeat(np.arange(20.0), 50)})
    coordinates = TableSpace().fit(table).to_points(table, rng)[0][:, 0]
    assert len(np.unique(coordinates)) > 900
    assert abs(coordinates.std() - 1) < 0.05
    assert (np.diff(np.sort(coordinates).reshape(20, 50)[:, [0, -1]].ravel()) > 0).all()


def test_without_random_state_points_are_the_same_again(mixed):
    space = TableSpace().fit(mixed)
    for first, second in zip(
        space.to_points(mixed, None), space.to_points(mixed, None), strict=True
    ):
        np.testing.assert_array_equal(first, second)


def test_the_rarest_of_many_levels_come_by_their_frequencies(rng):
    names = [f"street {i}" for i in range(300)]
    table = pd.DataFrame({"street": rng.choice(names, 5000)})
    space = TableSpace().fit(table)
    back = space.from_points(*space.to_points(table, rng), rng)
    assert space.n_levels == [64]
    assert back["street"].nunique() > 250


def test_unknown_levels_are_taken_for_the_rarest():
    space = TableSpace().fit(pd.DataFrame({"a": ["x"] * 8 + ["y"] * 2}))
    levels = space.to_points(pd.DataFrame({"a": ["x", "z"]}), None)[1]
    assert levels.tolist() == [[0], [1]]


def test_rows_of_weight_two_count_twice(rng):
    x = rng.standard_normal((100, 1))
    weight = rng.randint(1, 3, 100)
    weighted, repeated = TableSpace().fit(x, weight), TableSpace().fit(np.repeat(x, weight, axis=0))
    assert weighted.numbers_[0].center_ == pytest.approx(repeated.numbers_[0].center_)


def test_a_column_that_names_rows_is_not_handed_out():
    frame = pd.DataFrame({"who": [f"person {i}" for i in range(60)], "x": np.arange(60.0) ** 2})
    with pytest.warns(UserWarning, match="'who' has 60 levels in 60 rows: made rows have missing"):
        space = TableSpace().fit(frame)
    rng = np.random.RandomState(0)
    made = space.from_points(*space.to_points(frame, rng), rng)
    assert made["who"].isna().all()
    np.testing.assert_allclose(made["x"], frame["x"])
