"""What subsets of the columns tell of each label, by classifiers that never saw the row."""

import numpy as np
from sklearn.base import clone
from sklearn.utils import _safe_indexing
from sklearn.utils.parallel import delayed

from .._engine._kept_answers import NOTHING_KEPT
from .._engine._told_progress import run_and_tell
from ..metrics._estimate import class_frequencies
from ..model_selection._cross_val import score_splits
from ..model_selection._drawn_rows import DrawnRows, identity_of_question
from ._question import cloned


def information_of_subsets(
    estimator,
    rows,
    subsets,
    weight,
    n_jobs,
    random_state,
    of_all_classes=False,
    kept=NOTHING_KEPT,
):
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
    of_all_classes : bool
        Whether to tell of every class what it would be if it were the label.
    kept : KeptAnswers
        What was told before a kill.

    Returns
    -------
    pointwise : ndarray of shape (S, n), or (S, n, K) with `of_all_classes`
        NaN in rows that nobody holds out.
    """
    estimator = cloned(estimator, random_state)
    weight = None if weight is None else np.asarray(weight, dtype=np.float64)
    together = getattr(estimator, "_information_of_subsets", None)
    if together is not None:
        y = rows.classes[rows.codes]
        return together(rows.X, y, subsets, rows.members, weight, n_jobs, of_all_classes, kept)
    return _by_clones(estimator, rows, subsets, weight, n_jobs, of_all_classes, kept)


def identity_of_subsets(estimator, rows, weight, random_state):
    """What `kept_answers` takes to tell a question to this estimator from others."""
    told = {"sample_weight": weight, "random_state": random_state}
    return identity_of_question(rows, estimator=cloned(estimator, None), **told)


def _by_clones(estimator, rows, subsets, weight, n_jobs, of_all_classes, kept):
    # Arrays by themselves, for a cluster to send them once.
    calls = (
        delayed(kept.call)(
            [list(subset), of_all_classes],
            _by_clone,
            *(clone(estimator), list(subset), weight, of_all_classes),
            *rows,
        )
        for subset in subsets
    )
    return np.array(run_and_tell(calls, len(subsets), "subsets of columns", n_jobs))


def _by_clone(estimator, subset, weight, of_all_classes, X, *rows):
    """Calibrated, so that what knows nothing tells nothing, and zeros do not decide."""
    rows = DrawnRows(_safe_indexing(X, subset, axis=1), *rows)
    params = None if weight is None else {"sample_weight": weight}
    options = ["empirical"], [True], 0.95, [params], weight
    (result,) = score_splits([estimator], rows, None, *options)
    if not of_all_classes:
        return result.pointwise
    prior = class_frequencies(rows.codes, len(rows.classes), weight)
    told = np.log(result.proba / prior)
    told[np.arange(len(told)), rows.codes] = result.pointwise
    return told
