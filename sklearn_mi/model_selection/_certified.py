"""What the choice among candidates is worth on rows that had no part in it."""

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils.metaestimators import _safe_split

from .._engine._rare_classes import leave_unknown_classes_open
from .._engine._sent_once import SentOnce
from ..metrics._estimate import class_frequencies
from ._drawn_rows import check_classes
from ._held_out import _in_order


def certified_information(log_proba, splits, of_labels, choose):
    """Pointwise mutual information of each row by what the other splits choose.

    Parameters
    ----------
    log_proba : list of C * S arrays
        What each candidate says of the labels of the rows that each split holds out, those of a
        candidate one after the other; None where it failed or says nothing.
    splits : list of S (train, test)
    of_labels : LabelScores
    choose : callable
        Takes numbers of splits and gives the candidate with the best scores in these.

    Returns
    -------
    pointwise : ndarray of shape (n,) or None
        Nats; the mean where several splits hold out a row, NaN where none does. None if a split
        has no other that holds out other rows, or a chosen candidate says nothing.
    """
    total, count = np.zeros((2, len(of_labels.codes)))
    for number, (_, test) in enumerate(splits):
        others = [other for other, (_, rows) in enumerate(splits) if not np.isin(rows, test).any()]
        values = log_proba[choose(others) * len(splits) + number] if others else None
        if values is None:
            return None
        total[test] += values - np.log(of_labels.class_prior[of_labels.codes[test]])
        count[test] += 1
    with np.errstate(invalid="ignore"):
        return np.round(total / count, 12)  # rounding errors are no information


def label_scores(estimator, X, y):
    """What tells of labels, where there are single ones of several classes; else None."""
    if not is_classifier(estimator):
        return None
    try:
        with np.errstate(invalid="ignore"):
            classes, codes = check_classes(y, X)
    except (TypeError, ValueError):  # which is for the classifier to say
        return None
    return LabelScores(classes, codes, class_frequencies(codes, len(classes)))


class LabelScores(SentOnce):
    """Log probability of the labels that a split holds out, by classifiers fitted to the others.

    Parameters
    ----------
    classes : ndarray of shape (K,)
    codes : int ndarray of shape (n,)
        Encoded labels of all rows.
    class_prior : ndarray of shape (K,)
        Their frequencies, which a class has that the training rows lack.
    """

    def __init__(self, classes, codes, class_prior):
        self.classes, self.codes, self.class_prior = classes, codes, class_prior

    def __call__(self, clf, X, y, train, test):
        """Of the rows of `test`, (n_test,); None of a classifier that has no probabilities."""
        if not (hasattr(clf, "predict_proba") and hasattr(clf, "classes_")):
            return None
        rows, _ = _safe_split(clf, X, None, test, train)
        try:
            proba, eps = _in_order(clf, _of_observed(clf, rows), self.classes, len(test))
        except ValueError:  # of rows, or labels, that no scorer could score either
            return None
        unknown = np.bincount(self.codes[train], minlength=len(self.classes)) == 0
        with np.errstate(divide="ignore"):
            log_proba = leave_unknown_classes_open(np.log(proba), unknown, self.class_prior)
        return np.maximum(log_proba[np.arange(len(test)), self.codes[test]], np.log(eps))


def _of_observed(clf, X):
    """Probabilities of the labels as they are seen, which some losses tell from the true class."""
    if hasattr(clf, "pointwise_mutual_info"):
        return np.exp(clf.pointwise_mutual_info(X) + np.log(clf.class_prior_))
    return clf.predict_proba(X)
