"""What survives an adversary: known truths, and budgets and figures that are kept."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from quick_attacks import Rounded, attack, both_norms, clean_figures, fit, make_table
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from torch import nn

from sklearn_mi._adversary import _worst_case
from sklearn_mi._adversary._threats import column_spread
from sklearn_mi.inspection import _adversarial_robustness as module

FIGURES = ["accuracy", "mutual_info", "mutual_info_stderr"]


# --- known truths -------------------------------------------------------------------------------


@both_norms
def test_what_survives_of_a_logistic_regression(norm):
    """Of which the worst point is known: against its weights, as far as the ball goes."""
    X, y = make_table(60, n_classes=2)
    clf = LogisticRegression().fit(X / [1, 100, 0.01], y)
    clf.coef_, scale = clf.coef_ / [1, 100, 0.01], np.array([0.5, 100, 0])
    size = np.linalg.norm(clf.coef_[0] * scale, 1 if norm == "inf" else 2)
    sign, eps = 2 * y - 1, np.array([0.3, 0, 1])
    margin = sign * clf.decision_function(X)
    options = {"norm": norm, "feature_scale": scale, "max_queries": 300}
    result = attack(clf, X, y, eps, **options)
    accuracy = [(margin > e * size).mean() for e in eps]
    assert_allclose(result.accuracy, accuracy)
    # Rows that are misclassified are left alone, so that only the others come down all the way.
    information = np.log(2) - np.logaddexp(0, -(margin - eps[:, None] * size)).mean(axis=1)
    assert (result.mutual_info >= information - 1e-12).all()
    small = attack(clf, X[margin > 1], y[margin > 1], 0.9 / size, **options)
    prior = np.bincount(y[margin > 1]) / (margin > 1).sum()
    lowest = -np.logaddexp(0, 0.9 - margin[margin > 1]) - np.log(prior)[y[margin > 1]]
    assert_allclose(small.mutual_info, lowest.mean(), atol=1e-4)


def test_gradients_find_the_worst_point_of_a_linear_network():
    """One layer, and columns that are encoded almost linearly; 2 classes."""
    X, y = make_table(200, n_classes=2)
    X = X / [1, 100, 0.01]
    clf = fit(X, y, module=nn.Linear, cv=None, max_iter=40, learning_rate_init=0.05)
    result = attack(clf, X, y, 0.3, attacks=["cross_entropy"], n_restarts=0, feature_scale=1.0)
    corners = 0.3 * np.array(np.meshgrid(*[[-1, 1]] * 3)).reshape(3, -1).T
    log_q = [clf.predict_log_proba(X + corner)[np.arange(200), y] for corner in corners]
    expected = (np.min(log_q, axis=0) - np.log(0.5)).mean()
    assert_allclose(result.mutual_info, expected, atol=1e-6)


def test_a_hidden_gradient_does_not_help_against_square(rows, fresh):
    inner = LogisticRegression(max_iter=1000).fit(*rows)
    open_, hidden = (
        attack(clf, *fresh, [0.5], max_queries=200) for clf in (inner, Rounded(inner).fit(*rows))
    )
    assert hidden.accuracy < inner.score(*fresh) - 0.2
    assert abs(hidden.accuracy - open_.accuracy) < 0.05


# --- contracts ----------------------------------------------------------------------------------


@both_norms
def test_figures_at_zero_are_those_of_the_rows_and_never_rise(clf, fresh, norm):
    eps = [0.4, 0, 0.1, 0.4, 1.5]
    result = attack(clf, *fresh, eps, norm=norm)
    assert_array_equal(result.eps, eps)
    assert list(result.attacks) == ["cross_entropy", "margin", "square"]
    for figures in [result, *result.attacks.values()]:
        assert_allclose([figures.accuracy[1], figures.mutual_info[1]], clean_figures(clf, *fresh))
        for name in FIGURES:
            assert figures[name].shape == (5,) and figures[name][0] == figures[name][3]
        for name in FIGURES[:2]:
            assert (np.diff(figures[name][[1, 2, 0, 4]]) <= 0).all()
            assert (result[name] <= figures[name] + 1e-12).all()
    assert result.accuracy[4] < 0.5 and result.mutual_info[4] < 0
    assert result.attacks["margin"].accuracy[4] < 0.5


@both_norms
def test_points_are_in_the_ball_and_bear_out_the_figures(clf, fresh, norm):
    X, y = fresh
    X = X.copy()
    X[::5, 0] = np.nan
    result = attack(clf, X, y, [0, 0.3, 0.8], norm=norm, n_restarts=0)
    assert_array_equal(result.X_adversarial[0], X)
    for k, eps in enumerate(result.eps):
        points = result.X_adversarial[k]
        assert_array_equal(np.isnan(points), np.isnan(X))
        moves = np.nan_to_num((points - X) / column_spread(X))
        size = np.abs(moves).max() if norm == "inf" else np.linalg.norm(moves, axis=1).max()
        assert size <= eps * (1 + 1e-9)
        assert_allclose(clf.score(points, y), result.accuracy[k])
        assert clean_figures(clf, points, y)[1] >= result.mutual_info[k] - 1e-12


def test_points_of_a_frame_are_a_frame():
    X, y = make_table(60)
    frame = pd.DataFrame(X, columns=list("abc"), index=np.arange(60) // 2)
    frame["b"] = frame["b"].round().astype(int)
    frame["d"] = np.where(y == 1, "one", "other")
    frame["e"] = 7
    clf = fit(frame, y)
    once = {"n_restarts": 0}
    result = attack(clf, frame, y, [0, 0.5], **once)
    for points in result.X_adversarial:
        assert points.index.equals(frame.index) and points.columns.equals(frame.columns)
        pd.testing.assert_frame_equal(points[["d", "e"]], frame[["d", "e"]])
        assert points["b"].dtype == float
    pd.testing.assert_frame_equal(result.X_adversarial[0], frame, check_dtype=False)
    frozen = attack(clf, frame, y, 0.5, frozen=["a", -1, "b", "d"], **once).X_adversarial[0]
    assert_array_equal(np.flatnonzero((frozen != frame).any()), [2])
    by_name = attack(clf, frame, y, 0.5, feature_scale={"a": 1, "b": 0, "c": 0, "e": 0}, **once)
    assert_array_equal(np.flatnonzero((by_name.X_adversarial[0] != frame).any()), [0])
    series = pd.Series({"c": 0, "a": 1, "e": 0, "b": 0})
    again = attack(clf, frame, y, 0.5, feature_scale=series, **once)
    assert_array_equal(by_name.accuracy, again.accuracy)


def test_levels_change_only_where_they_may():
    level = np.array(["u", "v", "w"])[np.arange(90) % 3]
    frame = pd.DataFrame({"level": level, "noise": np.random.default_rng(0).normal(size=90)})
    y = (level == "u").astype(int)
    trees = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(frame[["level"]], y)
    for clf, X in [(fit(frame, y, max_iter=40), frame), (trees, frame[["level"]])]:
        if X.shape[1] > 1:
            assert attack(clf, X, y, 0.1).accuracy > 0.9
        result = attack(clf, X, y, [0, 0.01], frozen=[], max_queries=60)
        assert_array_equal(result.accuracy, [1, 0])
        assert set(result.X_adversarial[1]["level"]) <= set(level)


@pytest.mark.parametrize("eps", [0.5, 5.0])
def test_slopes_leave_categories_as_they_are(eps):
    X, y = make_table(60)
    frame = pd.DataFrame(X, columns=list("abc"))
    frame["kind"] = pd.Series(y).map({0: "x", 1: "y", 2: "z"})
    result = attack(fit(frame, y), frame, y, eps, attacks=["margin"], frozen=[], n_restarts=2)
    assert (result.X_adversarial[0]["kind"] == frame["kind"]).all()
    assert (result.X_adversarial[0]["a"] != frame["a"]).any()


def test_frequencies_that_a_user_believes_in_are_not_those_of_the_rows():
    X, y = make_table(90, n_classes=2)
    believed = GaussianNB(priors=[0.9, 0.1]).fit(X, y)
    result = attack(believed, X, y, 0)
    expected = (believed.predict_log_proba(X)[np.arange(90), y] - np.log(0.5)).mean()
    assert_allclose(result.mutual_info, expected)


def test_lists_are_read_as_arrays(clf, fresh):
    X, y = fresh
    expected, found = (
        attack(clf, *each, 0.4, n_restarts=0).X_adversarial[0]
        for each in [(X, y), (X.tolist(), y.tolist())]
    )
    assert_array_equal(found, expected)
    rows = [["xy"[k % 2], "ab"[k % 2]] for k in range(20)]
    with pytest.raises(ValueError, match="Nothing in X can be moved"):
        attack(fit(rows, y[:20] > 0), rows, y[:20] > 0)


def test_the_same_seed_gives_the_same_result(clf, fresh):
    first, second, other = (attack(clf, *fresh, 0.4, random_state=seed) for seed in (0, 0, 1))
    assert_array_equal(first.X_adversarial[0], second.X_adversarial[0])
    assert first.mutual_info == second.mutual_info
    assert (first.X_adversarial[0] != other.X_adversarial[0]).any()


def test_restarts_are_random_and_come_on_top(clf, fresh):
    """The ascent from the row itself is none of them."""
    options = {"attacks": ["cross_entropy"], "max_iter": 3}
    alone, again, more = (
        attack(clf, *fresh, 0.5, n_restarts=n_restarts, random_state=seed, **options)
        for n_restarts, seed in [(0, 0), (0, 1), (2, 0)]
    )
    assert_array_equal(again.X_adversarial[0], alone.X_adversarial[0])
    assert more.mutual_info < alone.mutual_info
    assert more.accuracy <= alone.accuracy


@pytest.mark.parametrize("attacks", [["square"], ["margin", "square"]])
def test_the_last_search_goes_on_from_the_worst_of_all(clf, fresh, monkeypatch, attacks):
    """Which the margins of the rows tell; an attack by itself has no last search."""
    starts = []

    def stand_still(model, threat, codes, start, *rest):
        starts.append(clf.score(threat.apply(start), fresh[1]))
        return start

    monkeypatch.setattr(_worst_case, "square_attack", stand_still)
    result = attack(clf, *fresh, [0, 0.8], attacks=attacks)
    found = [figures.accuracy[1] for name, figures in result.attacks.items() if name != "square"]
    assert starts == [result.accuracy[0], *found]
    assert all(accuracy < starts[0] for accuracy in found)


def test_what_the_last_search_finds_counts_for_the_worst_of_all_alone(clf, fresh, monkeypatch):
    far = attack(clf, *fresh, 0.8, attacks=["cross_entropy"], max_iter=30)
    calls = []

    def last_alone(model, threat, codes, start, eps, *rest):
        calls.append(eps)
        found = (far.X_adversarial[0] - fresh[0]) / threat.scale
        return found if len(calls) == 2 else start

    monkeypatch.setattr(_worst_case, "square_attack", last_alone)
    result = attack(clf, *fresh, 0.8, attacks=["margin", "square"], max_iter=1, n_restarts=0)
    assert result.accuracy <= far.accuracy < result.attacks["square"].accuracy


def test_chunks_do_not_matter_to_what_is_not_random(clf, fresh, monkeypatch):
    options = {"attacks": ["margin", "cross_entropy"], "n_restarts": 0}
    whole = attack(clf, *fresh, **options)
    monkeypatch.setattr(module, "CHUNK", 13)
    chunked = attack(clf, *fresh, **options)
    for name in FIGURES:
        assert_allclose(chunked[name], whole[name], rtol=1e-6)
    assert_allclose(chunked.X_adversarial[2], whole.X_adversarial[2], rtol=1e-4, atol=1e-6)
