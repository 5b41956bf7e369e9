"""How a classifier is fitted: seeds, copies, searches, weights."""

import copy
import pickle
import random
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
import sklearn
import torch
from numpy.testing import assert_allclose, assert_array_equal
from quick_fits import assert_same, classifier, fit
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from sklearn_mi._engine import _ensemble
from sklearn_mi.losses import LOSSES
from sklearn_mi.metrics import mutual_info_scorer

brief = pytest.mark.usefixtures("few_trees", "brief_searches")
every_fit = pytest.mark.parametrize(
    "params", [*({"loss": loss} for loss in sorted(LOSSES)), {"estimators": "auto"}], ids=str
)


# --- seeds and what a fit leaves behind ---------------------------------------------------------


@brief
@every_fit
@pytest.mark.parametrize("cv", [3, None])
def test_a_seed_determines_every_attribute(rows, params, cv):
    first, again, other = (fit(*rows, **params, cv=cv, random_state=s) for s in (0, 0, 1))
    assert_same(first, again)
    assert other.mutual_info_score_ != first.mutual_info_score_


def test_a_random_state_instance_goes_on(rows):
    clf = classifier(random_state=np.random.RandomState(0))
    assert clf.fit(*rows).mutual_info_score_ != clf.fit(*rows).mutual_info_score_


@brief
@pytest.mark.parametrize("estimators", [None, "auto"])
@pytest.mark.parametrize("seed", [None, 0])
def test_global_generators_and_threads_are_left_as_they_were(rows, seed, estimators):
    torch_before, others_before, threads = torch.get_rng_state(), _others(), torch.get_num_threads()
    params = {"estimators": estimators, "random_state": seed, "n_threads": threads + 1}
    params |= {"max_iter": 1, "cv": 2}
    fit(*rows, **params).predict(rows[0])
    assert torch.equal(torch.get_rng_state(), torch_before)
    assert torch.get_num_threads() == threads
    # Without a seed, scikit-learn's convention is to draw one from numpy's global generator.
    assert (_others() == others_before) == (seed is not None)


def _others():
    """States of the global generators of numpy and of Python."""
    return pickle.dumps(np.random.get_state()), random.getstate()  # noqa: NPY002


@brief
def test_results_do_not_depend_on_the_global_generator(rows):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        first = fit(*rows, estimators="auto")
        torch.manual_seed(2)
        assert_same(first, fit(*rows, estimators="auto"))


def test_threads_change_nothing(rows):
    before = torch.get_rng_state()
    alone = fit(*rows)
    with ThreadPoolExecutor(3) as pool:
        for found in pool.map(lambda _: fit(*rows), range(3)):
            assert_same(alone, found)
    assert torch.equal(torch.get_rng_state(), before)


def test_parallel_workers_change_nothing(rows):
    clf, score = classifier(estimators="auto"), mutual_info_scorer
    scores = [cross_val_score(clf, *rows, cv=2, scoring=score, n_jobs=n) for n in (1, 2)]
    assert_array_equal(*scores)


# --- copies -------------------------------------------------------------------------------------


@brief
@every_fit
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))])
def test_copies_predict_identically(rows, params, duplicate):
    clf = fit(*rows, **params)
    again = duplicate(clf)
    assert_same(again, clf)
    assert_array_equal(again.predict_proba(rows[0]), clf.predict_proba(rows[0]))
    assert_array_equal(again.pointwise_mutual_info(rows[0]), clf.pointwise_mutual_info(rows[0]))
    assert again.mutual_info_interval() == clf.mutual_info_interval()


def test_a_stored_classifier_does_not_carry_the_table():
    X = np.random.RandomState(0).standard_normal((2000, 200))
    clf = fit(X, np.arange(2000) % 2, module=nn.Linear, max_iter=1)
    assert len(pickle.dumps(clf)) < X.astype(np.float32).nbytes / 2


