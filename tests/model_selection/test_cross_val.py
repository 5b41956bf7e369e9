"""Mutual information of any classifier, cross-validated: truths, corrections, splits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_logit import Logit, make_logit_data
from sklearn.datasets import load_iris, make_classification
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import mutual_info_score
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedKFold,
    cross_val_predict,
)
from sklearn.naive_bayes import CategoricalNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from sklearn_mi._engine._members import make_members
from sklearn_mi.metrics import variational_mutual_info_score
from sklearn_mi.model_selection import _drawn_rows as module
from sklearn_mi.model_selection import cross_val_mutual_info

FOLDS = StratifiedKFold(5, shuffle=True, random_state=0)


@pytest.fixture(scope="module")
def logit_data():
    return make_logit_data()


def unbalanced(n_samples=1500):
    return make_classification(n_samples, weights=[0.9, 0.1], flip_y=0.02, random_state=0)


# --- identities and known truths ---------------------------------------------------------------


@pytest.mark.parametrize("labels", [[0, 1, 2], ["x", "z", "a"], [2.0, 1.0, 7.0]])
def test_score_is_that_of_the_metric_on_held_out_probabilities(iris, labels):
    X, y = iris[0], np.array(labels)[iris[1]]
    result = cross_val_mutual_info(GaussianNB(), X, y)
    proba = cross_val_predict(GaussianNB(), X, y, cv=FOLDS, method="predict_proba")
    assert result.score == pytest.approx(variational_mutual_info_score(y, proba), abs=1e-11)
    np.testing.assert_allclose(result.proba, proba, atol=1e-15)
    np.testing.assert_array_equal(result.classes, np.unique(labels))
    assert result.label_entropy == pytest.approx(np.log(3))
    assert result.score == pytest.approx(result.pointwise.mean())
    assert result.standard_error == pytest.approx(result.pointwise.std(ddof=1) / np.sqrt(len(y)))


def test_score_is_the_information_in_a_table_of_known_frequencies():
    joint = np.array([[0.2, 0.05, 0.05], [0.02, 0.18, 0.1], [0.05, 0.1, 0.25]])
    cells = np.random.default_rng(1).choice(9, 20000, p=joint.ravel())
    truth = mutual_info_score(None, None, contingency=(100 * joint).round().astype(int))
    result = cross_val_mutual_info(CategoricalNB(), cells[:, np.newaxis] // 3, cells % 3)
    assert abs(result.score - truth) < 3 * result.standard_error < 0.03
    assert result.interval[0] < truth < result.interval[1]


@pytest.mark.parametrize("calibrate", [False, True])
def test_a_classifier_that_looks_at_nothing_finds_nothing(iris, calibrate):
    X, y = iris
    result = cross_val_mutual_info(DummyClassifier(), X, y, calibrate=calibrate)
    assert result.score == pytest.approx(0, abs=1e-12)
    assert result.interval[0] <= 0


def test_calibrated_scores_of_unrelated_labels_are_no_evidence():
    rng = np.random.default_rng(0)
    lows = [
        cross_val_mutual_info(
            KNeighborsClassifier(), rng.normal(size=(80, 2)), np.arange(80) % 2, calibrate=True
        ).interval[0]
        for _ in range(20)
    ]
    assert max(lows) <= 0


def test_interval_ends_at_the_label_entropy_and_holds_the_score():
    y = np.repeat([0, 1], [90, 30])
    result = cross_val_mutual_info(KNeighborsClassifier(1), y[:, np.newaxis], y)
    assert result.score == pytest.approx(result.label_entropy)
    assert result.interval[0] < result.score <= result.interval[1]
    assert result.interval[1] == pytest.approx(result.label_entropy)
    wide = cross_val_mutual_info(GaussianNB(), *unbalanced(200), confidence_level=0.99)
    narrow = cross_val_mutual_info(GaussianNB(), *unbalanced(200), confidence_level=0.5)
    assert wide.interval[0] < narrow.interval[0] < narrow.interval[1] < wide.interval[1]


@settings(max_examples=10, deadline=None)
@given(names=st.permutations("abc"), columns=st.permutations(range(4)))
def test_names_of_classes_and_order_of_columns_do_not_matter(names, columns):
    X, y = load_iris(return_X_y=True)
    expected = cross_val_mutual_info(GaussianNB(), X, y)
    result = cross_val_mutual_info(GaussianNB(), X[:, columns], np.array(names)[y])
    np.testing.assert_allclose(result.pointwise, expected.pointwise, atol=1e-9)
    order = [list(result.classes).index(name) for name in names]
    np.testing.assert_allclose(result.proba[:, order], expected.proba, atol=1e-9)


# --- proba_prior -------------------------------------------------------------------------------


@pytest.mark.parametrize("prior", ["uniform", [0.5, 0.5], np.array([0.2, 0.8])])
def test_prior_that_a_classifier_believes_in_is_taken_back_exactly(logit_data, prior):
    X, y = logit_data
    p = np.bincount(y) / len(y)
    believed = np.array([0.5, 0.5]) if isinstance(prior, str) else np.array(prior)
    plain = cross_val_mutual_info(Logit(), X, y)
    shifted = Logit(factor=tuple(believed / p))
    result = cross_val_mutual_info(shifted, X, y, proba_prior=prior)
    np.testing.assert_allclose(result.pointwise, plain.pointwise, atol=2e-12)
    assert cross_val_mutual_info(shifted, X, y).score < plain.score


def test_balanced_regression_is_scored_as_the_plain_one():
    X, y = unbalanced()
    plain = cross_val_mutual_info(LogisticRegression(), X, y)
    balanced = LogisticRegression(class_weight="balanced")
    corrected = cross_val_mutual_info(balanced, X, y, proba_prior="uniform")
    assert corrected.score == pytest.approx(plain.score, abs=0.02)
    assert cross_val_mutual_info(balanced, X, y).score < plain.score - 0.1


@pytest.mark.parametrize("prior", [[0.5, 0.2], [1.0, 0.0], [0.2, 0.3, 0.5], [np.nan, 0.5], "flat"])
def test_unusable_proba_prior_is_refused(logit_data, prior):
    with pytest.raises(ValueError, match=r"proba_prior.*(\"empirical\"|'empirical')"):
        cross_val_mutual_info(Logit(), *logit_data, proba_prior=prior)


# --- calibrate ---------------------------------------------------------------------------------


def test_calibration_finds_what_an_overconfident_classifier_knows():
    X, y = make_logit_data(centre=0)
    truth = cross_val_mutual_info(Logit(), X, y)
    loud = cross_val_mutual_info(Logit(slope=4), X, y)
    calibrated = cross_val_mutual_info(Logit(slope=4), X, y, calibrate=True)
    assert loud.score < 0 < truth.score
    assert calibrated.score == pytest.approx(truth.score, abs=0.01)
    np.testing.assert_allclose(calibrated.proba.sum(axis=1), 1)


def test_calibration_forgives_a_forest_its_zeros():
    X, y = make_classification(400, flip_y=0.2, random_state=0)
    forest = RandomForestClassifier(10, random_state=0)
    raw = cross_val_mutual_info(forest, X, y)
    calibrated = cross_val_mutual_info(forest, X, y, calibrate=True)
    assert (raw.proba == 0).any()
    assert calibrated.interval[0] > max(0, raw.score)


def test_no_row_has_a_part_in_its_own_calibration(logit_data):
    X, y = logit_data[0][:200], logit_data[1][:200].copy()
    splits = list(KFold(4).split(X))
    held = splits[1][1]
    before = cross_val_mutual_info(Logit(3), X, y, cv=splits, calibrate=True).proba
    y[held] = y[held][::-1]
    after = cross_val_mutual_info(Logit(3), X, y, cv=splits, calibrate=True).proba
    np.testing.assert_array_equal(after[held], before[held])
    assert (after[splits[0][1]] != before[splits[0][1]]).all()


def test_a_single_split_is_calibrated_across_its_halves(logit_data):
    truth = cross_val_mutual_info(Logit(), *logit_data)
    splitter = ShuffleSplit(1, test_size=0.4, random_state=0)
    result = cross_val_mutual_info(GaussianNB(), *logit_data, cv=splitter, calibrate=True)
    assert np.isfinite(result.pointwise).sum() == 1200
    assert result.score == pytest.approx(truth.score, abs=0.03)


# --- splits ------------------------------------------------------------------------------------


def test_rows_held_out_often_are_averaged_and_count_once(iris):
    X, y = iris
    splitter = RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0)
    splits = list(splitter.split(X, y))
    result = cross_val_mutual_info(GaussianNB(), X, y, cv=splitter)
    parts = [
        cross_val_mutual_info(GaussianNB(), X, y, cv=part) for part in (splits[:3], splits[3:])
    ]
    expected = (parts[0].pointwise + parts[1].pointwise) / 2
    np.testing.assert_allclose(result.pointwise, expected, atol=1e-11)
    assert result.standard_error == pytest.approx(expected.std(ddof=1) / np.sqrt(len(y)))


def test_rows_that_are_never_held_out_are_left_out(iris):
    X, y = iris
    splitter = ShuffleSplit(2, test_size=0.2, random_state=0)
    held = np.unique(np.concatenate([test for _, test in splitter.split(X)]))
    result = cross_val_mutual_info(GaussianNB(), X, y, cv=splitter)
    np.testing.assert_array_equal(np.flatnonzero(~np.isnan(result.pointwise)), held)
    np.testing.assert_array_equal(np.flatnonzero(~np.isnan(result.proba).any(axis=1)), held)
    assert result.score == pytest.approx(result.pointwise[held].mean())


def test_splits_may_be_masks_or_lists(iris):
    X, y = iris
    splits = list(FOLDS.split(X, y))
    expected = cross_val_mutual_info(GaussianNB(), X, y, cv=splits).pointwise
    masks = [[np.isin(np.arange(len(y)), rows) for rows in split] for split in splits]
    for cv in (masks, [[rows.tolist() for rows in split] for split in splits], 5, None):
        np.testing.assert_array_equal(
            cross_val_mutual_info(GaussianNB(), X, y, cv=cv).pointwise, expected
        )


@pytest.mark.parametrize("cv", [4, GroupKFold(4)])
def test_groups_stay_together(cv):
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 3)
    X, y = rng.normal(size=(40, 2))[groups], (np.arange(40) % 2)[groups]
    twins = KNeighborsClassifier(1)
    assert cross_val_mutual_info(twins, X, y).score == pytest.approx(np.log(2))
    assert cross_val_mutual_info(twins, X, y, cv=cv, groups=groups).score < -5


def test_global_random_state_is_neither_read_nor_changed(iris):
    np.random.seed(0)  # noqa: NPY002
    first = cross_val_mutual_info(GaussianNB(), *iris)
    second = cross_val_mutual_info(GaussianNB(), *iris)
    assert np.random.randint(10**6) == np.random.RandomState(0).randint(10**6)  # noqa: NPY002
    np.testing.assert_array_equal(first.pointwise, second.pointwise)


@pytest.mark.parametrize("options", [{}, {"calibrate": True}, {"proba_prior": "uniform"}])
def test_class_that_training_rows_lack_tells_nothing_and_warns(iris, options):
    X, y = iris[0][:101], iris[1][:101]
    splitter = KFold(5, shuffle=True, random_state=0)
    with pytest.warns(RuntimeWarning, match="1 held-out row.*class 2 .*Use fewer or stratified"):
        result = cross_val_mutual_info(GaussianNB(), X, y, cv=splitter, **options)
    assert result.pointwise[100] == 0
    assert result.proba[100, 2] == pytest.approx(1 / 101)
    np.testing.assert_allclose(result.proba.sum(axis=1), 1)


def test_own_folds_take_classes_with_fewer_rows_than_folds(iris):
    X, y = iris[0][:103], iris[1][:103]
    with pytest.warns(UserWarning, match=r"5 folds of cv: 2 \(3 rows\)") as raised:
        result = cross_val_mutual_info(KNeighborsClassifier(), X, y)
    assert len(raised) == 1
    assert raised[0].filename == __file__
    assert np.isfinite(result.score)


def test_a_single_split_is_calibrated_on_other_groups(monkeypatch):
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(30), 6)
    y = rng.integers(2, size=30)[groups]
    X = y[:, None] + rng.normal(size=(180, 2))
    halves = []

    def keep(*arguments, **options):
        halves.append(make_members(*arguments, **options))
        return halves[-1]

    monkeypatch.setattr(module, "make_members", keep)
    cv = GroupShuffleSplit(1, test_size=0.4, random_state=0)
    cross_val_mutual_info(GaussianNB(), X, y, cv=cv, groups=groups, calibrate=True)
    first, second = (set(groups[rows]) for rows in halves[0].part_rows)
    assert first and second and not first & second
