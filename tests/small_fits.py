"""Fits of a few rows for the tests of the engine: members, data, networks, settings."""

import numpy as np
import torch
from torch import nn

from sklearn_mi._engine._batches import MemberData
from sklearn_mi._engine._members import Members
from sklearn_mi._engine._training import TrainingSettings, train
from sklearn_mi.losses import LOSSES
from sklearn_mi.modules import StackedMLP

CPU = torch.device("cpu")


def apart(n_members, n_train, n_held):
    """Members on rows of their own; training rows come first, held-out ones last."""
    train = np.arange(n_members * n_train).reshape(n_members, n_train)
    held = n_members * n_train + np.arange(n_members * n_held).reshape(n_members, n_held)
    return Members(list(train), list(held), np.arange(n_members))


def make_data(members, *, informative=True, n_features=4, dtype=torch.float32, weighted=False):
    """Three classes that three of the columns speak of, with noise."""
    n = 1 + max(rows.max() for rows in [*members.train_rows, *members.part_rows])
    X, y = torch.randn(n, n_features, dtype=dtype), torch.arange(n) % 3
    if informative:
        X[:, :3] += nn.functional.one_hot(y, 3)
    weight = 0.5 + torch.rand(n, dtype=dtype) if weighted else None
    return MemberData(X, y, weight, members)


def make_settings(**changes):
    usual = dict(learning_rate_init=0.01, alpha=0.01, batch_size=16, max_iter=8)
    return TrainingSettings(**{**usual, "n_iter_no_change": 50, "tol": 0.0, **changes})


def make_loss(name):
    loss = LOSSES[name]().set_class_prior([1 / 3, 1 / 3, 1 / 3])
    if loss.needs_noise_matrix:  # and no warm start to tell it
        loss = LOSSES[name](0.7 * np.eye(3) + 0.1).set_class_prior([1 / 3, 1 / 3, 1 / 3])
    return loss


def make_mlp(n_members, n_features=4, **changes):
    return StackedMLP(n_members, n_features, 3, **{"hidden_layer_sizes": (8,), **changes})


def norm_network(n_features, n_classes):
    return nn.Sequential(nn.Linear(n_features, 8), nn.BatchNorm1d(8), nn.Linear(8, n_classes))


def state_of(module):
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def assert_same_state(first, second, member=slice(None)):
    for name, value in first.items():
        torch.testing.assert_close(value[member], second[name][member], msg=name)


def fit(name="ce", members=None, data=None, module=None, **changes):
    members = members or apart(3, n_train=40, n_held=15)
    data = data or make_data(members)
    module = module or make_mlp(members.n_members)
    net, stopping, n_iter = train(module, [make_loss(name)], data, [make_settings(**changes)], 0)
    return net, stopping, n_iter, data
