"""What subsets of the columns tell of each label, by classifiers that never saw the row."""

from importlib import import_module

import numpy as np
from sklearn.base import clone
from sklearn.ensemble._base import _set_random_states
from sklearn.utils import _safe_indexing
from sklearn.utils.parallel import Parallel, delayed

from ..model_selection._cross_val import score_splits


def information_of_subsets(estimator, rows, subsets, weight, n_jobs, random_state):
    """Pointwise information (S, n) of the labels and each of some subsets of the columns.

    Parameters
    ----------
    estimator : classifier or None
        None is the default `MutualInfoClassifier`. One of these answers for all subsets together,
        of any other clones are fitted to the columns of each.
    rows : DrawnRows
    subsets : list of tuples of int
        Columns of each.
    weight : array-like of shape (n,) or None
        As the user gave them, for scale matters to some classifiers.
    n_jobs : int or None
    random_state : int, RandomState instance or None
        None leaves the random states of the estimator as they are.

    Returns
    -------
    pointwise : ndarray of shape (S, n)
        NaN in rows that nobody holds out.
    """
    if estimator is None:  # which loads torch, as this package does not
        estimator = import_module(__name__.split(".")[0]).MutualInfoClassifier()
    estimator = clone(estimator)
    if random_state is not None:
        _set_random_states(estimator, random_state)
    y = rows.classes[rows.codes]
    weight = None if weight is None else np.asarray(weight, dtype=np.float64)
    together = getattr(estimator, "_information_of_subsets", None)
    if together is not None:
        return together(rows.X, y, subsets, rows.members, weight, n_jobs)
    return _by_clones(estimator, rows, y, subsets, weight, n_jobs)


def _by_clones(estimator, rows, y, subsets, weight, n_jobs):
    calls = (
        delayed(_by_clone)(clone(estimator), rows, y, list(subset), weight) for subset in subsets
    )
    return np.array(Parallel(n_jobs=n_jobs)(calls))


def _by_clone(estimator, rows, y, subset, weight):
    """Calibrated, so that what knows nothing tells nothing, and zeros do not decide."""
    rows = rows._replace(X=_safe_indexing(rows.X, subset, axis=1))
    params = None if weight is None else {"sample_weight": weight}
    options = None, "empirical", True, 0.95, params, weight
    return score_splits(estimator, rows, y, *options).pointwise
