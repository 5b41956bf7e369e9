"""The tables of the report: how they are separated, their names, and columns that give it away."""

import sys

import numpy as np
import pandas as pd
import pytest

from sklearn_mi.__main__ import main
from sklearn_mi.report._files import UserError, read_table, split_target

TABLE = pd.DataFrame(
    {"alter": np.arange(20) % 7, "stadt": ["Köln", "Rom"] * 10, "ziel": [0, 1] * 10}
)
QUICK = ["--losses", "ce", "--cv", "2", "--quiet"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table.csv"


def notes_on(frame, target="ziel"):
    notes = []
    split_target(frame, target, notes.append)
    return notes


# --- separators -----------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [";", "|", "\t", "\\t", " "])
def test_separators_give_the_same_table(given, path):
    TABLE.to_csv(path, index=False, sep="\t" if given == "\\t" else given)
    pd.testing.assert_frame_equal(read_table(path, given), TABLE)


def test_decimal_commas_make_the_same_numbers(path):
    numbers = TABLE.assign(alter=TABLE["alter"] / 4)
    numbers.to_csv(path, index=False, sep=";", decimal=",")
    pd.testing.assert_frame_equal(read_table(path, ";", ","), numbers)


def test_cells_in_quotes_may_have_the_mark_that_separates_them(path):
    path.write_text('a,y\n"22,857",A\n8,B\n')
    assert read_table(path, thousands=",")["a"].tolist() == [22857, 8]
    assert read_table(path, decimal=",")["a"].tolist() == [22.857, 8]


def test_one_mark_cannot_be_both(path, capsys):
    TABLE.to_csv(path, index=False)
    marks = ["--decimal", ",", "--thousands", ","]
    assert main(["report", str(path), "--target", "ziel", *marks, *QUICK]) == 2
    assert "--thousands and --decimal are both ','" in capsys.readouterr().err


def test_a_column_that_is_left_out_is_told_of_once(path, capsys):
    size = [f"{k} kg" for k in range(40)]
    frame = pd.DataFrame({"a": np.arange(40) % 7, "size": size, "y": ["A", "B"] * 20})
    frame.assign(name=[f"n{k}" for k in range(40)]).to_csv(path, index=False)
    assert main(["report", str(path), "--target", "y", "--losses", "ce", "--cv", "2"]) == 0
    err = capsys.readouterr().err
    assert err.count("olumn 'size'") == err.count("olumn 'name'") == 1
    assert err.count(": left out, ") == 2


def test_sep_reaches_the_table(path, capsys):
    shown = []
    for sep in (",", ";"):
        TABLE.to_csv(path, index=False, sep=sep)
        assert main(["report", str(path), "--target", "ziel", "--sep", sep, *QUICK]) == 0
        shown.append(capsys.readouterr().out.splitlines()[:6])
    assert shown[0] == shown[1]


@pytest.mark.parametrize(
    ("sep", "said"),
    [
        (";", "by ';'. Pass --sep \";\""),
        ("\t", 'by tabs. Pass --sep "\\t"'),
        ("|", 'Pass --sep "|"'),
    ],
)
@pytest.mark.parametrize("decimal", [".", ","])
def test_a_table_that_is_separated_otherwise_says_by_what(sep, said, decimal, path, capsys):
    # Decimal commas, some rows with more than others, do not get in the way.
    TABLE.assign(alter=np.r_[0.5, np.arange(19)]).to_csv(
        path, index=False, sep=sep, decimal=decimal
    )
    assert main(["report", str(path), "--target", "ziel"]) == 2
    err = capsys.readouterr().err
    assert "a single column, 'alter" in err and said in err and err.count("\n") == 1


def test_a_comma_may_be_what_separates(path):
    TABLE.to_csv(path, index=False)
    with pytest.raises(UserError, match=r"by ','. Pass --sep"):
        read_table(path, ";")


@pytest.mark.parametrize("sep", ["", ";;", "\\s+", '"', "\n", "§"])
def test_sep_must_be_one_character(sep, path):
    TABLE.to_csv(path, index=False)
    with pytest.raises(UserError, match=r'--sep .*: expected a character such as ";"'):
        read_table(path, sep)


# --- texts and names ------------------------------------------------------------------------------


def test_a_file_that_is_not_utf_8_says_what_to_do(path):
    for encoding in ("latin-1", "utf-16"):
        TABLE.to_csv(path, index=False, encoding=encoding)
        with pytest.raises(UserError, match=r"table.csv: it is not UTF-8. Save it as UTF-8"):
            read_table(path)


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_a_file_without_a_row_is_empty(content, path):
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"table.csv: the file is empty"):
        read_table(path)


def test_two_columns_with_one_name_are_refused(path):
    twice = TABLE.assign(copy=TABLE["ziel"]).set_axis([*TABLE.columns, "ziel"], axis=1)
    twice.to_csv(path, index=False)
    with pytest.raises(UserError, match="has 2 columns named 'ziel'; expected names that differ"):
        read_table(path)
    twice.to_csv(path, index=False, sep=";")
    with pytest.raises(UserError, match="2 columns named 'ziel'"):
        read_table(path, ";")


def test_columns_without_names_are_no_duplicates(path):
    path.write_text("\n,,a,a.1\n1,2,3,4\n", encoding="utf-8-sig")
    assert read_table(path).columns.tolist() == ["Unnamed: 0", "Unnamed: 1", "a", "a.1"]


# --- Parquet --------------------------------------------------------------------------------------


def test_types_that_pandas_writes_and_cannot_read(tmp_path):
    pa = pytest.importorskip("pyarrow")
    dictionary = pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))
    frame = pd.DataFrame({"level": pd.Series(["a", "b"], dtype=dictionary), "y": ["A", "B"]})
    frame["codes"] = pd.Categorical([1, 2])
    frame["between"] = pd.arrays.IntervalArray.from_breaks([0, 1, 3])
    frame.index = [5, 7]
    for columns in (frame.columns, ["codes", "between"]):
        frame[columns].to_parquet(tmp_path / "table.parquet")
        found = read_table(tmp_path / "table.parquet")
        assert found.columns.tolist() == list(columns)
        assert found["between"].tolist() == frame["between"].tolist()
        assert found["codes"].dtype == "category"


def test_without_pyarrow_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "table.parquet").touch()
    with pytest.raises(UserError, match=r'needs pyarrow; pip install "sklearn-mi\[parquet\]"'):
        read_table(tmp_path / "table.parquet")


# --- saved indices --------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [0, 7])
def test_a_saved_index_has_a_note(start, path, capsys):
    TABLE.set_axis(np.arange(20) + start).to_csv(path)
    assert main(["report", str(path), "--target", "ziel", *QUICK[:-1]]) == 0
    said = capsys.readouterr().err
    assert said.count("'Unnamed: 0' counts the rows, like a saved index") == 1
    assert "drop it" in said
