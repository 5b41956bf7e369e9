"""What autoencoders are trained for: rows, perhaps a label, and folds, checked."""

from typing import NamedTuple

import numpy as np

from .._engine._members import make_members
from .._inputs._checks import check_groups, check_weights
from .._inputs._repeated_rows import warn_of_repeated_rows
from ._autoencoder_training import FoldsAndAll
from ._background import check_folds, read_background
from ._codes import read_target

ONE_CLASS = np.array([0])


class AutoencoderTask(NamedTuple):
    """What comes beside the table.

    Attributes
    ----------
    target : Target or None
    label : ndarray of shape (n,) or None
        The class as a number, or the number.
    weight : ndarray of shape (n,) or None
    members : FoldsAndAll
    groups : array of shape (n,) or None
    background : int ndarray of shape (n, C) or None
    """

    target: tuple
    label: np.ndarray
    weight: np.ndarray
    members: object
    groups: np.ndarray
    background: np.ndarray

    def mean(self, of_entries):
        """Weighted mean over the held-out entries of the folds, (N,) to a number."""
        weight = None if self.weight is None else self.weight[self.members.entry_row[:-1]]
        return float(np.average(of_entries[:-1], weights=weight))


def make_task(table, y, background, sample_weight, groups, *, cv, n_bins, seed):
    """Check all that comes beside the table, and draw the folds."""
    n_rows, target, label = len(table), None, None
    labels, classes = np.zeros(n_rows, int), ONE_CLASS
    if y is not None:
        target = read_target(y, n_rows, n_bins)
        if target.classes is None:
            label = np.asarray(y, dtype=float).reshape(-1)
        else:
            label, labels, classes = target.labels, target.labels, target.classes
    weight = check_weights(sample_weight, table, labels, classes)
    groups = check_groups(groups, n_rows)
    keep = None if weight is None else weight > 0
    folds = {"cv": cv, "validation_fraction": 0.2, "groups": groups, "keep": keep, "seed": seed}
    members = make_members(labels, **folds)
    warn_of_repeated_rows(table, members, groups)
    if background is not None:
        background = read_background(background, n_rows, seed)
        check_folds(background, members)
    return AutoencoderTask(target, label, weight, FoldsAndAll.of(members), groups, background)


def unit_rates(mean, log_std):
    """KL divergence of the code of each row from the prior, by component, (n, d)."""
    return (mean**2 + np.exp(2 * log_std) - 1 - 2 * log_std) / 2
