"""Tables made of numbers and levels, in the form of the table of a fit."""

import numpy as np
import pandas as pd

from .._inputs._cells import as_frame, texts_of
from .._inputs._restored import dtype_of, plain_dtype, restored_cells
from .._inputs._space_columns import decimals_of
from .._inputs._table_space import array_of


class TableForm:
    """The names and types of a table's columns, and what stands in those that networks do not see.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n, d)
        Rows of positive weight.
    encoder : TableEncoder
        Fitted to it.
    numbers : ndarray of shape (n, J)
        As it reads them; those that are made have as many decimals.
    """

    def __init__(self, X, encoder, numbers):
        frame = as_frame(X)
        self.kinds, self.columns = encoder.kinds_, encoder.columns_
        self.n_numbers = encoder.n_numbers_
        self.names = list(X.columns) if isinstance(X, pd.DataFrame) else None
        self.dtypes = [plain_dtype(t) for t in frame.dtypes] if self.names else X.dtype
        self.decimals = [decimals_of(own[~np.isnan(own)]) for own in numbers.T]
        self.fixed = [_only_value(frame.iloc[:, j]) for j in range(frame.shape[1])]
        self.cells = []
        for j, levels in zip(self.columns[self.n_numbers :], encoder.levels_, strict=True):
            self.cells.append(_first_cells(frame.iloc[:, j], texts_of(frame, [j])[:, 0], levels))

    def restore(self, numbers, levels):
        """A table of numbers (n, J) and levels (n, C), as `TableEncoder.read` gives them."""
        n_rows, columns = len(numbers), [None] * len(self.kinds)
        of_numbers = zip(self.columns[: self.n_numbers], numbers.T, self.decimals, strict=True)
        for j, own, decimals in of_numbers:
            columns[j] = own if decimals is None else np.round(own, decimals)
        own = self.columns[self.n_numbers :]
        for j, codes, cells in zip(own, levels.T, self.cells, strict=True):
            columns[j] = _taken(cells, codes)
        for j, fixed in enumerate(self.fixed):
            if columns[j] is None:
                columns[j] = _taken([fixed], np.zeros(n_rows, int))
        if self.names is None:
            return array_of(columns, self.dtypes)
        each = zip(columns, self.kinds, self.dtypes, strict=True)
        made = [
            restored_cells(own, kind, dtype_of(dtype), j in self.columns[: self.n_numbers])
            for j, (own, kind, dtype) in enumerate(each)
        ]
        return pd.concat(made, axis=1).set_axis(self.names, axis=1)


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
