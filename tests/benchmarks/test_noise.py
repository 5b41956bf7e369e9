"""The benchmarks of wrong labels: small runs, what is refused, and the arithmetic of their text."""

import json
import runpy
import sys
import warnings
from argparse import Namespace

import numpy as np
import pandas as pd
import pytest
from benchmark_modules import BENCHMARKS, load

from sklearn_mi.datasets import make_label_noise

label_noise, label_quality = load("label_noise"), load("label_quality")
tasks, choice = load("_noisy_tasks"), load("_noisy_choice")

SKETCH = ["sketch", "--rows", "200", "--sets", "two classes 200", "--seeds", "0"]


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def row(data, loss, accuracy, seed=0, noise="asym .4", **more):
    key = {"command": "tables", "data": data, "noise": noise, "model": loss, "seed": seed}
    return key | {"accuracy": accuracy, "seconds": 1.0} | more


# --- runs of label_noise --------------------------------------------------------------------------


def run(*options):
    args = label_noise.parse([*SKETCH, *options])
    args.do(args)


def test_a_run_is_written_once_and_its_failures_are_tried_again(tmp_path, capsys, few_trees):
    path = tmp_path / "lines.jsonl"
    options = ["--losses", "ce,dmi", "--noises", "1st flips .6", "--out", str(path)]
    run(*options)
    rows = lines_of(path)
    assert [each["model"] for each in rows] == ["ce", "dmi"]
    for each in rows:
        assert (each["data"], each["noise"], each["n"]) == ("two classes 200", "1st flips .6", 140)
        assert 0.3 < each["accuracy"] <= 1
        assert ("matrix_error" in each) == (each["model"] == "dmi")
    run(*options)
    assert lines_of(path) == rows
    failed = {name: rows[0][name] for name in label_noise.KEY} | {"error": "MemoryError()"}
    path.write_text("".join(json.dumps(each) + "\n" for each in [failed, rows[1]]))
    capsys.readouterr()
    run(*options)
    assert [each.get("accuracy") for each in lines_of(path)[2:]] == [rows[0]["accuracy"]]
    assert "failed" not in capsys.readouterr().out


def test_table_prints_the_lines_of_files(tmp_path, capsys):
    paths = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    error = {name: row("C", "gce", 0)[name] for name in label_noise.KEY} | {"error": "Oh()"}
    label_noise.write(paths[0], row("A", "ce", 0.5, warnings=["UserWarning: slow"]))
    label_noise.write(paths[1], row("A", "dmi", 0.75, matrix_error=0.125, figure=0.7))
    label_noise.write(paths[1], error)
    args = label_noise.parse(["table", *map(str, paths)])
    args.do(args)
    said = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert "A asym .4 ce 0.500 0.500-0.500 1 1.0" in lines
    assert "A asym .4 dmi 0.750 0.750-0.750 1 0.700 +0.050 0.125 1.0" in lines
    assert "dmi asym .4 1 1 0 +0.250 nan +0.250 +0.250 worst on A" in lines
    assert "('tables', 'C', 'asym .4', 'gce', 0): Oh()" in said
    assert "1 x UserWarning: slow" in said


def test_a_choice_is_measured_and_shown(tmp_path, capsys, few_trees):
    path = tmp_path / "lines.jsonl"
    options = ["--rows", "200", "--losses", "ce", "--seeds", "0", "--sets", "digits 200"]
    args = label_noise.parse(["choose", *options, "--noises", "asym .4", "--out", str(path)])
    args.do(args)
    rows = lines_of(path)
    assert [each["model"] for each in rows] == [*choice.PEERS, "ce", "search ce"]
    assert not [each for each in rows if "error" in each]
    for each in rows[:-1]:
        assert {*choice.CRITERIA, "determinant_clean", "accuracy"} <= {*each}
    assert (rows[-1]["picked"], rows[-1]["best"]) == ("ce", "ce")
    assert rows[-1]["of_each"] == {"ce": rows[-1]["accuracy"]}
    assert "12 models" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--losses", "ce,nope"], "unknown loss 'nope'; .*dmi.*--losses"),
        (["--sets", "nope"], r"--sets: no \['nope'\] among .*two classes 200"),
        (["--noises", "nope"], r"--noises: no \['nope'\] among .*1st flips \.6"),
    ],
)
def test_what_there_is_not_is_refused_before_anything_is_measured(tmp_path, options, message):
    path = tmp_path / "lines.jsonl"
    with pytest.raises(SystemExit, match=message):
        run("--out", str(path), *options)
    assert not path.exists()


