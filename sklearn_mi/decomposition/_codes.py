"""Labels, quantities and nuisances as numbers of classes."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import type_of_target

from .._inputs._arrays import read_labels
from .._inputs._cells import as_frame, numbers_of, read_kinds, texts_of
from .._inputs._checks import check_labels

NUISANCE_BINS = 8  # of a nuisance that is a number
FEWEST_ROWS = 10  # of a class of its own that a classifier is to tell


class Target(NamedTuple):
    """What a code is to tell.

    Attributes
    ----------
    labels : int ndarray of shape (n,)
    classes : ndarray of shape (K,) or None
        None for bins of a number.
    edges : ndarray of shape (K - 1,) or None
        Between the bins.
    """

    labels: np.ndarray
    classes: np.ndarray
    edges: np.ndarray

    @property
    def n_classes(self):
        return len(self.classes) if self.edges is None else len(self.edges) + 1


def read_target(y, n_rows, n_bins):
    """Classes as they are, and numbers that are not whole as quantile bins.

    Raises
    ------
    ValueError
        If y is missing, has missing entries or other than `n_rows`, or does not vary.
    """
    if y is None or not _is_continuous(y):
        classes, labels = check_labels(y, n_rows)
        return Target(labels, classes, None)
    y = column_or_1d(read_labels(y, "y"), warn=True).astype(float)
    if np.isnan(y).any():
        raise ValueError(
            f"Input y contains NaN: {np.isnan(y).sum()} value(s) are missing, the first in row "
            f"{np.argmax(np.isnan(y))}. Drop the rows."
        )
    check_labels(y > y.min(), n_rows)  # which tells of lengths, and of a y that does not vary
    edges = np.unique(np.quantile(y, np.linspace(0, 1, n_bins + 1)[1:-1]))
    labels = np.searchsorted(edges, y, side="right")
    used, labels = np.unique(labels, return_inverse=True)
    return Target(labels, None, edges[used[1:] - 1])


def _is_continuous(y):
    try:
        with np.errstate(invalid="ignore"):  # of missing ones
            return type_of_target(y) == "continuous"
    except (TypeError, ValueError):  # which is for the checks to say
        return False


def read_nuisance(nuisance, n_rows, called="nuisance"):
    """Each column of a nuisance as classes: levels as they are, numbers of many values in bins.

    Parameters
    ----------
    nuisance : array-like of shape (n,) or (n, C), or DataFrame
        Missing cells are a class of their own.
    n_rows : int
    called : str, default="nuisance"
        In texts of errors.

    Returns
    -------
    codes : int ndarray of shape (n, C)

    Raises
    ------
    ValueError
        If it has not `n_rows` rows or a column does not vary.
    """
    frame = as_frame(as_columns(nuisance))
    if len(frame) != n_rows:
        raise ValueError(
            f"{called} has {len(frame)} rows, but X has {n_rows}. Pass one value, or one row of "
            "values, for each row of X."
        )
    kinds = read_kinds(frame)
    codes = [_codes(frame, j, kind) for j, kind in enumerate(kinds)]
    for name, own in zip(frame.columns, codes, strict=True):
        if own.max(initial=0) == 0:
            raise ValueError(
                f"{called} {name!r} has the same value in all rows, so that there is nothing to "
                "remove. Leave it out."
            )
    return np.stack(codes, axis=1)


def as_columns(nuisance):
    """A single column as a frame of one."""
    if hasattr(nuisance, "columns") or np.ndim(nuisance) > 1:
        return nuisance
    if hasattr(nuisance, "detach"):
        nuisance = nuisance.detach().cpu().numpy()
    return pd.DataFrame({"nuisance": nuisance})


def _codes(frame, j, kind):
    if kind == "category":
        return np.unique([str(text) for text in texts_of(frame, [j])[:, 0]], return_inverse=True)[1]
    values = numbers_of(frame.iloc[:, j], kind, str(frame.columns[j]))
    missing = np.isnan(values)
    found = np.unique(values[~missing])
    if len(found) > NUISANCE_BINS:
        inner = np.linspace(0, 1, NUISANCE_BINS + 1)[1:-1]
        values = np.searchsorted(np.unique(np.quantile(values[~missing], inner)), values, "right")
    values = np.where(missing, np.inf, values)
    return np.unique(values, return_inverse=True)[1]


def joint_code(codes):
    """The combination of values of each row, as one class, (n, C) to (n,)."""
    return np.unique(codes, axis=0, return_inverse=True)[1].reshape(-1)


def classes_to_audit(codes):
    """Classes of which a code is to tell nothing, by one or several classifications.

    All combinations of values, those of few rows as one class: a function of the nuisance, of which
    there is no more to know than of itself. Where most combinations are of few rows, each column.

    Parameters
    ----------
    codes : int ndarray of shape (n, C)

    Returns
    -------
    each : list of int ndarrays of shape (n,)
    """
    joint = joint_code(codes)
    rare = np.bincount(joint)[joint] < FEWEST_ROWS
    if codes.shape[1] > 1 and rare.mean() > 0.5:
        return [own for column in codes.T for own in classes_to_audit(column[:, None])]
    merged = np.where(rare, joint.max() + 1, joint)
    return [np.unique(merged if len(np.unique(merged)) > 1 else joint, return_inverse=True)[1]]
