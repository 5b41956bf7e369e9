"""Each companion as a graph: the same probabilities, rows on a threshold included."""

import numpy as np
import pytest
from exported import run_part
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression

from sklearn_mi._pool._boosting import GradualBoosting
from sklearn_mi._pool._companions import SMOOTHING
from sklearn_mi._pool._forest import CompactForest
from sklearn_mi.export._companions import companion_log_proba
from sklearn_mi.export._trees import boosting_proba, forest_proba

COMPANIONS = [
    CompactForest(5, random_state=0),
    CompactForest(3, min_samples_leaf=60, random_state=0),  # of a single leaf each
    RandomForestClassifier(5, random_state=0),
    ExtraTreesClassifier(5, min_samples_leaf=3, random_state=0),
    GradualBoosting(20, random_state=0),
    HistGradientBoostingClassifier(max_iter=3),
    LogisticRegression(),
    DummyClassifier(),
]


def rows(n_classes, n=100):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 3)).astype(np.float32)
    return X, np.digitize(X[:, 0] + X[:, 1] * X[:, 2], np.linspace(-1, 1, n_classes + 1)[1:-1])


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("classifier", COMPANIONS, ids=lambda each: type(each).__name__)
def test_a_companion_gives_the_same_probabilities(classifier, n_classes):
    X, y = rows(n_classes)
    classifier = clone(classifier).fit(X, y)
    prior = np.bincount(y) / len(y)
    found = run_part(lambda g, x: companion_log_proba(g, "a", classifier, x, prior), X)
    expected = (1 - SMOOTHING) * classifier.predict_proba(X) + SMOOTHING * prior
    assert_allclose(np.exp(found), expected, atol=1e-6)


def test_a_class_that_a_companion_does_not_know_has_what_all_of_them_have():
    X, y = rows(2)
    classifier, prior = CompactForest(3, random_state=0).fit(X, 2 * y), np.array([0.5, 0.2, 0.3])
    found = run_part(lambda g, x: companion_log_proba(g, "a", classifier, x, prior), X)
    assert_allclose(found[:, 1], np.log(SMOOTHING * 0.2))
    assert_allclose(np.exp(found).sum(axis=1), 1, atol=1e-6)


def around(thresholds, columns, n_columns):
    """Rows with a cell at each threshold, and at the next float32 below and above it."""
    near = np.float32(thresholds)
    below, above = np.nextafter(near, np.float32(-9e9)), np.nextafter(near, np.float32(9e9))
    X = np.zeros((3 * len(near), n_columns), np.float32)
    X[np.arange(len(X)), np.tile(columns, 3)] = np.concatenate([below, near, above])
    return X


def test_a_forest_decides_alike_next_to_its_thresholds():
    X, y = rows(3)
    forest = CompactForest(5, random_state=0).fit(X, y)
    inner = np.isfinite(forest.threshold_)
    X = around(forest.threshold_[inner], forest.feature_[inner], 3)
    found = run_part(lambda g, x: forest_proba(g, forest, x), X)
    assert_allclose(found, forest.predict_proba(X), atol=1e-6)


def test_boosting_decides_alike_next_to_its_thresholds():
    X, y = rows(3, 300)
    booster = HistGradientBoostingClassifier(max_iter=10).fit(X, y)
    nodes = np.concatenate([tree.nodes for step in booster._predictors for tree in step])
    nodes = nodes[nodes["is_leaf"] == 0]
    assert (np.float32(nodes["num_threshold"]) != nodes["num_threshold"]).any()
    X = around(nodes["num_threshold"], nodes["feature_idx"], 3)
    found = run_part(lambda g, x: boosting_proba(g, GradualBoosting().keep(booster), x), X)
    assert_allclose(found, booster.predict_proba(X), atol=1e-6)
