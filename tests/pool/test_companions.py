"""Companions: classifiers of other kinds learn and score the rows of each member, and no others."""

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import sem
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_info, threadpool_limits
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine._members import Members, make_members
from sklearn_mi._pool._companions import SMOOTHING, Companions
from sklearn_mi._recipe import make_estimators
from sklearn_mi.datasets import make_gaussian_classes
from sklearn_mi.losses import LOSSES
from sklearn_mi.metrics import mutual_info_scorer

PRIOR = np.array([0.3, 0.3, 0.4])
KINDS = [
    ("bayes", GaussianNB()),
    ("forest", ExtraTreesClassifier(5, random_state=0)),
    ("boosting", HistGradientBoostingClassifier(max_iter=3, random_state=0)),
]


@pytest.fixture(scope="module")
def rows():
    return make_gaussian_classes(240, 4, centers=(0, 1, -1), class_prior=PRIOR, random_state=0)


def _fit(X, y, *, sample_weight=None, **params):
    clf = MutualInfoClassifier(**{"max_iter": 3, "cv": 3, "random_state": 0} | params)
    return clf.fit(X, y, sample_weight=sample_weight)


def _members(y, cv=3):
    return make_members(y, cv=cv, validation_fraction=0.3)


def _companions(X, y, members, *, estimators=KINDS, weight=None, n_threads=1):
    companions = Companions(estimators, PRIOR)
    return companions.fit(_encode(X), y, weight, members, n_threads, seed=0)


def _encode(X):
    """Every member sees the rows as they are."""
    return lambda member, rows: X[rows]


def _smoothed(proba):
    return np.log((1 - SMOOTHING) * proba + SMOOTHING * PRIOR)


class Witness(GaussianNB):
    """Writes down what it was fitted on and under which settings."""

    def fit(self, X, y, sample_weight=None):
        self.rows_, self.sample_weight_ = X, sample_weight
        self.n_threads_ = {pool["num_threads"] for pool in _openmp()}
        self.config_ = sklearn.get_config()
        return super().fit(X, y, sample_weight)


class Noise(ClassifierMixin, BaseEstimator):
    """Is sure of something else in every row."""

    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        rng = np.random.RandomState(0)
        return rng.dirichlet(np.full(len(self.classes_), 0.3), len(X))


def _openmp():
    return [pool for pool in threadpool_info() if pool["user_api"] == "openmp"]


# --- who learns and scores what -----------------------------------------------------------------

SPLITS = {
    "folds": 3,
    "one split": None,
    "repeated": RepeatedStratifiedKFold(n_splits=2, n_repeats=2, random_state=0),
}


@pytest.mark.parametrize("cv", SPLITS.values(), ids=SPLITS.keys())
@pytest.mark.parametrize("weighted", [False, True])
def test_equals_classifiers_fitted_by_hand(rows, cv, weighted):
    X, y = rows
    members = _members(y, cv)
    weight = np.random.RandomState(0).uniform(0.5, 2, len(y)) if weighted else None
    companions = _companions(X, y, members, weight=weight)
    held_out = companions.held_out_log_proba(_encode(X), members)
    everywhere = companions.log_proba(_encode(X), len(X), members.n_members)
    for expert, (_, kind) in enumerate(KINDS):
        for m, train in enumerate(members.train_rows):
            own = np.float32(weight[train] / weight[train].mean()) if weighted else None
            expected = _smoothed(clone(kind).fit(X[train], y[train], own).predict_proba(X))
            assert_allclose(everywhere[expert, m], expected)
            for part in np.flatnonzero(members.part_member == m):
                values = held_out[expert, members.entry_part == part]
                assert_allclose(values, expected[members.part_rows[part]])


