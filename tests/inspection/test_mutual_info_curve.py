"""Information against rows: who learns what, and what is told of it."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_iris, make_classification
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection import MutualInfoCurveDisplay, mutual_info_curve
from sklearn_mi.inspection._growing_rows import grown
from sklearn_mi.model_selection import cross_val_mutual_info
from sklearn_mi.model_selection._drawn_rows import draw_splits

SIZES = np.array([20, 50, 120])


@pytest.fixture(scope="module")
def table():
    return make_classification(300, 4, n_informative=3, n_redundant=0, random_state=3)


@pytest.fixture(scope="module")
def curve(table):
    return mutual_info_curve(GaussianNB(), *table, random_state=0)


def test_the_last_size_is_the_cross_validated_estimate(table, curve):
    whole = cross_val_mutual_info(GaussianNB(), *table, calibrate=True)
    assert curve.mutual_info[-1] == pytest.approx(whole.score, abs=1e-12)
    assert curve.mutual_info_stderr[-1] == pytest.approx(whole.standard_error, abs=1e-12)
    np.testing.assert_allclose(curve.pointwise[-1], whole.pointwise)


def test_the_last_size_of_our_own_is_its_estimate(table):
    clf = MutualInfoClassifier(cv=3, max_iter=3, estimators=None, random_state=0, n_threads=1)
    curve = mutual_info_curve(clf, *table, train_sizes=[20, 50, 200], cv=3)
    X, y = table
    splits = list(zip(*_splits(X, y, 3), strict=True))
    whole = clf.set_params(cv=splits).fit(X, y)
    np.testing.assert_allclose(curve.pointwise[-1], whole.oof_pointwise_mutual_info_, atol=1e-9)


def _splits(X, y, cv):
    members = draw_splits(X, y, cv, None).members
    return members.train_rows, members.part_rows


def test_intervals_and_the_fitted_curve_are_in_order(curve):
    for name in ("mutual_info", "asymptote", "doubled"):
        assert np.all(curve[name + "_low"] <= curve[name])
        assert np.all(curve[name] <= curve[name + "_high"])
        assert np.all(curve[name + "_high"] <= curve.label_entropy + 1e-9)
    assert np.all(np.diff(curve.fitted) >= -1e-9)
    assert curve.fitted[-1] <= curve.asymptote_high


@pytest.mark.parametrize("grouped", [False, True])
def test_parts_grow_keep_their_classes_and_never_meet_held_out_rows(table, grouped):
    X, y = table
    groups = np.arange(len(y)) // 3 if grouped else None
    rows = draw_splits(X, y, 4, groups)
    parts = list(grown(rows.members, rows.codes, rows.groups, SIZES, np.random.RandomState(0)))
    for fold in range(4):
        before = set()
        for size, part in zip(SIZES, parts, strict=True):
            learnt = set(part.train_rows[fold].tolist())
            assert before <= learnt and size <= len(learnt) <= size + 2 * grouped
            assert not learnt & set(part.part_rows[fold].tolist())
            if grouped:
                whole = np.isin(groups, groups[list(learnt)]) & _trained(rows.members, fold)
                assert set(np.flatnonzero(whole)) == learnt
            else:
                assert abs(y[list(learnt)].mean() - y.mean()) < 2 / size
            before = learnt


def _trained(members, fold):
    trained = np.zeros(300, bool)
    trained[members.train_rows[fold]] = True
    return trained


class CountsRows(ClassifierMixin, BaseEstimator):
    """Tells more the more rows it has seen, whatever they are."""

    def fit(self, X, y):
        self.classes_, self.n_ = np.unique(y), len(y)
        return self

    def predict_proba(self, X):
        sure = 0.5 + 0.4 * (1 - 10 / self.n_)
        return np.where(X[:, :1] == self.classes_, sure, 1 - sure)


def test_what_grows_with_rows_is_expected_to_go_on():
    y = np.tile([0, 1], 200)
    wrong = np.random.default_rng(0).random(400) < 0.1
    X = np.c_[y ^ wrong, np.arange(400)]
    c = mutual_info_curve(CountsRows(), X, y)
    assert c.asymptote >= c.doubled >= c.mutual_info[-1] - 0.01


class WakesUp(ClassifierMixin, BaseEstimator):
    """Says nothing until it has seen 200 rows."""

    def fit(self, X, y):
        self.classes_, self.awake_ = np.unique(y), len(y) >= 200
        return self

    def predict_proba(self, X):
        sure = 0.95 if self.awake_ else 0.5
        return np.where(X[:, :1] == self.classes_, sure, 1 - sure)


def test_what_does_not_grow_as_a_power_law_is_told():
    y = np.tile([0, 1], 150)
    X = np.c_[y, np.arange(300)]
    with pytest.warns(UserWarning, match="does not grow as a power law.*0 nats of 24 rows"):
        mutual_info_curve(WakesUp(), X, y, random_state=0)


def test_what_wakes_up_slowly_is_no_power_law_either():
    """Where differences between sizes are large, so are errors, and any law would be in order."""
    X, y = load_iris(return_X_y=True)
    boosting = HistGradientBoostingClassifier(max_iter=20, random_state=0)  # leaves of 20 rows
    with pytest.warns(UserWarning, match="does not grow as a power law"):
        curve = mutual_info_curve(boosting, X, y, train_sizes=[10, 20, 30, 40, 120], random_state=0)
    assert not curve.is_power_law


def test_weights_of_zero_are_rows_that_are_not_there(table):
    X, y = table
    weight = np.r_[np.ones(200), np.zeros(100)]
    splits = draw_splits(X[:200], y[:200], 4, None).members
    cv = list(zip(splits.train_rows, splits.part_rows, strict=True))
    options = {"cv": cv, "random_state": 0}
    few = mutual_info_curve(LogisticRegression(), X[:200], y[:200], **options)
    all_rows = mutual_info_curve(LogisticRegression(), X, y, sample_weight=weight, **options)
    np.testing.assert_allclose(few.mutual_info, all_rows.mutual_info, atol=1e-6)
    assert few.asymptote == pytest.approx(all_rows.asymptote, abs=1e-3)


def test_a_seed_fixes_everything(table, curve):
    again = mutual_info_curve(GaussianNB(), *table, random_state=0)
    assert all(np.array_equal(curve[name], again[name], equal_nan=True) for name in curve)


def test_frames_with_strings_are_read_by_the_default():
    X, y = load_iris(return_X_y=True, as_frame=True)
    X = X.iloc[:, :1].assign(color=pd.Series(["red", "blue", None] * 50))
    clf = MutualInfoClassifier(max_iter=2, estimators=None, n_threads=1)
    c = mutual_info_curve(clf, X, y.map(str), train_sizes=[30, 60, 90], cv=3, random_state=0)
    assert np.isfinite(c.mutual_info).all() and np.isfinite(c.asymptote)


@pytest.mark.parametrize(
    ("train_sizes", "message"),
    [
        ([0.5, 1.0], "at least 3"),
        ([0.1, 0.5, 1.5], "at most\\s+1"),
        ([10, 20, 100_000], "from 1 to 240"),
        ([0.0, 0.5, 1.0], "above 0"),
        (["a", "b", "c"], "whole numbers"),
        ([[0.1, 0.5, 1.0]], "whole numbers"),
    ],
)
def test_sizes_that_cannot_be_are_refused(table, train_sizes, message):
    with pytest.raises(ValueError, match=message):
        mutual_info_curve(GaussianNB(), *table, train_sizes=train_sizes)


def test_the_picture_shows_what_was_found(curve):
    pytest.importorskip("matplotlib")
    display = MutualInfoCurveDisplay.from_results(curve)
    x, fitted = display.line_.get_data()
    np.testing.assert_allclose(fitted, curve.fitted)
    np.testing.assert_allclose(x, curve.fitted_sizes)
    assert display.ax_.get_ylim()[1] >= curve.label_entropy
    labels = display.ax_.get_legend_handles_labels()[1]
    assert set(labels) == {"H(Y)", "fitted", "asymptote", "estimate"}
    with pytest.raises(ValueError, match="mutual_info_curve returns"):
        MutualInfoCurveDisplay.from_results({"a": 1})
