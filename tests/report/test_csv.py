"""A CSV on its way in: what is done to its cells is undone or told."""

import gzip
import json
import warnings

import numpy as np
import pandas as pd
import pytest

from sklearn_mi import __version__
from sklearn_mi.__main__ import main
from sklearn_mi.report._files import UserError, force, read_table, split_target

QUICK = ["--losses", "ce", "--cv", "2"]
Y = ["A", "B"] * 10


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table.csv"


@pytest.fixture
def read(path):
    """X, y and notes of the lines of a CSV whose target is y."""

    def read(*lines, **options):
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        notes = []
        X, y = split_target(read_table(path, note=notes.append, **options), "y", notes.append)
        return X, y, notes

    return read


def with_y(name, cells, labels=Y):
    return [f"{name};y", *(f"{cell};{label}" for cell, label in zip(cells, labels, strict=False))]


# --- types ----------------------------------------------------------------------------------------

NUMBERS = [f"{k}.5" for k in range(20)]
DECIDED = {  # what cells become, and what is told of them
    "numbers": (NUMBERS, "f", None),
    "whole numbers": ([str(k * k) for k in range(20)], "i", None),
    "numbers and gaps": ([*NUMBERS[:-1], ""], "f", None),
    "numbers and marks": (
        [*NUMBERS[:-2], "?", "?"],
        "f",
        "18 of 20 cells are numbers.*--categories",
    ),
    "NA": ([*NUMBERS[:10], *["NA"] * 10], "f", "10 of 20 cells.*'NA'"),
    "dates": ([f"2020-01-{k:02d}" for k in range(1, 21)], "M", "20 of 20 cells are dates"),
    "times": ([f"12:{k}" for k in range(10, 30)], "m", "20 of 20 cells are durations"),
    "less than": ([*NUMBERS[:-1], "<5"], "O", "19 of 20 cells are plain numbers.*--numbers 'a'"),
    "minus": ([*NUMBERS[:-1], "(3)"], "O", "left out, .*no option .*first, by pandas.*X.'a'"),
    "codes": ([f"{k:05d}" for k in range(20)], "O", "leading zeros.*--numbers"),
    "decimal commas": ([f"{k},5" for k in range(10)] * 2, "O", "levels; --decimal , reads num"),
    "commas": ([f"{k},500" for k in range(1, 21)], "O", "--thousands .,. .*parts.*, --decimal ,"),
    "units": ([f"{k} kg" for k in range(10)] * 2, "O", "levels; no option .*first, by X.'a'"),
    "unique units": ([f"{k} kg" for k in range(20)], "O", "left out, as .*X.'a'.*; else drop it"),
    "days first": (
        [f"{k:02d}/01/2020" for k in range(1, 21)],
        "O",
        'like dates.*--dates "a=FORMAT"',
    ),
}


@pytest.mark.parametrize(("cells", "kind", "said"), DECIDED.values(), ids=DECIDED.keys())
def test_each_column_is_decided_by_all_its_cells_and_told(cells, kind, said, read):
    X, _, notes = read(*with_y("a", cells), sep=";")
    assert X["a"].dtype.kind == kind
    assert (X["a"].dtype == "category") == (kind == "O")
    if said is None:
        assert notes == []
    else:
        (note,) = [note for note in notes if note.startswith("column 'a'")]
        assert pd.Series([note]).str.contains(said).all()


def test_plain_words_stay_words_and_words_for_nothing_are_levels(read):
    X, _, notes = read(*with_y("a", ["None", "red", "NA", ""] * 5), sep=";")
    assert X["a"].dropna().tolist() == ["None", "red", "NA"] * 5 and X["a"].isna().sum() == 5
    assert notes == []


