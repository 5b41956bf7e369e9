"""The first pass over rows that do not fit into memory: their number, classes, and a sample."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ._checks import MIN_ROWS
from ._row_hash import Folds, draw_keys, find_folds
from ._row_source import joined, levels_of_texts

SAMPLE_ROWS, SAMPLE_CELLS = 100_000, 2**24  # at most
LEAST_OF_CLASS = 20  # rows in the sample, or all that there are
MOST_CLASSES = 10_000
ALL = np.uint64(2**64 - 1)


class Sketch(NamedTuple):
    """What the first pass has found.

    Attributes
    ----------
    n_rows : int
    cells : DataFrame or ndarray
        Of a uniform sample of the rows, and of more of rare classes, in the order of the source.
    labels : ndarray
        Of the sample, as they came.
    folds : Folds
        Of all rows.
    sample_folds : int ndarray
        Of the sample.
    counts : dict
        Rows of each label among all.
    """

    n_rows: int
    cells: object
    labels: np.ndarray
    folds: Folds
    sample_folds: np.ndarray
    counts: dict


def sketch_rows(source, n_folds, seed):
    """Read all rows once.

    Parameters
    ----------
    source : RowSource
    n_folds, seed : int

    Returns
    -------
    sketch : Sketch

    Raises
    ------
    ValueError
        If a label is missing, a number is infinite, there are too few rows or too many classes.
    """
    reservoir = None
    for rows in source.in_order():
        if reservoir is None:
            reservoir = Reservoir(_sample_size(rows.cells.shape[1]), seed)
        refuse_infinite(rows.cells, reservoir.n_rows)
        reservoir.add(rows)
    n_rows = 0 if reservoir is None else reservoir.n_rows
    if n_rows < MIN_ROWS:
        raise ValueError(
            f"Found a table with {n_rows} sample(s) while a minimum of {MIN_ROWS} is required: "
            "an estimate from fewer held-out rows would mean nothing. Collect more rows."
        )
    cells, codes, hashes, places = reservoir.sample()
    folds = find_folds(cells, hashes, n_folds, seed, source.group is not None)
    labels = _as_labels([*reservoir.codes])[codes]
    cells = levels_of_texts(cells, source.texts)
    counts = dict(zip(reservoir.codes, reservoir.counts.tolist(), strict=True))
    return Sketch(n_rows, cells, labels, folds, folds.of(hashes, places), counts)


def _sample_size(n_columns):
    return min(SAMPLE_ROWS, max(1000, SAMPLE_CELLS // max(1, n_columns)))


def _as_labels(labels):
    """Labels of one type as an array of it."""
    if all(isinstance(label, str) for label in labels):
        return np.array(labels, dtype=object)
    return np.array(labels)


class Reservoir:
    """A uniform sample, in which no class has fewer than `LEAST_OF_CLASS` rows if there are such.

    Each row has a random number; those with the lowest ones stay, of all rows and of each class.

    Parameters
    ----------
    size, seed : int

    Attributes
    ----------
    codes : dict
        A number for each label.
    counts : int ndarray
        Rows of each label that were added.
    n_rows : int
        All rows that were added.
    """

    def __init__(self, size, seed):
        self.size, self.seed, self.n_rows = size, seed, 0
        self.codes, self.counts = {}, np.zeros(0, int)
        self.bound, self.class_bound = ALL, np.zeros(0, np.uint64)
        self.kept, self.n_new = [], 0

    def add(self, rows):
        """Look at further rows."""
        codes, keys = self._number(rows.labels), draw_keys(rows.places, self.seed)
        self.n_rows += len(codes)
        low = np.flatnonzero((keys <= self.bound) | (keys <= self.class_bound[codes]))
        cells, _, hashes, places = rows.take(low)
        self.kept.append((cells, keys[low], codes[low], hashes, places))
        self.n_new += len(low)
        if self.n_new > self.size:
            self._thin()

    def sample(self):
        """Cells, codes of labels, hashes and places of the rows that are kept."""
        self._thin()
        cells, _, *others = self.kept[0]
        return joined([cells]), *others

    def _number(self, labels):
        if labels.dtype.kind in "mM":
            raise ValueError(
                f"y holds dates or durations ({labels.dtype}), where labels were expected. Write "
                "the column as text, or as whole numbers."
            )
        found, values = pd.factorize(labels)
        missing = np.flatnonzero(found < 0)
        if len(missing):
            raise ValueError(
                f"Input y contains NaN: row {self.n_rows + missing[0]} has no label. Drop "
                "such rows, or give them a class of their own."
            )
        for value in values.tolist():
            self.codes.setdefault(value, len(self.codes))
        n_new = len(self.codes) - len(self.counts)
        if len(self.codes) > MOST_CLASSES:
            raise ValueError(
                f"y has more than {MOST_CLASSES:,} different labels and looks like a quantity or a "
                "name of rows, while classes are needed that come back. Cut it into classes."
            )
        self.counts = np.r_[self.counts, np.zeros(n_new, int)]
        self.class_bound = np.r_[self.class_bound, np.full(n_new, ALL)]
        codes = np.array([self.codes[value] for value in values.tolist()], int)[found]
        self.counts += np.bincount(codes, minlength=len(self.counts))
        return codes

    def _thin(self):
        """Keep the lowest of all rows, and of each class."""
        cells, *arrays = zip(*self.kept, strict=True)
        cells, (keys, codes, *others) = joined(cells), map(np.concatenate, arrays)
        if len(keys) > self.size:
            self.bound = np.partition(keys, self.size - 1)[self.size - 1]
        order = np.lexsort((keys, codes))
        starts = np.searchsorted(codes[order], np.arange(len(self.counts)))
        rank = np.empty(len(keys), int)
        rank[order] = np.arange(len(keys)) - starts[codes[order]]
        last = np.flatnonzero(rank == LEAST_OF_CLASS - 1)
        self.class_bound[codes[last]] = keys[last]
        keep = np.flatnonzero((keys <= self.bound) | (rank < LEAST_OF_CLASS))
        cells = cells.iloc[keep] if isinstance(cells, pd.DataFrame) else cells[keep]
        self.kept = [(cells, *(array[keep] for array in (keys, codes, *others)))]
        self.n_new = 0


def refuse_infinite(cells, first):
    """Refuse numbers that are not finite and not missing; rows are counted from `first` on."""
    frame = isinstance(cells, pd.DataFrame)
    for j in range(cells.shape[1]):
        column = cells.iloc[:, j].to_numpy() if frame else cells[:, j]
        if column.dtype.kind != "f":
            continue
        bad = np.flatnonzero(np.isinf(column))
        if len(bad):
            name = repr(cells.columns[j]) if frame else f"'x{j}'"
            raise ValueError(
                f"Column {name} has {column[bad[0]]} in row {first + bad[0]}, where a finite "
                "number was expected; convert it, or make it NaN, which is taken as missing."
            )
