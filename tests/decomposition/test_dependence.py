"""The penalty on dependence: what it is by its definition, and when it is 0."""

import numpy as np
import pytest
import torch

from sklearn_mi.decomposition._dependence import WIDTHS, line_nearness, pair_covariance

SHARES = [torch.tensor([0.2, 0.3, 0.5])]


def kernel(a, b, unit):
    squared = ((a[:, None] - b) ** 2).sum(-1) / unit
    return np.mean([np.exp(-squared / width) for width in WIDTHS], axis=0)


def test_it_is_half_the_mean_distance_of_the_codes_of_each_value_from_all():
    """With all pairs, which differs from pairs of two by a share 1/n."""
    rng = np.random.RandomState(0)
    s = np.repeat([0, 1, 2], [200, 300, 500])
    z = rng.normal(size=(1000, 2)) + np.array([0.0, 2.0, 1.0])[s][:, None]
    near = kernel(z, z, 2 * z.var(0, ddof=1).sum())
    expected = 0
    for value, share in enumerate([0.2, 0.3, 0.5]):
        own = (s == value) / (s == value).sum() - 1 / len(s)
        expected += share * own @ near @ own / 2
    found = pair_covariance(torch.tensor(z)[None], torch.tensor(s)[None, :, None], SHARES)
    np.testing.assert_allclose(found.numpy(), [expected], atol=2e-3)
    assert expected > 0.01


def draw(n, seed):
    rng = np.random.RandomState(seed)
    return torch.tensor(rng.normal(size=(1, n, 2))), torch.tensor(
        rng.choice(3, n, p=[0.2, 0.3, 0.5])
    )


def test_of_independent_codes_it_is_0_on_average():
    found = []
    for seed in range(60):
        z, s = draw(100, seed)
        found.append(pair_covariance(z, s[None, :, None], SHARES).item())
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(60)


@pytest.mark.parametrize("change", [lambda z, s: z * (1 + s), lambda z, s: z.abs() * (s - 1)])
def test_it_sees_dependence_without_a_difference_of_means(change):
    z, s = draw(400, 0)
    codes = change(z, s[None, :, None])
    apart = pair_covariance(codes, s[None, :, None], SHARES)
    together = pair_covariance(codes, s[torch.randperm(400)][None, :, None], SHARES)
    assert apart > 0.01 > 5 * together.abs()


def test_of_two_nuisances_it_sees_what_only_both_together_tell():
    rng = np.random.RandomState(0)
    s = torch.tensor(rng.randint(2, size=(1, 600, 2)))
    z = torch.tensor(rng.normal(size=(1, 600, 1))) + 3 * (s[..., :1] ^ s[..., 1:])
    half = torch.tensor([0.5, 0.5])
    assert pair_covariance(z, s, [half, half]) > 0.02
    assert pair_covariance(z, s[..., :1], [half]).abs() < 0.005


def test_members_have_no_say_in_each_other_and_rows_without_weight_none_at_all():
    drawn = draw(80, 0), draw(80, 1)
    z = torch.cat([own for own, _ in drawn])
    s = torch.stack([own for _, own in drawn]).unsqueeze(-1)
    both = pair_covariance(z, s, SHARES)
    each = torch.cat([pair_covariance(z[m : m + 1], s[m : m + 1], SHARES) for m in (0, 1)])
    torch.testing.assert_close(both, each)
    ones = pair_covariance(z, s, SHARES, torch.ones(2, 80))
    torch.testing.assert_close(ones, both)


def test_equal_codes_have_a_finite_gradient():
    z = torch.zeros(1, 20, 2, requires_grad=True)
    s = torch.arange(20)[None, :, None] % 3
    pair_covariance(z, s, SHARES).sum().backward()
    assert z.grad.isfinite().all()


# --- on a line ------------------------------------------------------------------------------------


def on_a_line(z, s, shares=SHARES, weight=None):
    z, s = torch.as_tensor(z)[None, :, None], torch.as_tensor(s)[None, :, None]
    return pair_covariance(z, s, shares, weight, line_nearness).item()


@pytest.mark.parametrize("correlation", [0.1, 0.2, 0.3])
def test_on_a_line_it_is_about_the_information_in_nats(correlation):
    """Of a Gaussian nuisance whose eighths are given, which tell of it nearly all."""
    s, noise = np.random.RandomState(0).normal(size=(2, 4000))
    s = (s - s.mean()) / s.std()
    noise -= s * (noise @ s) / len(s)
    z = correlation * s + np.sqrt(1 - correlation**2) * noise / noise.std()
    eighths = np.searchsorted(np.quantile(s, np.arange(1, 8) / 8), s)
    found = on_a_line(z, eighths, [torch.full((8,), 1 / 8)])
    np.testing.assert_allclose(found, -np.log1p(-(correlation**2)) / 2, rtol=0.15, atol=0.002)


def test_on_a_line_of_independent_codes_it_is_0_on_average():
    found = []
    for seed in range(60):
        z, s = draw(100, seed)
        found.append(on_a_line(z[0, :, 0], s))
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(60)


def test_on_a_line_it_sees_a_spread_and_no_scale():
    z, s = draw(400, 0)
    wide = z[0, :, 0] * (1 + s)
    assert on_a_line(wide, s) > 0.05 > 5 * abs(on_a_line(wide, s[torch.randperm(400)]))
    assert on_a_line(1000 * wide + 7, s) == pytest.approx(on_a_line(wide, s), rel=1e-3)


def test_on_a_line_rows_without_weight_and_other_components_have_no_say():
    (z, s), weight = draw(80, 0), torch.ones(1, 80).double()
    weight[:, 60:] = 0
    moved = z.clone()
    moved[:, 60:] = 9
    moved[..., 1] *= 5
    own = pair_covariance(z[:, :60], s[None, :60, None], SHARES, None, line_nearness)
    found = pair_covariance(moved, s[None, :, None], SHARES, weight, line_nearness)
    torch.testing.assert_close(found, own)


def test_equal_codes_on_a_line_have_a_finite_gradient():
    z = torch.zeros(1, 20, 2, requires_grad=True)
    s = torch.arange(20)[None, :, None] % 3
    pair_covariance(z, s, SHARES, None, line_nearness).sum().backward()
    assert z.grad.isfinite().all()
