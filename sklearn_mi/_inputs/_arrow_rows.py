"""Rows of Parquet files and pyarrow Datasets."""

from numbers import Integral

import numpy as np

from ._row_hash import hash_cells
from ._row_source import MOST_OPEN, RowSource, rows_at_a_time
from ._row_source_errors import check_column_of_weights, refuse_missing_groups

OPEN_COLUMNS = 160  # at a time, each of which holds some megabytes
READ_AHEAD = 2**16  # bytes of each column


class ArrowRows(RowSource):
    """Rows of a pyarrow Dataset, the row groups of its Parquet files one by one.

    Parameters
    ----------
    dataset : pyarrow.dataset.Dataset
    target, group, weight : str, default=None
        Columns that are none of the cells.
    columns : list of str, default=None
        The cells; None is all other columns.
    """

    def __init__(self, dataset, target=None, group=None, weight=None, columns=None):
        import pyarrow as pa

        self.target, self.group, self.weight = target, group, weight
        self.grouped, self.weighted = group is not None, weight is not None
        others, known = [name for name in (target, group, weight) if name], names_of(dataset.schema)
        self.names = [n for n in known if n not in others and (columns is None or n in columns)]
        fields = [dataset.schema.field(name) for name in known if name in [*self.names, *others]]
        self.schema = pa.schema([(field.name, _plain_type(field.type)) for field in fields])
        self.texts = [n for n in self.names if _is_text(self.schema.field(n).type)]
        self.plain_texts = [n for n in self.texts if _is_text(dataset.schema.field(n).type)]
        self.n_cells = len(self.names)
        self.size = rows_at_a_time(self.n_cells)
        self.pieces, self.own_schema = _pieces(dataset), dataset.schema
        self.n_pieces = len(self.pieces)
        self.n_open = int(np.clip(OPEN_COLUMNS // max(1, self.n_cells), 2, MOST_OPEN))

    def read_piece(self, piece, size):
        """Cells, labels, weights and hashes of the rows of a piece, `size` at a time."""
        for batch in _batches(*self.pieces[piece], self.own_schema, self.schema, size):
            if batch.num_rows:
                yield self._rows(batch.to_pandas())

    def _rows(self, frame):
        cells, nothing = frame[self.names], np.zeros(len(frame))
        hashes = self._of_group(frame) if self.grouped else hash_cells(cells, self.ids)
        labels = nothing if self.target is None else frame[self.target].to_numpy()
        weights = check_column_of_weights(frame[self.weight]) if self.weighted else nothing + 1
        return cells, labels, weights, hashes

    def _of_group(self, frame):
        return hash_cells(refuse_missing_groups(frame[[self.group]]))


def names_of(schema):
    """The columns, without what pandas has stored beside those of a frame."""
    said = schema.pandas_metadata or {}
    index = {name for name in said.get("index_columns", []) if isinstance(name, str)}
    return [name for name in schema.names if name not in index]


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


def _batches(fragment, group, own_schema, schema, size):
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
    options = {"batch_size": size, "batch_readahead": 1, "fragment_readahead": 1}
    if not hasattr(fragment, "get_fragments"):  # else types are guessed file by file
        options["schema"] = own_schema
    for batch in fragment.to_batches(columns=schema.names, **options):
        yield _aligned(batch, schema, {})


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
