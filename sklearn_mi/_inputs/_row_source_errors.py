"""What is asked of files, columns and memory maps before their rows are read."""

import importlib
import os
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from ._arrays import read_labels, read_weights
from ._checks import check_groups

COLUMNS_LISTED = 20
NO_PARQUET = (
    "{path!r} cannot be read as Parquet: {error}. Take it away if it is damaged; of other formats "
    "pass pyarrow.dataset.dataset(path, format='csv'), or a table, such as pandas.read_csv(path)."
)


def import_arrow():
    """Say what to install where pyarrow is missing."""
    try:
        importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise ImportError(
            'Parquet files are read by pyarrow, which is not there: pip install "sklearn-mi'
            '[parquet]".'
        ) from error


def find_files(path):
    """A file as it is given; those of a folder in the order of their names, or of several paths."""
    if isinstance(path, (list, tuple)):
        found = map(find_files, path)
        return [file for own in found for file in ([own] if isinstance(own, str) else own)]
    if os.path.isdir(path):
        files = sorted(map(str, Path(path).rglob("*.parquet")))
        if not files:
            raise FileNotFoundError(
                f"There is no file *.parquet in the folder {str(path)!r}. Pass a folder of Parquet "
                "files, or pyarrow.dataset.dataset(...) for other formats."
            )
        return files
    if not os.path.isfile(path):
        raise FileNotFoundError(
            f"X={str(path)!r} is no file and no folder. Pass the path of a Parquet file, or of a "
            "folder of such, or a list of paths, such as sorted(glob.glob(...))."
        )
    return str(path)


def no_parquet(files, error):
    """The error that names the first of some files which is none."""
    import pyarrow as pa
    import pyarrow.parquet

    path = files
    for path in [files] if isinstance(files, str) else files:
        try:
            pa.parquet.read_schema(path)
        except pa.ArrowInvalid as own:
            error = own
            break
    return ValueError(NO_PARQUET.format(path=path, error=str(error).rstrip(". ")))


def refuse_missing_groups(groups):
    """The groups of some rows, each of which has one."""
    if n_missing := int(groups.isna().sum().iloc[0]):
        raise ValueError(
            f"groups contains NaN: {n_missing} of {len(groups)} rows that were read together have "
            f"no {groups.columns[0]!r}. Give each a group of its own, or drop the rows."
        )
    return groups


def schema_of_all(files, first):
    """The columns of all files, in types that hold the cells of each, after those of `first`.

    Raises
    ------
    ValueError
        If a column has types in two files that no type holds.
    """
    import pyarrow as pa
    import pyarrow.parquet

    schema = first
    for file in files:
        own = pa.parquet.read_schema(file).remove_metadata()
        try:
            schema = pa.unify_schemas([schema, own], promote_options="permissive")
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise ValueError(
                f"The columns of {file!r} do not go with those of the files before it: {error}. "
                "Write them in one type."
            ) from error
    return schema


def check_column_of_weights(weights):
    """The weights of some rows, float64 (n,), from a column of a file."""
    name = weights.name
    if not pd.api.types.is_numeric_dtype(weights):
        raise ValueError(
            f"sample_weight={name!r} holds {weights.dtype}, where numbers are expected."
        )
    found = weights.to_numpy(float, na_value=np.nan)
    bad = np.flatnonzero(~((found >= 0) & (found < np.inf)))
    if len(bad):
        raise ValueError(
            f"sample_weight={name!r} has {len(bad)} bad value(s) in {len(found)} rows that were "
            f"read together, the first of them {found[bad[0]]}; weights must be finite and not "
            "negative, and in every file. Use 0 to leave a row out."
        )
    return found


def check_names(names, target, groups, weights=None):
    """Whether the columns that are named exist, and there are others beside them."""
    _check_name(names, target, "y", "the name of the target column")
    if groups is not None:
        _check_name(names, groups, "groups", "the name of the column of groups")
    if weights is not None:
        _check_name(names, weights, "sample_weight", "the name of the column of weights")
    given = [name for name in (target, groups, weights) if name is not None]
    if len(set(given)) < len(given):
        raise ValueError(
            f"y={target!r}, groups={groups!r} and sample_weight={weights!r} name one column twice. "
            "Name a column of its own for each, or None."
        )
    repeated = [name for name in names if list(names).count(name) > 1]
    if repeated:
        raise ValueError(
            f"The table has more than one column named {repeated[0]!r}, so that columns cannot be "
            "told apart by name. Rename or drop one."
        )
    if not set(names) - {target, groups, weights}:
        raise ValueError(
            f"There is no column beside the target {target!r}: pass those that should tell about "
            "it too."
        )


def _check_name(names, name, parameter, expected):
    if isinstance(name, str) and name in names:
        return
    if not isinstance(name, str):
        raise TypeError(
            f"{parameter} is of type {type(name).__name__}, but where X is a path or a Dataset it "
            f"has to be {expected}, a str."
        )
    more = f" and {len(names) - COLUMNS_LISTED} more" if len(names) > COLUMNS_LISTED else ""
    near = get_close_matches(name, names, n=1)
    guess = f"Did you mean {near[0]!r}? " if near else ""
    raise ValueError(
        f"{parameter}={name!r} is no column of X. {guess}The columns are "
        f"{', '.join(map(repr, names[:COLUMNS_LISTED]))}{more}."
    )


def check_memory_map(X, y, groups=None, sample_weight=None):
    """Labels, weights and numbers of groups, the latter or None, of the rows of a memory map."""
    if X.dtype.kind not in "biuf":
        raise TypeError(f"X is a memory map of dtype {X.dtype}, expected numbers.")
    if y is None:
        raise ValueError("This estimator requires y to be passed, but the target y is None.")
    labels = np.ravel(read_labels(y, "y"))
    if len(labels) != len(X):
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: X has {len(X)}, y has "
            f"{len(labels)}. Pass one label for each row."
        )
    groups = check_groups(groups, len(X))
    weights = None if sample_weight is None else read_weights(sample_weight, len(X))
    return labels, weights, None if groups is None else pd.factorize(groups)[0]
