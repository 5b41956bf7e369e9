"""Does a table say the same by every way in?

    python benchmarks/ways_in.py --examples 5000 --seed 0

Hypothesis draws tables of one to four columns of the kinds below, in any order, with missing cells.
Each goes in by five ways: as a pandas frame, from a CSV and from a Parquet file as the report reads
them, as a polars frame, and as a list of rows. What the encoder of `MutualInfoClassifier` reads,
the kind of each column and the value or level of each cell, is to be that of the frame ("same"),
or a warning or note names the column ("told"). "none" counts columns that a way has no type for:
its own library refuses them or turns them into something else (polars takes periods for whole
numbers), or nothing in them could tell categories from numbers. "SILENT" has to be 0.
"""

import argparse
import io
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from _machine import describe
from _odd_tables import KINDS, tables
from hypothesis import HealthCheck, Phase, given, seed, settings

from sklearn_mi._inputs._cells import as_frame, numbers_of, read_kinds, texts_of
from sklearn_mi.report._files import read_table, split_target

WAYS = ("CSV", "Parquet", "polars", "rows")
OUTCOMES = ("same", "told", "none", "SILENT")
REFUSALS = (
    pa.ArrowException,
    pl.exceptions.PolarsError,
    TypeError,
    NotImplementedError,
    ValueError,
)


# --- what each way reads ------------------------------------------------------------------------


def read(X):
    """The kind of each column, its values, and the positions of columns that warnings name."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        frame = as_frame(X)
        kinds = read_kinds(frame)
    values = []
    for j, kind in enumerate(kinds):
        if kind == "category":
            values.append(pd.factorize(texts_of(frame, [j])[:, 0])[0])
        else:
            values.append(numbers_of(frame.iloc[:, j], kind, str(j)))
    return kinds, values, told_of(frame.columns, [str(warning.message) for warning in caught])


def told_of(names, texts):
    """Positions of the columns that some text names."""
    return {j for j, name in enumerate(names) if any(f"olumn {name!r}:" in text for text in texts)}


def read_file(frame, suffix, write):
    """What the report reads of a file."""
    notes = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{suffix}"
        write(frame.assign(y="A"), path)
        X, _ = split_target(read_table(path), "y", notes.append)
    kinds, values, told = read(X)
    return kinds, values, told | told_of(X.columns, notes)


def as_rows(frame):
    cells = frame.astype(object)
    return cells.where(frame.notna(), None).to_numpy().tolist()


READERS = {
    "CSV": lambda frame: read_file(frame, ".csv", lambda f, path: f.to_csv(path, index=False)),
    "Parquet": lambda frame: read_file(frame, ".parquet", lambda f, path: f.to_parquet(path)),
    "polars": lambda frame: read(pl.from_pandas(frame)),
    "rows": lambda frame: read(as_rows(frame)),
}
WRITERS = {
    "Parquet": lambda frame: frame.to_parquet(io.BytesIO()),
    "polars": pl.from_pandas,
}


def has_type(way, column, kind):
    """Whether a way can carry a column at all, by its own library."""
    if way in KINDS[kind][2]:
        return False
    try:
        WRITERS.get(way, len)(column.to_frame())
    except REFUSALS:
        return False
    return True


def same(first, second):
    """Whether two readings (kind, values) of a column are one."""
    if first[0] != second[0]:
        return is_empty(*first) and is_empty(*second)
    if first[0] == "category":
        return np.array_equal(first[1], second[1])
    return np.allclose(first[1], second[1], rtol=1e-6, atol=1e-9, equal_nan=True)


def is_empty(kind, values):
    return (values == -1).all() if kind == "category" else np.isnan(values).all()


def outcomes(frame, kinds):
    """What became of each column by each way.

    Yields
    ------
    kind, way, outcome : str
    """
    own_kinds, own_values, own_told = read(frame)
    for way in WAYS:
        carried = [j for j, kind in enumerate(kinds) if has_type(way, frame.iloc[:, j], kind)]
        yield from ((kinds[j], way, "none") for j in range(len(kinds)) if j not in carried)
        if not carried:
            continue
        found_kinds, found_values, told = READERS[way](frame.iloc[:, carried])
        for position, j in enumerate(carried):
            own = (own_kinds[j], own_values[j])
            if same(own, (found_kinds[position], found_values[position])):
                yield kinds[j], way, "same"
            else:
                is_told = position in told or j in own_told
                yield kinds[j], way, "told" if is_told else "SILENT"


def count(n_examples, random_seed):
    """Outcomes of columns over drawn tables, by kind and way."""
    counts = Counter()

    @seed(random_seed)
    @settings(
        max_examples=n_examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(tables())
    def collect(table):
        counts["tables"] += 1
        counts.update(outcomes(*table))

    collect()
    return counts


def lines(counts):
    """The table of the outcomes."""
    yield f"{'':24}" + "".join(f"{way:>28}" for way in WAYS)
    yield f"{'kind':24}" + "".join(f"{outcome:>7}" for _ in WAYS for outcome in OUTCOMES)
    for kind in KINDS:
        cells = [counts[kind, way, outcome] for way in WAYS for outcome in OUTCOMES]
        yield f"{kind:24}" + "".join(f"{cell:7,}" for cell in cells)
    total = [
        sum(counts[kind, way, outcome] for kind in KINDS) for way in WAYS for outcome in OUTCOMES
    ]
    yield f"{'all':24}" + "".join(f"{cell:7,}" for cell in total)


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--examples", type=int, default=200, help="tables to draw")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def main():
    args, start = parse(), time.perf_counter()
    print(describe(), flush=True)
    counts = count(args.examples, args.seed)
    print(f"{counts['tables']:,} tables, seed {args.seed}, {time.perf_counter() - start:.0f} s\n")
    print("\n".join(lines(counts)))


if __name__ == "__main__":
    main()
