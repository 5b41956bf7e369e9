"""A fit to files tells of columns that it does not make full use of."""

import warnings

import numpy as np
import pandas as pd
import pytest
from rows_in_files import BRIEF, gaussian_rows, write

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.exceptions import ColumnWarning


def told(frame, path, *words):
    """The warnings of a fit to a file, those with some words in them."""
    write(frame, path)
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        clf = MutualInfoClassifier(**{**BRIEF, "max_iter": 1}).fit(path, "y")
    found = [w for w in raised if all(word in str(w.message) for word in words)]
    assert all(w.filename == __file__ and w.category is ColumnWarning for w in found)
    return clf, [str(w.message) for w in found]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "rows.parquet"


def test_a_column_that_became_the_index_is_told(file):
    clf, (text,) = told(gaussian_rows(300).set_index(["b", "c"]), file, "index")
    assert clf.feature_names_in_.tolist() == ["a"]
    assert text.startswith("'b', 'c' in X was written as the index")
    assert "reset_index()" in text


def test_an_index_without_a_name_or_without_a_column_is_not(file):
    frame = gaussian_rows(300)
    assert not told(frame, file, "index")[1]
    assert not told(frame.rename_axis("row"), file, "index")[1], "a RangeIndex has no column"
    assert not told(frame.sample(frac=1, random_state=0), file, "index")[1]
    assert not told(frame.set_index("b").reset_index(drop=True), file, "index")[1]


def test_an_index_that_is_asked_for_is_told_before_it_is_missed(file):
    write(gaussian_rows(300).set_index("y"), file)
    with (
        pytest.warns(UserWarning, match="'y' in X was written as the index"),
        pytest.raises(ValueError, match="y='y' is no column of X"),
    ):
        MutualInfoClassifier().fit(file, "y")


DAYS = pd.date_range("2020-01-01", periods=300).astype(str)
SPELT = {
    "numbers": gaussian_rows(300)["b"].astype(str),
    "marked numbers": gaussian_rows(300)["b"].astype(str).str.replace(".", ","),
    "dates": pd.Series(DAYS),
    "durations": pd.Series([f"{h}:{m:02}:00" for h in range(5) for m in range(60)]),
}


@pytest.mark.parametrize("kind", SPELT)
def test_text_that_spells_something_is_told(file, kind):
    (text,) = told(gaussian_rows(300).assign(b=SPELT[kind]), file, "Column 'b' is text")[1]
    assert f"they look like {kind.split()[-1]}" in text
    assert "convert the column when you write the file" in text
    assert not told(gaussian_rows(300).assign(b=SPELT[kind].astype("category")), file, "'b' is")[1]


def test_mere_text_is_not(file):
    words = np.random.default_rng(0).choice(["red", "green", None], 300)
    empty = np.full(300, "")
    frame = gaussian_rows(300).assign(b=words, c=empty, d=words.astype("S"))
    assert not told(frame, file, "is text in the file")[1]