def test_labels_of_a_part_have_no_say_in_its_scores(rows):
    X, y = rows
    members = _members(y)
    before = _companions(X, y, members).held_out_log_proba(_encode(X), members)
    for part, held in enumerate(members.part_rows):
        flipped = y.copy()
        flipped[held] = (y[held] + 1) % 3
        after = _companions(X, flipped, members).held_out_log_proba(_encode(X), members)
        own = members.entry_part == part
        assert_array_equal(after[:, own], before[:, own])
        assert (after[:, ~own] != before[:, ~own]).any()


def test_posteriors_are_distributions(rows):
    X, y = rows
    companions = _companions(X, y, _members(y))
    for log_proba in (
        companions.held_out_log_proba(_encode(X), _members(y)),
        companions.log_proba(_encode(X), len(X), 3),
    ):
        assert log_proba.shape[0] == len(KINDS)
        assert_allclose(np.exp(log_proba).sum(axis=-1), 1)
        assert (log_proba >= np.log(SMOOTHING * PRIOR)).all()


def test_a_class_that_a_member_has_not_seen_has_the_smoothed_share(rows):
    X, y = rows
    one, others = np.flatnonzero(y == 1), np.flatnonzero(y != 1)
    train, held = [others[::2], np.r_[others[1::2], one[::2]]], [one[1::2], others[::2]]
    companions = _companions(X, y, Members(train, held, np.arange(2)))
    first, second = np.moveaxis(companions.log_proba(_encode(X), len(X), 2), 1, 0)
    assert_allclose(first[..., 1], np.log(SMOOTHING * PRIOR[1]))
    assert_allclose(np.exp(first).sum(axis=-1), 1)
    assert (second[..., 1] > np.log(SMOOTHING * PRIOR[1])).any()


@pytest.mark.parametrize("weighted", [False, True])
def test_what_has_seen_one_class_repeats_it(rows, weighted):
    X, y = rows
    one, others = np.flatnonzero(y == 1), np.flatnonzero(y != 1)
    members = Members([one, others], [others, one], np.arange(2))
    weight = np.random.RandomState(0).uniform(size=240) if weighted else None
    estimators = [*KINDS, ("logistic", LogisticRegression())]  # which alone would refuse to fit
    companions = _companions(X, y, members, estimators=estimators, weight=weight)
    answer = companions.held_out_log_proba(_encode(X), members)[:, members.entry_part == 0]
    assert_allclose(answer, np.broadcast_to(_smoothed(np.eye(3)[1]), answer.shape))


@pytest.mark.parametrize("constant", [1.0, 7.0])
def test_equal_weights_are_no_weights(rows, constant):
    X, y = rows
    estimators = [("witness", Witness()), ("neighbours", KNeighborsClassifier())]
    plain = _fit(X, y, estimators=estimators)
    weighted = _fit(X, y, estimators=estimators, sample_weight=np.full(240, constant))
    assert all(fitted.sample_weight_ is None for fitted in weighted.estimators_["witness"])
    assert_allclose(weighted.oof_log_proba_, plain.oof_log_proba_, rtol=1e-6)


def test_rows_of_weight_zero_reach_nobody(rows):
    X, y = rows
    weight = np.where(np.arange(240) % 3 > 0, 2.0, 0.0)
    clf = _fit(X, y, estimators=[("witness", Witness())], sample_weight=weight)
    assert sum(len(fitted.rows_) for fitted in clf.estimators_["witness"]) == 2 * 160
    assert all(fitted.sample_weight_ is None for fitted in clf.estimators_["witness"])


# --- what the classifier makes of them ----------------------------------------------------------


def test_one_classifier_per_network_and_a_weight_for_each_name(rows):
    clf = _fit(*rows, estimators=KINDS)
    assert list(clf.estimators_) == [name for name, _ in KINDS]
    assert list(clf.pool_weights_) == ["networks", *clf.estimators_]
    for name, kind in KINDS:
        assert [type(fitted) for fitted in clf.estimators_[name]] == [type(kind)] * 3
    assert all(type(weight) is float and weight >= 0 for weight in clf.pool_weights_.values())
    assert not any(hasattr(clone(clf), name) for name in ("estimators_", "pool_weights_"))
    with pytest.raises(NotFittedError):
        clone(clf).pool_weights_  # noqa: B018


