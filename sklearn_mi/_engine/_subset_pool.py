"""What networks and companions of one subset of the columns say of held-out rows, pooled."""

import copy
from dataclasses import dataclass
from functools import partial

import numpy as np
from joblib import effective_n_jobs
from sklearn.utils.parallel import Parallel, delayed

from .._pool._learned_rows import LearnedRows
from .._pool._log_linear import cross_calibrate
from ._members import Members
from ._rare_classes import leave_unknown_classes_open
from ._sent_once import SentOnce


@dataclass(frozen=True)
class SubsetTask(SentOnce):
    """What all subsets have in common.

    Attributes
    ----------
    seen : ndarray of shape (F, n, d)
        Rows as the members of each fold see them, all columns.
    labels : int ndarray of shape (n,)
    weight : ndarray of shape (n,) or None
    members : Members
        The folds.
    unknown : bool ndarray of shape (F, K)
        Which classes the training rows of each lack.
    of_all_classes : bool
        Whether to tell what the subsets say of all classes, not of the label alone.
    """

    seen: np.ndarray
    labels: np.ndarray
    weight: np.ndarray | None
    members: Members
    unknown: np.ndarray
    of_all_classes: bool = False


def pool_subsets(networks, outputs, companions, candidates, task, n_jobs):
    """Pointwise information (S, n) that each of several subsets holds of the label of each row.

    Or (S, n, K) of all classes, if the task says so.

    Parameters
    ----------
    networks : list of S ndarrays of shape (N, K)
        Log posterior of the held-out entries by the networks of each subset.
    outputs : list of S int ndarrays
        The columns of `task.seen` that each subset has.
    companions : Companions
        Not yet fitted; every subset has its own copy.
    candidates : list of calibrations
        Not yet fitted, likewise.
    task : SubsetTask
    n_jobs : int or None
    """
    if effective_n_jobs(n_jobs) > 1:
        companions.n_threads = 1
    calls = (
        delayed(_pool)(own, columns, copy.copy(companions), copy.deepcopy(candidates), task)
        for own, columns in zip(networks, outputs, strict=True)
    )
    return np.array(Parallel(n_jobs=n_jobs)(calls))


def _pool(networks, columns, companions, candidates, task):
    """What one subset tells, (n,) or (n, K); NaN in rows that nobody holds out."""
    members, prior = task.members, companions.class_prior
    row, unknown = members.entry_row, task.unknown[members.entry_member]
    rows = LearnedRows(partial(_take, task.seen, columns), task.labels, task.weight, members)
    others = companions.fit(rows, networks).held_out
    experts = leave_unknown_classes_open(np.concatenate([networks[None], others]), unknown, prior)
    weight, labels = None if task.weight is None else task.weight[row], task.labels[row]
    observed = cross_calibrate(candidates, experts, labels, prior, weight, members.parts)[2]
    observed = leave_unknown_classes_open(observed, unknown, prior)
    told = observed - np.log(prior)
    told = told if task.of_all_classes else told[np.arange(len(row)), labels]
    # A pool that knows nothing differs from log p by rounding errors, which are no information.
    return np.round(members.average_by_row(told, len(task.labels)), 12)


def _take(seen, columns, member, rows):
    own = seen[member][rows][:, columns]
    return own if len(columns) else np.zeros((len(own), 1), own.dtype)
