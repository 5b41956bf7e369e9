"""Tables that are made again have the form of the table of the fit."""

import numpy as np
import pandas as pd
import pytest

from sklearn_mi._inputs._table_encoder import TableEncoder
from sklearn_mi.decomposition._restored_table import TableForm

N = 40
TABLE = pd.DataFrame(
    {
        "whole": np.arange(N) % 7,
        "real": np.linspace(-1, 1, N) ** 3,
        "gaps": np.where(np.arange(N) % 5, np.arange(N) / 3, np.nan),
        "nullable": pd.array([None, 1, 2, 3] * 10, dtype="Int64"),
        "text": ["a", "b", None, "c"] * 10,
        "level": pd.Categorical(["u", "v"] * 20, categories=["v", "u", "w"]),
        "flag": [True, False] * 20,
        "day": pd.date_range("2020-01-01", periods=N)[np.arange(N) * 7 % N],
        "zoned": pd.date_range("2020-01-01", periods=N, tz="Asia/Tokyo")[np.arange(N) * 3 % N],
        "time": pd.to_timedelta(np.arange(N) * 11 % 13, unit="h"),
        "same": "k",
        3: np.float32(1.5),
    }
)


def restored(X):
    encoder = TableEncoder().fit(X)
    read = encoder.read(X)
    numbers, levels = np.split(read, [encoder.n_numbers_], axis=1)
    return TableForm(X, encoder, numbers).restore(numbers, levels.astype(int))


def test_cells_that_are_read_come_back_with_names_and_types():
    pd.testing.assert_frame_equal(restored(TABLE), TABLE)


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.float32, np.float64])
def test_arrays_come_back_with_their_type(dtype):
    X = (np.random.RandomState(0).rand(30, 4) * 9).astype(dtype)
    X[:, 2] = 4
    found = restored(X)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, X, rtol=1e-6)


@pytest.mark.parametrize("numbers", [[1.5, 2.5, 4.0, 0.5], [1, 2, 4, 50]])
def test_arrays_of_objects_come_back_as_such(numbers):
    X = np.array([[word, n] for word, n in zip("abab", numbers, strict=True)] * 5, dtype=object)
    found = restored(X)
    assert found.dtype == object
    np.testing.assert_array_equal(found, X)
    assert type(found[0, 1]) is type(X[0, 1])


def test_arrays_of_text_come_back_as_text():
    X = np.array([["5"], ["99"], ["31"], ["7"]] * 6)
    with pytest.warns(UserWarning, match="numbers as text"):
        np.testing.assert_array_equal(restored(X), X)


def test_a_column_of_names_is_missing():
    X = pd.DataFrame(
        {"name": [f"Mrs {chr(65 + k)}{k}x" for k in range(20)], "x": np.arange(20) % 6}
    )
    with pytest.warns(UserWarning, match="20 levels in 20 rows"):
        found = restored(X)
    assert found["name"].isna().all()
    assert (found["x"] == X["x"]).all()


def test_numbers_keep_their_decimals_and_dates_their_days():
    X = pd.DataFrame({"day": TABLE["day"], "price": np.round(np.linspace(0, 1, N) ** 2, 2)})
    encoder = TableEncoder().fit(X)
    numbers = encoder.read(X)
    found = TableForm(X, encoder, numbers).restore(numbers + 1e-3, np.zeros((N, 0), int))
    pd.testing.assert_frame_equal(found, X)


def test_dates_durations_and_numbers_as_text_come_back_as_text():
    day = pd.date_range("2020-01-01", periods=N)[np.arange(N) * 7 % N]
    X = pd.DataFrame(
        {"day": day.astype(str), "price": [f"{v:.2f}" for v in np.arange(1, N + 1) / 7]}
    )
    X = X.astype("str")
    with pytest.warns(UserWarning, match="as text"):
        found = restored(X)
    assert (found.dtypes == X.dtypes).all()
    assert (found["day"] == X["day"]).all()
    assert (found["price"].astype(float) == X["price"].astype(float)).all()
