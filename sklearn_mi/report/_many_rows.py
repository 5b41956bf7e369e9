"""Folders of Parquet files, and files of very many rows, of which a random sample is reported."""

import os

import numpy as np
import pandas as pd

from .._inputs._arrow_rows import ArrowRows
from .._inputs._open_rows import open_dataset

MOST_ROWS, SAMPLE_ROWS = 1_000_000, 100_000
ROW = "row of all files"  # name of the index of a sample


def has_many_rows(path):
    """Whether a path is a folder, or a Parquet file of more rows than are read as a whole."""
    if os.path.isdir(path):
        return True
    return str(path).lower().endswith(".parquet") and open_dataset(path).count_rows() > MOST_ROWS


def read_many_rows(path, random_state, note):
    """All rows as a DataFrame, or of more than a million a uniform sample of 100,000.

    Parameters
    ----------
    path : str or path
        Of a Parquet file or a folder of such.
    random_state : int
    note : callable
        Told of the sample.
    """
    dataset = open_dataset(path)
    n_rows, source, start, parts = dataset.count_rows(), ArrowRows(dataset), 0, []
    chosen = np.arange(n_rows)
    if n_rows > MOST_ROWS:
        rng = np.random.default_rng(random_state)
        chosen = np.sort(rng.choice(n_rows, SAMPLE_ROWS, replace=False))
        note(f"a random sample of {SAMPLE_ROWS:,} of {n_rows:,} rows")
    for rows in source.in_order():
        end = start + len(rows.cells)
        own = chosen[slice(*np.searchsorted(chosen, [start, end]))]
        parts.append(rows.cells.iloc[own - start])
        start = end
    frame = pd.concat(parts) if parts else pd.DataFrame(columns=source.names)
    return frame.set_axis(pd.Index(chosen + 1, name=ROW), axis=0)
