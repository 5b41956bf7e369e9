"""Turn a table into the float32 matrix that a network reads."""

import numpy as np
import pandas as pd
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ..exceptions import LeakageWarning, warn
from ..modules import TableEncoding, encoded_rows
from ._cells import (
    as_frame,
    nearly_unique,
    numbers_of,
    plain_numbers,
    read_all,
    tell_of,
    texts_of,
)
from ._words import warn_of_unknown_levels

RARE = 2  # a level with fewer training rows than this is taken for one that training never saw
FEWEST_STEPS = 9  # of which no chance brings as many one way
LINE = 0.95  # least correlation of a row number with the place of its row; a cube has .92
COUNTS_ROWS = (
    "Column {!r} counts the rows, like a saved index: if it is one, drop it, as in a "
    "sorted table it tells the label here, and in no new row."
)


class TableEncoder(BaseEstimator):
    """Read a table as numbers, and learn from the training rows of each network what they mean.

    `read` tells of each cell what does not depend on other rows: numbers, dates and durations in
    days, and of a category which of the known levels it has. What does depend on other rows is
    learnt once for each set of `train_rows`, and :class:`~sklearn_mi.modules.TableEncoding` applies
    it: so that to the network that scores it a held-out row is what a fresh row will be.

    Numbers are centred at the median and divided by the interquartile range. Everything else is
    a category, by its text; missing is a level too. Levels of fewer than two training rows share
    one place, and so do the rarest where a column has more than `max_categories`: that is where a
    level goes that training has not seen. Where nearly every row has a level of its own, as names
    and numbers of tickets have, none is kept. Columns that are constant in all training rows are
    not looked at again.

    Parameters
    ----------
    max_categories : int or None, default=100
        Most output columns for one categorical column.

    Attributes
    ----------
    kinds_ : ndarray of shape (n_features_in_,)
        "number", "date", "duration" or "category" for each column.
    columns_ : int ndarray of shape (p,)
        The input column of each column of what `read` gives.
    n_numbers_ : int
        The first so many of them are numbers, the others categories.
    scaled_, flagged_ : int ndarrays
        Which of these are scaled as numbers, and which have missing cells to point out.
    center_, scale_ : ndarrays of shape (M, len(scaled_))
        A quarter of the median and of the spread in the training rows of each of M networks; a
        scale of 0 where they are constant.
    flags_ : bool ndarray of shape (M, len(flagged_))
        Whether these training rows have missing cells, and others.
    levels_ : list of Index
        The levels of each category; None is missing.
    places_ : list of int ndarrays of shape (M, n_levels + 1)
        Which of the output columns of a category is one for each level, -1 for none; the last is
        that of all other levels.

    Examples
    --------
    >>> table = pd.DataFrame({"age": [25, 38, None], "work": ["state", "private", "state"]})
    >>> encoder = TableEncoder().fit(table)
    >>> encoder.read(table)
    array([[25.,  1.],
           [38.,  0.],
           [nan,  1.]])
    >>> encoder.transform(table).shape  # age, age missing, private, state
    (3, 4)
    """

    def __init__(self, max_categories=100):
        self.max_categories = max_categories

    def fit(self, X, train_rows=None):
        """Learn from a DataFrame or a 2-D array.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n, d)
        train_rows : list of M int arrays, default=None
            The rows that each network trains on; None is one network and all rows.
        """
        frame = as_frame(X)
        train_rows = [np.arange(len(frame))] if train_rows is None else train_rows
        self.n_features_in_ = frame.shape[1]
        self.names_ = [str(name) for name in frame.columns]
        readings = read_all(frame)
        self.kinds_ = np.array([reading.kind for reading in readings])
        numeric = self._fit_numbers(frame, np.flatnonzero(self.kinds_ != "category"), train_rows)
        categorical = np.flatnonzero(self.kinds_ == "category")
        levels, left_out = self._fit_levels(frame, categorical, train_rows)
        tell_of(frame, readings, left_out)
        self.columns_, self.n_numbers_ = np.concatenate([numeric, levels]), len(numeric)
        return self

    def read(self, X, check=True):
        """Cells of the columns that vary, float64 (n, p); missing numbers are NaN.

        A category is the number of its level, or that of all levels if it is none of them. Rows of
        the fit need no check whether any of them is known.
        """
        check_is_fitted(self)
        if (self.kinds_ == "number").all() and (numbers := plain_numbers(X)) is not None:
            return numbers[:, self.columns_]
        frame = as_frame(X)
        if frame.shape[1] != self.n_features_in_:
            raise ValueError(
                f"Got {frame.shape[1]} columns; pass the {self.n_features_in_} seen in fit."
            )
        numeric, categorical = np.split(self.columns_, [self.n_numbers_])
        texts = texts_of(frame, categorical)
        if check:
            warn_of_unknown_levels(frame, categorical, texts, self._told_levels())
        codes = [_codes(own, levels) for own, levels in zip(texts.T, self.levels_, strict=True)]
        numbers = self._numbers(frame, numeric)
        return np.concatenate([numbers, np.reshape(codes, (len(codes), len(frame))).T], axis=1)

    @property
    def encoding(self):
        """What the networks see of rows that are read."""
        numbers = self.scaled_, self.flagged_, self.center_, self.scale_, self.flags_
        return TableEncoding(*numbers, self.n_numbers_, self.places_)

    @property
    def output_columns(self):
        """The column of the table that each column of what networks see comes from."""
        widths = [own.max() + 1 for own in self.places_]
        levels = np.repeat(np.arange(len(widths)) + self.n_numbers_, widths)
        return self.columns_[np.concatenate([self.scaled_, self.flagged_, levels])]

    def transform(self, X, member=0):
        """Rows as one network sees them, float32 (n, d)."""
        rows = torch.as_tensor(self.read(X))
        return encoded_rows(self.encoding, rows, member)

    def _fit_numbers(self, frame, columns, train_rows):
        """Learn the scales; gives the columns of numbers that are looked at again."""
        values = self._numbers(frame, columns)
        missing = np.isnan(values)
        for j, own in zip(columns, values.T, strict=True):
            if self.kinds_[j] == "number" and _counts_rows(own):
                warn(COUNTS_ROWS.format(self.names_[j]), LeakageWarning)
        flags = np.array([missing[r].any(0) & ~missing[r].all(0) for r in train_rows])
        fitted = [[center_and_scale(v[~np.isnan(v)]) for v in values[r].T] for r in train_rows]
        center, scale = np.moveaxis(np.reshape(fitted, (*flags.shape, 2)), 2, 0)
        varies, flagged = (scale > 0).any(axis=0), flags.any(axis=0)
        used = varies | flagged
        self.scaled_, self.flagged_ = np.flatnonzero(varies[used]), np.flatnonzero(flagged[used])
        self.center_, self.scale_ = center[:, varies], scale[:, varies]
        self.flags_ = flags[:, flagged]
        return columns[used]

    def _fit_levels(self, frame, columns, train_rows):
        """Learn the levels; gives the columns that are looked at again, and those left out."""
        used, left_out, self.levels_, self.places_ = [], {}, [], []
        for j, texts in zip(columns, texts_of(frame, columns).T, strict=True):
            levels = _levels(texts[np.unique(np.concatenate(train_rows))])
            codes = _codes(texts, levels)
            counts = [np.bincount(codes[r], minlength=len(levels) + 1)[:-1] for r in train_rows]
            places = [_places(own, levels.isna(), self.max_categories) for own in counts]
            present = levels.notna()
            if all(nearly_unique(own[present]) for own in counts):
                left_out[j] = present.sum(), present[codes[codes < len(levels)]].sum()
            if np.max(places) >= 0:
                used.append(j)
                self.levels_.append(levels)
                self.places_.append(np.array(places))
        return np.array(used, dtype=int), left_out

    def _told_levels(self):
        """Of each category the levels, unless none of them has a place of its own."""
        for levels, places in zip(self.levels_, self.places_, strict=True):
            own = (places[:, :-1] != places[:, -1:]).any(axis=0)
            yield levels if (own & levels.notna()).any() else []

    def _numbers(self, frame, columns):
        """Float64 (n, len(columns)) of numbers and days; missing cells are NaN."""
        rows = [numbers_of(frame.iloc[:, j], self.kinds_[j], self.names_[j]) for j in columns]
        return np.reshape(rows, (len(columns), len(frame))).T


