"""A warm start goes on from the last networks, and never on rows that they may have seen."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_gaussian_classes


def _fit(X, y, *, sample_weight=None, **params):
    usual = {"estimators": None, "max_iter": 5, "cv": 3, "random_state": 0}
    return MutualInfoClassifier(**usual | params).fit(X, y, sample_weight=sample_weight)


@pytest.fixture(scope="module")
def rows():
    return make_gaussian_classes(240, 4, centers=(0, 1, -1), random_state=0)


@pytest.mark.parametrize("loss", ["ce", "pc_softmax"])
def test_warm_start_goes_on_from_the_last_networks(rows, loss):
    clf = _fit(*rows, loss=loss, warm_start=True, max_iter=2)
    score, n_scored, last = clf.mutual_info_score_, len(clf.oof_log_proba_), clf.loss_curve_[-1]
    clf.fit(*rows)
    assert clf.loss_curve_[0] < last
    assert clf.mutual_info_score_ > score - 0.01
    assert len(clf.oof_log_proba_) == n_scored
    for _ in range(3):
        clf.fit(*rows)
    assert clf.mutual_info_score_ > score + 0.02


def test_warm_start_may_go_on_with_other_settings(rows):
    clf = _fit(*rows, warm_start=True)
    clf.set_params(learning_rate_init=1e-9, max_iter=1)
    assert_allclose(clf.fit(*rows).mutual_info_score_, clf.mutual_info_score_, atol=1e-3)


def test_warm_start_refuses_rows_that_networks_may_have_seen(rows):
    X, y = rows
    clf = _fit(X, y, warm_start=True)
    before = clf.predict_proba(X)
    for other_X, other_y in [(X[:200], y[:200]), (X[::-1], y[::-1]), (X, y[::-1]), (X + 1, y)]:
        with pytest.raises(ValueError, match=r"X or y changed.*fit with warm_start=False"):
            clf.fit(other_X, other_y)
    assert_array_equal(clf.predict_proba(X), before)
    clf.set_params(warm_start=False).fit(X[:200], y[:200])


def test_warm_start_refuses_rows_of_the_fit_before_the_last():
    X, y = np.random.RandomState(0).choice(list("xyz"), size=(200, 2)), np.arange(200) % 2
    clf = _fit(X, y, warm_start=True)
    clf.set_params(warm_start=False).fit(X[:100], y[:100])
    with pytest.raises(ValueError, match="X or y changed"):
        clf.set_params(warm_start=True).fit(X, y)


def test_warm_start_refuses_weights_of_rows_that_were_left_out(rows):
    clf = _fit(*rows, warm_start=True, sample_weight=np.arange(240) > 60)
    with pytest.raises(ValueError, match="weight"):
        clf.fit(*rows)


def test_warm_start_may_be_set_after_the_first_fit(rows):
    clf = _fit(*rows, max_iter=2)
    last = clf.loss_curve_[-1]
    assert clf.set_params(warm_start=True).fit(*rows).loss_curve_[0] < last


@pytest.mark.parametrize("first, then", [("ce", "dmi"), ("dmi", "ce")])
def test_a_warm_start_by_another_loss_has_its_companions(first, then):
    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((60, 3)), np.arange(60) % 2
    clf = MutualInfoClassifier(first, warm_start=True, max_iter=2, cv=3, random_state=0).fit(X, y)
    clf.set_params(loss=then).fit(X, y)
    assert list(clf.estimators_) == ["extra_trees", "boosting", "logistic"]
    assert np.isfinite(clf.predict_proba(X)).all()


def _refuse(*arguments):
    raise RuntimeError("refused")


@pytest.mark.parametrize("method", ["fit", "predict_proba"])
@pytest.mark.parametrize("warm_start", [False, True])
def test_a_fit_that_fails_is_no_fit(method, warm_start):
    Refuses = type("Refuses", (LogisticRegression,), {method: _refuse})

    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((60, 3)), np.arange(60) % 2
    clf = MutualInfoClassifier(estimators=[("it", Refuses())], max_iter=1, cv=3, random_state=0)
    clf.set_params(warm_start=warm_start)
    for before in (None, "auto"):
        if before:
            clf.set_params(estimators=before).fit(X, y).set_params(estimators=[("it", Refuses())])
        with pytest.raises(RuntimeError, match="refused"):
            clf.fit(X, y)
        with pytest.raises(NotFittedError):
            clf.predict(X)
