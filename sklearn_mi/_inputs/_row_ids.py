"""Columns that give every row of a table a number or a name of its own."""

import numpy as np
import pandas as pd
from scipy.sparse import issparse


def places_of_ids(X):
    """Where a table has whole numbers, or words, none of which comes twice; list of int.

    Measurements are no whole numbers, and text of several words says more than which row it is.
    """
    if issparse(X):
        return []
    X = X if isinstance(X, pd.DataFrame) else np.asarray(X)
    if X.ndim != 2 or X.shape[1] < 2:
        return []
    columns = (X.iloc[:, j] if isinstance(X, pd.DataFrame) else X[:, j] for j in range(X.shape[1]))
    ids = [j for j, cells in enumerate(columns) if _is_id(pd.Series(cells).infer_objects())]
    return ids if len(ids) < X.shape[1] else []


def leave_out(X, places):
    """The table without some columns."""
    if isinstance(X, pd.DataFrame):
        return X.iloc[:, np.setdiff1d(np.arange(X.shape[1]), places)]
    return np.delete(np.asarray(X), places, axis=1)


def _is_id(cells):
    if cells.dtype.kind == "f":
        numbers = cells.to_numpy(float)
        return bool((numbers == np.round(numbers)).all()) and cells.is_unique
    if cells.dtype.kind in "iu":
        return cells.is_unique
    if cells.dtype.kind in "bcmM" or not cells.map(lambda cell: isinstance(cell, str)).all():
        return False
    return cells.is_unique and not cells.str.contains(r"\s").any()
