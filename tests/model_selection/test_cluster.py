"""Searches and questions on a dask cluster find what they find in one process."""

import logging
import multiprocessing
import sys

import cloudpickle
import joblib
import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.naive_bayes import GaussianNB

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine._members import make_members
from sklearn_mi.inspection import feature_mutual_info
from sklearn_mi.metrics import mutual_info_scorer
from sklearn_mi.model_selection import StackedSearchCV, compare_mutual_info, cross_val_mutual_info

dask, distributed = map(pytest.importorskip, ("dask", "distributed"))
LOADED = ["distributed.nanny", "sklearn_mi._classifier", "torch._dynamo"]  # by optimisers, the last
SMALL = {"max_iter": 2, "cv": 2, "hidden_layer_sizes": 8, "random_state": 0}
GRID = {"alpha": [0.01, 1.0], "dropout": [0.0, 0.2]}
SEARCH = {"scoring": mutual_info_scorer, "cv": 2, "refit": False}
ROWS = make_classification(4000, 10, n_informative=5, random_state=0)


class Client(distributed.Client):
    """As in the guide: a copy on every worker, so that none takes the last one with it."""

    def scatter(self, data, **options):
        return super().scatter(data, **{**options, "broadcast": True})


@pytest.fixture(scope="module")
def loaded_once():
    """Workers are forked, where that can be, from a process that has loaded what they need."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        yield
        return
    with dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"}):
        distributed.utils.get_mp_context().set_forkserver_preload(LOADED)
        yield


@pytest.fixture(scope="module")
def client(loaded_once):
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
    )
    with cluster, Client(cluster) as client:
        client.amm.stop()
        yield client


@pytest.fixture
def sent(client, monkeypatch):
    """Bytes of each task that goes to the cluster, as they come."""
    sizes, submit = [], client.submit

    def weigh(function, tasks, **options):
        sizes.append(len(cloudpickle.dumps(tasks)))
        return submit(function, tasks=tasks, **options)

    monkeypatch.setattr(client, "submit", weigh)
    return sizes


def classifier(**params):
    return MutualInfoClassifier(**{"estimators": [("bayes", GaussianNB())], **SMALL, **params})


def scores(search):
    return search.fit(*ROWS).cv_results_["mean_test_score"]


QUESTIONS = {
    "GridSearchCV": lambda: scores(GridSearchCV(classifier(), GRID, **SEARCH)),
    "StackedSearchCV": lambda: scores(StackedSearchCV(classifier(), GRID, **SEARCH)),
    "cross_validate": lambda: cross_validate(classifier(), *ROWS, cv=2, scoring=mutual_info_scorer)[
        "test_score"
    ],
    "compare_mutual_info": lambda: (
        compare_mutual_info(
            {"ours": classifier(), "linear": LogisticRegression()}, *ROWS, cv=2
        ).summary
    ),
    "cross_val_mutual_info": lambda: cross_val_mutual_info(classifier(), *ROWS, cv=2).pointwise,
    "feature_mutual_info": lambda: (
        feature_mutual_info(
            *ROWS, estimator=classifier(), cv=2, kind="marginal", random_state=0
        ).marginal
    ),
    "feature_mutual_info, clones": lambda: (
        feature_mutual_info(
            *ROWS, estimator=GaussianNB(), cv=2, kind="marginal", random_state=0
        ).marginal
    ),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_results_and_no_row_is_sent_with_a_task(sent, question):
    ask = QUESTIONS[question]
    expected = ask()
    assert not sent
    with joblib.parallel_config("dask"):
        found = ask()
    np.testing.assert_array_equal(found, expected)
    assert len(sent) > 1 and max(sent) < ROWS[1].nbytes / 2


def test_a_fit_sends_nothing(sent):
    """For trees are many, and each is small."""
    trees = [("trees", ExtraTreesClassifier(3, random_state=0))]
    expected = classifier(estimators=trees).fit(*ROWS).oof_log_proba_
    with joblib.parallel_config("dask"):
        found = classifier(estimators=trees).fit(*ROWS)
    assert not sent
    np.testing.assert_array_equal(found.oof_log_proba_, expected)


def test_splits_say_how_large_they_are():
    members = make_members(ROWS[1], cv=2, validation_fraction=None)
    assert sys.getsizeof(members) > sum(rows.nbytes for rows in members.train_rows)
