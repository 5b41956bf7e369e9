"""Which labels are wrong? The probability of each to be right, by classifiers that never saw it."""

import warnings
from numbers import Integral

import numpy as np
from scipy.special import logsumexp
from sklearn.base import clone
from sklearn.utils import Bunch, check_array, indexable
from sklearn.utils._param_validation import HasMethods, validate_params
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted

from .._members import make_members
from ..metrics._validation import TOLERANCE
from ..model_selection._cross_val import check_classes
from ..model_selection._held_out import _fit_and_predict, make_splits

N_STEPS = 200  # of expectation-maximisation; rows of moderate noise need a few dozen


@validate_params(
    {
        "estimator": [HasMethods(["fit"])],
        "cv": ["cv_object"],
        "noise_matrix": ["array-like", None],
        "groups": ["array-like", None],
        "n_jobs": [Integral, None],
        "params": [dict, None],
    },
    prefer_skip_nested_validation=False,
)
def label_quality(
    estimator, X, y, *, cv=None, noise_matrix=None, groups=None, n_jobs=None, params=None
):
    r"""Probability that the label of each row is right, by classifiers that did not see the row.

    With r the posterior of the true class and T the noise matrix, the probability of the observed
    label j given the true class i,

    .. math::
        P(\text{true } i \mid x, \text{observed } y)
        = \frac{r_i(x) \, T_{iy}}{\sum_k r_k(x) \, T_{ky}}.

    The quality of a label is the value at i = y. T tells a mistake that is common from one that is
    not: where half of the cats are called dogs, a row that looks like a cat and is called a dog is
    a cat. It holds for noise that depends on the true class alone, not on x.

    A classifier that takes labels as they are, of which nobody knows T, speaks of observed labels.
    The quality of a label is then its probability q(y|x), the self-confidence of [1]_: a ranking of
    the labels, but no probability that they are right, as q knows the noise as well as the signal.

    Parameters
    ----------
    estimator : classifier
        With `cv` None one that was fitted on X and y and kept the log posteriors of held-out rows
        in `oof_log_proba_`, as :class:`~sklearn_mi.MutualInfoClassifier` does. Otherwise any
        classifier with `predict_proba`, also a pipeline; it is cloned, not fitted.

        One with `noise_matrix_`, as with ``loss="dmi"`` [2]_, gives r and T. It may be the last
        step of a pipeline or the best estimator of a search.

    X : array-like of shape (n_samples, n_features)
        With `cv` None the rows of the fit, in the same order.

    y : array-like of shape (n_samples,)
        Observed labels of at least two classes.

    cv : int, cross-validation splitter, iterable of splits or None, default=None
        None asks the fitted estimator, which costs nothing. Otherwise clones are fitted to the
        training rows of each split; a number of folds means shuffled and stratified ones, as in
        :func:`~sklearn_mi.model_selection.cross_val_mutual_info`. Where a row is held out more than
        once, probabilities are averaged.

    noise_matrix : array-like of shape (n_classes, n_classes), default=None
        T, if it is known: row i holds P(observed | true class i), classes sorted. Replaces that of
        the estimator. If it has none, r is found from q = r T by maximum likelihood.

    groups : array-like of shape (n_samples,), default=None
        For splits that keep groups of rows together; only with `cv`.

    n_jobs : int, default=None
        Splits fitted in parallel, as in :class:`joblib.Parallel`.

    params : dict, default=None
        Passed to `fit` of the clones; only with `cv`. Arrays of n_samples values, such as a
        `sample_weight`, are split as X is. Weights change what is learned, and rows of weight 0
        are still judged.

    Returns
    -------
    result : :class:`~sklearn.utils.Bunch`
        quality : ndarray of shape (n_samples,)
            Probability that the label is right; sort by it to see the worst first. NaN in rows that
            nobody held out, among them those that had weight 0 in the fit of `estimator`.
        posterior : ndarray of shape (n_samples, n_classes)
            Probability of each class to be the true one, given the row and its label; q(·|x) where
            there is no noise matrix. NaN likewise.
        suggested_labels : ndarray of shape (n_samples,)
            The most probable class; the observed label in rows that nobody held out.
        noise_matrix : ndarray of shape (n_classes, n_classes) or None
            T; of clones the mean, though each judges the rows it held out by its own.
        classes : ndarray of shape (n_classes,)
            The label of each column of `posterior`.

    Raises
    ------
    NotFittedError
        If `cv` is None and the estimator is not fitted.
    ValueError
        If `cv` is None and the estimator has no `oof_log_proba_` or was fitted on other rows or
        labels, if `noise_matrix` is none, if X, y or the splits cannot be used.

    Warns
    -----
    RuntimeWarning
        If a row has a class that the training rows of its split lack: its quality is about 0.

    See Also
    --------
    sklearn_mi.datasets.make_label_noise : Wrong labels to try this on.

    Notes
    -----
    A label that is impossible by r and T together says nothing of the true class; the posterior is
    then r.

    References
    ----------
    .. [1] C. Northcutt, L. Jiang and I. Chuang, "Confident learning: estimating uncertainty in
       dataset labels", Journal of Artificial Intelligence Research, 2021. It counts T from
       thresholds on q; here T is fitted together with r.
    .. [2] Y. Xu, P. Cao, Y. Kong and Y. Wang, "L_DMI: a novel information-theoretic loss function
       for training deep nets robust to label noise", NeurIPS 2019.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_mi.inspection import label_quality
    >>> X, y = load_iris(return_X_y=True)
    >>> y[[0, 60]] = 2
    >>> result = label_quality(LogisticRegression(max_iter=1000), X, y, cv=5)
    >>> result.quality.argsort()[:2]
    array([ 0, 60])
    >>> result.suggested_labels[[0, 60]]
    array([0, 1])
    """
    (X,) = indexable(X)
    classes, codes = check_classes(y, X)
    if noise_matrix is not None:
        noise_matrix = _check_noise_matrix(noise_matrix, classes)
    if cv is None:
        _check_no_fit(groups, params)
        log_proba = _own_log_proba(estimator, X, y, classes)
        own = _noise_matrix_of(estimator)
        posterior = _given_label(log_proba, codes, own, noise_matrix)
    else:
        splits = make_splits(X, codes, cv, groups)
        members = make_members(codes, cv=splits, validation_fraction=None)
        _warn_of_missing_classes(codes, classes, members)
        posterior, own = _cross_validate(
            estimator, X, y, classes, codes, members, noise_matrix, n_jobs, params
        )
    scored = ~np.isnan(posterior).any(axis=1)
    suggested = codes.copy()
    suggested[scored] = posterior[scored].argmax(axis=1)
    return Bunch(
        quality=posterior[np.arange(len(codes)), codes],
        posterior=posterior,
        suggested_labels=classes[suggested],
        noise_matrix=own if noise_matrix is None else noise_matrix,
        classes=classes,
    )


