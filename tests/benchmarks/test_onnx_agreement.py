"""The benchmark of exported graphs counts what differs, and asks a process that has no torch."""

import numpy as np
import pytest
from benchmark_modules import load
from sklearn.datasets import load_iris

from sklearn_mi import MutualInfoClassifier

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
onnx_agreement = load("onnx_agreement")

PROBA = np.array([[0.7, 0.3], [0.2, 0.8], [0.5, 0.5]])
LABEL = np.array(["a", "b", "a"])


def test_the_same_answers_agree():
    found = onnx_agreement.agreement(PROBA, LABEL, PROBA, LABEL)
    assert found == {"largest": 0, "close": 1, "other": 0}


def test_differences_are_seen():
    other = PROBA + np.array([[2e-5, -2e-5], [0, 0], [0, 0]])
    found = onnx_agreement.agreement(PROBA, LABEL, other, np.array(["b", "b", "b"]))
    assert found["largest"] == pytest.approx(2e-5)
    assert found["close"] == pytest.approx(2 / 3)
    assert found["other"] == 1  # of the last row no label is the more probable one


def test_a_classifier_and_its_graph_agree():
    X, y = load_iris(return_X_y=True, as_frame=True)
    clf = MutualInfoClassifier(estimators=None, max_iter=2, random_state=0).fit(X, y)
    found = onnx_agreement.compare(clf, X)
    assert found["close"] == 1 and found["other"] == 0
    line = onnx_agreement.line("iris", X, 3, found)
    assert len(line.split()) == len(onnx_agreement.HEAD.split()) - 3  # of heads of two words
