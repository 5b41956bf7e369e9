"""Tables of other libraries, records and lists of rows as pandas frames; arrays stay arrays."""

import os
from collections.abc import Mapping
from dataclasses import is_dataclass
from itertools import chain

import narwhals as nw
import numpy as np
import pandas as pd

ROWS = (list, tuple)
PASSED_AS = "sklearn_mi_passed_as"  # names what a frame was among its attrs, for remedies
SERIES = (
    "Expected a 2-dimensional container but got {} instead. Pass a DataFrame with a single column, "
    "such as X.to_frame()."
)


ROWS_IN_MEMORY = (
    "X={!r} names rows in files, where rows in memory are needed: fit, predict, predict_proba and "
    "score of MutualInfoClassifier read files. Pass pandas.read_parquet(X), or of more rows than "
    "fit a sample; or one after another: for batch in pyarrow.dataset.dataset(X).to_batches(): "
    "batch.to_pandas()."
)


def is_file(X):
    """Whether X is a path, a list of such or a pyarrow Dataset, whose rows are not in memory."""
    if isinstance(X, ROWS):
        return len(X) > 0 and all(map(_is_parquet, X))
    return isinstance(X, (str, os.PathLike)) or hasattr(X, "get_fragments")


def _is_parquet(path):
    """Whether it is a path to a Parquet file by its name, for text may be meant as rows."""
    return isinstance(path, os.PathLike) or str(path).endswith((".parquet", ".pq"))


def is_records(X):
    """Whether rows have names for their cells, each its own, in no order that means something."""
    return isinstance(X, ROWS) and len(X) > 0 and all(hasattr(row, "keys") for row in X)


def with_columns(X, names):
    """Records as a table, with the columns of a fit first; those that no record has are missing."""
    lacking = [name for name in names if name not in X.columns]
    if len(lacking) == len(names):
        return X  # of another table
    X = X.assign(**{name: None for name in lacking})
    return X[[*names, *X.columns.difference(names, sort=False)]]


def as_pandas(X):
    """A table with names and types as a DataFrame.

    Parameters
    ----------
    X : object
        A frame that narwhals knows (polars, pyarrow, modin, ...), whatever exports Arrow tables, a
        structured or masked array, rows of cells, records or dicts.

    Returns
    -------
    X : DataFrame or ndarray
        Rows of numbers as an array, rows of other cells as an array of objects; all that is not
        mentioned above as it was. The attrs of a DataFrame that is made here say what of.
    """
    if isinstance(X, np.ndarray):
        return _of_array(X)
    if isinstance(X, ROWS):
        return _of_rows(X)
    if is_file(X):
        raise TypeError(ROWS_IN_MEMORY.format(X))
    if isinstance(X, Mapping):
        raise TypeError(
            f"X is a {type(X).__name__}, where a table was expected. Pass pandas.DataFrame(X), "
            "with a list of cells for each column."
        )
    if isinstance(X, pd.DataFrame):
        return X
    _refuse_repeated(getattr(X, "column_names", []))  # pyarrow allows them, narwhals does not
    found = nw.from_native(X, pass_through=True, allow_series=True)
    if found is X and hasattr(X, "__arrow_c_stream__"):
        return passed_as("arrow", _of_arrow(X))
    if isinstance(found, nw.LazyFrame):
        raise TypeError(
            f"X is a {_name(X)}, which holds a query and no rows yet. Pass X.collect(), or what "
            "fetches its rows."
        )
    if isinstance(found, nw.Series) and not isinstance(X, pd.Series):
        raise ValueError(SERIES.format(f"a {_name(X)}"))
    if not isinstance(found, nw.DataFrame):
        return X
    return passed_as(type(X).__module__.split(".")[0], _of_frame(found))


def passed_as(what, frame):
    """A new frame that says what it was made of."""
    frame.attrs[PASSED_AS] = what
    return frame


def _name(X):
    return f"{type(X).__module__.split('.')[0]} {type(X).__name__}"


# --- frames of other libraries ------------------------------------------------------------------


def _of_arrow(X):
    import pyarrow as pa  # without it nobody could have made X

    return _of_frame(nw.from_native(pa.table(X)))


