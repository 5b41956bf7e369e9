"""A number for each row by its cells, whatever it is read with, and its fold by that."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ._repeated_rows import LEAST_SHARE, NATURAL
from ._row_bits import bits_of, scramble
from ._row_chance import MOST_COPIES, chance_explains


def hash_cells(cells, left_out=()):
    """Hash of each row, uint64 (n,); the same in whatever strip of its source it comes.

    Numbers that are equal are the same, whether others beside them are missing or not.

    Parameters
    ----------
    cells : DataFrame or ndarray of numbers, of shape (n, p) or (n, channels, height, width)
    left_out : list of int, default=()
        Columns that do not count.

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
        cells = cells.reshape(len(cells), -1)
        kept = np.setdiff1d(np.arange(cells.shape[1]), left_out)
        cells = cells[:, kept] if len(left_out) else cells
        return scramble(bits_of(cells), kept).sum(axis=1, dtype=np.uint64)
    total = np.zeros(len(cells), np.uint64)
    for j in np.setdiff1d(np.arange(cells.shape[1]), left_out):
        total += scramble(_bits_of_column(cells.iloc[:, j]), j)
    return total


def _bits_of_column(column):
    if column.dtype.kind in "biuf":
        return bits_of(column.to_numpy(float, na_value=np.nan))
    if column.dtype.kind in "mM":
        return column.astype("int64").to_numpy().view(np.uint64)
    # Missing cells by themselves: what others hash to must not depend on whether there are some.
    there = column.notna().to_numpy()
    bits = np.full(len(column), bits_of(np.array([np.nan]))[0])
    bits[there] = _bits_of_objects(column[there].astype(object))
    return bits


def _bits_of_objects(cells):
    """Integers for cells none of which is missing; truth values as where the column has no gaps."""
    if all(type(cell) in (bool, np.bool_) for cell in cells):
        return bits_of(cells.to_numpy(float))
    return bits_of(cells)


def draw_keys(places, seed):
    """Random numbers, uint64 (n,), one for each place of a row in its source."""
    return scramble(scramble(places, 0), seed)


def chosen_rows(places, share, seed):
    """Which rows are in a sample of this share of all, bool (n,)."""
    return draw_keys(places, seed) <= np.uint64(min(share, 1.0) * (2**64 - 2**12))


class Folds(NamedTuple):
    """The fold of any row, which can be found again.

    Equal rows are held out together, so that none is scored by what has learnt its copy. Where rows
    repeat by nature, as they do in columns of few levels, that would hold out all that there is to
    know of them: there the place of a row in its source decides.

    Attributes
    ----------
    n_folds, seed : int
    by_place : bool
        Whether rows repeat by nature.
    natural : uint64 ndarray
        Hashes of single rows that do, such as that of zeros everywhere.
    """

    n_folds: int
    seed: int
    by_place: bool = False
    natural: np.ndarray = np.empty(0, np.uint64)

    def of(self, hashes, places):
        """Fold of each row, int (n,), by the hash of its cells, or of its group, and its place."""
        alone = np.isin(hashes, self.natural) | self.by_place
        mixed = np.where(alone, scramble(places, 1), hashes)
        return (draw_keys(mixed, self.seed) % np.uint64(self.n_folds)).astype(int)


def find_folds(cells, hashes, n_folds, seed, grouped):
    """How to divide the rows of which these are a sample; groups always stay together."""
    if grouped:
        return Folds(n_folds, seed)
    values, counts = np.unique(hashes, return_counts=True)
    most = np.argsort(-counts, kind="stable")[:NATURAL]
    most = most[counts[most] > MOST_COPIES]
    counts[most] = 0
    by_place = counts[counts > 1].sum() >= LEAST_SHARE * len(hashes)
    if by_place:
        frame = isinstance(cells, pd.DataFrame)
        columns = (
            [cells.iloc[:, j] for j in range(cells.shape[1])]
            if frame
            else cells.reshape(len(cells), -1)
        )
        by_place = chance_explains(columns)
    return Folds(n_folds, seed, bool(by_place), values[most])
