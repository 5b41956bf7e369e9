"""A search in stacks against scikit-learn's: the same scores, and the same attributes."""

import numpy as np
import pytest
import torch
from scipy.stats import loguniform
from sklearn.datasets import make_classification
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._inputs._table_encoder import TableEncoder
from sklearn_mi.metrics import mutual_info_scorer
from sklearn_mi.model_selection import StackedSearchCV

QUICK = {"hidden_layer_sizes": 16, "max_iter": 2, "random_state": 0, "n_threads": 1}
SCORING = {"nats": mutual_info_scorer, "accuracy": "accuracy"}
BAYES = [("bayes", GaussianNB())]
STACKED = {"learning_rate_init": [0.003, 0.03], "alpha": [0.0, 0.3], "dropout": [0.0, 0.3]}


@pytest.fixture(scope="module")
def table():
    return make_classification(
        160, 6, n_informative=4, n_redundant=0, n_classes=3, n_clusters_per_class=1, random_state=0
    )


def both(classifier, grid, table, **params):
    """The same search in stacks and by scikit-learn."""
    options = {"scoring": SCORING, "refit": "nats", "cv": 2}
    searches = StackedSearchCV, GridSearchCV
    return [search(classifier, grid, **options).fit(*table, **params) for search in searches]


def assert_same_scores(stacked, plain, atol=1e-5):
    names = [name for name in plain.cv_results_ if "_test_" in name]
    assert set(stacked.cv_results_) == set(plain.cv_results_)
    for name in names:
        np.testing.assert_allclose(
            stacked.cv_results_[name], plain.cv_results_[name], rtol=0, atol=atol, err_msg=name
        )
    assert stacked.cv_results_["params"] == plain.cv_results_["params"]
    assert stacked.best_index_ == plain.best_index_
    assert stacked.best_params_ == plain.best_params_


@pytest.mark.parametrize(
    "classifier, grid",
    [
        ({"cv": None, "estimators": None}, STACKED),
        ({"cv": 3, "estimators": BAYES}, STACKED),
        ({"cv": 2, "estimators": None}, {"loss": ["ce", "pc_softmax", "gce"], "tol": [1e-4, 0.1]}),
        (
            {"cv": None, "estimators": BAYES},
            {"loss": ["ce", "dmi"], "bayes__var_smoothing": [1, 9]},
        ),
        ({"cv": 2, "estimators": BAYES}, {"hidden_layer_sizes": [5, (7, 5)], "alpha": [0, 0.1]}),
        ({"cv": None, "estimators": None}, {"batch_size": [32, 50], "dropout": [0, 0.2]}),
        ({"estimators": None}, {"cv": [None, 2], "random_state": [0, 1], "alpha": [0, 0.1]}),
        (
            {"cv": 2, "estimators": None, "optimizer": torch.optim.SGD},
            {"optimizer__momentum": [0.0, 0.9], "learning_rate_init": [0.01, 0.1]},
        ),
        ({"cv": 2, "estimators": None}, {"class_weight": [None, "balanced"], "alpha": [0, 0.1]}),
    ],
)
def test_every_score_is_that_of_grid_search(classifier, grid, table):
    assert_same_scores(*both(MutualInfoClassifier(**(QUICK | classifier)), grid, table))


@pytest.mark.filterwarnings("ignore:.*does not support sample_weight")
def test_weights_go_to_fits_and_scores_alike(table):
    weight = np.random.RandomState(0).randint(1, 4, len(table[1]))
    classifier = MutualInfoClassifier(cv=None, estimators=None, **QUICK)
    assert_same_scores(*both(classifier, STACKED, table, sample_weight=weight))


def test_candidates_that_stop_leave_the_others_as_they_are(table):
    grid = {"learning_rate_init": [1e-5, 0.03, 0.3], "n_iter_no_change": [1, 4], "dropout": [0.2]}
    classifier = MutualInfoClassifier(cv=2, estimators=None, **(QUICK | {"max_iter": 20}))
    assert_same_scores(*both(classifier, grid, table))


def test_the_default_companions_are_as_if_fitted_for_each(table, few_trees):
    classifier = MutualInfoClassifier(cv=2, **(QUICK | {"max_iter": 3}))
    assert_same_scores(*both(classifier, {"learning_rate_init": [1e-4, 0.03]}, table))


