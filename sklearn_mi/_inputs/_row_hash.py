"""A number for each row that depends on its cells alone, not on where or with what it is read."""

import numpy as np
import pandas as pd

from ._repeated_rows import _bits, _scramble


def hash_cells(cells):
    """Hash of each row, uint64 (n,); the same in whatever strip of its source it comes.

    Numbers that are equal are the same, whether others beside them are missing or not.

    Parameters
    ----------
    cells : DataFrame or ndarray of numbers, of shape (n, p)

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1, 2, 1], "b": ["x", "y", "x"]})
    >>> first, second, third = hash_cells(table).tolist()
    >>> first == third != second
    True
    >>> hash_cells(table[2:]).tolist() == [third]
    True
    """
    if isinstance(cells, np.ndarray):
        return _scramble(_bits(cells), np.arange(cells.shape[1])).sum(axis=1, dtype=np.uint64)
    total = np.zeros(len(cells), np.uint64)
    for j in range(cells.shape[1]):
        total += _scramble(_bits_of_column(cells.iloc[:, j]), j)
    return total


def _bits_of_column(column):
    if column.dtype.kind in "biuf":
        return _bits(column.to_numpy(float, na_value=np.nan))
    if column.dtype.kind == "O" and set(map(type, column)) <= {bool, type(None)}:
        return _bits(column.to_numpy(float, na_value=np.nan))
    if column.dtype.kind in "mM":
        return column.astype("int64").to_numpy().view(np.uint64)
    return _bits(column)


def folds_of(hashes, n_folds, seed):
    """Fold of each row, int (n,)."""
    mixed = _scramble(hashes ^ np.uint64(seed), 0)
    return (mixed % np.uint64(n_folds)).astype(int)


def draw_keys(first, n_rows, seed):
    """Random numbers, uint64 (n_rows,), of the rows of a source from number `first` on."""
    return _scramble(np.arange(first, first + n_rows, dtype=np.uint64), seed)


def chosen_rows(first, n_rows, share, seed):
    """Which of them are in a sample of this share of all rows."""
    return draw_keys(first, n_rows, seed) <= np.uint64(min(share, 1.0) * (2**64 - 2**12))
