"""Turn a table into the float32 matrix that a network reads."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils.validation import check_is_fitted

from ._cells import as_frame, numbers_of, read_kinds, texts_of


class TableEncoder(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):
    """Encode the columns of a table as bounded numbers, missing flags and one-hot levels.

    Numbers, dates and durations (in days) are centred at the median, divided by the interquartile
    range and softly clipped to (-3, 3) by z / sqrt(1 + (z / 3)^2), as in RealMLP (Holzmüller,
    Grinsztajn and Steinwart, NeurIPS 2024) and skrub's `SquashingScaler`; a missing one becomes 0,
    the median. Everything else is a category, by its text: missing is a level too, and a level
    not seen in `fit` is all zeros. Columns that are constant in `fit` are not looked at again.

    Parameters
    ----------
    max_categories : int or None, default=100
        Most output columns for one categorical column; its rarest levels share the last one.

    Attributes
    ----------
    n_numeric_ : int
        The first `n_numeric_` output columns are the scaled numbers.
    n_features_out_ : int
        Width of the output. Where every column is constant it is 1: zeros, named "constant".
    feature_index_ : ndarray of shape (n_features_out_,)
        The input column that each output column comes from (0 for "constant").

    Examples
    --------
    >>> table = pd.DataFrame({"age": [25, 38, None], "work": ["state", "private", "state"]})
    >>> TableEncoder().fit(table).get_feature_names_out().tolist()
    ['age', 'age_missing', 'work_private', 'work_state']
    """

    def __init__(self, max_categories=100):
        self.max_categories = max_categories

    def fit(self, X, y=None):
        """Learn scales and levels from a DataFrame or a 2-D array; `y` is ignored."""
        frame = as_frame(X)
        self.n_features_in_ = frame.shape[1]
        self.names_ = [str(name) for name in frame.columns]
        self.kinds_ = read_kinds(frame)
        self._fit_numbers(frame, np.flatnonzero(self.kinds_ != "category"))
        self._fit_levels(frame, np.flatnonzero(self.kinds_ == "category"))
        index = [self.scaled_, self.flagged_, np.repeat(self.categorical_, self.n_levels_)]
        self.feature_index_ = np.concatenate(index) if any(map(len, index)) else np.array([0])
        self.n_numeric_, self.n_features_out_ = len(self.scaled_), len(self.feature_index_)
        return self

    def transform(self, X):
        """Encode `X` as a C-contiguous float32 array of shape (n_samples, n_features_out_)."""
        check_is_fitted(self)
        frame = as_frame(X)
        self._check_width(frame.shape[1])
        levels = self.n_numeric_ + len(self.flagged_)  # the first column of them
        matrix = np.zeros((len(frame), self.n_features_out_), dtype=np.float32)
        numbers = self._numbers(frame, self.scaled_)
        matrix[:, : self.n_numeric_] = _squash(numbers, self.center_, self.scale_)
        matrix[:, self.n_numeric_ : levels] = np.isnan(self._numbers(frame, self.flagged_))
        if self.categorical_.size:
            matrix[:, levels:] = self.levels_.transform(texts_of(frame, self.categorical_))
        return matrix

    def get_feature_names_out(self, input_features=None):
        """Names of the output columns, such as "age", "age_missing" and "work_private"."""
        check_is_fitted(self)
        names = np.array(self.names_ if input_features is None else input_features, dtype=object)
        self._check_width(len(names))
        out = [*names[self.scaled_], *(f"{name}_missing" for name in names[self.flagged_])]
        if self.categorical_.size:
            out += [*self.levels_.get_feature_names_out(names[self.categorical_])]
        return np.array(out or ["constant"], dtype=object)

    def _fit_numbers(self, frame, columns):
        values = self._numbers(frame, columns)
        missing = np.isnan(values)
        pairs = [_center_and_scale(column[~np.isnan(column)]) for column in values.T]
        center, scale = np.reshape(pairs, (-1, 2)).T
        self.scaled_ = columns[scale > 0]
        self.center_, self.scale_ = center[scale > 0], scale[scale > 0]
        self.flagged_ = columns[missing.any(axis=0) & ~missing.all(axis=0)]

    def _fit_levels(self, frame, columns):
        texts = texts_of(frame, columns)
        varies = (texts != texts[:1]).any(axis=0)
        self.categorical_, self.n_levels_ = columns[varies], 0
        if varies.any():
            one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32)
            one_hot.set_params(max_categories=self.max_categories)
            one_hot.set_params(feature_name_combiner=_level_name).set_output(transform="default")
            self.levels_ = one_hot.fit(texts[:, varies])
            sizes = [len(levels) for levels in self.levels_.categories_]
            self.n_levels_ = np.minimum(sizes, self.max_categories or max(sizes))

    def _numbers(self, frame, columns):
        """Float64 (n_samples, len(columns)) of numbers and days; missing cells are NaN."""
        rows = [numbers_of(frame.iloc[:, j], self.kinds_[j], self.names_[j]) for j in columns]
        return np.reshape(rows, (len(columns), len(frame))).T

    def _check_width(self, width):
        if width != self.n_features_in_:
            raise ValueError(f"Got {width} columns; pass the {self.n_features_in_} seen in fit.")


def _center_and_scale(observed):
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


def _squash(values, center, scale):
    """Scale by what `_center_and_scale` found and clip softly to (-3, 3); NaN becomes 0."""
    with np.errstate(over="ignore"):
        z = np.clip((values / 4 - center) / scale, -1e9, 1e9)
    return np.nan_to_num(z / np.hypot(1, z / 3))


def _level_name(column, level):
    return f"{column}_{'missing' if level is None else level}"
