"""What ONNX Runtime says of rows, beside what the classifier says."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._pool._forest import CompactForest
from sklearn_mi.export import to_onnx
from sklearn_mi.export._graph import Graph

pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")

FEW_TREES = [("forest", CompactForest(5)), ("logistic", LogisticRegression())]
QUICK = {"hidden_layer_sizes": (8,), "max_iter": 3, "cv": 3, "random_state": 0}
QUICK["estimators"] = FEW_TREES


def mixed_table(n=200):
    """Numbers and categories, some missing, a boolean, a date and a constant; three classes."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "age": rng.integers(18, 80, n).astype(float),
            "job": rng.choice(["clerk", "cook", "nurse", None], n),
            "member": rng.random(n) < 0.5,
            "since": rng.choice(pd.date_range("2024-01-01", "2025-12-31"), n),
            "one": 1.0,
        }
    )
    X.loc[::7, "age"] = np.nan
    score = 2 * ((X["age"] > 45) == X["member"]) + X["age"].fillna(40) / 15
    score += (X["job"] == "nurse") + rng.normal(0, 0.5, n)
    return X, np.select([score > 5, score > 3.5], ["no", "perhaps"], "yes")


def fit(X, y, **params):
    return MutualInfoClassifier(**QUICK | params).fit(X, y)


def feeds(X):
    """Columns of a frame as the graph takes them."""
    return {str(name): _column(X[name])[:, None] for name in X}


def _column(cells):
    if cells.dtype.kind == "M":
        return ((cells - pd.Timestamp("1970")) / pd.Timedelta(days=1)).to_numpy(float)
    if cells.dtype.kind in "iuf":
        return cells.to_numpy(float)
    return cells.astype("string").fillna("").to_numpy(object)


def session_of(clf, folder):
    to_onnx(clf, folder / "model.onnx")
    return runtime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])


def run_part(add, X):
    """What nodes give for rows in float32; `add` takes a graph and the name of these rows."""
    graph = Graph()
    rows = graph.input("rows", np.float32, ["n", X.shape[1]])
    graph.output(add(graph, rows), "result", np.float64, ["n", "k"])
    content = graph.model("0", {}).SerializeToString()
    session = runtime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(None, {"rows": X.astype(np.float32)})[0]


def assert_says_the_same(clf, X, folder, given=None, atol=1e-6):
    label, proba = session_of(clf, folder).run(None, feeds(X) if given is None else given)
    expected = clf.predict_proba(X)
    assert_allclose(proba, expected, atol=atol)
    clear = np.ptp(np.sort(expected, axis=1)[:, -2:], axis=1) > 10 * atol
    assert clear.mean() > 0.5
    assert_array_equal(label[clear], clf.predict(X)[clear])
