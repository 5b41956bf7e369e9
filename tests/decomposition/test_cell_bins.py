"""Bins of numbers: each holds values of the fit, and values that are drawn of it come from it."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_mi.decomposition._cell_bins import CellBins, bins_of, inner_edges
from sklearn_mi.decomposition._cell_values import CellValues

NUMBERS = arrays(float, st.integers(2, 60), elements=st.integers(-5, 5).map(float))
NO_LEVELS = np.zeros((60, 0), int)


def fitted(values, n_bins):
    numbers = values[:, None]
    bins = CellBins.fit(numbers, NO_LEVELS[: len(values)], [], [np.arange(len(values))], n_bins)
    return bins, CellValues(bins, numbers, NO_LEVELS[: len(values)])


@given(NUMBERS, st.integers(2, 12))
@settings(max_examples=100, deadline=None)
def test_no_bin_is_empty_and_each_opens_with_a_value(values, n_bins):
    edges = inner_edges(values, n_bins)
    counts = np.bincount(bins_of(values, edges), minlength=len(edges) + 1)
    assert len(edges) < n_bins
    assert (counts > 0).all()
    assert np.isin(edges, values).all()


@given(NUMBERS, st.integers(2, 12), st.integers(0, 2**31))
@settings(max_examples=100, deadline=None)
def test_values_that_are_drawn_of_a_bin_lie_in_it(values, n_bins, seed):
    bins, own = fitted(values, n_bins)
    edges = bins.inner[0, 0][np.isfinite(bins.inner[0, 0])]
    codes = np.random.RandomState(seed).randint(len(edges) + 1, size=(50, 1))
    drawn = own.draw_numbers(codes, np.random.RandomState(seed))
    np.testing.assert_array_equal(bins_of(drawn[:, 0], edges), codes[:, 0])
    assert np.isin(drawn, values).all() or own.continuous[0]


def test_values_of_a_continuous_number_are_drawn_between_those_seen():
    values = np.random.RandomState(0).normal(size=300)
    bins, own = fitted(values, 8)
    drawn = own.draw_numbers(np.full((200, 1), 3), np.random.RandomState(0))
    assert not np.isin(drawn, values).any()
    assert (bins_of(drawn[:, 0], bins.inner[0, 0]) == 3).all()


def test_shares_count_the_training_rows_of_each_network():
    numbers = np.array([[0.0], [1.0], [2.0], [np.nan], [7.0], [7.0]])
    levels = np.array([[0], [1], [0], [0], [1], [1]])
    places = [np.array([[0, 1, 1], [0, 1, 1]])]
    rows = [np.arange(4), np.arange(2, 6)]
    bins = CellBins.fit(numbers, levels, places, rows, 3)
    np.testing.assert_allclose(bins.missing_shares[:, 0], [1.5 / 5, 1.5 / 5])
    np.testing.assert_allclose(bins.level_shares[0], [[3.5 / 5, 1.5 / 5], [2.5 / 5, 2.5 / 5]])
    np.testing.assert_allclose(bins.bin_shares.sum(-1), 1)
    assert (np.diff(bins.normal_edges, axis=-1) >= 0).all()


def test_one_member_is_cut_out():
    numbers = np.random.RandomState(0).normal(size=(20, 2))
    rows = [np.arange(10), np.arange(20)]
    bins = CellBins.fit(numbers, NO_LEVELS[:20], [], rows, 4)
    alone = CellBins.fit(numbers, NO_LEVELS[:20], [], rows[1:], 4)
    np.testing.assert_array_equal(bins.of_member(1).inner, alone.inner)
    np.testing.assert_array_equal(bins.of_member(1).bin_shares, alone.bin_shares)