def test_what_is_passed_is_not_touched(rows):
    estimators = [("bayes", GaussianNB()), ("forest", ExtraTreesClassifier(5))]
    before, parameters = list(estimators), repr(estimators)
    clf = _fit(*rows, estimators=estimators)
    assert clf.estimators is estimators
    assert estimators == before and repr(estimators) == parameters
    assert not any(hasattr(kind, "classes_") for _, kind in estimators)


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_no_companions_are_networks_alone(rows, loss):
    alone, empty = (_fit(*rows, loss=loss, estimators=none) for none in (None, []))
    assert alone.estimators_ == {} and list(alone.pool_weights_) == ["networks"]
    assert empty.pool_weights_ == alone.pool_weights_
    assert_array_equal(empty.oof_log_proba_, alone.oof_log_proba_)
    assert_array_equal(empty.predict_proba(rows[0]), alone.predict_proba(rows[0]))


def test_networks_do_not_know_of_their_companions(rows):
    alone, pooled = (_fit(*rows, estimators=estimators) for estimators in (None, KINDS))
    assert pooled.loss_curve_ == alone.loss_curve_
    assert pooled.validation_curve_ == alone.validation_curve_
    weights = (clf.net_.module_.state_dict().values() for clf in (alone, pooled))
    assert all((first == second).all() for first, second in zip(*weights, strict=True))


def _auto(n_rows=500, n_classes=3, **params):
    clf = MutualInfoClassifier(**params)
    return make_estimators(clf, n_rows, n_classes, seed=7)


def test_the_trees_of_auto_grow_by_the_seed():
    kinds = dict(_auto())
    assert isinstance(kinds["extra_trees"], ExtraTreesClassifier)
    assert isinstance(kinds["boosting"], HistGradientBoostingClassifier)
    assert kinds["extra_trees"].random_state == kinds["boosting"].random_state == 7


def test_auto_grows_with_the_rows_within_bounds():
    small, large = dict(_auto(n_rows=500)), dict(_auto(n_rows=100_000))
    assert small["extra_trees"].min_samples_leaf == 1 < large["extra_trees"].min_samples_leaf
    assert small["boosting"].max_iter < large["boosting"].max_iter < 10 * small["boosting"].max_iter
    assert dict(_auto()).keys() - dict(_auto(n_classes=100)).keys() == {"boosting"}


def test_auto_is_none_for_networks_of_ones_own(rows):
    assert _auto(module=nn.Linear) == _auto(estimators=None) == []
    clf = _fit(*rows, module=nn.Linear)
    assert clf.estimators_ == {} and list(clf.pool_weights_) == ["networks"]


def test_a_network_of_ones_own_takes_companions_that_are_named(rows):
    assert (
        _fit(*rows, module=nn.Linear, estimators=KINDS).pool_weights_.keys() >= dict(KINDS).keys()
    )


def test_a_hundred_classes_have_companions():
    centers = 6 * np.random.RandomState(0).standard_normal((100, 5))
    X, y = make_gaussian_classes(800, 5, centers=centers, random_state=0)
    clf = _fit(X, y)
    assert "extra_trees" in clf.pool_weights_ and "boosting" not in clf.pool_weights_
    assert 0 < clf.mutual_info_score_ <= np.log(100)
    assert_allclose(clf.predict_proba(X).sum(axis=1), 1)


