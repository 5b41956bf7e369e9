"""Columns cut into bins."""

import numpy as np
import pandas as pd

from ._cells import as_frame, kind_of, numbers_of, texts_of


def cut_at_quantiles(values, most_bins, train):
    """Bin of each number, cut at the quantiles of training rows; missing values are the last."""
    missing = np.isnan(values)
    edges = np.unique(values[train][~missing[train]])
    if len(edges) > most_bins:  # of values in between only the order counts
        share = np.linspace(0, 1, most_bins + 1)[:-1]
        edges = np.unique(np.quantile(values[train][~missing[train]], share, method="higher"))
    bins = np.searchsorted(edges[1:], values, side="right")
    return np.where(missing, max(len(edges), 1), bins)


def commonest_levels(codes, most_bins):
    """Level of each row, the commonest first; -1, which is missing, is the last, all rare are one.

    Parameters
    ----------
    codes : int ndarray of shape (n,)
    most_bins : int
        So many levels, with that of the rare ones.
    """
    counts = np.bincount(codes[codes >= 0], minlength=1)
    rank = np.empty(len(counts) + 1, int)
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
    rank = np.minimum(rank, most_bins - 1)
    rank[-1] = min(len(counts), most_bins)
    return rank[codes]


class ColumnBins:
    """The columns of a table in bins of any fineness, by all of its rows.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n, d)
    rows : int ndarray
        Those that are looked at.
    """

    def __init__(self, X, rows):
        frame = as_frame(X).iloc[rows]
        self.cells = [_cells(frame, j) for j in range(frame.shape[1])]

    def of(self, most_bins):
        """Bins of all columns, int (n, d): numbers and dates at quantiles, categories by level."""
        return np.stack([_bins(cells, most_bins) for cells in self.cells], axis=1)


def _cells(frame, j):
    column, name = frame.iloc[:, j], str(frame.columns[j])
    kind = kind_of(column, name)
    if kind == "category":
        return pd.factorize(texts_of(frame, [j])[:, 0])[0]
    return numbers_of(column, kind, name)


def _bins(cells, most_bins):
    if cells.dtype.kind == "i":
        return commonest_levels(cells, most_bins)
    return cut_at_quantiles(cells, most_bins, slice(None))
