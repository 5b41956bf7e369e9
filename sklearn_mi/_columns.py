"""What every single column of a table tells about the label."""

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold, check_cv

from ._cells import as_frame, numbers_of, texts_of
from ._encoding import TableEncoder
from ._validation import check_labels
from .metrics._estimate import class_frequencies, mean_and_standard_error

MOST_BINS = 64
RARE = 5  # levels of a category with fewer rows than this are taken together
CONCENTRATIONS = 2.0 ** np.arange(13)


def column_information(X, y, *, cv=5, random_state=0):
    r"""Mutual information of each single column and the label, out of fold.

    A column is cut into bins b: numbers, dates and durations at their quantiles, into about
    :math:`2 (n / K)^{1/3}` of them for n rows and K classes; categories into their levels, the
    rare ones taken together. Missing values are a bin of their own. From the counts of the other
    folds and the class frequencies p, each fold is scored by the mean of

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
    random_state : int, RandomState instance or None, default=0
        Determines the folds where `cv` is an int; all columns share them.

    Returns
    -------
    information : DataFrame of shape (n_features, 2)
        One row per column, in the order of `X`: `mutual_info` and its `standard_error`, in nats.

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
    frame = _frame(X)
    classes, labels = check_labels(y, len(frame))
    prior = class_frequencies(labels, len(classes))
    splits = list(_splitter(cv, labels, random_state).split(labels, labels))
    most_bins = number_of_bins(len(labels), len(classes))
    kinds = TableEncoder().fit(frame).kinds_
    estimates = []
    for j, (name, kind) in enumerate(zip(frame.columns, kinds, strict=True)):
        if kind == "category":
            bins = _levels(texts_of(frame, [j])[:, 0])
        else:
            bins = _cut(pd.Series(numbers_of(frame.iloc[:, j], kind, name)), most_bins)
        pointwise = _pointwise_information(bins, labels, prior, splits)
        estimates.append(mean_and_standard_error(pointwise))
    return pd.DataFrame(estimates, index=frame.columns, columns=["mutual_info", "standard_error"])


def number_of_bins(n_rows, n_classes):
    """Most bins of a numeric column: ``2 (n_rows / n_classes)^(1/3)``, between 2 and 64.

    The loss by cutting falls with the square of the number of bins, that by counting grows with
    the number of bins times classes, over the rows; the cube root balances the two.
    """
    return int(np.clip(round(2 * (n_rows / n_classes) ** (1 / 3)), 2, MOST_BINS))


def _frame(X):
    if np.ndim(X) != 2:
        raise ValueError(
            f"X has {np.ndim(X)} dimension(s), expected 2: rows and columns. For a single column "
            "pass X.reshape(-1, 1)."
        )
    return as_frame(X)


def _splitter(cv, labels, random_state):
    if isinstance(cv, (int, np.integer)):
        return StratifiedKFold(int(cv), shuffle=True, random_state=random_state)
    return check_cv(cv, labels, classifier=True)


def _cut(column, most_bins):
    """Quantile bin of each row, ties together and missing values apart."""
    # Only the order of the values counts, so dates and extremes need no treatment.
    share = column.rank(pct=True).to_numpy(float, na_value=np.nan)
    missing = np.isnan(share)
    bins = np.zeros(len(share), dtype=int)
    values, bins[~missing] = np.unique(share[~missing], return_inverse=True)
    if len(values) > most_bins:
        bins[~missing] = np.ceil(share[~missing] * most_bins) - 1
    bins[missing] = min(len(values), most_bins)
    return bins


def _levels(texts):
    """Level of each row; rare levels share the last number, missing values are a level."""
    codes, levels = pd.factorize(texts, use_na_sentinel=False)
    rare = np.bincount(codes, minlength=len(levels)) < RARE
    return np.where(rare[codes], len(levels), codes)


def _pointwise_information(bins, labels, prior, splits):
    """Mean of log q(y|b) / p(y) over the folds that hold a row out; rows of no fold are left out.

    Parameters
    ----------
    bins, labels : int array of shape (n,)
    prior : ndarray of shape (K,)
    splits : list of (train, test)

    Returns
    -------
    pointwise : ndarray, nats
    """
    bins = np.unique(bins, return_inverse=True)[1]
    shape = (bins.max() + 1, len(prior))
    total, times = np.zeros((2, len(labels)))
    for train, test in splits:
        cells = np.ravel_multi_index((bins[train], labels[train]), shape)
        counts = np.bincount(cells, minlength=np.prod(shape)).reshape(shape)
        total[test] += _log_ratio(counts, prior)[bins[test], labels[test]]
        times[test] += 1
    return total[times > 0] / times[times > 0]


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
    return np.log((counts / prior + a) / (counts.sum(axis=1, keepdims=True) + a))
