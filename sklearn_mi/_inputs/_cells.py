"""What the cells of a table's columns are: numbers, dates, durations or levels."""

import datetime
from decimal import Decimal
from functools import cache
from numbers import Real

import numpy as np
import pandas as pd
from pandas.api.types import is_object_dtype

from ..exceptions import ColumnWarning, warn
from ._frames import PASSED_AS, as_pandas, passed_as
from ._remedies import told_of
from ._text_columns import Reading, days, parse_texts, read_texts
from ._words import words_of

TYPES = {  # of single cells; the first that fits counts
    "boolean": (bool, np.bool_),
    "duration": (datetime.timedelta, np.timedelta64, datetime.time),
    "number": (Real, Decimal),
    "complex": (complex, np.complexfloating),
    "date": (datetime.date, np.datetime64, pd.Period),
    "text": (str, bytes),
    "interval": (pd.Interval,),
    "container": (list, dict, set, frozenset, np.ndarray, pd.Series),
}
DTYPES = {"b": "boolean", "i": "number", "u": "number", "f": "number", "c": "complex", "M": "date"}
DTYPES |= {"m": "duration"}
NEARLY_UNIQUE = 0.9  # share of the rows of which no other has the level
FORMS = {"date": " (as text in ISO 8601, such as 2020-01-31)"}


def as_frame(X):
    """`X` as a DataFrame, a boolean array as 0 and 1; cells keep their types."""
    X = as_pandas(X)
    if isinstance(X, pd.DataFrame):
        return X
    X = X if isinstance(X, np.ndarray) else np.array(X, dtype=object)
    dtypes = {"b": np.uint8, "O": object, "S": object, "U": object}
    frame = pd.DataFrame(X, dtype=dtypes.get(X.dtype.kind)).rename(columns="x{}".format)
    return passed_as("array", frame)


def read_column(column, name):
    """What a column holds, and what the user is to know of the decision.

    Text is read by all of its cells, see `read_texts`; categories stay levels, as the user chose.

    Parameters
    ----------
    column : Series
    name : str

    Returns
    -------
    reading : Reading
    """
    column = _plain(column)
    found = _types_of(column)
    if found <= {"number", "complex"} and "complex" in found:
        raise ValueError(f"Complex data not supported: column {name!r}; pass two real columns.")
    if "container" in found:
        _refuse_containers(column, name)
    if found <= {"number"} or found <= {"date"} or found <= {"duration"}:
        return Reading(*(found or {"category"}))
    if isinstance(column.dtype, pd.CategoricalDtype) or not found & {"text", "number", "date"}:
        return Reading("category")
    return read_texts(_as_texts(column))


def kind_of(column, name):
    """What a column holds: "number", "date", "duration" or "category"."""
    return read_column(column, name).kind


def read_kinds(frame):
    """The kind of each column, with a warning for each that holds text which is no mere text."""
    readings = read_all(frame)
    tell_of(frame, readings, {})
    return np.array([reading.kind for reading in readings])


def read_all(frame):
    """The reading of each column, see :func:`read_column`."""
    return [read_column(frame.iloc[:, j], str(name)) for j, name in enumerate(frame.columns)]


def tell_of(frame, readings, left_out):
    """Warn of columns that hold text which is no mere text, and of those that are left out.

    `left_out` maps the places of these to how many levels they have, in how many rows.
    """
    for j, (name, reading) in enumerate(zip(frame.columns, readings, strict=True)):
        if reading.finding or j in left_out:
            mixed = reading.finding and _types_of(_plain(frame.iloc[:, j])) != {"text"}
            said = told_of(reading, name, mixed, left_out.get(j), frame.attrs.get(PASSED_AS))
            warn(f"Column {name!r}{said}", ColumnWarning)


def holds_numbers(column):
    """Whether the cells are numbers by their type, which text and booleans are not."""
    column = pd.Series(column)
    return not isinstance(column.dtype, pd.IntervalDtype) and _types_of(_plain(column)) == {
        "number"
    }


def numbers_of(column, kind, name):
    """Cells as finite numbers, dates and durations in days, missing ones as NaN."""
    column = _plain(column)
    present = np.array(column.notna())
    held = DTYPES.get(column.dtype.kind)
    if held == kind or (held == "boolean" and kind == "number"):
        values = _typed_values(column, kind)
    else:
        values = np.full(len(column), np.nan)
        values[present], missing = _values_of_cells(column.to_numpy(object)[present], kind)
        present[present] = ~missing
    bad = np.flatnonzero(present & ~np.isfinite(values))
    if len(bad):
        raise ValueError(
            f"Column {name!r} has {column.iloc[bad[0]]} in row {bad[0]}, where a "
            f"finite {kind} was expected{FORMS.get(kind, '')}; convert it, or make it NaN, which "
            "is taken as missing."
        )
    return values


