"""What the cells of a table's columns are: numbers, dates, durations or levels."""

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype, is_numeric_dtype

KINDS = dict.fromkeys(["integer", "floating", "mixed-integer-float", "decimal"], "number")
KINDS |= dict.fromkeys(["datetime64", "datetime", "date"], "date")
KINDS |= dict.fromkeys(["timedelta64", "timedelta"], "duration")


def as_frame(X):
    """`X` as a DataFrame, a boolean array as 0 and 1; cells keep their types."""
    if isinstance(X, pd.DataFrame):
        return X
    X = X if isinstance(X, np.ndarray) else np.array(X, dtype=object)
    dtypes = {"b": np.uint8, "O": object, "S": object, "U": object}
    return pd.DataFrame(X, dtype=dtypes.get(X.dtype.kind)).rename(columns="x{}".format)


def kind_of(column, name):
    """What a column holds: "number", "date", "duration" or "category"."""
    inferred = infer_dtype(column, skipna=True)
    if inferred == "complex":
        raise ValueError(f"Complex data not supported: column {name!r}; pass two real columns.")
    return KINDS.get(inferred, "category")


def numbers_of(column, kind, name):
    """Cells as finite numbers, dates and durations in days, missing ones as NaN."""
    mistaken = kind_of(column, name) not in {kind, "category"}  # pandas would read a date as ns
    if kind == "number" and is_numeric_dtype(column.dtype):
        column = pd.Series(column.to_numpy(float, na_value=np.nan))
    try:
        numbers = np.full(len(column), np.nan) if mistaken else _convert(column, kind)
    except (OverflowError, TypeError):  # from a cell that pandas coerces only as text
        numbers = _convert(column.astype(str), kind)
    bad = ~np.isfinite(numbers) & column.notna().to_numpy()
    if bad.any():
        raise ValueError(
            f"Column {name!r} has {column.iloc[bad.argmax()]} in row {bad.argmax()}, where a "
            f"finite {kind} was expected; convert it, or make it NaN, which is taken as missing."
        )
    return numbers


def _convert(column, kind):
    if kind == "number":
        return pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)
    if kind == "date":
        column = pd.to_datetime(column, errors="coerce", utc=True) - pd.Timestamp("1970", tz="UTC")
    return pd.to_timedelta(column, errors="coerce").dt.total_seconds().to_numpy() / 86_400


def texts_of(frame, columns):
    """Cells of some columns as str, missing ones as None."""
    texts = np.full((len(frame), len(columns)), None)
    for k, j in enumerate(columns):
        cells = frame.iloc[:, j]
        present = cells.notna().to_numpy()
        texts[present, k] = [_word(cell) for cell in cells.to_numpy(object)[present]]
    return texts


def _word(cell):
    """Text of a cell, in which True, 1 and 1.0 are one level."""
    whole = isinstance(cell, (float, np.floating)) and float(cell).is_integer()
    return str(int(cell) if whole or isinstance(cell, (bool, np.bool_)) else cell)
