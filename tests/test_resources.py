"""What a fit borrows from torch is given back, and threads come with the work."""

import numpy as np
import pytest
import torch

from sklearn_mi._resources import resolve_device, resolve_threads, seeded, torch_threads

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


def test_threads_come_with_the_work():
    layer = torch.nn.Linear(100, 100)
    with torch_threads(3):
        chosen = [resolve_threads("auto", layer, n_rows) for n_rows in 10 ** np.arange(8)]
        assert chosen[0] == 1 and chosen[-1] == 2 and sorted(chosen) == chosen
    assert resolve_threads(7, layer, 1) == 7


def test_a_device_is_taken_by_name_or_as_it_is():
    assert resolve_device("cpu") == resolve_device(CPU) == CPU
    assert resolve_device("auto").type in ("cpu", "cuda")


@pytest.mark.parametrize("device", ["quantum", "cuda:99", "meta"])
def test_a_device_that_is_not_there(device):
    with pytest.raises(ValueError, match=f"device='{device}' is not available"):
        resolve_device(device)


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