def test_a_fit_that_fails_and_one_that_warns_say_so():
    def fail(model, seed):
        raise ValueError(f"{model} at {seed}")

    def warn(model, seed):
        for _ in range(2):
            warnings.warn("slow", stacklevel=1)
        return {"accuracy": 0.123456}

    assert label_noise.measure(Namespace(measure=fail), "ce", 3) == {
        "error": "ValueError('ce at 3')"
    }
    assert label_noise.measure(Namespace(measure=warn), "ce", 3) == {
        "accuracy": 0.12346,
        "warnings": ["UserWarning: slow"],
    }


# --- arithmetic of label_noise --------------------------------------------------------------------


def test_numbers_are_rounded_to_five_digits_at_any_depth():
    found = {"a": np.float64(123.45678), "b": {"c": 1.2345678e-7}, "n": 1234567, "s": "x"}
    rounded = label_noise.rounded(found)
    assert rounded == {"a": 123.46, "b": {"c": 1.2346e-7}, "n": 1234567, "s": "x"}
    assert type(rounded["a"]) is float


ROWS = [
    row("A", "ce", 0.5), row("A", "ce", 0.6, seed=1),
    row("A", "dmi", 0.8), row("A", "dmi", 0.7, seed=1), row("A", "dmi", 0.1, seed=2),
    row("B", "ce", 0.9), row("B", "dmi", 0.8),
    row("C", "dmi", 1.0),
    row("A", "ce", 0.5, noise="none"), row("A", "gce", 0.5, noise="none"),
]  # fmt: skip


def test_differences_are_of_the_seeds_that_both_have():
    found = label_noise.differences(ROWS)
    assert list(found) == [("dmi", "asym .4"), ("gce", "none")]
    assert found["dmi", "asym .4"] == pytest.approx({"A": 0.2, "B": -0.1})
    assert found["gce", "none"] == {"A": 0.0}


def test_differences_are_counted_over_tables():
    heads, *lines = label_noise.against_ce(ROWS).splitlines()
    dmi, gce = [" ".join(line.split()) for line in lines]
    assert heads.split()[-7:] == ["tables", "above", "below", "mean", "s.e.", "worst", "best"]
    # Means of A and B: +.2 and -.1, standard deviation .212.
    assert dmi == "dmi asym .4 2 1 1 +0.050 0.150 -0.100 +0.200 worst on B"
    assert gce == "gce none 1 0 0 +0.000 nan +0.000 +0.000 worst on A"
    assert label_noise.against_ce([row("A", "ce", 0.5), row("B", "dmi", 0.5)]) == ""


def test_last_success_is_shown():
    shown = label_noise.show([row("A", "ce", 0.1), row("A", "ce", 0.9)])
    assert "0.900-0.900     1" in shown and "0.100" not in shown


# --- tasks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "matrix"),
    [
        (1, [[0.7, 0.3], [0.3, 0.7]]),
        (2, [[0.4, 0.6], [0, 1]]),
        (3, [[1, 0], [0.6, 0.4]]),
    ],
)
def test_cases_flip_the_share_that_they_name(number, matrix):
    noise = tasks.case(number, 0.6)
    assert noise.name == f"case {number} .6"
    _, drawn = noise.draw(np.arange(10) % 2, seed=0)
    np.testing.assert_allclose(drawn, matrix)


def test_noise_is_that_of_the_package_and_its_seed():
    y = np.arange(60) % 3
    for noise, kind in [(tasks.asym(0.3), "asymmetric"), (tasks.sym(0.3), "symmetric")]:
        expected = make_label_noise(y, 0.3, kind=kind, random_state=5)
        np.testing.assert_array_equal(noise.draw(y, 5)[0], expected)
    assert (tasks.asym(0.3).name, tasks.sym(0.45).name) == ("asym .3", "sym .45")
    np.testing.assert_array_equal(tasks.NONE.draw(y, 0)[0], y)


