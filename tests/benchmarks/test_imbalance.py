"""The benchmark of rare classes: small runs, its readings of one fit, and the arithmetic of it."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from benchmark_modules import load
from sklearn.base import BaseEstimator

from sklearn_mi.losses import CrossEntropyLoss

imbalance, models = load("imbalance"), load("_imbalance_models")


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


# --- runs -----------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """A table of 120 and 20 rows, told apart by a number with gaps and a category; an even one."""
    rng = np.random.default_rng(0)
    y = np.repeat(["often", "rare"], [120, 20])
    number = rng.standard_normal(140) + 3 * (y == "rare")
    number[::9] = np.nan
    frame = pd.DataFrame({"a": number, "b": rng.choice(["u", "v"], 140), "target": y})
    folder = tmp_path / "tables"
    folder.mkdir()
    frame.to_csv(folder / "rare.csv", index=False)
    frame.iloc[80:].to_csv(folder / "even.csv", index=False)
    return folder


def run(folder, out, names):
    options = ["--folder", str(folder), "--models", names, "--seeds", "0", "--out", str(out)]
    args = imbalance.parse(["run", *options])
    args.do(args)


def test_a_run_is_written_once_and_shown(folder, tmp_path, capsys):
    out = tmp_path / "lines.jsonl"
    run(folder, out, "nets_ce")
    assert "even: left out" in capsys.readouterr().out
    rows = lines_of(out)
    assert [each["model"] for each in rows] == ["nets_ce", "nets_ce_uniform"]
    for each in rows:
        assert (each["set"], each["n"]) == ("rare", 105)
        assert 0.6 < each["balanced_accuracy"] <= 1
    assert rows[0]["mi"] == rows[1]["mi"]
    assert rows[0]["rarest_recall"] <= rows[1]["rarest_recall"]
    run(folder, out, "nets_ce")
    assert lines_of(out) == rows
    args = imbalance.parse(["table", str(out), "--ours", "nets_ce_uniform"])
    args.do(args)
    said = capsys.readouterr().out
    assert "1 tables, seeds 0" in said
    assert "nets_ce_uniform minus ..." in said


def test_a_failure_is_told_and_tried_again(folder, tmp_path, monkeypatch, capsys):
    out = tmp_path / "lines.jsonl"

    def fail(seed, **more):
        raise MemoryError("large")

    with monkeypatch.context() as patch:
        patch.setitem(imbalance.MAKERS, "nets_ce", fail)
        run(folder, out, "nets_ce")
    assert [each["error"] for each in lines_of(out)] == ["MemoryError('large')"]
    run(folder, out, "nets_balanced")
    args = imbalance.parse(["table", str(out), "--ours", "nets_balanced"])
    args.do(args)
    assert "failed: nets_ce on rare (0)" in capsys.readouterr().out
    run(folder, out, "nets_ce")
    assert [each["model"] for each in lines_of(out)[2:]] == ["nets_ce", "nets_ce_uniform"]


def test_images_are_thinned_for_training_only(tmp_path):
    rng = np.random.default_rng(0)
    y_train, y_test = np.arange(400) % 10, np.arange(100) % 10
    images = {
        f"X_{part}": rng.integers(0, 60, (len(y), 3, 4)) + 20 * y[:, None, None]
        for part, y in [("train", y_train), ("test", y_test)]
    }
    np.savez(tmp_path / "mnist.npz", y_train=y_train, y_test=y_test, **images)
    options = ["--caps", "8,30", "--models", "nets_ce", "--seeds", "0"]
    out = tmp_path / "lines.jsonl"
    args = imbalance.parse(["mnist", str(tmp_path / "mnist.npz"), *options, "--out", str(out)])
    args.do(args)
    rows = lines_of(out)
    assert [(each["set"], each["n"]) for each in rows] == [("mnist", 5 * 8 + 5 * 30)] * 2
    assert rows[1]["balanced_accuracy"] > 0.3


def test_models_without_their_package_are_refused(monkeypatch):
    monkeypatch.setattr(models, "find_spec", lambda package: None)
    with pytest.raises(SystemExit, match="forest, smote need the package imbalanced-learn"):
        models.check_names(["ce", "smote", "forest"])
    with pytest.raises(SystemExit, match=r"unknown models \['svm'\]; known are ce, balanced"):
        models.check_names(["ce", "svm"])
    models.check_names(["ce", "nets_pc_softmax"])


def test_main_refuses_before_it_reads(monkeypatch, tmp_path):
    argv = ["imbalance.py", "run", "--models", "svm", "--out", str(tmp_path / "none")]
    monkeypatch.setattr(sys, "argv", argv)
    with pytest.raises(SystemExit, match="svm"):
        imbalance.main()
    assert not (tmp_path / "none").exists()


# --- readings of one fit --------------------------------------------------------------------------


def test_probabilities_are_corrected_by_bayes_rule():
    proba = np.array([[0.5, 0.5], [0.2, 0.8]])
    corrected = models.corrected(proba, np.array([0.5, 0.5]), np.array([0.9, 0.1]))
    np.testing.assert_allclose(corrected, [[0.9, 0.1], [9 / 13, 4 / 13]])


def test_decisions_under_both_frequencies():
    proba, prior = np.array([[0.6, 0.4], [0.95, 0.05]]), np.array([0.9, 0.1])
    np.testing.assert_array_equal(models.decide(proba, prior, uniform=False), [0, 0])
    np.testing.assert_array_equal(models.decide(proba, prior, uniform=True), [1, 0])
    tie = np.array([[0.5 - 1e-12, 0.5 + 1e-12]])
    np.testing.assert_array_equal(models.decide(tie, prior, uniform=False), [0])


def test_every_model_has_readings_of_names_of_their_own():
    assert list(models.READINGS) == list(models.MAKERS)
    names = [name for readings in models.READINGS.values() for name in readings]
    assert len(names) == len(set(names))
    assert set(models.MAKERS) <= set(names)
    assert models.NEED_IMBLEARN.issubset(models.MAKERS)


def test_focal_loss_weighs_rows_that_are_right_less():
    scores = torch.log(torch.tensor([[0.25, 0.75], [0.9, 0.1]]))
    target = torch.tensor([0, 0])
    by_hand = -(0.75**2 * np.log(0.25) + 0.1**2 * np.log(0.9)) / 2
    assert models.FocalLoss()(scores, target).item() == pytest.approx(by_hand, rel=1e-5)
    weight = torch.tensor([3.0, 1.0])
    weighed = -(1.5 * 0.75**2 * np.log(0.25) + 0.5 * 0.1**2 * np.log(0.9)) / 2
    assert models.FocalLoss()(scores, target, weight).item() == pytest.approx(weighed, rel=1e-5)
    plain = models.FocalLoss(gamma=0)(scores, target)
    torch.testing.assert_close(plain, CrossEntropyLoss()(scores, target))


class Twice:
    """A sampler that repeats the second class and keeps what it was given."""

    def fit_resample(self, X, y):
        self.seen = X
        rows = np.r_[np.arange(len(y)), np.flatnonzero(y == 1)]
        return X.iloc[rows], y[rows]


class Undecided(BaseEstimator):
    """A classifier that knows the frequencies of its rows and nothing else."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y):
        self.class_prior_ = np.bincount(y) / len(y)
        return self

    def predict_proba(self, X):
        assert not X.isna().any(axis=None)
        return np.tile(self.class_prior_, (len(X), 1))


