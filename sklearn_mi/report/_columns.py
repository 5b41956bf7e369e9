"""What every single column of a table tells about the label."""

from functools import partial

import numpy as np
import pandas as pd
from sklearn.model_selection import check_cv

from .._engine._members import make_folds
from .._engine._rare_classes import leave_unknown_classes_open
from .._inputs._bins import cut_at_quantiles
from .._inputs._cells import as_frame, numbers_of, read_kinds, texts_of
from .._inputs._checks import check_groups, check_labels
from .._inputs._frames import as_pandas
from ..metrics._estimate import class_frequencies
from ..model_selection._cross_val import estimate

CONFIDENCE = 0.95
ESTIMATE = ["mutual_info", "standard_error", "low", "high"]
MOST_BINS = 64
RARE = 5  # levels of a category with fewer rows than this are taken together
CONCENTRATIONS = 2.0 ** np.arange(13)


def column_information(X, y, *, cv=5, groups=None, random_state=0):
    r"""Mutual information of each single column and the label, out of fold.

    A column is cut into bins b: numbers, dates and durations at their quantiles, into about
    :math:`2 (n / K)^{1/3}` of them for n rows and K classes; categories into their levels, the
    rare ones taken together. Missing values are a bin of their own. From the bins and counts of the
    other folds and the class frequencies p, each fold is scored by the mean of

    .. math::
        \log \frac{q(y | b)}{p(y)}, \quad q(y | b) = \frac{n_{by} + a \, p(y)}{n_b + a},

    the posterior mean under a Dirichlet prior around p. Its concentration a is the one whose
    leave-one-out score on the other folds is best; where none beats p itself, q = p.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_samples, n_features)
        Numbers, dates, strings, categories; missing values are welcome.
    y : array-like of shape (n_samples,)
        Labels.
    cv : int or cross-validation splitter, default=5
        An int stands for that many shuffled stratified folds.
    groups : array-like of shape (n_samples,), default=None
        Rows of a group stay together, and standard errors are over groups.
    random_state : int, RandomState instance or None, default=0
        Determines the folds where `cv` is an int; all columns share them.

    Returns
    -------
    information : DataFrame of shape (n_features, 4)
        One row per column, in the order of `X`: `mutual_info`, its `standard_error`, and the ends
        `low` and `high` of its 95 % interval, in nats.

    See Also
    --------
    sklearn_mi.MutualInfoClassifier : The information of all columns jointly.

    Notes
    -----
    The sum over the columns is not the information of the table: two columns that say the same
    count twice, and what columns tell only together, such as the parity of two signs, is not
    counted at all. Each value is a lower bound in expectation, since a bin hides what happens
    within it. A column that tells nothing comes out at about 0, on either side, and so do
    constants and identifiers.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> column_information(X, y)["mutual_info"].idxmax()
    'petal width (cm)'
    """
    frame = as_columns(X)
    classes, labels = check_labels(y, len(frame))
    groups = check_groups(groups, len(frame))
    prior = class_frequencies(labels, len(classes))
    splits = _splits(cv, labels, groups, random_state)
    most_bins = number_of_bins(len(labels), len(classes))
    estimates = []
    kinds = read_kinds(frame)
    for j, (name, kind) in enumerate(zip(frame.columns, kinds, strict=True)):
        if kind == "category":
            bins = partial(_levels, pd.factorize(texts_of(frame, [j])[:, 0])[0])
        else:
            bins = partial(cut_at_quantiles, numbers_of(frame.iloc[:, j], kind, name), most_bins)
        pointwise = _pointwise_information(bins, labels, prior, splits)
        estimates.append(estimate(pointwise, groups, CONFIDENCE))
    return pd.DataFrame(estimates, index=frame.columns, columns=ESTIMATE)


def number_of_bins(n_rows, n_classes):
    """Most bins of a numeric column: ``2 (n_rows / n_classes)^(1/3)``, between 2 and 64.

    The loss by cutting falls with the square of the number of bins, that by counting grows with
    the number of bins times classes, over the rows; the cube root balances the two.
    """
    return int(np.clip(round(2 * (n_rows / n_classes) ** (1 / 3)), 2, MOST_BINS))


def as_columns(X):
    """A table as a DataFrame."""
    X = as_pandas(X)
    if np.ndim(X) != 2:
        raise ValueError(
            f"X has {np.ndim(X)} dimension(s), but a report is on a table of rows and columns. For "
            "a single column pass X.reshape(-1, 1)."
        )
    return as_frame(X)


def _splits(cv, labels, groups, random_state):
    if isinstance(cv, (int, np.integer)):
        return make_folds(labels, int(cv), groups, random_state)
    return list(check_cv(cv, labels, classifier=True).split(labels, labels, groups))


def _levels(codes, train):
    """Level of each row, -1 being missing; those rare in training, or not seen there, are one."""
    rare = np.bincount(codes[train] + 1, minlength=codes.max() + 2) < RARE
    return np.where(rare[codes + 1], codes.max() + 2, codes + 1)


def _pointwise_information(bins_by, labels, prior, splits):
    """Mean of log q(y|b) / p(y) over the folds that hold a row out; NaN for rows of no fold.

    Parameters
    ----------
    bins_by : callable
        Takes the training rows of a split to the bin of every row, int (n,).
    labels : int array of shape (n,)
    prior : ndarray of shape (K,)
    splits : list of (train, test)

    Returns
    -------
    pointwise : ndarray, nats
    """
    total, times = np.zeros((2, len(labels)))
    for train, test in splits:
        bins = bins_by(train)
        shape = (bins.max() + 1, len(prior))
        cells = np.ravel_multi_index((bins[train], labels[train]), shape)
        counts = np.bincount(cells, minlength=np.prod(shape)).reshape(shape)
        total[test] += _log_ratio(counts, prior)[bins[test], labels[test]]
        times[test] += 1
    return np.where(times > 0, total / np.maximum(times, 1), np.nan)


def _log_ratio(counts, prior):
    """log q(y|b) / p(y) from counts (B, K), with the concentration chosen by leave-one-out."""
    b, y = np.nonzero(counts)
    within, rows = counts[b, y], counts.sum(axis=1)[b]
    gains = [
        within @ np.log(((within - 1) / prior[y] + a) / (rows - 1 + a)) for a in CONCENTRATIONS
    ]
    if max(gains) <= 0:
        return np.zeros(counts.shape)
    a = CONCENTRATIONS[np.argmax(gains)]
    log_q = np.log((counts + a * prior) / (counts.sum(axis=1, keepdims=True) + a))
    return leave_unknown_classes_open(log_q, counts.sum(axis=0) == 0, prior) - np.log(prior)
