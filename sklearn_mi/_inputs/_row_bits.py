"""Cells as integers that are equal where they are, and a hash of each row of a table."""

import numpy as np
import pandas as pd
from pandas.api.types import is_complex_dtype, is_numeric_dtype

CELLS = 2**22  # hashed at a time


def as_columns(X):
    """A table as a list of Series or as a matrix of numbers."""
    if isinstance(X, pd.DataFrame):
        return [X.iloc[:, j] for j in range(X.shape[1])]
    X = np.asarray(X)
    X = X.reshape(len(X), -1) if X.ndim else X.reshape(1, 1)
    return X if X.dtype.kind in "biuf" else [pd.Series(cells) for cells in X.T]


def take(columns, rows):
    """Some rows of what `as_columns` gives."""
    if isinstance(columns, list):
        return [column.iloc[rows] for column in columns]
    return columns[rows]


def n_columns(columns):
    """Its number of columns."""
    return len(columns) if isinstance(columns, list) else columns.shape[1]


def cells_of(columns, j):
    """The cells of one of them."""
    return columns[j] if isinstance(columns, list) else columns[:, j]


def hash_rows(columns):
    """A hash of each row, (n,)."""
    if isinstance(columns, list):
        return sum(scramble(bits_of(cells), j) for j, cells in enumerate(columns))
    if columns.dtype.kind == "f":
        size = max(1, CELLS // max(1, columns.shape[1]))
        blocks = (bits_of(block) for block in np.split(columns, range(size, len(columns), size)))
    else:
        blocks = [np.ascontiguousarray(columns)]
    rows = (hash(row.tobytes()) for block in blocks for row in block)
    return np.fromiter(rows, np.int64, len(columns))


def hash_sparse_rows(matrix):
    """A hash of each row of a csr_array, (n,); duplicates are added up first, zeros are nothing."""
    matrix = matrix.copy()
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    cells = scramble(bits_of(matrix.data), matrix.indices)
    ends = np.r_[np.uint64(0), np.cumsum(cells)]
    return ends[matrix.indptr[1:]] - ends[matrix.indptr[:-1]]


def bits_of(cells):
    """Integers that are equal where cells are, uint64 of the shape of `cells`."""
    if isinstance(cells, pd.Series):
        if not is_numeric_dtype(cells.dtype) or is_complex_dtype(cells.dtype):
            return _bits_of_levels(cells)
        whole = cells.dtype.kind in "biu" and not cells.hasnans
        cells = cells.to_numpy() if whole else cells.to_numpy(float, na_value=np.nan)
    if cells.dtype.kind != "f":
        return cells.astype(np.uint64)
    numbers = cells.astype(np.float64) + 0.0  # makes -0.0 positive
    numbers[np.isnan(numbers)] = np.nan  # of which there are many
    return numbers.view(np.uint64)


def _bits_of_levels(cells):
    try:
        return pd.util.hash_pandas_object(cells, index=False).to_numpy()
    except (TypeError, ValueError):  # cells that pandas cannot hash
        words = np.array([hash(repr(cell)) for cell in cells], dtype=np.int64)
        return np.where(cells.isna(), 0, words).view(np.uint64)


def scramble(bits, place):
    """As splitmix64 does, by the place of the column: sums then meet by no pattern of the cells."""
    z = bits + (np.asarray([place]).ravel() + 1).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
