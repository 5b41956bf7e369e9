"""Callbacks that users bring: called themselves, stored if they can be, heeded in the schedule."""

import copy
import pickle
import threading

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from skorch.callbacks import (
    BatchScoring,
    Callback,
    Checkpoint,
    EarlyStopping,
    EpochScoring,
    LRScheduler,
    PassthroughScoring,
)
from torch.optim import lr_scheduler

from sklearn_mi import MutualInfoClassifier

Y = np.arange(60) % 2
X = np.random.RandomState(0).normal(size=(60, 3)) + Y[:, None]


def fit(callbacks, **params):
    usual = {
        "estimators": None,
        "hidden_layer_sizes": (16,),
        "max_iter": 4,
        "cv": 3,
        "random_state": 0,
    }
    return MutualInfoClassifier(callbacks=callbacks, **usual | params).fit(X, Y)


class Counts(Callback):
    """Counts epochs, and holds what can be neither copied nor stored."""

    made = 0

    def __init__(self):
        self.lock, self.epochs = threading.Lock(), 0
        Counts.made += 1

    def on_epoch_end(self, net, **kwargs):
        self.epochs += 1


class Knows(Callback):
    """Keeps the net, which keeps its callbacks."""

    def on_train_begin(self, net, **kwargs):
        self.net = net


class Rates(Callback):
    """The learning rate of each step."""

    def __init__(self):
        self.seen = []

    def on_batch_end(self, net, training=False, **kwargs):
        self.seen.append(net.optimizer_.param_groups[0]["lr"])


# --- whose they are -----------------------------------------------------------------------------


def test_callbacks_are_those_of_the_user_in_every_form():
    one, two, before = Counts(), Counts(), Counts.made
    clf = fit([one, ("two", two), Counts])
    assert (one.epochs, two.epochs) == (4, 4)
    assert Counts.made == before + 1
    assert dict(clf.net_.callbacks_)["two"] is two
    clf.fit(X, Y)
    assert one.epochs == 8


def test_callbacks_see_every_stage_of_a_fit():
    counts = Counts()
    assert fit([counts], loss="dmi").n_iter_ == counts.epochs == 8


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda clf: pickle.loads(pickle.dumps(clf))])
def test_what_cannot_be_stored_is_left_out(duplicate):
    clf = fit([Counts(), ("knows", Knows()), Rates()], warm_start=True)
    stored = duplicate(clf)
    assert_allclose(stored.predict_proba(X), clf.predict_proba(X))
    kept = [type(item[1]) for item in stored.net_.callbacks_]
    assert Knows in kept and Rates in kept and Counts not in kept
    assert [type(own) for own in stored.callbacks] == [tuple, Rates]
    assert len(clf.callbacks) == 3
    stored.fit(X, Y)


def test_an_open_file_is_left_out(tmp_path):
    class Writes(Callback):
        def __init__(self, file):
            self.file = file

        def on_epoch_end(self, net, **kwargs):
            print(net.history[-1, "valid_loss"], file=self.file)

    with open(tmp_path / "log", "w") as file:
        clf = fit([Writes(file)])
        assert pickle.loads(pickle.dumps(clf)).callbacks == []
    assert len((tmp_path / "log").read_text().split()) == 4


def test_an_error_of_a_callback_reaches_the_user():
    class Fails(Callback):
        def on_epoch_end(self, net, **kwargs):
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        fit([Fails()])


@pytest.mark.parametrize(
    "bad, words",
    [
        (3, "expected skorch callbacks"),
        (("a", None), "expected skorch callbacks"),
        ((1, Counts()), "expected skorch callbacks"),
        (("stopping", Counts()), "'stopping', which is taken"),
        (("print_log", Counts()), "'print_log', which is taken"),
        (EpochScoring, "EpochScoring, which cannot be made without arguments"),
        (EarlyStopping(monitor="valid_acc"), "'valid_acc'.*The history has .*valid_loss"),
        (Checkpoint(monitor="valid_acc_best"), "'valid_acc_best'.*Set its monitor to one of these"),
        (EpochScoring("accuracy"), "no validation rows.*'valid_loss'"),
        (EpochScoring("accuracy", on_train=True), r"EpochScoring\('accuracy', on_train=True\)"),
        (EpochScoring(lambda net, X, y: 1.0), "no validation rows"),
        (BatchScoring("accuracy", on_train=True), "no validation rows"),
    ],
    ids=lambda value: str(value).split(" object at")[0],
)
def test_callbacks_that_cannot_work_are_told_in_a_sentence(bad, words):
    with pytest.raises(ValueError, match=words):
        fit([bad])


