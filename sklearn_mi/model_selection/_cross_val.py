"""Mutual information of inputs and labels, as far as any classifier can tell, cross-validated."""

from numbers import Real

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from .._engine._kept_answers import CHECKPOINT, NOTHING_KEPT, kept_answers
from .._engine._rare_classes import leave_unknown_classes_open, unknown_classes
from .._pool._log_linear import LogLinearPool, cross_calibrate
from ..metrics._estimate import (
    class_frequencies,
    confidence_interval,
    label_entropy,
    mean_and_standard_error,
    means_of_groups,
)
from ._drawn_rows import draw_splits, identity_of_question
from ._held_out import N_JOBS, check_proba_prior, held_out_proba

# Share of the class frequencies in what is calibrated, since zeros have no logarithm. More of it
# takes away what a classifier says of rows that it is too sure of.
SMOOTHING = 1e-6


@validate_params(
    {
        "cv": ["cv_object"],
        "groups": ["array-like", None],
        "n_jobs": N_JOBS,
        "proba_prior": [StrOptions({"empirical", "uniform"}), "array-like"],
        "calibrate": ["boolean"],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
        "params": [dict, None],
        "checkpoint": CHECKPOINT,
    },
    prefer_skip_nested_validation=False,
)
def cross_val_mutual_info(
    estimator,
    X,
    y,
    *,
    cv=5,
    groups=None,
    n_jobs=None,
    proba_prior="empirical",
    calibrate=False,
    confidence_level=0.95,
    params=None,
    checkpoint=None,
):
    r"""Estimate the mutual information of inputs and labels by any classifier.

    Each row is scored by a clone of the classifier that did not see it, and the mean of

    .. math:: \log q(y_i | x_i) - \log p(y_i)

    over the rows, with q the clone's `predict_proba` and p the class frequencies of all rows, is an
    estimate of I(X; Y) in nats. In expectation it is a lower bound, whatever the classifier [1]_.

    Parameters
    ----------
    estimator : classifier with `predict_proba`
        A pipeline, a search or any other composition will do. It is cloned, not fitted.

    X : array-like of shape (n_samples, n_features)
        Given to the classifier as it is: a DataFrame stays one, with its strings and missing
        values.

    y : array-like of shape (n_samples,)
        Labels of at least two classes.

    cv : int, cross-validation splitter or iterable of splits, default=5
        A number of folds means ``StratifiedKFold(cv, shuffle=True, random_state=0)``, with `groups`
        ``StratifiedGroupKFold``. scikit-learn would not shuffle, but tables often come sorted by
        something other than the label, and folds that are blocks of such a table ask for
        extrapolation. Where that is wanted, as with time series, pass a splitter. None means 5.

        Splits need not hold out every row once. Where they do so more often
        (`RepeatedStratifiedKFold`), the values of a row are averaged and the row still counts as
        one; rows that none holds out (`ShuffleSplit`) are left out.

    groups : array-like of shape (n_samples,), default=None
        For splits that keep groups of rows together. Standard error and interval then take groups
        for independent, not rows.

    n_jobs : int, default=None
        Splits fitted in parallel, as in :class:`joblib.Parallel`. The result does not depend on it.

    proba_prior : {"empirical", "uniform"} or array-like of shape (n_classes,), default="empirical"
        The class distribution :math:`\pi` that the classifier was led to believe in. With
        ``class_weight="balanced"`` or after resampling to equal classes it is uniform: the
        classifier finds rare classes more probable than they are, and its plain score falls short
        of what it knows. Its probabilities are corrected by Bayes' rule,

        .. math:: q'(y|x) \propto q(y|x) \, p(y) / \pi(y).

        "empirical" leaves them as they are: right for classifiers that were trained on the rows as
        they come, and for :class:`~sklearn_mi.MutualInfoClassifier`, which corrects for its
        `class_weight` itself. An array is in the order of the sorted labels.

    calibrate : bool, default=False
        Rescale the pointwise mutual information, and leave some probability to surprises, as suits
        the rows of the *other* splits. A forest that says 0 too lightly is then scored for what it
        knows and not for how it puts it.

    confidence_level : float, default=0.95
        Of `interval`, between 0 and 1.

    params : dict, default=None
        Passed to `fit`. Arrays of n_samples values, such as a `sample_weight` or the `groups` of
        an inner cross-validation, are split as X is. Weights change what is learned; every row
        counts the same in the score.

    checkpoint : str or path, default=None
        A folder, made if it is missing, for what the clone of each split said. After a kill the
        same call, with the same rows and parameters, does what is missing. Its files are removed
        in the end. Splits must be the same again, so give those that shuffle a `random_state`.

    Returns
    -------
    result : :class:`~sklearn.utils.Bunch`
        score : float
            The estimate of I(X; Y) in nats. May be negative.
        standard_error : float
            Its standard error.
        interval : (float, float)
            Two-sided Student t interval; the upper end is at most H(Y). Only the lower end is a
            limit on I(X; Y) itself, of confidence (1 + confidence_level) / 2.
        label_entropy : float
            H(Y) in nats.
        pointwise : ndarray of shape (n_samples,)
            The value of every row, in nats; NaN in rows that no split holds out.
        proba : ndarray of shape (n_samples, n_classes)
            Held-out probabilities, corrected and calibrated as asked for; NaN likewise.
        classes : ndarray of shape (n_classes,)
            The label of each column of `proba`.

    Raises
    ------
    ValueError
        If `estimator` has no `predict_proba` or gives no probabilities, if `y` has missing values,
        several columns, one class or another length than `X`, or if a split is empty or scores rows
        that it trains on; or the folder `checkpoint` cannot be written to, is in use, or holds what
        another call has left.

    Warns
    -----
    RareClassWarning
        If a class has fewer rows than there are folds; they are spread as far as they go.
    LeakageWarning
        If many held-out rows stand in the training rows of their split as well, and not by chance.
    RuntimeWarning
        If a split of the user's, or groups, hold out a row of a class that its training rows lack.
        Its probability is then the frequency of the class, whatever the row, and it tells 0 nats;
        the other classes share what is left.

    See Also
    --------
    compare_mutual_info : Several classifiers on the same splits.
    group_repeated_rows : Groups that hold out copies of rows together.
    sklearn_mi.metrics.mutual_info_scorer : For `scoring` in a search.

    Notes
    -----
    The interval is about the rows, given these fits; it does not know of how the fits would differ
    on other rows.

    With `calibrate`, the labels of a split reach its scores indirectly: they train the classifiers
    of the others, on whose held-out rows its calibration is fitted. On labels that were independent
    of the inputs, false alarms were rarer than the confidence level allows.

    With ``loss="dmi"``, `predict_proba` of `MutualInfoClassifier` speaks of the true class behind
    noisy labels, so read its own `mutual_info_score_` instead.

    References
    ----------
    .. [1] D. Barber and F. Agakov, "The IM Algorithm: A Variational Approach to Information
       Maximization", Advances in Neural Information Processing Systems 16, 2003.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_mi.model_selection import cross_val_mutual_info
    >>> X, y = load_iris(return_X_y=True)
    >>> result = cross_val_mutual_info(LogisticRegression(max_iter=1000), X, y)
    >>> print(f"{result.score:.2f} ± {result.standard_error:.2f} of {result.label_entropy:.2f}")
    0.96 ± 0.02 of 1.10
    """
    rows = draw_splits(X, y, cv, groups)
    options = [proba_prior], [calibrate], confidence_level, [params]
    identity = identity_of_question(rows, estimator=estimator, params=params)
    with kept_answers(checkpoint, "cross_val", identity) as kept:
        return score_splits([estimator], rows, n_jobs, *options, kept=kept)[0]


