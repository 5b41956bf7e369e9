"""Parameters of parts, as `optimizer__momentum`, by constructor, set_params and searches."""

import pickle

import numpy as np
import pytest
import torch
from seen_optimizer import SeesOptimizer
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from torch import nn

from sklearn_mi import MutualInfoClassifier

Y = np.arange(60) % 2
X = np.random.RandomState(0).normal(size=(60, 3)) + Y[:, None]


class Wide(nn.Sequential):
    def __init__(self, n_features, n_classes, width=4):
        super().__init__(nn.Linear(n_features, width), nn.Linear(width, n_classes))


def make(**params):
    usual = {
        "estimators": None,
        "hidden_layer_sizes": (16,),
        "max_iter": 2,
        "cv": 3,
        "random_state": 0,
    }
    return MutualInfoClassifier(**usual | params)


def group(clf):
    seen = SeesOptimizer()
    clf.set_params(callbacks=[seen]).fit(X, Y)
    return seen.groups[0]


WAYS = {
    "constructor": lambda **p: make(optimizer=torch.optim.SGD, **p),
    "set_params": lambda **p: make(optimizer=torch.optim.SGD).set_params(**p),
    "clone": lambda **p: clone(make(optimizer=torch.optim.SGD, **p)),
    "pickle": lambda **p: pickle.loads(pickle.dumps(make(optimizer=torch.optim.SGD, **p))),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_options_reach_the_optimiser(way):
    clf = way(optimizer__momentum=0.5, optimizer__weight_decay=0.25)
    assert clf.get_params()["optimizer__momentum"] == 0.5
    assert clf.get_params(deep=False)["optimizer_params"] == {"momentum": 0.5, "weight_decay": 0.25}
    found = group(clf)
    assert (found["momentum"], found["weight_decay"]) == (0.5, 0.25)


def test_the_rate_may_be_an_option():
    first, second = (
        make(**p).fit(X, Y) for p in ({"optimizer__lr": 0.1}, {"learning_rate_init": 0.1})
    )
    assert first.loss_curve_ == second.loss_curve_


def test_parameters_reach_the_network_and_the_loss():
    clf = make(module=Wide, loss="dmi", module__width=7, loss__ridge=0.5).fit(X, Y)
    assert clf.net_.module_.get_parameter("0__weight").shape == (3, 7, 3)
    assert clf._ensemble.loss.ridge == 0.5
    clf = make(module__hidden_layer_sizes=(5,), module__n_waves=3).fit(X, Y)
    assert clf.net_.module_[-1].weight.shape == (3, 5, 2)
    images = np.random.RandomState(0).random_sample((60, 1, 8, 8))
    clf = make(module__stages=(2,), max_iter=1).fit(images, Y)
    assert clf.net_.module_.get_parameter("linear__weight").shape == (3, 2, 2)


def test_dictionaries_of_the_user_stay_as_they_are():
    params = {"momentum": 0.5}
    clf = make(optimizer=torch.optim.SGD, optimizer_params=params)
    other = clone(clf).set_params(optimizer__momentum=0.9, optimizer__nesterov=True)
    clf.set_params(optimizer__momentum=0.1)
    assert params == {"momentum": 0.5}
    assert other.optimizer_params == {"momentum": 0.9, "nesterov": True}


def test_companions_have_parameters_by_name():
    clf = make(estimators=[("linear", LogisticRegression()), ("bayes", GaussianNB())])
    assert clf.set_params(linear__C=3.0).get_params()["linear__C"] == 3.0
    assert clf.set_params(linear=GaussianNB()).fit(X, Y).estimators_["linear"].var_smoothing
    with pytest.raises(ValueError, match="Invalid parameter 'C'"):
        clf.set_params(linear__C=1)
    with pytest.raises(ValueError, match="Invalid parameter 'linear'"):
        make().set_params(linear__C=1)


def test_searches_find_parameters_of_parts():
    grid = {"optimizer__weight_decay": [0, 0.1], "module__width": [2], "linear__C": [0.5]}
    clf = make(module=Wide, estimators=[("linear", LogisticRegression())])
    best = GridSearchCV(clf, grid, cv=2, error_score="raise").fit(X, Y).best_estimator_
    assert best.module_params == {"width": 2}
    assert best.estimators_["linear"].C == 0.5
    assert clf.module_params is None and clf.estimators[0][1].C == 1


@pytest.mark.parametrize(
    "params, words",
    [
        ({"optimizer__momentum": 1}, "AdamW.*'momentum': 1.*It takes lr, betas"),
        ({"optimizer__betas": (2, 3)}, "Invalid beta parameter"),
        ({"optimizer__betas": 1}, "optimizer=AdamW cannot be made"),
        ({"optimizer": nn.Linear}, "optimizer=Linear cannot be made"),
        ({"module__width": 3}, "'width', which StackedMLP does not take; it takes .*n_waves"),
        ({"module__edges": 3}, "'edges', which StackedMLP does not take"),
        ({"module": Wide, "module__widht": 3}, "'widht', which Wide does not take.* width"),
        ({"module": Wide(3, 2), "module__width": 3}, "goes with a class or function"),
        ({"loss__ridge": 3}, "do not fit loss='ce'"),
    ],
    ids=str,
)
def test_parameters_that_a_part_does_not_take(params, words):
    with pytest.raises(ValueError, match=words):
        make(**params).fit(X, Y)


def test_other_names_are_refused_as_ever():
    with pytest.raises(TypeError, match="unexpected keyword argument 'optimiser__momentum'"):
        make(optimiser__momentum=1)
    with pytest.raises(ValueError, match="Invalid parameter 'widht'"):
        make().set_params(widht=1)


@pytest.mark.parametrize("option", ["foreach", "fused", "amsgrad"])
def test_implementations_of_the_optimiser_can_be_chosen(option):
    assert group(make(**{f"optimizer__{option}": True}))[option] is True
