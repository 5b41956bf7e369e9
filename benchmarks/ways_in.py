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
import datetime as dt
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
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

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
FIRST, LAST = dt.datetime(1800, 1, 1), dt.datetime(2200, 1, 1)
SPAN = dt.timedelta(days=50_000)

DAYS = st.dates(FIRST.date(), LAST.date())
TIMES = st.datetimes(FIRST, LAST).map(lambda time: time.replace(microsecond=0))
FINE_TIMES = st.datetimes(FIRST, LAST)
DURATIONS = st.timedeltas(-SPAN, SPAN)
FLOATS = st.floats(-1e300, 1e300)
SMALL_FLOATS = st.floats(-(2.0**100), 2.0**100, width=32)
WHOLE = st.integers(-(2**40), 2**40)
WORDS = st.sampled_from(
    ["red", "blue", "Red", " red", "é", "x;y", 'a "b"', "a\nb", "None", "nan", "NA"]
)
ODD_WORDS = st.sampled_from(
    [
        *("", " ", "?", "-", "NA", "1", "2", "01", "1.0", "1.10", "1e5", "1e+300", "-3", "1,5"),
        *("1,234", "5%", "<5", "12a", "True", "true", "inf-x", "2020-01-05", "2020-01-06"),
        *("2020-02-30", "05/01/2020", "1 Jan 2020", "12:30", "12:30:05", "1 days 02:03:04"),
        *("3 days", "(0, 1]", "2020-01-05T10:00:00Z"),
    ]
)
DECIMALS = st.decimals(-1000, 1000, places=2)
PAIRS = st.tuples(st.integers(0, 3), st.integers(0, 3))


def _arrow(type_):
    return lambda cells: pd.Series(cells, dtype=pd.ArrowDtype(type_))


def _of(dtype):
    return lambda cells: pd.Series(cells, dtype=object).astype(dtype)


def _objects(cells):
    return pd.Series(cells, dtype=object)


def _numbers(dtype):
    return lambda cells: pd.Series([np.nan if c is None else c for c in cells]).astype(dtype)


def _times(dtype):
    return lambda cells: pd.to_datetime(pd.Series(cells, dtype=object)).astype(dtype)


def _zone(cells):
    return (
        pd.to_datetime(pd.Series(cells, dtype="M8[us]"))
        .dt.tz_localize("UTC")
        .dt.tz_convert("Asia/Tokyo")
    )


def _periods(freq):
    return lambda cells: pd.Series(pd.PeriodIndex(pd.DatetimeIndex(cells), freq=freq))


def _intervals(cells):
    pairs = [None if cell is None else (cell[0], cell[0] + cell[1] + 1) for cell in cells]
    return pd.Series(pd.arrays.IntervalArray.from_tuples(pairs))


