"""Drawn values as cells of the type that a column of the fit had."""

import numpy as np
import pandas as pd

DAYS = ("date", "duration")
FINEST = "ms"  # of what a float of days tells


def plain_dtype(dtype):
    """A dtype as text, or a dict of its categories; as it is where pandas would not read that."""
    if isinstance(dtype, pd.CategoricalDtype):
        found = dtype.categories
        return {"cells": found.tolist(), "type": plain_dtype(found.dtype), "ordered": dtype.ordered}
    try:
        known = pd.api.types.pandas_dtype(str(dtype)) == dtype
    except TypeError:
        known = False
    return str(dtype) if known else dtype


def dtype_of(plain):
    """What `plain_dtype` was given."""
    if isinstance(plain, dict):
        categories = pd.Index(plain["cells"], dtype=dtype_of(plain["type"]))
        return pd.CategoricalDtype(categories, plain["ordered"])
    return pd.api.types.pandas_dtype(plain)


def restored_cells(values, kind, dtype, is_number):
    """A Series of a dtype.

    Parameters
    ----------
    values : ndarray
        Numbers, dates and durations in days, or cells.
    kind : {"number", "date", "duration", "category"}
    dtype : dtype
    is_number : bool
        Whether `values` are numbers, not cells.
    """
    if not is_number:
        return _of_cells(values, dtype)
    if kind in DAYS:
        return _of_days(values, kind, dtype)
    return _of_numbers(values, dtype)


def _of_cells(cells, dtype):
    if dtype.kind in "iu" and not pd.api.types.is_extension_array_dtype(dtype):
        return pd.Series(np.array(cells.tolist(), dtype=dtype))
    return pd.Series(cells, dtype=object).astype(dtype)


def _of_numbers(values, dtype):
    if isinstance(dtype, pd.SparseDtype):
        return _of_numbers(values, dtype.subtype).astype(dtype)
    kind = getattr(dtype, "kind", "O")
    if kind == "f":
        return pd.Series(values).astype(dtype)
    if kind in "iu":
        limits = np.iinfo(getattr(dtype, "numpy_dtype", dtype))
        whole = pd.Series(np.clip(np.rint(values), limits.min, limits.max))
        return (
            whole.astype("Int64").astype(dtype) if np.isnan(values).any() else whole.astype(dtype)
        )
    if _is_text(dtype):
        return pd.Series([_text(value) for value in values], dtype=object).astype(dtype)
    return pd.Series(object_cells(values), dtype=object).astype(dtype)


def object_cells(values):
    """Numbers as int, if all of them are whole, or as float; missing ones as None."""
    whole = bool((np.isnan(values) | (values == np.rint(values))).all())
    cells = np.empty(len(values), dtype=object)
    cells[:] = [None if np.isnan(v) else int(v) if whole else float(v) for v in values]
    return cells


def _is_text(dtype):
    return isinstance(dtype, pd.StringDtype)


def _text(value):
    return (
        None if np.isnan(value) else str(int(value)) if value == int(value) else repr(float(value))
    )


def _of_days(values, kind, dtype):
    if kind == "duration":
        made = pd.Series(pd.to_timedelta(values, unit="D")).dt.round(FINEST)
        if _is_text(dtype):
            return made.astype(object).map(str, na_action="ignore").astype(dtype)
        return made.astype(dtype) if dtype.kind == "m" else made.astype(object)
    made = pd.Series(pd.to_datetime(values, unit="D", utc=True)).dt.round(FINEST)
    if isinstance(dtype, pd.DatetimeTZDtype):
        return made.dt.tz_convert(dtype.tz).astype(dtype)
    made = made.dt.tz_localize(None)
    if isinstance(dtype, pd.PeriodDtype):
        return made.dt.to_period(dtype.freq)
    if _is_text(dtype):
        whole = (made.dropna() == made.dropna().dt.normalize()).all()
        return made.dt.strftime("%Y-%m-%d" if whole else "%Y-%m-%dT%H:%M:%S").astype(dtype)
    return made.astype(dtype) if dtype.kind == "M" else made.astype(object)
