"""Determinant based mutual information, which keeps its ranking under label noise."""

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning

from .._inputs._arrays import read_array
from ..exceptions import warn
from ._validation import (
    check_label_order,
    check_labels,
    check_probabilities,
    check_weights,
    encode_labels,
    resolve_labels,
)


def determinant_mutual_info_score(
    y_true, y_pred, *, labels=None, normalize=False, sample_weight=None
):
    r"""Determinant based mutual information of labels and predictions.

    The score is :math:`|\det U|`, where :math:`U` is the joint distribution of observed and
    predicted class,

    .. math::
        U_{jk} = \frac1n \sum_i [y_i = j] \, q(k | x_i).

    If the observed labels come from true ones through a noise matrix
    :math:`T_{ij} = P(\text{observed } j | \text{true } i)` that does not depend on the input
    otherwise, then :math:`U_\text{observed} = T^\top U_\text{true}` in expectation, and the score
    shrinks by the factor :math:`|\det T|`, the same for every classifier. So classifiers rank on
    noisy labels as they would on clean ones, and T need not be known [1]_. Nothing is promised for
    noise that depends on the input.

    The determinant does not see the names of the classes: a classifier that confuses them
    consistently scores as high as a right one.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Observed labels.

    y_pred : array-like of shape (n_samples, n_classes) or (n_samples,)
        Predicted probabilities, one column a class, or predicted labels as a 1-D array.

    labels : array-like of shape (n_classes,), default=None
        The class of each column, in the order of the columns. None takes the sorted labels of
        `y_true`; with predicted labels, of both arrays.

    normalize : bool, default=False
        Divide by :math:`\prod_k P(y = k)`, which leaves the determinant of P(prediction | label):
        0 where some mixture of classes cannot be told from another, 1 for perfect predictions.
        Without it the value is at most :math:`K^{-K}`, too small for a float from about 140
        classes on.

    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights.

    Returns
    -------
    score : float
        Not in nats: a volume, comparable between classifiers on the same rows. If `labels` names a
        class that `y_true` lacks, U is singular and the score 0.

    Raises
    ------
    ValueError
        If the shapes disagree, if `labels` and columns disagree, or if `y_pred` holds neither
        probabilities nor labels.

    Warns
    -----
    UndefinedMetricWarning
        If `normalize` is set and `y_true` lacks a class: 0 / 0, for every classifier. The score
        is then 0.

    See Also
    --------
    variational_mutual_info_score : Mutual information in nats, from calibrated probabilities.

    References
    ----------
    .. [1] Y. Xu, P. Cao, Y. Kong and Y. Wang, "L_DMI: A Novel Information-theoretic Loss Function
       for Training Deep Nets Robust to Label Noise", Advances in Neural Information Processing
       Systems 32, 2019, arXiv:1909.03388.

    Examples
    --------
    >>> from sklearn_mi.metrics import determinant_mutual_info_score
    >>> y_true = [0, 0, 0, 1, 1, 1]
    >>> round(determinant_mutual_info_score(y_true, y_true), 4)
    0.25
    >>> round(determinant_mutual_info_score(y_true, [0, 0, 1, 1, 1, 0], normalize=True), 4)
    0.3333
    """
    y_true = check_labels(y_true)
    labels, proba = _as_probabilities(y_true, y_pred, labels)
    codes = encode_labels(y_true, labels)
    weight = check_weights(sample_weight, len(codes))
    joint = np.zeros((labels.size, labels.size))
    np.add.at(joint, codes, weight[:, np.newaxis] * proba)
    joint /= weight.sum()
    if normalize:
        return _normalized_determinant(joint, labels)
    return _absolute_determinant(joint)


def _as_probabilities(y_true, y_pred, labels):
    """The classes of the columns, and one row of probabilities per row of `y_pred`."""
    if read_array(y_pred, "y_pred", "predicted labels or probabilities").ndim == 1:
        return _one_hot(y_true, y_pred, labels)
    proba, _ = check_probabilities(y_pred, len(y_true), name="y_pred")
    return resolve_labels(y_true, labels, proba.shape[1]), proba


def _one_hot(y_true, y_pred, labels):
    try:
        y_pred = check_labels(y_pred, name="y_pred")
    except ValueError as error:
        raise ValueError(f"{error} For probabilities, pass all columns.") from error
    if len(y_pred) != len(y_true):
        raise ValueError(f"y_pred has {len(y_pred)} rows but y_true has {len(y_true)}.")
    if labels is None:
        labels = np.union1d(y_true, y_pred)
    labels = check_label_order(labels)
    return labels, np.eye(labels.size)[encode_labels(y_pred, labels, name="y_pred")]


def _absolute_determinant(matrix):
    # slogdet multiplies in logarithms: partial products of small shares would underflow.
    return float(np.exp(np.linalg.slogdet(matrix)[1]))


def _normalized_determinant(joint, labels):
    frequencies = joint.sum(axis=1, keepdims=True)
    if not frequencies.all():
        missing = labels.tolist()[np.argmin(frequencies)]
        warn(
            f"y_true lacks the class {missing!r}, so the normalized determinant is 0 / 0 and set "
            "to 0; score rows of every class, for example with stratified folds.",
            UndefinedMetricWarning,
        )
        return 0.0
    return _absolute_determinant(joint / frequencies)
