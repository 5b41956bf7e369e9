"""How much codes depend on a nuisance, as a penalty that training can follow."""

import torch

FREQUENCIES = tuple(k / 2 for k in range(1, 9))  # of waves, in radians per standard deviation
RIDGE = 0.02  # beside the variance of all waves together, which is about one
WIDTHS = 1, 1 / 3, 1 / 9, 1 / 27  # of kernels, squared, as shares of twice the total variance


def pair_covariance(code, nuisance, shares, weight=None, nearness=None):
    r"""Covariance, over pairs of rows, of having near codes and sharing the nuisance.

    .. math:: \mathrm{cov}_{i \ne j}\Big(k(z_i, z_j), \; \prod_c \tfrac12
              \big(1 + 1[s_{ic} = s_{jc}] / p(s_{ic})\big)\Big)

    with a mean of Gaussian kernels k. For one nuisance it is half the mean over its values s, each
    by its share, of the squared distance (maximum mean discrepancy, MMD [1]_) between the codes of
    s and all codes: 0 if and only if they are independent, without bias, and with nothing to tune
    by the number of values. Of several nuisances it is that of all together.

    Parameters
    ----------
    code : Tensor of shape (M, B, d)
    nuisance : int Tensor of shape (M, B, C)
        The value of each of C nuisances.
    shares : list of C Tensors
        How frequent each value is.
    weight : Tensor of shape (M, B), default=None
    nearness : callable, default=None
        k, of `code` and `weight`; None is `gaussian_nearness`.

    Returns
    -------
    covariance : Tensor of shape (M,)

    References
    ----------
    .. [1] A. Gretton et al., "A kernel two-sample test", Journal of Machine Learning Research,
       2012. As a penalty on codes: C. Louizos et al., "The variational fair autoencoder", ICLR
       2016.
    """
    pairs = _pairs(code, weight)
    near = (nearness or gaussian_nearness)(code, weight)
    alike = likeness(nuisance, shares)
    mean_near, mean_alike = ((pairs * of).sum((1, 2), keepdim=True) for of in (near, alike))
    return (pairs * (near - mean_near) * (alike - mean_alike)).sum((1, 2))


def _pairs(code, weight):
    """Weights (M, B, B) of pairs of two rows, which sum to one."""
    share = _row_shares(code, weight)
    pairs = share[:, :, None] * share[:, None]
    pairs = pairs * ~torch.eye(code.shape[1], dtype=torch.bool, device=code.device)
    return pairs / pairs.sum((1, 2), keepdim=True).clamp_min(1e-12)


def _row_shares(code, weight):
    """Weights (M, B) of rows, which sum to one."""
    weight = code.new_ones(code.shape[:2]) if weight is None else weight
    return weight / weight.sum(1, keepdim=True).clamp_min(1e-12)


def gaussian_nearness(code, weight=None):
    """The mean of Gaussian kernels of several widths, (M, B, B)."""
    norm = code.square().sum(-1)
    squared = norm[:, :, None] + norm[:, None] - 2 * code @ code.mT
    unit = 2 * code.detach().var(1).sum(-1)[:, None, None] + 1e-6
    each = [torch.exp(-squared.clamp_min(0) / unit)]
    while len(each) < len(WIDTHS):
        each.append(each[-1] ** 3)  # a third of the width, for less than another exponential
    return sum(each) / len(each)


def line_nearness(code, weight=None):
    r"""Nearness on a line, as a regression on waves has it, (M, B, B).

    .. math:: k(z_i, z_j) = f_i^T (\Sigma + \rho)^{-1} f_j

    with f the first component, and its sines and cosines at several frequencies, all centred, and
    :math:`\Sigma` their covariance. With it `pair_covariance` is half the share of the variance of
    the values of a nuisance that a ridge regression on f explains, but for what rows explain of
    themselves: where codes tell little of it, about I(Z; S) in nats.
    """
    share = _row_shares(code, weight)[..., None]
    centred = code[..., :1] - (share * code[..., :1]).sum(1, keepdim=True)
    scale = (share * centred.detach().square()).sum(1, keepdim=True).sqrt() + 1e-6
    place = centred / scale
    phase = place * place.new_tensor(FREQUENCIES)
    waves = torch.cat([phase.sin(), phase.cos()], -1) / len(FREQUENCIES) ** 0.5
    waves = torch.cat([place, waves], -1)
    waves = waves - (share * waves).sum(1, keepdim=True)
    covariance = (share * waves).mT @ waves
    ridge = RIDGE * torch.eye(waves.shape[-1], device=waves.device, dtype=waves.dtype)
    return waves @ torch.linalg.solve(covariance + ridge, waves.mT)


def likeness(nuisance, shares):
    """How much more often two rows share their values than by chance, (M, B, B)."""
    alike = 1
    for values, share in zip(nuisance.unbind(-1), shares, strict=True):
        same = values[:, :, None] == values[:, None]
        alike = alike * (1 + same / share[values][:, :, None]) / 2
    return alike
