"""Gaussian classes, whose mutual information with the input is computed to any precision."""

from numbers import Integral

import numpy as np
from scipy.special import logsumexp
from sklearn.utils import Bunch, check_array, check_random_state, check_scalar

from ..metrics._validation import check_class_prior


def make_gaussian_classes(
    n_samples=2000,
    n_features=2,
    *,
    centers=(0, 2, -2, 4, -4),
    class_prior=None,
    shuffle=True,
    return_X_y=True,
    n_monte_carlo=100_000,
    random_state=None,
):
    r"""Draw classes that are Gaussians with identity covariance.

    Class k has inputs :math:`x \sim N(c_k, I)`. With class shares :math:`p`,

    .. math::
        I(X; Y) = \sum_k p_k \, \mathbb E_{x|k} \Bigl[
        \log p(x|k) - \log \sum_j p_j \, p(x|j) \Bigr],

    which is averaged over fresh draws of each class, apart from the rows that are returned.

    Parameters
    ----------
    n_samples : int, default=2000
        Number of rows.

    n_features : int, default=2
        Number of inputs.

    centers : array-like of shape (n_classes,) or (n_classes, n_features), default=(0, 2, -2, 4, -4)
        The class means; a number c stands for the point (c, ..., c).

    class_prior : array-like of shape (n_classes,), default=None
        Class shares, which sum to 1; None makes them equal. The rows hold exactly these shares,
        up to rounding by the largest remainder.

    shuffle : bool, default=True
        Whether to mix the rows; otherwise they are sorted by class.

    return_X_y : bool, default=True
        Return `(X, y)`, or else a Bunch with the true mutual information.

    n_monte_carlo : int, default=100_000
        Number of draws behind the true mutual information, split equally among the classes. Its
        standard error falls with the square root: with the defaults it is .002 nats.

    random_state : int, RandomState instance or None, default=None
        Fixes rows and truth. For the same seed the rows do not depend on `return_X_y`, nor the
        truth on `n_samples`.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        Inputs; with ``return_X_y=True``.

    y : ndarray of int, shape (n_samples,)
        Classes 0, ..., n_classes - 1; with ``return_X_y=True``.

    data : :class:`~sklearn.utils.Bunch`
        With ``return_X_y=False``: `X`, `y`, `mutual_info` (nats) and `mutual_info_stderr`,
        `class_prior` of shape (n_classes,) and `centers` of shape (n_classes, n_features).

    Raises
    ------
    TypeError
        If a count is no integer.

    ValueError
        If a count is too small, there are fewer than two centers, or `centers` or `class_prior`
        have the wrong shape.

    See Also
    --------
    make_xor : Mutual information that no feature carries alone, known exactly.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas, "Elements of Information Theory", 2nd edition, Wiley,
       2006, chapter 8.

    Examples
    --------
    >>> from sklearn_mi.datasets import make_gaussian_classes
    >>> data = make_gaussian_classes(n_features=5, return_X_y=False, random_state=0)
    >>> data.X.shape
    (2000, 5)
    >>> print(f"{data.mutual_info:.2f} nats")
    1.55 nats
    """
    check_scalar(n_samples, "n_samples", Integral, min_val=1)
    check_scalar(n_features, "n_features", Integral, min_val=1)
    centers = _as_points(centers, n_features)
    n_classes = len(centers)
    prior = np.full(n_classes, 1 / n_classes)
    if class_prior is not None:
        prior = check_class_prior(class_prior, n_classes)
    rng = check_random_state(random_state)
    # Drawn before the rows, so that the truth does not depend on how many there are.
    truth_seed = rng.randint(np.iinfo(np.int32).max)
    y = np.repeat(np.arange(n_classes), _class_counts(prior, n_samples))
    if shuffle:
        rng.shuffle(y)
    X = centers[y] + rng.standard_normal((n_samples, n_features))
    if return_X_y:
        return X, y
    truth, stderr = _monte_carlo_mutual_info(centers, prior, n_monte_carlo, truth_seed)
    return Bunch(
        X=X,
        y=y,
        mutual_info=truth,
        mutual_info_stderr=stderr,
        class_prior=prior,
        centers=centers,
    )


def _as_points(centers, n_features):
    """Centers of shape (n_classes, n_features)."""
    centers = check_array(centers, dtype=np.float64, ensure_2d=False, input_name="centers")
    if centers.ndim == 1:
        centers = np.repeat(centers[:, np.newaxis], n_features, axis=1)
    if len(centers) < 2 or centers.shape[1] != n_features:
        raise ValueError(
            f"centers must be at least two numbers or two points of n_features={n_features} "
            f"coordinates, got shape {centers.shape}; set n_features to match."
        )
    return centers


def _class_counts(prior, n_samples):
    """Whole numbers nearest to prior * n_samples that sum to n_samples."""
    exact = prior * n_samples
    counts = np.floor(exact).astype(int)
    largest_first = np.argsort(counts - exact, kind="stable")
    counts[largest_first[: n_samples - counts.sum()]] += 1
    return counts


def _monte_carlo_mutual_info(centers, prior, n_draws, seed):
    """I(X; Y) and its standard error, from equally many draws of each class."""
    check_scalar(n_draws, "n_monte_carlo", Integral, min_val=2 * len(centers))
    rng = np.random.default_rng(seed)
    n_each = n_draws // len(centers)
    means, variances = [], []
    for k, center in enumerate(centers):
        x = center + rng.standard_normal((n_each, len(center)))
        # log p(x|j) without the terms that are the same for every class.
        scores = x @ centers.T - 0.5 * np.sum(centers**2, axis=1)
        pointwise = scores[:, k] - logsumexp(scores, b=prior, axis=1)
        means.append(pointwise.mean())
        variances.append(pointwise.var(ddof=1) / n_each)
    return float(prior @ means), float(np.sqrt(prior**2 @ variances))
