"""Companions of the networks: classifiers of scikit-learn, each as a few nodes."""

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression

from .._pool._boosting import GradualBoosting
from .._pool._companions import SMOOTHING
from .._pool._forest import CompactForest
from ._trees import boosting_proba, both_classes, forest_proba, softmax

REFUSED = (
    "{name!r} of estimators, {classifier!r}, cannot be exported{why}. Fit with estimators of these "
    "classes: {known}; or with estimators=None."
)


def companion_log_proba(graph, name, classifier, rows, class_prior):
    """Log posterior (n, K) in double by one companion.

    Parameters
    ----------
    graph : Graph
    name : str
        In `estimators`.
    classifier : classifier
    rows : str
        Encoded, (n, width).
    class_prior : ndarray of shape (K,)
    """
    if why := _obstacle(classifier):
        known = ", ".join(
            cls.__name__ for cls in COMPANIONS if cls.__module__.startswith("sklearn.")
        )
        raise ValueError(REFUSED.format(name=name, classifier=classifier, why=why, known=known))
    proba = COMPANIONS[type(classifier)](graph, classifier, rows)
    known = np.eye(len(class_prior))[classifier.classes_]
    if len(known) < len(class_prior):
        proba = graph("MatMul", proba, known)
    proba = graph("Mul", proba, np.float64(1 - SMOOTHING))
    return graph("Log", graph("Add", proba, SMOOTHING * class_prior))


def _obstacle(classifier):
    """Why a classifier cannot be exported, as the middle of a sentence; None if it can."""
    if type(classifier) not in COMPANIONS:
        return f": no way is known for {type(classifier).__name__}"
    if getattr(classifier, "is_categorical_", None) is not None:
        return " with categorical_features, for to_onnx knows splits of numbers only"
    if getattr(classifier, "strategy", "prior") != "prior":
        return ", for what it says is no function of the row"
    return None


def _constant(graph, classifier, rows):
    """Class frequencies, whatever the row."""
    nothing = graph("Mul", graph("Slice", rows, *np.array([[0], [1], [1]])), np.float32(0))
    return graph("Add", graph.cast(np.float64, nothing), classifier.class_prior_[None])


def _forest(graph, classifier, rows):
    return forest_proba(graph, CompactForest().keep(classifier), rows)


def _boosting(graph, classifier, rows):
    return boosting_proba(graph, GradualBoosting().keep(classifier), rows)


def _logistic(graph, classifier, rows):
    dtype = np.float32
    weight, bias = classifier.coef_.T.astype(dtype), classifier.intercept_.astype(dtype)
    scores = graph.cast(np.float64, graph("Add", graph("MatMul", rows, weight), bias))
    return softmax(graph, scores) if weight.shape[1] > 1 else both_classes(graph, scores)


COMPANIONS = {
    CompactForest: forest_proba,
    GradualBoosting: boosting_proba,
    LogisticRegression: _logistic,
    DummyClassifier: _constant,
    ExtraTreesClassifier: _forest,
    RandomForestClassifier: _forest,
    HistGradientBoostingClassifier: _boosting,
}
