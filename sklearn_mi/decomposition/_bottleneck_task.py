"""What bottlenecks are trained for: labels, nuisances and folds, checked."""

from typing import NamedTuple

import numpy as np

from .._engine._members import fold_count, make_members
from .._engine._rare_classes import warn_of_rare_classes
from .._inputs._checks import check_groups, check_weights
from .._inputs._repeated_rows import warn_of_repeated_rows
from ..metrics._estimate import class_frequencies, label_entropy
from ._codes import read_nuisance, read_target

BETAS, BETA_BESIDE_WEIGHTS = (0.003, 0.01, 0.03, 0.1, 0.3), 0.03
NUISANCE_WEIGHTS, ON_A_LINE = (1.0, 10.0, 100.0), (1.0, 3.0, 10.0)


class Task(NamedTuple):
    """What bottlenecks are trained for.

    Attributes
    ----------
    target : Target
    nuisance : int ndarray of shape (n, C) or None
    weight : ndarray of shape (n,) or None
    groups : array of shape (n,) or None
    members : Members
        The folds.
    """

    target: tuple
    nuisance: np.ndarray
    weight: np.ndarray
    groups: np.ndarray
    members: object

    @property
    def prior(self):
        """Frequencies of the classes, weighted."""
        return class_frequencies(self.target.labels, self.target.n_classes, self.weight)

    @property
    def in_line(self):
        """Whether the code is on a line: of a number, where a nuisance is to be forgotten."""
        return self.target.edges is not None and self.nuisance is not None

    @property
    def n_used(self):
        """How many components the code has, if not all."""
        return 1 if self.in_line else None

    @property
    def entropy(self):
        """H(Y) in nats."""
        return label_entropy(self.prior)


def make_task(table, y, nuisance, sample_weight, groups, *, cv, n_bins, seed):
    """Check all that comes beside the table, and draw the folds.

    Raises
    ------
    ValueError
        If any of it cannot be used, or a row is held out by no split.
    """
    target, n_rows = read_target(y, len(table), n_bins), len(table)
    classes = np.arange(target.n_classes) if target.classes is None else target.classes
    weight = check_weights(sample_weight, table, target.labels, classes)
    groups = check_groups(groups, n_rows)
    keep = None if weight is None else weight > 0
    folds = {"cv": cv, "validation_fraction": None, "groups": groups, "keep": keep, "seed": seed}
    _refuse_single_split(cv)
    members = make_members(target.labels, **folds)
    n_held = len(np.unique(members.entry_row))
    if n_held < (n_rows if keep is None else keep.sum()):
        raise ValueError(
            f"cv={cv!r} holds out {n_held} of {n_rows} rows, but every row is to be placed by "
            "networks that have not seen it. Use splits that hold out all rows, such as cv=5."
        )
    warn_of_rare_classes(target.labels, members, classes, fold_count(cv))
    warn_of_repeated_rows(table, members, groups)
    nuisance = None if nuisance is None else read_nuisance(nuisance, n_rows)
    return Task(target, nuisance, weight, groups, members)


def _refuse_single_split(cv):
    if cv is None:
        raise ValueError(
            "cv=None holds out some rows only, but every row is to be placed by networks that have "
            "not seen it. Use folds, such as cv=5."
        )


def make_path(beta, nuisance_weight, task):
    """Pairs of a beta and a weight of the nuisance, two arrays of shape (P,)."""
    weights = [nuisance_weight]
    if isinstance(nuisance_weight, str):
        weights = ON_A_LINE if task.in_line else NUISANCE_WEIGHTS
    weights = weights if task.nuisance is not None else [0.0]
    betas = beta
    if isinstance(beta, str):
        betas = BETAS if len(weights) == 1 else BETA_BESIDE_WEIGHTS
    betas = np.atleast_1d(np.asarray(betas, dtype=float))
    if betas.ndim > 1 or not len(betas) or not (np.isfinite(betas) & (betas >= 0)).all():
        raise ValueError(
            f'beta={beta!r} must be "auto", a finite number of at least 0, or a list of such '
            "numbers."
        )
    return np.tile(betas, len(weights)), np.repeat(weights, len(betas))