def _counts_rows(values):
    """Whether they are whole numbers that grow or fall all the way, and evenly.

    By 2 on average, or on a line: those of a sample of rows have any steps, sorted amounts no line.
    """
    n_steps = len(values) - 1
    if n_steps < FEWEST_STEPS or not (values == np.round(values)).all():
        return False
    values = values / 2  # whose differences do not overflow
    steps = np.diff(values)
    if not ((steps > 0).all() or (steps < 0).all()):
        return False
    whole = abs(values[-1] - values[0])
    return whole <= n_steps or _is_line((values - values[0]) / whole)


def _is_line(values):
    return abs(np.corrcoef(values, np.arange(len(values)))[0, 1]) > LINE


def center_and_scale(observed):
    """Median and spread of a quarter of `observed`; the spread is 0 where it is constant.

    The spread is the interquartile range or, where half of the values are equal, the standard
    deviation. A quarter, because the difference of two such numbers never overflows.
    """
    if observed.size == 0:
        return 0.0, 0.0
    observed = np.sort(observed) / 4  # sorted, so that no sum depends on the order of rows
    low, center, high = np.quantile(observed, [0.25, 0.5, 0.75])
    width = observed[-1] - observed[0]
    if high > low or width == 0:
        return center, high - low
    return center, width * np.std((observed - observed[0]) / width)


def _levels(texts):
    """The levels in the order of their text, missing last."""
    present = sorted(set(texts) - {None})
    return pd.Index([*present, *[None] * (None in set(texts))], dtype=object)


def _codes(texts, levels):
    """The number of the level of each cell; that of all levels where it is none of them."""
    codes = levels.get_indexer(pd.Index(texts, dtype=object))
    return np.where(codes < 0, len(levels), codes)


def _places(counts, missing, most):
    """Output column of each level, -1 for none; the last is that of levels which are not counted.

    Parameters
    ----------
    counts : int ndarray of shape (n_levels,)
        Training rows of each level.
    missing : bool ndarray of shape (n_levels,)
        Which of them is that of missing cells.
    most : int or None
        Most output columns.
    """
    known = (counts >= RARE) & (missing | (not nearly_unique(counts[~missing])))
    is_rare = (counts > 0) & ~known
    if most is not None and known.sum() + is_rare.any() > most:
        last = np.argsort(-counts * known, kind="stable")[most - 1 :]
        known[last] = False
        is_rare = (counts > 0) & ~known
    places = np.full(len(counts) + 1, -1)
    if known.sum() + is_rare.any() < 2:
        return places
    if is_rare.any():
        places[:] = known.sum()
    places[:-1][known] = np.arange(known.sum())
    return places