def test_resampling_is_taken_out_of_the_probabilities():
    sampler, asked = Twice(), []

    def make_sampler(table, y, seed):
        asked.append(seed)
        return sampler

    X = pd.DataFrame({"a": [1, np.nan, 3, 8], "b": pd.Categorical(["u", "v", "u", "u"])})
    clf = models.Resampled(make_sampler, Undecided(random_state=7))
    clf.fit(X, np.array([0, 0, 0, 1]))
    np.testing.assert_allclose(clf.classifier.class_prior_, [0.6, 0.4])
    np.testing.assert_allclose(clf.predict_proba(X[:2]), [[0.75, 0.25]] * 2)
    assert asked == [7]
    assert sampler.seen["a"].tolist() == [1, 3, 3, 8]
    assert sampler.seen["a_missing"].tolist() == [False, True, False, False]


# --- arithmetic -----------------------------------------------------------------------------------


def test_scores_by_hand():
    proba = np.array([[0.9, 0.1], [0.6, 0.4], [0.4, 0.6], [0.2, 0.8]])
    y, predicted, even = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), np.array([0.5, 0.5])
    fresh = np.array([0.75, 0.25])
    result = imbalance.scores(proba, predicted, y, even, fresh)
    q = np.array([2.7 / 2.8, 1.8 / 2.2, 1.2 / 1.8, 0.8 / 1.4])  # after the correction to `fresh`
    assert result == pytest.approx(
        {
            "balanced_accuracy": (2 / 3 + 1) / 2,
            "macro_f1": (4 / 5 + 2 / 3) / 2,
            "mi": np.log(q / fresh[y]).mean(),
            "accuracy": 3 / 4,
            "rarest_recall": 2 / 3,
        },
        abs=1e-4,
    )
    rare = imbalance.scores(proba, predicted, y, np.array([0.9, 0.1]), fresh)
    assert rare["rarest_recall"] == 1


