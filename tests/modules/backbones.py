"""Networks for images whose first part may be frozen."""

import torch
from torch import nn

SHAPE = (2, 6, 6)  # channels, height, width


def backbone(frozen=True):
    """Convolutions and norms as training might leave them, in evaluation mode."""
    generator = torch.Generator().manual_seed(0)
    layers = [nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.Conv2d(4, 5, 1)]
    module = nn.Sequential(*layers, nn.BatchNorm2d(5))
    for tensor in [*module.parameters(), *module.buffers()]:
        if tensor.is_floating_point():
            tensor.data.copy_(torch.rand(tensor.shape, generator=generator) + 0.1)
    return module.eval().requires_grad_(not frozen)


def head():
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(5, 3)]


def sequential(frozen=True):
    return nn.Sequential(backbone(frozen), *head())


def flat():
    return nn.Sequential(*backbone(), *head())


class Named(nn.Module):
    """A part for features, a part for classes."""

    def __init__(self):
        super().__init__()
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(5, 3))
        self.features = backbone()

    def forward(self, images):
        return self.classifier(self.features(images).mean((2, 3)))


class Wrapped(nn.Module):
    """A network within a network, with a pooling before it."""

    def __init__(self):
        super().__init__()
        self.pool, self.body = nn.AvgPool2d(2, 1), sequential()

    def forward(self, images):
        return self.body(self.pool(images))


class Normalised(nn.Module):
    """Buffers alone, before what is frozen."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.rand(2, 1, 1))

    def forward(self, x):
        return x - self.mean


class LooksTwice(Named):
    """The images go past the frozen part too."""

    def forward(self, images):
        return super().forward(images) + images.mean((1, 2, 3))[:, None]


class Centres(nn.Module):
    """Takes the mean of a batch off its rows."""

    def forward(self, x):
        return x - x.mean(0)


class Adds(nn.Module):
    """Takes more than the images."""

    def __init__(self):
        super().__init__()
        self.features, self.last = WithNumber(), nn.Linear(5, 3)

    def forward(self, x):
        return self.last(self.features(x, 2.0))


class WithNumber(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = backbone()

    def forward(self, x, factor):
        return self.inner(x * factor).mean((2, 3))