# --- Bayes' rule ----------------------------------------------------------------------------------


def _given_label(log_proba, codes, own, given):
    """Probability of each true class given row and label, (n, K).

    `log_proba` is of the true class if the estimator has a noise matrix `own`, else of the observed
    label. `given` is the user's matrix, which comes first.
    """
    if own is None and given is None:
        return np.exp(log_proba)
    with np.errstate(divide="ignore", invalid="ignore"):
        if own is None:
            log_proba = np.log(_true_class(np.exp(log_proba), given))
        log_joint = log_proba + np.log(own if given is None else given).T[codes]
        log_total = logsumexp(log_joint, axis=1, keepdims=True)
        return np.exp(np.where(log_total > -np.inf, log_joint - log_total, log_proba))


def _true_class(observed, noise_matrix):
    """Posterior r of the true class under which r T comes closest to that of observed labels."""
    posterior = np.full_like(observed, 1 / len(noise_matrix))
    tiny = np.finfo(float).tiny
    for _ in range(N_STEPS):
        ratio = observed / np.maximum(posterior @ noise_matrix, tiny)
        posterior *= ratio @ noise_matrix.T
    return posterior


# --- the estimator and its clones -----------------------------------------------------------------


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


def _cross_validate(estimator, X, y, classes, codes, members, given, n_jobs, params):
    """Posterior given the label by clones that did not see it, (n, K), and their mean T or None."""
    member_of_entry = members.part_member[members.entry_part]
    held = [members.entry_row[member_of_entry == m] for m in range(members.n_members)]
    folds = Parallel(n_jobs=n_jobs)(
        delayed(_fit_and_ask)(clone(estimator), X, y, classes, train, rows, params)
        for train, rows in zip(members.train_rows, held, strict=True)
    )
    posteriors = [
        _given_label(log_proba, codes[rows], own, given)
        for rows, (log_proba, own) in zip(held, folds, strict=True)
    ]
    matrices = [own for _, own in folds if own is not None]
    posterior = members.average_by_row(np.concatenate(posteriors), len(codes))
    return posterior, np.mean(matrices, axis=0) if matrices else None


