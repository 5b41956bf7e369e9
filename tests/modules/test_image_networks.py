"""Networks for images: the default one, and stacks of any, whose members are the modules alone."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_networks import SHAPE, Norm, Shared, Tied, every_builder, make_stack, randomised
from torch import nn

from sklearn_mi.modules import ACTIVATIONS, ConvNet, ModuleStack, class_maps
from sklearn_mi.modules._conv import Halving

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


def test_the_linear_layer_may_tell_places_apart():
    network, x = randomised(ConvNet(2, 3, stages=(4,), pooled_size=2)), torch.randn(5, 2, 6, 6)
    maps = network.features(x)
    quarters = [maps[..., i : i + 3, j : j + 3].mean((2, 3)) for i in (0, 3) for j in (0, 3)]
    weight = network.linear.weight.view(3, 4, 4)  # classes, channels, places
    expected = sum(quarter @ weight[..., k].T for k, quarter in enumerate(quarters))
    torch.testing.assert_close(network(x), expected + network.linear.bias)
    with pytest.raises(ValueError, match="pooled_size is 1"):
        class_maps(network, x)


def test_it_starts_from_no_information():
    network, x = ConvNet(2, 3), torch.randn(4, *SHAPE)
    assert not network(x).any()
    assert network.features(x).std() > 0.1  # and not from nothing at all


def test_dropout_drops_channels_in_training_only():
    network, x = ConvNet(2, 3, stages=(8,), dropout=0.5), torch.randn(4, *SHAPE)
    nn.init.normal_(network.linear.weight)
    assert not torch.equal(network(x), network(x))
    assert torch.equal(network.eval()(x), network(x))


# --- stacks of images, and their members --------------------------------------------------------


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
    assert stack.training and all(
        layer.training for layer in stack._modules_of_members[0].modules()
    )


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
