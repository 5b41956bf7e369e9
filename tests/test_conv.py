"""Networks for images: the default one, stacks and members of any, and maps of their classes."""

import contextlib
import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from sklearn_mi.modules import ACTIVATIONS, ConvNet, ModuleStack, class_maps
from sklearn_mi.modules._conv import Halving

SHAPE = (2, 9, 11)  # channels, height, width


def randomised(module):
    """In evaluation mode, with weights and statistics as training might leave them."""
    generator = torch.Generator().manual_seed(1)
    for tensor in [*module.parameters(), *module.buffers()]:
        if tensor.is_floating_point():  # all but the number of batches that a norm has seen
            noise = torch.rand(tensor.shape, generator=generator, dtype=tensor.dtype)
            tensor.data.add_(noise - (0.5 if tensor.ndim > 1 else 0))
    return module.eval()


# --- the default network ------------------------------------------------------------------------


@given(
    shape=st.tuples(st.integers(1, 4), st.integers(1, 19), st.integers(1, 19)),
    stages=st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple),
    activation=st.sampled_from(sorted(ACTIVATIONS)),
)
@settings(max_examples=40, deadline=None)
def test_scores_are_the_mean_over_places_plus_bias(shape, stages, activation):
    network = ConvNet(shape[0], 3, stages=stages, activation=activation, dropout=0.5)
    network, x = randomised(network), torch.randn(4, *shape)
    at_each_place = network.linear(network.features(x).movedim(1, -1))
    assert at_each_place.shape[-1] == 3 and at_each_place.shape[1:3].numel() > 0
    torch.testing.assert_close(at_each_place.mean((1, 2)), network(x), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    "size, expected",
    [((1, 1), (1, 1)), ((7, 7), (7, 7)), ((8, 8), (4, 4)), ((28, 28), (7, 7)), ((9, 11), (4, 5)),
     ((32, 7), (32, 7)), ((32, 8), (16, 4)), ((64, 64), (16, 16)), ((30, 30), (7, 7))],
)  # fmt: skip
def test_maps_are_halved_between_stages_while_there_is_something_to_halve(size, expected):
    features = ConvNet(1, 2, stages=(2, 3, 4)).features
    assert features(torch.zeros(2, 1, *size)).shape == (2, 4, *expected)


def test_halving_takes_the_maximum_of_every_block():
    x = torch.randn(3, 2, 8, 10)
    blocks = x.view(3, 2, 4, 2, 5, 2).amax((3, 5))
    assert torch.equal(Halving()(x), blocks)
    assert torch.equal(Halving()(x[..., :7]), x[..., :7])


@pytest.mark.parametrize("stages", [(4,), (4, 6), (3, 5, 7)])
def test_stages_have_the_channels_asked_for(stages):
    network = ConvNet(2, 5, stages=stages)
    sizes = [layer.out_channels for layer in network.features if isinstance(layer, nn.Conv2d)]
    assert sizes == [size for size in stages for _ in range(2)]
    assert network(torch.zeros(2, *SHAPE)).shape == (2, 5)


def test_it_starts_from_no_information():
    network, x = ConvNet(2, 3), torch.randn(4, *SHAPE)
    assert not network(x).any()
    assert network.features(x).std() > 0.1  # and not from nothing at all


def test_dropout_drops_channels_in_training_only():
    network, x = ConvNet(2, 3, stages=(8,), dropout=0.5), torch.randn(4, *SHAPE)
    nn.init.normal_(network.linear.weight)
    assert not torch.equal(network(x), network(x))
    assert torch.equal(network.eval()(x), network(x))


# --- other networks -----------------------------------------------------------------------------


class Norm(nn.Sequential):
    """Batch normalisation, and a last layer without a bias."""

    def __init__(self, n_channels, n_classes):
        layers = [nn.Conv2d(n_channels, 5, 3), nn.BatchNorm2d(5), nn.ReLU()]
        head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, n_classes, bias=False)]
        super().__init__(*layers, *head)


class Functional(nn.Module):
    """Functions where there might be modules; the pooling is the mean of what a module gave."""

    def __init__(self, n_channels, n_classes):
        super().__init__()
        self.first = nn.Conv2d(n_channels, 5, 3, padding=1)
        self.second = nn.Conv2d(5, 6, 2)
        self.last = nn.Linear(6, n_classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.first(x)), 2)
        return self.last(self.second(F.gelu(x)).mean((2, 3)))


