"""Maps of classes: scores are their means, places stay where they are, and what is refused."""

import contextlib
import copy

import pytest
import torch
from odd_networks import (
    SHAPE,
    Buffered,
    Functional,
    Norm,
    Residual,
    Shared,
    Tied,
    every_builder,
    in_place,
    make_stack,
    randomised,
    small,
)
from torch import nn
from torch.nn import functional as F

from sklearn_mi.modules import ConvNet, class_maps


def assert_maps_explain_scores(module, x, grid):
    maps, bias = class_maps(module, x)
    scores = module(x)
    assert maps.shape == (*scores.shape, *grid) and bias.shape == scores.shape[1:]
    torch.testing.assert_close(maps.mean((2, 3)) + bias, scores, atol=1e-5, rtol=1e-5)


GRIDS = {small: (4, 5), Norm: (7, 9), Functional: (3, 4), Residual: (9, 11), Buffered: (7, 9)}
GRIDS |= {Tied: (9, 11), Shared: (9, 11), in_place: (3, 4)}


@every_builder
def test_scores_are_means_of_maps_plus_bias(build):
    module, x = randomised(build(SHAPE[0], 3)), torch.randn(6, *SHAPE)
    assert_maps_explain_scores(module, x, GRIDS[build])
    assert_maps_explain_scores(module, x[:1], GRIDS[build])
    maps, _ = class_maps(module, x)
    if maps[0, 0].numel() > 1:
        assert maps.std((2, 3)).min() > 0  # places differ


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (2, 2), (7, 7), (8, 9), (30, 30), (28, 17)])
def test_images_of_any_size_have_maps(size):
    module = randomised(ConvNet(3, 4, stages=(3, 4, 5)))
    x = torch.randn(5, 3, *size)
    grid = module.features(x).shape[2:]
    assert_maps_explain_scores(module, x, grid)


@every_builder
def test_maps_of_members_explain_the_scores_of_the_stack(build):
    stack, x = make_stack(build), torch.randn(3, 5, *SHAPE)
    for m, scores in enumerate(stack(x)):
        maps, bias = class_maps(stack.member(m), x[m])
        torch.testing.assert_close(maps.mean((2, 3)) + bias, scores, atol=1e-5, rtol=1e-5)


def test_maps_are_the_last_layer_at_every_place():
    module, x = randomised(small(2, 3)), torch.randn(6, *SHAPE)
    maps, bias = class_maps(module, x)
    expected = torch.einsum("yk,bkhw->byhw", module.linear.weight, module.features(x))
    torch.testing.assert_close(maps, expected, atol=1e-5, rtol=1e-5)
    assert torch.equal(bias, module.linear.bias)


def test_a_bright_place_is_seen_where_it_is():
    module = nn.Sequential(nn.Identity(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 3))
    x = torch.zeros(1, *SHAPE)
    x[0, 1, 4, 7] = 1
    maps, _ = class_maps(module, x)
    expected = torch.zeros(1, 3, 9, 11)
    expected[0, :, 4, 7] = module[-1].weight[:, 1]
    torch.testing.assert_close(maps, expected)


def test_a_network_that_knows_nothing_yet_has_empty_maps():
    maps, bias = class_maps(ConvNet(2, 3, stages=(4,)).eval(), torch.randn(6, *SHAPE))
    assert maps.shape == (6, 3, 9, 11) and not maps.any() and not bias.any()


class Ending(nn.Module):
    """Maps of six channels and whatever makes scores of them."""

    def __init__(self, head, **layers):
        super().__init__()
        self.features, self.head = nn.Sequential(nn.Conv2d(2, 6, 3), nn.SiLU()), head
        self.layers = nn.ModuleDict(layers)

    def forward(self, x):
        return self.head(self.features(x), **self.layers)


def linear():
    return nn.Linear(6, 3)


def pooled(*head):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), *head)


def shift_in_place(x, last):
    scores = last(x.mean((2, 3)))
    scores += torch.arange(3.0)
    return scores


class Doubling(nn.Linear):
    def forward(self, x):
        return 2 * super().forward(x)


