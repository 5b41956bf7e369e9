"""How a classifier is fitted: seeds, copies, searches, callbacks, devices."""

import copy
import os
import pickle
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import joblib
import numpy as np
import pytest
import sklearn
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch.callbacks import Callback, Checkpoint, EarlyStopping, EpochScoring
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine import _ensemble
from sklearn_mi.datasets import make_gaussian_classes
from sklearn_mi.losses import LOSSES
from sklearn_mi.metrics import mutual_info_scorer

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def _fit(X, y, **params):
    return _classifier(**params).fit(X, y)


def _classifier(**params):
    """Networks alone, unless a test asks for their companions."""
    usual = {
        "estimators": None,
        "hidden_layer_sizes": (16,),
        "max_iter": 5,
        "cv": 3,
        "random_state": 0,
    }
    return MutualInfoClassifier(**usual | params)


every_fit = pytest.mark.parametrize(
    "params", [*({"loss": loss} for loss in sorted(LOSSES)), {"estimators": "auto"}], ids=str
)


@pytest.fixture(scope="module")
def rows():
    return make_gaussian_classes(240, 4, centers=(0, 1, -1), random_state=0)


def _state(clf):
    """Every fitted attribute, the net by its weights and the companions by what they predict."""
    public = [name for name in dir(clf) if name.endswith("_") and not name.startswith("_")]
    state = {name: getattr(clf, name) for name in public if hasattr(clf, name)}
    module = state.pop("net_").module_
    state |= {name: value.numpy() for name, value in module.state_dict().items()}
    for name, fitted in state.pop("estimators_").items():
        X = np.random.RandomState(0).standard_normal((50, fitted[0].n_features_in_))
        state[f"estimators_ {name}"] = [companion.predict_proba(X) for companion in fitted]
    return state


def _assert_same(first, second):
    first, second = _state(first), _state(second)
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert_array_equal(value, second[name], err_msg=name)


# --- seeds and what a fit leaves behind ---------------------------------------------------------


@every_fit
@pytest.mark.parametrize("cv", [3, None])
def test_a_seed_determines_every_attribute(rows, params, cv):
    first, again, other = (_fit(*rows, **params, cv=cv, random_state=s) for s in (0, 0, 1))
    _assert_same(first, again)
    assert other.mutual_info_score_ != first.mutual_info_score_


def test_a_random_state_instance_goes_on(rows):
    clf = _classifier(random_state=np.random.RandomState(0))
    assert clf.fit(*rows).mutual_info_score_ != clf.fit(*rows).mutual_info_score_


@pytest.mark.parametrize("estimators", [None, "auto"])
@pytest.mark.parametrize("seed", [None, 0])
def test_global_generators_and_threads_are_left_as_they_were(rows, seed, estimators):
    torch_before, others_before, threads = torch.get_rng_state(), _others(), torch.get_num_threads()
    params = {"estimators": estimators, "random_state": seed, "n_threads": threads + 1}
    params |= {"max_iter": 1, "cv": 2}
    _fit(*rows, **params).predict(rows[0])
    assert torch.equal(torch.get_rng_state(), torch_before)
    assert torch.get_num_threads() == threads
    # Without a seed, scikit-learn's convention is to draw one from numpy's global generator.
    assert (_others() == others_before) == (seed is not None)


def _others():
    """States of the global generators of numpy and of Python."""
    return pickle.dumps(np.random.get_state()), random.getstate()  # noqa: NPY002


def test_results_do_not_depend_on_the_global_generator(rows):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        first = _fit(*rows, estimators="auto")
        torch.manual_seed(2)
        _assert_same(first, _fit(*rows, estimators="auto"))


def test_threads_change_nothing(rows):
    before = torch.get_rng_state()
    alone = _fit(*rows)
    with ThreadPoolExecutor(3) as pool:
        for found in pool.map(lambda _: _fit(*rows), range(3)):
            _assert_same(alone, found)
    assert torch.equal(torch.get_rng_state(), before)


def test_parallel_workers_change_nothing(rows):
    clf, score = _classifier(estimators="auto"), mutual_info_scorer
    scores = [cross_val_score(clf, *rows, cv=2, scoring=score, n_jobs=n) for n in (1, 2)]
    assert_array_equal(*scores)


# --- copies -------------------------------------------------------------------------------------


@every_fit
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))])
def test_copies_predict_identically(rows, params, duplicate):
    clf = _fit(*rows, **params)
    again = duplicate(clf)
    _assert_same(again, clf)
    assert_array_equal(again.predict_proba(rows[0]), clf.predict_proba(rows[0]))
    assert_array_equal(again.pointwise_mutual_info(rows[0]), clf.pointwise_mutual_info(rows[0]))
    assert again.mutual_info_interval() == clf.mutual_info_interval()


