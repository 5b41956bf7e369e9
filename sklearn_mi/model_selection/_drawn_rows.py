"""Rows as they are checked, and the splits that are drawn of them."""

from typing import NamedTuple

import numpy as np
from sklearn.utils import indexable
from sklearn.utils.validation import _num_samples

from .._engine._kept_answers import identity_of
from .._engine._members import Members, fold_count, make_members
from .._engine._rare_classes import TOLD_NOTHING, warn_of_rare_classes
from .._inputs._arrays import read_labels
from .._inputs._checks import check_groups, check_labels
from .._inputs._frames import ROWS_IN_MEMORY, is_file
from .._inputs._repeated_rows import warn_of_repeated_rows
from ._held_out import make_splits


class DrawnRows(NamedTuple):
    """Rows, their encoded labels, groups or None, and the splits drawn of them."""

    X: object
    classes: np.ndarray
    codes: np.ndarray
    groups: np.ndarray
    members: Members


def rows_in_memory(X):
    """X as rows that can be chosen by number; refuses files."""
    if is_file(X):
        raise TypeError(ROWS_IN_MEMORY.format(X))
    return indexable(X)[0]


def draw_splits(X, y, cv, groups, consequence=TOLD_NOTHING, keep=None):
    """Check rows, draw splits, and warn of what is wrong with them, as the caller's caller would.

    `consequence` is what becomes of held-out rows of classes that training rows lack, and `keep`,
    bool (n,), says which rows take part, by default all.
    """
    X = rows_in_memory(X)
    classes, codes = check_classes(y, X)
    groups = check_groups(groups, len(codes))
    splits, n_folds = make_splits(X, codes, cv, groups), fold_count(5 if cv is None else cv)
    members = make_members(codes, cv=splits, validation_fraction=None, groups=groups, keep=keep)
    warn_of_rare_classes(codes, members, classes, n_folds, consequence)
    warn_of_repeated_rows(X, members, groups)
    return DrawnRows(X, classes, codes, groups, members)


def identity_of_question(rows, **others):
    """What `kept_answers` takes to tell a question to splits from others."""

    def identity():
        cv = rows.members.train_rows, rows.members.part_rows, rows.members.part_member
        y = rows.classes[rows.codes]
        return identity_of(rows.X, y, cv=cv, groups=rows.groups, **others)

    return identity


def check_classes(y, X):
    """The sorted classes (K,) and the encoded labels (n,) of y."""
    shape = () if y is None else read_labels(y, "y").shape
    if len(shape) == 2 and shape[1] != 1:
        raise ValueError(
            f"y has shape {shape}, expected one label for each row; estimate one column at a "
            "time, or join the columns into one label."
        )
    return check_labels(y, _num_samples(X))
