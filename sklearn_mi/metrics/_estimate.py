"""A mean of pointwise scores as an estimate: its error, its interval, the label entropy."""

from numbers import Real

import numpy as np
from scipy.special import entr
from scipy.stats import t as student_t

from .._inputs._arrays import read_numbers
from ._validation import check_class_prior, check_weights


def class_frequencies(encoded_y, n_classes, sample_weight=None):
    """Share of each class, weighted.

    Parameters
    ----------
    encoded_y : ndarray of int, shape (n_samples,)
        Classes as 0, ..., n_classes - 1.

    n_classes : int
        The number of classes; those without a row get share 0.

    sample_weight : array-like of shape (n_samples,), default=None
        Row weights; None counts rows.

    Returns
    -------
    frequencies : ndarray of shape (n_classes,)
        Non-negative, sums to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_mi.metrics._estimate import class_frequencies
    >>> class_frequencies(np.array([0, 0, 0, 2]), 3)
    array([0.75, 0.  , 0.25])
    """
    weight = check_weights(sample_weight, len(encoded_y))
    totals = np.bincount(encoded_y, weights=weight, minlength=n_classes)
    return totals / totals.sum()


def label_entropy(class_prior):
    """Entropy of a class distribution, H(Y) = -sum_k p_k log p_k, in nats.

    Parameters
    ----------
    class_prior : array-like of shape (n_classes,)
        Shares that sum to 1; classes with share 0 contribute nothing.

    Returns
    -------
    entropy : float
        Between 0 and log(n_classes).

    Raises
    ------
    ValueError
        If a share is negative or not finite, or the sum is not 1.

    Examples
    --------
    >>> from sklearn_mi.metrics._estimate import label_entropy
    >>> round(label_entropy([0.5, 0.5, 0.0]), 4)
    0.6931
    """
    return float(entr(check_class_prior(class_prior, len(class_prior))).sum())


def mean_and_standard_error(pointwise, sample_weight=None):
    r"""Weighted mean of independent rows, and its standard error.

    With weights :math:`w_i` that sum to one, mean :math:`m` and :math:`n` rows of positive weight,
    the larger of

    .. math::
        \sqrt{\tfrac{n}{n - 1} \sum_i w_i^2 (x_i - m)^2} \quad \text{and} \quad
        \sqrt{\frac{\sum_i w_i^2}{1 - \sum_i w_i^2} \sum_i w_i (x_i - m)^2}.

    For equal weights both are the sample standard deviation over :math:`\sqrt n`. The first holds
    where the spread of the rows goes with their weights, the second where a few rows have most of
    the weight and so define the mean. The rows count as independent whatever their weights: a
    weight of 2 moves the mean as two equal rows would, but not the standard error, for it brings
    no second observation.

    Parameters
    ----------
    pointwise : array-like of shape (n_samples,)
        One value per row, for example pointwise mutual information in nats.

    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; None weighs rows equally. Rows of weight 0 are left out.

    Returns
    -------
    mean : float

    stderr : float

    Raises
    ------
    ValueError
        If fewer than two rows have a positive weight, `pointwise` is not 1-D, or a value is not
        finite.

    Examples
    --------
    >>> from sklearn_mi.metrics._estimate import mean_and_standard_error
    >>> mean_and_standard_error([1.0, 2.0, 3.0, 6.0], sample_weight=[1, 1, 1, 0])
    (2.0, 0.577...)
    """
    values = read_numbers(pointwise, "pointwise", "one value for each row").astype(np.float64)
    if values.ndim != 1:
        raise ValueError(f"pointwise must have one value per row, got shape {values.shape}.")
    weight = check_weights(sample_weight, len(values))
    n_rows = np.count_nonzero(weight)
    if n_rows < 2:
        raise ValueError(
            f"A standard error needs at least 2 rows of positive weight, got {n_rows}; score more "
            "rows."
        )
    weight = weight / weight.sum()
    mean = weight @ values
    square, share = (values - mean) ** 2, weight @ weight
    direct = weight**2 @ square * n_rows / (n_rows - 1)
    even = weight @ square * share / (1 - share) if share < 1 else 0.0
    return float(mean), float(np.sqrt(max(direct, even)))


def means_of_groups(pointwise, sample_weight, groups):
    """Means of the groups of rows and their weights: what is independent where rows are not.

    Parameters
    ----------
    pointwise : ndarray of shape (n_samples,)
    sample_weight : ndarray of shape (n_samples,) or None
    groups : array-like of shape (n_samples,) or None
        None leaves rows as they are.

    Returns
    -------
    means : ndarray of shape (n_groups,)
        Without groups that have no weight.
    weight : ndarray of shape (n_groups,) or None
        Sum over the rows of each group.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_mi.metrics._estimate import means_of_groups
    >>> means, weight = means_of_groups(np.array([1.0, 2.0, 6.0]), None, ["a", "b", "b"])
    >>> means, weight
    (array([1., 4.]), array([1., 2.]))
    """
    if groups is None:
        return pointwise, sample_weight
    group = np.unique(np.asarray(groups), return_inverse=True)[1]
    weight = np.ones(len(pointwise)) if sample_weight is None else sample_weight
    total = np.bincount(group, weights=weight)
    used = total > 0
    return np.bincount(group, weights=weight * pointwise)[used] / total[used], total[used]


def confidence_interval(mean, stderr, n_samples, confidence_level=0.95):
    """Two-sided Student t interval for a mean, with n_samples - 1 degrees of freedom.

    Parameters
    ----------
    mean : float
        The estimate.

    stderr : float
        Its standard error.

    n_samples : int
        Number of rows behind both, at least 2.

    confidence_level : float, default=0.95
        Strictly between 0 and 1. Each end alone is a one-sided limit of confidence
        (1 + confidence_level) / 2.

    Returns
    -------
    low, high : float

    Raises
    ------
    ValueError
        If `confidence_level` is not in (0, 1) or `n_samples` is below 2.

    Examples
    --------
    >>> from sklearn_mi.metrics._estimate import confidence_interval
    >>> low, high = confidence_interval(1.0, 0.1, 400)
    >>> print(f"{low:.3f} {high:.3f}")
    0.803 1.197
    """
    if not (isinstance(confidence_level, Real) and 0 < confidence_level < 1):
        raise ValueError(
            f"confidence_level must lie strictly between 0 and 1, got {confidence_level!r}; for "
            "95 % pass 0.95."
        )
    confidence_level = float(confidence_level)
    if n_samples < 2:
        raise ValueError(f"n_samples must be at least 2, got {n_samples!r}; score more rows.")
    half_width = student_t.isf((1 - confidence_level) / 2, n_samples - 1) * stderr
    return float(mean - half_width), float(mean + half_width)


def information_interval(score, stderr, n_samples, confidence_level, entropy):
    """Both ends of `confidence_interval`, the upper at most H(Y), but not below the estimate.

    Examples
    --------
    >>> from sklearn_mi.metrics._estimate import information_interval
    >>> low, high = information_interval(0.6, 0.1, 400, 0.95, 0.69)
    >>> print(f"{low:.3f} {high:.3f}")
    0.403 0.690
    """
    low, high = confidence_interval(score, stderr, n_samples, confidence_level)
    return low, max(min(high, entropy), score)
