"""The columns of a table: what they are called, and in which groups they are looked at."""

from numbers import Integral

import numpy as np
import pandas as pd

from .._inputs._frames import as_pandas


def as_table(X):
    """What has columns to choose from: frames and arrays as they are, lists of rows as an array.

    Raises
    ------
    ValueError
        If X is no table.
    """
    table = X if hasattr(X, "shape") else as_pandas(X)
    if len(table.shape) != 2 or not table.shape[1]:
        raise ValueError(
            f"X has shape {tuple(table.shape)}, expected a table of at least one column. Of images "
            "or texts pass a table of what is known of each, one column for one thing."
        )
    return table


def column_names(X):
    """Those of a frame as text, or x0, x1, ..."""
    names = getattr(X, "columns", [f"x{j}" for j in range(X.shape[1])])
    return [str(name) for name in names]


def constant_columns(X):
    """Numbers of the columns that have one value in all rows, missing being one; never of all."""
    table = as_pandas(X)
    if not isinstance(table, (np.ndarray, pd.DataFrame)):  # sparse rows, which have no cells
        return []
    columns = pd.DataFrame(table).items()
    constant = [j for j, (_, column) in enumerate(columns) if _n_values(column) <= 1]
    return constant if len(constant) < table.shape[1] else []


def _n_values(column):
    try:
        return column.nunique() + column.isna().any()
    except TypeError:  # of cells that cannot be hashed
        return np.inf


def read_groups(feature_groups, names):
    """Names of the groups of columns, and the columns of each.

    Parameters
    ----------
    feature_groups : dict of {str: columns}, list of columns, or None
        None is every column by itself.
    names : list of str
        Of the columns.

    Returns
    -------
    group_names : list of str
    columns : list of tuples of int
        Sorted.
    """
    if feature_groups is None:
        return names, [(j,) for j in range(len(names))]
    named = isinstance(feature_groups, dict)
    given = list(feature_groups.values() if named else feature_groups)
    columns = [read_columns(group, names) for group in given]
    if not columns or not all(columns):
        raise ValueError(
            f"feature_groups={feature_groups!r} has {len(columns)} groups, expected at least one, "
            "and a column in each. Pass a dict of {name: columns} or a list of columns."
        )
    if named:
        return list(map(str, feature_groups)), columns
    return ["+".join(names[j] for j in group) for group in columns], columns


def read_columns(given, names):
    """Numbers of columns that are given by names or numbers, sorted, each once.

    Parameters
    ----------
    given : str, int or list of these
    names : list of str
        Of all columns.
    """
    given = [given] if isinstance(given, (str, Integral)) else list(given)
    return tuple(sorted({_number(column, names) for column in given}))


def _number(column, names):
    if isinstance(column, str) and column in names:
        return names.index(column)
    is_number = isinstance(column, Integral) and not isinstance(column, (bool, np.bool_))
    if is_number and -len(names) <= column < len(names):
        return int(column) % len(names)
    shown = ", ".join(map(repr, names[:5])) + (", ..." if len(names) > 5 else "")
    raise ValueError(
        f"{column!r} is none of the {len(names)} columns of X, {shown}. Pass a name as X has it, "
        "or a number from 0."
    )
