"""Long questions that were killed do what is missing, with the same answer."""

import os

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.tree import DecisionTreeClassifier

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine import _many_fits
from sklearn_mi.feature_selection import SelectByMutualInfo
from sklearn_mi.inspection import (
    _judges,
    _mutual_info_curve,
    _subset_information,
    conditional_mutual_info,
    feature_mutual_info,
    label_quality,
    mutual_info_curve,
)

Y = np.arange(120) % 2
X = np.random.RandomState(0).normal(size=(120, 4)) + Y[:, None]
TREE = DecisionTreeClassifier(max_depth=2, random_state=0)
CLF = MutualInfoClassifier(max_iter=2, estimators=None, random_state=0)


class Killed(BaseException):
    """In the place of a signal that no process survives."""


def columns(**params):
    result = feature_mutual_info(X, Y, cv=3, random_state=0, **params)
    return [result.marginal, result.conditional, result.total_stderr]


def curve(**params):
    result = mutual_info_curve(X=X, y=Y, cv=3, random_state=0, **params)
    return [result.mutual_info, result.pointwise, result.asymptote]


def selection(**params):
    selected = SelectByMutualInfo(cv=3, random_state=0, n_features_to_select=3, **params).fit(X, Y)
    return [selected.ranking_, selected.mutual_info_path_]


def beyond(given=(0, 1), **params):
    result = conditional_mutual_info(X, Y, given=list(given), cv=3, random_state=0, **params)
    return [result.pointwise, result.total, result.interval]


def labels(X=X, **params):
    result = label_quality(X=X, y=Y, cv=4, **params)
    return [result.posterior, result.suggested_labels]


STACKS = _many_fits.ManyFitsMixin, "_information_of_stack"
QUESTIONS = {
    "columns of clones": (columns, TREE, _subset_information, "_by_clone"),
    "columns of stacks": (columns, CLF, *STACKS),
    "curve": (curve, TREE, _mutual_info_curve, "information_after"),
    "selection": (selection, TREE, _subset_information, "_by_clone"),
    "beyond, of clones": (beyond, TREE, _subset_information, "_by_clone"),
    "beyond, of stacks": (beyond, CLF, *STACKS),
    "labels": (labels, TREE, _judges, "_fit_and_ask"),
}


@pytest.mark.filterwarnings("ignore:Information does not grow")
@pytest.mark.parametrize("ask, estimator, owner, name", QUESTIONS.values(), ids=QUESTIONS)
def test_parts_that_were_answered_are_not_asked_again(
    tmp_path, monkeypatch, caplog, ask, estimator, owner, name
):
    if ask is columns and estimator is CLF:
        one_each = lambda subsets, *_: [[s] for s in range(len(subsets))]  # noqa: E731
        monkeypatch.setattr(_many_fits, "share_out", one_each)
    calls, most, work = [], [np.inf], getattr(owner, name)

    def counted(*arguments):
        if len(calls) == most[0]:
            raise Killed
        calls.append(1)
        return work(*arguments)

    monkeypatch.setattr(owner, name, counted)
    whole, n_parts = ask(estimator=estimator), len(calls)
    calls.clear()
    most[0] = min(2, n_parts - 1)
    with pytest.raises(Killed):
        ask(estimator=estimator, checkpoint=tmp_path)
    most[0] = np.inf
    with caplog.at_level("INFO", logger="sklearn_mi"):
        again = ask(estimator=estimator, checkpoint=tmp_path)
    n_kept = min(2, n_parts - 1)
    assert caplog.messages[0] == f"checkpoint: going on after {n_kept} parts, in {tmp_path}"
    assert len(calls) == n_parts > 1
    for one, other in zip(whole, again, strict=True):
        assert_array_equal(one, other)
    assert os.listdir(tmp_path) == ["lock"]


def test_labels_and_what_is_beyond_are_asked_of_the_same_rows(tmp_path, monkeypatch):
    def kill(*_):
        raise Killed

    monkeypatch.setattr(_judges, "_fit_and_ask", kill)
    with pytest.raises(Killed):
        labels(estimator=TREE, checkpoint=tmp_path)
    with pytest.raises(ValueError, match=r"differs in X. .*labels to start from the beginning"):
        labels(X=X + 1, estimator=TREE, checkpoint=tmp_path)


def test_another_question_is_refused(tmp_path, monkeypatch):
    def kill(*_):
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(_subset_information, "_by_clone", kill)
        columns(estimator=TREE, checkpoint=tmp_path)
    with pytest.raises(ValueError, match="another question, which differs in estimator"):
        columns(estimator=DecisionTreeClassifier(max_depth=3), checkpoint=tmp_path)
