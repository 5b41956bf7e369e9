"""What a classifier makes of its companions, which are refused, and what they add."""

import numpy as np
import pytest
from companion_fits import KINDS, fit
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import sem
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Perceptron
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._pool._boosting import GradualBoosting
from sklearn_mi._pool._forest import CompactForest
from sklearn_mi._recipe import make_estimators
from sklearn_mi.datasets import make_gaussian_classes
from sklearn_mi.losses import LOSSES
from sklearn_mi.metrics import mutual_info_scorer


class Noise(ClassifierMixin, BaseEstimator):
    """Is sure of something else in every row."""

    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        rng = np.random.RandomState(0)
        return rng.dirichlet(np.full(len(self.classes_), 0.3), len(X))


# --- what the classifier makes of them ------------------------------------------------------------


def test_a_weight_for_each_name_and_a_classifier_for_each_weight(rows):
    clf = fit(*rows, estimators=[*KINDS, ("noise", Noise())])
    weights = clf.pool_weights_
    assert list(weights) == ["networks", *dict(KINDS), "noise"]
    assert all(type(weight) is float and weight >= 0 for weight in weights.values())
    assert clf.estimators_ and "noise" not in clf.estimators_
    assert list(clf.estimators_) == [name for name, _ in KINDS if weights[name]]
    for name, fitted in clf.estimators_.items():
        assert type(fitted) is type(dict(KINDS)[name])
    assert not any(hasattr(clone(clf), name) for name in ("estimators_", "pool_weights_"))
    with pytest.raises(NotFittedError):
        clone(clf).pool_weights_  # noqa: B018


def test_those_that_answer_new_rows_have_learnt_all(rows):
    """As their encoding has it, which is none of the networks'."""
    X, y = rows
    clf = fit(X, y, estimators=[("bayes", GaussianNB())])
    *of_members, of_all = (clf._encoder.transform(X, member) for member in (0, 1, 2, -1))
    assert not any(np.array_equal(seen, of_all) for seen in of_members)
    expected = GaussianNB().fit(of_all, y).predict_proba(of_all)
    assert_array_equal(clf.estimators_["bayes"].predict_proba(of_all), expected)


def test_what_is_passed_is_not_touched(rows):
    estimators = [("bayes", GaussianNB()), ("forest", ExtraTreesClassifier(5))]
    before, parameters = list(estimators), repr(estimators)
    clf = fit(*rows, estimators=estimators)
    assert clf.estimators is estimators
    assert estimators == before and repr(estimators) == parameters
    assert not any(hasattr(kind, "classes_") for _, kind in estimators)


@pytest.mark.usefixtures("brief_searches")
@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_no_companions_are_networks_alone(rows, loss):
    alone, empty = (fit(*rows, loss=loss, estimators=none) for none in (None, []))
    assert alone.estimators_ == {} and list(alone.pool_weights_) == ["networks"]
    assert empty.pool_weights_ == alone.pool_weights_
    assert_array_equal(empty.oof_log_proba_, alone.oof_log_proba_)
    assert_array_equal(empty.predict_proba(rows[0]), alone.predict_proba(rows[0]))


def test_networks_do_not_know_of_their_companions(rows):
    alone, pooled = (fit(*rows, estimators=estimators) for estimators in (None, KINDS))
    assert pooled.loss_curve_ == alone.loss_curve_
    assert pooled.validation_curve_ == alone.validation_curve_
    weights = (clf.net_.module_.state_dict().values() for clf in (alone, pooled))
    assert all((first == second).all() for first, second in zip(*weights, strict=True))


def _auto(n_rows=500, n_classes=3, **params):
    clf = MutualInfoClassifier(**params)
    return make_estimators(clf, n_rows, n_classes, seed=7)


