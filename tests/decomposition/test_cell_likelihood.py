"""Distributions of cells: they sum to one, and start at the frequencies."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_mi.decomposition._cell_bins import CellBins
from sklearn_mi.decomposition._cell_density import CellDensity
from sklearn_mi.decomposition._cell_likelihood import CellLikelihood

N_BINS = 6
RNG = np.random.RandomState(0)
NUMBERS = np.column_stack([RNG.normal(size=200), RNG.choice([0.0, 1.0, np.nan], 200)])
LEVELS = RNG.choice(3, (200, 1), p=[0.2, 0.3, 0.5])


def make(n_members=1):
    places = [np.tile([0, 1, 2, 0], (n_members, 1))]
    return CellBins.fit(NUMBERS, LEVELS, places, [np.arange(200)] * n_members, N_BINS)


def codes_of(row):
    return torch.tensor(np.append(row, 0.0)[None, None], dtype=torch.float32)


@given(st.integers(0, 2**31), st.sampled_from([0.1, 3.0, 100.0]))
@settings(max_examples=30, deadline=None)
def test_all_that_a_cell_may_be_sums_to_one(seed, scale):
    likelihood = CellLikelihood(make())
    outputs = scale * torch.tensor(np.random.RandomState(seed).normal(size=(1, 1, 23)))
    outputs = outputs.float()
    for cell, values in [(0, range(-1, N_BINS)), (1, range(-1, N_BINS)), (2, range(3))]:
        each = [np.eye(3)[cell] * value for value in values]
        told = [likelihood(outputs, codes_of(row))[0, 0, cell].exp().item() for row in each]
        assert sum(told) == pytest.approx(1, abs=1e-4)


def test_what_is_said_of_one_cell_is_what_is_said_of_all_bins():
    likelihood = CellLikelihood(make())
    outputs = torch.tensor(RNG.normal(size=(1, 1, likelihood.n_outputs))).float()
    bins, missing = likelihood.bin_probabilities(outputs)
    told = likelihood(outputs, codes_of([3, -1, 1])).exp()[0, 0]
    assert told[0] == pytest.approx(bins[0, 0, 0, 3] * (1 - missing[0, 0, 0]))
    assert told[1] == pytest.approx(missing[0, 0, 1])
    assert told[2] == pytest.approx(likelihood.log_levels(outputs)[0][0, 0, 1].exp())


def test_where_outputs_are_zero_all_have_their_frequencies():
    bins = make()
    likelihood = CellLikelihood(bins)
    outputs = torch.zeros(1, 1, likelihood.n_outputs)
    found, missing = likelihood.bin_probabilities(outputs)
    np.testing.assert_allclose(found[0, 0], bins.bin_shares[0], atol=0.03)
    np.testing.assert_allclose(missing[0, 0], bins.missing_shares[0], rtol=1e-5)
    levels = likelihood.log_levels(outputs)[0].exp()
    np.testing.assert_allclose(levels[0, 0], bins.level_shares[0][0], rtol=1e-5)


@pytest.mark.parametrize("scale", [1e2, 1e6])
def test_far_outputs_have_finite_gradients(scale):
    likelihood = CellLikelihood(make(2))
    outputs = torch.tensor(scale * RNG.normal(size=(2, 5, likelihood.n_outputs)))
    outputs = outputs.float().requires_grad_()
    codes = torch.tensor(RNG.randint(3, size=(2, 5, 3)) - np.array([1, 1, 0])).clamp_min(-1)
    codes[..., 2] = codes[..., 2].clamp_min(0)
    told = likelihood(outputs, torch.cat([codes, 0 * codes[..., :1]], -1).float())
    told.sum().backward()
    assert told.isfinite().all()
    assert outputs.grad.isfinite().all()


def test_densities_in_bins_integrate_to_their_probabilities():
    bins = make()
    density = CellDensity(bins, NUMBERS)
    u = (np.arange(200_000) + 0.5) / 200_000  # of all real numbers, in equal steps of tan
    x = np.tan(np.pi * (u - 0.5))
    numbers = np.column_stack([x, np.full(len(x), np.nan)])
    values = np.exp(density.log_unit(numbers)[:, 0]) * np.pi * (1 + x**2) / len(x)
    edges = bins.inner[0, 0]
    each = np.bincount(np.searchsorted(edges, x, side="right"), weights=values)
    np.testing.assert_allclose(each, 1, atol=2e-3)
    assert (density.log_unit(numbers)[:, 1] == 0).all()


def test_levels_of_a_place_share_its_probability():
    """Levels 1 and 2, and those that no row has shown, have one place."""
    places, levels = [np.array([[0, 1, 1, 1]])], np.array([[0]] * 8 + [[1]] * 3 + [[2]])
    bins = CellBins.fit(np.zeros((12, 0)), levels, places, [np.arange(12)], N_BINS)
    np.testing.assert_allclose(np.exp(bins.log_within[0][0]), [1, 3.5 / 5.5, 1.5 / 5.5, 0.5 / 5.5])


def test_a_level_without_a_place_is_less_likely_than_the_one_it_goes_with():
    levels = np.array([[0]] * 9 + [[1]])
    bins = CellBins.fit(
        np.zeros((10, 0)), levels, [np.array([[0, 1, -1]])], [np.arange(10)], N_BINS
    )
    np.testing.assert_allclose(np.exp(bins.log_within[0][0]), [9.5 / 10, 1, 0.5 / 10])
