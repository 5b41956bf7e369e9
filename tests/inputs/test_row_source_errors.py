"""What is wrong with files, names and memory maps is said before rows are read."""

import sys

import numpy as np
import pandas as pd
import pytest

from sklearn_mi._inputs import _reservoir
from sklearn_mi._inputs._open_rows import open_source
from sklearn_mi._inputs._reservoir import sketch_rows


@pytest.fixture
def write(tmp_path):
    def write(**columns):
        pd.DataFrame(columns).to_parquet(tmp_path / "rows.parquet")
        return tmp_path / "rows.parquet"

    return write


@pytest.mark.parametrize(
    ("y", "groups", "error", "text"),
    [
        ("labl", None, ValueError, "y='labl' is no column of X. Did you mean 'label'"),
        (None, None, TypeError, "the name of the target column"),
        ([0, 1], None, TypeError, "y is of type list"),
        ("label", "patient", ValueError, "groups='patient' is no column of X"),
        ("label", "a", ValueError, "no column beside the target"),
    ],
)
def test_names(write, y, groups, error, text):
    with pytest.raises(error, match=text):
        open_source(write(a=[1, 2], label=[0, 1]), y, groups)


def test_paths(tmp_path):
    with pytest.raises(FileNotFoundError, match="no file and no folder"):
        open_source(tmp_path / "nothing.parquet", "y")
    with pytest.raises(FileNotFoundError, match=r"no file \*\.parquet in the folder"):
        open_source(tmp_path, "y")


def test_pyarrow_is_asked_for(monkeypatch, write):
    file = write(a=[1], y=[0])
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(ImportError, match=r"sklearn-mi\[parquet\]"):
        open_source(file, "y")


def test_memory_maps(tmp_path):
    X = np.memmap(tmp_path / "rows", dtype=float, mode="w+", shape=(8, 2))
    with pytest.raises(ValueError, match="X has 8, y has 7"):
        open_source(X, np.zeros(7))
    with pytest.raises(ValueError, match="groups has 7 entries"):
        open_source(X, np.zeros(8), np.zeros(7))
    with pytest.raises(ValueError, match="negative values"):
        open_source(X, np.zeros(8), sample_weight=-np.arange(8))
    with pytest.raises(ValueError, match="target y is None"):
        open_source(X, None)
    with pytest.raises(TypeError, match="complex128"):
        open_source(X.view(complex), np.zeros(8))


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"a": [0.0] * 30, "y": ["u"] * 29 + [None]}, "row 29 has no label"),
        ({"a": [0.0] * 29 + [np.inf], "y": [0, 1] * 15}, "Column 'a' has inf in row 29"),
        ({"a": [0.0] * 9, "y": [0] * 9}, "9 sample"),
    ],
)
def test_rows_that_cannot_be_used(write, columns, text):
    source = open_source(write(**columns), "y")
    source.size = 10
    with pytest.raises(ValueError, match=text):
        sketch_rows(source, 5, seed=0)


def test_a_quantity_is_no_class(write, monkeypatch):
    monkeypatch.setattr(_reservoir, "MOST_CLASSES", 20)
    source = open_source(write(a=np.zeros(30), y=np.linspace(0, 1, 30)), "y")
    with pytest.raises(ValueError, match="more than 20 different labels"):
        sketch_rows(source, 5, seed=0)


def test_a_file_of_another_format_is_named_with_the_remedy(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("a,y\n1,2\n")
    with pytest.raises(ValueError, match=r"rows.csv' cannot be read as Parquet.*read_csv"):
        open_source(str(path), "y")


def test_columns_that_the_first_file_lacks_are_read(tmp_path):
    pd.DataFrame({"b": [1, 2], "y": [0, 1]}).to_parquet(tmp_path / "0.parquet")
    later = pd.DataFrame({"a": [0.5], "b": [2.5], "y": [1]})
    later.to_parquet(tmp_path / "1.parquet")
    source = open_source(tmp_path, "y")
    cells = pd.concat([rows.cells for rows in source.in_order()], ignore_index=True)
    expected = pd.DataFrame({"b": [1, 2, 2.5], "a": [None, None, 0.5]})
    pd.testing.assert_frame_equal(cells, expected)


def test_types_that_do_not_go_together_name_the_file(tmp_path):
    pd.DataFrame({"a": [1], "y": [0]}).to_parquet(tmp_path / "0.parquet")
    pd.DataFrame({"a": ["x"], "y": [0]}).to_parquet(tmp_path / "1.parquet")
    with pytest.raises(ValueError, match=r"1.parquet' do not go with .*a"):
        open_source(tmp_path, "y")


def test_missing_groups_and_labels_that_are_dates_are_refused(write):
    source = open_source(write(a=[1, 2], group=["g", None], y=[0, 1]), "y", "group")
    with pytest.raises(ValueError, match="groups contains NaN: 1 of 2 rows"):
        sketch_rows(source, 2, 0)
    source = open_source(write(a=[1, 2], y=pd.to_datetime(["2026-01-01", "2026-01-02"])), "y")
    with pytest.raises(ValueError, match="y holds dates or durations"):
        sketch_rows(source, 2, 0)


@pytest.mark.parametrize(
    ("weights", "text"),
    [
        ([1.0, -1.0], "1 bad value.* -1.0; weights must be finite"),
        ([1.0, None], "1 bad value.* nan"),
        (["a", "b"], "sample_weight='w' holds .*, where numbers are expected"),
    ],
)
def test_columns_of_weights(write, weights, text):
    source = open_source(write(a=[1, 2], w=weights, y=[0, 1]), "y", sample_weight="w")
    assert source.names == ["a"]
    with pytest.raises(ValueError, match=text):
        sketch_rows(source, 2, 0)


def test_weights_under_which_a_class_is_lost(write):
    columns = {"a": np.arange(30), "y": np.arange(30) % 3, "w": (np.arange(30) % 3 > 0) * 1.0}
    source = open_source(write(**columns), "y", sample_weight="w")
    with pytest.raises(ValueError, match="leaves class 0 without weight"):
        sketch_rows(source, 2, 0)
    columns["w"] = np.where(np.arange(30) == 4, 1e-40, 1.0)
    source = open_source(write(**columns), "y", sample_weight="w")
    with pytest.raises(ValueError, match="1e-40 of the largest"):
        sketch_rows(source, 2, 0)


def test_one_column_for_two_things(write):
    with pytest.raises(ValueError, match=r"groups='y' .* name one column twice"):
        open_source(write(a=[1, 2], y=[0, 1]), "y", "y")
