"""Odd tables and labels are taken as they are, as long as they say what they mean."""

import brief_fits
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sklearn_mi import MutualInfoClassifier

X = pd.DataFrame(np.random.RandomState(0).standard_normal((60, 3)), columns=["a", "b", "c"])
Y = np.tile([0, 1, 2], 20)


def _fit(X=X, y=Y, **params):
    usual = {"estimators": None, "hidden_layer_sizes": (16,), "max_iter": 2, "random_state": 0}
    return MutualInfoClassifier(**usual | params).fit(X, y)


ODD_COLUMNS = {
    "category": pd.Categorical(["u", "v", "w"] * 20),
    "strings": pd.array(["u", "v", None] * 20, dtype="string"),
    "objects": np.array(["u", 1, 2.5, None, True, ()] * 10, dtype=object),
    "nullable": pd.array([1, 2, None] * 20, dtype="Int64"),
    "boolean": np.tile([True, False], 30),
    "nullable boolean": pd.array([True, False, None] * 20, dtype="boolean"),
    "constant": np.full(60, 7.0),
    "constant string": np.full(60, "same"),
    "all missing": np.full(60, np.nan),
    "all None": np.full(60, None),
    "huge": np.geomspace(1e-300, 1e300, 60),
    "dates": pd.date_range("2020-01-01", periods=60),
    "identifiers": np.array([f"id{i}" for i in range(60)]),
}


@pytest.mark.parametrize("column", ODD_COLUMNS.values(), ids=ODD_COLUMNS.keys())
@pytest.mark.parametrize("alone", [False, True])
def test_odd_columns_are_taken_as_they_are(column, alone):
    table = pd.DataFrame({"odd": column}) if alone else X.assign(odd=column)
    clf = _fit(table)
    assert np.isfinite(clf.mutual_info_score_)
    assert np.isfinite(clf.predict_log_proba(table)).all()


def test_companions_take_all_odd_columns_at_once(few_trees):
    table = pd.DataFrame(ODD_COLUMNS)
    clf = _fit(table, estimators="auto")
    assert np.isfinite(clf.mutual_info_score_)
    assert np.isfinite(clf.predict_log_proba(table)).all()


@pytest.mark.parametrize("estimators", [None, "auto"])
def test_columns_that_never_vary_tell_nothing(estimators, few_trees):
    table = pd.DataFrame({"one": np.ones(60), "none": np.full(60, None)})
    clf = _fit(table, max_iter=20, estimators=estimators)
    assert clf.mutual_info_score_ < 1e-9
    proba = clf.predict_proba(pd.DataFrame({"one": [1.0, 5.0], "none": [None, "new"]}))
    assert_array_equal(proba[0], proba[1])


@pytest.mark.parametrize("estimators", [None, "auto"])
def test_prediction_takes_unseen_categories_and_missing_values(estimators, few_trees):
    table = X.assign(d=["u", "v", "w"] * 20)
    clf = _fit(table, estimators=estimators)
    odd = pd.DataFrame({"a": [np.nan, 0], "b": [None, None], "c": [1e300, 0], "d": ["new", None]})
    assert np.isfinite(clf.predict_log_proba(odd)).all()


LABELS = {
    "strings": np.array(["z", "a", "m"])[Y],
    "objects": np.array(["z", "a", "m"], dtype=object)[Y],
    "booleans": Y == 1,
    "gaps": np.array([10, -3, 7])[Y],
    "whole floats": Y.astype(float),
    "list": Y.tolist(),
    "category": pd.Categorical.from_codes(Y, ["z", "a", "m"]),
    "nullable": pd.Series(Y, dtype="Int64"),
    "nullable boolean": pd.Series(Y == 1, dtype="boolean"),
    "string dtype": pd.Series(np.array(["z", "a", "m"])[Y], dtype="string"),
    "other index": pd.Series(Y, index=np.arange(60)[::-1]),
}


@pytest.mark.parametrize("y", LABELS.values(), ids=LABELS.keys())
def test_labels_of_any_kind_come_back(y):
    clf, values = _fit(y=y), np.asarray(y)
    reference = _fit(y=np.unique(values, return_inverse=True)[1])
    assert_array_equal(clf.classes_, np.unique(values))
    assert set(clf.predict(X)) <= set(values)
    assert clf.predict(X).dtype.kind == clf.classes_.dtype.kind
    assert clf.mutual_info_score_ == reference.mutual_info_score_


def test_frame_array_and_list_are_the_same_table():
    scores = [_fit(table).mutual_info_score_ for table in (X, X.to_numpy(), X.to_numpy().tolist())]
    assert scores[0] == scores[1] == scores[2]


CELLS = [
    st.one_of(st.floats(allow_infinity=False), st.none()),
    st.integers(-5, 5),
    st.sampled_from(["u", "v", "", None]),
    st.booleans(),
    st.one_of(st.booleans(), st.text(max_size=2), st.integers(0, 2), st.none()),
]


@st.composite
def tables(draw):
    n = draw(st.integers(20, 40))
    constant = st.one_of(CELLS).map(lambda cell: [cell] * n)
    column = st.one_of(constant, *(st.lists(cells, min_size=n, max_size=n) for cells in CELLS))
    columns = draw(st.lists(column, min_size=1, max_size=4))
    table = pd.DataFrame({f"x{j}": pd.Series(cells) for j, cells in enumerate(columns)})
    labels = np.arange(n) % draw(st.integers(2, 3))
    return table, np.array(draw(st.permutations(labels.tolist())))


@settings(max_examples=15, deadline=None)
@given(tables(), st.sampled_from(["ce", "pc_softmax", "dmi"]))
def test_any_table_gives_finite_numbers(data, loss):
    with brief_fits.few_trees(), brief_fits.brief_searches():
        clf = _fit(*data, loss=loss, cv=2, estimators="auto")
    assert np.isfinite(clf.mutual_info_score_) and np.isfinite(clf.mutual_info_stderr_)
    proba = clf.predict_proba(data[0])
    assert np.isfinite(proba).all() and np.allclose(proba.sum(axis=1), 1)
