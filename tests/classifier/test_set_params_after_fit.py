"""A fitted classifier answers as it was fitted, whatever parameters are set until the next fit."""

import inspect

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection import adversarial_robustness, label_quality

RNG = np.random.RandomState(0)
Y = (RNG.rand(120) < 0.25).astype(int)
X = RNG.standard_normal((120, 4)) + Y[:, None]
OTHER = {
    "loss": "dmi",
    "loss_params": {"q": 0.5},
    "image_shape": (2, 2),
    "augmentation": ["shift"],
    "adversarial_training": 0.1,
    "module": torch.nn.Linear(7, 2),
    "hidden_layer_sizes": (3, 3),
    "activation": "tanh",
    "dropout": 0.5,
    "estimators": [("tree", DecisionTreeClassifier())],
    "optimizer": torch.optim.SGD,
    "optimizer_params": {"momentum": 0.9},
    "module_params": {"n_waves": 3},
    "learning_rate_init": 1.0,
    "alpha": 10.0,
    "batch_size": 1,
    "max_iter": 1,
    "n_iter_no_change": 1,
    "tol": 1.0,
    "cv": None,
    "validation_fraction": 0.5,
    "class_weight": {0: 1, 1: 100},
    "warm_start": True,
    "callbacks": [],
    "checkpoint": "folder_of_another_fit",
    "device": "cuda:99",
    "n_threads": 1,
    "random_state": 1,
    "verbose": 1,
}


def fit(loss="ce", X=X, **params):
    small = {"hidden_layer_sizes": 4, "max_iter": 2, "cv": 2, "random_state": 0}
    small["estimators"] = [("bayes", GaussianNB())]
    return MutualInfoClassifier(loss, **small | params).fit(X, Y)


def answers(clf, X=X):
    quality = label_quality(clf, X, Y)
    found = [quality.posterior, clf.mutual_info_interval(), list(clf.pool_weights_.values())]
    return [ask(X) for ask in (clf.predict_proba, clf.predict, clf.decision_function)] + [
        clf.pointwise_mutual_info(X), *found
    ]  # fmt: skip


def attacked(clf):
    return adversarial_robustness(clf, X[:8], Y[:8], eps=0.1, max_iter=2, max_queries=2,
                                  random_state=0).mutual_info  # fmt: skip


def test_every_parameter_but_the_priors_is_here():
    assert set(inspect.signature(MutualInfoClassifier).parameters) == {"priors", *OTHER}


@pytest.fixture(scope="module", params=[("pc_softmax", "balanced"), ("ce", {1: 3})])
def fitted(request):
    loss, class_weight = request.param
    clf = fit(loss, class_weight=class_weight)
    return clf, answers(clf), attacked(clf)


@pytest.mark.parametrize("name", OTHER)
def test_an_answer_depends_on_no_parameter_of_the_next_fit(fitted, name):
    clf, before, under_attack = fitted
    usual = clf.get_params(deep=False)[name]
    try:
        clf.set_params(**{name: OTHER[name]})
        for found, expected in zip(answers(clf), before, strict=True):
            assert_array_equal(found, expected)
        assert_array_equal(attacked(clf), under_attack)
    finally:
        clf.set_params(**{name: usual})


def test_images_stay_images():
    images = X.reshape(120, 1, 2, 2)
    clf = fit(X=X, image_shape=(2, 2), estimators=None)
    before = clf.predict_proba(X)
    clf.set_params(image_shape=None)
    assert_array_equal(clf.predict_proba(X), before)
    assert_array_equal(clf.predict_proba(images), before)
    clf = fit(X=images, estimators=None).set_params(image_shape=(2, 2))
    with pytest.raises(ValueError, match="fitted on images of shape"):
        clf.predict_proba(X)


def test_texts_of_errors_speak_of_the_loss_of_the_fit():
    clf = fit(estimators=None).set_params(loss="dmi")
    with pytest.raises(AttributeError, match="loss='ce' takes labels as they are"):
        _ = clf.noise_matrix_


def test_priors_act_at_once(fitted):
    clf, before, _ = fitted
    try:
        clf.set_params(priors=[0.001, 0.999])
        assert clf.predict(X).mean() > before[1].mean()
        assert_array_equal(clf.predict_proba(X), before[0])
    finally:
        clf.set_params(priors=None)


@pytest.mark.parametrize("loss", ["ce", "gce", "dmi"])
def test_class_weights_act_on_decisions_as_on_class_frequencies(loss):
    clf = fit(loss, class_weight={0: 2, 1: 10}, estimators=None)
    log_odds = np.diff(clf.predict_log_proba(X), axis=1)[:, 0]
    np.testing.assert_allclose(clf.decision_function(X), log_odds + np.log(5), atol=1e-9)
    assert_array_equal(clf.predict(X), (log_odds > -np.log(5)).astype(int))


def test_balanced_weights_decide_as_if_classes_were_equally_frequent():
    for loss in "ce", "pc_softmax":
        clf = fit(loss, class_weight="balanced", estimators=None)
        tilted = clf.predict_log_proba(X) - np.log(clf.class_prior_)
        np.testing.assert_allclose(clf.decision_function(X), np.diff(tilted)[:, 0], atol=1e-9)