def _fit_and_ask(estimator, X, y, classes, train, held, params):
    """Log probabilities (len(held), K) and the noise matrix (K, K) or None, classes in order."""
    proba, _ = _fit_and_predict(estimator, X, y, classes, train, held, params)
    with np.errstate(divide="ignore"):
        log_proba = np.log(proba)
    own = _noise_matrix_of(estimator)
    if own is None:
        return log_proba, None
    known = np.searchsorted(classes, estimator.classes_)
    full = np.eye(len(classes))  # labels of a class that the clone does not know stay as they are
    full[np.ix_(known, known)] = own
    return log_proba, full


def _noise_matrix_of(estimator):
    """`noise_matrix_` of a fitted estimator, or of the one that decides inside it; else None."""
    if hasattr(estimator, "best_estimator_"):
        return _noise_matrix_of(estimator.best_estimator_)
    if hasattr(estimator, "steps"):
        return _noise_matrix_of(estimator.steps[-1][1])
    return getattr(estimator, "noise_matrix_", None)


# --- checks ---------------------------------------------------------------------------------------


def _check_noise_matrix(noise_matrix, classes):
    n_classes = len(classes)
    matrix = check_array(noise_matrix, dtype=np.float64, ensure_2d=False, input_name="noise_matrix")
    if matrix.shape != (n_classes, n_classes):
        raise ValueError(
            f"noise_matrix has shape {matrix.shape} but y holds {n_classes} classes; pass a matrix "
            f"of shape ({n_classes}, {n_classes}), classes in the order {classes.tolist()}."
        )
    totals = matrix.sum(axis=1, keepdims=True)
    if matrix.min() < 0 or np.abs(totals - 1).max() > TOLERANCE:
        raise ValueError(
            "noise_matrix must have non-negative rows that sum to 1, got a least entry of "
            f"{matrix.min():.4g} and row sums {totals.ravel().tolist()}; row i is P(observed | "
            "true class i). Transpose it if its columns sum to 1."
        )
    never = np.flatnonzero(matrix.max(axis=0) == 0)
    if never.size:
        raise ValueError(
            f"noise_matrix says that the label {classes.tolist()[never[0]]!r} is never observed, "
            "but y holds it; give its column a positive entry."
        )
    return matrix / totals


def _check_no_fit(groups, params):
    given = [name for name, value in (("groups", groups), ("params", params)) if value is not None]
    if given:
        raise ValueError(
            f"{' and '.join(given)} would have no effect: with cv=None nothing is fitted. Pass "
            "them to fit of the estimator, or pass cv=5 as well."
        )


def _warn_of_missing_classes(codes, classes, members):
    train = [members.train_rows[m] for m in members.part_member]
    pairs = zip(train, members.part_rows, strict=True)
    lost = np.concatenate([codes[held][~np.isin(codes[held], codes[t])] for t, held in pairs])
    if lost.size:
        warnings.warn(
            f"{lost.size} held-out row(s), of class {classes.tolist()[lost[0]]!r} among others, "
            "have a class that the training rows of their split lack; the quality of their labels "
            "is about 0. Use fewer or stratified splits, or merge rare classes.",
            RuntimeWarning,
            stacklevel=4,
        )
