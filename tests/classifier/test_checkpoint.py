"""A fit that was killed goes on to the same bits, and says so where it cannot."""

import json
import multiprocessing
import os
import pickle
import signal
import time
from collections import deque
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from brief_fits import brief_searches, few_trees
from killed_fits import Killed, Killer
from numpy.testing import assert_array_equal
from quick_fits import assert_same, classifier
from sklearn.base import clone
from skorch.callbacks import Callback, EarlyStopping, LRScheduler

from sklearn_mi._engine import _checkpoint
from sklearn_mi._engine._kept_files import KeptFolder
from sklearn_mi._engine._training import Training
from sklearn_mi._pool._companions import Companions

Y = np.arange(90) % 3
X = np.random.RandomState(0).normal(size=(90, 4)) + Y[:, None]
TWO = np.arange(60) % 2
IMAGES = np.random.RandomState(0).normal(size=(60, 1, 8, 8)) + TWO[:, None, None, None]


@pytest.fixture(autouse=True)
def every_epoch(monkeypatch):
    """Checkpoints are written whenever they can be."""
    monkeypatch.setattr(_checkpoint, "SECONDS_BETWEEN", 0)
    monkeypatch.setattr(_checkpoint, "MOST_SHARE", np.inf)
    with few_trees(), brief_searches():
        yield


@contextmanager
def batches_left(number):
    Killer.left = number
    try:
        yield
    finally:
        Killer.left = np.inf


def kill_after(n_batches, *rows, **params):
    """A fit that gets so far."""
    with batches_left(n_batches), pytest.raises(Killed):
        fit(*rows, **params)


def fit(*rows, callbacks=(), **params):
    rows, usual = rows or (X, Y), {"max_iter": 5}
    return classifier(callbacks=[*callbacks, Killer()], **usual | params).fit(*rows)


@pytest.mark.parametrize("loss, n_batches", [("ce", 5), ("dmi", 10), ("forward", 15), ("gccs", 5)])
def test_a_killed_fit_ends_in_the_same_bits(tmp_path, loss, n_batches):
    """Killed in each stage of its training, between two, and once more while it goes on."""
    whole = fit(loss=loss)
    for first in range(1, n_batches - 1, 3):
        kill_after(first, loss=loss, checkpoint=tmp_path)
        kill_after(1, loss=loss, checkpoint=tmp_path)
        again = fit(loss=loss, checkpoint=tmp_path)
        assert_same(again, whole)
        assert again.loss_curve_ == whole.loss_curve_
        assert_array_equal(again.predict_proba(X), whole.predict_proba(X))


@pytest.mark.parametrize(
    "params",
    [
        {"adversarial_training": 0.1, "batch_size": 20},
        {"cv": None, "class_weight": "balanced"},
        {"module": torch.nn.Linear, "optimizer": torch.optim.LBFGS, "max_iter": 4},
        {"optimizer": torch.optim.SGD, "optimizer_params": {"momentum": 0.9}},
        {"n_iter_no_change": 3, "tol": 1.0, "max_iter": 9},
    ],
    ids=lambda params: next(iter(params)),
)
def test_whatever_trains_goes_on(tmp_path, params):
    whole = fit(**params)
    kill_after(2, checkpoint=tmp_path, **params)
    assert_same(fit(checkpoint=tmp_path, **params), whole)


def test_images_go_on_with_augmentation_and_dropout(tmp_path):
    rows = IMAGES, TWO
    params = {"augmentation": ["shift", "flip"], "module_params": {"stages": (4,)}, "max_iter": 3}
    whole = fit(*rows, **params)
    kill_after(2, *rows, checkpoint=tmp_path, **params)
    assert_same(fit(*rows, checkpoint=tmp_path, **params), whole)


def test_a_kill_after_training_does_not_train_again(tmp_path, monkeypatch):
    params = {"estimators": "auto"}
    whole = fit(**params)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Companions, "fit", lambda *_: (_ for _ in ()).throw(Killed))
        fit(checkpoint=tmp_path, **params)
    with batches_left(0):
        assert_same(fit(checkpoint=tmp_path, **params), whole)


def test_the_log_hears_that_a_fit_goes_on(tmp_path, caplog):
    caplog.set_level("INFO", logger="sklearn_mi")
    kill_after(3, checkpoint=tmp_path)
    assert not caplog.messages
    n_epochs = _checkpoint.from_bytes(_checkpoint.Checkpoint(KeptFolder(tmp_path)).content)
    n_epochs = len(json.loads(n_epochs["training"]["history"]))
    fit(checkpoint=tmp_path)
    assert caplog.messages == [f"checkpoint: going on after epoch {n_epochs}, in {tmp_path}"]


def test_a_fit_without_a_random_state_goes_on_with_its_seed(tmp_path):
    kill_after(3, random_state=None, checkpoint=tmp_path)
    seed = _checkpoint.Checkpoint(KeptFolder(tmp_path)).header["seed"]
    again = fit(random_state=None, checkpoint=tmp_path)
    assert again._seed == seed
    assert fit(random_state=None, checkpoint=tmp_path)._seed != seed


def test_nothing_is_left_after_a_fit_and_the_next_one_starts_anew(tmp_path):
    clf = classifier(checkpoint=tmp_path / "new" / "folder").fit(X, Y)
    assert os.listdir(tmp_path / "new" / "folder") == ["lock"]
    clf.set_params(alpha=0.5).fit(X, Y)


