"""A table of strings and numbers that need each other, with known mutual information."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from scipy.special import logsumexp
from sklearn.utils import Bunch, check_random_state, check_scalar

from ..metrics._validation import check_class_prior
from ._gaussian import _class_counts

COLOURS = np.array(["blue", "green", "red"])
SHAPES = np.array(["round", "square"])
SHAPE_GIVEN_CLASS = np.array([[0.8, 0.2], [0.5, 0.5], [0.2, 0.8]])
ANGLES = 2 * np.pi * np.arange(3) / 3
CORNERS = np.column_stack([np.cos(ANGLES), np.sin(ANGLES)])
N_NODES = 100  # per dimension; up to class_sep=5 the truth is good to 1e-6 nats


def make_mixed_table(
    n_samples=2000,
    *,
    class_sep=1.5,
    class_prior=None,
    return_X_y=True,
    random_state=None,
):
    r"""Draw a table of two categorical and two numeric columns for three classes.

    The colour is one of three, equally likely in every class. The shape is one of two and depends
    on the class y. The numbers are a Gaussian around a corner of a triangle, and the colour says
    which corner belongs to which class:

    .. math::
        (\text{width}, \text{height}) \sim N(r \, u_{(y + \text{colour}) \bmod 3}, \; I), \qquad
        u_j = (\cos \tfrac{2 \pi j}{3}, \sin \tfrac{2 \pi j}{3}).

    Without the colour the numbers say nothing of the class, nor does the colour without the
    numbers: a score that adds up what single columns say sees the shape only. As turning the
    triangle changes no information,

    .. math::
        I(X; Y) = \sum_{k, s} p_k \, p(s | k) \; \mathbb E_{x \sim N(r u_k, I)} \left[
            \log \frac{p(s|k) \, p(x|k)}{\sum_j p_j \, p(s|j) \, p(x|j)} \right],

    whose expectations are computed by Gauss-Hermite quadrature, to 1e-6 nats or better.

    Parameters
    ----------
    n_samples : int, default=2000
        Number of rows.

    class_sep : float, default=1.5
        The distance r of the corners from the middle, in standard deviations of the numbers; from
        0, where only the shape tells the class, to 5.

    class_prior : array-like of shape (3,), default=None
        Class shares, which sum to 1; None makes them equal. The rows hold exactly these shares,
        up to rounding by the largest remainder.

    return_X_y : bool, default=True
        Return `(X, y)`, or else a Bunch with the true mutual information.

    random_state : int, RandomState instance or None, default=None
        Fixes the rows.

    Returns
    -------
    X : DataFrame of shape (n_samples, 4)
        Columns "colour" and "shape", strings, and "width" and "height"; with ``return_X_y=True``.

    y : ndarray of int, shape (n_samples,)
        Classes 0, 1 and 2; with ``return_X_y=True``.

    data : :class:`~sklearn.utils.Bunch`
        With ``return_X_y=False``: `X`, `y`, `mutual_info` (nats), `mutual_info_stderr` (0.0, for
        the truth is not sampled), `class_prior` of shape (3,) and `class_sep`.

    Raises
    ------
    TypeError
        If `n_samples` is no integer or `class_sep` no number.

    ValueError
        If `n_samples` is below 1, `class_sep` is outside [0, 5], or `class_prior` is no
        distribution over three classes.

    See Also
    --------
    make_gaussian_classes : Numbers only, in any dimension.
    make_xor : Mutual information that no feature carries alone.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas, "Elements of Information Theory", 2nd edition, Wiley,
       2006, section 2.5 (the chain rule) and chapter 8.

    Examples
    --------
    >>> from sklearn_mi.datasets import make_mixed_table
    >>> data = make_mixed_table(return_X_y=False, random_state=0)
    >>> print(data.X.head(2).round(1))
      colour  shape  width  height
    0   blue  round    2.0    -0.3
    1   blue  round   -1.0     2.3
    >>> print(f"{data.mutual_info:.3f} nats")
    0.735 nats
    """
    check_scalar(n_samples, "n_samples", Integral, min_val=1)
    check_scalar(class_sep, "class_sep", Real, min_val=0, max_val=5)
    prior = np.full(3, 1 / 3) if class_prior is None else check_class_prior(class_prior, 3)
    rng = check_random_state(random_state)
    y = np.repeat(np.arange(3), _class_counts(prior, n_samples))
    rng.shuffle(y)
    X = _draw_columns(y, class_sep, rng)
    if return_X_y:
        return X, y
    return Bunch(
        X=X,
        y=y,
        mutual_info=_mutual_info(prior, class_sep),
        mutual_info_stderr=0.0,
        class_prior=prior,
        class_sep=class_sep,
    )


def _draw_columns(y, class_sep, rng):
    colour = rng.randint(3, size=len(y))
    shape = (rng.random_sample(len(y)) < SHAPE_GIVEN_CLASS[y, 1]).astype(int)
    numbers = class_sep * CORNERS[(y + colour) % 3] + rng.standard_normal((len(y), 2))
    return pd.DataFrame(
        {
            "colour": COLOURS[colour],
            "shape": SHAPES[shape],
            "width": numbers[:, 0],
            "height": numbers[:, 1],
        }
    )


def _mutual_info(prior, class_sep, n_nodes=N_NODES):
    """I(X; Y) given one colour, which is that given any other."""
    centers = class_sep * CORNERS
    nodes, weights = np.polynomial.hermite_e.hermegauss(n_nodes)
    noise = np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2)
    weight = np.outer(weights, weights).ravel() / weights.sum() ** 2
    total = 0.0
    for k, center in enumerate(centers):
        # log p(x|j) without the terms that are the same for every class.
        scores = (center + noise) @ centers.T - 0.5 * class_sep**2
        for shares in SHAPE_GIVEN_CLASS.T:
            ratio = np.log(shares[k]) + scores[:, k] - logsumexp(scores, b=prior * shares, axis=1)
            total += prior[k] * shares[k] * (weight @ ratio)
    return float(total)
