"""Bayes' rule: the true class of a row, from what a classifier says of the row, and its label."""

import numpy as np
from scipy.special import logsumexp

from .._pool._label_noise import unmix
from ..metrics._validation import check_noise_matrix


def check_given_matrix(noise_matrix, classes):
    """A user's noise matrix (K, K) for labels of which all `classes` are observed."""
    matrix = check_noise_matrix(noise_matrix, classes)
    never = np.flatnonzero(matrix.max(axis=0) == 0)
    if never.size:
        raise ValueError(
            f"noise_matrix says that the label {classes.tolist()[never[0]]!r} is never observed, "
            "but y holds it; give its column a positive entry."
        )
    return matrix


def noise_matrix_of(estimator):
    """`noise_matrix_` of a fitted estimator, or of the one that decides inside it; else None."""
    if hasattr(estimator, "best_estimator_"):
        return noise_matrix_of(estimator.best_estimator_)
    if hasattr(estimator, "steps"):
        return noise_matrix_of(estimator.steps[-1][1])
    return getattr(estimator, "noise_matrix_", None)


def given_label(log_proba, codes, own, given):
    """Probability of each true class given row and label.

    Parameters
    ----------
    log_proba : ndarray of shape (n, K)
        Of the true class if the estimator has a noise matrix, else of the observed label.
    codes : int array of shape (n,)
        Encoded labels.
    own : ndarray of shape (K, K) or None
        The noise matrix of the estimator.
    given : ndarray of shape (K, K) or None
        That of the user, which comes first.

    Returns
    -------
    posterior : ndarray of shape (n, K)
    """
    if own is None and given is None:
        return np.exp(log_proba)
    with np.errstate(divide="ignore", invalid="ignore"):
        if own is None:
            log_proba = np.log(unmix(np.exp(log_proba), given))
        log_joint = log_proba + np.log(own if given is None else given).T[codes]
        log_total = logsumexp(log_joint, axis=1, keepdims=True)
        return np.exp(np.where(log_total > -np.inf, log_joint - log_total, log_proba))