def test_types_do_not_depend_on_pieces(read):
    n, k = 6000, 200  # of which pandas guesses the types of each 5,000 rows
    labels = ["1", "2"] * (n // 2)
    labels[10], labels[-1] = "", "3b"
    row = ",".join(["0.5"] * k)
    X, y, notes = read(",".join(f"c{j}" for j in range(k)) + ",y", *(f"{row},{c}" for c in labels))
    assert sorted(y.unique()) == ["1", "2", "3b"]
    assert (X.dtypes == np.dtype(float)).all()
    assert notes == ["1 row has no y: left out"]


def test_decimal_commas_are_read_with_marks_for_missing_cells(read):
    cells = [*(f"{k},5" for k in range(18)), "?", "1e3"]
    X, _, notes = read(*with_y("a", cells), sep=";", decimal=",")
    assert X["a"].tolist()[:3] == [0.5, 1.5, 2.5] and X["a"].isna().sum() == 1
    (note,) = notes
    assert "19 of 20 cells are numbers" in note
    X, _, notes = read(*with_y("a", [*cells[:-1], "1.5"]), sep=";", decimal=",")
    assert X["a"].dtype == "category" and "18 of 20 cells are plain" in notes[0]


# --- labels ---------------------------------------------------------------------------------------


def test_a_class_may_be_called_None(read):
    _, y, notes = read(*with_y("a", NUMBERS, ["None", "Mild", "NA", "null"] * 5), sep=";")
    assert sorted(y.unique()) == ["Mild", "NA", "None", "null"] and len(y) == 20
    assert sum("5 rows have the y" in note and "kept as a class" in note for note in notes) == 3


def test_only_empty_labels_are_missing(read):
    X, y, notes = read(*with_y("a", NUMBERS, ["A", "", "B", " "] * 5), sep=";")
    assert len(X) == len(y) == 10 and notes == ["10 rows have no y: left out"]


def test_blanks_and_case_of_labels_are_told(read):
    _, y, notes = read(*with_y("a", NUMBERS, ["yes ", "yes", "Yes", "no"] * 5), sep=";")
    assert y.value_counts().to_dict() == {"yes": 10, "Yes": 5, "no": 5}
    assert any("differ by blanks around are one: 'yes' and 'yes '" in note for note in notes)
    assert any("case or leading zeros only stay apart: 'Yes' and 'yes'" in note for note in notes)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["1", "2.0"], [1, 2]),
        (["01", "02"], ["01", "02"]),
        (["1", "2b"], ["1", "2b"]),
        (["True", "False"], ["False", "True"]),
        (["9007199254740993", "9007199254740992"], ["9007199254740992", "9007199254740993"]),
    ],
)
def test_labels_keep_their_form(labels, classes, read):
    _, y, _ = read(*with_y("a", NUMBERS, labels * 10), sep=";")
    assert sorted(y.unique()) == classes


# --- lines ----------------------------------------------------------------------------------------


def test_a_long_line_is_named(read):
    for line in (2, 4):  # of the first, pandas would make an index
        rows = ["a,b,y", "1,2,A", "1,2,A", "1,2,A"]
        rows[line - 1] = "1,2,3,A"
        with pytest.raises(UserError, match=f"line {line} has 4 cells, but there are 3 names"):
            read(*rows)


def test_a_comma_at_the_end_of_every_line_is_no_cell(read):
    X, y, notes = read("a,y", *(f"{k},A," for k in range(20)))
    assert X["a"].tolist() == list(range(20)) and y.unique().tolist() == ["A"]
    assert notes[0] == "every line ends with an empty cell without a name: left out"


def test_short_lines_are_told(read):
    X, _, notes = read("y,a,b", *(["A,1,2"] * 18), "B,1", "B,1")
    assert X["b"].isna().sum() == 2
    assert (
        "2 lines have fewer cells than there are names of columns, the first is line 20" in notes[0]
    )


def test_cells_in_quotes_may_hold_anything(read):
    X, _, _ = read("a,y", *(['"x, ""1""\nz", A'] * 10), *(["u,B"] * 10))
    assert X["a"].unique().tolist() == ['x, "1"\nz', "u"]
    with pytest.raises(UserError, match=r"line \d+: .*quotes"):
        read("a,y", "x,A", '"x,A', "x,A")


def test_blanks_around_cells_and_names_do_not_count(read):
    X, y, _ = read("a , b, y", *(["1 , u, A"] * 10), *([" 2,u , B "] * 10))
    assert X["a"].tolist() == [1] * 10 + [2] * 10 and y.unique().tolist() == ["A", "B"]


# --- encodings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("cp1252", "--encoding cp1252 .* reads 'Köln"),
        ("utf-16", "--encoding utf-16 .as its first bytes say"),
        ("utf-16-le", "--encoding utf-16-le .as every other byte is zero"),
        ("utf-16-be", "--encoding utf-16-be"),
        ("utf-32", "--encoding utf-32"),
    ],
)
def test_other_encodings_are_guessed_in_the_error_and_read_by_the_option(encoding, said, path):
    frame = pd.DataFrame({"stadt": ["Köln", "Rom"] * 10, "y": Y})
    path.write_bytes(frame.to_csv(index=False).encode(encoding))
    with pytest.raises(UserError, match=f"it is not UTF-8. Save it as UTF-8, or pass .*{said}"):
        read_table(path)
    pd.testing.assert_frame_equal(read_table(path, encoding=encoding), frame)


