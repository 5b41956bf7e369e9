"""Who trains on which rows, and who scores which."""

import warnings
from dataclasses import dataclass
from numbers import Integral

import numpy as np
from sklearn.model_selection import (
    GroupShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
)

from ._splits import read_splits


@dataclass(frozen=True)
class Members:
    """The division of labour of one fit.

    A *part* is a set of rows that one member holds out and scores. In a cross-validation there is
    one part per fold. A single split has two, both halves of its held-out rows, so that always
    the rows outside a part can choose what is applied to it: a stopping epoch, a temperature.

    Attributes
    ----------
    train_rows : list of M int arrays
        The rows that each member trains on.
    part_rows : list of P int arrays
        The rows of each part.
    part_member : int array of shape (P,)
        The member that scores the part.
    """

    train_rows: list
    part_rows: list
    part_member: np.ndarray

    @property
    def n_members(self):
        return len(self.train_rows)

    @property
    def n_parts(self):
        return len(self.part_rows)

    @property
    def entry_row(self):
        """Row of every held-out entry, parts one after the other; (N,)."""
        return np.concatenate(self.part_rows)

    @property
    def entry_part(self):
        """Part of every held-out entry, (N,)."""
        return np.repeat(np.arange(self.n_parts), [len(rows) for rows in self.part_rows])

    def outside(self, part):
        """Which entries are of rows that `part` does not score; bool (N,)."""
        return ~np.isin(self.entry_row, self.part_rows[part])

    @property
    def parts(self):
        """The entries of each part, and those of none of its rows; a list of pairs."""
        return [
            (np.flatnonzero(self.entry_part == part), np.flatnonzero(self.outside(part)))
            for part in range(self.n_parts)
        ]

    def average_by_row(self, values, n_rows):
        """Mean over the entries of each row, (N, ...) to (n_rows, ...); NaN in rows without one."""
        total = np.zeros((n_rows, *values.shape[1:]))
        np.add.at(total, self.entry_row, values)
        count = np.bincount(self.entry_row, minlength=n_rows).astype(float)
        count[count == 0] = np.nan
        return total / count.reshape(-1, *[1] * (values.ndim - 1))


def make_members(y, *, cv, validation_fraction, groups=None, keep=None, seed=0):
    """Draw the splits.

    Parameters
    ----------
    y : int array of shape (n,)
        Encoded labels.
    cv : int, splitter, iterable of splits or None
        None is one split with `validation_fraction` of the rows held out.
    validation_fraction : float
    groups : array-like of shape (n,) or None
        Rows of a group stay together, or as the splitter has it.
    keep : bool array of shape (n,) or None
        Rows that take part, those of positive weight; default all.
    seed : int

    Returns
    -------
    members : Members
    """
    keep = np.ones(len(y), bool) if keep is None else keep
    splits = list(_split(y, cv, validation_fraction, groups, keep, seed))
    for number, (train, test) in enumerate(splits):
        _check_split(train, test, f"Split {number} of cv")
    if len(splits) == 1 and len(splits[0][1]) > 1:
        train, test = splits[0]
        own = None if groups is None else np.asarray(groups)[test]
        return Members([train], _halves(test, y[test], own, seed), np.zeros(2, int))
    members = Members([s[0] for s in splits], [s[1] for s in splits], np.arange(len(splits)))
    if not (splits and all(members.outside(part).any() for part in range(members.n_parts))):
        raise ValueError(
            f"cv={cv!r} has {len(splits)} split(s), and one of them holds out all rows that are "
            "held out at all, so that no others are left to tune on. Use splits that hold out "
            "different rows, or a single one of at least 2 held-out rows."
        )
    return members