def test_the_trees_of_auto_grow_by_the_seed():
    kinds = dict(_auto())
    assert isinstance(kinds["extra_trees"], CompactForest)
    assert isinstance(kinds["boosting"], GradualBoosting)
    assert kinds["extra_trees"].random_state == kinds["boosting"].random_state == 7


def test_the_forest_of_auto_is_bounded():
    small, large = (dict(_auto(n_rows=n))["extra_trees"] for n in (500, 100_000))
    assert small.min_samples_leaf == 1 < large.min_samples_leaf
    assert (small.n_estimators, small.n_final) == (100, 200)
    assert (large.n_estimators, large.n_final) == (50, 50)


def test_many_classes_are_not_boosted():
    assert dict(_auto()).keys() - dict(_auto(n_classes=100)).keys() == {"boosting"}


def test_auto_is_none_for_networks_of_ones_own(rows):
    assert _auto(module=nn.Linear) == _auto(estimators=None) == []
    clf = fit(*rows, module=nn.Linear)
    assert clf.estimators_ == {} and list(clf.pool_weights_) == ["networks"]


def test_a_network_of_ones_own_takes_companions_that_are_named(rows):
    assert fit(*rows, module=nn.Linear, estimators=KINDS).pool_weights_.keys() >= dict(KINDS).keys()


def test_a_hundred_classes_have_companions(few_trees):
    centers = 6 * np.random.RandomState(0).standard_normal((100, 5))
    X, y = make_gaussian_classes(800, 5, centers=centers, random_state=0)
    clf = fit(X, y)
    assert "extra_trees" in clf.pool_weights_ and "boosting" not in clf.pool_weights_
    assert 0 < clf.mutual_info_score_ <= np.log(100)
    assert_allclose(clf.predict_proba(X).sum(axis=1), 1)


def test_a_search_may_choose_the_companions(rows, few_trees):
    grid = {"estimators": [None, "auto", [("bayes", GaussianNB())]]}
    search = GridSearchCV(
        MutualInfoClassifier(max_iter=2, cv=2, random_state=0),
        grid,
        scoring=mutual_info_scorer,
        cv=2,
    ).fit(*rows)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert repr(search.best_estimator_.estimators) == repr(search.best_params_["estimators"])


def test_a_warm_start_keeps_the_companions(rows):
    clf = fit(*rows, estimators=KINDS, warm_start=True)
    fitted, last = clf.estimators_, clf.loss_curve_[-1]
    held_out = clf._ensemble.companions.held_out
    for params in ({}, {"loss": "pc_softmax"}):
        again = clf.set_params(**params).fit(*rows).estimators_
        assert again and all(again[name] is fitted[name] for name in again.keys() & fitted)
        assert clf._ensemble.companions.held_out is held_out
    assert clf.loss_curve_[-1] < last
    assert clf.set_params(estimators=None).fit(*rows).estimators_ == {}


def test_held_out_scores_are_kept_for_a_warm_start_only(rows):
    """Without them companions learn anew, those of all rows too."""
    clf = fit(*rows, estimators=KINDS)
    fitted = clf.estimators_
    assert clf._ensemble.companions.held_out is None
    again = clf.set_params(warm_start=True).fit(*rows).estimators_
    assert clf._ensemble.companions.held_out is not None
    assert again and not any(again[name] is fitted[name] for name in again.keys() & fitted)


# --- errors ---------------------------------------------------------------------------------------


BAYES, TREE = GaussianNB(), DecisionTreeClassifier()
BAD_ESTIMATORS = {
    "no list": ((("a", BAYES),), "(('a', GaussianNB()),)", "'list' or None"),
    "a word": ("trees", "'trees'", "{'auto'}"),
    "no pairs": ([BAYES], "[GaussianNB()]", "list of (name, classifier), such as"),
    "lists": ([["a", BAYES]], "[['a', GaussianNB()]]", "list of (name, classifier), such as"),
    "name of the networks": ([("networks", BAYES)], "['networks']", "must differ"),
    "a name twice": ([("a", BAYES), ("a", TREE)], "['a', 'a']", "must differ from each other"),
    "no probabilities": ([("p", Perceptron())], "'p'", "Perceptron()", "CalibratedClassifierCV"),
    "a class": ([("b", GaussianNB)], "'b'", "pass GaussianNB()."),
    "no estimator": ([("a", "drop")], "'drop'", "Pass a classifier"),
}