def _of_frame(frame):
    names = frame.columns
    _refuse_repeated(names)
    columns = [_of_series(frame[:, j]) for j in range(len(names))]
    if not columns:
        return pd.DataFrame(index=range(len(frame)))
    return pd.concat(columns, axis=1).set_axis(names, axis=1)


def _refuse_repeated(names):
    repeated = [name for name in names if list(names).count(name) > 1]
    if repeated:
        raise ValueError(
            f"The table has more than one column named {repeated[0]!r}, so that columns cannot be "
            "told apart by name. Rename or drop one."
        )


def _of_series(series):
    """A column without a way through pyarrow, which need not be installed."""
    dtype = series.dtype
    if dtype == nw.Datetime:
        stamps = pd.Series(_ticks(series.dt.timestamp("us")).view("M8[us]"))
        return stamps if dtype.time_zone is None else stamps.dt.tz_localize("UTC")
    if dtype == nw.Duration:
        return pd.Series(_ticks(series.dt.total_microseconds()).view("m8[us]"))
    if dtype in (nw.Categorical, nw.Enum):
        return pd.Series(pd.Categorical(series.to_list()))
    if dtype.is_numeric() and dtype != nw.Decimal and not series.is_null().any():
        return pd.Series(series.to_numpy())
    if dtype.is_numeric() and dtype != nw.Decimal:
        cells = [np.nan if cell is None else cell for cell in series.to_list()]
        return pd.Series(cells, dtype=float)
    cells = series.to_list()
    if dtype == nw.Boolean and None not in cells:
        return pd.Series(cells, dtype=bool)
    return pd.Series(cells, dtype=object)


def _ticks(series):
    lowest = np.iinfo(np.int64).min  # which NumPy takes for no time
    return np.array([lowest if tick is None else tick for tick in series.to_list()], dtype=np.int64)


# --- arrays and rows ----------------------------------------------------------------------------


def _of_array(X):
    if X.dtype.names:
        return _of_records(X)
    if isinstance(X, np.ma.MaskedArray) and np.ma.is_masked(X):
        cells = np.array(X.data, dtype=None if X.dtype.kind in "fc" else object)
        cells[np.ma.getmaskarray(X)] = np.nan if X.dtype.kind in "fc" else None
        return cells
    return X


def _of_records(X):
    fields = {name: X[name] for name in X.dtype.names}
    for name, cells in fields.items():
        if cells.ndim != 1 or cells.dtype.names:
            raise ValueError(
                f"Field {name!r} of the records has shape {cells.shape} and dtype {cells.dtype}, "
                "where one value to a record was expected. Make columns of its parts."
            )
        cells = cells.astype(cells.dtype.newbyteorder("="))
        fields[name] = _of_array(cells) if isinstance(cells, np.ma.MaskedArray) else cells
    return passed_as("rows", pd.DataFrame({n: pd.Series(cells) for n, cells in fields.items()}))


def _of_rows(X):
    if is_records(X):  # dicts, and rows of databases
        rows = [{name: row[name] for name in row.keys()} for row in X]  # noqa: SIM118
        return passed_as("dicts", pd.DataFrame(rows))
    if X and all(hasattr(row, "_fields") or is_dataclass(row) for row in X):
        return passed_as("rows", pd.DataFrame(list(X)))
    if not X or not all(isinstance(row, ROWS) for row in X):
        return X
    _check_widths(X)
    types = set(map(type, chain.from_iterable(X)))
    if types.isdisjoint({bool, np.bool_}):  # which NumPy would turn into numbers
        try:
            array = np.asarray(X)
        except ValueError:  # some cells are lists of different lengths
            array = np.empty(0, dtype=object)
        pairs = array.ndim == 3 and tuple in types  # as cells, where lists are rows of pixels
        if array.dtype.kind in "iufc" and not pairs:
            return array
    cells = np.empty((len(X), len(X[0])), dtype=object)
    for i, row in enumerate(X):
        for j, cell in enumerate(row):
            cells[i, j] = cell
    return cells


def _check_widths(X):
    widths = np.array([len(row) for row in X])
    odd = np.flatnonzero(widths != widths[0])
    if len(odd):
        raise ValueError(
            f"Row {odd[0]} of X has {widths[odd[0]]} cells, but the first has {widths[0]}. Pass "
            "rows of one length, with None for cells that are missing."
        )
