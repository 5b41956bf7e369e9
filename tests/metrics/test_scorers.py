"""Scorers: cross-validation and search, folds without a class, metadata routing."""

import pickle
import warnings

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    TunedThresholdClassifierCV,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from sklearn_mi.datasets import make_label_noise
from sklearn_mi.metrics import (
    determinant_mutual_info_score,
    determinant_mutual_info_scorer,
    mutual_info_scorer,
    normalized_mutual_info_scorer,
    variational_mutual_info_score,
)

SCORERS = {
    "nats": mutual_info_scorer,
    "share": normalized_mutual_info_scorer,
    "determinant": determinant_mutual_info_scorer,
}


class Fixed:
    """A fitted classifier with given probabilities."""

    def __init__(self, proba):
        self.proba, self.classes_ = proba, np.arange(proba.shape[1])

    def predict_proba(self, X):
        return self.proba

    def predict(self, X):
        return self.proba.argmax(axis=1)


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def test_scorers_equal_their_scores(iris):
    X, y = iris
    classifier = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    proba = classifier.predict_proba(X)
    expected = {
        "nats": variational_mutual_info_score(y, proba),
        "share": variational_mutual_info_score(y, proba, normalize=True),
        "determinant": determinant_mutual_info_score(y, classifier.predict(X), normalize=True),
    }
    for name, scorer in SCORERS.items():
        assert scorer(classifier, X, y) == pytest.approx(expected[name])


def test_scorers_work_in_a_multimetric_search_on_two_processes(iris, forked):
    X, y = iris
    classifier = LogisticRegression(max_iter=1000)
    search = GridSearchCV(
        classifier, {"C": [1e-4, 1.0]}, scoring=SCORERS, refit="nats", n_jobs=2, cv=5
    ).fit(X, y)
    assert search.best_params_ == {"C": 1.0}
    for name in SCORERS:
        assert np.isfinite(search.cv_results_[f"mean_test_{name}"]).all()
    np.testing.assert_allclose(
        search.cv_results_["mean_test_share"] * np.log(3), search.cv_results_["mean_test_nats"]
    )
    assert search.score(X, y) == mutual_info_scorer(search, X, y)


def test_a_fold_that_lacks_classes_is_scored(iris):
    X, y = iris
    rows = np.random.default_rng(0).permutation(len(y))[:60]
    X, names = X[rows], np.array(["setosa", "versicolor", "virginica"])[y[rows]]
    folds = KFold(30)
    scores = cross_val_score(
        LogisticRegression(), X, names, scoring=mutual_info_scorer, cv=folds, error_score="raise"
    )
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("scorer", SCORERS.values())
def test_scorers_pickle_and_clone(scorer, iris):
    classifier = DecisionTreeClassifier(max_depth=2).fit(*iris)
    for copy in (pickle.loads(pickle.dumps(scorer)), clone(scorer)):
        assert copy is not scorer
        assert copy(classifier, *iris) == scorer(classifier, *iris)


def test_scorers_show_what_they_measure():
    assert repr(mutual_info_scorer) == "MutualInfoScorer(metric='variational')"
    assert "normalize=True" in repr(normalized_mutual_info_scorer)
    search = GridSearchCV(LogisticRegression(), {}, scoring=mutual_info_scorer)
    assert "scoring=MutualInfoScorer(metric='variational')" in repr(clone(search))


def test_scorer_refuses_an_estimator_without_probabilities(iris):
    with pytest.raises(TypeError, match=r"has no predict_proba; .*CalibratedClassifierCV"):
        mutual_info_scorer(LinearSVC().fit(*iris), *iris)
    with pytest.raises(TypeError, match="has no classes_"):
        mutual_info_scorer(LogisticRegression(), *iris)
    assert determinant_mutual_info_scorer(LinearSVC().fit(*iris), *iris) > 0.5  # of decisions


