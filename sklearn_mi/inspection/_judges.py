"""Who judges the labels: an estimator that was fitted on them, or clones that never saw them."""

import numpy as np
from sklearn.base import clone
from sklearn.utils.parallel import delayed
from sklearn.utils.validation import check_is_fitted

from .._engine._rare_classes import leave_unknown_classes_open, unknown_classes
from .._engine._told_progress import run_and_tell
from ..metrics._estimate import class_frequencies
from ..model_selection._held_out import fit_and_predict
from ._bayes import given_label, noise_matrix_of


def ask_fitted(estimator, X, y, classes, codes, given):
    """Posterior given the label by an estimator that was fitted on these rows, and its T or None.

    Parameters
    ----------
    estimator : classifier
        Fitted on X and y.
    X : array-like of shape (n, n_features)
    y : array-like of shape (n,)
    classes : ndarray of shape (K,)
    codes : int array of shape (n,)
        Encoded labels.
    given : ndarray of shape (K, K) or None
        The noise matrix of the user.

    Returns
    -------
    posterior : ndarray of shape (n, K)
    noise_matrix : ndarray of shape (K, K) or None
    """
    log_proba = _own_log_proba(estimator, X, y, classes)
    own = noise_matrix_of(estimator)
    return given_label(log_proba, codes, own, given), own


def ask_clones(estimator, rows, given, n_jobs, params, kept):
    """Posterior given the label by clones that did not see it, and their mean T or None.

    Results are as in :func:`ask_fitted`; `rows` are DrawnRows, `kept` has what was told before a
    kill, and `given`, `n_jobs` and `params` are as in :func:`~sklearn_mi.inspection.label_quality`.
    """
    X, classes, codes, _, members = rows
    y = classes[codes]
    held = [members.entry_row[members.entry_member == m] for m in range(members.n_members)]
    unknown = unknown_classes(codes, members, len(classes))
    class_prior = class_frequencies(codes, len(classes))
    calls = (
        delayed(kept.call)(fold, _fit_and_ask, clone(estimator), X, y, classes, *split, params)
        for fold, split in enumerate(zip(members.train_rows, held, strict=True))
    )
    folds = run_and_tell(calls, len(held), "fits to splits", n_jobs)
    posteriors = [
        _judge(log_proba, lacking, class_prior, codes[judged], own, given)
        for judged, lacking, (log_proba, own) in zip(held, unknown, folds, strict=True)
    ]
    matrices = [own for _, own in folds if own is not None]
    posterior = members.average_by_row(np.concatenate(posteriors), len(codes))
    return posterior, np.mean(matrices, axis=0) if matrices else None


def _judge(log_proba, unknown, class_prior, codes, own, given):
    """Posterior given the label; a label of a class that the clone never saw tells it nothing."""
    log_proba = leave_unknown_classes_open(log_proba, unknown, class_prior)
    posterior = given_label(log_proba, codes, own, given)
    if given is None:
        posterior[unknown[codes]] = np.exp(log_proba[unknown[codes]])
    return posterior


def _fit_and_ask(estimator, X, y, classes, train, held, params):
    """Log probabilities (len(held), K) and the noise matrix (K, K) or None, classes in order."""
    proba, _ = fit_and_predict(estimator, X, y, classes, train, held, params)
    with np.errstate(divide="ignore"):
        log_proba = np.log(proba)
    own = noise_matrix_of(estimator)
    if own is None:
        return log_proba, None
    known = np.searchsorted(classes, estimator.classes_)
    full = np.eye(len(classes))  # labels of a class that the clone does not know stay as they are
    full[np.ix_(known, known)] = own
    return log_proba, full


def _own_log_proba(estimator, X, y, classes):
    """The out-of-fold log posteriors that a fitted estimator keeps of these very rows, (n, K)."""
    check_is_fitted(estimator)
    if not hasattr(estimator, "oof_log_proba_"):
        raise ValueError(
            f"{estimator!r} keeps no log posteriors of held-out rows (oof_log_proba_), and what it "
            "says of rows that it trained on is no evidence. Pass cv=5 to fit clones of it to "
            "splits of X and y."
        )
    log_proba, n_rows = np.asarray(estimator.oof_log_proba_), len(y)
    same = len(log_proba) == n_rows and np.array_equal(estimator.classes_, classes)
    if not (same and getattr(estimator, "_was_fitted_on", lambda X, y: True)(X, y)):
        raise ValueError(
            f"{type(estimator).__name__} was fitted on {len(log_proba)} rows that are not the "
            f"{n_rows} rows of X and y, or not in this order. Pass X and y of the fit, or cv=5 to "
            "fit clones of it to splits of these rows."
        )
    return log_proba