@pytest.mark.parametrize(
    ("counts", "taken"),
    [([450, 150], True), ([451, 149], False), ([300, 299], False), ([600], False)],
)
def test_tables_are_taken_if_large_and_balanced(counts, taken):
    y = np.repeat(np.arange(len(counts)), counts)
    assert tasks.is_taken(lambda: (None, y)) == taken


def test_small_classes_are_dropped():
    y = np.repeat(["a", "b", "c"], [30, 29, 40])
    X, kept = tasks.without_rare_classes(lambda: (pd.DataFrame({"i": range(99)}), y))
    assert sorted(set(kept)) == ["a", "c"]
    assert X["i"].tolist() == [*range(30), *range(59, 99)]
    assert X.index.tolist() == list(range(70))


def test_error_of_a_noise_matrix_is_that_of_the_last_step():
    matrix = np.array([[0.8, 0.2], [0, 1]])
    clf = Namespace(noise_matrix_=np.array([[0.7, 0.3], [0, 1]]))
    for each in [clf, Namespace(steps=[("pca", Namespace()), ("clf", clf)])]:
        assert tasks.matrix_error(each, matrix) == pytest.approx({"matrix_error": 0.05})
    assert tasks.matrix_error(Namespace(), matrix) == {}


# --- choice ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "correlation", "loss"),
    [([1, 2, 3], 1, 0), ([3, 2, 1], -1, 0.2), ([1, 3, 2], 0.5, 0.15)],
)
def test_agreement_is_rank_correlation_and_what_the_choice_loses(values, correlation, loss):
    accuracy = [0.6, 0.65, 0.8]
    rows = [{"seen": v, "accuracy": a} for v, a in zip(values, accuracy, strict=True)]
    assert choice.agreement(rows, "seen") == pytest.approx((correlation, loss))
    assert choice.agreement(rows, "seen", "seen") == pytest.approx((1, 0))


# --- label_quality --------------------------------------------------------------------------------


def test_label_quality_without_cleanlab_says_what_to_install(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.setitem(sys.modules, "cleanlab", None)  # as if it were not installed
    monkeypatch.setattr(sys, "argv", ["label_quality.py", "--tables", "digits", "--seeds", "0"])
    with pytest.raises(SystemExit, match="cleanlab, which is not installed: pip install cleanlab"):
        runpy.run_path(str(BENCHMARKS / "label_quality.py"), run_name="__main__")


def test_figures_of_rankings(monkeypatch):
    wrong, quality = np.array([True, False, False, False]), np.array([0.1, 0.9, 0.8, 0.4])
    monkeypatch.setattr(label_quality, "cleanlab_scores", lambda *_: ([quality, -quality], 0.5))
    found = label_quality.figures(wrong, quality, None, None)
    assert found == pytest.approx([0.25, 0.45, 0.5, 1, 1, 0.25])


def test_tables_of_label_quality(tmp_path):
    args = label_quality.parse(["--data", str(tmp_path / "none"), "--tables", "iris,moon"])
    with pytest.raises(SystemExit, match=r"no tables \['moon'\] among breast_cancer"):
        label_quality.sources(args)
    y = np.repeat(["a", "b"], [25, 24])
    X, kept = label_quality.without_rare_classes(pd.DataFrame({"i": range(49)}), y)
    assert X["i"].tolist() == list(range(25)) and set(kept) == {"a"}


def test_benchmark_ranks_reported_rows_before_others():
    score = np.array([0.4, 0.1, 0.3, 0.2, 0.0])
    rank = label_quality.issues_first(np.array([3, 0]), score)
    np.testing.assert_array_equal(rank, [1, 3, 4, 0, 2])
    none = label_quality.issues_first(np.array([], dtype=int), score)
    np.testing.assert_array_equal(none, np.argsort(np.argsort(score)))
