"""The splits of a `cv` as pairs of whole numbers, whatever a user's splitter gives."""

from collections.abc import Iterator
from numbers import Integral

import numpy as np
from sklearn.model_selection import check_cv

REMEDY = "A split is a pair of training and held-out rows: whole numbers, or a mask of all rows."


def read_splits(cv, X, y, groups):
    """Training and held-out rows of each split.

    Parameters
    ----------
    cv : int, splitter or iterable of splits
    X : array-like of shape (n, n_features)
        Given to the splitter, as are `y` and `groups`.
    y : int array of shape (n,)
        Encoded labels.
    groups : array-like of shape (n,) or None

    Returns
    -------
    splits : list of (train, held), int arrays

    Raises
    ------
    ValueError
        If a split is no pair of rows, or there are none left in an iterator.
    """
    if isinstance(cv, Integral) or hasattr(cv, "split"):
        splits = list(check_cv(cv, y, classifier=True).split(X, y, groups))
    else:
        splits = list(cv)
    if isinstance(cv, Iterator) and not splits:
        raise ValueError(
            f"cv={cv!r} has no splits, or none left: an iterator can be gone through once. Pass "
            "a list of its splits, list(...), or the splitter itself."
        )
    return [_read_split(split, len(y), f"Split {k} of cv") for k, split in enumerate(splits)]


def _read_split(split, n_rows, name):
    if isinstance(split, str) or not hasattr(split, "__len__") or len(split) != 2:
        raise ValueError(f"{name} is {_shown(split)}, expected a pair. {REMEDY}")
    return tuple(_read_rows(rows, n_rows, name) for rows in split)


def _read_rows(rows, n_rows, name):
    try:
        array = np.asarray(rows)
    except ValueError as error:  # a ragged list
        raise ValueError(f"{name} holds {_shown(rows)}. {REMEDY}") from error
    array = array.astype(int) if array.size == 0 else array  # an empty list is of floats
    if array.ndim != 1 or array.dtype.kind not in "iub":
        raise ValueError(
            f"{name} holds {_shown(rows)}, of dtype {array.dtype} and shape {array.shape}. {REMEDY}"
        )
    if array.dtype.kind == "b":
        _check_mask(array, n_rows, name)
        return np.flatnonzero(array)
    outside = array[(array < -n_rows) | (array >= n_rows)]
    if outside.size:
        raise ValueError(
            f"{name} holds row {outside[0]}, but X has {n_rows} rows, the last of them row "
            f"{n_rows - 1}. Make the splits of these rows."
        )
    return np.arange(n_rows)[array]


def _check_mask(mask, n_rows, name):
    if len(mask) != n_rows:
        raise ValueError(f"{name} has a mask of {len(mask)} rows, but X has {n_rows}. {REMEDY}")


def _shown(value):
    text = repr(value)
    return text if len(text) < 80 else f"{text[:80]}..."
