"""What a search in stacks is beyond its scores: scikit-learn's checks, halving, certification."""

import numpy as np
import pytest
from scipy.stats import uniform
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    RepeatedKFold,
    ShuffleSplit,
    cross_val_score,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.metrics import mutual_info_scorer
from sklearn_mi.model_selection import StackedSearchCV, cross_val_mutual_info

QUICK = {"hidden_layer_sizes": 16, "random_state": 0, "n_threads": 1, "estimators": None}


@pytest.fixture(scope="module")
def table():
    return make_classification(
        240, 5, n_informative=3, n_redundant=0, flip_y=0.1, random_state=0, n_clusters_per_class=1
    )


# As in a search of scikit-learn: some fits fail, and its own look at labels casts infinite ones.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:Scoring failed:UserWarning")
@parametrize_with_checks([StackedSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2)])
def test_sklearn_check_of_the_search(estimator, check):
    check(estimator)


def test_a_regressor_is_searched_and_certifies_nothing(table):
    X = table[0]
    search = StackedSearchCV(Ridge(), {"alpha": [0.1, 1e5]}).fit(X, X[:, 0])
    assert search.best_params_ == {"alpha": 0.1}
    assert not hasattr(search, "best_mutual_info_")


def test_one_candidate_certifies_what_its_cross_validation_does(table):
    """There is nothing to choose, so that the choice costs nothing."""
    splits = list(KFold(4, shuffle=True, random_state=0).split(table[0]))
    search = StackedSearchCV(LogisticRegression(), {"C": [0.5]}, cv=splits).fit(*table)
    plain = cross_val_mutual_info(LogisticRegression(C=0.5), *table, cv=splits)
    assert search.best_mutual_info_ == pytest.approx(plain.score, abs=1e-12)
    assert search.best_mutual_info_stderr_ == pytest.approx(plain.standard_error, abs=1e-12)
    np.testing.assert_allclose(search.best_mutual_info_interval(), plain.interval)


def test_groups_are_what_is_independent(table):
    groups = np.arange(240) // 6
    folds = GroupKFold(4)
    search = StackedSearchCV(LogisticRegression(), {"C": [0.5]}, cv=folds)
    search.fit(*table, groups=groups)
    plain = cross_val_mutual_info(LogisticRegression(C=0.5), *table, cv=folds, groups=groups)
    assert search.best_mutual_info_stderr_ == pytest.approx(plain.standard_error, abs=1e-12)
    np.testing.assert_allclose(search.best_mutual_info_interval(), plain.interval)


class Lucky(DummyClassifier):
    """Answers at random, well or badly by its seed alone."""

    def __init__(self, seed=0):
        super().__init__()
        self.seed = seed

    def predict_proba(self, X):
        rng = np.random.RandomState(1000 * self.seed + int(1e6 * abs(X[0, 0])) % 1000)
        share = rng.uniform(0.3, 0.7, len(X))
        return np.c_[share, 1 - share]


def test_the_luck_of_the_best_is_in_its_score_and_not_in_what_is_certified():
    rng = np.random.RandomState(0)
    gaps = []
    for _ in range(20):
        X, y = rng.randn(60, 1), rng.permutation(60) % 2
        search = StackedSearchCV(
            Lucky(), {"seed": range(20)}, scoring=mutual_info_scorer, cv=3, refit=False
        ).fit(X, y)
        gaps.append([search.best_score_, search.best_mutual_info_])
    score, certified = np.mean(gaps, axis=0)
    assert score > 0.01 > -0.01 > certified


@pytest.mark.parametrize("cv", [ShuffleSplit(1, random_state=0), ShuffleSplit(3, test_size=0.9)])
def test_nothing_is_certified_by_rows_that_chose(table, cv):
    search = StackedSearchCV(LogisticRegression(), {"C": [0.5, 1]}, cv=cv).fit(*table)
    assert not hasattr(search, "best_mutual_info_")
    with pytest.raises(AttributeError):
        search.best_mutual_info_interval()


def test_repeated_splits_count_each_row_once(table):
    cv = RepeatedKFold(n_splits=4, n_repeats=2, random_state=0)
    search = StackedSearchCV(LogisticRegression(), {"C": [0.5]}, cv=cv).fit(*table)
    plain = cross_val_mutual_info(LogisticRegression(C=0.5), *table, cv=cv)
    assert search.best_mutual_info_ == pytest.approx(plain.score, abs=1e-12)
    assert search.best_mutual_info_stderr_ == pytest.approx(plain.standard_error, abs=1e-12)


def test_a_classifier_without_probabilities_certifies_nothing(table):
    search = StackedSearchCV(LinearSVC(), {"C": [0.1, 1]}).fit(*table)
    assert search.best_score_ > 0.6 and not hasattr(search, "best_mutual_info_")


def test_halving_trains_few_to_the_end_and_those_as_before(table):
    grid = {"learning_rate_init": [1e-5, 1e-4, 1e-3, 0.003, 0.01, 0.03], "alpha": [0.01, 0.1]}
    epochs = {}
    for factor in (None, 3):
        search = StackedSearchCV(
            MutualInfoClassifier(cv=None, max_iter=20, **QUICK),
            grid,
            factor=factor,
            cv=3,
            scoring={"nats": mutual_info_scorer, "epochs": lambda clf, X, y: clf.n_iter_},
            refit="nats",
        ).fit(*table)
        results = search.cv_results_
        epochs[factor] = np.array([results[f"split{k}_test_epochs"] for k in range(3)])
        nats = np.array([results[f"split{k}_test_nats"] for k in range(3)])
        best = epochs[factor] > 6
        if factor is None:
            all_nats = nats
    assert ((epochs[3] == 2).sum(axis=1) == 8).all()  # of 12, 4 go on, and 2 of these
    assert (best.sum(axis=1) == 2).all()
    np.testing.assert_allclose(nats[best], all_nats[best], atol=1e-5)
    assert search.best_params_["learning_rate_init"] >= 0.003


def test_a_distribution_wants_a_number_of_candidates(table):
    search = StackedSearchCV(LogisticRegression(), {"C": uniform(0.1, 1)})
    with pytest.raises(ValueError, match=r"n_candidates is None.*Set n_candidates"):
        search.fit(*table)
    drawn = clone(search).set_params(n_candidates=3, random_state=0).fit(*table)
    assert len(drawn.cv_results_["params"]) == 3


def test_a_refit_of_the_users_chooses_in_the_nested_choice_too(table):
    calls = []

    def worst(results):
        calls.append(len([name for name in results if name.startswith("split")]))
        return int(np.argmin(results["mean_test_score"]))

    grid = {"n_neighbors": [1, 20, 100]}
    search = StackedSearchCV(KNeighborsClassifier(), grid, cv=3, refit=worst).fit(*table)
    plain = GridSearchCV(KNeighborsClassifier(), grid, cv=3, refit=worst).fit(*table)
    assert search.best_params_ == plain.best_params_
    assert calls == [3, 2, 2, 2, 3] and not hasattr(search, "best_score_")


def test_a_search_is_scored_as_any_classifier(table):
    search = StackedSearchCV(MutualInfoClassifier(cv=None, max_iter=2, **QUICK), {"alpha": [0, 1]})
    scores = cross_val_score(search, *table, cv=2, scoring=mutual_info_scorer)
    assert np.isfinite(scores).all()