def test_the_best_candidate_is_fitted_to_all_rows(table):
    classifier = MutualInfoClassifier(cv=None, estimators=None, **QUICK)
    stacked, plain = both(classifier, STACKED, table)
    assert stacked.refit_time_ > 0 and stacked.multimetric_ and stacked.n_splits_ == 2
    assert stacked.scorer_.keys() == SCORING.keys()
    np.testing.assert_array_equal(stacked.classes_, [0, 1, 2])
    for method in ("predict_proba", "predict"):
        answers = (getattr(search, method)(table[0]) for search in (stacked, plain))
        np.testing.assert_array_equal(*answers)
    assert stacked.score(*table) == plain.score(*table)


def test_processes_change_nothing(table, forked):
    classifier = MutualInfoClassifier(cv=None, estimators=None, device="cpu", **QUICK)
    grid = {"alpha": [0, 0.1, 0.2]}
    one, many = (StackedSearchCV(classifier, grid, cv=3, n_jobs=n).fit(*table) for n in (None, 2))
    assert_same_scores(many, one, atol=0)
    assert many.best_mutual_info_ == one.best_mutual_info_


def test_random_draws_are_those_of_randomized_search(table):
    drawn = {"learning_rate_init": loguniform(1e-3, 1e-1), "dropout": [0.0, 0.1]}
    classifier = MutualInfoClassifier(cv=None, estimators=None, **QUICK)
    stacked = StackedSearchCV(classifier, drawn, n_candidates=4, cv=2, random_state=3).fit(*table)
    plain = RandomizedSearchCV(classifier, drawn, n_iter=4, cv=2, random_state=3).fit(*table)
    assert_same_scores(stacked, plain)


@pytest.mark.parametrize("scale", [StandardScaler(), "passthrough"])
def test_other_estimators_are_searched_as_by_scikit_learn(table, scale):
    grid = {"logisticregression__C": [0.01, 1.0]}
    assert_same_scores(*both(make_pipeline(scale, LogisticRegression()), grid, table), atol=0)


class OwnFit(MutualInfoClassifier):
    def fit(self, X, y):
        self.seen_ = len(X)
        return super().fit(X, y)


def test_a_fit_of_a_subclass_is_called(table):
    classifier = OwnFit(cv=None, estimators=None, **QUICK)
    search = StackedSearchCV(
        classifier, {"alpha": [0, 1]}, cv=2, scoring=lambda clf, X, y: clf.seen_
    )
    assert search.fit(*table).best_score_ == 80


def test_a_candidate_that_fails_gets_the_score_of_errors_and_others_their_own(table):
    classifier = MutualInfoClassifier(cv=None, estimators=None, **QUICK)
    grid = {"alpha": [0, 0.1, -1]}
    with pytest.warns((FitFailedWarning, UserWarning)):
        search = StackedSearchCV(classifier, grid, cv=2, error_score=-7.0).fit(*table)
    scores = search.cv_results_["mean_test_score"]
    assert scores[2] == -7 and (scores[:2] > 0).all() and search.best_index_ < 2
    with pytest.raises(ValueError, match="'alpha' parameter of MutualInfoClassifier"):
        StackedSearchCV(classifier, grid, cv=2, error_score="raise").fit(*table)
    with pytest.raises(ValueError, match="All the 2 fits failed"):
        StackedSearchCV(classifier, {"alpha": [-1]}, cv=2).fit(*table)


@pytest.mark.parametrize("seed, n_times", [(0, 2), (None, 16)])
def test_candidates_read_the_rows_of_a_split_once(table, monkeypatch, seed, n_times):
    """Unless each draws splits of its own."""
    fitted, fit = [], TableEncoder.fit
    monkeypatch.setattr(TableEncoder, "fit", lambda *args: fitted.append(args) or fit(*args))
    classifier = MutualInfoClassifier(**QUICK | {"random_state": seed}, cv=None, estimators=None)
    StackedSearchCV(classifier, STACKED, cv=2, refit=False).fit(*table)
    assert len(fitted) == n_times
