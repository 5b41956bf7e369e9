"""The bottleneck's loss, its rate, and the bounds: identities and known truths."""

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm
from torch.distributions import Normal, kl_divergence

from sklearn_mi.decomposition._audit import nuisance_bound
from sklearn_mi.decomposition._bottleneck_loss import BottleneckLoss, rate
from sklearn_mi.decomposition._bottleneck_network import BottleneckNetwork, normal_draws
from sklearn_mi.decomposition._places import class_places
from sklearn_mi.modules import StackedMLP


def test_the_rate_is_the_divergence_from_standard_normal_noise():
    mean, log_std = torch.randn(2, 4, 30, 3)
    expected = kl_divergence(Normal(mean, log_std.exp()), Normal(0.0, 1.0)).sum(-1)
    torch.testing.assert_close(rate(mean, log_std), expected)


@pytest.mark.parametrize("slope, std", [(0.5, 0.9), (1.0, 1.0), (2.0, 0.3), (0.8, 0.6)])
def test_the_rate_is_at_least_the_information_of_a_linear_encoder(slope, std):
    x = torch.randn(20000, 2)
    mean, log_std = slope * x, torch.full((20000, 2), std).log()
    exact = np.log(1 + (slope / std) ** 2)
    assert rate(mean, log_std).mean() > exact - 0.03
    if slope**2 + std**2 == 1:  # where the code has the distribution that the rate takes for it
        assert rate(mean, log_std).mean() < exact + 0.03


def make_loss(n_members=3):
    beta, weight = torch.linspace(0, 0.5, n_members), torch.linspace(0, 2, n_members)
    return BottleneckLoss(beta, weight, 2, [torch.tensor([0.5, 0.5])])


def test_of_one_member_the_loss_is_that_member_of_the_loss_of_all():
    loss, scores = make_loss(), torch.randn(3, 40, 4 + 2 * 2)
    y, s = torch.randint(4, (3, 40)), torch.randint(2, (3, 40, 1))
    weight = torch.rand(3, 40)
    of_all = loss(scores, y, weight, s)
    for m in range(3):
        own = loss.of_member(m)(scores[m], y[m], weight[m], s[m])
        torch.testing.assert_close(own, of_all[m])


def test_a_weight_of_two_counts_as_two_rows_in_relevance_and_rate():
    loss, scores, y = make_loss(), torch.randn(3, 10, 4 + 2 * 2), torch.randint(4, (3, 10))
    weighted = loss(scores, y, torch.tensor([2.0] + [1.0] * 9).expand(3, 10))
    repeated = loss(torch.cat([scores[:, :1], scores], 1), torch.cat([y[:, :1], y], 1))
    torch.testing.assert_close(weighted, repeated)


def test_a_network_says_probabilities_and_in_evaluation_always_the_same():
    torch.manual_seed(0)
    network = BottleneckNetwork(StackedMLP(3, 5, 4), 3, class_places(6, 2))
    x = torch.randn(3, 7, 5)
    sampled = network(x)[..., :6]
    torch.testing.assert_close(sampled.exp().sum(-1), torch.ones(3, 7))
    network.eval()
    torch.testing.assert_close(network(x), network(x), rtol=0, atol=0)
    assert (network(x)[..., :6].exp().sum(-1) <= 1 + 1e-6).all()  # a mean of logarithms


@pytest.mark.parametrize("n_components", [1, 2, 8])
def test_draws_have_mean_0_and_variance_1(n_components):
    draws = normal_draws(8, n_components)
    torch.testing.assert_close(draws.mean(0), torch.zeros(n_components), rtol=0, atol=1e-6)
    torch.testing.assert_close(draws.var(0, correction=0), torch.ones(n_components))


def information_of_shift(shift, std):
    """I(Z; S) of z = +-shift + std * noise, by quadrature."""

    def density(z):
        return (norm.pdf(z, shift, std) + norm.pdf(z, -shift, std)) / 2

    entropy, _ = quad(lambda z: -density(z) * np.log(density(z)), -12, 12, limit=200)
    return entropy - np.log(std * np.sqrt(2 * np.pi * np.e))


@pytest.mark.parametrize("shift", [0.0, 0.5, 1.0])
def test_the_bound_on_a_nuisance_is_above_the_information_and_near(shift):
    rng = np.random.RandomState(0)
    s, x = rng.randint(2, size=2000), 0.6 * rng.normal(size=2000)
    mean = (shift * (2 * s - 1) + x)[:, None]
    log_std = np.full((2000, 1), np.log(0.8))
    exact = information_of_shift(shift, 1.0)
    assert exact - 0.02 < nuisance_bound(mean, log_std, s) < exact + 0.04


def test_the_bound_on_a_nuisance_is_its_entropy_where_codes_do_not_overlap():
    rng = np.random.RandomState(0)
    s = rng.choice(3, 300, p=[0.2, 0.3, 0.5])
    entropy = -sum(p * np.log(p) for p in np.bincount(s) / 300)
    found = nuisance_bound(rng.normal(size=(300, 8)), np.full((300, 8), -5.0), s)
    np.testing.assert_allclose(found, entropy)