KINDS = {  # cells, the column that holds them, and the ways that have no type for it
    "int64": (WHOLE, lambda cells: pd.Series([c or 0 for c in cells]), ()),
    "float64": (FLOATS, _numbers("float64"), ()),
    "float32": (SMALL_FLOATS, _numbers("float32"), ()),
    "Int64": (WHOLE, _of("Int64"), ()),
    "Float64": (FLOATS, _numbers("Float64"), ()),
    "sparse": (SMALL_FLOATS, _numbers(pd.SparseDtype(float)), ()),
    "decimal": (DECIMALS, _objects, ()),
    "bool": (st.booleans(), lambda cells: pd.Series([bool(c) for c in cells]), ()),
    "boolean": (st.booleans(), _of("boolean"), ()),
    "bool objects": (st.booleans(), _objects, ()),
    "words": (WORDS, _objects, ()),
    "str": (WORDS, _of("str"), ()),
    "string": (WORDS, _of("string"), ()),
    "category": (WORDS, _of("category"), ()),
    "ordered": (WORDS, lambda c: pd.Series(pd.Categorical(c, ordered=True)), ()),
    "category of numbers": (st.integers(0, 5), _of("category"), ("CSV", "polars", "rows")),
    "odd words": (ODD_WORDS, _objects, ()),
    "odd str": (ODD_WORDS, _of("string"), ()),
    "numbers as text": (
        st.one_of(*[FLOATS.map(str)] * 12, st.sampled_from(["?", "NA"])),
        _objects,
        (),
    ),
    "codes as text": (st.integers(0, 200).map("{:05d}".format), _objects, ()),
    "decimal commas": (DECIMALS.map(lambda d: str(d).replace(".", ",")), _objects, ()),
    "thousands": (st.integers(0, 10**7).map("{:,}".format), _objects, ()),
    "numbers and words": (st.one_of(WHOLE, WORDS), _objects, ()),
    "numbers and bools": (st.one_of(st.integers(0, 3), st.booleans()), _objects, ()),
    "pairs": (PAIRS, _objects, ("Parquet", "polars")),
    "datetime64[s]": (TIMES, _times("M8[s]"), ()),
    "datetime64[ms]": (TIMES, _times("M8[ms]"), ()),
    "datetime64[us]": (FINE_TIMES, _times("M8[us]"), ()),
    "datetime64[ns]": (FINE_TIMES, _times("M8[ns]"), ()),
    "datetime with zone": (FINE_TIMES, _zone, ()),
    "datetime objects": (FINE_TIMES, _objects, ()),
    "date objects": (DAYS, _objects, ()),
    "ISO text": (FINE_TIMES.map(dt.datetime.isoformat), _objects, ()),
    "days first": (DAYS.map(lambda day: day.strftime("%d/%m/%Y")), _objects, ()),
    "months": (DAYS, _periods("M"), ("polars",)),
    "days as periods": (DAYS, _periods("D"), ("polars",)),
    "weeks": (DAYS, _periods("W"), ("polars",)),
    "quarters": (DAYS, _periods("Q"), ("polars",)),
    "timedelta64[us]": (DURATIONS, _of("m8[us]"), ()),
    "timedelta64[ns]": (DURATIONS, _of("m8[ns]"), ()),
    "times of day": (st.times(), _objects, ()),
    "times as text": (st.times().map(lambda time: f"{time:%H:%M}"), _objects, ()),
    "durations as text": (DURATIONS.map(lambda span: str(pd.Timedelta(span))), _objects, ()),
    "intervals": (PAIRS, _intervals, ("polars",)),
    "arrow int8": (st.integers(-128, 127), _arrow(pa.int8()), ()),
    "arrow double": (FLOATS, _arrow(pa.float64()), ()),
    "arrow decimal": (DECIMALS, _arrow(pa.decimal128(10, 2)), ()),
    "arrow bool": (st.booleans(), _arrow(pa.bool_()), ()),
    "arrow large_string": (WORDS, _arrow(pa.large_string()), ()),
    "arrow dictionary": (WORDS, _arrow(pa.dictionary(pa.int32(), pa.string())), ()),
    "arrow date32": (DAYS, _arrow(pa.date32()), ()),
    "arrow date64": (DAYS, _arrow(pa.date64()), ()),
    "arrow timestamp[s]": (TIMES, _arrow(pa.timestamp("s")), ()),
    "arrow timestamp[ns]": (FINE_TIMES, _arrow(pa.timestamp("ns")), ()),
    "arrow timestamp, zone": (
        FINE_TIMES,
        lambda c: _arrow(pa.timestamp("us", "UTC"))(_zone(c)),
        (),
    ),
    "arrow duration": (DURATIONS, _arrow(pa.duration("us")), ()),
    "arrow time32": (
        st.times().map(lambda t: t.replace(microsecond=0)),
        _arrow(pa.time32("s")),
        (),
    ),
    "arrow time64": (st.times(), _arrow(pa.time64("us")), ()),
}


@st.composite
def tables_of(draw, kinds):
    """A frame of 2 to 12 rows with columns of some kinds, and these kinds."""
    n, columns = draw(st.integers(2, 12)), []
    for kind in kinds:
        cells, as_column, _ = KINDS[kind]
        cell = draw(st.sampled_from([cells, st.one_of(cells, st.none())]))
        columns.append(as_column(draw(st.lists(cell, min_size=n, max_size=n))))
    names = [f"c{j}" for j in range(len(kinds))]
    return pd.concat(columns, axis=1).set_axis(names, axis=1), kinds


def tables():
    """Frames of one to four columns of any kinds."""
    kinds = st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=4)
    return kinds.flatmap(tables_of)


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
