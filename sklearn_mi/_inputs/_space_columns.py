"""Columns of a table and their places in a space: numbers as coordinates, the rest as levels."""

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri
from scipy.stats import kurtosis
from sklearn.base import BaseEstimator

MOST_LEVELS = 64  # the rarest of more share one, and are drawn from it by their frequencies
MOST_TIES = 0.1  # share of the rows whose number another row has
HEAVIEST_TAIL = 3.0  # excess kurtosis
MOST_KNOTS = 2_000
MOST_DECIMALS = 6


class NumberColumn(BaseEstimator):
    """Numbers as a coordinate of unit scale.

    Numbers with ties or heavy tails go to normal scores by their ranks, and back by quantiles, so
    that all values are of the fit or between two of them; others are centred and scaled, which
    keeps their gaps and shapes.

    Attributes
    ----------
    center_, scale_ : float
    knots_ : ndarray or None
        Quantiles at equal steps of rank; None where the column is only scaled.
    lowest_, highest_ : float
    decimals_ : int or None
    """

    def fit(self, values, weight=None):
        """Learn from values of which some may be NaN."""
        present = ~np.isnan(values)
        weight = np.ones(len(values)) if weight is None else weight
        values, weight = values[present & (weight > 0)], weight[present & (weight > 0)]
        self.lowest_, self.highest_ = values.min(), values.max()
        self.decimals_ = decimals_of(values)
        self.center_ = np.average(values, weights=weight)
        self.scale_ = np.sqrt(np.average((values - self.center_) ** 2, weights=weight)) or 1.0
        ties = 1 - len(np.unique(values)) / len(values)
        self.tied_ = ties > MOST_TIES
        self.knots_ = None
        if self.tied_ or kurtosis(values) > HEAVIEST_TAIL:
            self.knots_ = _quantiles(values, weight, self.tied_)
        return self

    def to_points(self, values, rng):
        """Coordinates; 0 of NaN. Equal numbers share the middle of their ranks if `rng` is None."""
        if self.knots_ is None:
            return np.nan_to_num((values - self.center_) / self.scale_)
        n = len(self.knots_)
        filled = np.where(np.isnan(values), self.center_, values)
        if self.tied_:
            low = np.searchsorted(self.knots_, filled, "left")
            high = np.searchsorted(self.knots_, filled, "right")
            part = 0.5 if rng is None else rng.random_sample(len(filled))
            share = (low + part * (high - low)) / n
        else:
            share = np.interp(filled, self.knots_, (np.arange(n) + 0.5) / n)
        share = np.clip(share, 0.5 / n, 1 - 0.5 / n)
        return np.where(np.isnan(values), 0, ndtri(share))

    def from_points(self, coordinates):
        """Numbers; within the range and with the decimals of the fit."""
        if self.knots_ is None:
            values = self.center_ + self.scale_ * coordinates
        else:
            n = len(self.knots_)
            share = ndtr(coordinates)
            if self.tied_:
                return self.knots_[np.clip((share * n).astype(int), 0, n - 1)]
            values = np.interp(share, (np.arange(n) + 0.5) / n, self.knots_)
        values = np.clip(values, self.lowest_, self.highest_)
        return values if self.decimals_ is None else np.round(values, self.decimals_)


def _quantiles(values, weight, tied):
    order = np.argsort(values)
    n = min(len(values), MOST_KNOTS)
    share = np.cumsum(weight[order]) - weight[order] / 2
    share /= weight.sum()
    at = (np.arange(n) + 0.5) / n
    if tied:
        return values[order][np.searchsorted(share, at).clip(max=len(values) - 1)]
    return np.interp(at, share, values[order])


def decimals_of(values):
    """Fewest decimals that hold all values; None if they need more than a few."""
    for decimals in range(MOST_DECIMALS + 1):
        if np.allclose(np.round(values, decimals), values, rtol=1e-12, atol=0):
            return decimals
    return None


class LevelColumn(BaseEstimator):
    """Levels of a column by their texts, and the cells that stand for them.

    Attributes
    ----------
    words_ : list of str or None
        None is missing.
    cells_ : list
    place_ : int ndarray
        The drawn level of each word; the rarest share the last.
    frequency_ : ndarray
        Of each word among those of its level.
    """

    def fit(self, words, column, weight=None):
        """Learn from texts and their cells."""
        weight = np.ones(len(words)) if weight is None else weight
        codes, found = pd.factorize(pd.Series(words, dtype=object), use_na_sentinel=False)
        counts = np.bincount(codes, weights=weight, minlength=len(found))
        first = np.unique(codes, return_index=True)[1]
        kept = [k for k in np.argsort(-counts, kind="stable") if counts[k] > 0]
        self.words_ = [None if pd.isna(found[k]) else found[k] for k in kept]
        self.cells_ = [_plain(column.iloc[first[k]]) for k in kept]
        self.place_ = np.minimum(np.arange(len(kept)), MOST_LEVELS - 1)
        self.frequency_ = counts[kept]
        return self

    def fit_missing(self, missing):
        """Two levels: a number is there, or is missing."""
        self.words_, self.cells_ = ["present", "missing"], [False, True]
        self.place_, self.frequency_ = np.arange(2), np.bincount(missing, minlength=2).astype(float)
        return self

    @property
    def n_levels(self):
        return int(self.place_[-1]) + 1

    def codes_of(self, words):
        """Codes of texts; one that is not known is the rarest."""
        known = {word: place for word, place in zip(self.words_, self.place_, strict=True)}
        return np.array([known.get(word, self.n_levels - 1) for word in words], dtype=int)

    def cells_of(self, codes, rng):
        """Cells for codes, as an array of objects."""
        cells = np.empty(len(self.cells_), dtype=object)
        cells[:] = self.cells_
        chosen = codes.copy()
        shared = np.flatnonzero(self.place_ == self.n_levels - 1)
        last = np.flatnonzero(codes == self.n_levels - 1)
        share = self.frequency_[shared] / self.frequency_[shared].sum()
        chosen[last] = shared[rng.choice(len(shared), len(last), p=share)]
        return cells[chosen]


def _plain(cell):
    return cell.item() if isinstance(cell, np.generic) and cell.dtype.kind in "biufSU" else cell
