"""What the graph takes in, and how it reads cells."""

import json

import numpy as np
import pandas as pd
import pytest
from exported import assert_says_the_same, feeds, fit, session_of
from numpy.testing import assert_array_equal

import sklearn_mi
from sklearn_mi.export import to_onnx
from sklearn_mi.export._tables import spellings

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def probabilities(session, given):
    return session.run(["probabilities"], given)[0]


def test_inputs_and_outputs_are_named_and_typed(fitted, table, tmp_path):
    session = session_of(fitted, tmp_path)
    assert {each.name: each.type for each in session.get_inputs()} == {
        "age": "tensor(double)",
        "job": "tensor(string)",
        "member": "tensor(string)",
        "since": "tensor(double)",
        "one": "tensor(double)",
    }
    assert {tuple(each.shape) for each in session.get_inputs()} == {("rows", 1)}
    shapes = {each.name: (each.type, each.shape) for each in session.get_outputs()}
    assert shapes == {
        "label": ("tensor(string)", ["rows"]),
        "probabilities": ("tensor(float)", ["rows", 3]),
    }


def test_the_file_says_what_it_is(fitted, tmp_path):
    properties = session_of(fitted, tmp_path).get_modelmeta().custom_metadata_map
    assert properties["sklearn_mi"] == sklearn_mi.__version__
    assert json.loads(properties["classes"]) == fitted.classes_.tolist()
    kinds = {"age": "number", "job": "category", "member": "category", "since": "date"}
    assert json.loads(properties["columns"]) == kinds | {"one": "number"}


def test_inputs_say_their_units(fitted, tmp_path):
    docs = {each.name: each.doc_string for each in to_onnx(fitted, tmp_path / "m").graph.input}
    assert docs["age"] == "number; NaN is missing"
    assert docs["job"] == "text of a level; the empty text is missing"
    assert docs["since"] == "days since 1970-01-01 UTC; NaN is missing"


def test_a_level_may_be_written_in_other_ways(fitted, table, tmp_path):
    session, given = session_of(fitted, tmp_path), feeds(table[0])
    expected = probabilities(session, given)
    for true, false in [("True", "False"), ("true", "false"), ("1", "0"), ("1.0", "0.0")]:
        cells = np.where(table[0]["member"], true, false).astype(object)
        assert_array_equal(probabilities(session, given | {"member": cells[:, None]}), expected)


def test_levels_that_are_numbers_or_codes(table, tmp_path):
    rng = np.random.default_rng(0)
    levels = {"number": [1.0, 2.5, 0.1], "single": np.float32([0.1, 7, 3e9]), "code": ["01", "1"]}
    X = pd.DataFrame({k: pd.Categorical(rng.choice(v, 200)) for k, v in levels.items()})
    y = np.where(X["number"].astype(float) + rng.normal(0, 0.3, 200) > 1, "a", "b")
    assert_says_the_same(fit(X, y), X, tmp_path)


@pytest.mark.parametrize("level", ["1", "0", "0.1", "01", "1e-07", "nan", "x", None])
def test_spellings_are_read_as_their_level(level):
    from sklearn_mi._inputs._words import word

    assert spellings(level)[0] == (level or "")
    assert {word(text) or None for text in spellings(level)} == {level}


def test_missing_and_unknown_levels(fitted, table, tmp_path):
    X = table[0].head(3).copy()
    X["job"], X["age"] = ["", "pilot", "cook"], [np.nan, -1e300, 1e300]
    assert_says_the_same(fitted, X.assign(job=[None, "pilot", "cook"]), tmp_path, feeds(X))


def test_rows_without_names_are_one_input(iris, tmp_path):
    X, y = iris
    clf = fit(X, y)
    (only,) = session_of(clf, tmp_path).get_inputs()
    assert (only.name, only.type, only.shape) == ("X", "tensor(double)", ["rows", 4])
    assert_says_the_same(clf, X, tmp_path, {"X": X})


def test_rows_without_names_that_are_no_numbers(table, tmp_path):
    X = table[0][["age", "job"]].to_numpy(object)
    given = feeds(pd.DataFrame(X, columns=["x0", "x1"]).astype({"x0": float}))
    assert_says_the_same(fit(X, table[1]), X, tmp_path, given)


@pytest.mark.parametrize("name", ["label", "probabilities", "Add_7", "X"])
def test_columns_may_have_any_name(name, table, tmp_path):
    X, y = table[0][["age"]].set_axis([name], axis=1), table[1]
    clf = fit(X, y, estimators=None)
    session = session_of(clf, tmp_path)
    assert [each.name for each in session.get_inputs()] == [name]
    names = [each.name for each in session.get_outputs()]
    assert [each.rstrip("_") for each in names] == ["label", "probabilities"]
    assert name not in names
    assert_says_the_same(clf, X, tmp_path)
