"""Rows that stay where they are, in files or a memory map, and are read some at a time."""

import os
from collections import deque
from numbers import Integral
from typing import NamedTuple

import numpy as np
import pandas as pd

from ._row_hash import hash_cells
from ._row_source_errors import (
    NO_PARQUET,
    check_memory_map,
    check_names,
    find_files,
    import_arrow,
    refuse_missing_groups,
    schema_of_all,
)

MOST_ROWS, MOST_CELLS = 2**16, 2**22  # read at a time
LARGE = 2**26  # bytes of a memory map that is left where it is
MOST_ROWS_OF_PIECE = 2**40
MOST_OPEN, OPEN_COLUMNS = 16, 160  # pieces at a time; an open column holds some megabytes
READ_AHEAD = 2**16  # bytes of each column


class Rows(NamedTuple):
    """Some rows of a source.

    Attributes
    ----------
    cells : DataFrame or ndarray of shape (n, p)
    labels : ndarray of shape (n,)
        As the source has them.
    hashes : uint64 ndarray of shape (n,)
        Of all cells of a row, or of its group.
    places : uint64 ndarray of shape (n,)
        A number of its own for each row of the source.
    """

    cells: object
    labels: np.ndarray
    hashes: np.ndarray
    places: np.ndarray

    def take(self, some):
        """Some of them, by an int array."""
        cells = self.cells
        cells = cells.iloc[some] if isinstance(cells, pd.DataFrame) else cells[some]
        return Rows(cells, self.labels[some], self.hashes[some], self.places[some])


def is_source(X):
    """Whether X is a path, a pyarrow Dataset or a large memory map, whose rows come in passes."""
    return isinstance(X, (str, os.PathLike)) or hasattr(X, "get_fragments") or _is_large_map(X)


def _is_large_map(X):
    if not (isinstance(X, np.memmap) and X.ndim == 2 and X.nbytes >= LARGE):
        return False
    # joblib hands its workers arrays as memory maps: they are to do what their parent would.
    return "joblib_memmapping_folder" not in str(X.filename)


def open_source(X, y, groups=None):
    """The source of rows behind what `fit` was given.

    Parameters
    ----------
    X : str, path, pyarrow.dataset.Dataset or memmap
    y : str or array-like
        Of a memory map the labels, else the name of their column.
    groups : str or None
        The name of a column.

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
        return MappedRows(X, check_memory_map(X, y, groups))
    if isinstance(X, (str, os.PathLike)):
        X = open_files(X)
    check_names([n for n in X.schema.names if n not in _index_columns(X.schema)], y, groups)
    return ArrowRows(X, y, groups)


def open_files(path):
    """The Dataset of a Parquet file, or of all that are in a folder."""
    import_arrow()
    import pyarrow.dataset

    options = {"format": "parquet"}
    if os.path.isdir(path):
        options |= {"partitioning": "hive", "partition_base_dir": str(path)}
    files = find_files(path)
    try:
        found = pyarrow.dataset.dataset(files, **options)
        if isinstance(files, str):
            return found
        return pyarrow.dataset.dataset(files, schema=schema_of_all(files, found.schema), **options)
    except pyarrow.ArrowInvalid as error:
        raise ValueError(NO_PARQUET.format(path=str(path), error=error)) from error


class RowSource:
    """Pieces that can be read in any order.

    Attributes
    ----------
    n_pieces : int
    size : int
        Rows to read at a time.
    n_open : int
        Pieces that may be open together.
    texts : list of str
        Names of columns of text.
    group : str or None
        Name of the column of groups.
    """

    texts, group, n_open = (), None, MOST_OPEN

    def strips(self, pieces, size, ways=1):
        """Rows of some pieces, at most `size` of one at a time; so many pieces take turns."""
        waiting, turns = iter(pieces), deque()
        while True:
            while len(turns) < ways and (piece := next(waiting, None)) is not None:
                turns.append(self._read(int(piece), size))
            if not turns:
                return
            if (rows := next(turns[0], None)) is None:
                turns.popleft()
                continue
            turns.rotate(-1)
            yield rows

    def in_order(self):
        """All rows."""
        return self.strips(range(self.n_pieces), self.size)

    def _read(self, piece, size):
        first = piece * MOST_ROWS_OF_PIECE
        for cells, labels, hashes in self.read_piece(piece, size):
            places = np.arange(first, first + len(labels), dtype=np.uint64)
            first += len(labels)
            yield Rows(cells, labels, hashes, places)


def _rows_at_a_time(n_columns):
    return int(np.clip(MOST_CELLS // max(1, n_columns), 2**8, MOST_ROWS))


class MappedRows(RowSource):
    """Rows of a memory map."""

    def __init__(self, X, labels):
        self.X, self.labels = X, labels
        self.size = _rows_at_a_time(X.shape[1])
        self.piece = max(1, self.size // 8)
        self.n_pieces = -(-len(X) // self.piece)

    def read_piece(self, piece, size):
        first, last = piece * self.piece, min((piece + 1) * self.piece, len(self.X))
        for start in range(first, last, size):
            some = slice(start, min(start + size, last))
            cells = np.array(self.X[some])
            yield cells, self.labels[some], hash_cells(cells)


class ArrowRows(RowSource):
    """Rows of a pyarrow Dataset, the row groups of its Parquet files one by one.

    Parameters
    ----------
    dataset : pyarrow.dataset.Dataset
    target, group : str, default=None
        Columns that are none of the cells.
    """

    def __init__(self, dataset, target=None, group=None):
        import pyarrow as pa

        self.target, self.group = target, group
        index = _index_columns(dataset.schema)
        used = [field for field in dataset.schema if field.name not in index]
        self.schema = pa.schema([(field.name, _plain_type(field.type)) for field in used])
        self.names = [name for name in self.schema.names if name not in (target, group)]
        self.texts = [n for n in self.names if _is_text(self.schema.field(n).type)]
        self.size = _rows_at_a_time(len(self.names))
        self.pieces = _pieces(dataset)
        self.n_pieces = len(self.pieces)
        self.n_open = int(np.clip(OPEN_COLUMNS // max(1, len(self.names)), 2, MOST_OPEN))

    def read_piece(self, piece, size):
        for batch in _batches(*self.pieces[piece], self.schema, size):
            if batch.num_rows:
                yield self._rows(batch)

    def _rows(self, batch):
        frame = batch.to_pandas()
        cells = frame[self.names]
        held = cells if self.group is None else refuse_missing_groups(frame[[self.group]])
        labels = np.zeros(len(frame)) if self.target is None else frame[self.target].to_numpy()
        return cells, labels, hash_cells(held)


def _index_columns(schema):
    """What pandas has stored beside the columns of a frame."""
    said = schema.pandas_metadata or {}
    return {name for name in said.get("index_columns", []) if isinstance(name, str)}


def _plain_type(kind):
    """The type in which cells are read: without dictionaries, decimals and days of no hours."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if pa.types.is_decimal(kind) or pa.types.is_null(kind):
        return pa.float64()
    if pa.types.is_date(kind):
        return pa.timestamp("ms")
    return pa.string() if _is_text(kind) and "string" in str(kind) else kind


