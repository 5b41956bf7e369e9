"""Which labels are wrong? The probability of each to be right, by classifiers that never saw it."""

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import HasMethods, validate_params

from .._engine._kept_answers import CHECKPOINT, kept_answers
from ..model_selection._drawn_rows import (
    check_classes,
    draw_splits,
    identity_of_question,
    rows_in_memory,
)
from ..model_selection._held_out import N_JOBS
from ._bayes import check_given_matrix
from ._judges import ask_clones, ask_fitted

OF_UNKNOWN_CLASSES = "The quality of its label says no more than how frequent the class is."


@validate_params(
    {
        "estimator": [HasMethods(["fit"])],
        "cv": ["cv_object"],
        "noise_matrix": ["array-like", None],
        "groups": ["array-like", None],
        "n_jobs": N_JOBS,
        "params": [dict, None],
        "checkpoint": CHECKPOINT,
    },
    prefer_skip_nested_validation=False,
)
def label_quality(
    estimator,
    X,
    y,
    *,
    cv=None,
    noise_matrix=None,
    groups=None,
    n_jobs=None,
    params=None,
    checkpoint=None,
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

    checkpoint : str or path, default=None
        A folder, made if it is missing, for what the clone of each split said; only with `cv`.
        After a kill the same call, with the same rows and parameters, does what is missing. Its
        files are removed in the end. Splits must be the same again, so give those that shuffle a
        `random_state`.

    Returns
    -------
    result : :class:`~sklearn.utils.Bunch`
        quality : ndarray of shape (n_samples,)
            Probability that the label is right; sort by it to see the worst first. NaN in rows that
            nobody held out, among them those that had weight 0 in the fit of `estimator`.
        posterior : ndarray of shape (n_samples, n_classes)
            Probability of each class to be the true one, given the row and its label; `q(·|x)`
            where there is no noise matrix. NaN likewise.
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
        labels, if `noise_matrix` is none, if X, y or the splits cannot be used; or the folder
        `checkpoint` cannot be written to, is in use, or holds what another call has left.

    Warns
    -----
    RareClassWarning
        If a class has fewer rows than there are folds; they are spread as far as they go.
    LeakageWarning
        If many held-out rows stand in the training rows of their split as well, and not by chance.
    RuntimeWarning
        If a split of the user's, or groups, hold out a row of a class that its training rows lack.
        The clone then gives the class its frequency for a probability, whatever the row.

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
    X = rows_in_memory(X)
    classes, codes = check_classes(y, X)
    if noise_matrix is not None:
        noise_matrix = check_given_matrix(noise_matrix, classes)
    if cv is None:
        _check_no_fit(groups=groups, params=params, checkpoint=checkpoint)
        posterior, own = ask_fitted(estimator, X, y, classes, codes, noise_matrix)
    else:
        rows = draw_splits(X, y, cv, groups, OF_UNKNOWN_CLASSES)
        identity = identity_of_question(rows, estimator=estimator, params=params)
        with kept_answers(checkpoint, "labels", identity) as kept:
            posterior, own = ask_clones(estimator, rows, noise_matrix, n_jobs, params, kept)
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


def _check_no_fit(**options):
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise ValueError(
            f"{' and '.join(given)} would have no effect: with cv=None nothing is fitted. Pass "
            "what fit of the estimator is to know there, or pass cv=5 as well."
        )
