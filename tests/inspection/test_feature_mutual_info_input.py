"""Tables, groups, pairs and weights that go into `feature_mutual_info`, and what is refused."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from sklearn_mi.datasets import make_xor
from sklearn_mi.inspection import conditional_mutual_info, feature_mutual_info

TREE = DecisionTreeClassifier(random_state=0)


class Witness(ClassifierMixin, BaseEstimator):
    """Notes the columns that it is fitted to."""

    seen = []

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.seen.append(tuple(X.columns))
        return self

    def predict_proba(self, X):
        assert isinstance(X, pd.DataFrame)
        return np.full((len(X), 2), 0.5)


@pytest.fixture(scope="module")
def rows():
    return make_xor(200, 3, random_state=0)


def test_frames_stay_frames_with_the_columns_of_each_subset(rows):
    X, y = rows
    Witness.seen.clear()
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    result = feature_mutual_info(frame, y, estimator=Witness(), cv=2)
    assert result.names == ["a", "b", "c"]
    subsets = {("a",), ("b",), ("c",), ("a", "b"), ("a", "c"), ("b", "c"), ("a", "b", "c")}
    assert set(Witness.seen) == subsets
    assert len(Witness.seen) == 2 * len(subsets)


@pytest.mark.parametrize("cell", [7, "same", None, np.nan])
def test_constant_columns_are_not_asked(rows, cell):
    X, y = rows
    frame = pd.DataFrame(X[:, :2], columns=["a", "b"])
    options = {"estimator": Witness(), "cv": 2, "n_permutations": 7, "random_state": 0}
    kinds = ["marginal", "conditional", "shapley", "interaction"]
    for n_constant in (1, 4):  # all subsets, and some orders
        told = frame.assign(**{f"c{j}": cell for j in range(n_constant)})
        Witness.seen.clear()
        result = feature_mutual_info(told, y, kind=kinds, **options)
        assert sorted(Witness.seen) == sorted(2 * [("a",), ("b",), ("a", "b")])
        for kind in kinds[:3]:
            assert not result[kind][2:].any() and not result[f"{kind}_stderr"][2:].any()


def test_columns_that_are_all_constant_or_hardly_so_are_asked(rows):
    _, y = rows
    seldom = pd.DataFrame({"a": 1.0, "b": "x", "c": np.r_[np.nan, np.ones(199)]}, range(200))
    for columns, asked in [(["a"], ["a"]), (["a", "b", "c"], ["c"])]:
        Witness.seen.clear()
        feature_mutual_info(seldom[columns], y, estimator=Witness(), cv=2)
        assert set(Witness.seen) == {tuple(asked)}


@pytest.mark.parametrize("kind", [np.asarray, np.ndarray.tolist, csr_array, pd.DataFrame])
def test_kinds_of_tables(rows, kind):
    X, y = rows
    expected = feature_mutual_info(X, y, estimator=TREE, cv=2)
    found = feature_mutual_info(kind(X), y, estimator=TREE, cv=2)
    np.testing.assert_allclose(found.conditional, expected.conditional)


def test_labels_of_text(rows):
    X, y = rows
    expected = feature_mutual_info(X, y, estimator=TREE, cv=2)
    found = feature_mutual_info(X, np.array(["no", "yes"])[y], estimator=TREE, cv=2)
    np.testing.assert_allclose(found.conditional, expected.conditional)


@pytest.mark.parametrize("groups", [{"p": ["b", 0], "q": "c"}, [["b", "a"], "c"], [[1, -3], [2]]])
def test_groups_by_names_and_numbers(rows, groups):
    frame = pd.DataFrame(rows[0], columns=["a", "b", "c"])
    result = feature_mutual_info(frame, rows[1], estimator=TREE, feature_groups=groups, cv=2)
    assert result.names == (["p", "q"] if isinstance(groups, dict) else ["a+b", "c"])
    assert result.marginal[0] > 0.2 > abs(result.marginal[1])


def test_columns_in_no_group_are_among_the_rest(rows):
    X, y = rows
    whole = feature_mutual_info(X, y, estimator=TREE, cv=2)
    one = feature_mutual_info(X, y, estimator=TREE, feature_groups=[1], cv=2)
    np.testing.assert_allclose(one.conditional, whole.conditional[[1]])


def test_chosen_pairs(rows):
    X, y = rows
    everything = feature_mutual_info(X, y, estimator=TREE, kind="interaction", cv=2)
    np.testing.assert_array_equal(everything.pairs, [[0, 1], [0, 2], [1, 2]])
    some = feature_mutual_info(
        X, y, estimator=TREE, kind="interaction", pairs=[("x2", "x1"), (0, 1)], cv=2
    )
    np.testing.assert_array_equal(some.pairs, [[2, 1], [0, 1]])
    np.testing.assert_allclose(some.interaction, everything.interaction[[2, 0]])


def test_rows_of_no_weight_leave_no_trace(rows):
    X, y = rows
    weight = np.r_[np.full(150, 2.0), np.zeros(50)]
    splits = [(np.arange(100), np.arange(100, 200)), (np.arange(100, 200), np.arange(100))]
    few = [(np.arange(100), np.arange(100, 150)), (np.arange(100, 150), np.arange(100))]
    spoilt = X.copy()
    spoilt[150:] = 99.0
    with_weight = feature_mutual_info(
        spoilt, y, estimator=GaussianNB(), cv=splits, sample_weight=weight
    )
    without = feature_mutual_info(X[:150], y[:150], estimator=GaussianNB(), cv=few)
    for figure in ("marginal", "conditional", "conditional_stderr"):
        np.testing.assert_allclose(with_weight[figure], without[figure], atol=1e-6)
    assert with_weight.label_entropy == pytest.approx(without.label_entropy)


def test_groups_of_rows_are_what_is_independent(rows):
    X, y = rows
    twice, labels, pairs = np.repeat(X, 2, axis=0), np.repeat(y, 2), np.repeat(np.arange(200), 2)
    for kind in ("marginal", "conditional"):
        result = feature_mutual_info(
            twice, labels, estimator=LogisticRegression(), groups=pairs, kind=kind
        )
        plain = feature_mutual_info(X, y, estimator=LogisticRegression(), kind=kind)
        assert (result[f"{kind}_stderr"] > 0.5 * plain[f"{kind}_stderr"]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "loco"}, "kind='loco' must be one of 'marginal'"),
        ({"kind": []}, "kind=[] must be one of"),
        ({"feature_groups": {}}, "has 0 groups, expected at least one"),
        ({"feature_groups": [[]]}, "and a column in each"),
        ({"feature_groups": ["y"]}, "'y' is none of the 3 columns of X, 'x0', 'x1', 'x2'"),
        ({"feature_groups": [3]}, "3 is none of the 3 columns"),
        ({"feature_groups": [0, 1], "kind": "shapley"}, "Column 2 is in 0 of the feature_groups"),
        ({"feature_groups": [[0, 1, 2], 2], "kind": "shapley"}, "Column 2 is in 2 of"),
        ({"pairs": [(0, 0)], "kind": "interaction"}, "one pair of two different columns"),
        ({"pairs": [(0, "y")], "kind": "interaction"}, "pairs names 'y'"),
        ({"sample_weight": [1.0]}, "sample_weight"),
        ({"cv": 1}, "'cv' parameter of feature_mutual_info"),
    ],
)
def test_what_cannot_be_asked(rows, arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        feature_mutual_info(*rows, estimator=TREE, **arguments)


def test_images_are_no_table(rows):
    images = np.zeros((20, 1, 4, 4))
    with pytest.raises(ValueError, match="expected a table of at least one column"):
        feature_mutual_info(images, np.arange(20) % 2)


def test_some_columns_must_be_left(rows):
    with pytest.raises(ValueError, match="holds all 3 columns of X"):
        conditional_mutual_info(*rows, given=[0, 1, 2], estimator=DummyClassifier())


def test_weights_are_handed_on_as_they_are():
    """Twice the weight is half the penalty of a logistic regression."""
    X, y = make_xor(90, 2, random_state=0)
    X = np.c_[X, y + X[:, 0]]
    twice = {"sample_weight": np.full(90, 2.0)}
    weighted = feature_mutual_info(X, y, estimator=LogisticRegression(C=0.01), cv=3, **twice)
    freer = feature_mutual_info(X, y, estimator=LogisticRegression(C=0.02), cv=3)
    np.testing.assert_allclose(weighted.marginal, freer.marginal, atol=1e-6)
    np.testing.assert_allclose(weighted.conditional, freer.conditional, atol=1e-6)


@pytest.mark.parametrize("kind, shown", [(pd.DataFrame, r"\(200, 1\)"), (set, "")])
def test_given_are_names_and_not_the_cells_of_columns(rows, kind, shown):
    X, y = rows
    frame = pd.DataFrame(X, columns=["x", "y", "city"])
    given = kind({"city": frame["city"]})
    words = (
        rf"^given is a {kind.__name__}.*{shown}.*pass the names of columns of X, .*given=\['x'\]"
    )
    with pytest.raises(ValueError, match=words) as found:
        conditional_mutual_info(frame, y, given=given, estimator=TREE)
    assert "\n" not in str(found.value)
