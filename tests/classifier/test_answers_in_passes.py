"""A fitted classifier answers files and Datasets as it answers the same rows in memory."""

import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pytest
from rows_in_files import brief_fit, gaussian_rows, write

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._inputs import _row_source
from sklearn_mi.metrics import mutual_info_scorer

CELLS = list("abc")


@pytest.fixture(scope="module")
def frame():
    frame = gaussian_rows(900)
    return frame.assign(name=[f"n{i}" for i in range(900)], w=np.arange(900) % 4 + 0.0)


@pytest.fixture(scope="module")
def file(frame, tmp_path_factory):
    return write(frame, tmp_path_factory.mktemp("rows") / "rows.parquet", 100)


@pytest.fixture(scope="module")
def clf(frame):
    return brief_fit(frame[CELLS], frame["y"], max_iter=3)


@pytest.fixture(autouse=True)
def small_strips(monkeypatch):
    monkeypatch.setattr(_row_source, "MOST_CELLS", 600)
    monkeypatch.setattr(_row_source, "LEAST_ROWS", 64)


@pytest.mark.parametrize("ask", ["predict", "predict_proba", "pointwise_mutual_info"])
def test_they_are_those_of_the_rows(clf, file, frame, ask):
    expected = getattr(clf, ask)(frame[CELLS])
    for X in (file, str(file.parent), ds.dataset(file), [file], [str(file)]):
        answer = getattr(clf, ask)(X)
        assert answer.shape == expected.shape
        if ask == "predict":
            np.testing.assert_array_equal(answer, expected)
        else:
            np.testing.assert_allclose(answer, expected, rtol=1e-5, atol=1e-6)


def test_the_score_takes_names_of_columns(clf, file, frame):
    assert clf.score(file, "y") == clf.score(frame[CELLS], frame["y"])
    weighted = clf.score(frame[CELLS], frame["y"], frame["w"])
    assert clf.score(file, "y", sample_weight="w") == pytest.approx(weighted)
    with pytest.raises(ValueError, match="y='label' is no column of X"):
        clf.score(file, "label")


def test_scorers_take_them_too(clf, file, frame):
    for weight in (None, "w"):
        of_frame = frame[CELLS], frame["y"], weight and frame[weight]
        expected = mutual_info_scorer(clf, *of_frame)
        assert mutual_info_scorer(clf, file, "y", weight) == pytest.approx(expected, rel=1e-5)


def test_a_column_that_is_missing_is_named(clf, frame, tmp_path):
    file = write(frame[["a", "b"]], tmp_path / "few.parquet")
    with pytest.raises(ValueError, match="missing"):
        clf.predict(file)
    file = write(frame[["y"]], tmp_path / "none.parquet")
    with pytest.raises(ValueError, match=r"none of the columns of the fit, .*'a', 'b', 'c'"):
        clf.predict(file)
    with pytest.raises(FileNotFoundError, match="no file and no folder"):
        clf.predict("nowhere.parquet")


def test_one_that_is_not_fitted_says_so(file):
    with pytest.raises(Exception, match="not fitted yet"):
        MutualInfoClassifier().predict(file)


def test_a_file_without_rows(clf, frame, tmp_path):
    file = write(pd.DataFrame(frame[:0]), tmp_path / "empty.parquet")
    for ask in (clf.predict, lambda X: clf.score(X, "y")):
        with pytest.raises(ValueError, match="0 sample"):
            ask(file)
