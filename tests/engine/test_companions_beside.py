"""Companions that learn while networks train learn the same, and stop when the fit does."""

import threading

import numpy as np
import pytest
from brief_fits import brief_searches, few_trees
from sklearn.linear_model import LogisticRegression
from skorch.callbacks import Callback

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine import _beside
from sklearn_mi._engine._training import Training
from sklearn_mi._pool._companions import Companions

Y = np.arange(120) % 3
X = np.random.RandomState(0).normal(size=(120, 4)) + Y[:, None]
PARAMS = {"max_iter": 3, "hidden_layer_sizes": 8, "random_state": 0}


@pytest.fixture(autouse=True)
def brief(monkeypatch):
    monkeypatch.setattr(_beside, "has_room_for_a_thread", lambda: True)
    with few_trees(), brief_searches():
        yield


@pytest.fixture
def threads(monkeypatch):
    """Where companions began to learn beside networks."""
    found, begin = [], Companions.begin

    def noted(*args):
        found.append(threading.current_thread())
        return begin(*args)

    monkeypatch.setattr(Companions, "begin", noted)
    return found


def fit(**params):
    return MutualInfoClassifier(**PARAMS | params).fit(X, Y)


@pytest.mark.parametrize("loss", ["ce", "dmi"])
def test_they_learn_the_same(threads, loss):
    beside, after = fit(loss=loss), fit(loss=loss, n_threads=1)
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
    assert beside.pool_weights_ == after.pool_weights_
    np.testing.assert_array_equal(beside.oof_log_proba_, after.oof_log_proba_)
    np.testing.assert_array_equal(beside.predict_proba(X), after.predict_proba(X))


@pytest.mark.parametrize(
    "params",
    [
        {"estimators": [("own", LogisticRegression())]},
        {"estimators": None},
        {"callbacks": [Callback()]},
    ],
)
def test_what_the_user_brings_is_kept_out_of_threads(threads, params):
    fit(**params)
    assert not threads


def test_one_that_fails_ends_the_fit(monkeypatch):
    monkeypatch.setattr(Companions, "_learn", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        fit()


def test_training_that_fails_does_not_wait_for_them(monkeypatch):
    begun, may_end = threading.Event(), threading.Event()

    def slow(*_):
        begun.set()
        assert may_end.wait(60)

    def failing(_):
        assert begun.wait(60)
        raise KeyboardInterrupt

    monkeypatch.setattr(Companions, "begin", slow)
    monkeypatch.setattr(Training, "run", failing)
    with pytest.raises(KeyboardInterrupt):
        fit()
    may_end.set()
