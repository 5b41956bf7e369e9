"""The terms of an autoencoder's loss, where their values are known."""

import math

import numpy as np
import pytest
import torch

from sklearn_mi.decomposition._autoencoder_loss import (
    OBJECTIVES,
    AutoencoderLoss,
    distance_from_prior,
    information_bound,
)


def normal(*shape, seed=0):
    return torch.tensor(np.random.RandomState(seed).normal(size=shape))


@pytest.mark.parametrize("d", [1, 3])
def test_codes_of_the_prior_are_at_no_distance_from_it_on_average(d):
    found = distance_from_prior(normal(400, 50, d)).numpy()
    assert abs(found.mean()) < 3 * found.std() / 20


@pytest.mark.parametrize("change", [lambda z: z + 0.5, lambda z: 0.5 * z, lambda z: z.abs()])
def test_other_codes_are_at_a_distance_that_two_samples_show_too(change):
    prior = torch.special.ndtri((torch.arange(2000.0) + 0.5) / 2000)[None, :, None].double()
    z, width = change(normal(1, 2000, 1)), [1, 1 / 3, 1 / 9]
    found = distance_from_prior(z).item()

    def near(a, b):
        squared = (a[0] - b[0].T) ** 2
        each = sum(torch.exp(-squared / (2 * w)) for w in width) / 3
        return (each.sum() - (len(each) if a is b else 0)) / (2000 * (1999 if a is b else 2000))

    by_samples = near(z, z) + near(prior, prior) - 2 * near(z, prior)
    assert found == pytest.approx(by_samples.item(), abs=0.001)
    assert found > 0.01


@pytest.mark.parametrize("noise", [0.3, 1.0])
def test_the_bound_is_nearly_the_information_of_a_gaussian_channel(noise):
    n_rows = 500
    mean = normal(40, n_rows, 1)
    log_std = torch.full_like(mean, math.log(noise))
    found = information_bound(mean + noise * normal(*mean.shape, seed=1), mean, log_std).numpy()
    exact = math.log(1 + 1 / noise**2) / 2
    assert abs(found.mean() - exact) < 0.02
    assert exact < math.log(n_rows)


def test_the_bound_ends_at_the_logarithm_of_the_rows():
    mean = torch.arange(32.0)[None, :, None]
    found = information_bound(mean, mean, torch.full_like(mean, -6))
    assert found.item() == pytest.approx(math.log(32))


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_each_objective_weighs_distortion_as_nats(objective):
    """One nat more of distortion is one nat more of loss, and rows weigh as they are told to."""
    loss, scores = AutoencoderLoss(objective, 2), normal(3, 20, 5)
    more = scores.clone()
    more[..., 0] += torch.arange(20.0)
    weight = torch.zeros(3, 20, dtype=torch.float64)
    weight[:, 4] = 20
    with torch.random.fork_rng():
        torch.manual_seed(0)
        before = loss(scores, None, weight)
        torch.manual_seed(0)
        after = loss(more, None, weight)
    np.testing.assert_allclose(after - before, 4)


def test_rows_count_by_their_weights():
    """As often as they stand there, but for pairs of a row with its copy; and 0 is absent."""
    code, weight = normal(1, 400, 2), torch.ones(1, 400, dtype=torch.float64)
    weight[:, 300:] = 0
    mean, log_std = 0.9 * code, torch.full_like(code, -1.0)
    found = distance_from_prior(code, weight), information_bound(code, mean, log_std, weight)
    few = code[:, :300], mean[:, :300], log_std[:, :300]
    expected = distance_from_prior(few[0]), information_bound(*few)
    np.testing.assert_allclose(found, expected)
