"""What `fit` was given as the source of its rows that stay where they are."""

import os
import reprlib

import numpy as np

from ._arrow_rows import ArrowRows, names_of
from ._frames import is_file
from ._row_source import MappedRows
from ._row_source_errors import (
    check_memory_map,
    check_names,
    find_files,
    import_arrow,
    no_parquet,
    schema_of_all,
)
from ._row_source_warnings import warn_of_index

LARGE = 2**26  # bytes of a memory map that is left where it is


def is_source(X):
    """Whether X is a path, a pyarrow Dataset or a large memory map, whose rows come in passes."""
    return is_file(X) or _is_large_map(X)


def _is_large_map(X):
    if not (isinstance(X, np.memmap) and X.ndim in (2, 4) and X.nbytes >= LARGE):
        return False
    # joblib hands its workers arrays as memory maps: they are to do what their parent would.
    return "joblib_memmapping_folder" not in str(X.filename)


def open_source(X, y, groups=None, sample_weight=None):
    """The source of rows behind what `fit` was given.

    Parameters
    ----------
    X : str, path, pyarrow.dataset.Dataset or memmap
    y : str or array-like
        Of a memory map the labels, else the name of their column.
    groups, sample_weight : str, array-like or None
        Likewise.

    Raises
    ------
    ImportError
        If pyarrow is needed and not there.
    FileNotFoundError
        If there is no such file, or no Parquet file in the folder.
    ValueError
        If there is no such column, or the labels are of another number than the rows.
    """
    if isinstance(X, np.memmap):
        return MappedRows(X, *check_memory_map(X, y, groups, sample_weight))
    dataset = open_dataset(X)
    names = names_of(dataset.schema)
    warn_of_index(dataset.schema.names, names)
    check_names(names, y, groups, sample_weight)
    return ArrowRows(dataset, y, groups, sample_weight)


def open_cells(X, names):
    """The source of the rows that a fitted estimator is asked about.

    Parameters
    ----------
    X : str, path, pyarrow.dataset.Dataset or memmap
    names : array of str or None
        Columns of the fit, or None for all that there are.
    """
    if isinstance(X, np.memmap):
        return MappedRows(X, np.zeros(len(X)))
    source = ArrowRows(open_dataset(X), columns=names)
    if not source.names:
        raise ValueError(
            f"X={X!r} has none of the columns of the fit, {reprlib.repr(list(names))}."
        )
    return source


def labels_of(X, y, sample_weight=None):
    """Labels and weights, or None, of all rows of a source; in the order of these."""
    if isinstance(X, np.memmap):
        return y, sample_weight
    dataset = open_dataset(X)
    check_names(names_of(dataset.schema), y, None, sample_weight)
    found = list(ArrowRows(dataset, y, weight=sample_weight, columns=[]).everything())
    if not found:
        raise ValueError(f"Found 0 sample(s) in X={X!r}, expected at least 1.")
    labels = np.concatenate([rows.labels for rows in found])
    return labels, sample_weight and np.concatenate([rows.weights for rows in found])


def open_dataset(X):
    """The Dataset of a Parquet file, of some, or of all in a folder; Datasets are what they are."""
    if hasattr(X, "get_fragments"):
        return X
    import_arrow()
    import pyarrow.dataset

    options = {"format": "parquet"}
    if not isinstance(X, (list, tuple)) and os.path.isdir(X):
        options |= {"partitioning": "hive", "partition_base_dir": str(X)}
    files = find_files(X)
    try:
        found = pyarrow.dataset.dataset(files, **options)
        if isinstance(files, str):
            return found
        return pyarrow.dataset.dataset(files, schema=schema_of_all(files, found.schema), **options)
    except pyarrow.ArrowInvalid as error:
        raise no_parquet(files, error) from error