def _is_text(kind):
    return str(kind).removeprefix("large_").removesuffix("_view") in ("string", "binary")


def _pieces(dataset):
    """Pairs of a fragment and a row group; of what has no row groups, with None."""
    try:
        fragments = list(dataset.get_fragments())
    except ValueError:  # of a dataset that is filtered, which can be read as a whole
        return [(dataset, None)]
    pieces = []
    for fragment in fragments:
        groups = getattr(fragment, "row_groups", None)
        pieces += [(fragment, None)] if groups is None else [(fragment, g.id) for g in groups]
    return pieces


def _batches(fragment, group, schema, size):
    """Record batches of a schema; of a row group as its pages come, and not all of it at once."""
    if isinstance(group, Integral):
        import pyarrow.dataset
        import pyarrow.parquet

        keys = pyarrow.dataset.get_partition_keys(fragment.partition_expression)
        options = {"filesystem": fragment.filesystem, "pre_buffer": False}
        with pyarrow.parquet.ParquetFile(fragment.path, buffer_size=READ_AHEAD, **options) as file:
            wanted = [name for name in schema.names if name in file.schema_arrow.names]
            for batch in file.iter_batches(size, row_groups=[group], columns=wanted):
                yield _aligned(batch, schema, keys)
        return
    keys = {}
    for batch in fragment.to_batches(batch_size=size, batch_readahead=1, fragment_readahead=1):
        yield _aligned(batch, schema, keys)


def _aligned(batch, schema, keys):
    """The columns of a schema, in its order and types; those of folders are in `keys`."""
    import pyarrow as pa

    columns = []
    for field in schema:
        if field.name in batch.schema.names:
            columns.append(batch.column(field.name).cast(field.type))
        else:
            value = pa.scalar(keys.get(field.name), field.type)
            columns.append(pa.repeat(value, batch.num_rows))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def levels_of_texts(cells, texts):
    """Columns of text as categories, since files say of each column what it holds."""
    return cells.astype(dict.fromkeys(texts, "category")) if len(texts) else cells


def joined(pieces):
    """Cells of several strips as one table."""
    if isinstance(pieces[0], pd.DataFrame):
        return pd.concat(pieces, ignore_index=True)
    return np.concatenate(pieces)