def test_a_stored_classifier_does_not_carry_the_table():
    X = np.random.RandomState(0).standard_normal((2000, 200))
    clf = _fit(X, np.arange(2000) % 2, module=nn.Linear, max_iter=1)
    assert len(pickle.dumps(clf)) < X.astype(np.float32).nbytes / 2


def test_a_clone_is_not_fitted(rows):
    fresh = clone(_fit(*rows))
    asked = [fresh.predict, fresh.predict_proba, fresh.decision_function]
    for question in [*asked, fresh.pointwise_mutual_info]:
        with pytest.raises(NotFittedError):
            question(rows[0])
    with pytest.raises(NotFittedError):
        fresh.mutual_info_interval()


def test_fitting_again_forgets_the_first_table(rows):
    clf = _fit(*rows, loss="dmi", estimators="auto").set_params(loss="ce").fit(*rows)
    assert clf.estimators_ and not hasattr(clf, "noise_matrix_")
    clf.fit(rows[0][:120, :2], rows[1][:120])
    fresh = _fit(rows[0][:120, :2], rows[1][:120], estimators="auto")
    _assert_same(clf, fresh)


# --- searches and weights -----------------------------------------------------------------------


def test_search_over_losses_in_a_pipeline(rows):
    pipeline = make_pipeline(StandardScaler(), _classifier())
    grid = {"mutualinfoclassifier__loss": sorted(LOSSES)}
    search = GridSearchCV(pipeline, grid, scoring=mutual_info_scorer, cv=2).fit(*rows)
    results = search.cv_results_
    assert np.isfinite(results["mean_test_score"]).all()
    assert search.best_score_ == results["mean_test_score"].max()
    assert_allclose(search.score(*rows), mutual_info_scorer(search.best_estimator_, *rows))


def test_weights_are_routed_to_fit_and_score(rows):
    weight = np.where(rows[1] == 0, 3.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        clf = _classifier().set_fit_request(sample_weight=True)
        scorer = clone(mutual_info_scorer).set_score_request(sample_weight=True)
        search = GridSearchCV(clf, {"loss": ["ce", "pc_softmax"]}, scoring=scorer, cv=2)
        search.fit(*rows, sample_weight=weight)
    best = search.best_estimator_
    direct = _classifier(loss=best.loss).fit(*rows, sample_weight=weight)
    assert_allclose(best.class_prior_, [0.6, 0.2, 0.2])
    _assert_same(best, direct)


# --- callbacks, printing, threads ---------------------------------------------------------------


class Witness(Callback):
    """Writes down how many epochs and which threads it saw."""

    def __init__(self):
        self.threads = []

    def on_epoch_end(self, net, **kwargs):
        self.threads.append(torch.get_num_threads())


def _witness(clf):
    return next(c for _, c in clf.net_.callbacks_ if isinstance(c, Witness))


def test_the_callbacks_of_the_user_join_the_training(rows):
    witness = Witness()
    clf = _fit(*rows, callbacks=[witness])
    assert _witness(clf) is witness
    assert len(witness.threads) == clf.n_iter_ == 5
    _assert_same(clf, _fit(*rows))


def test_a_callback_of_skorch_may_stop_the_training(rows):
    stop = EarlyStopping(monitor="train_loss", patience=2, threshold=1e9, threshold_mode="abs")
    try:
        clf = _fit(*rows, callbacks=[stop], max_iter=50)
    except KeyboardInterrupt:
        pytest.fail("the stop of a callback was taken for the user's interrupt")
    assert clf.n_iter_ < 50


class LastEpoch(Callback):
    """Keeps the number of epochs it has seen where the test finds it."""

    seen = 0

    def on_epoch_end(self, net, **kwargs):
        LastEpoch.seen = len(net.history)


def test_callbacks_see_the_last_epoch(rows):
    clf = _fit(*rows, callbacks=[LastEpoch()], max_iter=100, n_iter_no_change=3)
    assert clf.n_iter_ < 100
    assert LastEpoch.seen == clf.n_iter_


def test_a_scoring_callback_of_skorch_joins(rows):
    clf = _fit(*rows, callbacks=[EpochScoring(lambda net, X, y: 1.0, name="one", on_train=True)])
    assert clf.net_.history[:, "one"] == [1.0] * clf.n_iter_


def test_an_interrupt_by_the_user_is_not_swallowed(rows):
    class Interrupt(Callback):
        def on_batch_end(self, net, **kwargs):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _fit(*rows, callbacks=[Interrupt()])


@pytest.mark.parametrize("n_threads", [1, 2])
def test_threads_are_those_asked_for_and_change_nothing(rows, n_threads):
    clf = _fit(*rows, n_threads=n_threads, callbacks=[Witness()])
    assert set(_witness(clf).threads) == {n_threads}
    assert_allclose(clf.mutual_info_score_, _fit(*rows).mutual_info_score_, rtol=1e-4)


def test_verbose_prints_a_line_per_epoch(rows, capsys):
    _fit(*rows, verbose=1)
    lines = capsys.readouterr().out.splitlines()
    first_words = [line.split()[0] for line in lines if line.strip()]
    assert [word for word in first_words if word.isdigit()] == ["1", "2", "3", "4", "5"]
    _fit(*rows)
    assert capsys.readouterr().out == ""


# --- devices ------------------------------------------------------------------------------------


def test_device_may_be_a_name_or_an_object(rows):
    _assert_same(_fit(*rows, device="cpu"), _fit(*rows, device=torch.device("cpu")))


@needs_cuda
@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_cuda_agrees_with_the_cpu(rows, loss):
    before = torch.cuda.get_rng_state()
    on_cuda = _fit(*rows, loss=loss, device="cuda", max_iter=30)
    on_cpu = _fit(*rows, loss=loss, device="cpu", max_iter=30)
    assert torch.equal(torch.cuda.get_rng_state(), before)
    assert next(on_cuda.net_.module_.parameters()).is_cuda
    difference = abs(on_cuda.mutual_info_score_ - on_cpu.mutual_info_score_)
    assert difference < 2 * on_cpu.mutual_info_stderr_ + 0.01
    for proba in (on_cuda.predict_proba(rows[0]), on_cuda.oof_log_proba_):
        assert isinstance(proba, np.ndarray) and proba.shape == (240, 3)


@needs_cuda
def test_auto_takes_cuda_where_there_is_one(rows):
    assert next(_fit(*rows).net_.module_.parameters()).is_cuda


LOAD = """
import sys, warnings, joblib
warnings.simplefilter("ignore")
clf, X = joblib.load(sys.argv[1])
joblib.dump(clf.predict_proba(X), sys.argv[2])
"""


@needs_cuda
def test_fitted_on_cuda_predicts_where_there_is_none(rows, tmp_path):
    stored, answer = str(tmp_path / "clf.joblib"), str(tmp_path / "proba.joblib")
    clf = _fit(*rows, device="cuda")
    joblib.dump((clf, rows[0]), stored)
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "-1"}
    subprocess.run([sys.executable, "-c", LOAD, stored, answer], env=environment, check=True)
    assert_allclose(joblib.load(answer), clf.predict_proba(rows[0]), rtol=1e-6)


