"""How rows may be moved: by noise of a spread, or by an adversary within a ball."""

import copy

import numpy as np
import pandas as pd

from .._inputs._cells import holds_numbers

TINY = np.finfo(float).tiny


def column_spread(X):
    """Standard deviation of each numeric column over the rows.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n, d)

    Returns
    -------
    spread : ndarray of shape (d,)
        NaN left out; 0 for constant columns, and for those of booleans, text, categories and dates.
    """
    spread = np.zeros(X.shape[1])
    for j in np.flatnonzero(numeric_columns(X)):
        values = _as_floats(_column(X, j)).astype(float)
        values = values[np.isfinite(values)]
        if values.size and values.max() > values.min():
            width = values.max() - values.min()  # by which squares cannot overflow
            spread[j] = width * np.std((values - values.min()) / width)
    return spread


def moved(X, shift):
    """A copy of a table with a shift added to its numeric columns.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n, d)
    shift : ndarray of shape (d,) or (n, d)

    Returns
    -------
    X : DataFrame or ndarray of shape (n, d)
        Numeric columns as floats, in which missing cells stay missing; the others as they were.
    """
    return _add(X, np.broadcast_to(shift, X.shape), np.flatnonzero(numeric_columns(X)))


def image_range(X):
    """Lowest and highest value that pixels may have, where those of uint8 are divided by 255.

    Parameters
    ----------
    X : ndarray

    Returns
    -------
    low, high : float
        0 and 1 for uint8 and for values within [0, 1]; else those of the lowest and highest pixel.
    """
    if X.dtype == np.uint8:
        return 0.0, 1.0
    low, high = float(np.min(X)), float(np.max(X))
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)


def numeric_columns(X):
    """Whether each column of a table holds numbers, bool (d,); booleans are none."""
    if isinstance(X, np.ndarray) and X.dtype != object:
        return np.full(X.shape[1], X.dtype.kind in "iuf")
    return np.array([holds_numbers(_column(X, j)) for j in range(X.shape[1])])


# --- what an adversary may do -------------------------------------------------------------------


class _Threat:
    """Rows, and the ball that each may be moved in.

    A move holds one number for each cell: the way that the cell goes, in units of `scale`. Zeros
    are the row as it was. Attacks know moves only; `apply` turns them into rows.

    Attributes
    ----------
    shape : tuple of int
        Of the moves: (n, d) for tables, (n, channels, height, width) for images.
    mobile : bool ndarray of that shape
        Cells that move by a number.
    n_levels : int ndarray of shape (d,)
        For each column of a table how many levels its cells may be set to, by the moves 1, 2, ...;
        0 where that is not possible.
    """

    def __init__(self, norm, scale, mobile, low=-np.inf, high=np.inf):
        self.norm, self.scale, self.mobile = norm, scale, mobile
        self._low, self._high = (np.broadcast_to(bound, mobile.shape) for bound in (low, high))
        self.n_levels = np.zeros(mobile.shape[1], dtype=int)

    def __len__(self):
        return len(self.mobile)

    @property
    def shape(self):
        return self.mobile.shape

    def of(self, rows):
        """The threat to some of the rows."""
        part = copy.copy(self)
        for name in ("mobile", "_low", "_high"):
            setattr(part, name, getattr(self, name)[rows])
        return part

    def project(self, moves, eps):
        """The nearest moves that are allowed."""
        numbers = np.where(self.mobile, moves, 0.0)
        if self.norm == "inf":
            numbers = numbers.clip(-eps, eps)
        else:
            numbers = numbers * np.minimum(1, eps / np.maximum(_length(numbers), TINY))
        return numbers.clip(self._low, self._high)  # which makes none longer, as 0 is between

    def climb(self, moves, slope, step, eps):
        """A step of a given length (n,) along the steepest ascent, back into the ball."""
        slope = np.where(self.mobile, slope, 0.0)
        if self.norm == "inf":
            direction = np.sign(slope)
        else:
            largest = np.abs(slope).max(axis=_cells(slope), keepdims=True)
            slope = slope / np.maximum(largest, TINY)  # whose squares neither vanish nor overflow
            direction = slope / np.maximum(_length(slope), TINY)
        return self.project(moves + _as_column(step, moves) * direction, eps)

    def random(self, eps, rng):
        """Random points of the ball."""
        if self.norm == "inf":
            return self.project(rng.uniform(-eps, eps, size=self.shape) * self.mobile, eps)
        numbers = np.where(self.mobile, rng.normal(size=self.shape), 0.0)
        n_mobile = np.maximum(self.mobile.sum(axis=_cells(numbers)), 1)
        radius = eps * rng.uniform(size=len(self)) ** (1 / n_mobile)  # uniform in the ball
        numbers = numbers / np.maximum(_length(numbers), TINY)
        return self.project(_as_column(radius, numbers) * numbers, eps)


