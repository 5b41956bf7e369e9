"""Everything that is not a pandas frame or an array of numbers keeps columns, names and types."""

import dataclasses
import datetime as dt
import sqlite3
from collections import namedtuple
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._inputs._cells import as_frame, read_kinds
from sklearn_mi._inputs._frames import as_pandas

RNG = np.random.RandomState(0)
Y = np.tile([0, 1], 30)
WHEN = [dt.datetime(2021, 1, 1) + dt.timedelta(hours=int(h)) for h in RNG.randint(1000, size=60)]
X = pd.DataFrame({"a": RNG.normal(size=60) + Y, "b": ["u", "v", "w"] * 20, "when": WHEN})
X.loc[3, "a"], X.loc[5, "b"] = np.nan, None
CELLS = X.astype(object).where(X.notna(), None)
Row = namedtuple("Row", X.columns)
Record = dataclasses.make_dataclass("Record", list(X.columns))


def fitted(X, y=Y):
    return MutualInfoClassifier(estimators=None, max_iter=2, cv=2, random_state=0).fit(X, y)


def database_rows():
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    X.drop(columns="when").to_sql("t", connection, index=False)
    rows = connection.execute("select * from t").fetchall()
    connection.close()
    return rows


ROWS = {
    "lists": CELLS.to_numpy().tolist(),
    "tuples": list(map(tuple, CELLS.to_numpy())),
    "tuple of tuples": tuple(map(tuple, CELLS.to_numpy())),
    "objects": CELLS.to_numpy(),
}
NAMED = {
    "dicts": CELLS.to_dict("records"),
    "named tuples": [Row(*row) for row in CELLS.to_numpy()],
    "dataclasses": [Record(*row) for row in CELLS.to_numpy()],
    "records": X.to_records(index=False),
    "structured": np.asarray(X.to_records(index=False)),
}


@pytest.fixture(scope="module")
def expected():
    return fitted(X)


def assert_the_same(clf, expected):
    assert clf.mutual_info_score_ == expected.mutual_info_score_
    assert_array_equal(clf._encoder.kinds_, ["number", "category", "date"])


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS.keys())
def test_rows_keep_the_types_of_their_cells(rows, expected):
    clf = fitted(rows)
    assert_the_same(clf, expected)
    assert not hasattr(clf, "feature_names_in_")


def test_keys_of_dicts_have_no_order_and_may_be_left_out(expected):
    """As a service gets them, a row at a time."""
    told = expected.predict_proba(X[:9])
    for row, own in zip(NAMED["dicts"][:9], told, strict=True):
        turned = {name: row[name] for name in reversed(row) if row[name] is not None}
        assert_allclose(expected.predict_proba([turned])[0], own, rtol=1e-5)
    for wrong in ({"c": 1.0}, {"a": 1.0, "c": 1.0}):
        with pytest.raises(ValueError, match="unseen at fit time"):
            expected.predict_proba([wrong])


@pytest.mark.parametrize("rows", NAMED.values(), ids=NAMED.keys())
def test_records_keep_their_names(rows, expected):
    clf = fitted(rows)
    assert_the_same(clf, expected)
    assert clf.feature_names_in_.tolist() == ["a", "b", "when"]
    assert_array_equal(clf.predict_proba(X), expected.predict_proba(X))


def test_rows_of_a_database_keep_their_names():
    frame = as_pandas(database_rows())
    pd.testing.assert_frame_equal(frame, X.drop(columns="when"), check_dtype=False)


def frames_of_others():
    pa, pl = pytest.importorskip("pyarrow"), pytest.importorskip("polars")
    table = pa.Table.from_pandas(X)
    return [pl.from_pandas(X), table, table.to_batches()[0], table.to_reader()]


def test_frames_of_other_libraries_are_as_those_of_pandas(expected):
    for frame in frames_of_others():
        clf = fitted(frame)
        assert_the_same(clf, expected)
        assert clf.feature_names_in_.tolist() == ["a", "b", "when"]
    for frame in frames_of_others():
        assert_array_equal(expected.predict_proba(frame), expected.predict_proba(X))


