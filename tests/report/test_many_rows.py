"""Folders of Parquet files are one table, and of very many rows a random sample is reported."""

import json

import numpy as np
import pandas as pd
import pytest

from sklearn_mi.__main__ import main
from sklearn_mi.report import _many_rows
from sklearn_mi.report._files import UserError, read_table

N_ROWS = 300


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": np.arange(N_ROWS) / 7, "b": rng.normal(size=N_ROWS)})
    frame["y"] = np.where(frame["b"] > 0, "u", "v")
    for number, start in enumerate(range(0, N_ROWS, 100)):
        frame[start : start + 100].to_parquet(tmp_path / f"{number}.parquet")
    return tmp_path


def test_a_folder_is_one_table(folder):
    frame = read_table(folder)
    np.testing.assert_array_equal(frame["a"], np.arange(N_ROWS) / 7)
    assert list(frame) == ["a", "b", "y"]


def test_of_many_rows_a_sample_with_their_numbers(folder, monkeypatch):
    monkeypatch.setattr(_many_rows, "MOST_ROWS", 200)
    monkeypatch.setattr(_many_rows, "SAMPLE_ROWS", 150)
    said = []
    frame = read_table(folder, note=said.append, seed=1)
    assert said == ["a random sample of 150 of 300 rows"]
    assert len(frame) == 150
    np.testing.assert_allclose(frame["a"], (frame.index - 1) / 7)
    assert not frame.equals(read_table(folder, seed=2))
    assert len(read_table(folder / "0.parquet")) == 100


@pytest.mark.usefixtures("few_trees")
def test_a_report_of_a_folder(folder, capsys):
    arguments = ["report", str(folder), "--target", "y", "--losses", "ce", "--json", "--quiet"]
    assert main(arguments) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["n_rows"] == N_ROWS


def test_a_folder_without_parquet(tmp_path, folder):
    (folder / "empty").mkdir()
    with pytest.raises(UserError, match=r"no file \*\.parquet"):
        read_table(folder / "empty")
