"""From the probability of a bin to the density of a number in it."""

import numpy as np

from .._inputs._table_encoder import center_and_scale
from ._cell_bins import bins_of

REACH = 3.0  # of a softly clipped number
NARROWEST = 1e-12


class CellDensity:
    r"""Densities of numbers within their bins, with tails that go on for ever.

    A number z, centred and scaled, is softly clipped to u in (-3, 3),

    .. math:: u = z / \sqrt{1 + (z / 3)^2}

    and there a bin is uniform. Of the first and the last a share of 1 / (n + 1), n rows in the bin,
    lies beyond all numbers that have been seen.

    Parameters
    ----------
    bins : CellBins
        Of one network.
    numbers : ndarray of shape (n, J)
        The rows that it trains on.
    """

    def __init__(self, bins, numbers):
        fitted = [center_and_scale(own[~np.isnan(own)]) for own in numbers.T]
        self.center, self.scale = np.reshape(fitted, (-1, 2)).T
        self.ends, self.log_shares = [], []
        for j, edges in enumerate(bins.inner[0]):
            ends, shares = self._ends(j, edges[np.isfinite(edges)], numbers[:, j])
            self.ends.append(ends)
            self.log_shares.append(np.log(shares))

    def _ends(self, j, edges, values):
        """Ends of all pieces, tails among them, and which share of its bin each is."""
        values = values[~np.isnan(values)]
        if not self.scale[j] > 0:
            return edges, np.ones(1)
        low, high = values.min(), np.nextafter(values.max(), np.inf)
        counts = np.bincount(bins_of(values, edges))
        shares = np.ones(len(counts) + 2)
        shares[[0, -1]] = 1 / (counts[[0, -1]] + 1)
        shares[1] -= shares[0]
        shares[-2] -= shares[-1]
        return np.r_[low, edges, high], shares

    def log_unit(self, numbers):
        """What to add to the log probabilities of bins (n, J); 0 where there is no density."""
        out = np.zeros(numbers.shape)
        for j in np.flatnonzero(self.scale > 0):
            values = numbers[:, j]
            present = ~np.isnan(values)
            out[present, j] = self._of_numbers(j, values[present])
        return out

    def _of_numbers(self, j, values):
        piece = np.searchsorted(self.ends[j], values, side="right")
        ends = np.r_[-REACH, _clipped(self._scaled(j, self.ends[j])), REACH]
        width = np.maximum(np.diff(ends), NARROWEST)[piece]
        slope = -1.5 * np.log1p((self._scaled(j, values) / REACH) ** 2)
        return self.log_shares[j][piece] - np.log(width) + slope - np.log(4 * self.scale[j])

    def _scaled(self, j, values):
        return (values / 4 - self.center[j]) / self.scale[j]


def _clipped(z):
    return z / np.sqrt(1 + (z / REACH) ** 2)
