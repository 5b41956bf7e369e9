"""What a fit borrows from torch is given back, and threads come with the work."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine import _resources
from sklearn_mi._engine._resources import (
    answering_device,
    repeatable,
    resolve_device,
    resolve_threads,
    seeded,
    torch_threads,
)

CPU = torch.device("cpu")


def test_the_seed_decides_both_generators():
    def draw(seed):
        with seeded(seed, CPU) as generator:
            return torch.rand(3), torch.rand(3, generator=generator)

    first, again, other = draw(0), draw(0), draw(1)
    for a, b, c in zip(first, again, other, strict=True):
        assert torch.equal(a, b) and not torch.equal(a, c)


def test_the_random_state_is_restored_after_an_error(torch_left_alone):
    with torch_left_alone(), pytest.raises(KeyError), seeded(3, CPU):
        torch.rand(3)
        raise KeyError


def test_the_number_of_threads_is_restored_after_an_error(torch_left_alone):
    with torch_left_alone(), pytest.raises(KeyError), torch_threads(2):
        assert torch.get_num_threads() == 2
        raise KeyError


@pytest.fixture
def running(tmp_path, monkeypatch):
    """A machine of four cores, and how to say how many threads run on it."""
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    monkeypatch.setattr(_resources, "LOAD", tmp_path / "load")
    return lambda n: (tmp_path / "load").write_text(f"0.00 0.00 0.00 {n}/200 4711\n")


def test_threads_come_with_the_work(running):
    running(1)
    layer = torch.nn.Linear(100, 100)
    with torch_threads(3):
        chosen = [resolve_threads("auto", layer, n_rows) for n_rows in 10 ** np.arange(8)]
        assert chosen[0] == 1 and chosen[-1] == 2 and sorted(chosen) == chosen
    assert resolve_threads(7, layer, 1) == 7


@pytest.mark.parametrize("n, expected", [(1, 4), (2, 2), (3, 2), (4, 1), (5, 1), (9, 1)])
def test_threads_are_those_that_others_leave(running, n, expected):
    running(n)  # this thread is one of them
    with torch_threads(4):
        assert resolve_threads("auto", torch.nn.Linear(100, 100), 10**6) == expected
        assert resolve_threads(4, torch.nn.Linear(100, 100), 10**6) == 4


@pytest.mark.parametrize("said", [None, "", "nothing of use"])
def test_threads_where_nobody_tells_of_others(running, said):
    if said is not None:
        _resources.LOAD.write_text(said)
    with torch_threads(4):
        assert resolve_threads("auto", torch.nn.Linear(100, 100), 10**6) == 4


def test_a_device_is_taken_by_name_or_as_it_is():
    assert resolve_device("cpu") == resolve_device(CPU) == CPU
    assert resolve_device("auto").type in ("cpu", "cuda")


@pytest.mark.parametrize("device", ["quantum", "cuda:99", "meta"])
def test_a_device_that_is_not_there(device):
    with pytest.raises(ValueError, match=f"device='{device}' is not available"):
        resolve_device(device)


@pytest.mark.parametrize("device", ["cpu", "cuda:99", "quantum", torch.device("cuda:99")])
def test_what_is_stored_answers_on_the_cpu_where_its_device_is_missing(device):
    assert answering_device(device) == CPU


def switches():
    cudnn = torch.backends.cudnn
    kinds = [kind.fp32_precision for kind in (cudnn.conv, cudnn.rnn)]
    return cudnn.deterministic, cudnn.benchmark, kinds


@pytest.mark.skipif(not hasattr(torch.backends.cudnn, "conv"), reason="of torch since 2.9")
def test_convolutions_are_exact_until_the_last_thread_has_left():
    before, inside, leave = switches(), [], threading.Event()
    exact = (True, False, ["ieee", "ieee"])

    def stay():
        with repeatable(torch.device("cuda")):
            inside.append(switches())
            entered.set()
            leave.wait()

    entered, thread = threading.Event(), threading.Thread(target=stay)
    with pytest.raises(KeyError), repeatable(torch.device("cuda")):
        thread.start()
        entered.wait()
        raise KeyError
    assert switches() == exact  # for the thread that is still there
    leave.set()
    thread.join()
    assert switches() == before and inside == [exact]
    with repeatable(CPU):
        assert switches() == before


def test_what_is_made_meanwhile_is_in_single_precision():
    torch.set_default_dtype(torch.float64)
    try:
        with seeded(0, torch.device("cpu")):
            assert torch.zeros(1).dtype == torch.float32
        assert torch.zeros(1).dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_generators_of_gpus_are_not_seeded_for_a_cpu(monkeypatch):
    seeds = []
    monkeypatch.setattr(torch.cuda, "manual_seed_all", seeds.append)
    with seeded(0, torch.device("cpu")):
        pass
    assert seeds == []


FORKING = """
import os, threading, time
import numpy as np, torch
from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine import _resources

