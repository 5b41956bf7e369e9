"""Tables for benchmarks: from a folder of CSV files, from OpenML, or those of scikit-learn.

Every source gives a dict of name -> function. The function loads a frame X of float64 and category
columns, missing values kept, and labels y as strings. Classes under 8 rows are dropped, and tables
above `max_rows` sampled down, each class in proportion.
"""

import json
from functools import partial
from pathlib import Path

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype
from sklearn.datasets import (
    fetch_openml,
    load_breast_cancer,
    load_digits,
    load_iris,
    load_wine,
)
from sklearn.model_selection import train_test_split

SUFFIXES = (".csv", ".csv.gz")
TARGETS = ("target", "class", "y")
MIN_CLASS_COUNT = 8
BUNDLED = {
    "breast_cancer": load_breast_cancer,
    "digits": load_digits,
    "iris": load_iris,
    "wine": load_wine,
}


def folder_tables(folder, target=None, drop=(), max_rows=None):
    """The CSV files of a folder; `drop` names columns that are no inputs.

    A file meta.json with {name: {"categorical": [columns]}} makes the columns of those tables text
    or numbers; otherwise their types in the file do.
    """
    folder = Path(folder)
    paths = {name: path for path in sorted(folder.iterdir()) if (name := _stem(path))}
    if not paths:
        raise SystemExit(f"{folder} holds no file that ends in {' or '.join(SUFFIXES)}.")
    meta = folder / "meta.json"
    meta = json.loads(meta.read_text(encoding="utf-8")) if meta.exists() else {}

    def load(name):
        categorical = meta.get(name, {}).get("categorical")
        return prepare(*read_csv(paths[name], target, drop, categorical), max_rows)

    return {name: partial(load, name) for name in paths}


def openml_tables(names, max_rows=None):
    """Tables of OpenML by name, the active version, or by number."""

    def load(name):
        which = {"data_id": int(name)} if name.isdigit() else {"name": name}
        data = fetch_openml(**which, as_frame=True)
        return prepare(data.data, data.target, max_rows)

    return {name: partial(load, name) for name in names}


def bundled_tables(max_rows=None):
    """What scikit-learn ships."""

    def load(name):
        return prepare(*BUNDLED[name](return_X_y=True, as_frame=True), max_rows)

    return {name: partial(load, name) for name in BUNDLED}


def read_csv(path, target=None, drop=(), categorical=None):
    """Columns and target of a CSV file.

    In the target and in declared text only the empty field is missing: "NA" or "None" may be a
    value there. Elsewhere the usual marks of pandas count.
    """
    names = list(pd.read_csv(path, nrows=0).columns)
    target = target or next((name for name in TARGETS if name in names), names[-1])
    if target not in names:
        raise ValueError(f"{path} has no column {target!r}, only {', '.join(map(repr, names))}.")
    text = list({target, *(categorical or [])}.intersection(names))
    frame = pd.read_csv(path, dtype=dict.fromkeys(text, str))
    as_written = pd.read_csv(path, usecols=text, dtype=str, keep_default_na=False, na_values=[""])
    frame[text] = as_written[text]
    frame = frame.drop(columns=[name for name in drop if name in frame])
    y = frame.pop(target)
    if categorical is not None:
        numeric = [name for name in frame if name not in text]
        frame[numeric] = frame[numeric].apply(pd.to_numeric)
    return frame, y


def prepare(X, y, max_rows=None):
    """Float64 and category columns, labels as strings, no rare class and no row too many."""
    counts = y.value_counts()
    kept = y.isin(counts[counts >= MIN_CLASS_COUNT].index)
    X, y = X[kept].reset_index(drop=True), y[kept].astype(str).reset_index(drop=True)
    if max_rows is not None and len(y) > max_rows:
        X, _, y, _ = train_test_split(X, y, train_size=max_rows, stratify=y, random_state=0)
        X, y = X.reset_index(drop=True), y.reset_index(drop=True)
    return X.apply(_typed), y.to_numpy(dtype=object)


def _typed(column):
    if is_numeric_dtype(column) and not is_bool_dtype(column):
        return column.astype("float64")
    return column.astype("category")


def _stem(path):
    """The name of a table without its suffix; None for other files."""
    return next(
        (path.name.removesuffix(suffix) for suffix in SUFFIXES if path.name.endswith(suffix)), None
    )
