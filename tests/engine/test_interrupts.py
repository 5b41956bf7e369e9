"""Ctrl-C: the first one ends the training of networks, the second one the fit."""

import signal
import threading

import numpy as np
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning
from skorch.callbacks import Callback
from small_fits import fit

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine._interrupts import noted_interrupt, raised_interrupts
from sklearn_mi._engine._scoring import score_held_out

Y = np.arange(90) % 3
X = np.random.RandomState(0).normal(size=(90, 4)) + Y[:, None]


@pytest.fixture(autouse=True)
def usual_handler():
    """As on a terminal; a shell starts what runs in the background without one."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press():
    signal.raise_signal(signal.SIGINT)


class Presses(Callback):
    """Ctrl-C in an epoch, as often as wanted."""

    def __init__(self, epoch, times=1):
        self.epoch, self.times = epoch, times

    def on_batch_begin(self, net, **kwargs):
        while len(net.history) >= self.epoch and self.times:
            self.times -= 1
            press()


def classify(callback, **params):
    usual = {"estimators": None, "max_iter": 9, "cv": 3, "random_state": 0}
    return MutualInfoClassifier(callbacks=[callback], **usual | params).fit(X, Y)


@pytest.mark.parametrize("epoch", [1, 4])
def test_one_interrupt_keeps_the_best_weights_so_far(epoch):
    with pytest.warns(ConvergenceWarning, match=f"interrupted after {epoch - 1} epochs"):
        net, stopping, n_iter, data = fit(callbacks=[Presses(epoch)], batch_size=10)
    assert n_iter == len(net.history) == len(stopping.curve_) == epoch - 1
    torch.testing.assert_close(score_held_out(net.module_, data), stopping.scores_)


@pytest.mark.parametrize("loss", ["ce", "dmi", "forward", "gccs"])
def test_what_was_interrupted_is_a_fit(loss):
    with pytest.warns(ConvergenceWarning, match="interrupted after 2 epochs"):
        clf = classify(Presses(3), loss=loss)
    same = classify(Presses(9, 0), loss="ce" if loss != "gccs" else loss, max_iter=9)
    assert clf.n_iter_ == 2 and len(clf.loss_curve_) == len(clf.validation_curve_) <= 2
    if loss in ("ce", "gccs"):
        assert clf.loss_curve_ == same.loss_curve_[:2]
    assert np.isfinite(clf.predict_proba(X)).all()


def test_two_interrupts_end_the_fit():
    with pytest.raises(KeyboardInterrupt):
        classify(Presses(3, times=2))


def test_an_interrupt_leaves_a_checkpoint_that_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("sklearn_mi._engine._checkpoint.SECONDS_BETWEEN", 0)
    monkeypatch.setattr("sklearn_mi._engine._checkpoint.MOST_SHARE", np.inf)
    whole = classify(Presses(9, 0))
    with pytest.raises(KeyboardInterrupt, match="goes on from the checkpoint"):
        classify(Presses(4), checkpoint=tmp_path)
    again = classify(Presses(9, 0), checkpoint=tmp_path)
    assert again.mutual_info_score_ == whole.mutual_info_score_
    assert again.loss_curve_ == whole.loss_curve_


def test_the_handler_of_signals_is_put_back():
    before = signal.getsignal(signal.SIGINT)
    classify(Presses(9, 0))
    assert signal.getsignal(signal.SIGINT) is before


def test_who_handles_signals_keeps_doing_so():
    seen = []
    before = signal.signal(signal.SIGINT, lambda *_: seen.append(1))
    try:
        assert classify(Presses(3)).n_iter_ == 9
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [1]


def test_other_threads_leave_signals_alone():
    seen = []

    def note():
        with noted_interrupt() as interrupt:
            seen.append((signal.getsignal(signal.SIGINT), interrupt.noted))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=note)
    thread.start()
    thread.join()
    assert seen == [(before, False)]


def test_where_interrupts_are_raised_at_once_training_does_not_wait():
    with raised_interrupts(), pytest.raises(KeyboardInterrupt):
        classify(Presses(3))