@pytest.mark.parametrize(
    "estimators, said", [(bad, said) for bad, *said in BAD_ESTIMATORS.values()], ids=BAD_ESTIMATORS
)
def test_bad_estimators_are_refused(rows, estimators, said):
    with pytest.raises(ValueError) as raised:
        fit(*rows, estimators=estimators)
    assert not [words for words in said if words not in str(raised.value)], raised.value


def test_weights_for_a_classifier_that_takes_none_are_refused(rows):
    neighbours, weight = [("near", KNeighborsClassifier())], np.arange(1, 241)
    with pytest.raises(ValueError, match=r"(?s)'near'.*KNeighborsClassifier\(\).*Leave out"):
        fit(*rows, estimators=neighbours, sample_weight=weight)


# --- what they add --------------------------------------------------------------------------------


def _steps(n=1000, n_noise=2):
    """Labels that are constant, up to a tenth, on random cells of two columns."""
    rng = np.random.RandomState(0)
    X = rng.random_sample((n, 2 + n_noise))
    cells = rng.permutation(np.arange(64) % 2).reshape(8, 8)
    i, j = (8 * X[:, :2]).astype(int).T
    return X, np.where(rng.random_sample(n) < 0.1, 1 - cells[i, j], cells[i, j])


def _gain(first, second):
    """How much more the first says of the rows than the second, and the error of that."""
    difference = first.oof_pointwise_mutual_info_ - second.oof_pointwise_mutual_info_
    return difference.mean(), sem(difference)


def test_trees_add_what_networks_do_not_see():
    X, y = _steps()
    alone, pooled = (fit(X, y, max_iter=40, estimators=kinds) for kinds in (None, "auto"))
    gain, error = _gain(pooled, alone)
    assert gain > 3 * error
    assert pooled.mutual_info_score_ <= np.log(2) - 0.325 + 3 * pooled.mutual_info_stderr_


def test_an_ignorant_network_leaves_it_to_the_forest():
    X, y = _steps()
    forest = [("forest", ExtraTreesClassifier(50, random_state=0))]
    barely = {"max_iter": 1, "hidden_layer_sizes": (2,), "learning_rate_init": 1e-6}
    alone, pooled = (fit(X, y, estimators=kinds, **barely) for kinds in (None, forest))
    assert abs(alone.mutual_info_score_) < 0.01
    assert pooled.pool_weights_["forest"] > 0.7
    assert pooled.mutual_info_interval(0.99)[0] > 0.1


def test_where_networks_are_best_companions_cost_next_to_nothing(rows):
    alone, pooled = (fit(*rows, max_iter=50, estimators=kinds) for kinds in (None, "auto"))
    gain, error = _gain(pooled, alone)
    assert gain > -2 * error


def test_noise_has_no_weight():
    X, y = make_gaussian_classes(1000, 4, centers=(0, 1, -1), random_state=0)
    alone, pooled = (fit(X, y, estimators=kinds) for kinds in (None, [("noise", Noise())]))
    assert pooled.pool_weights_["noise"] == 0 and pooled.estimators_ == {}
    assert abs(pooled.mutual_info_score_ - alone.mutual_info_score_) < 0.01


def test_a_memory_of_the_training_rows_tells_nothing():
    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((500, 3)), rng.randint(2, size=500)
    clf = fit(X, y, estimators=[("nearest", KNeighborsClassifier(1))])
    assert clf.pool_weights_["nearest"] == 0
    assert abs(clf.mutual_info_score_) < 0.02
