"""A compact forest says what scikit-learn's says, of every row alone as among others."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.exceptions import NotFittedError

from sklearn_mi._pool._forest import CompactForest
from sklearn_mi._pool._tree_arrays import WALKS, _rounded_down

LARGE = 2.0**127


def draw(seed=0, n=200, n_columns=4, n_classes=3, n_values=None):
    """Rows in float32 of normal numbers, or of a few whole ones; labels follow the first column."""
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n, n_columns))
    X = X if n_values is None else np.floor(n_values * rng.random_sample(X.shape))
    X[:, -1] = 7.0  # a column that says nothing
    y = rng.randint(n_classes, size=n)
    return X.astype(np.float32), np.where(X[:, 0] > 0, y, np.minimum(y, 1))


def fitted(X, y, weight=None, **params):
    """A compact forest and scikit-learn's."""
    params = {"n_estimators": 5, "random_state": 0, **params}
    kinds = CompactForest(**params), ExtraTreesClassifier(**params)
    return [kind.fit(X, y, weight) for kind in kinds]


def at_thresholds(forest, n_columns):
    """Rows whose cells are a threshold of the forest, in float32, or a neighbour of it."""
    trees = [tree.tree_ for tree in forest.estimators_]
    found = np.concatenate([tree.threshold[tree.feature >= 0] for tree in trees])
    near = found.astype(np.float32)
    near = np.r_[near, np.nextafter(near, np.float32(np.inf)), np.nextafter(near, -near - 1)]
    return np.repeat(near[:, None], n_columns, axis=1)


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(2, 80),
    n_columns=st.integers(1, 5),
    n_classes=st.integers(1, 5),
    n_values=st.sampled_from([None, 2, 4]),
    min_samples_leaf=st.integers(1, 10),
    weighted=st.booleans(),
)
@settings(max_examples=30, deadline=None)
def test_equals_the_trees_of_scikit_learn(
    seed, n, n_columns, n_classes, n_values, min_samples_leaf, weighted
):
    X, y = draw(seed, n, n_columns, n_classes, n_values)
    weight = np.random.RandomState(seed).randint(3, size=n) + 0.5 if weighted else None
    params = {"min_samples_leaf": min_samples_leaf, "random_state": seed}
    compact, usual = fitted(X, y, weight, **params)
    fresh = draw(seed + 1, 50, n_columns, n_classes, n_values)[0]
    for rows in (X, fresh, at_thresholds(usual, n_columns)):
        if len(rows):
            assert_allclose(compact.predict_proba(rows), usual.predict_proba(rows), atol=1e-7)
    assert_array_equal(compact.classes_, usual.classes_)
    assert compact.n_features_in_ == usual.n_features_in_ == n_columns


@given(threshold=st.floats(-LARGE, LARGE), row=st.floats(-LARGE, LARGE, width=32))
def test_a_rounded_threshold_parts_rows_as_the_threshold_does(threshold, row):
    (rounded,) = _rounded_down(np.array([threshold]))
    assert rounded.dtype == np.float32
    for cell in (np.float32(row), rounded, np.nextafter(rounded, np.float32(np.inf))):
        assert (cell > rounded) == (float(cell) > threshold)


def test_labels_of_any_type_and_the_most_frequent_one():
    X, y = draw()
    compact, usual = fitted(X, np.array(["no", "perhaps", "yes"])[y])
    assert_array_equal(compact.predict(X), usual.predict(X))
    assert_array_equal(compact.classes_, ["no", "perhaps", "yes"])


@pytest.mark.parametrize("kind", ["one class", "constant columns", "large leaves"])
def test_a_tree_may_be_a_single_leaf(kind):
    X, y = draw()
    X, y = {"one class": (X, 0 * y), "constant columns": (0 * X, y)}.get(kind, (X, y))
    forest = CompactForest(3, min_samples_leaf=200 if kind == "large leaves" else 1).fit(X, y)
    assert_array_equal(forest.root_, [0, 1, 2])
    expected = np.bincount(y) / 200
    assert_allclose(forest.predict_proba(X), np.tile(expected, (200, 1)), atol=1e-7)


def test_a_row_alone_has_the_bits_that_it_has_among_others():
    X, y = draw(n=WALKS + 300)  # more than go down at once
    forest = CompactForest(7, random_state=0).fit(X[:500], y[:500])
    together = forest.predict_proba(X)
    for row in (0, 1, 499, WALKS - 1, WALKS, WALKS + 299):
        assert_array_equal(forest.predict_proba(X[row : row + 1])[0], together[row])
    for some in (slice(3), slice(WALKS - 5, WALKS + 5), slice(None, None, -1), slice(1, None, 40)):
        assert_array_equal(forest.predict_proba(X[some]), together[some])


def test_it_keeps_a_quarter_of_the_bytes_at_most():
    X, y = draw(n=1000)
    compact, usual = (len(pickle.dumps(forest)) for forest in fitted(X, y, n_estimators=20))
    assert 4 * compact < usual


def test_a_copy_by_pickle_is_the_same_to_the_bit():
    X, y = draw()
    forest = CompactForest(5, random_state=0).fit(X, y)
    before, stored = forest.predict_proba(X), pickle.dumps(forest)
    copy = pickle.loads(stored)
    assert_array_equal(copy.predict_proba(X), before)
    assert len(pickle.dumps(copy)) == len(stored)  # having answered adds nothing


def test_a_further_fit_forgets_the_last_one():
    (X, y), (other, labels) = draw(), draw(1, n=90, n_columns=6, n_classes=2)
    forest = CompactForest(5, random_state=0).fit(X, y)
    forest.predict_proba(X)
    anew = clone(forest).fit(other, labels)
    assert_array_equal(forest.fit(other, labels).predict_proba(other), anew.predict_proba(other))
    assert forest.n_features_in_ == 6


def test_rows_that_it_cannot_answer_are_refused():
    X, y = draw()
    with pytest.raises(NotFittedError):
        CompactForest().predict_proba(X)
    with pytest.raises(ValueError, match="3 features, but CompactForest is expecting 4"):
        CompactForest(2).fit(X, y).predict_proba(X[:, :3])
