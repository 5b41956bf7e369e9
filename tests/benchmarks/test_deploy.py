"""The benchmark of sizes and answers: turns, peaks of memory, what is shown, and a small run."""

import json
import mmap
import sys

import numpy as np
import pandas as pd
import pytest
from benchmark_modules import load

deploy, models, pair = load("deploy"), load("_deploy_models"), load("_deploy_pair")
memory, text = load("_deploy_memory"), load("_deploy_text")


def line(model, fit, answer, table="made"):
    """Of two or more rounds, each the seconds of the classifier and of HistGradientBoosting."""
    seconds = {"fit": np.transpose(fit).tolist(), "1000": np.transpose(answer).tolist()}
    about = {"set": table, "n": 5000, "d": 20, "classes": 3, "model": model}
    sizes = {"bytes": 4_190_852, "skops_bytes": None, "peak_bytes": 93_700_000}
    return {**about, **sizes, "seconds": seconds}


# --- turns ----------------------------------------------------------------------------------------


def test_two_take_turns_and_their_last_words_are_kept():
    said = []
    calls = [lambda turn, k=k: said.append((k, turn)) or f"{k}{turn}" for k in "ab"]
    seconds, given = pair.in_turn(*calls, 3)
    assert said == [("a", 0), ("b", 0), ("a", 1), ("b", 1), ("a", 2), ("b", 2)]
    assert given == ["a2", "b2"]
    assert seconds.shape == (2, 3)
    assert (seconds >= 0).all()


def test_both_answer_the_same_rows_and_small_answers_are_of_other_rows_each_time():
    asked = {0: [], 1: []}

    class Asked:
        def __init__(self, k):
            self.k = k

        def predict_proba(self, X):
            asked[self.k].append(X[:, 0].tolist())

    X = np.arange(30.0)[:, None]
    seconds = pair.time_answers([Asked(0), Asked(1)], X, 1, 4)
    assert seconds.shape == (2, 4)
    assert asked[0] == asked[1]
    first, *rounds = asked[0]
    assert first == [0.0]
    assert rounds == 4 * [[float(k)] for k in range(pair.MOST_CALLS)]


@pytest.mark.parametrize("as_table", [np.asarray, pd.DataFrame])
def test_rows_are_repeated_in_their_order(as_table):
    X = as_table(np.arange(6.0).reshape(3, 2))
    np.testing.assert_array_equal(models.some_rows(X, 2, 5), np.asarray(X)[[2, 0, 1, 2, 0]])


# --- memory ---------------------------------------------------------------------------------------


def fill(size):
    """Write to so many bytes that no earlier call can have left behind."""
    np.frombuffer(mmap.mmap(-1, size), np.uint8)[:] = 1


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are forgotten by Linux only")
def test_peak_is_that_of_the_call_and_not_of_what_came_before_it():
    size = 50_000_000
    fill(4 * size)
    assert abs(memory.peak_of(lambda: fill(size)) - size) < size / 10
    assert memory.peak_of(lambda: None) < size / 10


# --- what is shown --------------------------------------------------------------------------------


def test_ratio_is_the_median_over_rounds_and_no_ratio_of_medians():
    row = line("rf", fit=[(2, 1), (2, 1)], answer=[(1, 1), (10, 2), (12, 6)])
    assert text.seconds_and_ratio(row, "1000") == (10, 2)


def test_last_line_that_succeeded_is_shown_and_what_never_did_is_told():
    early, late = (line("rf", [(s, 1)], [(1, 1)]) for s in (7, 8))
    failed = {"set": "made", "model": "rf", "error": "ValueError: no"}
    shown = text.show([early, late, failed, {**failed, "model": "catboost"}])
    assert "8       8" in shown
    assert "made catboost ValueError: no" in shown
    assert "made rf" not in shown


def test_sizes_are_in_millions_of_bytes():
    assert text.cells(line("ours", [(1, 1)], [(1, 1)]))[0] == ["4.19", "-", "93.7"]


# --- the table and a run --------------------------------------------------------------------------


def test_numbers_come_as_an_array_and_categories_in_a_frame():
    y = np.array(["a", "b"] * 5, dtype=object)
    numbers = pd.DataFrame({"u": np.arange(10.0)})
    X, codes = deploy.plain(lambda: (numbers, y))
    assert isinstance(X, np.ndarray)
    assert codes.tolist() == [0, 1] * 5
    X, _ = deploy.plain(lambda: (numbers.assign(v=pd.Categorical(["c", None] * 5)), y))
    assert X.dtypes.astype(str).tolist() == ["float64", "category"]
    assert not X.isna().to_numpy().any()


def test_a_run_measures_one_classifier_beside_the_other(tmp_path, capsys):
    options = ["--models", "rf", "--rows", "120", "--fits", "1", "--rounds", "2"]
    args = deploy.parse(["run", *options, "--answers", "1,200"])
    args.do(args)
    out = capsys.readouterr().out
    row = json.loads(out)
    assert "error" not in row
    assert (row["set"], row["n"], row["d"], row["classes"]) == ("made", 120, 20, 3)
    assert {what: np.shape(s) for what, s in row["seconds"].items()} == {
        "fit": (2, 1),
        "1": (2, 2),
        "200": (2, 2),
    }
    assert row["bytes"] > 100 * 20  # trees that tell 120 rows apart have more than 20 nodes each
    (tmp_path / "lines.jsonl").write_text(out)
    args = deploy.parse(["table", str(tmp_path / "lines.jsonl")])
    args.do(args)
    shown = capsys.readouterr().out
    assert "made: 120 rows, 20 columns, 3 classes" in shown
    assert "random forest, 100 trees" in shown


@pytest.mark.parametrize(
    ("options", "message"), [("--models rf,svm", "svm"), ("--sets made,moon", "moon")]
)
def test_what_there_is_not_is_refused_before_anything_is_measured(options, message):
    args = deploy.parse(["run", *options.split()])
    with pytest.raises(SystemExit, match=message):
        args.do(args)


def test_failure_of_a_process_is_told_by_its_last_words(tmp_path):
    (tmp_path / "script.py").write_text("import sys\nprint(1)\nopen(sys.argv[1])\n")
    with pytest.raises(RuntimeError, match=r"FileNotFoundError: .* 'no_such_file'"):
        deploy.ask(tmp_path / "script.py", "no_such_file")
