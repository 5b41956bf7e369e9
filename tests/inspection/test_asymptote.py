"""The posterior of a power law, against curves whose law is known."""

import numpy as np
import pytest

from sklearn_mi.inspection._asymptote import Asymptote

SIZES = np.array([50, 90, 160, 280, 500])


def law(top, gap, exponent, sizes=SIZES):
    return top - gap * (sizes / SIZES[-1]) ** -exponent


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.5])
def test_asymptote_of_exact_values_is_found(exponent):
    values = law(0.6, 0.05, exponent)
    found = Asymptote(SIZES, values, 1e-7 * np.eye(5), most=1.0)
    median, deviation, low, high = found.summary(np.inf, 0.95)
    assert low <= 0.6 <= high
    assert abs(median - 0.6) < 0.01
    assert deviation < 0.01


def test_the_law_passes_through_what_was_measured():
    values = law(0.6, 0.05, 1.0)
    found = Asymptote(SIZES, values, 1e-7 * np.eye(5), most=1.0)
    medians = [found.summary(size, 0.8)[0] for size in SIZES]
    np.testing.assert_allclose(medians, values, atol=3e-3)
    doubled = found.summary(1000, 0.8)
    assert doubled[2] <= law(0.6, 0.05, 1.0, 1000) <= doubled[3]


def test_intervals_widen_with_distance_and_errors():
    def width(error, n_rows):
        low, high = Asymptote(SIZES, values, error**2 * np.eye(5), 1.0).summary(n_rows, 0.8)[2:]
        return high - low

    values = law(0.6, 0.05, 1.0)
    assert width(0.01, 500) < width(0.01, 1000) < width(0.01, 4000) < width(0.01, np.inf)
    assert width(0.002, np.inf) < width(0.01, np.inf)


def test_nothing_exceeds_the_entropy_of_the_label():
    found = Asymptote(SIZES, law(0.99, 0.1, 0.3), 1e-4 * np.eye(5), most=1.0)
    assert found.summary(np.inf, 0.99)[3] <= 1


def test_a_flat_curve_has_its_asymptote_where_it_is():
    found = Asymptote(SIZES, np.full(5, 0.2), 1e-6 * np.eye(5), most=1.0)
    median, _, low, high = found.summary(np.inf, 0.8)
    assert low <= 0.2 + 1e-3 and high >= 0.2 - 1e-3
    assert abs(median - 0.2) < 0.01


def test_an_error_of_all_sizes_together_moves_the_level_only():
    """What held-out rows have in common says nothing of the slope."""
    values, own = law(0.6, 0.05, 1.0), 1e-6 * np.eye(5)
    alone = Asymptote(SIZES, values, own, 1.0).summary(np.inf, 0.8)
    common = Asymptote(SIZES, values, own + 0.02**2, 1.0)
    rise = common.at(np.inf) - common.at(500)
    weight = common.weight / common.weight.sum()
    assert abs((weight * rise).sum() - 0.05) < 0.02
    assert common.summary(np.inf, 0.8)[1] > alone[1]


def test_a_jump_is_no_power_law():
    jump = Asymptote(SIZES, np.array([0.0, 0.0, 0.0, 0.01, 0.5]), 1e-4 * np.eye(5), most=1.0)
    smooth = Asymptote(SIZES, law(0.6, 0.05, 1.0), 1e-4 * np.eye(5), most=1.0)
    assert smooth.fits and not jump.fits
