"""The benchmark of robustness: small runs, what its lines hold, and what its tables show."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from benchmark_modules import load
from sklearn.datasets import load_digits

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.losses import CrossEntropyLoss

robustness, models = load("robustness"), load("_robustness_models")
art, tables = load("_robustness_art"), load("_robustness_tables")

FEW = ["--max-iter", "1", "--steps", "2", "--queries", "3", "--eps", ".1,.05"]


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def call(*arguments):
    args = robustness.parse(list(map(str, arguments)))
    args.call(args)


# --- runs -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def digits():
    digits = load_digits()
    return (16 * digits.images).clip(0, 255).astype(np.uint8), digits.target


@pytest.fixture
def archive(digits, tmp_path):
    X, y = digits
    path = tmp_path / "digits.npz"
    np.savez(path, X_train=X[:300], y_train=y[:300], X_test=X[300:400], y_test=y[300:400])
    return path


def test_images_are_attacked_and_lines_written_once(archive, tmp_path, capsys):
    out = tmp_path / "lines.jsonl"
    arguments = ["images", archive, "--rows", 200, "--test-rows", 20, *FEW, "--out", out]
    call(*arguments, "--models", "ce_smoothed,gccs_adversarial,ce_flat_adversarial")
    lines = lines_of(out)
    names = [line["model"] for line in lines]
    assert names == ["ce_smoothed", "gccs_adversarial_0.1", "ce_flat_adversarial_0.1"]
    for line in lines:
        assert (line["n_train"], line["n_attacked"], line["eps"]) == (200, 20, [0.05, 0.1])
        assert {*line["attacks"]} == {"cross_entropy", "margin", "square"}
        for own in [line, *line["attacks"].values()]:
            assert own["accuracy"][0] >= own["accuracy"][1] >= own["accuracy"][2]
            assert own["nats"][0] >= own["nats"][1] >= own["nats"][2]
    call(*arguments, "--models", "ce_smoothed")
    assert lines_of(out) == lines
    capsys.readouterr()
    call("table", out)
    shown = capsys.readouterr().out
    assert "200 rows, 20 attacked" in shown and "0.1 square" in shown


def test_tables_are_attacked_in_units_of_their_training_rows(tmp_path, capsys, few_trees):
    rng = np.random.RandomState(0)
    y = rng.permutation(np.repeat(["a", "b"], 60))
    number = 100 * rng.normal(size=120) + 200 * (y == "a")
    frame = pd.DataFrame({"x": number, "c": rng.choice(["u", "v"], 120), "target": y})
    frame.to_csv(tmp_path / "made.csv", index=False)
    out = tmp_path / "lines.jsonl"
    arguments = ["tables", "--folder", tmp_path, "--sets", "made", "--models", "ce,pool"]
    call(*arguments, "--test-rows", 30, *FEW, "--out", out)
    lines = lines_of(out)
    assert [(line["set"], line["model"]) for line in lines] == [("made", "ce"), ("made", "pool")]
    assert all((line["n_train"], line["n_attacked"]) == (84, 30) for line in lines)
    args = robustness.parse([*map(str, arguments), "--out", str(out)])
    loader = robustness.folder_tables(tmp_path)["made"]
    X, *_, scale = robustness.draw_table(loader, args, seed=0)
    assert scale == {"x": pytest.approx(np.std(X["x"]))}


def test_what_fails_says_so_and_is_run_again(archive, tmp_path, capsys, monkeypatch):
    def fail(*args, **options):
        raise ValueError("no")

    out = tmp_path / "lines.jsonl"
    arguments = ["images", archive, "--models", "ce", "--test-rows", 10, *FEW, "--out", out]
    with monkeypatch.context() as patch:
        patch.setattr(robustness, "measure", fail)
        call(*arguments)
        call("table", out)
    assert "failed: ce on digits (0)" in capsys.readouterr().out
    call(*arguments)
    assert ["error" in line for line in lines_of(out)] == [True, False]
    call("table", out)
    assert "failed" not in capsys.readouterr().out


def test_names_and_tables_that_are_not_there_are_refused(archive, tmp_path):
    out = tmp_path / "lines.jsonl"
    with pytest.raises(SystemExit, match=r"no models \['nonsense'\]"):
        call("images", archive, "--models", "nonsense", "--out", out)
    (tmp_path / "made.csv").write_text("x,target\n1,a\n")
    made = ["tables", "--folder", tmp_path]
    with pytest.raises(SystemExit, match=r"no models \['ce_flat'\]"):
        call(*made, "--sets", "made", "--models", "ce_flat", "--out", out)
    with pytest.raises(SystemExit, match=r"no tables \['nonsense'\]"):
        call(*made, "--sets", "nonsense", "--out", out)


@pytest.mark.parametrize(
    "name, loss, radius, flat",
    [("ce", "ce", None, False), ("gccs_adversarial", "gccs", 0.3, False),
     ("ce_flat", "ce", None, True), ("ce_flat_adversarial", "ce", 0.3, True)],
)  # fmt: skip
def test_the_parts_of_a_name_say_what_a_model_is(name, loss, radius, flat):
    params = models.make_model(name, 0.3).get_params()
    assert (params["loss"], params["adversarial_training"]) == (loss, radius)
    assert (params["module"] != "auto") == flat


# --- the comparison with ART ----------------------------------------------------------------------


def test_without_art_it_says_what_to_install(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(art, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="adversarial-robustness-toolbox"):
        call("art", archive, "--out", tmp_path / "lines.jsonl")


def test_art_sees_the_log_posterior_of_the_network(digits):
    X, y = digits[0][:200, None], digits[1][:200]
    clf = MutualInfoClassifier(cv=None, max_iter=10, random_state=0).fit(X, y)
    pixels = X / np.float32(255)
    assert art.agreement(clf, pixels) == 1
    with torch.no_grad():
        proba = art.LogPosterior(clf).eval()(torch.as_tensor(pixels)).double().exp().numpy()
    ignorance = clf._ensemble.calibration.ignorance_
    proba = (1 - ignorance) * proba + ignorance * clf.class_prior_
    np.testing.assert_allclose(proba, clf.predict_proba(X), atol=1e-5)


def test_rows_that_only_one_of_the_two_gets_wrong_are_counted(archive, tmp_path, monkeypatch):
    def nothing_found(clf, X, y, radii, limits, seed):
        clean = np.tile(clf.predict(X) == y, (len(radii), 1))
        return {"art_margin": clean, "art_square": clean}

    monkeypatch.setattr(robustness, "check_installed", lambda: None)
    monkeypatch.setattr(robustness, "still_right", nothing_found)
    out = tmp_path / "lines.jsonl"
    arguments = ["art", archive, "--models", "ce", "--test-rows", 20, "--max-iter", 5]
    call(*arguments, "--steps", 5, "--queries", 1, "--eps", 0.3, "--out", out)
    (line,) = lines_of(out)
    assert line["art"] == [line["accuracy"][0]] * 2 and line["only_art"] == [0, 0]
    assert line["only_ours"][1] == round(20 * (line["art"][1] - line["accuracy"][1])) > 0
    assert "only_art" in tables.show([line])


# --- arithmetic -----------------------------------------------------------------------------------


def test_smoothing_spreads_a_share_over_all_classes():
    scores, target = torch.randn(7, 3), torch.arange(7) % 3
    weight = torch.rand(7)
    wanted = torch.nn.CrossEntropyLoss(label_smoothing=0.1)(scores, target)
    smoothed = models.SmoothedCrossEntropyLoss(0.1)
    torch.testing.assert_close(smoothed(scores, target), wanted)
    torch.testing.assert_close(
        models.SmoothedCrossEntropyLoss(0.0)(scores, target, weight),
        CrossEntropyLoss()(scores, target, weight),
    )


def made_line(seed, accuracy, **others):
    about = {"task": "tables", "set": "s", "model": "ce", "seed": seed, "rows": 9, "test_rows": 9}
    about |= {"eps": [0.1], "max_iter": 1, "steps": 1, "restarts": 1, "queries": 1, "n_train": 9}
    about |= {"n_attacked": 9, "entropy": 1.0, "machine": "m", "own_nats": 0.5, "epochs": 1}
    about |= {"fit_seconds": 1.0, "attack_seconds": 1.0, "nats": [0.5, 0.25]}
    each = {"cross_entropy": 0.7, "margin": 0.6, "square": 0.5}
    attacks = {name: {"accuracy": [1.0, value]} for name, value in each.items()}
    return about | {"accuracy": [1.0, accuracy], "attacks": attacks} | others


def test_means_have_their_standard_error_over_seeds_and_over_tables():
    shown = tables.show([made_line(0, 0.2), made_line(1, 0.4)])
    assert "0.300 ±0.100" in shown and "seeds 0, 1" in shown and "mean ±" not in shown
    others = [made_line(seed, 0.5, set="t") for seed in (0, 1)]
    shown = tables.show([made_line(0, 0.2), made_line(1, 0.4), *others])
    assert "over 2 tables: s, t" in shown and "0.400 ±0.100" in shown
    elsewhere = tables.show([made_line(0, 0.2), *others, made_line(0, 0.9, model="partial")])
    assert "partial" not in elsewhere[elsewhere.index("over 2 tables") :]
    apart = [made_line(0, 0.2), made_line(0, 0.9, model="other", set="t")]
    assert "over 2 tables" not in tables.show(apart)


def test_masked_slopes_show():
    (row,) = [line for line in tables.show([made_line(0, 0.4)]).splitlines() if "square" in line][
        1:
    ]
    assert row.split() == ["ce", "0.600", "0.500", "square"]