def test_names_are_given_once():
    with pytest.raises(ValueError, match="'a', which is taken"):
        fit([("a", Counts()), ("a", Counts())])


# --- the schedule -------------------------------------------------------------------------------


class Sets(Callback):
    """A schedule by hand."""

    def on_epoch_begin(self, net, **kwargs):
        for group in net.optimizer_.param_groups:
            group["lr"] = 0.01 / len(net.history)


class Shrinks(torch.optim.SGD):
    """An optimiser with a schedule of its own."""

    def step(self, closure=None):
        loss = super().step(closure)
        for group in self.param_groups:
            group["lr"] *= 0.5
        return loss


def scheduled(parameters, lr):
    optimizer = torch.optim.SGD(parameters, lr)
    optimizer.schedule = lr_scheduler.ExponentialLR(optimizer, 0.5)
    optimizer.register_step_post_hook(lambda *_: optimizer.schedule.step())
    return optimizer


SCHEDULES = {
    "steps": ({"callbacks": [LRScheduler("StepLR", step_size=2, gamma=0.1)]}, [1, 1, 0.1, 0.1]),
    "named": (
        {"callbacks": [("mine", LRScheduler(lr_scheduler.ExponentialLR, gamma=0.5))]},
        [1, 0.5, 0.25, 0.125],
    ),
    "plateau": (
        {"callbacks": [LRScheduler(lr_scheduler.ReduceLROnPlateau, patience=0, threshold=9e9)]},
        [1, 0.1, 0.01, 0.001],
    ),
    "constant": ({"callbacks": [LRScheduler("LambdaLR", lr_lambda=lambda epoch: 1)]}, [1] * 4),
    "by hand": ({"callbacks": [Sets()]}, [1, 1 / 2, 1 / 3, 1 / 4]),
    "optimizer": ({"optimizer": Shrinks}, [0.5, 0.25, 0.125, 0.0625]),
    "of the optimizer": ({"optimizer": scheduled}, [0.5, 0.25, 0.125, 0.0625]),
    "none": ({}, [1, (2 + 2**0.5) / 4, 0.5, (2 - 2**0.5) / 4]),
}


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step")
@pytest.mark.parametrize("loss", ["ce", "gccs"])
@pytest.mark.parametrize("params, expected", SCHEDULES.values(), ids=SCHEDULES)
def test_there_is_one_schedule(params, expected, loss):
    rates = Rates()
    callbacks = [*params.get("callbacks", []), rates]
    one_batch = {"batch_size": 100, "learning_rate_init": 0.01, "loss": loss}
    options = {name: value for name, value in params.items() if name != "callbacks"}
    fit(callbacks, **options, **one_batch)
    assert_allclose(rates.seen, 0.01 * np.array(expected), rtol=1e-6)


# --- the history and the net --------------------------------------------------------------------


def test_losses_are_means_over_the_networks(capsys):
    clf = fit([PassthroughScoring("train_loss", on_train=True)], learning_rate_init=1e-9, verbose=1)
    train, valid = (clf.net_.history[:, name] for name in ("train_loss", "valid_loss"))
    assert clf.loss_curve_ == train and clf.validation_curve_ == valid
    assert_allclose([*train, *valid], np.log(2), rtol=1e-4)  # nothing is known at the start
    assert f"{train[0]:.4f}" in capsys.readouterr().out


def test_the_gradient_is_that_of_the_sum():
    class Gradients(Callback):
        def on_grad_computed(self, net, named_parameters, batch=None, **kwargs):
            self.found = [p.grad.clone() for _, p in named_parameters]
            net.module_.zero_grad()
            losses = net.criterion_.loss(net.module_(batch[0]), *batch[1])
            self.expected = torch.autograd.grad(losses.sum(), list(net.module_.parameters()))

    seen = Gradients()
    fit([seen], module=torch.nn.Linear)
    for found, expected in zip(seen.found, seen.expected, strict=True):
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("method", ["predict", "predict_proba", "forward", "fit", "partial_fit"])
def test_the_net_says_whom_to_ask(method):
    clf = fit(None)
    before = clf.predict_proba(X)
    with pytest.raises(TypeError, match="Ask predict_proba of the classifier"):
        getattr(clf.net_, method)(X.astype(np.float32))
    assert len(clf.net_.history) == 4
    assert_allclose(clf.predict_proba(X), before)
