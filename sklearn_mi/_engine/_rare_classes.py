"""Classes of a few rows: which the training rows of a member lack, and what it says of them."""

import numpy as np
from scipy.special import logsumexp

from ..exceptions import RareClassWarning, warn

MOST_NAMED = 5
SPREAD = "Their rows are spread over the folds as far as they go."
TOLD_NOTHING = (
    "No classifier can know it there: its frequency is taken for its probability, so that the row "
    "tells 0 nats."
)


def unknown_classes(labels, members, n_classes):
    """Which classes the training rows of each member lack.

    Parameters
    ----------
    labels : int array of shape (n,)
        Encoded labels.
    members : Members
    n_classes : int

    Returns
    -------
    unknown : bool array of shape (M, K)
    """
    counts = [np.bincount(labels[rows], minlength=n_classes) for rows in members.train_rows]
    return np.array(counts) == 0


def open_frequencies(labels, n_classes, weight=None):
    """Class frequencies; where some have no row yet, as if each had half a row more.

    Parameters
    ----------
    labels : int array of shape (n,)
        Encoded labels.
    n_classes : int
    weight : ndarray of shape (n,) or None

    Returns
    -------
    frequencies : ndarray of shape (K,)
        Positive. Half a row is the estimate of [1]_.

    References
    ----------
    .. [1] R. E. Krichevsky and V. K. Trofimov, "The performance of universal encoding", IEEE
       Transactions on Information Theory 27, 1981.
    """
    totals = np.bincount(labels, weight, n_classes)
    frequencies = totals / totals.sum()
    if frequencies.all():
        return frequencies
    return (frequencies * len(labels) + 0.5) / (len(labels) + n_classes / 2)


def leave_unknown_classes_open(log_proba, unknown, class_prior):
    r"""Give each class that a classifier has never seen its frequency, whatever the row.

    .. math::
        q'(y|x) = p(y) \text{ for } y \in U, \qquad
        q'(y|x) = \Big( 1 - \sum_{k \in U} p(k) \Big)
        \frac{q(y|x)}{\sum_{k \notin U} q(k|x)} \text{ otherwise}

    with U the classes that its training rows lack. What it says of those itself is no opinion on
    the row: a network has learnt that they never occur, a tree has no leaf for them, and the one
    held-out row of such a class would cost as much as the network had time to learn. Their
    frequency is what a classifier says that knows nothing of them, so that such a row tells 0 nats;
    the rows of the other classes pay for it.

    The mean of :math:`\log q' - \log p` is still a lower bound: given the training rows, it is
    :math:`P(Y \notin U)` times the estimate of :math:`I(X; Y | Y \notin U)`, which by the chain
    rule is a part of I(X; Y). That p knows of the held-out row gains nothing, for what it adds to
    :math:`\log q'` it takes away by :math:`\log p`; any other small probability, such as
    :math:`1 / (n + K)` for n training rows, would count the distance to p as information.

    Parameters
    ----------
    log_proba : ndarray of shape (..., K)
    unknown : bool array that broadcasts to (..., K)
    class_prior : ndarray of shape (K,)
        Frequencies of all rows.

    Returns
    -------
    log_proba : ndarray of shape (..., K)
        As it was where all classes are known.
    """
    unknown = np.broadcast_to(unknown, log_proba.shape)
    if not unknown.any():
        return log_proba
    known = np.where(unknown, -np.inf, log_proba)
    share = np.where(unknown, class_prior, 0).sum(axis=-1, keepdims=True)
    known = known - logsumexp(known, axis=-1, keepdims=True) + np.log1p(-share)
    known = np.where(unknown, np.log(class_prior), known)
    return np.where(unknown.any(axis=-1, keepdims=True), known, log_proba)


def warn_of_rare_classes(
    labels, members, classes, n_folds, consequence=TOLD_NOTHING, folded=SPREAD
):
    """Warn of classes with fewer rows than folds, and of held-out rows of unknown classes.

    Parameters
    ----------
    labels : int array of shape (n,)
        Encoded labels.
    members : Members
    classes : ndarray of shape (K,)
    n_folds : int or None
        Folds that were drawn here; None where the splits are the user's or there is one.
    consequence, folded : str, optional
        Sentences on what becomes of held-out rows of unknown classes, and of those of rare ones.
    """
    unknown = unknown_classes(labels, members, len(classes))
    row = members.entry_row
    lost = labels[row][unknown[members.entry_member, labels[row]]]
    used = np.union1d(row, np.concatenate(members.train_rows))
    counts = np.bincount(labels[used], minlength=len(classes))
    rare = _too_rare(counts, np.bincount(labels[row], minlength=len(classes)), n_folds)
    text = _of_rare(rare, counts, classes, n_folds, folded) + _of_lost(lost, classes, consequence)
    if text:
        # As StratifiedKFold does of rare classes, and cross_val_predict of those that are lacking.
        kind = RareClassWarning if len(rare) else RuntimeWarning
        warn(text.lstrip() + _REMEDY[len(rare) > 0], kind)


_REMEDY = {
    True: " Collect more of their rows, or merge or drop rare classes.",
    False: " Use fewer or stratified splits, or merge rare classes.",
}


def _too_rare(counts, held, n_folds):
    """Classes with fewer rows than folds; with a single split of ours, those it holds none of."""
    if n_folds is None:
        return np.empty(0, int)
    few = counts < n_folds if n_folds > 1 else held == 0
    return np.flatnonzero(few & (counts > 0))


def _of_rare(rare, counts, classes, n_folds, folded):
    if not len(rare):
        return ""
    names = [f"{classes.tolist()[k]!r} ({_rows(counts[k])})" for k in rare[:MOST_NAMED]]
    more = len(rare) - len(names)
    names = ", ".join(names) + (f" and {more} more" if more else "")
    which = f"{len(rare)} class{'es' if len(rare) > 1 else ''}"
    if n_folds == 1:
        return (
            f"No row is held out of {which}: {names}. All their rows are trained on, so that the "
            "estimate says nothing of them."
        )
    return f"{which} of y with fewer rows than the {n_folds} folds of cv: {names}. {folded}"


def _of_lost(lost, classes, consequence):
    if not len(lost):
        return ""
    return (
        f" {len(lost)} held-out row(s), of class {classes.tolist()[lost[0]]!r} among others, have "
        f"a class that the training rows of their split lack. {consequence}"
    )


def _rows(count):
    return f"{count} row{'s' if count > 1 else ''}"
