"""The code of rows: clusters of each class, of which the code tells as much as it can."""

from typing import NamedTuple

import numpy as np
from sklearn.cluster import KMeans

FEWEST_ROWS = 10  # of a class for each of its codes
LEVEL_SCALE = 0.7  # at which two levels are one apart, as two numbers a standard deviation apart


class Codes(NamedTuple):
    """K codes, each of one class.

    Attributes
    ----------
    of_rows : int ndarray of shape (n,)
    centers : ndarray of shape (K, p)
        Points, as of `joined_points`.
    class_of : int ndarray of shape (K,)
    frequency : ndarray of shape (K,)
        Shares of the weight of all rows.
    spread : float
        Mean squared distance of rows to the center of their code.
    """

    of_rows: np.ndarray
    centers: np.ndarray
    class_of: np.ndarray
    frequency: np.ndarray
    spread: float


def learn_codes(points, labels, weight, n_codes, rng):
    """Share out codes among classes by the roots of their rows, and cluster the rows of each.

    Parameters
    ----------
    points : ndarray of shape (n, p)
    labels : int ndarray of shape (n,)
    weight : ndarray of shape (n,)
        Above 0.
    n_codes : int
    rng : RandomState

    Returns
    -------
    codes : Codes
    """
    of_rows, centers, class_of = np.zeros(len(points), dtype=int), [], []
    classes, counts = np.unique(labels, return_counts=True)
    shares = n_codes * np.sqrt(counts) / np.sqrt(counts).sum()
    for label, share in zip(classes, shares, strict=True):
        rows = np.flatnonzero(labels == label)
        most = min(len(rows) // FEWEST_ROWS, len(np.unique(points[rows], axis=0)))
        k = int(np.clip(round(share), 1, max(1, most)))
        found = KMeans(k, n_init=3, random_state=rng).fit(points[rows], sample_weight=weight[rows])
        used, own = np.unique(found.labels_, return_inverse=True)
        of_rows[rows] = own + len(class_of)
        centers += list(found.cluster_centers_[used])
        class_of += [label] * len(used)
    centers = np.array(centers)
    frequency = np.bincount(of_rows, weights=weight, minlength=len(centers)) / weight.sum()
    spread = np.average(np.square(points - centers[of_rows]).sum(1), weights=weight)
    return Codes(of_rows, centers, np.array(class_of), frequency, float(spread) or 1.0)


def joined_points(coordinates, indicators):
    """Coordinates and indicators of levels as points whose distances can be told."""
    return np.concatenate([coordinates, LEVEL_SCALE * indicators], axis=1)
