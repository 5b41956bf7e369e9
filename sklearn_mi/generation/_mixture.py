"""Where a generator starts: a Gaussian for the coordinates of each code, frequencies of levels."""

from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_triangular

RIDGE = 1e-5  # of a variance of 1
WIDEST = 128  # coordinates of which each code has a covariance of its own
LEAST_SHARE = 1e-4  # of a level that a code has not


class Mixture(NamedTuple):
    """A simple distribution of points for each of K codes.

    Attributes
    ----------
    mean : ndarray of shape (K, p)
    factor : ndarray of shape (K, p, p), or (1, p, p) of wide tables
        Lower triangles, whose products with their transposes are covariances.
    log_share : ndarray of shape (K, q)
        Of levels, all columns beside each other.
    """

    mean: np.ndarray
    factor: np.ndarray
    log_share: np.ndarray


def fit_mixture(coordinates, indicators, codes, weight):
    """Means, covariances and shares of each code, drawn to those of all as if by a few rows more.

    Parameters
    ----------
    coordinates : ndarray of shape (n, p)
    indicators : ndarray of shape (n, q)
    codes : Codes
    weight : ndarray of shape (n,)

    Returns
    -------
    mixture : Mixture
    """
    weight = weight * (len(weight) / weight.sum())
    own = np.zeros((len(codes.centers), len(weight)))
    own[codes.of_rows, np.arange(len(weight))] = weight
    total = own.sum(1)
    mean = own @ coordinates / total[:, None]
    rest = coordinates - mean[codes.of_rows]
    pooled = (rest * weight[:, None]).T @ rest / weight.sum()
    width = coordinates.shape[1]
    covariance, prior = pooled[None], width + 2
    if width <= WIDEST:
        each = [(rest[o > 0] * o[o > 0, None]).T @ rest[o > 0] for o in own]
        covariance = (np.array(each) + prior * pooled) / (total + prior)[:, None, None]
    factor = np.linalg.cholesky(covariance + RIDGE * np.eye(width))
    overall = weight @ indicators / weight.sum()
    share = (own @ indicators + overall + LEAST_SHARE) / (total[:, None] + 1)
    return Mixture(mean, factor, np.log(share))


def whitened(coordinates, codes_of_rows, mixture):
    """Coordinates in units of the Gaussian of their code, (n, p)."""
    rest = coordinates - mixture.mean[codes_of_rows]
    white = np.empty_like(rest)
    for code in range(len(mixture.mean)) if rest.shape[1] else ():
        rows = codes_of_rows == code
        factor = mixture.factor[code % len(mixture.factor)]
        white[rows] = solve_triangular(factor, rest[rows].T, lower=True).T
    return white
