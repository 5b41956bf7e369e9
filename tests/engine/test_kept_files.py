"""Files that outlive a kill, and what is not kept in them."""

import os
import pickle

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine import _checkpoint, _kept_files
from sklearn_mi._engine._kept_answers import kept_answers
from sklearn_mi._engine._kept_files import KeptFolder
from sklearn_mi._engine._training_state import NotPlain, from_bytes, to_bytes

Y = np.arange(60) % 2
X = np.random.RandomState(0).normal(size=(60, 3)) + Y[:, None]


class Killed(BaseException):
    """In the place of a signal that no process survives."""


def kill(*_, **__):
    raise Killed


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_is_cut_short_leaves_what_was_there(tmp_path, monkeypatch, step):
    with KeptFolder(tmp_path) as folder:
        folder.write("name", b"before")
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(os, step, kill)
            folder.write("name", b"after")
        assert folder.read("name") == b"before"
        assert folder.names("*") == ["lock", "name"]
        folder.write("name", b"after")
        assert folder.read("name") == b"after"


def test_what_a_killed_write_has_left_beside_is_not_read(tmp_path):
    (tmp_path / "name.part").write_bytes(b"half of i")
    with KeptFolder(tmp_path) as folder:
        assert folder.read("name") is None
        folder.write("name", b"whole")
    assert sorted(os.listdir(tmp_path)) == ["lock", "name"]


def test_every_changed_byte_is_found(tmp_path):
    with KeptFolder(tmp_path) as folder:
        folder.write("name", b"content")
        whole = (tmp_path / "name").read_bytes()
        for place in range(len(whole)):
            spoilt = bytearray(whole)
            spoilt[place] ^= 1
            (tmp_path / "name").write_bytes(spoilt)
            with pytest.raises(ValueError, match="name is damaged"):
                folder.read("name")


def test_the_next_process_can_lock_what_one_has_left(tmp_path):
    with KeptFolder(tmp_path), pytest.raises(ValueError, match="in use"), KeptFolder(tmp_path):
        pass
    with KeptFolder(tmp_path):
        pass


def test_nothing_in_a_file_is_run(tmp_path, monkeypatch):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "bomb"),)

    with pytest.raises(NotPlain):
        from_bytes(to_bytes({"state": Bomb()}))
    clf = MutualInfoClassifier(max_iter=2, estimators=None, random_state=0, checkpoint=tmp_path)
    monkeypatch.setattr(_checkpoint, "MOST_SHARE", np.inf)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(MutualInfoClassifier, "_finish", kill)
        clf.fit(X, Y)
    with KeptFolder(tmp_path) as folder:
        header = folder.read("fit").split(b"\n", 1)[0]
        folder.write("fit", header + b"\n" + pickle.dumps(Bomb()))
    with pytest.raises(ValueError, match=r"fit holds more than .*Delete it"):
        clf.fit(X, Y)
    assert not (tmp_path / "bomb").exists()


class Remembers(torch.optim.SGD):
    """An optimiser whose state is more than tensors."""

    def step(self, closure=None):
        loss = super().step(closure)
        self.state["secret"] = {0: object()}
        return loss


def test_what_cannot_be_kept_is_a_warning_and_the_fit_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(_checkpoint, "SECONDS_BETWEEN", 0)
    monkeypatch.setattr(_checkpoint, "MOST_SHARE", np.inf)
    usual = {"max_iter": 4, "estimators": None, "random_state": 0, "optimizer": Remembers}
    with pytest.warns(
        UserWarning, match="Training goes on; after a kill nothing is there"
    ) as found:
        clf = MutualInfoClassifier(checkpoint=tmp_path, **usual).fit(X, Y)
    assert len(found) == 1 and clf.n_iter_ == 4


class Clock(Callback):
    """An epoch takes a second, and a file two."""

    now = 0

    def on_epoch_end(self, net, **kwargs):
        Clock.now += 1


def test_files_take_the_share_of_time_that_they_may(tmp_path, monkeypatch):
    writes, write = [], KeptFolder._write_aside

    def slow(folder, name, content):
        Clock.now += 2
        writes.append(name)
        return write(folder, name, content)

    monkeypatch.setattr(_checkpoint.time, "perf_counter", lambda: Clock.now)
    monkeypatch.setattr(_kept_files.KeptFolder, "_write_aside", slow)
    usual = {"estimators": None, "random_state": 0, "n_iter_no_change": 1000, "batch_size": 100}
    MutualInfoClassifier(checkpoint=tmp_path, max_iter=200, callbacks=[Clock()], **usual).fit(X, Y)
    assert writes == ["probe", *["fit"] * (200 // 67)]  # 2 / 0.03 seconds apart


def test_answers_come_back_as_they_were(tmp_path):
    answer = {"a": [1, 0.1, None, "x", float("inf")], "b": {"array": np.arange(3.0)}}

    def ask(function):
        with kept_answers(tmp_path, "question", dict) as kept:
            one = kept.call("part", function)
            np.testing.assert_equal(one, answer)
            kept.call("another", kill)

    for function in (lambda: answer, kill):
        with pytest.raises(Killed):
            ask(function)
