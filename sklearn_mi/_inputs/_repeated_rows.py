"""Rows that stand in a table more than once: found, grouped, and told from those of chance."""

import warnings

import numpy as np
import pandas as pd
from pandas.api.types import is_complex_dtype, is_numeric_dtype
from scipy.sparse import csr_array, issparse

from ._cells import numbers_of

LEAST_SHARE = 0.05  # of held-out rows that stand in training too; fewer move an estimate little
NATURAL = 3  # most frequent rows that are left out: zeros everywhere, say, come back by nature
MOST_COPIES = 5  # of a row that count as evidence, so that a few rows do not outweigh all others
DEPENDENCE = 10.0  # how much likelier a column agrees where all others do, at most, by nature
UNEVEN = 0.1  # of the mean cells of a sparse row, their standard deviation: more is no table
LONG = 10  # cells of a sparse row that does not come back by chance, if it is a text
CELLS = 2**22  # hashed at a time
TIMES = {"M": "date", "m": "duration"}


def number_rows(X):
    """A number for each row, the same for rows that are equal in every column; int (n,).

    Missing values equal each other, and so do 0.0 and -0.0.
    """
    hashes = _hash_sparse_rows(csr_array(X)) if issparse(X) else _hash_rows(_as_columns(X))
    return pd.factorize(hashes)[0]


def warn_of_repeated_rows(X, members, groups, stacklevel):
    """Warn where held-out rows stand in the training rows of their split, and not by chance.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n, ...)
        Of sparse rows those of at least `LONG` cells count, which do not come back by chance in
        texts.
    members : Members
    groups : array-like of shape (n,) or None
        As the user gave them.
    stacklevel : int
        As if the caller had called :func:`warnings.warn`.
    """
    number = number_rows(X)
    if issparse(X):
        number = _alone_if_short(number, csr_array(X))
    n_known, n_held = _count_known(number, members), len(members.entry_row)
    used = np.union1d(members.entry_row, np.concatenate(members.train_rows))
    if n_known < LEAST_SHARE * n_held:
        return
    if not issparse(X) and chance_explains(_take(_as_columns(X), used)):
        return
    remedy = "X" if groups is None else "X, groups"
    warnings.warn(
        f"{n_known} of {n_held} held-out rows ({n_known / n_held:.0%}) stand in the training rows "
        "of their split too, equal in every column, more than chance brings to such columns. If "
        "rows were copied, by oversampling or in a join, or are several records of one thing, "
        "their labels were learnt by heart and the estimate is too high. Hold them out together: "
        f"groups=sklearn_mi.model_selection.group_repeated_rows({remedy}). If fresh rows will "
        "repeat these as often, the estimate stands.",
        UserWarning,
        stacklevel=stacklevel + 1,
    )


def warn_of_rows_again(X, n_before, stacklevel):
    """Warn where rows of a stream, after the first `n_before`, came before, and not by chance."""
    number = number_rows(X)
    if issparse(X):
        number = _alone_if_short(number, csr_array(X))
    count = np.bincount(number)
    natural = np.argsort(-count, kind="stable")[:NATURAL]
    again = pd.Series(number).duplicated() & ~np.isin(number, natural[count[natural] > MOST_COPIES])
    n_again, n_new = int(again[n_before:].sum()), len(number) - n_before
    if n_again < max(1, LEAST_SHARE * n_new):
        return
    if not issparse(X) and chance_explains(_as_columns(X)):
        return
    warnings.warn(
        f"{n_again} of the {n_new} rows came before, equal in every column, more than chance "
        "brings to such columns. They may have been learnt, so that their score, and with it "
        "mutual_info_score_, is too high. Pass each row once; to learn more from the same rows, "
        "use fit.",
        UserWarning,
        stacklevel=stacklevel + 1,
    )


