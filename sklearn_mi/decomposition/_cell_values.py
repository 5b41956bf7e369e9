"""From bins and places back to values: those that rows of the fit have shown."""

import numpy as np

from ._cell_bins import bins_of

MOST_VALUES = 1000  # of a number, at evenly spaced ranks
MOSTLY_DIFFERENT = 0.9  # share of different values from which a number is taken for continuous


class CellValues:
    """What cells of each bin and place may hold.

    Parameters
    ----------
    bins : CellBins
        Of one network.
    numbers : ndarray of shape (n, J)
        The rows that it trains on.
    levels : int ndarray of shape (n, C)

    Attributes
    ----------
    values : list of J ndarrays
        Sorted values, none of them missing.
    starts : list of J int ndarrays
        Where the values of each bin begin, and the end.
    means : ndarray of shape (J, n_bins)
        Of each bin; 0 where there is none.
    has_missing : bool ndarray of shape (J,)
        Whether there are missing cells, else none are made.
    continuous : bool ndarray of shape (J,)
        Whether values between those that have been seen may be.
    level_values, level_starts : lists of C int ndarrays
        The same of the levels of each place, as often as there are rows.
    """

    def __init__(self, bins, numbers, levels):
        own = zip(numbers.T, bins.inner[0], strict=True)
        self.means = np.array([_means(*of, bins.bin_shares.shape[-1]) for of in own])
        self.values = [_some(np.sort(v[~np.isnan(v)])) for v in numbers.T]
        self.has_missing = np.isnan(numbers).any(axis=0)
        self.continuous = np.array([_is_continuous(v) for v in self.values], dtype=bool)
        self.starts = [
            np.r_[0, np.searchsorted(own, edges[np.isfinite(edges)]), len(own)]
            for own, edges in zip(self.values, bins.inner[0], strict=True)
        ]
        self.level_values, self.level_starts = [], []
        for place, codes in zip(bins.places, levels.T, strict=True):
            order = np.argsort(place[0][codes], kind="stable")
            order = order[np.linspace(0, len(order) - 1, min(len(order), MOST_VALUES)).astype(int)]
            own = place[0][codes][order]
            self.level_values.append(codes[order])
            self.level_starts.append(np.searchsorted(own, np.arange(place.max() + 2)))

    def draw_numbers(self, codes, rng):
        """Values (n, J) at random from their bins; NaN for missing ones."""
        out = np.full(codes.shape, np.nan)
        for j, own in enumerate(codes.T):
            present = own >= 0
            if len(self.values[j]):
                out[present, j] = self._draw(j, own[present], rng)
        return out

    def _draw(self, j, codes, rng):
        values, starts = self.values[j], self.starts[j]
        codes = np.minimum(codes, len(starts) - 2)
        place = starts[codes] + rng.uniform(size=len(codes)) * (starts[codes + 1] - starts[codes])
        low = np.minimum(place.astype(int), len(values) - 1)
        if not self.continuous[j]:
            return values[low]
        high = np.minimum(low + 1, len(values) - 1)
        return values[low] + (place - low) * (values[high] - values[low])

    def draw_levels(self, places, rng):
        """Levels (n, C) at random from their places."""
        out = np.zeros(places.shape, int)
        for c, own in enumerate(places.T):
            starts = self.level_starts[c]
            width = np.maximum(starts[own + 1] - starts[own], 1)
            at = starts[own] + (rng.uniform(size=len(own)) * width).astype(int)
            out[:, c] = self.level_values[c][np.minimum(at, len(self.level_values[c]) - 1)]
        return out


def _means(values, edges, n_bins):
    """The mean of each bin of a number; 0 where there is none."""
    values = values[~np.isnan(values)]
    codes = bins_of(values, edges[np.isfinite(edges)])
    counts = np.bincount(codes, minlength=n_bins)
    return np.bincount(codes, weights=values, minlength=n_bins) / np.maximum(counts, 1)


def _some(ordered):
    if len(ordered) <= MOST_VALUES:
        return ordered
    return ordered[np.linspace(0, len(ordered) - 1, MOST_VALUES).round().astype(int)]


def _is_continuous(values):
    return len(np.unique(values)) > MOSTLY_DIFFERENT * len(values)
