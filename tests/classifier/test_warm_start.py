"""A warm start goes on from the last networks, and never on rows that they may have seen."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from quick_fits import fit
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from sklearn_mi import MutualInfoClassifier


@pytest.mark.parametrize("loss", ["ce", "pc_softmax"])
def test_warm_start_goes_on_from_the_last_networks(rows, loss):
    clf = fit(*rows, loss=loss, warm_start=True, max_iter=2)
    score, n_scored, last = clf.mutual_info_score_, len(clf.oof_log_proba_), clf.loss_curve_[-1]
    clf.fit(*rows)
    assert clf.loss_curve_[0] < last
    assert clf.mutual_info_score_ > score - 0.01
    assert len(clf.oof_log_proba_) == n_scored
    for _ in range(3):
        clf.fit(*rows)
    assert clf.mutual_info_score_ > score + 0.02


def test_warm_start_may_go_on_with_other_settings(rows):
    clf = fit(*rows, warm_start=True)
    clf.set_params(learning_rate_init=1e-9, max_iter=1)
    assert_allclose(clf.fit(*rows).mutual_info_score_, clf.mutual_info_score_, atol=1e-3)


def test_warm_start_refuses_rows_that_networks_may_have_seen(rows):
    X, y = rows
    clf = fit(X, y, warm_start=True)
    before = clf.predict_proba(X)
    for other_X, other_y in [(X[:200], y[:200]), (X[::-1], y[::-1]), (X, y[::-1]), (X + 1, y)]:
        with pytest.raises(ValueError, match=r"X or y changed.*fit with warm_start=False"):
            clf.fit(other_X, other_y)
    assert_array_equal(clf.predict_proba(X), before)
    clf.set_params(warm_start=False).fit(X[:200], y[:200])


def test_warm_start_refuses_rows_of_the_fit_before_the_last():
    X, y = np.random.RandomState(0).choice(list("xyz"), size=(200, 2)), np.arange(200) % 2
    clf = fit(X, y, warm_start=True)
    clf.set_params(warm_start=False).fit(X[:100], y[:100])
    with pytest.raises(ValueError, match="X or y changed"):
        clf.set_params(warm_start=True).fit(X, y)


def test_warm_start_refuses_weights_of_rows_that_were_left_out(rows):
    clf = fit(*rows, warm_start=True, sample_weight=np.arange(240) > 60)
    with pytest.raises(ValueError, match="weight"):
        clf.fit(*rows)


def test_warm_start_knows_its_rows_by_whatever_weights_they_have(rows):
    ones, some = np.ones(240), np.random.RandomState(0).uniform(1, 2, 240)
    clf = fit(*rows, warm_start=True, max_iter=1)
    for weight in None, ones, 3 * ones, ones.astype(np.float16), some, 1e300 * some, None:
        last = clf.loss_curve_[-1]
        clf.fit(*rows, sample_weight=weight)
        assert clf.loss_curve_[0] < last + 0.05 and len(clf.oof_log_proba_) == 240
    part = np.arange(240) > 60
    clf = fit(*rows, warm_start=True, sample_weight=part)
    clf.fit(*rows, sample_weight=5 * part)


def test_warm_start_knows_its_rows_in_other_containers(rows):
    X, y = rows
    names = np.array(["a", "b", "c"], dtype=object)[y]
    for labels, others in [
        (y, [y.tolist(), y.astype(float), y.astype(np.int8), pd.Series(y, dtype="Int64")]),
        (names, [names.astype(str), names.tolist(), pd.Categorical(names), pd.Series(names)]),
    ]:
        clf = fit(X, labels, warm_start=True, max_iter=1)
        for other in others:
            clf.fit(X, other)
        for table in X.tolist(), X.astype(np.float32), np.asfortranarray(X), X:
            clf.fit(table, labels)
        with pytest.raises(ValueError, match="X or y changed"):
            clf.fit(X.astype(np.float16), labels)


def test_warm_start_knows_groups_by_which_rows_share_one(rows):
    groups = np.arange(240) // 3
    named = np.array([f"patient {200 - g}" for g in groups], dtype=object)
    mixed = [g if g < 9 else str(g) for g in groups.tolist()]
    clf = fit(*rows, max_iter=1, warm_start=True)
    clf.fit(*rows, groups=np.arange(240))  # each row on its own, as without groups
    with pytest.raises(ValueError, match="the groups changed"):
        clf.fit(*rows, groups=groups)
    clf.set_params(warm_start=False).fit(*rows, groups=groups).set_params(warm_start=True)
    for same in groups.tolist(), groups + 0.5, named, mixed, pd.Categorical(named):
        clf.fit(*rows, groups=same)
    for other in None, np.roll(groups, 1), groups // 2:
        with pytest.raises(ValueError, match="the groups changed"):
            clf.fit(*rows, groups=other)


def test_warm_start_says_all_that_changed(rows):
    clf = fit(*rows, max_iter=1, warm_start=True)
    said = "X or y and which rows have weight and the groups changed"
    with pytest.raises(ValueError, match=said):
        weight, groups = np.arange(240) > 60, np.arange(240) // 2
        clf.fit(rows[0] + 1, rows[1], sample_weight=weight, groups=groups)


def test_a_single_other_cell_is_another_table(rows):
    X, y = rows
    clf = fit(X, y, max_iter=1, warm_start=True)
    for row in 0, 100, 239:
        other = X.copy()
        other[row, 1] += 0.01
        with pytest.raises(ValueError, match="X or y changed"):
            clf.fit(other, y)


def test_warm_start_may_be_set_after_the_first_fit(rows):
    clf = fit(*rows, max_iter=2)
    last = clf.loss_curve_[-1]
    assert clf.set_params(warm_start=True).fit(*rows).loss_curve_[0] < last


@pytest.mark.parametrize("first, then", [("ce", "dmi"), ("dmi", "ce")])
def test_a_warm_start_by_another_loss_has_its_companions(first, then, few_trees):
    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((60, 3)), np.arange(60) % 2
    clf = MutualInfoClassifier(first, warm_start=True, max_iter=2, cv=3, random_state=0).fit(X, y)
    clf.set_params(loss=then).fit(X, y)
    names = ["extra_trees", "boosting", "logistic"]
    assert list(clf.pool_weights_) == ["networks", *names]
    assert list(clf.estimators_) == [name for name in names if clf.pool_weights_[name] > 0]
    assert np.isfinite(clf.predict_proba(X)).all()


def _refuse(*arguments):
    raise RuntimeError("refused")


@pytest.mark.parametrize("method", ["fit", "predict_proba"])
@pytest.mark.parametrize("warm_start", [False, True])
def test_a_fit_that_fails_is_no_fit(method, warm_start, few_trees):
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
