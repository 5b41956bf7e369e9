"""How much of the information survives an adversary."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions, validate_params
from sklearn.utils.validation import check_is_fitted

from .._adversary._worst_case import worst_of_attacks
from ..metrics._estimate import class_frequencies, mean_and_standard_error
from ._attack_checks import (
    check_attacks,
    check_eps,
    check_rows,
    check_same_reading,
    unwrap,
)
from ._attacked import Attacked, has_slopes, make_threat
from ._labels import check_labels, encode

CHUNK = 256  # rows attacked at a time, which bounds the memory


@validate_params(
    {
        "estimator": [HasMethods(["predict", "predict_proba"])],
        "eps": [Interval(Real, 0, None, closed="left"), "array-like"],
        "norm": [StrOptions({"inf", "2"})],
        "attacks": [StrOptions({"auto"}), list, tuple],
        "feature_scale": [Interval(Real, 0, None, closed="left"), "array-like", dict, None],
        "frozen": ["array-like", None],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "n_restarts": [Interval(Integral, 0, None, closed="left")],
        "max_queries": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def adversarial_robustness(
    estimator,
    X,
    y,
    *,
    eps,
    norm="inf",
    attacks="auto",
    feature_scale=None,
    frozen=None,
    max_iter=50,
    n_restarts=1,
    max_queries=500,
    random_state=None,
):
    r"""Accuracy and information that survive where an adversary moves each row a little.

    Within a ball of radius :math:`\epsilon` around each row, attacks look for the point x' at which
    the classifier does worst. The accuracy is the share of rows at which `predict` is right at
    every point that was met, the information the mean over the rows of

    .. math:: \min_{x'} \log q(y | x') - \log p(y)

    in nats, with q by `predict_proba` and p the class frequencies. It is negative where the
    adversary makes the classifier worse than the frequencies are. An attack proves what it
    finds and not that there is nothing else: both figures are upper limits.

    A point found at a smaller :math:`\epsilon`, and the row itself, are candidates at a larger one,
    so that figures never rise with it.

    Parameters
    ----------
    estimator : classifier
        Any fitted one, with `predict_proba` and `classes_`; also a pipeline or a search. Of a
        :class:`~sklearn_mi.MutualInfoClassifier`, or a search that found one, the slopes of the
        networks are used.

    X : DataFrame or array-like of shape (n, n_features) or (n, channels, height, width)
        At least two rows, as the estimator takes them; not those of its fit.

    y : array-like of shape (n,)
        Labels, among the estimator's classes.

    eps : float or array-like of shape (n_eps,)
        Radii, not negative.

    norm : {"inf", "2"}, default="inf"
        "inf": each number moves by at most `eps` times its scale. "2": the vector of these moves,
        each divided by its scale, is at most `eps` long.

    attacks : "auto" or list of {"cross_entropy", "margin", "square"}, default="auto"
        - "cross_entropy" and "margin": projected gradient ascent with momentum and adaptive steps
          (Auto-PGD [1]_) on :math:`-\log q(y|x')`, and on the margin of the decision, divided by
          the difference of the first and the third class so that a large temperature does not hide
          it. For a `MutualInfoClassifier` only.
        - "square": random search by queries [2]_, for any classifier. It turns to the rows that
          are classified right, and leaves them once they are not. Of tables it moves groups of
          columns in place of squares; for norm "2" it is a plain random search.

        Each goes on from its own worst points, so that it shows where slopes are masked. "square"
        beside others searches once more, from the worst point of all, for the worst of all alone.
        "auto" is all that the estimator allows.

    feature_scale : float, array-like of shape (n_features,), dict or Series, default=None
        What eps = 1 means for each column, in its own units; a dict or a Series holds numbers by
        name. None for the standard deviation of the numeric columns of X. For images one number;
        None for the width of the range of pixels.

    frozen : array-like of str or int, default=None
        Names or positions of the columns that stay. None for all that are not numeric. Under a
        list, all others move: those of text, categories, booleans and dates may take any value
        that is found in the column of X, whatever `eps` is, if not 0. Only "square" does that.

    max_iter : int, default=50
        Steps of a gradient attack.

    n_restarts : int, default=1
        Ascents of a gradient attack from random points, after that from the worst point known to
        it.

    max_queries : int, default=500
        Most queries of a row by a search of "square".

    random_state : int, RandomState instance or None, default=None

    Returns
    -------
    result : :class:`~sklearn.utils.Bunch`
        eps : ndarray of shape (n_eps,)
            The radii.
        accuracy, mutual_info, mutual_info_stderr : ndarrays of shape (n_eps,)
            By the worst of all attacks, row by row; nats, and their standard error over the rows.
        attacks : dict
            For the name of each attack a Bunch of these three, by the points that it found.
        X_adversarial : list of n_eps DataFrames or ndarrays
            X with each row at the worst point found, which is the one of the least margin. In the
            form of X; columns that move are floats, and uint8 images floats in [0, 1].

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    TypeError
        If X is sparse.
    ValueError
        If X and y do not fit together, have fewer than two rows or labels that the estimator does
        not know; if `eps`, `attacks`, `feature_scale` or `frozen` cannot be used, or nothing in X
        can be moved; or if the estimator reads uint8 images and the same in [0, 1] differently.

    Notes
    -----
    Missing cells stay missing, and constant columns stay what they are. Pixels stay in [0, 1],
    where X is uint8 or within these limits, else between the lowest and the highest pixel of X.

    What gradient attacks climb is the posterior of the networks alone. If there are trees or other
    classifiers in the pool (`estimators`), they are blind to them, while all that they find is
    judged by the whole pool.

    For each radius but 0, a gradient attack takes `1 + n_restarts` times `max_iter` steps, a pass
    forwards and one backwards through all networks; each search of "square", of which there are
    two where there are other attacks, up to `max_queries` predictions.

    References
    ----------
    .. [1] F. Croce and M. Hein, "Reliable evaluation of adversarial robustness with an ensemble of
       diverse parameter-free attacks", ICML 2020, arXiv 2003.01690.
    .. [2] M. Andriushchenko, F. Croce, N. Flammarion and M. Hein, "Square attack: a query-efficient
       black-box adversarial attack via random search", ECCV 2020, arXiv 1912.00049.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn_mi.inspection import adversarial_robustness
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = LogisticRegression(max_iter=1000).fit(X[::2], y[::2])
    >>> result = adversarial_robustness(clf, X[1::2], y[1::2], eps=[0, 0.5], random_state=0)
    >>> result.accuracy.round(1)
    array([1. , 0.5])
    >>> result.mutual_info.round(1)
    array([0.9, 0.3])
    """
    estimator = unwrap(estimator)
    check_is_fitted(estimator)
    X = check_rows(X)
    codes = encode(check_labels(y, X), estimator)
    eps, names = check_eps(eps), check_attacks(attacks, estimator)
    estimator.predict_proba(X[:1])  # whose words on what is wrong with X are the best
    threat = make_threat(estimator, X, norm, feature_scale, frozen)
    model, rng = Attacked(estimator, threat.scale), check_random_state(random_state)
    check_same_reading(model, X, threat)
    radii, position = np.unique(eps, return_inverse=True)
    limits = max_iter, n_restarts, max_queries
    chunks = [slice(start, start + CHUNK) for start in range(0, len(codes), CHUNK)]
    found = [
        worst_of_attacks(model, threat.of(c), codes[c], radii, names, limits, rng) for c in chunks
    ]
    information, right, points = zip(*found, strict=True)
    information = np.concatenate(information, axis=-1) - _log_prior(estimator, codes)
    right = np.concatenate(right, axis=-1)
    both = zip(information[:, position], right[:, position], strict=True)
    worst, *each = (_figures(*own) for own in both)
    points = [_concatenate(parts) for parts in zip(*points, strict=True)]
    return Bunch(
        eps=eps,
        **worst,
        attacks=dict(zip(names, each, strict=True)),
        X_adversarial=[points[k] for k in position],
    )


def _figures(information, right):
    """Accuracy, mean information and its standard error for each radius, from (n_eps, n)."""
    mean, stderr = np.transpose([mean_and_standard_error(values) for values in information])
    return Bunch(accuracy=right.mean(axis=1), mutual_info=mean, mutual_info_stderr=stderr)


def _concatenate(parts):
    return pd.concat(parts) if isinstance(parts[0], pd.DataFrame) else np.concatenate(parts)


def _log_prior(estimator, codes):
    """Log frequency of the label of each row."""
    if has_slopes(estimator):
        prior = estimator.class_prior_
    else:  # attributes of this name may be what a user believes
        prior = class_frequencies(codes, len(estimator.classes_))
    return np.log(prior[codes])
