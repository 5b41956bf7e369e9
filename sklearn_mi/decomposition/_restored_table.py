"""Tables made of numbers and levels, in the form of the table of a fit."""

import numpy as np
import pandas as pd

from .._inputs._cells import as_frame, texts_of

ORIGIN = pd.Timestamp("1970-01-01", tz="UTC")


class TableForm:
    """The names and types of a table's columns, and what stands in those that networks do not see.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n, d)
    encoder : TableEncoder
        Fitted to it.
    """

    def __init__(self, X, encoder):
        frame = as_frame(X)
        self.kinds, self.columns = encoder.kinds_, encoder.columns_
        self.n_numbers = encoder.n_numbers_
        self.names = list(X.columns) if isinstance(X, pd.DataFrame) else None
        self.dtypes = list(frame.dtypes) if self.names else X.dtype
        self.fixed = [_only_value(frame.iloc[:, j]) for j in range(frame.shape[1])]
        self.cells = []
        for j, levels in zip(self.columns[self.n_numbers :], encoder.levels_, strict=True):
            self.cells.append(_first_cells(frame.iloc[:, j], texts_of(frame, [j])[:, 0], levels))

    def restore(self, numbers, levels):
        """A table of numbers (n, J) and levels (n, C), as `TableEncoder.read` gives them."""
        n_rows, columns = len(numbers), [None] * len(self.kinds)
        for j, own in zip(self.columns[: self.n_numbers], numbers.T, strict=True):
            columns[j] = own
        own = self.columns[self.n_numbers :]
        for j, codes, cells in zip(own, levels.T, self.cells, strict=True):
            columns[j] = _taken(cells, codes)
        for j, fixed in enumerate(self.fixed):
            if columns[j] is None:
                columns[j] = _taken([fixed], np.zeros(n_rows, int))
        if self.names is None:
            return self._array(columns)
        of_types = zip(columns, self.kinds, self.dtypes, strict=True)
        data = [_typed(own, kind, dtype) for own, kind, dtype in of_types]
        return pd.concat(data, axis=1, keys=self.names) if data else pd.DataFrame()

    def _array(self, columns):
        if self.dtypes.kind in "iub" and not any(pd.isna(own).any() for own in columns):
            return np.column_stack([np.round(own.astype(float)) for own in columns]).astype(
                self.dtypes
            )
        dtype = self.dtypes if self.dtypes.kind == "f" else float
        if self.dtypes.kind in "fiub":
            return np.column_stack(columns).astype(dtype)
        return np.column_stack([np.asarray(own, dtype=object) for own in columns])


def _only_value(column):
    """What a column holds that says nothing; missing where it has had several values."""
    found = column[column.notna()].unique()
    return found[0] if len(found) == 1 else None


def _first_cells(column, texts, levels):
    """Of each level the first cell that has it; the last, of all other levels, is missing."""
    first = dict(zip(texts[::-1], column.to_numpy(dtype=object)[::-1], strict=True))
    return [*(first[text] if text is not None else None for text in levels), None]


def _taken(cells, codes):
    held = np.empty(len(cells), dtype=object)
    held[:] = cells
    return held[codes]


def _typed(values, kind, dtype):
    """A column of one type, that of the fit where its values allow it."""
    if kind == "date" and values.dtype.kind == "f":
        dates = (ORIGIN + pd.to_timedelta(pd.Series(values), unit="D")).dt.round("s")
        zone = getattr(dtype, "tz", None)
        values = dates.dt.tz_convert(zone) if zone is not None else dates.dt.tz_localize(None)
    elif kind == "duration" and values.dtype.kind == "f":
        values = pd.to_timedelta(pd.Series(values), unit="D").dt.round("s")
    elif getattr(dtype, "kind", "O") in "iu":
        values = pd.Series(values).astype(float).round()
    column = pd.Series(values)
    try:
        return column.astype(dtype)
    except (TypeError, ValueError):  # such as missing cells among whole numbers
        return column
