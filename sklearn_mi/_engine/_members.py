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
from sklearn.utils import check_random_state

from ._sent_once import SentOnce
from ._splits import read_splits

FOLDS, ROWS_TIMES_FOLDS = (5, 12), 10_000


@dataclass(frozen=True)
class Members(SentOnce):
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

    @property
    def entry_member(self):
        """Member that scores each held-out entry, (N,)."""
        return self.part_member[self.entry_part]

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


def usual_folds(y, groups=None):
    """What "auto" stands for on a table: the more folds the fewer rows.

    A network does not learn the rows that it holds out. On twelve folds instead of five it learns a
    seventh more: much where rows are few, at a price that only few rows are worth. There are no
    more folds than the rarest class has rows, if that is five, and no more than groups.
    """
    counts = np.bincount(y)
    n_folds = np.clip(ROWS_TIMES_FOLDS // max(1, len(y)), *FOLDS)
    n_folds = np.clip(counts[counts > 0].min(initial=max(FOLDS)), min(FOLDS), n_folds)
    return int(n_folds if groups is None else np.clip(len(np.unique(groups)), 2, n_folds))


def fold_count(cv):
    """Folds that are drawn here for `cv`: 1 for None, and None where the user brings splits."""
    if cv is None:
        return 1
    return int(cv) if isinstance(cv, Integral) else None


def make_folds(y, cv, groups, seed):
    """Training and held-out rows of stratified folds.

    A class with fewer rows than folds is spread over as many as it has rows; scikit-learn would
    warn, and give up where all classes are so.

    Parameters
    ----------
    y : int array of shape (n,)
        Encoded labels.
    cv : int
    groups : array-like of shape (n,) or None
        Rows of a group stay together.
    seed : int, RandomState instance or None

    Returns
    -------
    folds : list of (train, held), int arrays
    """
    rows, counts = np.arange(len(y)), np.bincount(y)
    counts = counts[counts > 0]
    _check_n_folds(cv, len(y), groups)
    _check_some_class_repeats(counts)
    if groups is None and cv > counts.min():
        fold = _spread(y, cv, seed)
        return [(rows[fold != k], rows[fold == k]) for k in range(cv)]
    if groups is None:
        return list(StratifiedKFold(int(cv), shuffle=True, random_state=seed).split(rows, y))
    splitter = StratifiedGroupKFold(int(cv), shuffle=True, random_state=seed)
    y = y if cv <= counts.max() else np.zeros_like(y)  # no class to stratify by
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        return list(splitter.split(rows, y, groups))


def _spread(y, cv, seed):
    """Fold of each row: those of a class go to different folds, as far as they are enough."""
    return _place_by_class(y, seed) % cv


def _place_by_class(y, seed):
    """Place of each row where rows are sorted by class, at random within each."""
    order = check_random_state(seed).permutation(len(y))
    place = np.empty(len(y), int)
    place[order[np.argsort(y[order], kind="stable")]] = np.arange(len(y))
    return place


def _check_n_folds(cv, n_rows, groups):
    n_units = n_rows if groups is None else len(np.unique(groups))
    units = "rows" if groups is None else "groups"
    if n_units == 1 and groups is not None:
        raise ValueError(
            "groups has one value for all rows, so that none can be held out while others train. "
            "Pass at least 2 groups, or None where rows are independent."
        )
    if not 2 <= cv <= n_units:
        raise ValueError(
            f"cv={cv} with {n_units} {units}: expected at least 2 folds, and no more than there "
            f"are {units}. Use cv={min(max(n_units, 2), 5)}, or None for a single split."
        )


def _check_some_class_repeats(counts):
    if counts.max() == 1:
        raise ValueError(
            f"Each of the {len(counts)} classes of y has a single row, so that no held-out row has "
            "a class that others show. Expected classes that come back; if y is a quantity, cut it "
            "into classes, for example by pandas.qcut."
        )


def _split(y, cv, validation_fraction, groups, keep, seed):
    """Training and held-out rows of each split, those to keep only."""
    if cv is None or isinstance(cv, Integral):
        rows = np.flatnonzero(keep)  # as if the others were not there
        groups = None if groups is None else np.asarray(groups)[rows]
        if cv is None:
            splits = [_single_split(y[rows], validation_fraction, groups, seed)]
        else:
            splits = make_folds(y[rows], cv, groups, seed)
        for train, test in splits:
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


def _single_split(y, fraction, groups, seed):
    """Rows to train on and a share of held-out ones, stratified or by groups."""
    rows, counts = np.arange(len(y)), np.bincount(y)
    n_classes = np.count_nonzero(counts)
    _check_some_class_repeats(counts)
    n_held = int(np.ceil(fraction * len(y)))
    if not 2 <= n_held <= len(y) - 2:
        raise ValueError(
            f"validation_fraction={fraction} holds out {n_held} of {len(y)} rows; expected at "
            "least 2 rows that are held out, and 2 that are trained on. Choose another "
            "validation_fraction."
        )
    if groups is not None:
        _check_n_folds(2, len(y), groups)
        splitter = GroupShuffleSplit(n_splits=1, test_size=fraction, random_state=seed)
        return next(splitter.split(rows, y, groups))
    if counts[counts > 0].min() == 1 or min(n_held, len(y) - n_held) < n_classes:
        return _spread_split(y, n_held, seed)
    splitter = StratifiedShuffleSplit(n_splits=1, test_size=fraction, random_state=seed)
    return next(splitter.split(rows, y))


def _spread_split(y, n_held, seed):
    """Hold out rows evenly along the sorted classes; a class of one row is trained on."""
    repeated = np.flatnonzero(np.bincount(y)[y] > 1)
    place = _place_by_class(y[repeated], seed)
    chosen = np.linspace(0, len(repeated), min(n_held, len(repeated)), endpoint=False)
    held = np.zeros(len(y), bool)
    held[repeated] = np.isin(place, chosen.astype(int))
    return np.flatnonzero(~held), np.flatnonzero(held)


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
