"""Growing parts of the training rows of each split, and what they tell of held-out rows."""

import numpy as np
from sklearn.base import clone

from .._engine._members import Members
from ..model_selection._cross_val import score_splits


def check_train_sizes(train_sizes, n_train):
    """Sizes as whole numbers, rising, each once; shares are of the `n_train` training rows."""
    given = np.asarray(train_sizes)
    numeric = given.ndim == 1 and given.dtype.kind in "iuf" and len(given) > 0
    shares = numeric and given.dtype.kind == "f"
    most = 1 if shares else n_train
    if not numeric or not (np.all(given > 0) and np.all(given <= most)):
        raise ValueError(
            f"train_sizes={train_sizes!r} must be shares of the training rows, above 0 and at most "
            f"1, or whole numbers of rows from 1 to {n_train}, such as [0.1, 0.3, 1.0]."
        )
    sizes = np.unique(np.maximum(np.rint(given * n_train), 1) if shares else given).astype(int)
    if len(sizes) < 3:
        raise ValueError(
            f"train_sizes={train_sizes!r} are {len(sizes)} different sizes of at most {n_train} "
            "rows, expected at least 3: fewer do not show where a curve is heading."
        )
    return sizes


def grown(members, codes, groups, sizes, rng):
    """The splits with so many training rows each, the same held-out ones; smaller parts in larger.

    Each class has its share of every part, and at least one row; groups stay whole.
    """
    orders = [_order(rows, codes, groups, rng) for rows in members.train_rows]
    for size in sizes:
        rows = [np.sort(order[: _cut(order, size, groups)]) for order in orders]
        yield Members(rows, members.part_rows, members.part_member)


def _order(rows, codes, groups, rng):
    """Rows at random, so that every beginning has the classes in their shares."""
    shuffled = rows[rng.permutation(len(rows))]
    if groups is not None:
        first = np.unique(groups[shuffled], return_index=True, return_inverse=True)[1:]
        return shuffled[np.argsort(first[0][first[1]], kind="stable")]
    own = codes[shuffled]
    by_class = np.argsort(own, kind="stable")
    count = np.bincount(own)
    place = np.empty(len(own))
    place[by_class] = np.concatenate([np.arange(n) / n for n in count if n])
    return shuffled[np.argsort(place, kind="stable")]


def _cut(order, size, groups):
    """Where a beginning of at least `size` rows ends that tears no group apart."""
    if groups is None or size >= len(order):
        return size
    own = groups[order]
    ends = np.flatnonzero(own[1:] != own[:-1]) + 1
    after = ends[ends >= size]
    return after[0] if len(after) else len(order)


def information_after(estimator, rows, weight, n_jobs):
    """Pointwise information (n,) of held-out rows; NaN in those that nobody holds out."""
    weight = None if weight is None else np.asarray(weight, dtype=np.float64)
    if hasattr(estimator, "_information_of_subsets"):  # has folds of its own: one fit for all
        estimator = clone(estimator).set_params(cv=_splits(rows.members))
        y = rows.classes[rows.codes]
        estimator.fit(rows.X, y, sample_weight=weight, groups=rows.groups)
        return estimator.oof_pointwise_mutual_info_
    params = None if weight is None else {"sample_weight": weight}
    options = ["empirical"], [True], 0.95, [params], weight
    return score_splits([estimator], rows, n_jobs, *options)[0].pointwise


def _splits(members):
    """Training and held-out rows of each member."""
    held = [[] for _ in members.train_rows]
    for rows, member in zip(members.part_rows, members.part_member, strict=True):
        held[member].append(rows)
    return list(zip(members.train_rows, map(np.concatenate, held), strict=True))
