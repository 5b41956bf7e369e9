"""Small networks for images, each written in a way of its own, and stacks of them."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sklearn_mi.modules import ConvNet, ModuleStack

SHAPE = (2, 9, 11)  # channels, height, width


def randomised(module):
    """In evaluation mode, with weights and statistics as training might leave them."""
    generator = torch.Generator().manual_seed(1)
    for tensor in [*module.parameters(), *module.buffers()]:
        if tensor.is_floating_point():  # all but the number of batches that a norm has seen
            noise = torch.rand(tensor.shape, generator=generator, dtype=tensor.dtype)
            tensor.data.add_(noise - (0.5 if tensor.ndim > 1 else 0))
    return module.eval()


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


def make_stack(build, n_members=3):
    return randomised(ModuleStack(build, n_members, SHAPE, 3))