class TableThreat(_Threat):
    """Numbers go some way, and cells of other columns take another level.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n, d)
    norm : {"inf", "2"}
        Of the moves of the numbers of a row.
    scale : ndarray of shape (d,)
    frozen : bool ndarray of shape (d,)
        Columns that stay. So do missing cells, and numbers of scale 0.
    """

    def __init__(self, X, norm, scale, frozen):
        free = numeric_columns(X) & ~frozen & (scale > 0)
        self._numbers = np.flatnonzero(free)
        self._X = _add(X, np.zeros(X.shape), self._numbers)
        present = ~np.asarray(pd.isna(X))
        super().__init__(norm, scale, free & present)
        others = np.flatnonzero(~(numeric_columns(X) | frozen))
        self._levels = {j: _levels(_column(X, j)) for j in others}
        self._flips = present
        for j, levels in self._levels.items():
            self.n_levels[j] = len(levels) if len(levels) > 1 else 0

    def of(self, rows):
        part = super().of(rows)
        part._X, part._flips = _take(self._X, rows), self._flips[rows]
        return part

    def project(self, moves, eps):
        """The nearest moves that are allowed; levels are as near to each other as can be."""
        numbers = super().project(moves, eps)
        return np.where(self._flips & (self.n_levels > 0), moves, numbers) if eps > 0 else numbers

    def apply(self, moves):
        """The table in which cells have gone these ways."""
        X = _add(self._X, np.where(self.mobile, moves * self.scale, 0.0), self._numbers)
        for j, levels in self._levels.items():
            rows = np.flatnonzero(self._flips[:, j] & (moves[:, j] > 0))
            if len(rows):
                _set_cells(X, j, rows, levels[moves[rows, j].astype(int) - 1])
        return X


class ImageThreat(_Threat):
    """Pixels go some way, within the range of valid ones.

    Parameters
    ----------
    X : ndarray of shape (n, channels, height, width); or rows of pixels, also as a DataFrame
    norm : {"inf", "2"}
        Of the moves of the pixels of an image.
    scale : float or None
        None for the width of the range.
    image_shape : tuple of int
    """

    def __init__(self, X, norm, scale, image_shape):
        values = np.asarray(X)
        low, high = self._range = image_range(values)
        pixels = values / np.float32(255) if values.dtype == np.uint8 else _as_float_array(values)
        self._form, self._pixels = X, pixels.reshape(len(X), *image_shape)
        scale = high - low if scale is None else scale
        mobile = np.broadcast_to(scale > 0, self._pixels.shape)
        room = [(bound - self._pixels.astype(float)) / (scale or 1) for bound in (low, high)]
        super().__init__(norm, scale, mobile, *room)

    def of(self, rows):
        part = super().of(rows)
        part._form, part._pixels = _take(self._form, rows), self._pixels[rows]
        return part

    def apply(self, moves):
        """The images in which pixels have gone these ways, in the form in which they came."""
        pixels = (self._pixels + moves * self.scale).clip(*self._range).astype(self._pixels.dtype)
        pixels = pixels.reshape(self._form.shape)
        if isinstance(self._form, pd.DataFrame):
            return pd.DataFrame(pixels, index=self._form.index, columns=self._form.columns)
        return pixels


def _cells(moves):
    """The axes of the cells of a row."""
    return tuple(range(1, moves.ndim))


def _as_column(values, moves):
    return np.reshape(values, (-1, *[1] * (moves.ndim - 1)))


def _length(moves):
    return np.sqrt(np.square(moves).sum(axis=_cells(moves), keepdims=True))


# --- tables and arrays as one -------------------------------------------------------------------


def _column(X, j):
    return X.iloc[:, j] if isinstance(X, pd.DataFrame) else X[:, j]


def _take(X, rows):
    return X.iloc[rows] if isinstance(X, pd.DataFrame) else X[rows]


def _as_floats(column):
    """Numbers of a column as floats, those that are float32 as they are."""
    column = pd.Series(column)
    dtype = np.float32 if column.dtype in (np.float16, np.float32) else np.float64
    return pd.to_numeric(column).to_numpy(dtype, na_value=np.nan)


def _add(X, shift, columns):
    """A copy in which some columns are floats and shifted."""
    if isinstance(X, np.ndarray) and X.dtype.kind in "iuf":
        X, added = _as_float_array(X), np.zeros(X.shape)
        added[:, columns] = shift[:, columns]
        return (X + added).astype(X.dtype)
    X = X.copy()
    for j in columns:
        values = _as_floats(_column(X, j))
        _set_column(X, j, (values + shift[:, j]).astype(values.dtype))
    return X


def _as_float_array(X):
    return X.astype(np.float32 if X.dtype in (np.float16, np.float32) else np.float64)


def _levels(column):
    """The values of a column, in the order in which they come."""
    values = pd.Series(column).dropna().unique()
    return np.asarray(values, dtype=object)


def _set_cells(X, j, rows, values):
    """Set cells of a column to values that are among those of its type."""
    column = _column(X, j)
    cells = np.array(column, dtype=object)
    cells[rows] = values
    _set_column(X, j, pd.Series(cells, dtype=column.dtype).array)


def _set_column(X, j, values):
    if isinstance(X, pd.DataFrame):
        X.isetitem(j, pd.Series(values, index=X.index))
    else:
        X[:, j] = values
