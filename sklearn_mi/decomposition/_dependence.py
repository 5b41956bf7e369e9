"""How much codes depend on a nuisance, as a penalty that training can follow."""

import torch

WIDTHS = 1, 1 / 3, 1 / 9, 1 / 27  # of kernels, squared, as shares of twice the total variance


def pair_covariance(code, nuisance, shares, weight=None):
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
    near = nearness(code)
    alike = likeness(nuisance, shares)
    mean_near, mean_alike = ((pairs * of).sum((1, 2), keepdim=True) for of in (near, alike))
    return (pairs * (near - mean_near) * (alike - mean_alike)).sum((1, 2))


def _pairs(code, weight):
    """Weights (M, B, B) of pairs of two rows, which sum to one."""
    n_members, n_rows, _ = code.shape
    weight = code.new_ones(n_members, n_rows) if weight is None else weight
    pairs = weight[:, :, None] * weight[:, None]
    pairs = pairs * ~torch.eye(n_rows, dtype=torch.bool, device=code.device)
    return pairs / pairs.sum((1, 2), keepdim=True).clamp_min(1e-12)


def nearness(code):
    """The mean of Gaussian kernels of several widths, (M, B, B)."""
    norm = code.square().sum(-1)
    squared = norm[:, :, None] + norm[:, None] - 2 * code @ code.mT
    unit = 2 * code.detach().var(1).sum(-1)[:, None, None] + 1e-6
    each = [torch.exp(-squared.clamp_min(0) / unit)]
    while len(each) < len(WIDTHS):
        each.append(each[-1] ** 3)  # a third of the width, for less than another exponential
    return sum(each) / len(each)


def likeness(nuisance, shares):
    """How much more often two rows share their values than by chance, (M, B, B)."""
    alike = 1
    for values, share in zip(nuisance.unbind(-1), shares, strict=True):
        same = values[:, :, None] == values[:, None]
        alike = alike * (1 + same / share[values][:, :, None]) / 2
    return alike
