"""Mutual information as the gain in log likelihood over the class frequencies."""

import numpy as np

from ._estimate import class_frequencies
from ._validation import (
    check_class_prior,
    check_labels,
    check_probabilities,
    check_weights,
    encode_labels,
    resolve_labels,
)


def variational_mutual_info_score(
    y_true, y_proba, *, normalize=False, labels=None, class_prior=None, sample_weight=None
):
    r"""Mutual information between inputs and labels, as far as predictions reveal it.

    For any conditional distribution :math:`q(y|x)` and class distribution :math:`p`,

    .. math::
        I(X; Y) \ge \mathbb E [\log q(y|x) - \log p(y)],

    with equality where :math:`q` is the true posterior [1]_. The score is the mean of the right
    side over the rows, in nats: the entropy of the labels less the log loss. It is a lower bound
    in expectation as long as `q` was neither trained nor tuned on these rows.

    Unlike :func:`sklearn.metrics.mutual_info_score`, which compares two clusterings, it scores
    probabilities.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Observed labels.

    y_proba : array-like of shape (n_samples, n_classes) or (n_samples,)
        Predicted probabilities, one column a class; a 1-D array holds the probability of the
        second of two classes. Rows are divided by their sum, which must be 1 within 1e-4, or
        within 8 times the machine epsilon of a coarser dtype. The probability of the observed label
        is raised to that epsilon, as :func:`sklearn.metrics.log_loss` does, so that a probability
        of 0 costs much (36 nats in float64, 16 in float32, 7 in float16) and not infinity.

    normalize : bool, default=False
        Divide by the entropy of the labels, more precisely by the mean of
        :math:`-\log p(y_i)`: the share of the label's uncertainty that is explained, at most 1.
        With the class frequencies of `y_true` this is :func:`sklearn.metrics.d2_log_loss_score`.

    labels : array-like of shape (n_classes,), default=None
        The class of each column, in the order of the columns, for example an estimator's
        `classes_`. None takes the sorted labels of `y_true`, which must then hold every class.

    class_prior : array-like of shape (n_classes,), default=None
        The distribution :math:`p`, in the order of the columns, for example the class frequencies
        of the training rows. None takes the (weighted) frequencies of `y_true`.

    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; their scale does not matter. A whole number means as much as that
        many copies of the row.

    Returns
    -------
    score : float
        Nats, or a share if `normalize`. Negative where the predictions do worse than the class
        frequencies, and then returned as it is.

    Raises
    ------
    ValueError
        If the shapes disagree, if `labels` and columns disagree, if `y_proba` holds no
        probabilities, if `class_prior` gives an observed class no share, or if `normalize` is set
        and all labels are the same, so that there is no entropy to divide by.

    See Also
    --------
    determinant_mutual_info_score : Ranks classifiers even when the labels are noisy.

    References
    ----------
    .. [1] D. Barber and F. Agakov, "The IM Algorithm: A Variational Approach to Information
       Maximization", Advances in Neural Information Processing Systems 16, 2003.

    .. [2] Z. Qin, D. Kim and T. Gedeon, "Neural Network Classifier as Mutual Information
       Evaluator", arXiv:2106.10471, 2021.

    .. [3] D. McAllester and K. Stratos, "Formal Limitations on the Measurement of Mutual
       Information", arXiv:1811.04251, 2018.

    Examples
    --------
    >>> from sklearn_mi.metrics import variational_mutual_info_score
    >>> y_true = ["ham", "ham", "spam", "spam"]
    >>> y_proba = [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8]]
    >>> round(variational_mutual_info_score(y_true, y_proba), 3)
    0.529
    >>> round(variational_mutual_info_score(y_true, y_proba, normalize=True), 3)
    0.763
    """
    y_true = check_labels(y_true)
    proba, eps = check_probabilities(y_proba, len(y_true))
    labels = resolve_labels(y_true, labels, proba.shape[1])
    codes = encode_labels(y_true, labels)
    weight = check_weights(sample_weight, len(codes))
    log_q = np.log(np.maximum(proba[np.arange(len(codes)), codes], eps))
    log_p = _log_prior(codes, labels, class_prior, weight)
    score = np.average(log_q - log_p, weights=weight)
    if normalize:
        score /= _positive_entropy(log_p, weight)
    return float(score)


def _log_prior(codes, labels, class_prior, weight):
    """log p(y_i) of each row; 0 for a row of weight 0, whose class may have no share."""
    if class_prior is None:
        prior = class_frequencies(codes, labels.size, weight)
    else:
        prior = check_class_prior(class_prior, labels.size)
    observed = np.where(weight > 0, prior[codes], 1.0)
    if not observed.all():
        missing = labels.tolist()[codes[observed == 0][0]]
        raise ValueError(
            f"class_prior gives no share to {missing!r}, which y_true holds; give every "
            "class that can occur a positive share."
        )
    return np.log(observed)


def _positive_entropy(log_p, weight):
    entropy = -np.average(log_p, weights=weight)
    if entropy == 0:
        raise ValueError(
            "normalize=True divides by the entropy of the labels, which is 0 because y_true holds "
            "a single class of share 1; score more rows (stratify the folds) or use "
            "normalize=False."
        )
    return entropy
