"""Information against rows: would more of them help?"""

import numpy as np
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import validate_params

from .._engine._kept_answers import kept_answers
from .._engine._told_progress import tell_each
from .._inputs._checks import check_weights
from ..exceptions import warn
from ..metrics._estimate import class_frequencies, label_entropy, means_of_groups
from ..model_selection._drawn_rows import check_classes, draw_splits, rows_in_memory
from ._asymptote import Asymptote
from ._growing_rows import check_train_sizes, grown, information_after
from ._question import CHECKED, cloned
from ._row_means import RowMeans
from ._subset_information import identity_of_subsets

ENDS = ("", "_stderr", "_low", "_high")
NO_POWER_LAW = (
    "Information does not grow as a power law of the rows: {shown}. The fitted curve, what twice "
    "the rows would tell and the asymptote mean little then. Expected was growth that slows down; "
    "a classifier that needs some rows before it learns at all wants larger train_sizes."
)
DRAWN = 40  # sizes of the fitted curve, to four times the rows


@validate_params(
    {**CHECKED, "train_sizes": ["array-like"]},
    prefer_skip_nested_validation=False,
)
def mutual_info_curve(
    estimator,
    X,
    y,
    *,
    train_sizes=(0.1, 0.18, 0.32, 0.56, 1.0),
    cv=5,
    groups=None,
    sample_weight=None,
    confidence_level=0.95,
    n_jobs=None,
    random_state=None,
    checkpoint=None,
):
    r"""Information against the number of rows, where it is heading, and whether more would help.

    In each split the classifier learns growing parts of the training rows, and each time the same
    held-out rows are scored. A power law is fitted to the information I after m rows,

    .. math:: I(m) = I_\infty - g \, (m / m_{last})^{-b}, \quad I_\infty \le H(Y),

    whose asymptote is what this kind of classifier would find in unlimited rows.

    Parameters
    ----------
    estimator : classifier with `predict_proba`, or None
        It is cloned, not fitted. None is :class:`~sklearn_mi.MutualInfoClassifier`, which is fitted
        once for each size, with `cv` as its folds. Any other classifier is cloned for each split,
        and calibrated as in :func:`~sklearn_mi.model_selection.cross_val_mutual_info`.

    X : array-like of shape (n_samples, n_features)

    y : array-like of shape (n_samples,)
        Labels of at least two classes.

    train_sizes : array-like of shape (n_sizes,), default=(0.1, 0.18, 0.32, 0.56, 1.0)
        Shares of the training rows of a split, or whole numbers of rows; at least three different
        ones. Classes have their shares in each, groups stay whole.

    cv : int, cross-validation splitter or iterable of splits, default=5
        As for :func:`~sklearn_mi.model_selection.cross_val_mutual_info`.

    groups : array-like of shape (n_samples,), default=None
        For splits that keep groups of rows together. Errors then take groups for independent.

    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows, in `fit` and in all means. Rows of weight 0 are left out.

    confidence_level : float, default=0.95
        Of all intervals.

    n_jobs : int, default=None
        Splits in parallel, of classifiers that are cloned for each.

    random_state : int, RandomState instance or None, default=None
        Of the parts, and of the estimator unless it is None.

    checkpoint : str or path, default=None
        A folder, made if it is missing, for what each size told. After a kill
        the same call, with the same rows and parameters, does what is missing. Its files are
        removed in the end.

    Returns
    -------
    result : :class:`~sklearn.utils.Bunch`
        train_sizes : int ndarray of shape (n_sizes,)
            Rows that were learnt from, rising.
        mutual_info, mutual_info_stderr, mutual_info_low, mutual_info_high : (n_sizes,) each
            The estimate after so many, in nats, its standard error and interval.
        asymptote, asymptote_stderr, asymptote_low, asymptote_high : float
            Of the fitted curve: median, standard deviation and interval of its posterior.
        doubled, doubled_stderr, doubled_low, doubled_high : float
            The same for twice the largest of `train_sizes`.
        fitted_sizes, fitted, fitted_low, fitted_high : ndarrays
            The fitted curve, to four times the largest size.
        is_power_law : bool
            Whether a power law goes through the estimates, but for their errors.
        label_entropy : float
            H(Y), which no information exceeds.
        pointwise : ndarray of shape (n_sizes, n_samples)
            What was told of each row; NaN in rows that no split holds out.

    Raises
    ------
    ValueError
        If there are fewer than three sizes or one is out of range, or as
        :func:`~sklearn_mi.model_selection.cross_val_mutual_info` does.

    Warns
    -----
    UserWarning
        If no power law goes through the estimates, with a probability of so bad a fit below .001,
        or the fitted one misses the last of them by more than three standard errors.

    See Also
    --------
    MutualInfoCurveDisplay : A picture of the result.
    sklearn.model_selection.learning_curve : Scores against rows, without an asymptote.

    Notes
    -----
    The errors of the sizes are correlated, since the rows that score them are the same; what chance
    in training adds is taken from differences of neighbours, with the factor n / m of Nadeau and
    Bengio [1]_. An extrapolation assumes that the power law goes on. What this kind of classifier
    cannot say however many rows it has is not in the asymptote, and more or better columns may
    raise it.

    Held-out rows that calibrate a classifier are as many for all sizes.

    References
    ----------
    .. [1] C. Nadeau and Y. Bengio, "Inference for the generalization error", Machine Learning,
       2003.
    .. [2] T. Viering and M. Loog, "The shape of learning curves: a review", IEEE Transactions on
       Pattern Analysis and Machine Intelligence, 2023.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_mi.inspection import mutual_info_curve
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> curve = mutual_info_curve(GaussianNB(), X, y, random_state=0)
    >>> curve.train_sizes
    array([ 46,  82, 146, 255, 455])
    >>> curve.mutual_info[-1] < curve.asymptote_high <= curve.label_entropy
    True
    """
    X = rows_in_memory(X)
    classes, codes = check_classes(y, X)
    weight = check_weights(sample_weight, X, codes, classes)
    rows = draw_splits(X, y, cv, groups, keep=None if weight is None else weight > 0)
    sizes = check_train_sizes(train_sizes, min(map(len, rows.members.train_rows)))
    estimator, options = cloned(estimator, random_state), (sample_weight, n_jobs)
    parts = grown(rows.members, codes, rows.groups, sizes, check_random_state(random_state))
    identity = identity_of_subsets(estimator, rows, sample_weight, random_state)
    with kept_answers(checkpoint, "curve", identity) as kept:
        answers = (
            kept.call(own.members.train_rows, information_after, estimator, own, *options)
            for own in (rows._replace(members=part) for part in parts)
        )
        told = np.array(list(tell_each(answers, len(sizes), "sizes of the training rows")))
    entropy = label_entropy(class_frequencies(codes, len(classes), weight))
    means = RowMeans(rows.members, weight, rows.groups, confidence_level, entropy)
    found = np.transpose([means.of(each) for each in told])
    covariance = _covariance(told, sizes, weight, rows.groups)
    asymptote = Asymptote(sizes, found[0], covariance, entropy)
    is_power_law = asymptote.fits and _starts_at_the_last(asymptote, sizes, found)
    if not is_power_law:
        warn(NO_POWER_LAW.format(shown=_shown(sizes, found[0])))
    return Bunch(
        train_sizes=sizes,
        **_named("mutual_info", found),
        **_named("asymptote", asymptote.summary(np.inf, confidence_level)),
        **_named("doubled", asymptote.summary(2 * sizes[-1], confidence_level)),
        **_drawn(asymptote, sizes, confidence_level),
        is_power_law=is_power_law,
        label_entropy=entropy,
        pointwise=told,
    )


