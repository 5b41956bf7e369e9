"""The table of the command line: read it, split off its target, say what is wrong with it."""

import json
from collections import Counter
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from .._inputs._cells import kind_of, nearly_unique, numbers_of
from .._inputs._checks import MIN_ROWS
from .._inputs._text_columns import LIKE, SHARE, read_texts
from ..inspection._names import shorten
from ._csv import read_cells, unnamed
from ._file_columns import column_of_text, force_columns, labels_of, read_columns
from ._many_rows import has_many_rows, read_many_rows
from ._sample import stratified_rows

CSV = (".csv", ".csv.gz")
SUFFIXES = (*CSV, ".parquet")
SEPARATORS = (",", ";", "\t", "|")
COLUMNS_LISTED = 20
MANY_CLASSES = 20  # numbers with more values than this may be a quantity instead of classes


class UserError(Exception):
    """What the user of the command line can mend; printed as one line."""


def read_table(
    path,
    sep=",",
    decimal=".",
    encoding="utf-8",
    note=lambda text: None,
    seed=0,
    thousands=None,
):
    """The table at `path` as a DataFrame; `sep` lies between the cells of a CSV.

    Of a folder all Parquet files are one table; of more than a million rows of Parquet a random
    sample is read, whose index has the numbers of its rows. In a CSV only empty cells are missing,
    and only columns of plain numbers are numbers: what other text is, `split_target` decides.
    """
    name = Path(path).name.lower()
    if not Path(path).exists():
        raise UserError(f"there is no file {str(path)!r}.")
    if Path(path).is_file() and not name.endswith(SUFFIXES):
        raise UserError(f"{path}: expected a name that ends in {', '.join(SUFFIXES)}.")
    try:
        if has_many_rows(path):
            return read_many_rows(path, seed, note)
        if name.endswith(CSV):
            return _read_csv(path, _separator(sep), (decimal, thousands), encoding, note)
        return _read_parquet(path)
    except ImportError as error:
        remedy = 'pip install "sklearn-mi[parquet]"'
        raise UserError(f"cannot read {path}: Parquet needs pyarrow; {remedy}.") from error
    except (OSError, EOFError, ValueError) as error:
        raise UserError(f"cannot read {path}: {error}") from error


