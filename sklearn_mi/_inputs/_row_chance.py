"""Rows that repeat by nature, told from copies."""

from itertools import chain, combinations

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from ._cells import numbers_of
from ._row_bits import CELLS, bits_of, cells_of, hash_rows, n_columns, scramble, take

MOST_COPIES = 5  # of a row that count as evidence, so that a few rows do not outweigh all others
DEPENDENCE = 10.0  # how much likelier a column agrees where all others do, at most, by nature
MOST_IDS = 4  # columns that are left out to see what the others say
TIMES = {"M": "date", "m": "duration"}


def chance_explains(columns):
    r"""Whether rows of such columns repeat by nature as often as these do.

    Where rows repeat by nature, there are also rows that differ in a single column. Of two rows
    that agree in all columns but j, j agrees too with some odds; by themselves those are
    :math:`m_j / (1 - m_j)`, with :math:`m_j` the probability that j agrees in two distinct rows.
    That columns depend on each other raises the odds, but rarely those of every column to more than
    `DEPENDENCE` times. A copy agrees in everything, and hardly any other row differs from it in a
    single column, unless that is a measurement, whose odds are next to 0. So equal rows are put
    down to chance if, for any column, the pairs that differ in it alone explain them by its odds.

    It takes some rows: a single column of 256 values proves nothing of 30 of them.

    Columns that the others determine, such as one of the dummies of a category, never differ alone
    and are left out, those that agree most often first.

    An id determines all others, and its own odds of one in the number of rows explain whatever
    comes back with it. So equal rows are to be put down to chance without it too, or without any
    others that agree less often than chance would have it.

    Parameters
    ----------
    columns : list of Series, or ndarray of shape (n, d)
    """
    if not _explained(columns):
        return False
    every, ids = range(n_columns(columns)), _ids(columns)
    some = chain.from_iterable(combinations(ids, n + 1) for n in range(len(ids)))
    rests = ([j for j in every if j not in out] for out in some)
    return all(_explained(_choose(columns, rest)) for rest in rests if rest)


def _explained(columns):
    """Whether the odds of one of these columns explain how often rows are equal."""
    columns, copies, each = _distinct(columns)
    if len(copies) == 1:
        return True
    equal = (copies * (copies - 1)).sum() / 2
    chosen = _undetermined([_Column(columns, j) for j in range(n_columns(columns))], len(copies))
    row = sum(column.hashes for column in chosen)
    return any(
        DEPENDENCE * each * _pairs_of_equal(row - column.hashes, copies) * column.odds >= equal
        for column in chosen
    )


def _distinct(columns):
    """Different rows, how many copies of each count, and how many rows each stands for.

    Of many cells, each so many-th row; pairs of different rows get fewer by its square.
    """
    number = pd.factorize(hash_rows(columns))[0]
    copies = np.minimum(np.bincount(number), MOST_COPIES)
    each = -(-len(copies) * n_columns(columns) // CELLS)
    first = np.flatnonzero(~pd.Series(number).duplicated())
    return take(columns, first[::each]), copies[::each], each


def _ids(columns):
    """Columns whose cells come back less often than chance would have it, first those most so."""
    columns, copies, _ = _distinct(columns)
    excess = (
        [_Column(columns, j).excess for j in range(n_columns(columns))] if len(copies) > 1 else []
    )
    return [j for j in np.argsort(excess)[::-1][:MOST_IDS].tolist() if excess[j] > 1]


class _Column:
    """A column of distinct rows: their hashes and how often two of them agree.

    Attributes
    ----------
    hashes : uint64 ndarray
    agreement : float
        Share of pairs of rows that agree.
    odds : float
        That two rows agree; of few rows, as the resolution of the column has it.
    excess : float
        How many times as many pairs as twice those that there are chance would bring.
    """

    def __init__(self, columns, j):
        cells = cells_of(columns, j)
        self.hashes = scramble(bits_of(cells), j)
        levels = pd.factorize(self.hashes)[0]
        n_steps = _n_steps(cells, levels.max() + 1)
        n_pairs = len(levels) * (len(levels) - 1) / 2
        self.agreement = _agreement(levels)
        agree = max(self.agreement, 1 / n_steps)
        self.odds = agree / (1 - agree) if agree < 1 else np.inf
        self.excess = n_pairs / n_steps / max(1, 2 * n_pairs * self.agreement)


def _choose(columns, places):
    return [columns[j] for j in places] if isinstance(columns, list) else columns[:, places]


def _undetermined(every, n_rows):
    """Columns that tell all rows apart, and none of which the others tell."""
    chosen = sorted(every, key=lambda column: (-column.agreement, -column.odds))
    row = sum(column.hashes for column in chosen)
    for column in [*chosen]:
        without = row - column.hashes
        if len(chosen) > 1 and len(pd.unique(without)) == n_rows:
            chosen.remove(column)
            row = without
    return chosen


def _pairs_of_equal(hashes, copies):
    """Pairs of rows with equal hashes that are no copies of each other."""
    group = pd.factorize(hashes)[0]
    total, own = np.bincount(group, copies), np.bincount(group, copies**2)
    return (total**2 - own).sum() / 2


def _agreement(levels):
    """Probability that two distinct rows have the same level."""
    count = np.bincount(levels)
    return (count * (count - 1)).sum() / (len(levels) * (len(levels) - 1))


def _n_steps(cells, n_levels):
    """Values that a column may take: of numbers, as many as the least step has room for."""
    cells = cells.infer_objects() if isinstance(cells, pd.Series) else pd.Series(cells)
    if cells.dtype.kind in TIMES:
        numbers = numbers_of(cells, TIMES[cells.dtype.kind], str(cells.name))
    elif is_numeric_dtype(cells.dtype):
        numbers = cells.to_numpy(float, na_value=np.nan)
    else:
        return n_levels
    values = np.unique(numbers[np.isfinite(numbers)])
    if len(values) < 2:
        return n_levels
    with np.errstate(over="ignore"):  # infinitely many, if it comes to that
        return max(n_levels, (values[-1] - values[0]) / np.diff(values).min() + 1)
