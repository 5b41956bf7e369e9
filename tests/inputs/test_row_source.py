"""Rows that stay in files: each once, the same in whatever strips, folders and types they come."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from sklearn_mi._inputs import _open_rows, _row_source
from sklearn_mi._inputs._open_rows import is_source, open_source

N_ROWS = 60


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "number": rng.normal(size=N_ROWS),
            "whole": pd.array(rng.integers(0, 9, N_ROWS), dtype="Int64"),
            "text": rng.choice(["u", "v"], N_ROWS).astype(object),
            "flag": (rng.random(N_ROWS) < 0.5).astype(object),
            "day": pd.to_datetime("2020-01-01") + pd.to_timedelta(np.arange(N_ROWS), unit="D"),
            "y": rng.choice(["a", "b"], N_ROWS),
        }
    )
    frame.loc[:9, ["number", "whole", "text", "flag", "day"]] = None
    return frame


@pytest.fixture
def file(table, tmp_path):
    table.to_parquet(tmp_path / "rows.parquet", row_group_size=20)
    return tmp_path / "rows.parquet"


def read(source, size=None, order=None, ways=1):
    """Cells, labels, hashes and places of all rows."""
    order = range(source.n_pieces) if order is None else order
    strips = list(source.strips(order, size or source.size, ways))
    cells = [rows.cells for rows in strips]
    cells = pd.concat(cells) if isinstance(cells[0], pd.DataFrame) else np.concatenate(cells)
    others = ([getattr(r, name) for r in strips] for name in ("labels", "hashes", "places"))
    return cells, *map(np.concatenate, others)


def test_every_row_comes_once_and_in_order(table, file):
    cells, labels, _, places = read(open_source(file, "y"))
    np.testing.assert_array_equal(cells["number"], table["number"])
    np.testing.assert_array_equal(labels, table["y"])
    assert list(cells) == list(table)[:-1]
    assert (np.diff(places.astype(float)) > 0).all()


@pytest.mark.parametrize("size", [1, 7, 20])
def test_hashes_and_places_do_not_depend_on_strips_or_their_order(file, size):
    source = open_source(file, "y")
    *_, hashes, places = read(source)
    *_, again, elsewhere = read(source, size, order=[2, 0, 1], ways=2)
    assert dict(zip(places, hashes, strict=True)) == dict(zip(elsewhere, again, strict=True))
    assert len(set(places)) == N_ROWS


def test_rows_hash_by_their_cells(table, file, tmp_path):
    *_, hashes, _ = read(open_source(file, "y"))
    table.sample(frac=1, random_state=0).to_parquet(tmp_path / "other.parquet", row_group_size=7)
    *_, shuffled, _ = read(open_source(tmp_path / "other.parquet", "y"))
    assert set(shuffled) == set(hashes)
    assert len(set(hashes[10:])) == N_ROWS - 10
    assert len(set(hashes[:10])) == 1, "rows of nothing but missing cells are equal"


def test_pieces_take_turns(file):
    source = open_source(file, "y")
    *_, places = read(source, size=5, ways=3)
    pieces = places // np.uint64(_row_source.MOST_ROWS_OF_PIECE)
    np.testing.assert_array_equal(pieces[::5], [0, 1, 2] * 4)


def test_a_row_group_is_read_in_bounded_strips(file):
    source = open_source(file, "y")
    assert {len(rows.labels) for rows in source.strips([0], 6)} == {6, 2}


def test_folders_tell_columns(table, tmp_path):
    for kind, rows in table.groupby(table.index % 2):
        (tmp_path / f"kind={kind}").mkdir()
        rows.to_parquet(tmp_path / f"kind={kind}" / "rows.parquet")
    cells, labels, *_ = read(open_source(tmp_path, "y"))
    np.testing.assert_array_equal(cells["kind"], np.repeat([0, 1], N_ROWS // 2))
    np.testing.assert_array_equal(labels, table["y"].iloc[[*range(0, 60, 2), *range(1, 60, 2)]])


def test_files_of_other_types_and_without_a_column_are_aligned(tmp_path):
    pq.write_table(
        pa.table({"a": [1.5, 2.5], "b": ["u", "v"], "y": [0, 1]}), tmp_path / "1.parquet"
    )
    pq.write_table(pa.table({"y": [1, 1], "a": [3, 4]}), tmp_path / "2.parquet")
    cells, labels, *_ = read(open_source(str(tmp_path), "y"))
    assert cells["a"].tolist() == [1.5, 2.5, 3.0, 4.0]
    assert cells["b"].isna().tolist() == [False, False, True, True]
    assert labels.tolist() == [0, 1, 1, 1]


def test_what_pandas_stores_beside_the_columns_is_left_out(table, tmp_path):
    table.set_index(pd.Index(range(9, 9 + N_ROWS), name="row")).to_parquet(tmp_path / "i.parquet")
    assert open_source(tmp_path / "i.parquet", "y").names == list(table)[:-1]


def test_types_are_plain(tmp_path):
    columns = {
        "level": pa.array(["u", "v"]).dictionary_encode(),
        "price": [Decimal("1.50"), None],
        "day": [datetime.date(2020, 1, 1), None],
        "none": [None, None],
        "y": pa.array(["a", "b"]).dictionary_encode(),
    }
    pq.write_table(pa.table(columns), tmp_path / "rows.parquet")
    source = open_source(tmp_path / "rows.parquet", "y")
    cells, labels, *_ = read(source)
    assert source.texts == ["level"]
    assert cells["price"].dtype == float
    assert cells["day"].dtype.kind == "M"
    assert labels.tolist() == ["a", "b"]


def test_datasets_of_any_kind(table, file, tmp_path):
    table[["number", "y"]].to_csv(tmp_path / "rows.csv", index=False)
    of_csv = open_source(ds.dataset(tmp_path / "rows.csv", format="csv"), "y")
    np.testing.assert_allclose(read(of_csv)[0]["number"], table["number"])
    filtered = ds.dataset(file).filter(ds.field("y") == "a")
    assert set(read(open_source(filtered, "y"))[1]) == {"a"}


def test_a_memory_map(tmp_path):
    X = np.memmap(tmp_path / "rows", dtype=np.float32, mode="w+", shape=(N_ROWS, 3))
    X[:] = np.random.default_rng(0).normal(size=X.shape)
    y = np.arange(N_ROWS) % 2
    source = open_source(X, y)
    source.piece = 8
    source.n_pieces = 8
    cells, labels, hashes, places = read(source, size=3, ways=2)
    order = np.argsort(places)
    np.testing.assert_array_equal(cells[order], X)
    np.testing.assert_array_equal(labels[order], y)
    np.testing.assert_array_equal(hashes[order], read(open_source(X, y))[2])


def test_large_memory_maps_only_are_left_where_they_are(tmp_path, monkeypatch):
    X = np.memmap(tmp_path / "rows", dtype=float, mode="w+", shape=(8, 2))
    assert not is_source(X)
    monkeypatch.setattr(_open_rows, "LARGE", X.nbytes)
    assert is_source(X)
    assert not is_source(np.zeros((8, 2)))
    folder = tmp_path / "joblib_memmapping_folder_1"
    folder.mkdir()
    of_joblib = np.memmap(folder / "rows", dtype=float, mode="w+", shape=(8, 2))
    assert not is_source(of_joblib), "workers do as their parent would"


def test_a_dataset_of_csv_keeps_the_types_of_its_schema(tmp_path):
    text = "zip,x,y\n015,1,01\n15,2,1\n1e5,3,01\n"
    (tmp_path / "rows.csv").write_text(text)
    schema = pa.schema([("zip", pa.string()), ("x", pa.float64()), ("y", pa.string())])
    cells, labels, *_ = read(open_source(ds.dataset(tmp_path, format="csv", schema=schema), "y"))
    assert cells["zip"].tolist() == ["015", "15", "1e5"]
    assert labels.tolist() == ["01", "1", "01"]