def test_a_search_may_choose_the_companions(rows):
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
    clf = _fit(*rows, estimators=KINDS, warm_start=True)
    fitted, last = {name: [*kinds] for name, kinds in clf.estimators_.items()}, clf.loss_curve_[-1]
    for params in ({}, {"loss": "pc_softmax"}):
        again = clf.set_params(**params).fit(*rows).estimators_
        assert again.keys() == fitted.keys()
        for name, kinds in again.items():
            assert all(kind is before for kind, before in zip(kinds, fitted[name], strict=True))
    assert clf.loss_curve_[-1] < last
    assert clf.set_params(estimators=None).fit(*rows).estimators_ == {}


# --- errors -------------------------------------------------------------------------------------

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
        _fit(*rows, estimators=estimators)
    assert not [words for words in said if words not in str(raised.value)], raised.value


def test_weights_for_a_classifier_that_takes_none_are_refused(rows):
    neighbours, weight = [("near", KNeighborsClassifier())], np.arange(1, 241)
    with pytest.raises(ValueError, match=r"(?s)'near'.*KNeighborsClassifier\(\).*Leave out"):
        _fit(*rows, estimators=neighbours, sample_weight=weight)


# --- threads ------------------------------------------------------------------------------------


def test_threads_change_nothing(rows):
    X, y = rows
    members = _members(y)
    first, second = (_companions(X, y, members, n_threads=n) for n in (1, 2))
    assert_array_equal(*(each.log_proba(_encode(X), len(X), 3) for each in (second, first)))
    held_out = (each.held_out_log_proba(_encode(X), members) for each in (first, second))
    assert_array_equal(*held_out)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_each_learns_on_one_thread_and_the_settings_stay(rows, n_threads):
    with threadpool_limits(2), sklearn.config_context(assume_finite=True):
        before = threadpool_info()
        clf = _fit(*rows, estimators=[("witness", Witness()), *KINDS], n_threads=n_threads)
        clf.predict(rows[0])
        assert threadpool_info() == before
    assert {pool["num_threads"] for pool in before if pool["user_api"] == "openmp"} == {2}
    for fitted in clf.estimators_["witness"]:
        assert fitted.n_threads_ == {1}
        assert fitted.config_["assume_finite"]


# --- what they add ------------------------------------------------------------------------------


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
    alone, pooled = (_fit(X, y, max_iter=100, estimators=kinds) for kinds in (None, "auto"))
    gain, error = _gain(pooled, alone)
    assert gain > 5 * error
    assert pooled.mutual_info_score_ <= np.log(2) - 0.325 + 3 * pooled.mutual_info_stderr_


def test_an_ignorant_network_leaves_it_to_the_forest():
    X, y = _steps()
    forest = [("forest", ExtraTreesClassifier(50, random_state=0))]
    barely = {"max_iter": 1, "hidden_layer_sizes": (2,), "learning_rate_init": 1e-6}
    alone, pooled = (_fit(X, y, estimators=kinds, **barely) for kinds in (None, forest))
    assert abs(alone.mutual_info_score_) < 0.01
    assert pooled.pool_weights_["forest"] > 0.7
    assert pooled.mutual_info_interval(0.99)[0] > 0.1


def test_where_networks_are_best_companions_cost_next_to_nothing(rows):
    alone, pooled = (_fit(*rows, max_iter=50, estimators=kinds) for kinds in (None, "auto"))
    gain, error = _gain(pooled, alone)
    assert gain > -2 * error


def test_noise_has_no_weight():
    X, y = make_gaussian_classes(1000, 4, centers=(0, 1, -1), random_state=0)
    alone, pooled = (_fit(X, y, estimators=kinds) for kinds in (None, [("noise", Noise())]))
    assert pooled.pool_weights_["noise"] < 0.05
    assert abs(pooled.mutual_info_score_ - alone.mutual_info_score_) < 0.01


def test_a_memory_of_the_training_rows_tells_nothing():
    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((500, 3)), rng.randint(2, size=500)
    clf = _fit(X, y, estimators=[("nearest", KNeighborsClassifier(1))])
    assert clf.pool_weights_["nearest"] < 0.05
    assert abs(clf.mutual_info_score_) < 0.02
