"""Class-dependent noise on the labels of any data set."""

from numbers import Real

import numpy as np
from sklearn.utils import check_random_state

from ..metrics._validation import check_labels, check_noise_matrix


def make_label_noise(y, noise, *, kind="asymmetric", return_noise_matrix=False, random_state=None):
    """Replace labels at random, depending on the class alone.

    A label of class i becomes class j with probability T[i, j], independently from row to row and
    from the inputs.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels of at least two classes. It is not changed.

    noise : float or array-like of shape (n_classes, n_classes)
        The probability that a label changes, in [0, 1]; or the noise matrix T itself, whose row i
        holds P(observed class | true class i), classes sorted.

    kind : {"asymmetric", "symmetric"}, default="asymmetric"
        Where the labels go if `noise` is a number; ignored if it is a matrix. With "asymmetric",
        sorted classes 0, 2, 4, ... become their successor 1, 3, 5, ... and the others stay, the
        last of an odd number too. With "symmetric", each class becomes one of the others, all
        equally likely.

    return_noise_matrix : bool, default=False
        Return T as well.

    random_state : int, RandomState instance or None, default=None
        Fixes the draws.

    Returns
    -------
    y_noisy : ndarray of shape (n_samples,)
        Labels with the dtype of `y`.

    noise_matrix : ndarray of shape (n_classes, n_classes)
        T; only with ``return_noise_matrix=True``.

    Raises
    ------
    ValueError
        If `y` has a single class, `noise` is no probability, the matrix has the wrong shape or
        rows that are no distributions, or `kind` is unknown.

    See Also
    --------
    sklearn_mi.metrics.determinant_mutual_info_score : Ranks classifiers on such labels.

    References
    ----------
    .. [1] G. Patrini, A. Rozza, A. K. Menon, R. Nock and L. Qu, "Making Deep Neural Networks
       Robust to Label Noise: A Loss Correction Approach", IEEE Conference on Computer Vision and
       Pattern Recognition, 2017, arXiv:1609.03683.

    Examples
    --------
    >>> from sklearn_mi.datasets import make_label_noise
    >>> y = ["cat", "cat", "dog", "dog"]
    >>> make_label_noise(y, 1.0)
    array(['dog', 'dog', 'dog', 'dog'], dtype='<U3')
    >>> y_noisy, T = make_label_noise(y, 0.2, return_noise_matrix=True, random_state=0)
    >>> T
    array([[0.8, 0.2],
           [0. , 1. ]])
    """
    y = check_labels(y, name="y")
    classes, codes = np.unique(y, return_inverse=True)
    if classes.size < 2:
        raise ValueError(
            f"y holds the single class {classes.tolist()[0]!r}; noise needs at least two classes."
        )
    if noise is None or np.isscalar(noise):
        noise_matrix = _noise_matrix(noise, kind, classes.size)
    else:
        noise_matrix = check_noise_matrix(noise, classes, name="noise")
    y_noisy = classes[_draw(codes, noise_matrix, check_random_state(random_state))]
    return (y_noisy, noise_matrix) if return_noise_matrix else y_noisy


def _noise_matrix(rate, kind, n_classes):
    """T of the named kind: identity with `rate` of each changing row moved elsewhere."""
    if not (isinstance(rate, Real) and 0 <= rate <= 1):
        raise ValueError(f"noise must be a probability in [0, 1] or a matrix, got {rate!r}.")
    rate, identity = float(rate), np.eye(n_classes)
    if kind == "symmetric":
        return (1 - rate) * identity + rate / (n_classes - 1) * (1 - identity)
    if kind == "asymmetric":
        target = np.arange(n_classes)
        target[: n_classes - 1 : 2] += 1
        return (1 - rate) * identity + rate * identity[target]
    raise ValueError(f"kind must be 'asymmetric' or 'symmetric', got {kind!r}.")


def _draw(codes, noise_matrix, rng):
    observed = codes.copy()
    for true_class, distribution in enumerate(noise_matrix):
        rows = np.flatnonzero(codes == true_class)
        observed[rows] = rng.choice(len(distribution), size=rows.size, p=distribution)
    return observed
