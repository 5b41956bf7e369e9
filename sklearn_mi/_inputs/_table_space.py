"""Tables as points of a space in which networks draw, and back with their types."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from ..exceptions import ColumnWarning, warn
from ._cells import as_frame, nearly_unique, numbers_of, read_kinds, texts_of
from ._restored import dtype_of, object_cells, plain_dtype, restored_cells
from ._space_columns import LevelColumn, NumberColumn

NAMES_ROWS = (
    "Column {0!r} has {1:,} levels in {2:,} rows: made rows have missing cells there, for cells of "
    "one row each, such as names, could only be handed out as they are. Drop it, or pass what rows "
    "have in common in it."
)
FEW_NUMBERS = 12  # a column of so few different numbers is drawn as levels


class TableSpace(BaseEstimator):
    """Numbers of a table as coordinates of unit scale, all else as levels; and back.

    A number that is missing has a level of its own, beside coordinate 0. Whoever draws coordinates
    and levels gets cells of the types of the fit: whole numbers stay whole, numbers have the
    decimals they had, categories the cells that stood for them.

    Attributes
    ----------
    kinds_ : ndarray of shape (n_features_in_,)
        "number", "date", "duration" or "category" for each column.
    numbers_ : dict of int to NumberColumn
        Columns that have a coordinate.
    levels_ : dict of int to LevelColumn
        Columns that have levels; missing cells of numbers are level 1 of two.

    Examples
    --------
    >>> table = pd.DataFrame({"age": [25, 38, None], "work": ["state", "private", "state"]})
    >>> space = TableSpace().fit(table)
    >>> coordinates, levels = space.to_points(table, np.random.RandomState(0))
    >>> space.from_points(coordinates, levels, np.random.RandomState(0))["work"].tolist()
    ['state', 'private', 'state']
    """

    def fit(self, X, sample_weight=None):
        """Learn from the rows of a DataFrame or a 2-D array.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n, d)
        sample_weight : ndarray of shape (n,), default=None
        """
        frame = as_frame(X)
        self.kinds_ = read_kinds(frame)
        self.numbers_, self.levels_ = {}, {}
        texts = texts_of(frame, range(frame.shape[1]))
        for j, kind in enumerate(self.kinds_):
            column = frame.iloc[:, j]
            if kind == "category" and _names_rows(texts[:, j], str(frame.columns[j])):
                nothing = pd.Series([None] * len(frame), dtype=object)
                self.levels_[j] = LevelColumn().fit(nothing, nothing, sample_weight)
                continue
            if kind == "category" or len(pd.unique(texts[:, j])) <= FEW_NUMBERS:
                self.levels_[j] = LevelColumn().fit(texts[:, j], column, sample_weight)
                continue
            values = numbers_of(column, kind, str(frame.columns[j]))
            self.numbers_[j] = NumberColumn().fit(values, sample_weight)
            if np.isnan(values).any():
                self.levels_[j] = LevelColumn().fit_missing(np.isnan(values))
        self.is_array_ = not isinstance(X, pd.DataFrame) and isinstance(X, np.ndarray)
        self.names_ = None if self.is_array_ else frame.columns.tolist()
        self.dtypes_ = X.dtype if self.is_array_ else [plain_dtype(t) for t in frame.dtypes]
        return self

    @property
    def n_levels(self):
        """Sizes of the columns of levels."""
        return [column.n_levels for column in self.levels_.values()]

    def to_points(self, X, rng):
        """Coordinates (n, p), float64, and codes of levels (n, q); repeated numbers are spread.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n, d)
        rng : RandomState or None
            None leaves equal numbers at one place.
        """
        frame = as_frame(X)
        n_rows = len(frame)
        coordinates = np.zeros((n_rows, len(self.numbers_)))
        codes = np.zeros((n_rows, len(self.levels_)), dtype=int)
        missing = {}
        for k, (j, column) in enumerate(self.numbers_.items()):
            values = numbers_of(frame.iloc[:, j], self.kinds_[j], str(frame.columns[j]))
            missing[j] = np.isnan(values)
            coordinates[:, k] = column.to_points(values, rng)
        texts = texts_of(frame, list(self.levels_))
        for k, (j, column) in enumerate(self.levels_.items()):
            codes[:, k] = missing[j] if j in missing else column.codes_of(texts[:, k])
        return coordinates, codes

    def from_points(self, coordinates, codes, rng):
        """Cells for coordinates (n, p) and codes of levels (n, q), as a table like that of the fit.

        Parameters
        ----------
        coordinates : ndarray of shape (n, p)
        codes : int ndarray of shape (n, q)
        rng : RandomState
        """
        values = {}
        for own, (j, column) in zip(coordinates.T, self.numbers_.items(), strict=True):
            values[j] = column.from_points(own)
        for own, (j, column) in zip(codes.T, self.levels_.items(), strict=True):
            if j in values:
                values[j][own == 1] = np.nan
            else:
                values[j] = column.cells_of(own, rng)
        columns = [values[j] for j in range(len(self.kinds_))]
        if self.is_array_:
            return array_of(columns, self.dtypes_)
        made = [
            restored_cells(cells, kind, dtype_of(dtype), j in self.numbers_)
            for j, (cells, kind, dtype) in enumerate(
                zip(columns, self.kinds_, self.dtypes_, strict=True)
            )
        ]
        return pd.concat(made, axis=1).set_axis(self.names_, axis=1)


def _names_rows(texts, name):
    """Whether nearly every row has a text of its own, with a warning."""
    counts = pd.Series(texts).value_counts().to_numpy()
    if not nearly_unique(counts):
        return False
    warn(NAMES_ROWS.format(name, len(counts), counts.sum()), ColumnWarning)
    return True


def array_of(columns, dtype):
    """Columns as an array of the type of the fit's."""
    if dtype.kind in "OUS":
        columns = [object_cells(cells) if cells.dtype.kind == "f" else cells for cells in columns]
        columns = [np.asarray(cells, dtype=object) for cells in columns]
        if dtype.kind != "O":
            columns = [np.where(pd.isna(cells), "", cells.astype(str)) for cells in columns]
        return np.column_stack(columns).astype(dtype)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        columns = [
            np.clip(np.rint(cells.astype(float)), limits.min, limits.max) for cells in columns
        ]
    return np.column_stack(columns).astype(dtype)
