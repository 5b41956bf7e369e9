"""Rows that stay where they are, in files or a memory map, and are read some at a time."""

import math
from collections import deque
from typing import NamedTuple

import numpy as np
import pandas as pd

from ._row_hash import hash_cells

MOST_ROWS, MOST_CELLS = 2**16, 2**22  # read at a time
LEAST_ROWS, LEAST_IMAGES = 2**8, 2**6
MOST_ROWS_OF_PIECE = 2**40
MOST_OPEN = 16  # pieces at a time


class Rows(NamedTuple):
    """Some rows of a source.

    Attributes
    ----------
    cells : DataFrame or ndarray of shape (n, p), or images (n, channels, height, width)
    labels : ndarray of shape (n,)
        As the source has them.
    weights : float ndarray of shape (n,)
        1 where there are none.
    hashes : uint64 ndarray of shape (n,)
        Of all cells of a row, or of its group.
    places : uint64 ndarray of shape (n,)
        A number of its own for each row of the source.
    """

    cells: object
    labels: np.ndarray
    weights: np.ndarray
    hashes: np.ndarray
    places: np.ndarray

    def take(self, some):
        """Some of them, by an int array."""
        cells, *others = self
        cells = cells.iloc[some] if isinstance(cells, pd.DataFrame) else cells[some]
        return Rows(cells, *(array[some] for array in others))


class RowSource:
    """Pieces that can be read in any order.

    Attributes
    ----------
    n_pieces : int
    n_cells : int
        Of a row.
    size : int
        Rows to read at a time.
    n_open : int
        Pieces that may be open together.
    texts : list of str
        Names of columns of text.
    plain_texts : list of str
        Those of them that were not written as categories.
    grouped, weighted : bool
        Whether rows have groups, and weights.
    unit : float
        By which weights are divided.
    ids : list of int
        Columns that do not count for the hash of a row.
    """

    texts, plain_texts, grouped, weighted, n_open = (), (), False, False, MOST_OPEN
    unit, ids = 1.0, ()

    def strips(self, pieces, size, ways=1):
        """Rows of some pieces, at most `size` of one at a time; so many pieces take turns."""
        waiting, turns = iter(pieces), deque()
        while True:
            while len(turns) < ways and (piece := next(waiting, None)) is not None:
                turns.append(self._read(int(piece), size))
            if not turns:
                return
            if (rows := next(turns[0], None)) is None:
                turns.popleft()
                continue
            turns.rotate(-1)
            if self.weighted:
                rows = rows.take(np.flatnonzero(rows.weights > 0))
                rows = rows._replace(weights=rows.weights / self.unit)
            if len(rows.labels):
                yield rows

    def in_order(self):
        """All rows that have a weight."""
        return self.strips(range(self.n_pieces), self.size)

    def everything(self):
        """All rows in order, those of weight 0 too."""
        for piece in range(self.n_pieces):
            yield from self._read(piece, self.size)

    def _read(self, piece, size):
        first = piece * MOST_ROWS_OF_PIECE
        for *found, hashes in self.read_piece(piece, size):
            places = np.arange(first, first + len(hashes), dtype=np.uint64)
            first += len(hashes)
            yield Rows(*found, hashes, places)


def rows_at_a_time(n_cells, images=False):
    """How many rows of a table, or images, are read together."""
    least = LEAST_IMAGES if images else LEAST_ROWS
    return int(np.clip(MOST_CELLS // max(1, n_cells), least, MOST_ROWS))


class MappedRows(RowSource):
    """Rows of a memory map.

    Parameters
    ----------
    X : memmap of shape (n, p) or (n, channels, height, width)
    labels : ndarray of shape (n,)
    weights : ndarray of shape (n,), default=None
    groups : int ndarray of shape (n,), default=None
    """

    def __init__(self, X, labels, weights=None, groups=None):
        self.X, self.labels, self.weights, self.groups = X, labels, weights, groups
        self.weighted, self.grouped = weights is not None, groups is not None
        self.n_cells = math.prod(X.shape[1:])
        self.size = rows_at_a_time(self.n_cells, X.ndim == 4)
        self.piece = max(1, self.size // 8)
        self.n_pieces = -(-len(X) // self.piece)

    def read_piece(self, piece, size):
        """Cells, labels, weights and hashes of the rows of a piece, `size` at a time."""
        first, last = piece * self.piece, min((piece + 1) * self.piece, len(self.X))
        for start in range(first, last, size):
            some = slice(start, min(start + size, last))
            cells = np.array(self.X[some])
            weights = np.ones(len(cells)) if self.weights is None else self.weights[some]
            held = hash_cells(cells, self.ids) if self.groups is None else self._of_groups(some)
            yield cells, self.labels[some], weights, held

    def _of_groups(self, some):
        return hash_cells(self.groups[some, None])


def levels_of_texts(cells, texts):
    """Columns of text as categories, since files say of each column what it holds."""
    return cells.astype(dict.fromkeys(texts, "category")) if len(texts) else cells


def joined(pieces):
    """Cells of several strips as one table."""
    if isinstance(pieces[0], pd.DataFrame):
        return pd.concat(pieces, ignore_index=True)
    return np.concatenate(pieces)


def as_pixels(cells):
    """Cells of a table of pixels as an array of numbers."""
    found = np.asarray(cells)
    return found if found.dtype.kind in "biuf" else found.astype(float)
