"""Claims against fresh rows: the made tables, the arithmetic of the verdicts, a small run."""

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest
from benchmark_modules import load

fresh, fresh_verdicts = load("_fresh"), load("_fresh_verdicts")
tables, validity = load("_fresh_tables"), load("validity")
MADE = tables.made_tables(200, 400)

COPIES = ["9 held-out rows stand in the training rows"]


def line(table="t", seed=0, **changes):
    usual = dict(claimed=0.3, error=0.03, low=0.25, entropy=0.7, fresh=0.3, fresh_error=0.01)
    shown = dict(accuracy=0.8, guess=0.5, gain=0.3, gain_error=0.01, warned=[])
    return {"table": table, "seed": seed, "estimators": "auto", **usual, **shown, **changes}


# --- made tables ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MADE)
def test_made_tables_follow_from_their_seed(name):
    (X, y, groups), (X_fresh, y_fresh, fresh_groups) = MADE[name](3)
    again, other = MADE[name](3)[0], MADE[name](4)[0]
    pd.testing.assert_frame_equal(X, again[0])
    np.testing.assert_array_equal(y, again[1])
    assert not (len(y) == len(other[1]) and X.equals(other[0]) and (y == other[1]).all())
    assert (len(X), len(X_fresh)) == (len(y), len(y_fresh)) == (200, 400)
    assert X.columns.equals(X_fresh.columns)
    assert 2 <= len(set(y)) <= 8
    assert (groups is not None) == (name in ("people", "batches", "repeats_grouped"))
    if fresh_groups is not None:
        assert not set(groups) & set(fresh_groups)


def test_ids_are_unique_and_levels_are_many():
    def levels(name, column):
        (X, *_), (X_fresh, *_) = MADE[name](0)
        return pd.concat([X, X_fresh])[column].nunique() / 600

    assert levels("text_ids", "id") == levels("empty_ids", "key") == 1
    assert levels("integer_ids", "number") == levels("rising_ids", "number") == 1
    assert levels("tickets", "ticket") > 0.99
    assert levels("iso_times", "at") > 0.99
    assert levels("free_text", "remark") > 0.99
    assert 0.1 < levels("postcodes", "postcode") < 0.6
    assert 0.6 < levels("rare_levels", "level") < 0.9


def test_repeats_are_of_a_quarter_of_the_rows_and_none_is_fresh():
    (X, y, groups), (X_fresh, *_) = MADE["repeats_grouped"](0)
    kinds = X.assign(y=y, group=groups).drop_duplicates()
    assert len(kinds) == len(X.drop_duplicates()) == len(set(groups)) <= 50
    assert len(X.merge(X_fresh)) == 0
    pd.testing.assert_frame_equal(X, MADE["repeated_rows"](0)[0][0])


# --- verdicts -------------------------------------------------------------------------------------


def test_error_of_rows_and_of_groups():
    values = np.random.default_rng(0).normal(size=300)
    mean, error = fresh.mean_and_error(values)
    assert error == pytest.approx(values.std(ddof=1) / np.sqrt(300))
    alone = fresh.mean_and_error(values, np.arange(300))
    assert alone == pytest.approx((mean, error))
    # Each value three times, in groups, is no more than once.
    assert fresh.mean_and_error(np.repeat(values, 3), np.repeat(np.arange(300), 3)) == (
        pytest.approx((mean, error))
    )


@pytest.mark.parametrize(
    ("low", "warned", "false", "told"),
    [
        (0.309, [], 0, 0),  # above the fresh mean, but within its error
        (0.311, [], 1, 0),
        (0.311, ["700 held-out rows stand in the training rows of their split"], 1, 1),
        (0.200, ["700 held-out rows stand in the training rows of their split"], 0, 0),
    ],
)
def test_limits_above_fresh_rows_are_false(low, warned, false, told):
    found = fresh_verdicts.of_table([line(low=low, warned=warned)])
    assert (found["false"], found["told"]) == (false, told)


def test_errors_of_a_table_shrink_with_its_splits():
    found = fresh_verdicts.of_table([line(claimed=0.5), line(seed=1, claimed=0.3)])
    assert found["difference"] == pytest.approx(0.1)
    assert found["difference_error"] == pytest.approx(np.hypot(0.03, 0.01) / np.sqrt(2))
    assert found["gain_in_errors"] == pytest.approx(0.3 / 0.01 * np.sqrt(2))
    never = fresh_verdicts.of_table([line(gain=0.0, gain_error=0.0)])  # always the largest class
    assert never["gain_in_errors"] == 0


def kept(lines):
    found = fresh_verdicts.verdicts(fresh_verdicts.by_table(lines), fresh_verdicts.n_failed(lines))
    return {name: right for name, right, _ in found}