def load_example(target):
    """scikit-learn's breast cancer table, its labels as words in a column `target`."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer(as_frame=True)
    return data.data.assign(**{target: data.target_names[data.target]})


def force(frame, note, *, numbers=None, categories=None, dates=None):
    """The table with columns as the options say that they are, see `force_columns`."""
    frame = frame.set_axis(frame.columns.map(str), axis=1)
    pairs = dates_of(dates)
    numbers, categories = (_names(text, frame.columns) for text in (numbers, categories))
    for name in (*numbers, *categories, *(name for name, _ in pairs)):
        if name not in frame:
            raise UserError(f"there is no column {name!r}. {_nearest(name, frame.columns)}")
    try:
        return force_columns(frame, note, numbers=numbers, categories=categories, dates=pairs)
    except ValueError as error:
        raise UserError(error) from error


def dates_of(texts):
    """Names and formats of the columns of dates, as they were passed."""
    pairs = [text.rpartition("=")[::2] for text in texts or []]
    for name, form in pairs:
        if not name or "%" not in form:
            raise UserError(
                f'--dates {name}={form}: expected "NAME=FORMAT", such as "day=%d/%m/%Y".'
            )
    return pairs


def split_target(frame, target, note):
    """The other columns, and the labels of the rows that have one; `note` is told of decisions."""
    names = frame.columns.map(str)
    frame = frame.set_axis(names, axis=1)
    if target is None:
        raise UserError(f"name the target column by --target. {_listed(names)}")
    if target not in names:
        raise UserError(f"there is no column {target!r}. {_nearest(target, names)}")
    labels = labels_of(frame[target], note)
    missing = labels.isna().to_numpy()
    if missing.any():
        rows = "1 row has" if missing.sum() == 1 else f"{missing.sum()} rows have"
        note(f"{rows} no {target}: left out")
        frame, labels = (part[~missing] for part in (frame, labels))
    X = frame.drop(columns=target)
    if X.shape[1] == 0:
        raise UserError(f"the table has no column beside the target {target!r}.")
    return read_columns(X, note), _labels(labels)


def stratified_sample(X, y, max_rows, random_state, note):
    """`max_rows` rows, each class in proportion."""
    if len(y) <= max_rows:
        return X, y
    rows = stratified_rows(y.to_numpy(), max_rows, random_state)
    note(f"a sample of {max_rows:,} of {len(y):,} rows")
    return X.iloc[rows], y.iloc[rows]


def check_classes(y, cv):
    """Whether the labels are classes, of which at least one comes back."""
    counts = y.value_counts()
    labels = counts.index.tolist()
    if len(y) < MIN_ROWS:
        raise UserError(
            f"{len(y)} row(s) with a {y.name}; at least {MIN_ROWS} are needed for an estimate."
        )
    if len(counts) == 1:
        raise UserError(
            f"{y.name} is always {labels[0]!r}: there is nothing to know about a constant. "
            "Choose another --target."
        )
    count = counts.iloc[-1]
    fractions = not is_numeric_dtype(y) and pd.to_numeric(y, errors="coerce").notna().all()
    numbers = is_numeric_dtype(y) or _are_written_numbers(y)
    if len(counts) > MANY_CLASSES and (
        fractions or (numbers and count < (5 if cv == "auto" else cv))
    ):
        raise UserError(
            f"{y.name} has {len(counts)} different numbers and looks like a quantity, but the "
            "report is about classes. Cut it into classes first, for example by pandas.qcut."
        )
    if counts.iloc[0] == 1 or nearly_unique(counts):
        rows = "every row" if counts.iloc[0] == 1 else "nearly every row"
        raise UserError(
            f"{y.name} is different in {rows}, like an identifier. Choose another --target."
        )
    if cv != "auto" and cv > len(y):
        raise UserError(f"--cv {cv}: more folds than the {len(y)} rows that have a {y.name}.")


def _are_written_numbers(y):
    """Whether nearly all labels are numbers with marks or units, which are text."""
    labels = y.astype(str)
    written = labels.map(lambda label: LIKE["number"].fullmatch(label) is not None)
    return bool(written.mean() >= SHARE and read_texts(labels).marks)


def check_columns(X):
    """Whether the classifier can read every column."""
    try:
        for j, name in enumerate(map(str, X.columns)):
            if (kind := kind_of(X.iloc[:, j], name)) != "category":
                numbers_of(X.iloc[:, j], kind, name)
    except ValueError as error:
        raise UserError(error) from error


def _read_parquet(path):
    from pyarrow import parquet

    said = json.loads((parquet.read_schema(path).metadata or {}).get(b"pandas", b"{}"))
    try:
        frame = pd.read_parquet(path)
    except TypeError:  # pandas wrote the name of a type that it cannot read
        frame = parquet.read_table(path).to_pandas(ignore_metadata=True)
        index = [name for name in said.get("index_columns", []) if isinstance(name, str)]
        frame = frame.drop(columns=index)
    # Parquet has no categories of numbers, but pandas notes them.
    noted = {c["name"] for c in said.get("columns", []) if c["pandas_type"] == "categorical"}
    return frame.astype({name: "category" for name in frame.columns if name in noted})


def _read_csv(path, sep, marks, encoding, note):
    def check(names):
        _refuse_other_separator(path, names, sep)
        _refuse_duplicates(path, names)

    names, columns, notes = read_cells(path, sep, encoding, check)
    for text in notes:
        note(text)
    columns = [column_of_text(cells, *marks) for cells in columns]
    return pd.concat(columns, axis=1).set_axis(unnamed(names), axis=1)


def _separator(sep):
    sep = "\t" if sep == "\\t" else sep  # as it is typed
    if len(sep) != 1 or not sep.isascii() or sep in '"\r\n':
        raise UserError(f'--sep {sep!r}: expected a character such as ";", or "\\t" for a tab.')
    return sep


def _refuse_other_separator(path, names, sep):
    found = [mark for mark in SEPARATORS if mark != sep and mark in names[0]]
    if len(names) == 1 and found:
        mark = max(found, key=names[0].count)
        name, shown = ("tabs", "\\t") if mark == "\t" else (repr(mark), mark)
        raise UserError(
            f"{path} has a single column, {shorten(repr(names[0]), 60)}, and seems to be separated "
            f'by {name}. Pass --sep "{shown}".'
        )


def _refuse_duplicates(path, names):
    name, count = max(Counter(names).items(), key=lambda item: item[1] if item[0] else 0)
    if name and count > 1:
        raise UserError(
            f"{path} has {count} columns named {name!r}; expected names that differ. Rename or "
            "drop all but one."
        )


def _labels(column):
    """Labels that can be sorted: whole numbers as such, all others as text."""
    if is_numeric_dtype(column) and not is_bool_dtype(column):
        numbers = column.to_numpy(float)
        if (numbers == np.round(numbers)).all() and (np.abs(numbers) < 2**53).all():
            return pd.Series(numbers.astype(np.int64), name=column.name)
    return column.astype(str)


def _names(text, names):
    """Names of columns separated by commas, where the text is not a single name."""
    if not text:
        return []
    return [text] if text in names else [name.strip() for name in text.split(",")]


def _nearest(target, names):
    near = get_close_matches(target, names, n=1)
    return f"Did you mean {near[0]!r}? {_listed(names)}" if near else _listed(names)


def _listed(names):
    more = f" and {len(names) - COLUMNS_LISTED} more" if len(names) > COLUMNS_LISTED else ""
    return f"The columns are {', '.join(map(repr, names[:COLUMNS_LISTED]))}{more}."