def _count_known(number, members):
    """Held-out entries whose row stands in the training rows of their member."""
    count = np.bincount(number)
    if count.max() == 1:
        return 0
    natural = np.argsort(-count, kind="stable")[:NATURAL]
    natural = natural[count[natural] > MOST_COPIES]
    known = 0
    for member, rows in zip(members.part_member, members.part_rows, strict=True):
        trained = np.zeros(len(count), bool)
        trained[number[members.train_rows[member]]] = True
        trained[natural] = False
        known += np.count_nonzero(trained[number[rows]])
    return known


def _alone_if_short(number, matrix):
    """The numbers, but one of its own for a row that may come back by chance."""
    natural = looks_like_table(matrix) | (np.diff(matrix.indptr) < LONG)
    return np.where(natural, len(number) + np.arange(len(number)), number)


def looks_like_table(matrix):
    """Whether rows have equally many cells, as those of a one-hot encoded table do, and no text."""
    n_cells = np.diff(matrix.indptr)
    return n_cells.std() <= UNEVEN * n_cells.mean()


# --- cells as integers ---------------------------------------------------------------------------


def _as_columns(X):
    """A table as a list of Series or as a matrix of numbers."""
    if isinstance(X, pd.DataFrame):
        return [X.iloc[:, j] for j in range(X.shape[1])]
    X = np.asarray(X)
    X = X.reshape(len(X), -1) if X.ndim else X.reshape(1, 1)
    return X if X.dtype.kind in "biuf" else [pd.Series(cells) for cells in X.T]


def _take(columns, rows):
    if isinstance(columns, list):
        return [column.iloc[rows] for column in columns]
    return columns[rows]


def _n_columns(columns):
    return len(columns) if isinstance(columns, list) else columns.shape[1]


def _cells_of(columns, j):
    return columns[j] if isinstance(columns, list) else columns[:, j]


def _hash_rows(columns):
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


def _hash_sparse_rows(matrix):
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


# --- chance --------------------------------------------------------------------------------------


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

    Parameters
    ----------
    columns : list of Series, or ndarray of shape (n, d)
    """
    number = pd.factorize(_hash_rows(columns))[0]
    copies = np.minimum(np.bincount(number), MOST_COPIES)
    if len(copies) == 1:
        return True
    # Of many cells, each so many-th row; pairs of different rows get fewer by its square.
    each = -(-len(copies) * _n_columns(columns) // CELLS)
    columns = _take(columns, np.flatnonzero(~pd.Series(number).duplicated())[::each])
    copies = copies[::each]
    equal = (copies * (copies - 1)).sum() / 2
    chosen = _undetermined(columns, len(copies))
    row = sum(hashes for hashes, _ in chosen.values())
    for j, (hashes, levels) in chosen.items():
        alone = each * _pairs_of_equal(row - hashes, copies)
        if DEPENDENCE * alone * _odds(_cells_of(columns, j), levels) >= equal:
            return True
    return False


def _undetermined(columns, n_rows):
    """Hashes and levels of columns that tell all rows apart, and none of which the others tell."""
    every = {j: _hashes_and_levels(columns, j) for j in range(_n_columns(columns))}
    coarsest = sorted(every, key=lambda j: -_agreement(every[j][1]))
    row = sum(hashes for hashes, _ in every.values())
    for j in coarsest:
        without = row - every[j][0]
        if len(every) > 1 and len(pd.unique(without)) == n_rows:
            del every[j]
            row = without
    return every


def _hashes_and_levels(columns, j):
    hashes = scramble(bits_of(_cells_of(columns, j)), j)
    return hashes, pd.factorize(hashes)[0]


def _pairs_of_equal(hashes, copies):
    """Pairs of rows with equal hashes that are no copies of each other."""
    group = pd.factorize(hashes)[0]
    total, own = np.bincount(group, copies), np.bincount(group, copies**2)
    return (total**2 - own).sum() / 2


def _odds(cells, levels):
    """Odds that two distinct rows agree in a column; of few rows, as its resolution has it."""
    agree = max(_agreement(levels), 1 / _n_steps(cells, levels.max() + 1))
    return agree / (1 - agree) if agree < 1 else np.inf


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