def test_the_seed_reaches_companions_that_leave_it_open(rows):
    estimators = [("forest", make_pipeline(StandardScaler(), RandomForestClassifier(5)))]
    first, second = (_fit(*rows, estimators=estimators) for _ in range(2))
    _assert_same(first, second)
    states = {forest[-1].random_state for forest in first.estimators_["forest"]}
    assert states != {None}
    chosen = [("forest", RandomForestClassifier(5, random_state=7))]
    fitted = _fit(*rows, estimators=chosen).estimators_["forest"]
    assert {forest.random_state for forest in fitted} == {7}


@pytest.mark.parametrize("loss", LOSSES)
def test_double_precision_as_the_default_changes_nothing(rows, loss):
    single = _fit(*rows, loss=loss)
    torch.set_default_dtype(torch.float64)
    try:
        _assert_same(single, _fit(*rows, loss=loss))
    finally:
        torch.set_default_dtype(torch.float32)


def test_many_rows_are_answered_in_blocks(rows, monkeypatch):
    clf = _fit(*rows, estimators="auto")
    whole = clf.predict_log_proba(rows[0]), clf.pointwise_mutual_info(rows[0])
    monkeypatch.setattr(_ensemble, "ANSWERING_ROWS", 67)
    assert_allclose(clf.predict_log_proba(rows[0]), whole[0])
    assert_allclose(clf.pointwise_mutual_info(rows[0]), whole[1])


def test_skorch_keeps_the_best_epoch(rows, tmp_path):
    clf = _fit(*rows, callbacks=[Checkpoint(dirname=tmp_path)])
    assert (tmp_path / "params.pt").exists()
    best = clf.net_.history[:, "valid_loss_best"]
    assert np.flatnonzero(best)[-1] == np.argmin(clf.validation_curve_)


@pytest.mark.parametrize("bad", [print, ("name", 3)], ids=str)
def test_what_is_no_callback_is_refused(rows, bad):
    with pytest.raises(ValueError, match=r"callbacks has .*expected skorch callbacks"):
        _fit(*rows, callbacks=[bad])


def test_an_optimizer_that_cannot_be_fused(rows):
    _fit(*rows, optimizer=partial(torch.optim.AdamW, foreach=True))


class NotANumber(nn.Linear):
    def forward(self, x):
        return super().forward(x) * float("nan")


def test_a_module_that_gives_no_numbers_is_refused(rows):
    with pytest.raises(ValueError, match="scores of the module are not finite before any training"):
        _fit(*rows, module=NotANumber)
