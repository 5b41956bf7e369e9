"""Candidates of a search on one split: fitted, together where they can be, and scored."""

import numpy as np
from sklearn.base import clone
from sklearn.model_selection._validation import _fit_and_score
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params

from .._engine._rare_classes import leave_unknown_classes_open
from ._held_out import _in_order


def can_be_stacked(estimator):
    """Whether clones of an estimator can be fitted together, unless they have a `fit` of others."""
    owner = next((kind for kind in type(estimator).__mro__ if "fit" in vars(kind)), None)
    return "_fit_together" in vars(owner)


def evaluate(estimator, candidates, rows, split, of_labels, *, factor, fit_params, **options):
    """Fit clones with the parameters of each candidate to a split, and score them.

    Parameters
    ----------
    estimator : estimator
    candidates : list of dict
    rows : tuple of (X, y)
    split : tuple of (train, test)
    of_labels : LabelScores or None
    factor : int or None
        Of successive halving, where candidates can be fitted together.
    fit_params : dict
        For `fit`; what has one value a row is split as X is.
    **options
        As scikit-learn's searches score.

    Returns
    -------
    results : list of dict
        As those of scikit-learn's searches, and what `of_labels` says of each, as "log_proba".
    """
    fitted = [clone(estimator).set_params(**clone(each, safe=False)) for each in candidates]
    seconds, (train, test) = [0.0] * len(fitted), split
    if can_be_stacked(estimator):
        own = _check_method_params(rows[0], params=fit_params, indices=train)
        some = _safe_split(estimator, *rows, train)
        errors, seconds = estimator._fit_together(fitted, *some, own, factor)
        for each, error in zip(fitted, errors, strict=True):
            each.fit = _Done(each, error)
    results = []
    for each, taken in zip(fitted, seconds, strict=True):
        options |= {"train": train, "test": test, "fit_params": fit_params}
        result = _fit_and_score(each, *rows, parameters=None, **options)
        vars(each).pop("fit", None)
        known = of_labels is not None and result["fit_error"] is None
        result["log_proba"] = of_labels(each, *rows, *split) if known else None
        result["fit_time"] += taken
        results.append(result)
    return results


class _Done:
    """In the place of `fit` where that has been done, or failed."""

    def __init__(self, clf, error):
        self.clf, self.error = clf, error

    def __call__(self, X, y, **params):
        if self.error is not None:
            raise self.error
        return self.clf


class LabelScores:
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