class Residual(nn.Module):
    """A function before the pooling, which is a module that takes in what it gives."""

    def __init__(self, n_channels, n_classes):
        super().__init__()
        self.first = nn.Conv2d(n_channels, 5, 1)
        self.second = nn.Conv2d(5, 5, 3, padding=1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.last = nn.Linear(5, n_classes)

    def forward(self, x):
        x = self.first(x)
        x = self.pool(F.silu(x + self.second(x)))
        return self.last(F.dropout(x, 0.5, self.training).flatten(1))


class Buffered(nn.Module):
    """A buffer of its own that is no part of the state dict."""

    def __init__(self, n_channels, n_classes):
        super().__init__()
        self.register_buffer("scale", torch.rand(5, 1, 1), persistent=False)
        self.conv = nn.Conv2d(n_channels, 5, 3)
        self.shape = nn.Identity()
        self.last = nn.Linear(5, n_classes)

    def forward(self, x):
        return self.last(self.shape(self.scale * self.conv(x)).mean((2, 3)))


class Tied(nn.Module):
    """One layer used twice, and under two names."""

    def __init__(self, n_channels, n_classes):
        super().__init__()
        self.first = nn.Conv2d(n_channels, 4, 1)
        self.second = nn.Conv2d(4, 4, 3, padding=1)
        self.third = self.second
        self.act, self.last = nn.SiLU(), nn.Linear(4, n_classes)

    def forward(self, x):
        x = self.act(self.third(self.act(self.second(self.first(x)))))
        return self.last(F.adaptive_avg_pool2d(x, 1)[:, :, 0, 0])


class Shared(Tied):
    """Two layers that share their weights but not their biases."""

    def __init__(self, n_channels, n_classes):
        super().__init__(n_channels, n_classes)
        self.third = nn.Conv2d(4, 4, 3, padding=1)
        self.third.weight = self.second.weight


def small(n_channels, n_classes):
    return ConvNet(n_channels, n_classes, stages=(3, 4), dropout=0.3)


def in_place(n_channels, n_classes):
    layers = [nn.Conv2d(n_channels, 6, 3), nn.ReLU(inplace=True), nn.AvgPool2d(2)]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.5, inplace=True)]
    return nn.Sequential(*layers, *head, nn.Identity(), nn.Linear(6, n_classes), nn.Identity())


BUILDERS = [small, Norm, Functional, Residual, Buffered, Tied, Shared, in_place]
every_builder = pytest.mark.parametrize("build", BUILDERS, ids=lambda build: build.__name__)


# --- stacks of images, and their members --------------------------------------------------------


def make_stack(build, n_members=3):
    return randomised(ModuleStack(build, n_members, SHAPE, 3))


def in_turn(stack, x):
    return torch.stack([stack.member(m)(x[m]) for m in range(len(x))])


def alone(stack, build, number):
    """The member as the plain module that it is a copy of, tensor by tensor."""
    module = build(SHAPE[0], 3).eval()
    tensors = dict([*stack.named_parameters(), *stack.named_buffers()])
    with torch.no_grad():
        for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
            tensor.copy_(tensors[name.replace(".", "__")][number])
    return module


@every_builder
def test_a_stack_of_images_equals_its_modules_one_by_one(build):
    stack, x = make_stack(build), torch.randn(3, 5, *SHAPE)
    expected = torch.stack([alone(stack, build, m)(x[m]) for m in range(3)])
    torch.testing.assert_close(stack(x), expected, atol=1e-5, rtol=1e-5)
    assert stack(x).std(0).min() > 0  # the members differ


@every_builder
def test_one_after_the_other_equals_all_at_once(build):
    stack, x = make_stack(build), torch.randn(3, 5, *SHAPE)
    assert stack.vectorized
    together = stack._forward_at_once(x)
    torch.testing.assert_close(stack._forward_in_turn(x), together, atol=1e-5, rtol=1e-5)


@every_builder
def test_gradients_are_those_of_the_modules_one_by_one(build):
    stack, x = make_stack(build), torch.randn(3, 5, *SHAPE)
    singles = [alone(stack, build, m) for m in range(3)]
    stack(x).square().sum().backward()
    sum(single(rows).square().sum() for single, rows in zip(singles, x, strict=True)).backward()
    for name, *parameters in zip(
        dict(singles[0].named_parameters()), *(s.parameters() for s in singles), strict=True
    ):
        gradient = stack.get_parameter(name.replace(".", "__")).grad
        expected = torch.stack([p.grad for p in parameters])
        torch.testing.assert_close(gradient, expected, atol=1e-3, rtol=1e-4)