def test_tables_are_left_out_by_the_ratio_of_their_classes():
    labels = np.repeat(["a", "b", "c"], [50, 20, 10])
    assert imbalance.imbalanced(labels, 5)
    assert not imbalance.imbalanced(labels, 5.1)


def test_rows_of_images_by_the_caps():
    y = np.random.default_rng(0).permutation(np.repeat(np.arange(10), 40))
    rows = imbalance.imbalanced_rows(y, 0, caps=[5, 60])
    assert np.bincount(y[rows]).tolist() == [5, 40] * 5
    assert (np.diff(rows) > 0).all()
    assert not np.array_equal(rows, imbalance.imbalanced_rows(y, 1, caps=[5, 60]))


def row(table, model, balanced_accuracy, seed=0):
    others = {name: 0.5 for name in imbalance.METRICS}
    return {"set": table, "model": model, "seed": seed, **others} | {
        "balanced_accuracy": balanced_accuracy
    }


FRAME = pd.DataFrame([
    row("A", "ce", 0.4), row("A", "ce", 0.6, seed=1), row("B", "ce", 0.7),
    row("A", "pc_softmax", 0.8), row("A", "pc_softmax", 0.8, seed=1), row("B", "pc_softmax", 0.6),
    row("C", "pc_softmax", 0.1),
])  # fmt: skip


def test_means_over_seeds_then_over_tables():
    lines = imbalance.means_block(FRAME, "balanced_accuracy").splitlines()
    assert lines[1].split() == ["ce", "pc_softmax"]
    assert lines[2].split() == ["A", "0.500", "±0.141", "0.800", "±0.000"]
    assert lines[3].split() == ["B", "0.700", "0.600"]
    assert lines[4].split() == ["C", "-", "0.100"]
    assert lines[5].split() == ["MEAN", "0.600", "±0.141", "0.500", "±0.000"]


def test_pairs_are_of_the_tables_that_both_have():
    line = imbalance.paired_block(FRAME, "pc_softmax").splitlines()[1].split()
    # A +.3, B -.1; the other metrics are equal.
    assert line[:6] == ["ce", "2", "1", "+0.1000", "+-", "0.2000"]
    assert line[6:9] == ["+0.0000", "+-", "0.0000"]
    assert line[-1] == "1.000"
