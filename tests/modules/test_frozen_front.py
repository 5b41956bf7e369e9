"""The frozen first part of networks for images is found, shared, and does not change."""

import copy
import pickle
import warnings

import pytest
import torch
from backbones import (
    SHAPE,
    Adds,
    Centres,
    LooksTwice,
    Named,
    Normalised,
    Wrapped,
    backbone,
    flat,
    head,
    sequential,
)
from torch import nn

from sklearn_mi.modules import FrozenFront, ModuleStack, make_networks

FOUND = {
    "a part and its pooling": (sequential, ["0", "1", "2"]),
    "one layer after the other": (flat, [str(number) for number in range(7)]),
    "named parts": (Named, ["features"]),
    "a network within": (Wrapped, ["pool", "body.0", "body.1", "body.2"]),
    "its own normalisation": (
        lambda: nn.Sequential(Normalised(), backbone(), *head()),
        ["0", "1", "2", "3"],
    ),
}
NOT_FOUND = {
    "nothing is frozen": lambda: sequential(frozen=False),
    "something learns before it": lambda: nn.Sequential(nn.Conv2d(2, 2, 1), sequential()),
    "random before it": lambda: nn.Sequential(nn.Dropout(0.5), sequential()),
    "rows touch": lambda: nn.Sequential(Centres(), sequential()),
    "images go past it": LooksTwice,
    "further arguments": Adds,
    "no parameters": lambda: nn.Sequential(nn.AvgPool2d(4), nn.Flatten(), nn.Linear(2, 3)),
}
every_module = pytest.mark.parametrize("build, names", FOUND.values(), ids=FOUND)


def networks(build, n_members=3):
    return make_networks(build(), n_members, SHAPE, 3)


@every_module
def test_the_longest_frozen_first_part_is_shared(build, names):
    module = networks(build)
    assert isinstance(module, FrozenFront) and module.names == names
    assert not any(name.startswith("front") for name, _ in module.named_parameters())


@pytest.mark.parametrize("build", NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_is_no_such_part_is_not(build):
    assert isinstance(networks(build), ModuleStack)


def test_only_what_is_the_same_for_all_is_shared():
    def fresh(n_channels, n_classes):
        first = nn.Conv2d(n_channels, 5, 3).requires_grad_(False)
        return nn.Sequential(first, *head())

    assert isinstance(make_networks(fresh, 2, SHAPE, 3), ModuleStack)
    assert isinstance(make_networks(lambda c, k: sequential(), 2, SHAPE, 3), FrozenFront)


@every_module
@pytest.mark.parametrize("n_members", [1, 3])
def test_scores_are_those_of_the_networks_from_images_and_from_features(build, names, n_members):
    module, x = networks(build, n_members).eval(), torch.rand(n_members, 4, *SHAPE)
    expected = torch.stack([module.member(m)(x[m]) for m in range(n_members)])
    torch.testing.assert_close(module(x), expected)
    features = torch.stack([module.features(rows) for rows in x])
    torch.testing.assert_close(module(features), expected)
    assert features.shape[2:] == module.feature_shape


@every_module
def test_members_are_whole_copies_of_what_was_given(build, names):
    given, x = build().eval(), torch.rand(4, *SHAPE)
    member = make_networks(given, 2, SHAPE, 3).member(1)
    assert type(member) is type(given) and repr(member) == repr(given)
    assert torch.equal(member(x), given(x))
    assert [p.requires_grad for p in member.parameters()] == [
        p.requires_grad for p in given.parameters()
    ]


def test_images_that_all_members_share_are_seen_once():
    module, seen = networks(sequential, 5), []
    module.front.register_forward_hook(lambda layer, inputs, output: seen.append(len(inputs[0])))
    x = torch.rand(4, *SHAPE)
    shared = module.eval()(x.expand(5, *x.shape))
    assert seen == [4]
    torch.testing.assert_close(shared, module(x.repeat(5, 1, 1, 1, 1)))


def test_training_leaves_it_as_it_is():
    module, x = networks(sequential), torch.rand(3, 4, *SHAPE)
    before = copy.deepcopy(module.front.state_dict())
    module.train()(x).sum().backward()
    assert not any(layer.training for layer in module.front.modules())
    assert all(torch.equal(before[k], v) for k, v in module.front.state_dict().items())


def test_it_follows_the_rest_to_another_type_and_into_copies():
    module, x = networks(sequential).eval(), torch.rand(3, 4, *SHAPE)
    for own in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert torch.equal(own(x), module(x))
    assert next(module.double().front.parameters()).dtype == torch.double


def test_training_mode_that_makes_a_difference_is_told():
    with pytest.warns(UserWarning, match="'0' .Sequential.*Call eval"):
        make_networks(sequential().train(), 2, SHAPE, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        networks(sequential)
        plain = nn.Conv2d(2, 5, 3).requires_grad_(False)  # the same in both modes
        make_networks(nn.Sequential(plain, *head()), 2, SHAPE, 3)


def test_the_module_that_was_given_is_left_alone():
    given = sequential()
    state, modes = copy.deepcopy(given.state_dict()), [m.training for m in given.modules()]
    make_networks(given, 2, SHAPE, 3)
    assert [m.training for m in given.modules()] == modes
    assert all(torch.equal(state[name], value) for name, value in given.state_dict().items())
