"""Probabilities of every row by classifiers that did not see it, whatever the classifier."""

from numbers import Integral

import numpy as np
from sklearn.base import clone
from sklearn.utils._param_validation import Interval
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.parallel import delayed
from sklearn.utils.validation import _check_method_params

from .._engine._kept_answers import NOTHING_KEPT
from .._engine._members import make_folds
from .._engine._splits import read_splits
from .._engine._told_progress import run_and_tell
from .._inputs._arrays import epsilon_of, read_array, read_numbers
from ..metrics._validation import check_probabilities, tolerance_of

N_JOBS = [Interval(Integral, None, -1, closed="right"), Interval(Integral, 1, None, closed="left")]
N_JOBS += [None]  # what joblib takes
EXPECTED_PRIOR = 'one positive share for each class, "uniform" or "empirical"'


def make_splits(X, codes, cv, groups):
    """Training and held-out rows of each split.

    Parameters
    ----------
    X : array-like of shape (n, n_features)
        Given to the splitter, as is `groups`.
    codes : int array of shape (n,)
        Encoded labels.
    cv : int, splitter, iterable of splits or None
    groups : array-like of shape (n,) or None

    Returns
    -------
    splits : list of (train, held), int arrays
    """
    if cv is None or isinstance(cv, Integral):
        return make_folds(codes, 5 if cv is None else cv, groups, seed=0)
    return read_splits(cv, X, codes, groups)


def held_out_proba(
    estimators, X, y, classes, members, *, n_jobs=None, params=None, kept=NOTHING_KEPT
):
    """Fit clones of classifiers to each split and ask them for what the split holds out.

    Parameters
    ----------
    estimators : list of classifier
    X : array-like of shape (n, n_features)
    y : array-like of shape (n,)
    classes : ndarray of shape (K,)
        The distinct labels, in the order in which columns are wanted.
    members : Members
    n_jobs : int or None
    params : list of dict or None
        Passed to `fit` of each; what has one value a row is split as X is.
    kept : KeptAnswers
        What was told before a kill.

    Returns
    -------
    told : list of (proba, eps)
        Of each classifier, proba (N, K) with one row for each held-out entry of `members`, 0 for a
        class that the training rows lack; eps is the least probability that its numbers resolve.
    """
    params = [None] * len(estimators) if params is None else params
    held = [members.entry_row[members.entry_member == m] for m in range(members.n_members)]
    calls = (
        delayed(kept.call)(
            [number, fold], fit_and_predict, clone(estimator), X, y, classes, *split, own
        )
        for number, (estimator, own) in enumerate(zip(estimators, params, strict=True))
        for fold, split in enumerate(zip(members.train_rows, held, strict=True))
    )
    folds = run_and_tell(calls, len(estimators) * len(held), "fits to splits", n_jobs)
    each = [folds[i : i + len(held)] for i in range(0, len(folds), len(held))]
    return [(np.concatenate([p for p, _ in own]), max(eps for _, eps in own)) for own in each]


def fit_and_predict(estimator, X, y, classes, train, held, params):
    """Fit a classifier to some rows and ask it for others.

    Parameters
    ----------
    estimator : classifier
        It is fitted; pass a clone.
    X : array-like of shape (n, n_features)
    y : array-like of shape (n,)
    classes : ndarray of shape (K,)
        The distinct labels, in the order in which columns are wanted.
    train, held : int arrays
        Rows to fit to, and rows to ask for.
    params : dict or None
        As in :func:`held_out_proba`.

    Returns
    -------
    proba : ndarray of shape (len(held), K)
        0 for a class that the training rows lack.
    eps : float
        The epsilon of the dtype that the classifier gave.
    """
    X_train, y_train = _safe_split(estimator, X, y, train)
    X_held, _ = _safe_split(estimator, X, None, held, train)
    estimator.fit(X_train, y_train, **_check_method_params(X, params or {}, indices=train))
    # Asked of the fitted one: a StackingClassifier, for one, cannot tell before.
    for attribute in ("predict_proba", "classes_"):
        if not hasattr(estimator, attribute):
            raise ValueError(
                f"{estimator!r} has no {attribute}, but a classifier with predict_proba and "
                "classes_ is needed; wrap one without probabilities in "
                "sklearn.calibration.CalibratedClassifierCV."
            )
    return _in_order(estimator, estimator.predict_proba(X_held), classes, len(held))


def _in_order(estimator, proba, classes, n_rows):
    """Check probabilities and put their columns in the order of `classes`."""
    known, name = list(estimator.classes_), f"predict_proba of {estimator!r}"
    given, proba = proba, read_array(proba, name, "one row of probabilities for each row")
    if proba.shape != (n_rows, len(known)):
        raise ValueError(
            f"{name} has shape {proba.shape}, expected one row for "
            f"each of {n_rows} held-out rows and one column for each of {len(known)} classes_; "
            "pass a classifier of one label."
        )
    finite = np.isfinite(proba).all(axis=1) if proba.dtype.kind == "f" else np.ones(n_rows, bool)
    wrong = np.flatnonzero(~finite)
    if wrong.size:
        raise ValueError(
            f"{name} holds {proba[wrong[0]]} in {wrong.size} of {n_rows} "
            "held-out rows, expected probabilities; look for missing or huge values in X, and "
            "impute or scale them in a pipeline."
        )
    position = {label: k for k, label in enumerate(classes.tolist())}
    unknown = [label for label in known if label not in position]
    if unknown:
        raise ValueError(
            f"classes_ of {estimator!r} has {unknown[0]!r}, which is no label of y; it has to name "
            f"the columns of predict_proba as y does: {classes.tolist()}."
        )
    proba, eps = check_probabilities(given, n_rows, name=name)
    ordered = np.zeros((n_rows, len(classes)))
    ordered[:, [position[label] for label in known]] = proba
    return ordered, eps


def check_proba_prior(proba_prior, class_prior, classes):
    """The class distribution behind `predict_proba`, (K,), positive."""
    if isinstance(proba_prior, str):
        # Parameter validation has left two strings.
        uniform = np.full_like(class_prior, 1 / len(classes))
        return uniform if proba_prior == "uniform" else class_prior
    prior = read_numbers(proba_prior, "proba_prior", EXPECTED_PRIOR)
    rounding = tolerance_of(epsilon_of(proba_prior, prior))
    prior = prior.astype(np.float64)
    right = prior.shape == class_prior.shape and (prior > 0).all()
    if not (right and abs(prior.sum() - 1) < rounding):
        raise ValueError(
            f"proba_prior={proba_prior!r} must have one positive share for each class, in the "
            f"order {classes.tolist()}, that sum to 1; divide counts by their sum, or use "
            '"uniform" or "empirical".'
        )
    return prior / prior.sum()
