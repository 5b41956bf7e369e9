"""What is exact in the benchmark of generators."""

import numpy as np
import pandas as pd
from benchmark_modules import load

main, rivals = map(load, ("generation", "_generation_rivals"))


def test_modes_are_counted_by_rows_that_are_near():
    centers = np.array([[0.0, 0.0], [2.0, 0.0], [4.0, 0.0]])
    rows = np.array([[0.0, 0.1], [0.1, 0.0], [2.05, 0.0], [3.0, 0.0]])
    assert main.covered(rows, centers, 0.15) == (2, 0.75)


def test_rows_of_the_mixture_are_of_the_types_of_the_table():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": rng.standard_normal(80), "n": rng.integers(0, 50, 80)})
    table["word"] = pd.Categorical(np.where(table["x"] > 0, "up", "down"))
    drawn = rivals.drawn_by_mixture(table, 200, 0)
    assert (drawn.dtypes == table.dtypes).all()
    assert (((drawn["x"] > 0) == (drawn["word"] == "up")).mean()) > 0.8


def test_of_a_table_numbers_without_gaps_are_kept():
    table = pd.DataFrame({"a": [1.0, 2], "b": [1.0, np.nan], "c": ["x", "y"]})
    assert rivals.numbers_only(table).tolist() == [[1], [2]]


def test_the_error_of_a_mean_is_that_of_its_rows():
    assert main.mean_and_error([1.0, 3.0]) == "2.000 +- 1.000"


def test_settings_differ_in_the_term_alone():
    assert all(set(params) <= {"information_weight"} for params in main.SETTINGS.values())
