"""ModuleStack: M copies of any module equal the modules one by one."""

import copy
import pickle

import pytest
import torch
from torch import nn

from sklearn_mi.modules import ModuleStack


class Sorting(nn.Module):
    """A network whose path depends on the data, which vmap cannot follow."""

    def __init__(self, n_features, n_classes):
        super().__init__()
        self.low, self.high = nn.Linear(n_features, n_classes), nn.Linear(n_features, n_classes)

    def forward(self, x):
        return self.low(x) if x.sum() < 0 else self.high(x)


class Tied(nn.Module):
    """One layer used twice under two names."""

    def __init__(self, n_features, n_classes):
        super().__init__()
        self.first = nn.Linear(n_features, n_features)
        self.again = self.first
        self.last = nn.Linear(n_features, n_classes)

    def forward(self, x):
        return self.last(self.again(self.first(x).tanh()))


class Shared(Tied):
    """Two layers that share their weights but not their biases."""

    def __init__(self, n_features, n_classes):
        super().__init__(n_features, n_classes)
        self.again = nn.Linear(n_features, n_features)
        self.again.weight = self.first.weight


def small_mlp(n_features, n_classes):
    return nn.Sequential(nn.Linear(n_features, 6), nn.Tanh(), nn.Linear(6, n_classes))


def with_norm(n_features, n_classes):
    return nn.Sequential(
        nn.Linear(n_features, 6), nn.BatchNorm1d(6), nn.Tanh(), nn.Linear(6, n_classes)
    )


def with_cumulative_norm(n_features, n_classes):
    """Its momentum is one over the number of batches, which vmap cannot look at."""
    norm = nn.BatchNorm1d(n_features, momentum=None)
    return nn.Sequential(norm, nn.Linear(n_features, n_classes))


def with_dropout(n_features, n_classes):
    return nn.Sequential(nn.Linear(n_features, 64), nn.Dropout(0.5), nn.Linear(64, n_classes))


BUILDERS = [
    nn.Linear,
    small_mlp,
    with_norm,
    with_cumulative_norm,
    with_dropout,
    Sorting,
    Tied,
    Shared,
]
every_builder = pytest.mark.parametrize("build", BUILDERS, ids=lambda build: build.__name__)


def alone(stack, build, member):
    """The member as the plain module that it is a copy of."""
    module = build(4, 3).train(stack.training)
    state = {k.replace("__", "."): v[member].clone() for k, v in stack.state_dict().items()}
    module.load_state_dict(state, strict=False)  # a second name of a parameter is not in there
    return module


@every_builder
def test_equals_the_modules_one_by_one(build):
    stack, x = ModuleStack(build, 3, 4, 3).eval(), torch.randn(3, 7, 4)
    expected = torch.stack([alone(stack, build, m)(x[m]) for m in range(3)])
    torch.testing.assert_close(stack(x), expected)


@every_builder
def test_gradients_are_those_of_the_modules_one_by_one(build):
    stack, x = ModuleStack(build, 3, 4, 3).eval(), torch.randn(3, 7, 4)
    singles = [alone(stack, build, m) for m in range(3)]
    stack(x).square().sum().backward()
    sum(single(rows).square().sum() for single, rows in zip(singles, x, strict=True)).backward()
    names = [name.replace(".", "__") for name, _ in singles[0].named_parameters()]
    assert names == [name for name, _ in stack.named_parameters()]
    for name, *parameters in zip(names, *(s.parameters() for s in singles), strict=True):
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        torch.testing.assert_close(stack.get_parameter(name).grad, torch.stack(gradients))


@pytest.mark.parametrize("build", [nn.Linear, small_mlp, with_norm, Tied, Shared])
def test_vectorised_equals_in_turn(build):
    stack, x = ModuleStack(build, 3, 4, 3), torch.randn(3, 7, 4)
    assert stack.vectorized
    torch.testing.assert_close(stack._forward_at_once(x), stack._forward_in_turn(x))


@pytest.mark.parametrize("n_members", [1, 3, 4])
@pytest.mark.parametrize("width", [6, 10**5])
def test_few_members_and_large_ones_run_in_turn(n_members, width, monkeypatch):
    stack, taken = ModuleStack(lambda d, k: nn.Linear(width, k), n_members, width, 3), []
    for way in ("_forward_at_once", "_forward_in_turn"):
        monkeypatch.setattr(stack, way, lambda x, way=way: taken.append(way) or x)
    stack(torch.zeros(n_members, 2, width))
    assert taken == ["_forward_at_once" if n_members > 3 and width == 6 else "_forward_in_turn"]


