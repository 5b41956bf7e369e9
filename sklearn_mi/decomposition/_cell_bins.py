"""The cells of rows as quantile bins of numbers and levels of categories."""

from dataclasses import dataclass, fields

import numpy as np
from scipy.special import ndtri

FAR = 1e3  # stands for infinity among standard normal numbers
SMALLEST_SHARE = 1e-4  # whose quantile is told apart
MISSING = -1  # the bin of a missing number


@dataclass(frozen=True)
class CellBins:
    """What the training rows of each of M networks make of cells.

    Attributes
    ----------
    inner : ndarray of shape (M, J, n_bins - 1)
        Edges between the bins of J numbers, which are values of theirs; filled up with inf.
    bin_shares : ndarray of shape (M, J, n_bins)
        How frequent each bin is where the number is not missing.
    missing_shares : ndarray of shape (M, J)
        How frequent missing cells are, with a half added to both counts.
    places : list of C int ndarrays of shape (M, n_levels + 1)
        The place of each level of a category, and of all other levels.
    level_shares : list of C ndarrays of shape (M, n_places)
        How frequent each place is, with a half added to each count.
    log_within : list of C ndarrays of shape (M, n_levels + 1)
        Logarithm of the share of each level among those of its place, the last of levels that no
        row has shown; with a half added to each count.
    """

    inner: np.ndarray
    bin_shares: np.ndarray
    missing_shares: np.ndarray
    places: list
    level_shares: list
    log_within: list

    @classmethod
    def fit(cls, numbers, levels, places, train_rows, n_bins):
        """Find the bins of numbers (n, J) and the frequencies of levels (n, C) for each network."""
        shape = len(train_rows), numbers.shape[1]
        inner = np.full((*shape, n_bins - 1), np.inf)
        shares, missing = np.zeros((*shape, n_bins)), np.zeros(shape)
        for m, rows in enumerate(train_rows):
            for j, values in enumerate(numbers[rows].T):
                observed = values[~np.isnan(values)]
                edges = inner_edges(observed, n_bins)
                inner[m, j, : len(edges)] = edges
                shares[m, j] = _shares(bins_of(observed, edges), n_bins, len(edges) + 1)
                missing[m, j] = (len(values) - len(observed) + 0.5) / (len(values) + 1)
        places = [np.maximum(own, 0) for own in places]  # of a category without places, the only
        level_shares, log_within = [], []
        for own, codes in zip(places, levels.T, strict=True):
            each = [(place, codes[rows]) for place, rows in zip(own, train_rows, strict=True)]
            n_places = int(own.max()) + 1
            level_shares.append(np.stack([_shares(place[seen], n_places) for place, seen in each]))
            log_within.append(np.stack([_log_within(place, seen) for place, seen in each]))
        return cls(inner, shares, missing, places, level_shares, log_within)

    def of_member(self, number):
        """Those of one network, as those of a stack of one."""
        own = slice(number, number + 1)
        parts = (getattr(self, field.name) for field in fields(self))
        return CellBins(*([a[own] for a in p] if isinstance(p, list) else p[own] for p in parts))

    @property
    def normal_edges(self):
        """All edges where each number has a standard normal distribution, (M, J, n_bins + 1)."""
        up_to = self.bin_shares.cumsum(-1)[..., :-1]
        inner = ndtri(np.clip(up_to, SMALLEST_SHARE, 1 - SMALLEST_SHARE))
        ends = [(0, 0), (0, 0), (1, 1)]
        edges = np.pad(np.where(np.isinf(self.inner), FAR, inner), ends, constant_values=FAR)
        edges[..., 0] = -FAR
        return edges


def inner_edges(observed, n_bins):
    """Different values at evenly spaced ranks, of which each opens a bin that holds it."""
    if not len(observed):
        return observed
    ranks = np.linspace(0, 1, n_bins + 1)[1:-1]
    edges = np.unique(np.quantile(observed, ranks, method="inverted_cdf"))
    return edges[edges > observed.min()]


def bins_of(values, edges):
    """The bin of each value, that of a missing one the last."""
    return np.searchsorted(edges, values, side="right")


def _log_within(place, codes):
    counts = np.bincount(codes, minlength=len(place)) + 0.5
    return np.log(counts / np.bincount(place, weights=counts)[place])


def _shares(codes, n_places, n_used=None):
    counts = np.bincount(codes, minlength=n_places) + 0.5 * (
        np.arange(n_places) < (n_used or n_places)
    )
    return counts / counts.sum()
