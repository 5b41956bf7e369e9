"""The table of the command line: read it, split off its target, say what is wrong with it."""

from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from ._encoding import TableEncoder
from ._validation import MIN_ROWS

READERS = {
    ".csv": pd.read_csv,
    ".csv.gz": pd.read_csv,
    ".parquet": pd.read_parquet,
}
COLUMNS_LISTED = 20
MANY_CLASSES = 20  # numbers with more values than this may be a quantity instead of classes


class UserError(Exception):
    """What the user of the command line can mend; printed as one line."""


def read_table(path):
    """The table at `path` as a DataFrame."""
    name = Path(path).name.lower()
    reader = next((read for suffix, read in READERS.items() if name.endswith(suffix)), None)
    if not Path(path).is_file():
        raise UserError(f"there is no file {str(path)!r}.")
    if reader is None:
        raise UserError(f"{path}: expected a name that ends in {', '.join(READERS)}.")
    try:
        return reader(path)
    except (OSError, EOFError, ValueError, ImportError) as error:
        raise UserError(f"cannot read {path}: {error}") from error


def load_example(target):
    """scikit-learn's breast cancer table, its labels as words in a column `target`."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer(as_frame=True)
    return data.data.assign(**{target: data.target_names[data.target]})


def split_target(frame, target, note):
    """The other columns, and the labels of the rows that have one."""
    names = frame.columns.map(str)
    frame = frame.set_axis(names, axis=1)
    if target is None:
        raise UserError(f"name the target column by --target. {_listed(names)}")
    if target not in names:
        raise UserError(f"there is no column {target!r}. {_nearest(target, names)}")
    missing = frame[target].isna().to_numpy()
    if missing.any():
        rows = "1 row has" if missing.sum() == 1 else f"{missing.sum()} rows have"
        note(f"{rows} no {target}: left out")
        frame = frame[~missing].reset_index(drop=True)
    X = frame.drop(columns=target)
    if X.shape[1] == 0:
        raise UserError(f"the table has no column beside the target {target!r}.")
    return X, _labels(frame[target])


def stratified_sample(X, y, max_rows, random_state, note):
    """`max_rows` rows, each class in proportion."""
    if len(y) <= max_rows:
        return X, y
    order = np.random.RandomState(random_state).permutation(len(y))
    order = order[np.argsort(y.to_numpy()[order], kind="stable")]
    # Evenly spaced along the sorted rows, which gives each class its share.
    rows = np.sort(order[np.linspace(0, len(y) - 1, max_rows).round().astype(int)])
    note(f"a sample of {max_rows:,} of {len(y):,} rows")
    return X.iloc[rows].reset_index(drop=True), y.iloc[rows].reset_index(drop=True)


def check_classes(y, cv):
    """Whether the labels are classes, each with a row for every fold."""
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
    if len(counts) > MANY_CLASSES and (fractions or (is_numeric_dtype(y) and count < cv)):
        raise UserError(
            f"{y.name} has {len(counts)} different numbers and looks like a quantity, but the "
            "report is about classes. Cut it into classes first, for example by pandas.qcut."
        )
    if counts.iloc[0] == 1:
        raise UserError(
            f"{y.name} is different in every row, like an identifier. Choose another --target."
        )
    if count < cv:
        remedy = f"Pass --cv {count}, or merge" if count > 1 else "Merge"
        raise UserError(
            f"{y.name} is {labels[-1]!r} in {count} row(s), fewer than the {cv} folds. {remedy} it "
            "with another class, or drop it."
        )


def check_columns(X):
    """Whether the classifier can read every column."""
    try:
        TableEncoder().fit(X).transform(X)
    except ValueError as error:
        raise UserError(error) from error


def _labels(column):
    """Labels that can be sorted: whole numbers as such, all others as text."""
    if is_numeric_dtype(column) and not is_bool_dtype(column):
        numbers = column.to_numpy(float)
        if (numbers == np.round(numbers)).all() and (np.abs(numbers) < 2**53).all():
            return pd.Series(numbers.astype(np.int64), name=column.name)
    return column.astype(str)


def _nearest(target, names):
    near = get_close_matches(target, names, n=1)
    return f"Did you mean {near[0]!r}? {_listed(names)}" if near else _listed(names)


def _listed(names):
    more = f" and {len(names) - COLUMNS_LISTED} more" if len(names) > COLUMNS_LISTED else ""
    return f"The columns are {', '.join(map(repr, names[:COLUMNS_LISTED]))}{more}."