def test_a_mark_of_utf_8_is_no_part_of_a_name(path):
    frame = pd.DataFrame({"stadt": ["Köln", "Rom"] * 10, "y": Y})
    path.write_bytes(frame.to_csv(index=False).encode("utf-8-sig"))
    for encoding in ("utf-8", "UTF8", "utf-8-sig"):
        assert read_table(path, encoding=encoding).columns.tolist() == ["stadt", "y"]


def test_encodings_that_are_none_are_refused(path):
    path.write_text("a,y\nK,A\n")
    with pytest.raises(UserError, match="--encoding 'utf-9' is not known"):
        read_table(path, encoding="utf-9")
    path.write_bytes("a,y\nKöln,A\n".encode())
    with pytest.raises(UserError, match=r"it is not ascii.*maybe --encoding utf-8"):
        read_table(path, encoding="ascii")


# --- options --------------------------------------------------------------------------------------


def test_columns_can_be_forced():
    frame = pd.DataFrame(
        {"a": ["<5", "01", "2"], "b": [1, 2, 3], "c, d": ["01/02/2020", "x", None]}
    )
    notes = []
    forced = force(frame, notes.append, numbers="a", categories="b", dates=["c, d=%d/%m/%Y"])
    assert forced["a"].tolist()[1:] == [1, 2] and np.isnan(forced["a"][0])
    assert forced["b"].dtype == "category"
    assert forced["c, d"][0] == pd.Timestamp("2020-02-01")
    assert notes == [
        "column 'a': 1 cell is taken as missing ('<5')",
        "column 'c, d': 1 cell is taken as missing ('x')",
    ]
    assert force(frame, notes.append, categories="c, d")["c, d"].dtype == "category"
    for options, said in [
        ({"numbers": "A"}, "no column 'A'. The columns are"),
        ({"dates": ["a"]}, "NAME=FORMAT"),
    ]:
        with pytest.raises(UserError, match=said):
            force(frame, notes.append, **options)


def test_options_reach_the_report_and_json_has_all_notes(path, capsys):
    rng = np.random.RandomState(0)
    y = np.tile(["None", "Mild", ""], 20)
    frame = pd.DataFrame(
        {
            "when": [f"{k % 28 + 1:02d}/01/2020" for k in range(60)],
            "code": [f"{k % 3:02d}" for k in range(60)],
            "low": [("<1" if k % 9 == 0 else f"{rng.normal():.2f}") for k in range(60)],
            "mark": [("?" if k == 5 else f"{rng.normal():.2f}") for k in range(60)],
            "y": y,
        }
    )
    frame.to_csv(path, index=False, encoding="cp1252")
    options = ["--dates", "when=%d/%m/%Y", "--categories", "code", "--numbers", "low"]
    options += ["--target", "y", "--encoding", "cp1252", *QUICK]
    said = []
    for flags in (["--json", "--quiet"], ["--json"], []):
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            assert main(["report", str(path), *options, *flags]) == 0
        out, err = capsys.readouterr()
        said.append([line for line in err.splitlines() if not line.startswith("ce: ")])
        if flags:
            report = json.loads(out)
            assert (report["n_rows"], report["n_rows_left_out"]) == (40, 20)
            assert len(report["notes"]) >= 4
            notes = report["notes"]
    assert said[0] == [] and said[1] == said[2] == notes
    for part in ("'low'", "'mark'", "'None'", "20 rows have no y"):
        assert sum(part in note for note in notes) == 1
    assert not any("'when'" in note or "'code'" in note for note in notes)


def test_what_fits_say_is_said_once(path, capsys):
    frame = pd.DataFrame(
        {"a": pd.Series([1, "x", True] * 10, dtype=object).astype(str), "y": Y * 1 + Y[:10]}
    )
    frame.to_parquet(path.with_suffix(".parquet"))
    assert main(["report", str(path.with_suffix(".parquet")), "--target", "y", *QUICK]) == 0
    assert capsys.readouterr().err.count("column 'a'") == 1


def test_zipped_files_are_read_alike(path, tmp_path):
    lines = "\n".join(with_y("a", NUMBERS))
    path.write_text(lines)
    zipped = tmp_path / "table.csv.gz"
    zipped.write_bytes(gzip.compress(lines.encode()))
    pd.testing.assert_frame_equal(read_table(zipped, ";"), read_table(path, ";"))


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0 and __version__ in capsys.readouterr().out