def test_determinant_scorer_ranks_by_accuracy_under_noise_where_confidence_would_mislead():
    """One classifier is right more often, the other is sure of itself."""
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=30_000)
    observed = make_label_noise(y, 0.4, kind="symmetric", random_state=0)

    def says(accuracy, confidence):
        right = np.where(rng.random(len(y)) < accuracy, y, (y + rng.integers(1, 3, len(y))) % 3)
        proba = np.full((len(y), 3), (1 - confidence) / 2)
        proba[np.arange(len(y)), right] = confidence
        return Fixed(proba)

    better, surer = says(0.9, 0.6), says(0.8, 1.0)
    rows = np.arange(len(y))[:, None], observed
    of_probabilities = clone(determinant_mutual_info_scorer)
    of_probabilities.set_params(response_method="predict_proba")
    assert of_probabilities(better, *rows) < of_probabilities(surer, *rows)
    assert determinant_mutual_info_scorer(better, *rows) > determinant_mutual_info_scorer(
        surer, *rows
    )


def test_scorer_weighs_rows(iris):
    X, y = iris
    classifier = DecisionTreeClassifier(max_depth=2).fit(X[::2], y[::2])
    weight = np.arange(len(y)) % 3
    rows = np.repeat(np.arange(len(y)), weight)
    assert mutual_info_scorer(classifier, X, y, sample_weight=weight) == pytest.approx(
        mutual_info_scorer(classifier, X[rows], y[rows])
    )


def weighted_problem():
    X, y = make_classification(200, flip_y=0.2, random_state=0)
    return X, y, np.random.default_rng(0).exponential(size=200)


@pytest.mark.usefixtures("routing")
def test_requested_weights_are_routed_to_the_scorer():
    X, y, weight = weighted_problem()
    scorer = clone(mutual_info_scorer).set_score_request(sample_weight=True)
    classifier = LogisticRegression().set_fit_request(sample_weight=False)
    folds = KFold(2)
    for scoring in (scorer, {"nats": scorer}):
        search = GridSearchCV(classifier, {"C": [0.1]}, scoring=scoring, cv=folds, refit=False)
        search.fit(X, y, sample_weight=weight)
        expected = np.mean(
            [
                scorer(clone(classifier).set_params(C=0.1).fit(X[a], y[a]), X[b], y[b], weight[b])
                for a, b in folds.split(X)
            ]
        )
        key = "mean_test_score" if scoring is scorer else "mean_test_nats"
        assert search.cv_results_[key][0] == pytest.approx(expected)


@pytest.mark.usefixtures("routing")
def test_weights_without_a_request_are_refused_and_shared_scorers_stay_as_they_are():
    X, y, weight = weighted_problem()
    clone(mutual_info_scorer).set_score_request(sample_weight=True)
    classifier = LogisticRegression().set_fit_request(sample_weight=False)
    with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
        cross_validate(
            classifier, X, y, scoring=mutual_info_scorer, params={"sample_weight": weight}
        )


@pytest.mark.usefixtures("routing")
def test_routed_search_without_weights_needs_no_request():
    X, y, _ = weighted_problem()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = cross_val_score(LogisticRegression(), X, y, scoring=mutual_info_scorer)
    assert np.isfinite(scores).all()


def test_search_without_routing_weighs_fit_and_score():
    X, y, weight = weighted_problem()
    search = GridSearchCV(
        LogisticRegression(), {"C": [0.1]}, scoring={"nats": mutual_info_scorer}, refit=False, cv=2
    )
    search.fit(X, y, sample_weight=weight)
    assert np.isfinite(search.cv_results_["mean_test_nats"]).all()


def test_a_threshold_is_tuned_by_the_determinant_of_decisions():
    rng = np.random.RandomState(0)
    y = np.array(["no", "yes"])[(rng.rand(300) < 0.15).astype(int)]
    X = rng.standard_normal((300, 1)) + 2 * (y == "yes")[:, None]
    plain = LogisticRegression().fit(X, y)
    tuned = TunedThresholdClassifierCV(
        LogisticRegression(), scoring=determinant_mutual_info_scorer
    ).fit(X, y)
    assert determinant_mutual_info_scorer(tuned, X, y) > determinant_mutual_info_scorer(plain, X, y)
    with pytest.raises(ValueError, match=r"scores probabilities.*determinant_mutual_info_scorer"):
        tuned.set_params(scoring=mutual_info_scorer).fit(X, y)
