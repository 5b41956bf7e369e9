"""Steps of a training mix no tensor of the CPU into those of another device, here "meta"."""

import pytest
import torch

from sklearn_mi.generation._networks import Discriminator, Generator, Recognizer
from sklearn_mi.generation._training import Adversaries, Points

META = torch.device("meta")
K, P, SIZES = 4, 3, [2, 5]


@pytest.mark.parametrize("n_factors", [1, K])
def test_a_step_stays_where_it_is(n_factors):
    q = sum(SIZES)
    factor = torch.eye(P).expand(n_factors, P, P).clone()
    start = torch.zeros(K, P), factor, torch.zeros(K, q)
    networks = (
        Generator(*start, SIZES, 2, (8,)),
        Discriminator(2 * P + q, K, (8,)),
        Recognizer(torch.zeros(K, P + q), 1.0, (8,)),
    )
    weights = {"information_weight": 0.1, "slope_weight": 0.1, "learning_rate": 1e-3}
    adversaries = Adversaries(*(network.to(META) for network in networks), **weights)
    rows = torch.zeros(20, P), torch.zeros(20, q), torch.zeros(20).long(), torch.zeros(20)
    curve = adversaries.train(Points(*(own.to(META) for own in rows)), 2, 8)
    assert curve.device == META
    assert curve.shape == (2, 2)
