"""A background of which a code is to hold nothing: how it is read, tested and audited."""

import warnings

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from .._classifier import MutualInfoClassifier
from ._audit import nuisance_bound
from ._codes import classes_to_audit, joint_code, read_nuisance
from ._independence_test import LEVEL, independence_p_value

MOST_COLUMNS = 4  # that are taken as they are
N_DIRECTIONS, N_CLUSTERS = 10, 16  # of one that has more
WEIGHTS = 30.0, 300.0, 3000.0  # of dependence; a code is worth some nats for each column
FEWEST = 4  # rows of a class among those that a fold holds out, to be told from others


def read_background(background, n_rows, seed):
    """The background as classes, (n, C).

    Up to four columns are read as nuisances are. Images, or more columns of numbers, become one of
    16 clusters: what is removed is what tells these apart.
    """
    values = background if hasattr(background, "columns") else np.asarray(background)
    wide = values.ndim > 2 or (values.ndim == 2 and values.shape[1] > MOST_COLUMNS)
    if not wide:
        return read_nuisance(background, n_rows, called="background")
    if len(values) != n_rows:
        return read_nuisance(np.arange(len(values)), n_rows, called="background")  # which raises
    try:
        values = np.asarray(values, dtype=float).reshape(n_rows, -1)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"background has {values.shape[1]} columns, and not all are numbers: at most "
            f"{MOST_COLUMNS} of any kind are expected, or images. Pass the columns that matter."
        ) from error
    steps = [StandardScaler(), PCA(min(N_DIRECTIONS, *values.shape), random_state=seed)]
    clusters = KMeans(min(N_CLUSTERS, n_rows // 2), n_init=1, random_state=seed)
    labels = make_pipeline(*steps, clusters).fit_predict(values)
    return read_nuisance(labels, n_rows, called="background")


def is_independent(trained, task):
    """Whether no fold's codes of held-out rows depend on the background, as far as tests see."""
    smallest = min(
        independence_p_value(trained.mean[own], task.background[rows])
        for own, rows in _by_fold(task.members)
    )
    return smallest * (task.members.n_parts - 1) > LEVEL


def audit_background(trained, task, seed, **params):
    """Estimate the information of codes and background, and an upper bound of that of noisy codes.

    Codes of one fold's held-out rows, which its networks have not seen, by a classifier that is
    cross-fitted among these rows; the mean over folds.

    Returns
    -------
    score, stderr, bound : float
    """
    each, bounds, sizes = [], [], []
    for own, rows in _by_fold(task.members):
        codes = trained.mean[own]
        asked = [_score(codes, labels[rows], seed, params) for labels in _classes(task)]
        each.append(max(asked))
        joint = np.unique(joint_code(task.background[rows]), return_inverse=True)[1]
        bounds.append(nuisance_bound(codes, trained.log_std[own], joint))
        sizes.append(len(rows))
    share = np.array(sizes) / sum(sizes)
    score, stderr = np.array(each).T
    return float(share @ score), float(np.sqrt(share**2 @ stderr**2)), float(share @ bounds)


def _classes(task):
    return classes_to_audit(task.background)


def _score(codes, labels, seed, params):
    known = np.bincount(labels)[labels] >= FEWEST
    if len(np.unique(labels[known])) < 2:
        return 0.0, 0.0
    clf = MutualInfoClassifier(random_state=seed, **params)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rare classes and repeated rows
        clf.fit(codes[known], labels[known])
    return clf.mutual_info_score_, clf.mutual_info_stderr_


def _by_fold(members):
    """Entries and rows of each part but the last, which is of the member that knows all rows."""
    for part in range(members.n_parts - 1):
        own = np.flatnonzero(members.entry_part == part)
        yield own, members.entry_row[own]