def test_a_stored_classifier_knows_its_folder_on_any_system(tmp_path):
    clf = classifier(checkpoint=tmp_path, max_iter=1).fit(X, Y)
    assert clone(pickle.loads(pickle.dumps(clf))).checkpoint == tmp_path
    kept = clf.__getstate__()["content"]["checkpoint"]
    assert kept == {"sklearn_mi": "path", "name": str(tmp_path)}


# --- callbacks ----------------------------------------------------------------------------------


class Counts(Callback):
    """What it has seen, and what no file can keep."""

    def __init__(self):
        self.epochs, self.seen, self.others = np.int64(0), [], deque()
        self.each = np.zeros(3)

    def on_epoch_end(self, net, **kwargs):
        self.epochs += 1
        self.each += 1
        self.seen.append(net.history[-1, "valid_loss"])


class Says(Counts):
    """Tells itself what it needs."""

    def state_dict(self):
        return {"epochs": self.epochs}

    def load_state_dict(self, state):
        self.epochs = state["epochs"]


def test_callbacks_go_on_where_they_were(tmp_path):
    stop = {"monitor": "train_loss", "patience": 2, "threshold": 10, "threshold_mode": "abs"}

    def brought():
        steps = LRScheduler("StepLR", step_size=2, gamma=0.1)
        return {"callbacks": [Counts(), Says(), steps, EarlyStopping(**stop)]}

    whole = fit(**brought())
    with pytest.warns(UserWarning, match="but not Counts.others: after a kill"):
        kill_after(2, checkpoint=tmp_path, **brought())
    again = fit(checkpoint=tmp_path, **brought())
    assert_same(again, whole)
    counts, says = (dict(again.net_.callbacks_)[name] for name in ("Counts", "Says"))
    assert counts.epochs == says.epochs == again.n_iter_ == 3
    assert_array_equal(counts.each, [3, 3, 3])
    assert counts.seen == again.validation_curve_ and len(says.seen) == 1


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows, params, words",
    [
        ((X + 1e-3, Y), {}, r"in X\."),
        ((X, (Y + 1) % 3), {}, r"in y\."),
        ((X[:70], Y[:70]), {}, r"in X, y\."),
        ((X, Y), {"alpha": 0.5}, r"in alpha\."),
        ((X, Y), {"random_state": 1}, r"in random_state\."),
        ((X, Y), {"loss": "gce", "loss_params": {"q": 0.5}}, "in loss, loss_params"),
        ((X, Y), {"cv": 4}, r"in cv\."),
        ((X, Y), {"optimizer": torch.optim.Adam}, r"in optimizer\."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_another_fit_is_refused(tmp_path, rows, params, words):
    kill_after(3, checkpoint=tmp_path)
    remedy = rf"{words}.*to go on with it; or delete .*fit to start from the beginning"
    with pytest.raises(ValueError, match=remedy):
        fit(*rows, checkpoint=tmp_path, **params)
    fit(checkpoint=tmp_path, verbose=0, n_threads=1)


def test_another_version_is_refused(tmp_path, monkeypatch):
    kill_after(3, checkpoint=tmp_path)
    monkeypatch.setattr(torch, "__version__", "9.9")
    with pytest.raises(ValueError, match=r"in the version of torch\."):
        fit(checkpoint=tmp_path)


@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b[:-9] + b"x" * 9, lambda b: b""])
def test_a_damaged_file_is_named(tmp_path, damage):
    kill_after(3, checkpoint=tmp_path)
    file = tmp_path / "fit"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match=r"fit is damaged: it .*Delete it"):
        fit(checkpoint=tmp_path)
    file.unlink()
    fit(checkpoint=tmp_path)


def test_a_folder_that_cannot_be_made_is_an_error_before_the_work(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(Training, "run", None)
    for folder in ("file", "file/under"):
        with pytest.raises(ValueError, match=r"cannot be used: .*Choose a folder"):
            fit(checkpoint=str(tmp_path / folder))


def full(*_):
    raise OSError(28, "No space left on device")


def test_a_full_disk_is_an_error_before_the_work_and_a_warning_later(tmp_path, monkeypatch):
    whole = fit()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ValueError, match=r"cannot be used: .*No space left"):
            fit(checkpoint=tmp_path)
    kill_after(2, checkpoint=tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    words = "No space left on device. Training goes on; after a kill what was kept before is there"
    with pytest.warns(UserWarning, match=words) as found:
        kill_after(2, checkpoint=tmp_path)
    assert len(found) == 1
    monkeypatch.undo()
    assert_same(fit(checkpoint=tmp_path), whole)


def test_two_fits_do_not_share_a_folder(tmp_path):
    with KeptFolder(tmp_path), pytest.raises(ValueError, match="is in use by another fit"):
        fit(checkpoint=tmp_path)
    fit(checkpoint=tmp_path)


# --- a real one ---------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no such processes")
def test_a_process_that_is_killed_leaves_a_whole_file_and_no_lock(tmp_path):
    endless = {"max_iter": 5000, "n_iter_no_change": 5000, "device": "cpu"}
    fitting = {"target": fit, "kwargs": {"checkpoint": tmp_path, **endless}}
    process = multiprocessing.get_context("fork").Process(**fitting)
    process.start()
    while not (tmp_path / "fit").exists() and process.is_alive():
        time.sleep(0.05)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with KeptFolder(tmp_path) as folder:
        assert _checkpoint.Checkpoint(folder).header["identity"]["max_iter"]