def test_columns_of_polars_of_every_type():
    pl = pytest.importorskip("polars")
    day, noon = dt.date(2020, 1, 1), dt.datetime(2020, 1, 1, 12)
    columns = {
        "day": ([day, None], pl.Date, "date"),
        "noon": ([noon, None], pl.Datetime("ms"), "date"),
        "nanoseconds": ([noon, None], pl.Datetime("ns"), "date"),
        "zone": ([noon, None], pl.Datetime("us", "Europe/Berlin"), "date"),
        "span": ([dt.timedelta(hours=6), None], pl.Duration, "duration"),
        "time": ([dt.time(12), None], pl.Time, "duration"),
        "whole": ([1, None], pl.Int64, "number"),
        "small": ([1, 2], pl.UInt8, "number"),
        "half": ([0.5, None], pl.Float32, "number"),
        "decimal": ([Decimal("0.5"), None], pl.Decimal(10, 2), "number"),
        "flag": ([True, None], pl.Boolean, "category"),
        "flags": ([True, False], pl.Boolean, "category"),
        "word": (["u", None], pl.String, "category"),
        "level": (["1", None], pl.Categorical, "category"),
        "enum": (["1", None], pl.Enum(["1", "2"]), "category"),
        "nothing": ([None, None], pl.Null, "category"),
        "bytes": ([b"u", None], pl.Binary, "category"),
    }
    frame = pl.DataFrame(
        {n: pl.Series(c, dtype=t) for n, (c, t, _) in columns.items()}, strict=False
    )
    kinds = [kind for *_, kind in columns.values()]
    assert read_kinds(as_frame(frame)).tolist() == kinds
    assert read_kinds(as_frame(frame.to_arrow())).tolist() == kinds
    missing = as_frame(frame).isna()
    assert missing.loc[1].sum() == len(columns) - 2 and missing.loc[0].sum() == 1
    instant = pd.Timestamp(frame["zone"].dt.convert_time_zone("UTC")[0])
    assert as_frame(frame)["zone"][0] == instant


def test_masked_cells_are_missing():
    masked = np.ma.array([[1.0, 2], [3, 4]], mask=[[0, 1], [0, 0]])
    assert_array_equal(as_pandas(masked), [[1, np.nan], [3, 4]])
    whole = np.ma.array([[1, 2], [3, 4]], mask=[[0, 1], [0, 0]])
    assert as_pandas(whole).tolist() == [[1, None], [3, 4]]


def test_fields_of_any_byte_order_and_text():
    records = np.array(
        [(1, b"x", 0.5), (2, b"y", 1.5)], dtype=[("a", ">i4"), ("b", "S1"), ("c", "f2")]
    )
    assert read_kinds(as_frame(records)).tolist() == ["number", "category", "number"]
    with pytest.raises(ValueError, match=r"Field 'a' .* shape \(2, 3\)"):
        as_pandas(np.zeros(2, dtype=[("a", float, 3)]))


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "error", "said"),
    [
        (X.to_dict("list"), TypeError, r"X is a dict.*pandas\.DataFrame\(X\)"),
        ([[1.0, "a"], [2.0]] * 30, ValueError, "Row 1 of X has 1 cells, but the first has 2"),
        ([[1, [2]], [3, [4, 5]]] * 30, ValueError, "'x1' holds a list in row 0"),
        (X.T.set_index([0, 1]).T, ValueError, "columns have 2 levels.*Join them"),
    ],
    ids=["dict", "ragged", "cells of lists", "levels of names"],
)
def test_tables_that_are_none_get_a_sentence(table, error, said):
    with pytest.raises(error, match=said):
        fitted(table)


def test_frames_of_others_that_are_none_get_a_sentence():
    pa, pl = pytest.importorskip("pyarrow"), pytest.importorskip("polars")
    with pytest.raises(TypeError, match=r"a polars LazyFrame, .* no rows yet. Pass X.collect\(\)"):
        fitted(pl.from_pandas(X).lazy())
    with pytest.raises(ValueError, match="a polars Series instead"):
        fitted(pl.Series([1.0] * 60))
    with pytest.raises(ValueError, match="a pyarrow ChunkedArray instead"):
        fitted(pa.chunked_array([[1.0] * 60]))
    with pytest.raises(ValueError, match="more than one column named 'a'"):
        fitted(pa.table([[1.0] * 60, [2.0] * 60], names=["a", "a"]))
    with pytest.raises(ValueError, match="'a' holds a list in row 0"):
        fitted(pl.DataFrame({"a": [[1, 2]] * 60}))
    with pytest.raises(ValueError, match="'a' holds a dict in row 0"):
        fitted(pl.DataFrame({"a": [{"b": 1}] * 60}))


def test_other_frames_in_another_order_are_refused():
    pl = pytest.importorskip("polars")
    with pytest.raises(ValueError, match="same order as they were in fit"):
        fitted(X).predict(pl.from_pandas(X[["b", "a", "when"]]))


# --- labels ---------------------------------------------------------------------------------------


def test_labels_of_other_libraries():
    pa, pl = pytest.importorskip("pyarrow"), pytest.importorskip("polars")
    words = np.array(["no", "yes"])[Y].tolist()
    expected = fitted(X, words)
    series = [
        pl.Series(words, dtype=t) for t in (pl.String, pl.Categorical, pl.Enum(["yes", "no"]))
    ]
    arrays = [pa.array(words), pa.chunked_array([words]), pa.array(words).dictionary_encode()]
    for y in [*series, *arrays]:
        clf = fitted(X, y)
        assert clf.classes_.tolist() == ["no", "yes"]
        assert clf.mutual_info_score_ == expected.mutual_info_score_
        assert clf.score(X, y) == expected.score(X, words)
    with pytest.raises(ValueError, match=r"1 label.* missing, the first in row 0"):
        fitted(X, pl.Series([None, *words[1:]]))
