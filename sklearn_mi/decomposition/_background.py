"""A background of which a code is to hold nothing: how it is read, tested and audited."""

import warnings

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from .._classifier import MutualInfoClassifier
from .._inputs._checks import MIN_ROWS
from ..metrics._estimate import class_frequencies, label_entropy
from ._audit import nuisance_bound
from ._codes import classes_to_audit, joint_code, read_nuisance
from ._independence_test import independence_p_value

MOST_COLUMNS = 4  # that are taken as they are
N_DIRECTIONS, N_CLUSTERS = 10, 16  # of one that has more
WEIGHTS = 30.0, 300.0, 3000.0  # of dependence, where a code is worth some nats for each column
LEVEL = 0.01  # of the test of a fold
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


def check_folds(background, members):
    """Refuse folds that all hold out too few rows for an audit."""
    if not any(len(_known(background, rows)) for rows in members.part_rows):
        most = max(map(len, members.part_rows))
        raise ValueError(
            f"The folds of cv hold out up to {most} rows, too few to ask what codes tell of the "
            f"background: expected {MIN_ROWS} rows of at least two of its values, and {FEWEST} of "
            "each. Use fewer folds, or more rows."
        )


def independence(trained, task):
    """P-values of independence of codes and background, of the held-out rows of each fold."""
    found = []
    for own, rows in by_fold(task.members):
        one = slice(None)
        if task.groups is not None:  # rows of a group are as one
            one = np.unique(np.asarray(task.groups)[rows], return_index=True)[1]
        found.append(independence_p_value(trained.mean[own][one], task.background[rows][one]))
    return np.array(found)


def audit_background(trained, task, noisy, seed, **params):
    """Estimate the information of codes and background, and an upper bound of that of noisy codes.

    Codes of one fold's held-out rows, which its networks have not seen, by a classifier that is
    cross-fitted among these rows; the mean over folds that hold out enough. Codes without noise may
    tell all of the background.

    Returns
    -------
    score, stderr, bound : float
    """
    each = [_audit(trained, task, fold, noisy, seed, params) for fold in by_fold(task.members)]
    score, stderr, bound, size = np.array([told for told in each if told is not None]).T
    share = size / size.sum()
    return float(share @ score), float(np.sqrt(share**2 @ stderr**2)), float(share @ bound)


def _audit(trained, task, fold, noisy, seed, params):
    own, rows = fold
    known = _known(task.background, rows)
    if not len(known):
        return None
    own, rows = own[known], rows[known]
    weight, groups = (
        of if of is None else np.asarray(of)[rows] for of in (task.weight, task.groups)
    )
    fitted = {"sample_weight": weight, "groups": groups}
    told = [
        _score(trained.mean[own], labels[rows], seed, params, fitted)
        for labels in classes_to_audit(task.background)
        if len(np.unique(labels[rows])) > 1
    ]
    joint = np.unique(joint_code(task.background[rows]), return_inverse=True)[1]
    bound = label_entropy(class_frequencies(joint, joint.max() + 1, weight))
    if noisy:
        bound = nuisance_bound(trained.mean[own], trained.log_std[own], joint, weight)
    return *max(told), bound, len(rows)


def _score(codes, labels, seed, params, fitted):
    labels = np.unique(labels, return_inverse=True)[1]
    clf = MutualInfoClassifier(random_state=seed, **params)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rare classes and repeated rows
        clf.fit(codes, labels, **fitted)
    return clf.mutual_info_score_, clf.mutual_info_stderr_


def _known(background, rows):
    """Which of some rows have a combination of values that several have; none if too few do."""
    joint = np.unique(joint_code(background[rows]), return_inverse=True)[1]
    known = np.flatnonzero(np.bincount(joint)[joint] >= FEWEST)
    return known if len(known) >= MIN_ROWS and len(np.unique(joint[known])) > 1 else known[:0]


def by_fold(members):
    """Entries and rows of each part but the last, which is of the member that knows all rows."""
    for part in range(members.n_parts - 1):
        own = np.flatnonzero(members.entry_part == part)
        yield own, members.entry_row[own]
