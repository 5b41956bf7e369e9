"""A search that was killed does what is missing, with the same result."""

import os
from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine._kept_files import KeptFolder
from sklearn_mi.metrics import mutual_info_scorer
from sklearn_mi.model_selection import StackedSearchCV, _evaluate

Y = np.arange(90) % 3
X = np.random.RandomState(0).normal(size=(90, 4)) + Y[:, None]
CLF = MutualInfoClassifier(cv=None, estimators=None, max_iter=3, random_state=0)
GRID = {"learning_rate_init": [1e-3, 1e-2], "hidden_layer_sizes": [(8,), (16,)]}


class Killed(BaseException):
    """In the place of a signal that no process survives."""


@pytest.fixture
def evaluated(monkeypatch):
    """Numbers of candidates of each call; after the calls that are allowed the process dies."""
    calls, evaluate = [], _evaluate.evaluate

    def counted(estimator, candidates, *arguments, **options):
        if len(calls) == counted.most:
            raise Killed
        calls.append(len(candidates))
        return evaluate(estimator, candidates, *arguments, **options)

    counted.most, counted.calls = np.inf, calls
    monkeypatch.setattr(_evaluate, "evaluate", counted)
    return counted


def search(estimator=CLF, grid=GRID, X=X, **params):
    usual = {"scoring": mutual_info_scorer, "cv": 3}
    return StackedSearchCV(estimator, grid, **usual | params).fit(X, Y)


def killed_after(evaluated, number, **params):
    evaluated.calls.clear()
    evaluated.most = number
    with pytest.raises(Killed):
        search(**params)
    evaluated.most = np.inf
    evaluated.calls.clear()


def assert_same(first, second):
    times = {"mean_fit_time", "std_fit_time", "mean_score_time", "std_score_time"}
    for name in first.cv_results_.keys() - times:
        assert_array_equal(first.cv_results_[name], second.cv_results_[name], err_msg=name)
    assert first.best_mutual_info_ == second.best_mutual_info_
    assert_array_equal(first.predict_proba(X), second.predict_proba(X))


@pytest.mark.parametrize("factor", [None, 2])
def test_splits_that_were_done_are_not_done_again(tmp_path, evaluated, factor):
    whole = search(factor=factor)
    killed_after(evaluated, 2, factor=factor, checkpoint=tmp_path)
    again = search(factor=factor, checkpoint=tmp_path)
    assert evaluated.calls == [4]
    assert_same(again, whole)
    assert os.listdir(tmp_path) == ["lock"]


def test_scores_by_several_scorers_and_failures_are_kept(tmp_path, evaluated):
    grid = {"C": [1.0, -1.0, 2.0]}
    params = {"estimator": LogisticRegression(), "grid": grid, "refit": "accuracy"}
    params |= {"scoring": ["accuracy", "neg_log_loss"], "return_train_score": True}
    with pytest.warns(match="fits failed"):
        whole = search(**params)
    killed_after(evaluated, 7, checkpoint=tmp_path, **params)
    with pytest.warns(match="fits failed"):
        again = search(checkpoint=tmp_path, **params)
    assert evaluated.calls == [1, 1]
    assert_same(again, whole)


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"X": X + 1e-9}, "in X"),
        ({"grid": {"alpha": [0.1]}}, "in search"),
        ({"cv": KFold(3, shuffle=True, random_state=0)}, "in search"),
        ({"estimator": MutualInfoClassifier(max_iter=2)}, "in estimator"),
        ({"return_train_score": True}, "in options"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_another_search_is_refused(tmp_path, evaluated, changes, words):
    killed_after(evaluated, 1, checkpoint=tmp_path)
    remedy = rf"another question, .*{words}.* delete .*search to start"
    with pytest.raises(ValueError, match=remedy):
        search(checkpoint=tmp_path, **changes)


def test_answers_without_their_question_are_not_used(tmp_path, evaluated):
    killed_after(evaluated, 1, checkpoint=tmp_path)
    (tmp_path / "search").unlink()
    search(checkpoint=tmp_path, grid={"alpha": [0.1]})
    assert evaluated.calls == [1, 1, 1]


def test_a_full_disk_is_a_warning_and_the_search_goes_on(tmp_path, monkeypatch):
    whole = search()
    write = KeptFolder.write

    def full(folder, name, content):
        if name != "search":
            raise OSError(28, "No space left on device")
        write(folder, name, content)

    monkeypatch.setattr(KeptFolder, "write", full)
    with pytest.warns(UserWarning, match="No space left on device. The work goes on"):
        assert_same(search(checkpoint=tmp_path), whole)


def test_objects_among_the_candidates_are_told_apart(tmp_path, evaluated):
    rates = [partial(dict, a=1)], [partial(dict, a=2)]
    one, other = ({"loss_params": [rate[0]()]} for rate in rates)
    killed_after(evaluated, 1, grid={**GRID, **one}, checkpoint=tmp_path)
    with pytest.raises(ValueError, match="in search"):
        search(grid={**GRID, **other}, checkpoint=tmp_path)


def test_a_folder_of_the_estimator_is_refused(tmp_path):
    X, y = np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % 2
    clf = MutualInfoClassifier(checkpoint=tmp_path, cv=2, max_iter=1, estimators=None)
    with pytest.raises(ValueError, match="in which its clones would meet"):
        StackedSearchCV(clf, {"alpha": [0.1]}, cv=2).fit(X, y)