def _starts_at_the_last(asymptote, sizes, found):
    """Whether the fitted curve is within three standard errors of the last estimate.

    Errors of chance in training may be so large that any law is in order, also one from elsewhere.
    """
    away = asymptote.summary(sizes[-1], 0.5)[0] - found[0, -1]
    return bool(abs(away) <= 3 * found[1, -1] + 1e-9)


def _shown(sizes, values):
    return ", ".join(f"{v:.3g} nats of {s:,} rows" for s, v in zip(sizes, values, strict=True))


def _named(name, figures):
    return {name + end: figure for end, figure in zip(ENDS, figures, strict=True)}


def _drawn(asymptote, sizes, confidence_level):
    drawn = np.geomspace(sizes[0], 4 * sizes[-1], DRAWN)
    median, _, low, high = np.transpose([asymptote.summary(s, confidence_level) for s in drawn])
    return {"fitted_sizes": drawn, "fitted": median, "fitted_low": low, "fitted_high": high}


def _covariance(told, sizes, weight, groups):
    """Of the errors of the means of each size, (S, S): rows, and chance in training."""
    scored = ~np.isnan(told).any(axis=0)
    weight, groups = (None if v is None else v[scored] for v in (weight, groups))
    units = [means_of_groups(values, weight, groups) for values in told[:, scored]]
    values, weight = np.array([unit[0] for unit in units]), units[0][1]
    n_units = values.shape[1]
    share = np.full(n_units, 1 / n_units) if weight is None else weight / weight.sum()
    apart = (values - (values @ share)[:, None]) * share
    covariance = apart @ apart.T * n_units / (n_units - 1)
    steps = np.diff(apart, axis=0)
    chance = (steps**2).sum(axis=1) / 2
    chance = np.append(chance, chance[-1]) * scored.sum() / sizes
    return covariance + np.diag(chance)
