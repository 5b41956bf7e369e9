"""What a user sees and may say while a classifier trains: callbacks, printing, threads."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from quick_fits import assert_same, fit
from skorch.callbacks import Callback, Checkpoint, EarlyStopping, EpochScoring


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
    clf = fit(*rows, callbacks=[witness])
    assert _witness(clf) is witness
    assert len(witness.threads) == clf.n_iter_ == 3
    assert_same(clf, fit(*rows))


def test_a_callback_of_skorch_may_stop_the_training(rows):
    stop = EarlyStopping(monitor="train_loss", patience=2, threshold=1e9, threshold_mode="abs")
    try:
        clf = fit(*rows, callbacks=[stop], max_iter=50)
    except KeyboardInterrupt:
        pytest.fail("the stop of a callback was taken for the user's interrupt")
    assert clf.n_iter_ < 50


class LastEpoch(Callback):
    """Keeps the number of epochs it has seen where the test finds it."""

    seen = 0

    def on_epoch_end(self, net, **kwargs):
        LastEpoch.seen = len(net.history)


def test_callbacks_see_the_last_epoch(rows):
    clf = fit(*rows, callbacks=[LastEpoch()], max_iter=100, n_iter_no_change=3)
    assert clf.n_iter_ < 100
    assert LastEpoch.seen == clf.n_iter_


def test_a_scoring_callback_of_skorch_joins(rows):
    clf = fit(*rows, callbacks=[EpochScoring(lambda net, X, y: 1.0, name="one", on_train=True)])
    assert clf.net_.history[:, "one"] == [1.0] * clf.n_iter_


def test_an_interrupt_by_the_user_is_not_swallowed(rows):
    class Interrupt(Callback):
        def on_batch_end(self, net, **kwargs):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(*rows, callbacks=[Interrupt()])


@pytest.mark.parametrize("n_threads", [1, 2])
def test_threads_are_those_asked_for_and_change_nothing(rows, n_threads):
    clf = fit(*rows, n_threads=n_threads, callbacks=[Witness()])
    assert set(_witness(clf).threads) == {n_threads}
    assert_allclose(clf.mutual_info_score_, fit(*rows).mutual_info_score_, rtol=1e-4)


def test_verbose_prints_a_line_per_epoch(rows, capsys):
    fit(*rows, verbose=1)
    lines = capsys.readouterr().out.splitlines()
    first_words = [line.split()[0] for line in lines if line.strip()]
    assert [word for word in first_words if word.isdigit()] == ["1", "2", "3"]
    fit(*rows)
    assert capsys.readouterr().out == ""


def test_skorch_keeps_the_best_epoch(rows, tmp_path):
    clf = fit(*rows, callbacks=[Checkpoint(dirname=tmp_path)])
    assert (tmp_path / "params.pt").exists()
    best = clf.net_.history[:, "valid_loss_best"]
    assert np.flatnonzero(best)[-1] == np.argmin(clf.validation_curve_)


@pytest.mark.parametrize("bad", [print, ("name", 3)], ids=str)
def test_what_is_no_callback_is_refused(rows, bad):
    with pytest.raises(ValueError, match=r"callbacks has .*expected skorch callbacks"):
        fit(*rows, callbacks=[bad])