def _split(y, cv, validation_fraction, groups, keep, seed):
    """Training and held-out rows of each split, those to keep only."""
    if cv is None or isinstance(cv, Integral):
        rows = np.flatnonzero(keep)  # as if the others were not there
        groups = None if groups is None else np.asarray(groups)[rows]
        splitter = _own_splitter(y[rows], cv, validation_fraction, groups is not None, seed)
        for train, test in splitter.split(rows, y[rows], groups):
            yield rows[train], rows[test]
        return
    for train, test in read_splits(cv, y, y, groups):
        yield train[keep[train]], test[keep[test]]


def _check_split(train, test, name):
    if not (len(train) and len(test)):
        raise ValueError(
            f"{name} has {len(train)} training and {len(test)} held-out rows of positive weight; "
            "both must have some. Use fewer splits."
        )
    both = np.intersect1d(train, test)
    if len(both):
        raise ValueError(
            f"{name} trains on {len(both)} of the rows that it holds out, the first of them row "
            f"{both[0]}; nothing may score what it has seen. Make the two sets disjoint."
        )


def _own_splitter(y, cv, validation_fraction, grouped, seed):
    if cv is None:
        _check_fraction(y, validation_fraction)
        kind = GroupShuffleSplit if grouped else StratifiedShuffleSplit
        return kind(n_splits=1, test_size=validation_fraction, random_state=seed)
    counts = np.bincount(y)
    smallest = counts[counts > 0].min()
    if cv > smallest:
        fewer = f"Use cv={smallest} or less, a" if smallest > 1 else "Use a"
        raise ValueError(
            f"cv={cv} is larger than the smallest class, which has {smallest} row(s): some folds "
            f"would have none of it. {fewer} splitter of your own, or merge or drop the class."
        )
    kind = StratifiedGroupKFold if grouped else StratifiedKFold
    return kind(int(cv), shuffle=True, random_state=seed)


def _check_fraction(y, validation_fraction):
    counts = np.bincount(y)
    n_classes, rarest = (counts > 0).sum(), counts[counts > 0].min()
    n_held = int(np.ceil(validation_fraction * len(y)))
    if n_held < n_classes or len(y) - n_held < n_classes:
        raise ValueError(
            f"validation_fraction={validation_fraction} holds out {n_held} of {len(y)} rows, which "
            f"leaves no room for a row of each of the {n_classes} classes on both sides. Choose "
            "another validation_fraction."
        )
    if rarest < 2:
        raise ValueError(
            f"cv=None holds out a share of every class, but one has {rarest} row only. Merge or "
            "drop the class."
        )


def _halves(rows, y, groups, seed):
    """Split held-out rows in two halves: by groups, if there are several, else stratified."""
    rng = np.random.RandomState(seed)
    if groups is not None and len(np.unique(groups)) > 1:
        group = np.unique(groups, return_inverse=True)[1]
        second = rng.permutation(group.max() + 1)[group] % 2 == 1
        return [rows[~second], rows[second]]
    order = rng.permutation(len(rows))
    order = order[np.argsort(y[order], kind="stable")]
    return [np.sort(rows[order[0::2]]), np.sort(rows[order[1::2]])]


def warn_of_missing_classes(labels, members, classes, consequence, stacklevel):
    """Warn where rows are held out whose class the training rows of their split lack.

    Parameters
    ----------
    labels : int array of shape (n,)
        Encoded labels.
    members : Members
    classes : ndarray of shape (K,)
    consequence : str
        A sentence on what becomes of the rows.
    stacklevel : int
        As if the caller had called :func:`warnings.warn`.
    """
    train = [labels[members.train_rows[m]] for m in members.part_member]
    held = [labels[rows] for rows in members.part_rows]
    lost = [part[~np.isin(part, seen)] for part, seen in zip(held, train, strict=True)]
    lost = np.concatenate(lost)
    if lost.size:
        warnings.warn(
            f"{lost.size} held-out row(s), of class {classes.tolist()[lost[0]]!r} among others, "
            f"have a class that the training rows of their split lack. {consequence} Use fewer or "
            "stratified splits, or merge rare classes.",
            RuntimeWarning,  # as sklearn.model_selection.cross_val_predict does
            stacklevel=stacklevel + 1,
        )
