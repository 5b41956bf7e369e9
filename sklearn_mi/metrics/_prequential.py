"""Information of a stream: each chunk of rows is scored before it is learnt."""

import numpy as np

from ._estimate import class_frequencies, mean_and_standard_error


def information_of_chunk(log_proba, labels, weight, n_classes):
    r"""Mean of :math:`\log q(y_i|x_i) - \log \hat p(y_i)` and its standard error, in nats.

    :math:`\hat p` are the frequencies of these labels themselves. Since no others fit them as well,
    the mean is if anything too low, by about (K - 1) / 2n nats for n rows of K classes.

    Parameters
    ----------
    log_proba : ndarray of shape (n,)
        Log probability of the label of each row, by what has not seen it.
    labels : int ndarray of shape (n,)
    weight : ndarray of shape (n,)
        Positive.
    n_classes : int

    Returns
    -------
    mean, stderr : float
        The latter is infinite for a single row.
    """
    told = log_proba - _log_frequencies(labels, weight, n_classes)
    return mean_and_standard_error(told, weight) if len(told) > 1 else (float(told[0]), np.inf)


def information_of_stream(now, before, late, labels, weight, n_classes):
    r"""Information that is certified of rows to come, from all rows of a stream.

    .. math::
        \frac{1}{n} \sum_i \Big( \log q^{(i)}(y_i|x_i) - \log \hat p(y_i) \Big)
        - \frac{1}{|L|} \sum_{i \in L} \Big( \log q^{(i)}(y_i|x_i) - \log q_i(y_i|x_i) \Big)

    The first mean is a cross-validation: :math:`q^{(i)}` did not see row i, but others of its time.
    The second takes from it what that was worth: :math:`q_i` is what was known before row i came
    ("prequential" [1]_), and L are the latest rows, of which nearly as much was known then as now.
    In expectation, where rows are exchangeable, both together are the prequential mean over L, a
    lower bound on I(X; Y), but of the precision of all rows: the two scores of a row differ little.

    Parameters
    ----------
    now, before : ndarray of shape (n,)
        The logarithms of :math:`q^{(i)}` and :math:`q_i`.
    late : bool ndarray of shape (n,)
        Which rows are in L; at least one.
    labels, weight, n_classes
        As for `information_of_chunk`.

    Returns
    -------
    mean, stderr : float

    References
    ----------
    .. [1] A. P. Dawid, "Statistical theory: the prequential approach", Journal of the Royal
       Statistical Society A 147, 1984.

    Examples
    --------
    >>> from sklearn_mi.metrics._prequential import information_of_stream
    >>> now, before = np.log([0.9, 0.8, 0.9, 0.8]), np.log([0.5, 0.5, 0.8, 0.7])
    >>> late = np.array([False, False, True, True])
    >>> labels, weight = np.array([0, 1, 0, 1]), np.ones(4)
    >>> mean, stderr = information_of_stream(now, before, late, labels, weight, 2)
    >>> print(f"{mean:.3f} +- {stderr:.3f}")
    0.403 +- 0.039
    """
    told = now - _log_frequencies(labels, weight, n_classes)
    learnt = (now - before)[late]
    share = weight[late] / weight[late].sum()
    too_much = share @ learnt
    told[late] -= (learnt - too_much) * weight.sum() / weight[late].sum()
    mean, stderr = mean_and_standard_error(told, weight)
    return mean - float(too_much), stderr


def _log_frequencies(labels, weight, n_classes):
    return np.log(class_frequencies(labels, n_classes, weight)[labels])