def test_promises_are_kept_or_not():
    good = [line(seed=seed) for seed in range(20)]
    assert all(kept(good).values())
    one, two = (good + [line("u", seed, low=0.4) for seed in range(n)] for n in (1, 2))
    assert kept(one)["limits"] and not kept(two)["limits"]
    told = good + [line("u", seed, low=0.4, warned=COPIES) for seed in range(9)]
    assert kept(told)["limits"]
    assert kept(told)["bias"] and not kept([*good, line("u", claimed=0.9)])["bias"]
    assert kept([*good, line("u", claimed=0.9, warned=COPIES)])["bias"]
    assert not kept([*good, line("u", gain=-0.02)])["accuracy"]
    assert kept([*good, line("u", gain=-0.009)])["accuracy"]
    assert not kept([*good, {"table": "u", "seed": 0, "failed": "ValueError()"}])["failures"]


@pytest.mark.parametrize(
    ("difference", "right"), [(-0.04, False), (-0.02, True), (0.005, True), (0.03, False)]
)
def test_mean_difference_may_be_what_a_smaller_training_set_explains(difference, right):
    lines = [
        line(table, seed, claimed=0.3 + difference) for table in "abcd" for seed in range(4)
    ]  # error of the mean: .032 / 4
    assert kept(lines)["bias"] == right


def test_text_of_one_run_and_of_two():
    before = [line("ids", claimed=0.3, low=0.25, fresh=-0.8), line("iris"), line("iris", 1)]
    after = [line("ids", claimed=0.05, low=0.0, fresh=0.06), line("iris")]
    failed = {"table": "rare", "seed": 0, "estimators": "auto", "failed": "ValueError('cv=5')"}
    alone = fresh_verdicts.report([*before, failed])
    assert "ids                  1   0.3000   0.2500  -0.8000  +1.1000" in alone
    assert "NO   95 % limits above fresh rows: 1 of 3, 0 of them told" in alone
    assert "failed: rare: ValueError('cv=5')" in alone
    both = fresh_verdicts.side_by_side([*before, failed], after)
    assert "ids                  0.3000  -0.8000   1/1" in both
    assert "0.0500   0.0600   0/1" in both
    assert both.index("failed: rare") < both.index("\nafter\n")


# --- a run ----------------------------------------------------------------------------------------


def test_rows_of_unseen_classes_are_counted_not_scored():
    class Sure:
        classes_, class_prior_ = np.array(["a", "b"]), np.array([0.75, 0.25])
        mutual_info_score_, mutual_info_stderr_, label_entropy_ = 0.3, 0.1, 0.56

        def mutual_info_interval(self, level):
            return 0.1, 0.5

        def pointwise_mutual_info(self, X):
            return np.tile([1.0, 2.0], (len(X), 1))

        def predict(self, X):
            return np.repeat("b", len(X))

    X, y = pd.DataFrame({"x": range(5)}), np.array(["a", "b", "b", "z", "b"], object)
    found = fresh.against_fresh(Sure(), X, y)
    assert (found["n"], found["unknown"]) == (4, 1)
    assert found["fresh"] == pytest.approx(7 / 4)
    assert (found["accuracy"], found["guess"]) == (0.75, 0.25)
    assert found["gain"] == pytest.approx(0.5)


def test_a_run_is_saved_and_goes_on(tmp_path, capsys, monkeypatch):
    quick = partial(fresh.MutualInfoClassifier, max_iter=4)
    monkeypatch.setattr(fresh, "MutualInfoClassifier", quick)
    path = tmp_path / "run.jsonl"
    usual = ["fresh", "--names", "iris,heavy_tails", "--rows", "60", "--fresh-rows", "100"]
    usual += ["--estimators", "none", "--seeds", "0", "--save", str(path)]

    def run(*more):
        args = validity.parse([*usual, *more])
        args.do(args)
        return [json.loads(text) for text in path.read_text().splitlines()]

    lines = run("--splits", "1")
    assert [each["table"] for each in lines] == ["iris", "heavy_tails"]
    for each in lines:
        assert set(fresh_verdicts.FOUND) <= set(each)
        assert each["low"] < each["claimed"] < each["entropy"]
        assert each["fresh"] == pytest.approx(each["claimed"], abs=6 * each["error"])
        assert each["accuracy"] - each["guess"] == pytest.approx(each["gain"], abs=1e-4)
    monkeypatch.setattr(fresh, "MutualInfoClassifier", lambda **_: 1 / 0)
    lines = run("--splits", "2")
    assert len(lines) == 3 and "ZeroDivisionError" in lines[2]["failed"]
    assert "splits without an answer: 1" in capsys.readouterr().out
    args = validity.parse(["table", str(path), str(path)])
    args.do(args)
    assert "heavy_tails" in capsys.readouterr().out


def test_unknown_names_are_refused():
    with pytest.raises(SystemExit, match=r"no tables \['moon'\] among breast_cancer"):
        fresh.plan(validity.parse(["fresh", "--names", "moon"]))
