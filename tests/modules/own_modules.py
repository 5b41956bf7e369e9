"""Modules around a linear layer, and quick fits of them to a few rows."""

import numpy as np
import torch
from torch import nn

from sklearn_mi import MutualInfoClassifier

Y = np.arange(90) % 2
X = np.random.RandomState(0).exponential(size=(90, 3)) + Y[:, None]


def fit(module, **params):
    usual = {"estimators": None, "max_iter": 3, "cv": 3, "random_state": 0}
    return MutualInfoClassifier(module=module, **usual | params).fit(X, Y)


class OnLinear(nn.Module):
    """A linear layer, and whatever else a test is about."""

    def __init__(self, n_features, n_classes):
        super().__init__()
        self.linear = nn.Linear(n_features, n_classes)
        self.set_up(n_features)

    def set_up(self, n_features):
        pass


class Centred(OnLinear):
    """Running means that the forward assigns."""

    def set_up(self, n_features):
        self.register_buffer("mean", torch.zeros(n_features))
        self.register_buffer("count", torch.zeros((), dtype=torch.long))

    def forward(self, x):
        if self.training:
            self.mean = 0.9 * self.mean + 0.1 * x.detach().mean(0)
            self.count = self.count + 1
        return self.linear(x - self.mean)


def wrapped(wrap):
    return lambda n_features, n_classes: wrap(nn.Linear(n_features, n_classes))


def giving(forward):
    return type("Giving", (OnLinear,), {"forward": forward})
