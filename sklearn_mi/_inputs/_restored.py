"""Drawn values as cells of the type that a column of the fit had."""

import numpy as np
import pandas as pd

UNITS = {"date": "datetime", "duration": "timedelta"}


def restored_cells(values, kind, column, is_number):
    """A Series of the dtype of an empty column.

    Parameters
    ----------
    values : ndarray
        Numbers, dates and durations in days, or cells.
    kind : {"number", "date", "duration", "category"}
    column : Series
        Of the dtype to get.
    is_number : bool
        Whether `values` are numbers, not cells.
    """
    if not is_number:
        return _of_cells(values, column.dtype)
    if kind in UNITS:
        return _of_days(values, kind, column.dtype)
    return _of_numbers(values, column.dtype)


def _of_cells(cells, dtype):
    if dtype.kind in "iu" and not pd.api.types.is_extension_array_dtype(dtype):
        return pd.Series(np.array(cells.tolist(), dtype=dtype))
    return pd.Series(cells, dtype=object).astype(dtype)


def _of_numbers(values, dtype):
    kind = getattr(dtype, "kind", "O")
    if kind == "f":
        return pd.Series(values).astype(dtype)
    if kind in "iu":
        limits = np.iinfo(getattr(dtype, "numpy_dtype", dtype))
        whole = pd.Series(np.clip(np.rint(values), limits.min, limits.max))
        return (
            whole.astype("Int64").astype(dtype) if np.isnan(values).any() else whole.astype(dtype)
        )
    if pd.api.types.is_string_dtype(dtype) and not pd.api.types.is_object_dtype(dtype):
        return pd.Series([_text(value) for value in values], dtype=object).astype(dtype)
    whole = bool((np.isnan(values) | (values == np.rint(values))).all())
    cells = [None if np.isnan(v) else int(v) if whole else float(v) for v in values]
    return pd.Series(cells, dtype=object).astype(dtype)


def _text(value):
    return (
        None if np.isnan(value) else str(int(value)) if value == int(value) else repr(float(value))
    )


def _of_days(values, kind, dtype):
    if kind == "duration":
        made = pd.Series(pd.to_timedelta(values, unit="D")).dt.round("ms")
        return made.astype(dtype) if dtype.kind == "m" else _as_cells(made, dtype)
    made = pd.Series(pd.to_datetime(values, unit="D", utc=True)).dt.round("ms")
    if isinstance(dtype, pd.DatetimeTZDtype):
        return made.dt.tz_convert(dtype.tz).astype(dtype)
    made = made.dt.tz_localize(None)
    return made.astype(dtype) if dtype.kind == "M" else _as_cells(made, dtype)


def _as_cells(made, dtype):
    """Dates and durations as cells of a column that held text of them, or other objects."""
    if not pd.api.types.is_string_dtype(dtype) or pd.api.types.is_object_dtype(dtype):
        return made.astype(object)
    texts = [None if pd.isna(cell) else str(cell).removesuffix(" 00:00:00") for cell in made]
    return pd.Series(texts, dtype=object).astype(dtype)