def test_statistics_of_images_are_those_of_each_member():
    stack = make_stack(Norm).train()
    x = torch.randn(3, 5, *SHAPE) + torch.arange(3.0).view(3, 1, 1, 1, 1)
    singles = [alone(stack, Norm, m).train() for m in range(3)]
    expected = torch.stack([single(rows) for single, rows in zip(singles, x, strict=True)])
    torch.testing.assert_close(stack(x), expected, atol=1e-5, rtol=1e-5)
    for m, single in enumerate(singles):
        member = stack.member(m)
        for name, value in single.named_buffers():
            torch.testing.assert_close(member.get_buffer(name), value)


def test_a_stack_takes_channels_and_classes_to_its_module():
    asked = []

    def build(*sizes):
        asked.append(sizes)
        return Norm(*sizes)

    assert ModuleStack(build, 2, (4, 9, 11), 6)(torch.zeros(2, 3, 4, 9, 11)).shape == (2, 3, 6)
    assert asked == [(4, 6)] * 2


def test_an_input_shape_of_one_number_is_that_number():
    for shape in (4, (4,), [4]):
        assert ModuleStack(nn.Linear, 2, shape, 3)(torch.zeros(2, 5, 4)).shape == (2, 5, 3)


def test_a_module_that_cannot_take_such_images_is_refused():
    with pytest.raises(ValueError, match=r"failed on a batch of shape \(2, 2, 9, 11\)"):
        ModuleStack(nn.Conv2d(3, 3, 3), 2, SHAPE, 3)
    with pytest.raises(ValueError, match=r"returned shape \(2, 3, 9, 11\).*expected \(2, 3\)"):
        ModuleStack(nn.Conv2d(2, 3, 3, padding=1), 2, SHAPE, 3)


@every_builder
def test_a_member_equals_that_of_the_stack(build):
    stack, x = make_stack(build), torch.randn(3, 5, *SHAPE)
    torch.testing.assert_close(in_turn(stack, x), stack(x), atol=1e-5, rtol=1e-5)
    for m in range(3):
        single, member = alone(stack, build, m), stack.member(m)
        assert type(member) is type(single)
        tensors = dict([*member.named_parameters(), *member.named_buffers()])
        for name, tensor in [*single.named_parameters(), *single.named_buffers()]:
            assert torch.equal(tensors[name], tensor), name


def test_a_member_of_rows_equals_that_of_the_stack():
    stack, x = randomised(ModuleStack(nn.Linear, 3, 4, 3)), torch.randn(3, 5, 4)
    torch.testing.assert_close(in_turn(stack, x), stack(x))


@every_builder
def test_a_member_is_a_copy(build):
    stack, x = make_stack(build), torch.randn(3, 5, *SHAPE)
    before = stack(x)
    member, twin, neighbour = stack.member(1), stack.member(1), stack.member(2)
    others = twin(x[1]), neighbour(x[2])
    with torch.no_grad():
        for tensor in [*member.parameters(), *member.buffers()]:
            tensor.add_(1)
    assert torch.equal(stack(x), before)
    assert torch.equal(twin(x[1]), others[0]) and torch.equal(neighbour(x[2]), others[1])
    with torch.no_grad():
        for tensor in [*stack.parameters(), *stack.buffers()]:
            tensor.add_(1)
    assert torch.equal(twin(x[1]), others[0])
    assert not torch.equal(stack(x), before)


@every_builder
def test_a_member_leaves_stack_and_training_mode_alone(build):
    stack = make_stack(build).train()
    member = stack.member(0)
    assert not any(layer.training for layer in member.modules())
    assert stack.training and all(layer.training for layer in stack._skeleton[0].modules())


def test_a_member_shares_what_the_module_shares():
    tied, shared = (make_stack(build).member(2) for build in (Tied, Shared))
    assert tied.third is tied.second
    assert shared.third.weight is shared.second.weight
    assert not torch.equal(shared.third.bias, shared.second.bias)


def test_a_member_holds_frozen_layers_frozen():
    module = Norm(2, 3)
    module[0].requires_grad_(False)
    member = ModuleStack(module, 2, SHAPE, 3).member(1)
    assert not any(p.requires_grad for p in member[0].parameters())
    assert all(p.requires_grad for layer in list(member)[1:] for p in layer.parameters())


def test_a_member_has_the_type_of_numbers_that_the_stack_has():
    stack, x = make_stack(Norm).double(), torch.randn(3, 5, *SHAPE).double()
    torch.testing.assert_close(in_turn(stack, x), stack(x))


# --- maps of the classes ------------------------------------------------------------------------


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
