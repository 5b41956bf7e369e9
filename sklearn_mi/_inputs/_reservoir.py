"""The first pass over rows that do not fit into memory: their number, classes, and a sample."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ._checks import MIN_ROWS, check_range_of_weights
from ._images import check_pixels
from ._row_hash import Folds, draw_keys, find_folds, hash_cells, scramble
from ._row_ids import leave_out, places_of_ids
from ._row_source import as_pixels, joined, levels_of_texts
from ._row_source_warnings import warn_of_texts

SAMPLE_ROWS, SAMPLE_CELLS = 100_000, 2**24  # at most
LEAST_OF_CLASS = 20  # rows in the sample, or all that there are
MOST_CLASSES = 10_000
ALL = np.uint64(2**64 - 1)


class Sketch(NamedTuple):
    """What the first pass has found.

    Attributes
    ----------
    n_rows : int
        Of positive weight.
    cells : DataFrame or ndarray
        Of a uniform sample of the rows, and of more of rare classes, in the order of the source.
    labels : ndarray
        Of the sample, as they came.
    weights : ndarray
        Of the sample, as they came; 1 where there are none.
    folds : Folds
        Of all rows.
    sample_folds : int ndarray
        Of the sample.
    counts : dict
        Rows of each label among all, or the sum of their weights.
    digest : int
        Of all cells, labels and weights in their order.
    """

    n_rows: int
    cells: object
    labels: np.ndarray
    weights: np.ndarray
    folds: Folds
    sample_folds: np.ndarray
    counts: dict
    digest: int


def sketch_rows(source, n_folds, seed, images=False):
    """Read all rows once.

    Parameters
    ----------
    source : RowSource
    n_folds, seed : int
    images : bool
        Whether cells are pixels, which are not missing.

    Returns
    -------
    sketch : Sketch

    Raises
    ------
    ValueError
        If a label is missing, a number is infinite, there are too few rows or too many classes.
    """
    reservoir = Reservoir(_sample_size(source.n_cells), seed)
    for rows in source.everything():
        if images:
            check_pixels(as_pixels(rows.cells), reservoir.n_read)
        else:
            refuse_infinite(rows.cells, reservoir.n_read)
        reservoir.add(rows, hash_cells(rows.cells) if source.grouped else rows.hashes)
    if (n_rows := reservoir.n_rows) < MIN_ROWS:
        raise ValueError(
            f"Found a table with {n_rows} sample(s) while a minimum of {MIN_ROWS} is required: "
            "an estimate from fewer held-out rows would mean nothing. Collect more rows."
        )
    counts = dict(zip(reservoir.codes, reservoir.totals.tolist(), strict=True))
    if source.weighted:
        _check_weights(counts, reservoir.lightest / reservoir.heaviest)
    source.unit = reservoir.totals.sum() / n_rows
    cells, codes, weights, hashes, places = reservoir.sample()
    told_apart = cells
    if not source.grouped and (ids := places_of_ids(cells)):
        # By which copies of a row may differ, that are to be held out together all the same.
        source.ids, hashes, told_apart = ids, hash_cells(cells, ids), leave_out(cells, ids)
    folds = find_folds(told_apart, hashes, n_folds, seed, source.grouped)
    labels = _as_labels([*reservoir.codes])[codes]
    warn_of_texts(cells, source.plain_texts)
    cells = levels_of_texts(cells, source.texts)
    of_sample = cells, labels, weights, folds, folds.of(hashes, places)
    return Sketch(n_rows, *of_sample, counts, reservoir.digest)


def _check_weights(totals, least):
    """Refuse weights under which a class has none, or that differ by too much."""
    for label, total in totals.items():
        if total == 0:
            raise ValueError(
                f"sample_weight leaves class {label!r} without weight, so there is no class "
                "frequency to compare with. Drop the class from X instead."
            )
    check_range_of_weights(least, "sample_weight")


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
    totals : ndarray
        Rows of each label that were added, or the sum of their weights.
    n_read, n_rows : int
        All rows that were added, and those that have a weight.
    lightest, heaviest : float
        Of positive weights.
    digest : int
    """

    def __init__(self, size, seed):
        self.size, self.seed, self.n_read, self.n_rows = size, seed, 0, 0
        self.codes, self.totals = {}, np.zeros(0)
        self.lightest, self.heaviest, self.digest = np.inf, 0.0, 0
        self.bound, self.class_bound = ALL, np.zeros(0, np.uint64)
        self.kept, self.n_new = [], 0

    def add(self, rows, hashes):
        """Look at further rows, and at the hashes of their cells."""
        codes, keys = self._number(rows.labels), draw_keys(rows.places, self.seed)
        self._count(codes, rows.weights)
        bits = hashes + scramble(rows.hashes, 1) + scramble(codes.astype(np.uint64), 0)
        bits = bits + rows.weights.view(np.uint64)
        found = scramble(bits ^ rows.places, 1).sum(dtype=np.uint64)
        self.digest = (self.digest + int(found)) % 2**64
        low = (keys <= self.bound) | (keys <= self.class_bound[codes])
        low = np.flatnonzero(low & (rows.weights > 0))
        cells, _, *others = rows.take(low)
        self.kept.append((cells, keys[low], codes[low], *others))
        self.n_new += len(low)
        if self.n_new > self.size:
            self._thin()

    def sample(self):
        """Cells, codes of labels, weights, hashes and places of the rows that are kept."""
        self._thin()
        cells, _, *others = self.kept[0]
        return joined([cells]), *others

    def _count(self, codes, weights):
        used = weights[weights > 0]
        self.n_read += len(weights)
        self.n_rows += len(used)
        self.lightest = min(self.lightest, used.min(initial=np.inf))
        self.heaviest = max(self.heaviest, used.max(initial=0.0))
        self.totals += np.bincount(codes, weights, minlength=len(self.totals))

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
                f"Input y contains NaN: row {self.n_read + missing[0]} has no label, or stands in "
                "a file without that column. Drop such rows, by pyarrow.dataset.dataset(X).filter("
                "pyarrow.dataset.field(y).is_valid()), or give them a class of their own."
            )
        for value in values.tolist():
            self.codes.setdefault(value, len(self.codes))
        n_new = len(self.codes) - len(self.totals)
        if len(self.codes) > MOST_CLASSES:
            raise ValueError(
                f"y has more than {MOST_CLASSES:,} different labels and looks like a quantity or a "
                "name of rows, while classes are needed that come back. Cut it into classes."
            )
        self.totals = np.r_[self.totals, np.zeros(n_new)]
        self.class_bound = np.r_[self.class_bound, np.full(n_new, ALL)]
        return np.array([self.codes[value] for value in values.tolist()], int)[found]

    def _thin(self):
        """Keep the lowest of all rows, and of each class."""
        cells, *arrays = zip(*self.kept, strict=True)
        cells, (keys, codes, *others) = joined(cells), map(np.concatenate, arrays)
        if len(keys) > self.size:
            self.bound = np.partition(keys, self.size - 1)[self.size - 1]
        order = np.lexsort((keys, codes))
        starts = np.searchsorted(codes[order], np.arange(len(self.totals)))
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
