"""Classifiers side by side, on the same splits."""

from itertools import permutations
from numbers import Real

import pandas as pd
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from .._engine._kept_answers import CHECKPOINT, kept_answers
from ._cross_val import estimate, score_splits
from ._drawn_rows import draw_splits, identity_of_question
from ._held_out import N_JOBS

COLUMNS = ["standard_error", "low", "high"]


@validate_params(
    {
        "estimators": [dict, list, tuple],
        "cv": ["cv_object"],
        "groups": ["array-like", None],
        "n_jobs": N_JOBS,
        "proba_prior": [StrOptions({"empirical", "uniform"}), "array-like", dict],
        "calibrate": ["boolean", dict],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
        "params": [dict, None],
        "checkpoint": CHECKPOINT,
    },
    prefer_skip_nested_validation=False,
)
def compare_mutual_info(
    estimators,
    X,
    y,
    *,
    cv=5,
    groups=None,
    n_jobs=None,
    proba_prior="empirical",
    calibrate=False,
    confidence_level=0.95,
    params=None,
    checkpoint=None,
):
    r"""Compare classifiers by the mutual information that each finds in the same rows.

    All are fitted to and scored on the same splits. The difference of two is a mean over rows,

    .. math:: \frac1n \sum_i [\log q_1(y_i | x_i) - \log q_2(y_i | x_i)],

    and its standard error comes from the differences of the rows. Rows that are hard for one
    classifier are mostly hard for the others too, so it is smaller than the errors of the two
    scores suggest.

    Parameters
    ----------
    estimators : dict of {name: classifier} or list of (name, classifier)
        As for :func:`cross_val_mutual_info`. A name may come once.

    X : array-like of shape (n_samples, n_features)

    y : array-like of shape (n_samples,)

    cv : int, cross-validation splitter or iterable of splits, default=5
        As for :func:`cross_val_mutual_info`; drawn once for all classifiers.

    groups : array-like of shape (n_samples,), default=None
        For splits that keep groups of rows together. Standard errors and intervals then take
        groups for independent, not rows.

    n_jobs : int, default=None
        Fits in parallel, of all classifiers and splits, as in :class:`joblib.Parallel`. The result
        does not depend on it.

    proba_prior : str, array-like or dict, default="empirical"
        As for :func:`cross_val_mutual_info`, for all classifiers, or a dict from the names of
        some: ``{"balanced": "uniform"}``.

    calibrate : bool or dict, default=False
        Likewise: ``{"forest": True}``.

    confidence_level : float, default=0.95
        Of all intervals, each on its own: of 20 differences that are nothing, about one has a 95 %
        interval without 0.

    params : dict of {name: dict}, default=None
        What each classifier of that name is given in `fit`.

    checkpoint : str or path, default=None
        A folder, made if it is missing, for what each classifier said of each split. After a kill
        the same call, with the same rows and parameters, does what is missing. Its files are
        removed in the end. Splits must be the same again, so give those that shuffle a
        `random_state`.

    Returns
    -------
    comparison : :class:`~sklearn.utils.Bunch`
        summary : DataFrame
            One row for each name, the highest score first, with the columns score, standard_error,
            low and high, in nats.
        differences : DataFrame
            One row for each pair (first, second) of names, both ways round, with the columns
            difference, the score of the first less that of the second, and its standard_error, low
            and high, in nats. ``differences.loc[name]`` holds the lead of the classifier `name`
            over each of the others, ``differences.xs(name, level="second")`` theirs over it.
        label_entropy : float
            H(Y) in nats, the most that there is to know.
        results : dict of {name: Bunch}
            What :func:`cross_val_mutual_info` returns, in the order of `estimators`.

    Raises
    ------
    ValueError
        If `estimators` is empty or has a name twice, if an option names none of them, or as
        :func:`cross_val_mutual_info` does.

    See Also
    --------
    cross_val_mutual_info : A single classifier.

    Notes
    -----
    Intervals are about the rows, given these fits; they do not know of how the fits would differ on
    other rows.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_mi.model_selection import compare_mutual_info
    >>> X, y = load_iris(return_X_y=True)
    >>> estimators = {"bayes": GaussianNB(), "logistic": LogisticRegression(C=0.1)}
    >>> comparison = compare_mutual_info(estimators, X, y)
    >>> comparison.summary.round(2)
              score  standard_error   low  high
    bayes      0.97            0.04  0.88  1.06
    logistic   0.77            0.02  0.73  0.81
    >>> comparison.differences.loc["bayes"].round(2)
              difference  standard_error   low  high
    second
    logistic         0.2            0.04  0.13  0.28
    """
    estimators = _check_estimators(estimators)
    proba_prior = _for_each(proba_prior, "empirical", estimators, "proba_prior")
    calibrate = _for_each(calibrate, False, estimators, "calibrate")
    params = _for_each(params or {}, None, estimators, "params")
    rows = draw_splits(X, y, cv, groups)
    each = [list(option.values()) for option in (estimators, proba_prior, calibrate, params)]
    fitted, *options, own_params = each
    options = n_jobs, *options, confidence_level, own_params
    identity = identity_of_question(rows, estimators=estimators, params=params)
    with kept_answers(checkpoint, "comparison", identity) as kept:
        results = score_splits(fitted, rows, *options, kept=kept)
    results = dict(zip(estimators, results, strict=True))
    summary = _summarize(results)
    return Bunch(
        summary=summary,
        differences=_subtract(results, summary.index, rows.groups, confidence_level),
        results=results,
        label_entropy=results[summary.index[0]].label_entropy,
    )


def _check_estimators(estimators):
    """`estimators` as a dict."""
    pairs = list(estimators.items() if isinstance(estimators, dict) else estimators)
    if not (pairs and all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs)):
        raise ValueError(
            f"estimators={estimators!r} must be a dict of {{name: classifier}} or a list of "
            '(name, classifier), such as [("forest", RandomForestClassifier())].'
        )
    if len(dict(pairs)) < len(pairs):
        raise ValueError(
            f"estimators has the names {[name for name, _ in pairs]}, which must differ; rename "
            "one."
        )
    return dict(pairs)


def _for_each(option, default, estimators, parameter):
    """An option for each name, from a dict for some of them or one value for all."""
    if not isinstance(option, dict):
        return dict.fromkeys(estimators, option)
    unknown = [name for name in option if name not in estimators]
    if unknown:
        raise ValueError(
            f"{parameter} names {unknown[0]!r}, which is not among the estimators "
            f"{list(estimators)}; a dict has to be of {{name: value}}."
        )
    return dict.fromkeys(estimators, default) | option


def _summarize(results):
    rows = [[r.score, r.standard_error, *r.interval] for r in results.values()]
    summary = pd.DataFrame(rows, index=list(results), columns=["score", *COLUMNS])
    return summary.sort_values("score", ascending=False, kind="stable")


def _subtract(results, names, groups, confidence_level):
    """The mean difference of the rows for each ordered pair of names."""
    pairs = list(permutations(names, 2))
    rows = [
        estimate(results[first].pointwise - results[second].pointwise, groups, confidence_level)
        for first, second in pairs
    ]
    index = pd.MultiIndex.from_tuples(pairs, names=["first", "second"])
    return pd.DataFrame(rows, index=index, columns=["difference", *COLUMNS])
