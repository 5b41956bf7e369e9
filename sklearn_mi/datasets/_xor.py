"""Parity of signs: mutual information that no feature carries alone."""

from numbers import Integral

import numpy as np
from scipy.special import entr
from sklearn.utils import Bunch, check_random_state, check_scalar


def make_xor(
    n_samples=2000,
    n_features=2,
    *,
    n_informative=2,
    flip_y=0.05,
    return_X_y=True,
    random_state=None,
):
    r"""Draw labels that are the parity of the signs of some inputs.

    The inputs are standard normal. The label is 1 if an odd number of the first `n_informative`
    inputs is positive, for two of them the exclusive or, and is then flipped with probability
    :math:`r` = `flip_y`. Exactly,

    .. math::
        I(X; Y) = \log 2 + r \log r + (1 - r) \log(1 - r),

    while for two inputs or more any proper subset of them is independent of the label: methods
    that look at one feature at a time see nothing.

    Parameters
    ----------
    n_samples : int, default=2000
        Number of rows.

    n_features : int, default=2
        Number of inputs, with those that only add noise.

    n_informative : int, default=2
        How many inputs decide the label: the first ones.

    flip_y : float, default=0.05
        Probability that a label is flipped, in [0, 1].

    return_X_y : bool, default=True
        Return `(X, y)`, or else a Bunch with the true mutual information.

    random_state : int, RandomState instance or None, default=None
        Fixes the rows.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        Inputs; with ``return_X_y=True``.

    y : ndarray of int, shape (n_samples,)
        Labels 0 and 1; with ``return_X_y=True``.

    data : :class:`~sklearn.utils.Bunch`
        With ``return_X_y=False``: `X`, `y`, `mutual_info` (nats), `mutual_info_stderr` (0.0, for
        the truth is exact), `class_prior` (one half each), `n_informative` and `flip_y`.

    Raises
    ------
    TypeError
        If a count is no integer.

    ValueError
        If a count is below 1, `n_informative` exceeds `n_features`, or `flip_y` is outside [0, 1].

    See Also
    --------
    make_gaussian_classes : Several classes, of any shares.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas, "Elements of Information Theory", 2nd edition, Wiley,
       2006, section 7.1.4 (the binary symmetric channel).

    Examples
    --------
    >>> from sklearn_mi.datasets import make_xor
    >>> data = make_xor(n_features=20, return_X_y=False, random_state=0)
    >>> print(f"{data.mutual_info:.3f} nats")
    0.495 nats
    """
    check_scalar(n_samples, "n_samples", Integral, min_val=1)
    check_scalar(n_features, "n_features", Integral, min_val=1)
    check_scalar(n_informative, "n_informative", Integral, min_val=1, max_val=n_features)
    if not 0 <= flip_y <= 1:
        raise ValueError(f"flip_y must be a probability in [0, 1], got {flip_y!r}.")
    rng = check_random_state(random_state)
    X = rng.standard_normal((n_samples, n_features))
    parity = np.sum(X[:, :n_informative] > 0, axis=1) % 2
    y = parity ^ (rng.random_sample(n_samples) < flip_y)
    if return_X_y:
        return X, y
    return Bunch(
        X=X,
        y=y,
        mutual_info=float(np.log(2) - entr(flip_y) - entr(1 - flip_y)),
        mutual_info_stderr=0.0,
        class_prior=np.array([0.5, 0.5]),
        n_informative=n_informative,
        flip_y=flip_y,
    )