NO_MEANS = {
    "two linear layers": pooled(nn.Linear(6, 6), nn.Linear(6, 3)),
    "hidden layer": pooled(nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 3)),
    "activation after the pooling": pooled(nn.Tanh(), linear()),
    "norm after the pooling": pooled(nn.LayerNorm(6), linear()),
    "softmax": pooled(linear(), nn.Softmax(1)),
    "all places": nn.Sequential(nn.Flatten(), nn.Linear(6 * 7 * 9, 3)),
    "largest place": nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten(), linear()),
    "several places": nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(24, 3)),
    "no linear layer": nn.Sequential(nn.Conv2d(6, 3, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    "layer of another kind": pooled(Doubling(6, 3)),
}
FUNCTIONS = {
    "activation before a mean": lambda x, last: last(F.relu(x - 0.1).mean((2, 3))),
    "scaled scores": lambda x, last: 2 * last(x.mean((2, 3))),
    "shifted scores": lambda x, last: last(x.mean((2, 3))) + torch.arange(3.0),
    "scores shifted in place": shift_in_place,
    "largest place by function": lambda x, last: last(x.amax((2, 3))),
    "weighted places": lambda x, last: last((x * x.softmax(3)).mean((2, 3))),
    "part of the places": lambda x, last: last(x[..., :4].mean((2, 3))),
}
ENDINGS = {name: Ending(head) for name, head in NO_MEANS.items()}
ENDINGS |= {name: Ending(head, last=linear()) for name, head in FUNCTIONS.items()}


@pytest.mark.parametrize("module", ENDINGS.values(), ids=ENDINGS.keys())
def test_scores_that_are_no_means_are_refused(module):
    module, x = randomised(copy.deepcopy(module)), torch.randn(6, *SHAPE)
    assert module(x).shape == (6, 3)
    with pytest.raises(ValueError, match=r"scores of Ending are no means.*AdaptiveAvgPool2d\(1\)"):
        class_maps(module, x)


MEANS = {
    "pool and linear": Ending(pooled(linear())),
    "dropout between": Ending(pooled(nn.Dropout(0.5), linear())),
    "without bias": Ending(pooled(nn.Linear(6, 3, bias=False))),
    "identities": Ending(pooled(nn.Identity(), linear(), nn.Identity())),
    "one window": Ending(nn.Sequential(nn.AvgPool2d((7, 9)), nn.Flatten(), linear())),
    "in two steps": Ending(nn.Sequential(nn.AdaptiveAvgPool2d((1, None)), *pooled(linear()))),
    "mean": Ending(lambda x, last: last(x.mean((2, 3))), last=linear()),
    "by keyword": Ending(lambda x, last: last(input=x.mean((2, 3))), last=linear()),
    "mean of places in a row": Ending(lambda x, last: last(x.flatten(2).mean(2)), last=linear()),
    "other heads": Ending(
        lambda x, last, other: last(x.mean((2, 3))) + 0 * other(x.amax((2, 3))),
        last=linear(),
        other=linear(),
    ),
}


@pytest.mark.parametrize("module", MEANS.values(), ids=MEANS.keys())
def test_any_means_will_do(module):
    module, x = randomised(copy.deepcopy(module)), torch.randn(6, *SHAPE)
    maps, bias = class_maps(module, x)
    torch.testing.assert_close(maps.mean((2, 3)) + bias, module(x), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", ["dropout between", "mean", "one window", "in two steps"])
def test_maps_are_those_that_go_into_the_pooling(name):
    module, x = randomised(copy.deepcopy(MEANS[name])), torch.randn(6, *SHAPE)
    (last,) = (layer for layer in module.modules() if isinstance(layer, nn.Linear))
    expected = torch.einsum("yk,bkhw->byhw", last.weight, module.features(x))
    torch.testing.assert_close(class_maps(module, x)[0], expected, atol=1e-5, rtol=1e-5)


def test_maps_are_those_before_the_first_of_several_poolings():
    steps = [nn.AdaptiveAvgPool2d((1, None)), nn.AdaptiveAvgPool2d(1), nn.Flatten(), linear()]
    module = nn.Sequential(nn.Conv2d(2, 6, 3), *steps)
    x = torch.randn(6, *SHAPE)
    expected = torch.einsum("yk,bkhw->byhw", module[-1].weight, module[0](x))
    torch.testing.assert_close(class_maps(module.eval(), x)[0], expected, atol=1e-5, rtol=1e-5)


class Failing(nn.Module):
    def forward(self, x):
        raise RuntimeError("no further")


@pytest.mark.parametrize(
    "module, outcome",
    [
        (MEANS["mean"], contextlib.nullcontext()),
        (ENDINGS["softmax"], pytest.raises(ValueError, match="no means")),
        (Ending(Failing()), pytest.raises(RuntimeError, match="no further")),
    ],
)
def test_no_hooks_are_left_behind(module, outcome):
    module, x = copy.deepcopy(module).eval(), torch.randn(6, *SHAPE)
    own = module.features.register_forward_hook(lambda *arguments: None)
    before = [dict(layer._forward_hooks) for layer in module.modules()]
    with outcome:
        class_maps(module, x)
    assert [dict(layer._forward_hooks) for layer in module.modules()] == before
    assert own.id in module.features._forward_hooks


def test_images_and_weights_are_left_as_they_were():
    module, x = randomised(in_place(2, 3)), torch.randn(6, *SHAPE)
    state, before = copy.deepcopy(module.state_dict()), x.clone()
    class_maps(module, x)
    assert torch.equal(x, before) and not module.training
    assert all(torch.equal(state[name], value) for name, value in module.state_dict().items())
