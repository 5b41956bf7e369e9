"""Tables with columns of every kind that pandas, polars and Arrow know, drawn at random."""

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import strategies as st

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