torch.set_num_threads(2)
torch.randn(10**6).exp().sum()  # starts the pool
rng = np.random.RandomState(0)
y = rng.randint(2, size=300)
X = rng.normal(size=(300, 3)) + y[:, None]
small = dict(max_iter=1, cv=2, hidden_layer_sizes=8, n_threads=2, random_state=0, device="cpu")
clf = MutualInfoClassifier(**small).fit(X, y)
before = clf.predict_proba(X)

def hold():
    with _resources.seeded(0, torch.device("cpu")):
        held.set()
        time.sleep(60)

held = threading.Event()
threading.Thread(target=hold, daemon=True).start()
held.wait()
child = os.fork()
if not child:
    torch.randn(10**6).exp().sum()
    right = np.allclose(clf.predict_proba(X), before)
    right &= np.isfinite(MutualInfoClassifier(**small).fit(X, y).mutual_info_score_)
    right &= torch.get_num_threads() == 1
    os._exit(0 if right else 1)
until = time.monotonic() + 60
while time.monotonic() < until:
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        os._exit(os.waitstatus_to_exitcode(status))
    time.sleep(0.05)
os.kill(child, 9)
os._exit(2)  # it hangs
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_works_where_the_parent_had_threads():
    command = [sys.executable, "-W", "ignore", "-c", FORKING]
    assert subprocess.run(command, timeout=120, check=False).returncode == 0


@pytest.mark.parametrize("mode", [torch.inference_mode, torch.no_grad])
def test_a_fit_where_gradients_are_switched_off(mode):
    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((40, 2)), np.arange(40) % 2
    images = X.reshape(40, 1, 1, 2).repeat(4, axis=2).repeat(2, axis=3)
    small = {"estimators": None, "max_iter": 1, "cv": 2, "random_state": 0}
    module = torch.nn.Linear(2, 2)
    for table, params in [
        (X, {"hidden_layer_sizes": 4}),
        (X, {"module": module}),
        (X, {"hidden_layer_sizes": 4, "adversarial_training": 0.1}),
        (images, {}),
    ]:
        expected = MutualInfoClassifier(**small | params).fit(table, y)
        with mode():
            clf = MutualInfoClassifier(**small | params).fit(table, y)
            found = clf.predict_proba(table)
            slopes = clf._input_slope(table, y, "margin", 1.0) if table is X else None
        assert clf.mutual_info_score_ == expected.mutual_info_score_
        np.testing.assert_array_equal(found, expected.predict_proba(table))
        clf.set_params(warm_start=True).fit(table, y)
        assert slopes is None or np.isfinite(slopes[1]).all()


def test_a_module_made_where_gradients_are_switched_off():
    X, y = np.random.RandomState(0).standard_normal((40, 2)), np.arange(40) % 2
    with torch.inference_mode():
        module = torch.nn.Linear(2, 2)
        fit = MutualInfoClassifier(module=module, max_iter=1, cv=2, random_state=0).fit
        assert np.isfinite(fit(X, y).mutual_info_score_)
    assert np.isfinite(fit(X, y).mutual_info_score_)
