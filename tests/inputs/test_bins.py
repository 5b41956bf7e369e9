"""Columns in bins."""

import numpy as np
import pandas as pd

from sklearn_mi._inputs._bins import ColumnBins, commonest_levels, cut_at_quantiles


def test_numbers_are_cut_at_quantiles_of_training_rows():
    values = np.r_[np.arange(100.0), np.nan, -5.0, 1000.0]
    bins = cut_at_quantiles(values, 4, np.arange(100))
    assert np.bincount(bins[:100]).tolist() == [25, 25, 25, 25]
    assert bins[100:].tolist() == [4, 0, 3]


def test_few_values_are_bins_by_themselves():
    values = np.array([3.0, 1.0, 7.0, 1.0, np.nan])
    assert cut_at_quantiles(values, 4, slice(None)).tolist() == [1, 0, 2, 0, 3]


def test_rare_levels_are_one_and_missing_is_the_last():
    codes = np.array([2, 2, 2, 0, 0, 1, 3, -1])
    assert commonest_levels(codes, 3).tolist() == [0, 0, 0, 1, 1, 2, 2, 3]
    assert commonest_levels(codes, 9).tolist() == [0, 0, 0, 1, 1, 2, 3, 4]
    assert commonest_levels(np.array([-1, -1]), 3).max() < 2


def test_columns_of_a_frame():
    X = pd.DataFrame({"n": [1.0, 2.0, 3.0, np.nan], "t": ["b", "a", "b", None], "k": [5, 5, 5, 5]})
    bins = ColumnBins(X, np.arange(4)).of(2)
    assert bins.tolist() == [[0, 0, 0], [1, 1, 0], [1, 0, 0], [2, 2, 0]]