def score_splits(
    estimators,
    rows,
    n_jobs,
    proba_prior,
    calibrate,
    confidence_level,
    params,
    weight=None,
    kept=NOTHING_KEPT,
):
    """Results of :func:`cross_val_mutual_info` on splits that are drawn, one for each classifier.

    `proba_prior`, `calibrate` and `params` are lists. `weight` (n,) acts on class frequencies and
    calibration; `kept` has what was told before a kill.
    """
    X, classes, codes, _, members = rows
    class_prior = class_frequencies(codes, len(classes), weight)
    ratios = [class_prior / check_proba_prior(of, class_prior, classes) for of in proba_prior]
    y = classes[codes]  # of one type for the classifiers, whatever y came in
    options = {"n_jobs": n_jobs, "params": params, "kept": kept}
    told = held_out_proba(estimators, X, y, classes, members, **options)
    return [
        _score(*own, ratio, rows, class_prior, calibrates, confidence_level, weight)
        for own, ratio, calibrates in zip(told, ratios, calibrate, strict=True)
    ]


def _score(proba, eps, ratio, rows, class_prior, calibrate, confidence_level, weight):
    """The result of one classifier, from what it says of held-out entries (N, K)."""
    _, classes, codes, groups, members = rows
    proba = proba * ratio / (proba @ ratio)[:, np.newaxis]
    own = codes[members.entry_row]
    unknown = unknown_classes(codes, members, len(classes))[members.entry_member]
    proba = _leave_open(proba, unknown, class_prior)
    if calibrate:
        weight = None if weight is None else weight[members.entry_row]
        calibrated = _calibrate(proba, own, class_prior, members, weight)
        proba = _leave_open(calibrated, unknown, class_prior)
    pointwise = np.log(np.maximum(proba[np.arange(len(own)), own], eps) / class_prior[own])
    # Where nothing was found, q is p but for rounding, and that must not look like evidence.
    pointwise = members.average_by_row(np.round(pointwise, 12), len(codes))
    score, error, low, high = estimate(pointwise, groups, confidence_level)
    entropy = label_entropy(class_prior)
    return Bunch(
        score=score,
        standard_error=error,
        interval=(low, max(min(high, entropy), score)),
        label_entropy=entropy,
        pointwise=pointwise,
        proba=members.average_by_row(proba, len(codes)),
        classes=classes,
    )


def estimate(pointwise, groups, confidence_level):
    """Mean of the values that are not NaN, its standard error, and both ends of its interval.

    Of rows, or of groups of rows, which are then what is independent.
    """
    scored = ~np.isnan(pointwise)
    groups = None if groups is None else groups[scored]
    units, weight = means_of_groups(pointwise[scored], None, groups)
    mean, error = mean_and_standard_error(units, weight)
    return mean, error, *confidence_interval(mean, error, len(units), confidence_level)


def _leave_open(proba, unknown, class_prior):
    with np.errstate(divide="ignore"):
        return np.exp(leave_unknown_classes_open(np.log(proba), unknown, class_prior))


def _calibrate(proba, own, class_prior, members, weight):
    """Calibrate held-out entries (N, K) with labels `own` (N,) on those of the other parts."""
    log_proba = np.log((1 - SMOOTHING) * proba + SMOOTHING * class_prior)
    _, log_posterior, *_ = cross_calibrate(
        [LogLinearPool()], log_proba[np.newaxis], own, class_prior, weight, members.parts
    )
    return np.exp(log_posterior)
