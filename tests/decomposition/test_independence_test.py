"""The test of independence: its level where there is nothing, and its power where there is."""

import numpy as np
import pytest

from sklearn_mi.decomposition._independence_test import LEVEL, independence_p_value


def test_of_independent_codes_it_finds_something_as_often_as_its_level_says():
    p_values = []
    for seed in range(100):
        rng = np.random.RandomState(seed)
        code, nuisance = rng.normal(size=(60, 2)), rng.randint(3, size=(60, 1))
        p_values.append(independence_p_value(code, nuisance, seed))
    p_values = np.array(p_values)
    assert (p_values <= LEVEL).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)
    assert 0.4 < p_values.mean() < 0.6


@pytest.mark.parametrize("strength", [lambda s: s[:, None], lambda s: 2.0 * s[:, None] ** 2])
def test_it_sees_a_shift_and_a_spread(strength):
    rng = np.random.RandomState(0)
    s, noise = rng.randint(2, size=300), rng.normal(size=(300, 2))
    assert independence_p_value(noise + strength(s), s[:, None]) <= LEVEL
    assert independence_p_value(noise * (1 + strength(s)), s[:, None]) <= LEVEL