def plain_numbers(X):
    """An array of finite or missing numbers as float64; None if it needs a closer look."""
    if not isinstance(X, np.ndarray) or X.dtype.kind not in "fiu" or X.dtype.itemsize > 8:
        return None
    values = X.astype(float)
    return None if np.isinf(values).any() else values


def texts_of(frame, columns):
    """Cells of some columns as str, missing ones as None; a level is the same from all types."""
    texts = np.full((len(frame), len(columns)), None)
    for k, j in enumerate(columns):
        texts[:, k] = words_of(_plain(frame.iloc[:, j]))
    return texts


def _plain(column):
    """A column without what pandas wraps around its cells; intervals become their middles."""
    dtype = column.dtype
    if isinstance(dtype, pd.ArrowDtype):
        column = pd.Series(column.array.__arrow_array__().to_pandas())
    if isinstance(dtype, pd.SparseDtype):
        return pd.Series(column.sparse.to_dense().to_numpy())
    if isinstance(dtype, pd.PeriodDtype):
        return column.dt.to_timestamp()
    if isinstance(dtype, pd.IntervalDtype):
        return _middles(column)
    if is_object_dtype(column) and _types_of(column) == {"interval"}:
        return _middles(column)
    return column


def _middles(cells):
    """The middle of each interval, or the finite end of one that has no other."""
    ends = [(c.left, c.right) if isinstance(c, pd.Interval) else (None, None) for c in cells]
    ends = pd.DataFrame(ends)
    left, right = ends[0], ends[1]
    if left.dtype.kind in "iuf":
        left, right = left.where(np.isfinite(left), right), right.where(np.isfinite(right), left)
        return left / 2 + right / 2
    return left + (right - left) / 2


def _types_of(column):
    """The kinds of types that the present cells have."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return {"category"}
    if not is_object_dtype(dtype):
        return {DTYPES.get(dtype.kind, "text" if isinstance(dtype, pd.StringDtype) else "other")}
    types = set(map(type, column.to_numpy()[column.notna().to_numpy()]))
    return {_name_of_type(kind) for kind in types}


@cache
def _name_of_type(kind):
    return next((name for name, types in TYPES.items() if issubclass(kind, types)), "other")


def _refuse_containers(column, name):
    for row, cell in enumerate(column):
        if isinstance(cell, TYPES["container"]):
            raise ValueError(
                f"Column {name!r} holds {_article(cell)} in row {row}, where one value to a cell "
                "was expected: a number, text, a boolean or a date. Spread it over columns of its "
                "own, or join it to one text."
            )


def _article(cell):
    kind = type(cell).__name__
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _as_texts(column):
    cells = column.to_numpy(object)[column.notna().to_numpy()]
    return [cell if isinstance(cell, str) else _as_text(cell) for cell in cells]


def _as_text(cell):
    """A cell in the form in which text of its kind is read."""
    kind = _name_of_type(type(cell))
    if isinstance(cell, bytes):
        return cell.decode(errors="backslashreplace")
    if kind == "duration" and not isinstance(cell, datetime.time):
        return str(pd.Timedelta(cell).as_unit("us"))
    if isinstance(cell, pd.Period):
        cell = cell.to_timestamp()
    if getattr(cell, "tzinfo", None) is not None and kind == "date":
        cell = cell.astimezone(datetime.UTC)  # for old offsets had seconds
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)


def _typed_values(column, kind):
    if kind == "number":
        return column.to_numpy(float, na_value=np.nan)
    if kind == "duration":
        return days(pd.TimedeltaIndex(column))
    return days(pd.to_datetime(pd.DatetimeIndex(column), utc=True) - pd.Timestamp("1970", tz="UTC"))


def _values_of_cells(cells, kind):
    """Values of present cells, NaN for what has none, and whether text says that it is missing."""
    held = np.array([_name_of_type(type(cell)) for cell in cells], dtype=object)
    values, missing = np.full(len(cells), np.nan), np.zeros(len(cells), dtype=bool)
    if kind == "number":
        real = (held == "number") | (held == "boolean")
        values[real] = [_as_float(cell) for cell in cells[real]]
        text = held == "text"
    else:
        text = (held == "text") | (held == kind)
    values[text], bad = parse_texts([_as_text(cell) for cell in cells[text]], kind)
    missing[text] = np.isnan(values[text]) & ~bad
    return values, missing


def _as_float(cell):
    try:
        return float(cell)
    except OverflowError:
        return np.inf


def nearly_unique(counts):
    """Whether nearly every row that has any level has it alone, by the rows of each level."""
    return (counts == 1).sum() > max(1, NEARLY_UNIQUE * counts.sum())
