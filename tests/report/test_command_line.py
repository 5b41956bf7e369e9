"""The command line: files, formats, messages and exit codes."""

import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from sklearn_mi.__main__ import main
from sklearn_mi.losses import LOSSES

QUICK = ["--losses", "ce", "--cv", "2"]


def without_seconds(report):
    for loss in report["losses"]:
        del loss["seconds"]
    return report


def run_json(capsys, *arguments):
    assert main(["report", *arguments, "--json", *QUICK]) == 0
    return without_seconds(json.loads(capsys.readouterr().out))


def test_file_formats_give_the_same_report(table, csv, tmp_path, capsys):
    table.to_csv(tmp_path / "iris.csv.gz", index=False)
    table.to_parquet(tmp_path / "iris.parquet")
    first, *others = [
        run_json(capsys, str(tmp_path / f"iris{suffix}"), "--target", "species")
        for suffix in (".csv", ".csv.gz", ".parquet")
    ]
    assert all(other == first for other in others)


def test_stdout_carries_the_report_and_stderr_the_progress(csv, capsys):
    assert main(["report", csv, "--target", "species", "--losses", "ce"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("150 rows")
    assert "ce: training 5 networks" in err
    assert 1 < len(err.splitlines()) < 10


def test_quiet_says_nothing_on_stderr(csv, capsys):
    run_json(capsys, csv, "--target", "species", "--quiet")
    assert main(["report", csv, "--target", "species", *QUICK, "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_progress_rewrites_its_line_on_a_terminal(csv, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert main(["report", csv, "--target", "species", *QUICK]) == 0
    err = capsys.readouterr().err
    assert "\rce: epoch" in err.replace("\x1b[K", "")
    assert "\n" not in err


def test_without_a_file_the_example_table(capsys):
    found = run_json(capsys, "--max-rows", "150")
    assert found["target"] == "diagnosis"
    assert [one["label"] for one in found["classes"]] == ["benign", "malignant"]
    assert [one["count"] for one in found["classes"]] == [94, 56]
    assert found["n_columns"] == 30


def test_rows_without_a_target_are_left_out_with_a_note(table, tmp_path, capsys):
    path = tmp_path / "holes.csv"
    table.assign(species=table["species"].where(table.index > 2)).to_csv(path, index=False)
    assert main(["report", str(path), "--target", "species", *QUICK]) == 0
    out, err = capsys.readouterr()
    assert "3 rows have no species" in err
    assert out.startswith("147 rows")


def test_the_same_seed_gives_the_same_report(csv, capsys):
    first, second = (run_json(capsys, csv, "--target", "species") for _ in range(2))
    assert first == second


BAD_TARGETS = {
    "specie": ["'specie'", "Did you mean 'species'", "'colour'"],
    "constant": ["always 1", "constant"],
    "weight": ["150 different numbers", "quantity", "qcut"],
    "year": ["quantity"],
    "name": ["every row", "identifier"],
    "nearly": ["nearly every row", "identifier"],
    "paid": ["149 different numbers", "quantity", "qcut"],
    "heavy": ["148 different numbers", "quantity"],
}


@pytest.mark.parametrize("target", BAD_TARGETS)
def test_unusable_targets_are_explained_in_one_line(target, table, tmp_path, capsys):
    rng = np.random.RandomState(0)
    path = tmp_path / "bad.csv"
    columns = {
        "constant": 1,
        "weight": rng.standard_normal(150),
        "year": rng.randint(1900, 1980, 150),
        "name": [f"n{i}" for i in range(150)],
        "nearly": [f"n{max(i, 2)}" for i in range(150)],
        "paid": [f"{max(i, 1)},{500 + i // 3}" for i in range(150)],
        "heavy": [f"{max(i, 2)}.5 kg" for i in range(150)],
    }
    own = {target: columns[target]} if target in columns else {}
    table.assign(**own).to_csv(path, index=False)
    assert_error(capsys, [str(path), "--target", target], *BAD_TARGETS[target])


@pytest.mark.parametrize("rows, shown", [(3, "'b' (3 rows)"), (1, "'b' (1 row)")])
def test_rare_classes_are_noted(rows, shown, table, tmp_path, capsys):
    path = tmp_path / "rare.csv"
    table.assign(rare=["a"] * (150 - rows) + ["b"] * rows).to_csv(path, index=False)
    found = main(["report", str(path), "--target", "rare", "--json"])
    out, err = capsys.readouterr()
    assert found == 0
    assert err.count(shown) == 1  # for both losses
    losses = json.loads(out)["losses"]
    assert all(np.isfinite(loss["mutual_info"]["nats"]) for loss in losses)


def test_copied_rows_are_noted(table, tmp_path, capsys):
    path = tmp_path / "twice.csv"
    table.iloc[np.r_[:150, :150]].to_csv(path, index=False)
    assert main(["report", str(path), "--target", "species", *QUICK]) == 0
    assert capsys.readouterr().err.count("equal in every column") == 1


def assert_error(capsys, arguments, *words):
    assert main(["report", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ") and err.count("\n") == 1
    for word in words:
        assert word in err


def test_unusable_arguments_are_explained(csv, tmp_path, capsys):
    target = [csv, "--target", "species"]
    assert_error(capsys, ["nowhere.csv", "--target", "y"], "no file 'nowhere.csv'")
    assert_error(capsys, [csv], "--target", "'species'")
    assert_error(capsys, [*target, "--losses", "ce,hinge"], "'hinge'", "pc_softmax", "dmi")
    assert_error(capsys, [*target, "--cv", "1"], "at least 2 folds")
    assert_error(capsys, [*target, "--cv", "151"], "--cv 151", "150 rows")
    assert_error(capsys, [*target, "--plot", "report.doc"], ".png")
    assert_error(capsys, [*target, "--plot", str(tmp_path / "no" / "a.png")], "no directory")
    assert_error(capsys, [*target, "--max-rows", "0"], "positive")


def test_options_are_checked_before_the_file_is_read(tmp_path, capsys):
    for options, said in [
        (["--losses", "CE"], "unknown loss 'CE'"),
        (["--dates", "day"], "NAME=FORMAT"),
        (["--cv", "1"], "at least 2 folds"),
    ]:
        assert_error(capsys, [str(tmp_path / "nowhere.csv"), "--target", "y", *options], said)


def test_a_plot_that_cannot_be_saved_is_refused_before_the_training(csv, tmp_path, capsys):
    target = [csv, "--target", "species"]
    folder, old = tmp_path / "old.png", tmp_path / "plot.png"
    folder.mkdir()
    assert_error(capsys, [*target, "--plot", str(folder)], "is a directory")
    old.touch()
    for path, refused in [(tmp_path / "new.png", tmp_path), (old, old)]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "access", lambda asked, mode, refused=refused: asked != refused)
            assert_error(capsys, [*target, "--plot", str(path)], str(path), "cannot be written")


def test_a_plot_may_have_every_loss(csv, tmp_path, capsys):
    losses = ["--losses", ",".join(LOSSES), "--cv", "2", "--max-rows", "60", "--quiet"]
    plot = tmp_path / "report.png"
    assert main(["report", csv, "--target", "species", "--plot", str(plot), *losses]) == 0
    assert plot.stat().st_size > 10_000


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_characters_that_stdout_lacks_are_escaped(flags, table, tmp_path, monkeypatch):
    names = {"setosa": "Łódź", "versicolor": "é", "virginica": "\N{GRINNING FACE}"}
    table.replace({"species": names}).to_csv(tmp_path / "cities.csv", index=False)
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stdout)
    arguments = [str(tmp_path / "cities.csv"), "--target", "species", *QUICK, "--quiet"]
    assert main(["report", *arguments, *flags]) == 0
    stdout.flush()
    shown = stdout.buffer.getvalue().decode("ascii")
    if flags:
        labels = {one["label"] for one in json.loads(shown)["classes"]}
        assert labels == {*names.values()}
    else:
        assert all(name in shown for name in [r"\u0141\xf3d\u017a", r"\xe9", r"\U0001f600"])


def test_unreadable_files_are_explained(tmp_path, capsys):
    for name, content, word in [
        ("table.xlsx", b"", ".parquet"),
        ("empty.csv", b"", "cannot read"),
        ("ragged.csv", b"a,b\n1,2\n3,4,5\n", "line 3"),
        ("bad.csv.gz", b"no", "cannot read"),
        ("bad.parquet", b"no", "cannot read"),
        ("short.csv", b"a,b\n1,2\n3,4\n", "at least 10"),
        ("narrow.csv", b"b\n1\n2\n", "no column beside"),
    ]:
        (tmp_path / name).write_bytes(content)
        assert_error(capsys, [str(tmp_path / name), "--target", "b"], word)


def test_an_infinite_cell_is_named(table, tmp_path, capsys):
    path = tmp_path / "inf.csv"
    table.assign(height=np.r_[np.inf, np.ones(149)]).to_csv(path, index=False)
    assert_error(capsys, [str(path), "--target", "species"], "'height'", "inf", "row 0")


def test_own_bugs_are_not_hidden(csv, monkeypatch):
    def break_down(*args, **kwargs):
        raise ValueError("a bug")

    monkeypatch.setattr("sklearn_mi.report._make.column_information", break_down)
    with pytest.raises(ValueError, match="a bug"):
        main(["report", csv, "--target", "species", "--losses", "ce"])


def test_help_of_the_module():
    command = [sys.executable, "-m", "sklearn_mi", "report", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    for flag in [
        "--target",
        "--sep",
        "--decimal",
        "--thousands",
        "--encoding",
        "--numbers",
        "--categories",
        "--dates",
        "--losses",
        "--json",
        "--plot",
        "--html",
        "--cv",
        "--max-rows",
        "--quiet",
    ]:
        assert flag in shown.stdout


def test_without_matplotlib_the_remedy_is_named(csv, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert_error(
        capsys, [csv, "--target", "species", "--plot", "a.png"], 'pip install "sklearn-mi[plot]"'
    )


def test_a_reader_who_has_had_enough_gets_no_traceback():
    options = ["--losses", "ce", "--cv", "2", "--max-rows", "40", "--quiet"]
    command = [sys.executable, "-m", "sklearn_mi", "report", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert said == b"" and process.returncode == 141
