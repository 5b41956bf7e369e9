"""Rows that stand in a table more than once: found, grouped, and told from those of chance."""

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, issparse

from ..exceptions import LeakageWarning, warn
from ._row_bits import as_columns, hash_rows, hash_sparse_rows, take
from ._row_chance import MOST_COPIES, chance_explains
from ._row_ids import leave_out, places_of_ids

LEAST_SHARE = 0.05  # of held-out rows that stand in training too; fewer move an estimate little
NATURAL = 3  # most frequent rows that are left out: zeros everywhere, say, come back by nature
UNEVEN = 0.1  # of the mean cells of a sparse row, their standard deviation: more is no table
LONG = 10  # cells of a sparse row that does not come back by chance, if it is a text


def number_rows(X):
    """A number for each row, the same for rows that are equal in every column; int (n,).

    Missing values equal each other, and so do 0.0 and -0.0.
    """
    hashes = hash_sparse_rows(csr_array(X)) if issparse(X) else hash_rows(as_columns(X))
    return pd.factorize(hashes)[0]


def warn_of_repeated_rows(X, members, groups):
    """Warn where held-out rows stand in the training rows of their split, and not by chance.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n, ...)
        Of sparse rows those of at least `LONG` cells count, which do not come back by chance in
        texts.
    members : Members
    groups : array-like of shape (n,) or None
        As the user gave them.
    """
    n_held, ids = len(members.entry_row), []
    if not (n_known := _count_copies(X, members)) and (ids := places_of_ids(X)):
        n_known = _count_copies(leave_out(X, ids), members)
    if not n_known:
        return
    but, others = _but_for_ids(X, ids)
    remedy = others if groups is None else f"{others}, groups"
    warn(
        f"{n_known} of {n_held} held-out rows ({n_known / n_held:.0%}) stand in the training rows "
        f"of their split too, equal in every column{but}, more than chance brings to such columns. "
        "If rows were copied, by oversampling or in a join, or are several records of one thing, "
        "their labels were learnt by heart and the estimate is too high. Hold them out together: "
        f"groups=sklearn_mi.model_selection.group_repeated_rows({remedy}). If fresh rows will "
        "repeat these as often, the estimate stands.",
        LeakageWarning,
    )


def _but_for_ids(X, ids):
    """How to say that columns which number rows are left out, and to write the table without."""
    if not ids:
        return "", "X"
    if isinstance(X, pd.DataFrame):
        names = [X.columns[j] for j in ids]
        rest = f"X.drop(columns={names})"
    else:
        names, rest = [f"x{j}" for j in ids], f"numpy.delete(X, {ids}, axis=1)"
    said = ", ".join(map(repr, names))
    return f" but what gives each row a number or name of its own ({said})", rest


def _count_copies(X, members):
    """Held-out rows that stand in training too; 0 if they are few, or come back by chance."""
    number = number_rows(X)
    if issparse(X):
        number = _alone_if_short(number, csr_array(X))
    n_known = _count_known(number, members)
    if n_known < max(1, LEAST_SHARE * len(members.entry_row)):
        return 0
    used = np.union1d(members.entry_row, np.concatenate(members.train_rows))
    return 0 if not issparse(X) and chance_explains(take(as_columns(X), used)) else n_known


def warn_of_rows_again(X, n_before):
    """Warn where rows of a stream, after the first `n_before`, came before, and not by chance."""
    ids = []
    if not (n_again := _count_again(X, n_before)) and (ids := places_of_ids(X)):
        n_again = _count_again(leave_out(X, ids), n_before)
    if not n_again:
        return
    warn(
        f"{n_again} of the {X.shape[0] - n_before} rows came before, equal in every column"
        f"{_but_for_ids(X, ids)[0]}, more than chance brings to such columns. They may have been "
        "learnt, so that their score, and with it mutual_info_score_, is too high. Pass each row "
        "once; to learn more from the same rows, use fit.",
        LeakageWarning,
    )


def _count_again(X, n_before):
    """Rows after the first `n_before` that came before; 0 if they are few, or come by chance."""
    number = number_rows(X)
    if issparse(X):
        number = _alone_if_short(number, csr_array(X))
    count = np.bincount(number)
    natural = np.argsort(-count, kind="stable")[:NATURAL]
    again = pd.Series(number).duplicated() & ~np.isin(number, natural[count[natural] > MOST_COPIES])
    n_again = int(again[n_before:].sum())
    if n_again < max(1, LEAST_SHARE * (len(number) - n_before)):
        return 0
    return 0 if not issparse(X) and chance_explains(as_columns(X)) else n_again


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
