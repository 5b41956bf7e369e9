"""The benchmarks on images: what is drawn, trained and counted, on a small archive."""

from argparse import Namespace

import numpy as np
import pytest
from benchmark_modules import load
from sklearn.datasets import load_digits

images, localization = load("images"), load("localization")


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    digits = load_digits()
    X, y = (16 * digits.images).clip(0, 255).astype(np.uint8), digits.target
    path = tmp_path_factory.mktemp("data") / "digits.npz"
    np.savez(path, X_train=X[:300], y_train=y[:300], X_test=X[300:400], y_test=y[300:400])
    return path


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(localization, "N_CHOOSING", 20)
    monkeypatch.setattr(localization, "N_SCORED", 25)


def test_what_a_threshold_is_chosen_on_was_not_trained_on(archive, few):
    (X, y), (X_other, y_other, boxes), scored = localization.draw(archive, 60, seed=0)
    assert (len(X), len(y), len(X_other), len(y_other), len(boxes)) == (60, 60, 20, 20, 20)
    assert [len(part) for part in scored] == [25] * 3
    with np.load(archive) as data:
        rows = np.random.RandomState(0).permutation(300)[:80]
        np.testing.assert_array_equal(np.r_[y, y_other], data["y_train"][rows])


def test_a_line_for_each_kind_of_map(archive, few):
    lines = list(localization.one_run(archive, "ce", 60, 1, seed=0))
    kinds = [line["kind"] for line in lines]
    assert len(kinds) == len(set(kinds)) == 7 and {"cam", "info_cam, region", "grad_cam"} < {*kinds}
    for line in lines:
        assert all(0 <= line[name] <= 1 for name in localization.FIGURES)
        assert line["max_box"] >= line["gt_known"] >= line["top_1"]
        assert line["max_box"] >= line["at_.2"]


def test_the_lead_over_cam_is_paired_by_seed(tmp_path, capsys):
    from json import dumps

    about = {"data": "d", "loss": "ce", "rows": 1, "accuracy": 1.0, "nats": 1.0, "seconds": 1.0}
    about |= {"machine": "m", "threshold": 0.2} | dict.fromkeys(localization.FIGURES, 0.5)
    known = {("cam", 0): 0.1, ("cam", 1): 0.5, ("info_cam", 0): 0.2, ("info_cam", 1): 0.8}
    lines = [about | {"kind": k, "seed": s, "gt_known": v} for (k, s), v in known.items()]
    (tmp_path / "lines.jsonl").write_text("\n".join(map(dumps, lines)))
    localization.table(Namespace(lines=[tmp_path / "lines.jsonl"]))
    assert "+0.200 (+0.100, +0.300)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["accuracy"], ["accuracy", "nats_held_out", "H 2.3"]),
        (["noise", "--cases", "2", "--rates", "0.4"], ["case 2 .4", "matrix_error"]),
        (["stack", "--rows", "300", "--turns", "1"], ["stack of five", "five single fits"]),
    ],
    ids=lambda value: value[0],
)
def test_each_task_prints_its_lines(archive, capsys, arguments, said):
    losses = ["--losses", "dmi" if arguments[0] == "noise" else "ce"]
    args = images.parse([*arguments[:1], str(archive), *arguments[1:], *losses, "--max-iter", "1"])
    args.call(args.archives[0], args.losses[0], 0, args)
    out = capsys.readouterr().out
    assert all(word in out for word in said), out


def test_the_rare_digits_are_the_even_ones(archive, capsys, monkeypatch):
    monkeypatch.setattr(images, "RARE", 10)
    monkeypatch.setattr(images, "FREQUENT", 25)
    seen, fit = [], images.fit

    def noting_fit(loss, X, y, *rest):
        seen.append(y)
        return fit(loss, X, y, *rest)

    monkeypatch.setattr(images, "fit", noting_fit)
    args = images.parse(["imbalance", str(archive), "--losses", "ce", "--max-iter", "1"])
    args.call(archive, "ce", 0, args)
    np.testing.assert_array_equal(np.bincount(seen[0]), [10, 25] * 5)
    assert "macro" in capsys.readouterr().out
