"""One network runs as itself: what a plain loop over the same batches would train."""

import copy

import pytest
import torch
from own_modules import Centred, OnLinear
from torch import nn

from sklearn_mi.modules import ModuleStack, SingleModule, make_networks


def mlp(n_features, n_classes):
    layers = [nn.Linear(n_features, 8), nn.BatchNorm1d(8), nn.SiLU(), nn.Dropout(0.2)]
    return nn.Sequential(*layers, nn.Linear(8, n_classes))


class WritesRows(OnLinear):
    def forward(self, x):
        x -= 1
        return self.linear(x)


def train(network, batches):
    """Weights after a step on each batch, with draws that are the same every time."""
    torch.manual_seed(0)
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.1)
    for x in batches:
        optimizer.zero_grad()
        network.train()(x).square().sum().backward()
        optimizer.step()
    return list(network.state_dict().values())


def test_it_learns_to_the_bit_what_a_plain_loop_learns():
    module, batches = mlp(4, 3), torch.randn(5, 1, 20, 4)
    alone = train(copy.deepcopy(module), batches[:, 0])
    assert all(map(torch.equal, train(make_networks(module, 1, (4,), 3), batches), alone))


def test_it_says_what_a_stack_of_one_says():
    module, x = mlp(4, 3).eval(), torch.randn(1, 20, 4)
    stack = ModuleStack(module, 1, 4, 3).eval()
    assert torch.equal(make_networks(module, 1, (4,), 3).eval()(x), stack(x))


@pytest.mark.parametrize("module, kind", [(mlp, SingleModule), (Centred, ModuleStack)])
def test_what_keeps_tensors_is_looked_after_by_a_stack(module, kind):
    assert type(make_networks(module, 1, (4,), 3)) is kind
    assert type(make_networks(module, 2, (4,), 3)) is ModuleStack


def test_rows_are_as_they_were():
    x = torch.randn(1, 5, 4)
    before = x.clone()
    make_networks(WritesRows, 1, (4,), 3)(x)
    assert torch.equal(x, before)


def test_a_member_is_a_copy_in_evaluation_mode():
    single = make_networks(mlp, 1, (4,), 3).train()
    member = single.member(0)
    assert not member.training and single.module.training
    member[0].weight.data.zero_()
    assert single.module[0].weight.abs().sum() > 0
    with pytest.raises(IndexError):
        single.member(1)