def test_a_clone_is_not_fitted(rows):
    fresh = clone(fit(*rows))
    asked = [fresh.predict, fresh.predict_proba, fresh.decision_function]
    for question in [*asked, fresh.pointwise_mutual_info]:
        with pytest.raises(NotFittedError):
            question(rows[0])
    with pytest.raises(NotFittedError):
        fresh.mutual_info_interval()


@brief
def test_fitting_again_forgets_the_first_table(rows):
    clf = fit(*rows, loss="dmi", estimators="auto").set_params(loss="ce").fit(*rows)
    assert clf.estimators_ and not hasattr(clf, "noise_matrix_")
    clf.fit(rows[0][:120, :2], rows[1][:120])
    fresh = fit(rows[0][:120, :2], rows[1][:120], estimators="auto")
    assert_same(clf, fresh)


# --- searches and weights -----------------------------------------------------------------------


@brief
def test_search_over_losses_in_a_pipeline(rows):
    pipeline = make_pipeline(StandardScaler(), classifier())
    grid = {"mutualinfoclassifier__loss": sorted(LOSSES)}
    search = GridSearchCV(pipeline, grid, scoring=mutual_info_scorer, cv=2).fit(*rows)
    results = search.cv_results_
    assert np.isfinite(results["mean_test_score"]).all()
    assert search.best_score_ == results["mean_test_score"].max()
    assert_allclose(search.score(*rows), mutual_info_scorer(search.best_estimator_, *rows))


def test_weights_are_routed_to_fit_and_score(rows):
    weight = np.where(rows[1] == 0, 3.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        clf = classifier().set_fit_request(sample_weight=True)
        scorer = clone(mutual_info_scorer).set_score_request(sample_weight=True)
        search = GridSearchCV(clf, {"loss": ["ce", "pc_softmax"]}, scoring=scorer, cv=2)
        search.fit(*rows, sample_weight=weight)
    best = search.best_estimator_
    direct = classifier(loss=best.loss).fit(*rows, sample_weight=weight)
    assert_allclose(best.class_prior_, [0.6, 0.2, 0.2])
    assert_same(best, direct)


# --- what else a fit does ------------------------------------------------------------------------


def test_the_seed_reaches_companions_that_leave_it_open(rows):
    estimators = [("forest", make_pipeline(StandardScaler(), RandomForestClassifier(5)))]
    first, second = (fit(*rows, estimators=estimators) for _ in range(2))
    assert_same(first, second)
    assert first.estimators_["forest"][-1].random_state is not None
    chosen = [("forest", RandomForestClassifier(5, random_state=7))]
    assert fit(*rows, estimators=chosen).estimators_["forest"].random_state == 7


@brief
@pytest.mark.parametrize("loss", LOSSES)
def test_double_precision_as_the_default_changes_nothing(rows, loss):
    single = fit(*rows, loss=loss)
    torch.set_default_dtype(torch.float64)
    try:
        assert_same(single, fit(*rows, loss=loss))
    finally:
        torch.set_default_dtype(torch.float32)


@brief
def test_many_rows_are_answered_in_blocks(rows, monkeypatch):
    clf = fit(*rows, estimators="auto")
    whole = clf.predict_log_proba(rows[0]), clf.pointwise_mutual_info(rows[0])
    monkeypatch.setattr(_ensemble, "ANSWERING_ROWS", 67)
    assert_allclose(clf.predict_log_proba(rows[0]), whole[0])
    assert_allclose(clf.pointwise_mutual_info(rows[0]), whole[1])


def test_an_optimizer_that_cannot_be_fused(rows):
    fit(*rows, optimizer=partial(torch.optim.AdamW, foreach=True))


class NotANumber(nn.Linear):
    def forward(self, x):
        return super().forward(x) * float("nan")


def test_a_module_that_gives_no_numbers_is_refused(rows):
    with pytest.raises(ValueError, match="scores of the module are not finite before any training"):
        fit(*rows, module=NotANumber)
