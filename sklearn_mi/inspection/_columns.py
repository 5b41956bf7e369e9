"""The columns of a table: what they are called, and in which groups they are looked at."""

from numbers import Integral

import numpy as np

from .._inputs._frames import as_pandas

REMEDY = "Pass a dict of {name: columns} or a list of columns, each by its name or its number."


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
    if not isinstance(feature_groups, dict):
        given = [_as_list(group) for group in feature_groups]
        feature_groups = {"+".join(names[j] for j in _numbers(g, names)): g for g in given}
        if len(feature_groups) < len(given):
            raise ValueError(f"feature_groups={given!r} has a group twice. Pass each once.")
    if not feature_groups:
        raise ValueError(f"feature_groups={feature_groups!r} holds no group. {REMEDY}")
    columns = [_numbers(_as_list(group), names) for group in feature_groups.values()]
    return [str(name) for name in feature_groups], columns


def _as_list(group):
    return [group] if isinstance(group, (str, Integral)) else list(group)


def _numbers(group, names):
    numbers = {_number(column, names) for column in group}
    if not numbers:
        raise ValueError(f"feature_groups has a group without a column. {REMEDY}")
    return tuple(sorted(numbers))


def _number(column, names):
    if isinstance(column, str) and column in names:
        return names.index(column)
    if isinstance(column, Integral) and not isinstance(column, bool) and column < len(names):
        return int(column) % len(names) if column >= -len(names) else _refuse(column, names)
    return _refuse(column, names)


def _refuse(column, names):
    shown = ", ".join(map(repr, names[:5])) + (", ..." if len(names) > 5 else "")
    raise ValueError(
        f"{column!r} is none of the {len(names)} columns of X, {shown}. {REMEDY}"
    )
