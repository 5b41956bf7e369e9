"""Small fits that are stored, the ways of storing them, and what they say afterwards."""

import copy
import io
import pickle

import cloudpickle
import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.linear_model import LogisticRegression

from sklearn_mi import TRUSTED_TYPES, MutualInfoClassifier


def make_table(n_rows=80):
    """A table of numbers, dates, categories and missing cells, with labels that are texts."""
    rng = np.random.RandomState(0)
    y = np.array(["no", "yes"])[np.arange(n_rows) % 2]
    age = np.where(rng.rand(n_rows) < 0.1, np.nan, 40 + 10 * rng.randn(n_rows) + 9 * (y == "yes"))
    work = rng.choice(["state", "private", None], n_rows).astype(object)
    day = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.randint(0, 400, n_rows), "D")
    return pd.DataFrame({"age": age, "work": pd.Categorical(work), "day": day}), y


def make_images(n_rows=60):
    rng = np.random.RandomState(0)
    X, y = rng.randint(0, 90, (n_rows, 1, 8, 8)).astype(np.uint8), np.arange(n_rows) % 3
    X[y == 1, :, :4] += 90
    X[y == 2, :, 4:] += 90
    return X, y


def fit(X, y, **params):
    small = {"hidden_layer_sizes": (6,), "max_iter": 2, "cv": 3, "random_state": 0}
    small["estimators"] = None if X.ndim == 4 else [("linear", LogisticRegression())]
    return MutualInfoClassifier(**small | params).fit(X, y)


def by_joblib(clf):
    buffer = io.BytesIO()
    joblib.dump(clf, buffer, compress=1)
    buffer.seek(0)
    return joblib.load(buffer)


def by_skops(clf, trusted=TRUSTED_TYPES):
    skops_io = pytest.importorskip("skops.io")
    return skops_io.loads(skops_io.dumps(clf), trusted=trusted)


WAYS = {
    "pickle": lambda clf: pickle.loads(pickle.dumps(clf)),
    "joblib": by_joblib,
    "cloudpickle": lambda clf: pickle.loads(cloudpickle.dumps(clf)),
    "deepcopy": copy.deepcopy,
    "skops": by_skops,
}


def assert_says_the_same(stored, clf, X):
    """To the bit, in every answer and every fitted attribute that is an array or a number."""
    for ask in ("predict_log_proba", "predict", "decision_function", "pointwise_mutual_info"):
        assert_array_equal(getattr(stored, ask)(X), getattr(clf, ask)(X), err_msg=ask)
    assert stored.mutual_info_interval() == clf.mutual_info_interval()
    names = [name for name in dir(clf) if name.endswith("_") and not name.endswith("__")]
    for name in names:
        value = getattr(clf, name, None)
        if isinstance(value, np.ndarray | float | int | list):
            assert_array_equal(getattr(stored, name), value, err_msg=name)
    assert stored.net_.history == clf.net_.history
    assert repr(stored) == repr(clf)
