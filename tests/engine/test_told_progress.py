"""The log is told of each part as it is done, and results are those without it."""

import logging

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.naive_bayes import GaussianNB
from sklearn.utils.parallel import delayed

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine import _told_progress
from sklearn_mi._engine._told_progress import SeldomTold, run_and_tell
from sklearn_mi.decomposition import InformationBottleneck, MutualInfoAutoencoder
from sklearn_mi.generation import MutualInfoGAN
from sklearn_mi.inspection import feature_mutual_info, label_quality, mutual_info_curve
from sklearn_mi.model_selection import compare_mutual_info

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(80, 3)), np.tile(["u", "v"], 40)
BRIEF = {"cv": 2, "max_iter": 1, "estimators": None, "random_state": 0}


def square(x):
    return x * x


@pytest.fixture
def told(caplog):
    caplog.set_level(logging.INFO, logger="sklearn_mi")
    return lambda: [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize(
    "n_jobs, backend", [(None, "threading"), (2, "threading"), (2, "multiprocessing")]
)
def test_results_come_in_the_order_of_the_calls(told, n_jobs, backend):
    with parallel_config(backend):
        results = run_and_tell(map(delayed(square), range(5)), 5, "squares", n_jobs)
    assert results == [0, 1, 4, 9, 16]
    assert [line.split(",")[0] for line in told()] == [f"squares: {n} of 5" for n in range(1, 6)]


def test_the_time_left_is_that_of_as_long_parts(told, monkeypatch):
    monkeypatch.setattr(_told_progress, "perf_counter", iter([0.0, 60.0, 150.0]).__next__)
    run_and_tell(map(delayed(square), range(2)), 4, "squares", None)
    assert told() == [
        "squares: 1 of 4, 1:00, about 3:00 left",
        "squares: 2 of 4, 2:30, about 2:30 left",
    ]


QUESTIONS = {
    "stacks": lambda: (
        feature_mutual_info(
            X, Y, estimator=MutualInfoClassifier(**BRIEF), cv=2, random_state=0
        ).marginal
    ),
    "subsets": lambda: feature_mutual_info(X, Y, estimator=GaussianNB(), cv=2).marginal,
    "label quality": lambda: label_quality(GaussianNB(), X, Y, cv=2).quality,
    "classifiers": lambda: compare_mutual_info({"a": GaussianNB()}, X, Y, cv=2).summary,
    "a curve": lambda: mutual_info_curve(GaussianNB(), X, Y, cv=2, random_state=0).mutual_info,
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_long_questions_tell_it_and_answer_the_same(caplog, ask):
    quiet = ask()
    assert not caplog.records
    with caplog.at_level(logging.INFO, logger="sklearn_mi"):
        np.testing.assert_array_equal(ask(), quiet)
    last = caplog.records[-1].getMessage()
    done, all_of_them = last.split(": ")[1].split(",")[0].split(" of ")
    assert done == all_of_them


def test_a_fit_to_files_tells_of_its_passes(told, tmp_path):
    pd.DataFrame(X, columns=list("abc")).assign(y=Y).to_parquet(tmp_path / "rows.parquet")
    MutualInfoClassifier(**BRIEF).fit(tmp_path / "rows.parquet", "y")
    assert told() == [
        "first pass: 80 rows, 2 classes",
        "networks: trained, 1 epochs",
        "last pass: held-out rows scored",
    ]


# --- long fits -----------------------------------------------------------------------------------


def test_a_training_tells_a_line_in_ten_seconds_at_most(told, monkeypatch):
    now = iter([0.0, 9.0, 10.0, 10.0, 19.0, 25.0, 25.0])
    monkeypatch.setattr(_told_progress, "perf_counter", now.__next__)
    log = SeldomTold()
    for epoch in range(1, 5):
        log.tell("epoch %d", epoch)
    assert told() == ["epoch 2", "epoch 4"]


def test_a_log_that_does_not_listen_costs_nothing(monkeypatch):
    log = SeldomTold()
    monkeypatch.setattr(_told_progress, "perf_counter", None)
    log.tell("epoch %d", 1)


TRAINED = {
    "classifier": MutualInfoClassifier(**BRIEF | {"max_iter": 3}),
    "bottleneck": InformationBottleneck(max_iter=3, random_state=0),
    "autoencoder": MutualInfoAutoencoder(max_iter=3, random_state=0),
    "generator": MutualInfoGAN(max_iter=3, n_codes=2, random_state=0),
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("estimator", TRAINED.values(), ids=TRAINED.keys())
def test_whatever_trains_networks_tells_how_far_it_is(told, monkeypatch, estimator):
    monkeypatch.setattr(_told_progress, "SECONDS_BETWEEN", 0)
    estimator.fit(X, Y)
    unit = "step %d of 3" if isinstance(estimator, MutualInfoGAN) else "epoch %d of at most 3"
    assert told()[:3] == [f"networks: {unit % number}" for number in (1, 2, 3)]
