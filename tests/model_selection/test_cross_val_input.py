"""Classifiers, tables, labels and options that go into a cross-validated estimate."""

import numpy as np
import pandas as pd
import pytest
from known_logit import Logit, make_logit_data
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.model_selection import compare_mutual_info, cross_val_mutual_info


@pytest.fixture(scope="module")
def logit_data():
    return make_logit_data()


# --- classifiers and tables --------------------------------------------------------------------

CLASSIFIERS = {
    "pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
    "search": GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9, 1e-3]}),
    "calibrated": CalibratedClassifierCV(LinearSVC()),
    "stacking": StackingClassifier([("nb", GaussianNB()), ("knn", KNeighborsClassifier())]),
    "own": MutualInfoClassifier(max_iter=8, hidden_layer_sizes=16, random_state=0),
}


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_any_classifier_with_probabilities_will_do(iris, name, few_trees):
    estimator = CLASSIFIERS[name]
    result = cross_val_mutual_info(estimator, *iris, cv=3)
    assert 0.3 < result.score < result.label_entropy
    assert repr(clone(estimator)) == repr(estimator)
    assert not hasattr(estimator, "classes_")


def test_tables_reach_the_classifier_as_they_are():
    rng = np.random.default_rng(0)
    y = pd.Series(rng.choice(["no", "yes"], 300), index=range(1000, 1300), dtype="category")
    X = pd.DataFrame({"colour": np.where(rng.random(300) < 0.8, y, "maybe"), "size": np.nan})
    X.loc[:200, "size"] = 1.0
    results = [
        cross_val_mutual_info(estimator, table, y)
        for estimator, table in [
            (make_pipeline(OneHotEncoder(), LogisticRegression()), X),
            (HistGradientBoostingClassifier(max_iter=20), X.astype({"colour": "category"})),
        ]
    ]
    assert all(result.score > 0.4 for result in results)


def test_texts_and_sparse_tables(iris):
    texts, y = ["good fine", "bad poor"] * 20, [True, False] * 20
    words = make_pipeline(CountVectorizer(), MultinomialNB())
    assert cross_val_mutual_info(words, texts, y).score > 0.5
    sparse = cross_val_mutual_info(LogisticRegression(), csr_array(iris[0]), iris[1]).score
    assert sparse == pytest.approx(
        cross_val_mutual_info(LogisticRegression(), *iris).score, abs=1e-3
    )


def test_nullable_labels(iris):
    X, y = iris
    expected = cross_val_mutual_info(KNeighborsClassifier(), X, y).pointwise
    result = cross_val_mutual_info(KNeighborsClassifier(), X, pd.Series(y, dtype="Int64"))
    np.testing.assert_array_equal(result.pointwise, expected)


def test_precomputed_distances_are_split_in_rows_and_columns(logit_data):
    X, y = logit_data[0][:200], logit_data[1][:200]
    distances = np.abs(X - X.T)
    result = cross_val_mutual_info(KNeighborsClassifier(metric="precomputed"), distances, y)
    expected = cross_val_mutual_info(KNeighborsClassifier(), X, y)
    np.testing.assert_array_equal(result.pointwise, expected.pointwise)


@pytest.mark.parametrize("calibrate", [False, True])
def test_number_of_processes_changes_nothing(iris, calibrate, forked):
    forest = RandomForestClassifier(5, random_state=0)
    one, two = (
        cross_val_mutual_info(forest, *iris, n_jobs=n_jobs, calibrate=calibrate)
        for n_jobs in (1, 2)
    )
    np.testing.assert_array_equal(one.pointwise, two.pointwise)
    assert one.interval == two.interval


def test_params_of_fit_are_split_with_the_rows(logit_data):
    X, y = logit_data
    params = {"sample_weight": np.where(y, 5.0, 1.0)}
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    result = cross_val_mutual_info(GaussianNB(), X, y, params=params)
    expected = cross_val_predict(
        GaussianNB(), X, y, cv=folds, method="predict_proba", params=params
    )
    np.testing.assert_allclose(result.proba, expected, atol=1e-15)


# --- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda proba: proba * np.nan, r"Logit\(.* holds \[nan nan\] in .*impute or scale"),
        (lambda proba: proba[:, :1], r"Logit\(.* has shape \(40, 1\), expected .* 2 classes_"),
        (lambda proba: [proba, proba], r"Logit\(.* has shape \(2, 40, 2\).*one label"),
        (lambda proba: 3 * proba, "probabilities lie in"),
    ],
)
def test_answers_that_are_no_probabilities_are_refused(logit_data, answer, message):
    X, y = logit_data[0][:200], logit_data[1][:200]
    with pytest.raises(ValueError, match=message):
        cross_val_mutual_info(Logit(answer=answer), X, y)


def test_classes_that_y_does_not_have_are_refused(iris):
    class Renaming(GaussianNB):
        def fit(self, X, y):
            super().fit(X, y)
            self.classes_ = np.array(["a", "b", "c"])
            return self

    with pytest.raises(ValueError, match=r"classes_ of Renaming\(\) has .*'a'.* no label of y"):
        cross_val_mutual_info(Renaming(), *iris)


@pytest.mark.parametrize("estimator", [LinearSVC(), GridSearchCV(LinearSVC(), {"C": [1]})])
def test_classifier_without_probabilities_is_refused(iris, estimator):
    with pytest.raises(ValueError, match=r"LinearSVC\(.* no predict_proba.*CalibratedClassifierCV"):
        cross_val_mutual_info(estimator, *iris)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.zeros(150), "y has one class, 0.0, while at least 2"),
        (np.arange(149) % 2, "X has 150, y has 149. Pass one label"),
        (np.eye(3, dtype=int)[np.arange(150) % 3], r"y has shape \(150, 3\).*one column at a"),
        (np.r_[np.arange(149) % 2, np.nan], "1 label.* missing, the first in row 149"),
        (np.linspace(0, 1, 150), "continuous"),
    ],
)
def test_unusable_labels_are_refused(iris, y, message):
    with pytest.raises(ValueError, match=message):
        cross_val_mutual_info(GaussianNB(), iris[0], y)


@pytest.mark.parametrize(
    "option",
    [{"confidence_level": 95}, {"cv": "five"}, {"calibrate": "isotonic"}, {"n_jobs": 0.5}],
)
def test_unusable_options_are_refused_before_anything_is_fitted(iris, option):
    with pytest.raises(ValueError, match=rf"'{next(iter(option))}' parameter of .*mutual_info"):
        cross_val_mutual_info(None, *iris, **option)
    with pytest.raises(ValueError, match=rf"'{next(iter(option))}' parameter of .*mutual_info"):
        compare_mutual_info({"none": None}, *iris, **option)


def test_splits_that_train_on_what_they_score_are_refused(iris):
    rows = np.arange(150)
    with pytest.raises(ValueError, match="trains on 50 of the rows that it holds out"):
        cross_val_mutual_info(GaussianNB(), *iris, cv=[(rows, rows[::3]), (rows[1:], rows[:1])])