@pytest.mark.parametrize("build", [with_cumulative_norm, Sorting])
def test_what_vmap_cannot_run_runs_in_turn(build):
    assert not ModuleStack(build, 3, 4, 3).vectorized


@every_builder
def test_state_has_a_leading_member_axis(build):
    state = ModuleStack(build, 5, 4, 3).state_dict()
    assert state and all(len(value) == 5 for value in state.values())


@every_builder
def test_members_of_a_class_or_function_start_differently(build):
    for name, weight in ModuleStack(build, 2, 4, 3).named_parameters():
        if weight.unique().numel() > 1:  # the others are the ones and zeros of the norm
            assert not torch.equal(weight[0], weight[1]), name


def test_members_of_an_instance_start_as_its_copies():
    module = small_mlp(4, 3)
    before = copy.deepcopy(module.state_dict())
    stack, x = ModuleStack(module, 3, 4, 3), torch.randn(7, 4)
    for scores in stack(x.expand(3, 7, 4)):
        torch.testing.assert_close(scores, module(x))
    with torch.no_grad():
        for weight in stack.eval().parameters():
            weight.add_(1)
    assert module.training
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())


@pytest.mark.parametrize("build", [with_norm, with_cumulative_norm])
def test_trying_what_works_leaves_no_trace(build):
    for name, value in ModuleStack(build, 3, 4, 3).named_buffers():
        assert torch.equal(value, torch.full_like(value, float("var" in name))), name


@pytest.mark.parametrize("way", ["_forward_at_once", "_forward_in_turn"])
def test_batch_norm_keeps_statistics_of_each_member(way):
    stack = ModuleStack(with_norm, 3, 4, 3).train()
    x = torch.randn(3, 50, 4) + torch.arange(3.0)[:, None, None]
    singles = [alone(stack, with_norm, m) for m in range(3)]
    expected = torch.stack([single(rows) for single, rows in zip(singles, x, strict=True)])
    torch.testing.assert_close(getattr(stack, way)(x), expected)
    for m, single in enumerate(singles):
        for name, value in single.named_buffers():
            torch.testing.assert_close(stack.get_buffer(name.replace(".", "__"))[m], value)
            assert single[1].num_batches_tracked == 1
    assert torch.equal(stack.eval()(x), stack(x))


def test_training_mode_reaches_the_members():
    stack, x = ModuleStack(with_dropout, 3, 4, 3), torch.randn(4).expand(3, 7, 4)
    assert not torch.equal(stack.train()(x), stack(x))
    assert torch.equal(stack.eval()(x), stack(x))


def test_dropout_differs_among_members():
    module = nn.Sequential(nn.Dropout(0.5), nn.Identity())
    stack = ModuleStack(nn.Sequential(module, nn.Linear(50, 3)), 2, 50, 3).train()
    first, second = stack(torch.ones(2, 1, 50))
    assert not torch.equal(first, second)


def test_frozen_parameters_stay_frozen():
    module = small_mlp(4, 3)
    module[0].requires_grad_(False)
    stack = ModuleStack(module, 2, 4, 3)
    learns = {name: p.requires_grad for name, p in stack.named_parameters()}
    assert learns == {"0__weight": False, "0__bias": False, "2__weight": True, "2__bias": True}


def test_building_takes_random_numbers_for_the_weights_only(torch_left_alone):
    module = small_mlp(4, 3)
    with torch_left_alone():
        ModuleStack(module, 2, 4, 3)


@every_builder
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_give_the_same_scores(build, duplicate):
    stack, x = ModuleStack(build, 2, 4, 3).eval(), torch.randn(2, 7, 4)
    assert torch.equal(duplicate(stack)(x), stack(x))


@pytest.mark.parametrize(
    ("module", "error", "words"),
    [
        (nn.Linear(4, 5), ValueError, [r"\(2, 5\)", r"\(2, 3\)", "classes"]),
        (nn.Linear(6, 3), ValueError, [r"\(2, 4\)", "6"]),
        (nn.Sequential(nn.Linear(4, 3), nn.Flatten(0)), ValueError, [r"\(6,\)", r"\(2, 3\)"]),
        (lambda n_features, n_classes: n_features, TypeError, ["int", "torch.nn.Module"]),
        ("mlp", TypeError, ["'mlp'", "torch.nn.Module"]),
    ],
)
def test_errors_name_what_was_given_and_expected(module, error, words):
    with pytest.raises(error) as raised:
        ModuleStack(module, 2, 4, 3)
    for word in words:
        assert raised.match(word)
