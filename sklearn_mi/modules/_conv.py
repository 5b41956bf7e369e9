"""The default network for images: convolutions, global average pooling, a linear layer."""

from torch import nn

from ._mlp import ACTIVATIONS

SMALLEST_POOLED = 8  # height or width of maps that are still halved


class ConvNet(nn.Module):
    """A compact convolutional network whose scores are means over the image.

    Stages of two 3 x 3 convolutions each, batch-normalised, the maps halved between them, then
    global average pooling and a linear layer. So the score of a class is the mean of a map of what
    each place says of it, which :func:`~sklearn_mi.inspection.info_cam` shows.

    A linear layer that tells places apart (`pooled_size`) was found much harder to fool on MNIST,
    and a little on Fashion-MNIST.

    Parameters
    ----------
    n_channels, n_classes : int
        Channels of the images; scores per image.
    stages : tuple of int, default=(32, 64, 128)
        Channels of each stage.
    activation : {"relu", "gelu", "mish", "silu", "tanh"}, default="silu"
    dropout : float, default=0
        Share of the pooled channels dropped in training.
    pooled_size : int, default=1
        Height and width that the maps are averaged down to before the linear layer. 1 is global
        average pooling; 7 leaves the maps of images of 28 x 28 as they are.

    Examples
    --------
    >>> import torch
    >>> from sklearn_mi.modules import ConvNet
    >>> ConvNet(1, 10)(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """

    def __init__(
        self,
        n_channels,
        n_classes,
        *,
        stages=(32, 64, 128),
        activation="silu",
        dropout=0.0,
        pooled_size=1,
    ):
        super().__init__()
        layers, n_in = [], n_channels
        for number, n_out in enumerate(stages):
            layers += [Halving()] if number else []
            layers += [*_convolution(n_in, n_out), ACTIVATIONS[activation]()]
            layers += [*_convolution(n_out, n_out), ACTIVATIONS[activation]()]
            n_in = n_out
        self.features = nn.Sequential(*layers)
        pool = nn.AdaptiveAvgPool2d(pooled_size)
        self.pooling = nn.Sequential(pool, nn.Flatten(), nn.Dropout(dropout))
        self.linear = nn.Linear(n_in * pooled_size**2, n_classes)
        nn.init.zeros_(self.linear.weight)  # to start from "no information"
        nn.init.zeros_(self.linear.bias)

    def forward(self, x):
        """(B, n_channels, H, W) to (B, n_classes)."""
        return self.linear(self.pooling(self.features(x)))


class Halving(nn.Module):
    """Maximum of every 2 x 2 block, as long as there is something to halve."""

    def forward(self, x):
        """(B, C, H, W) to (B, C, H // 2, W // 2)."""
        if min(x.shape[-2:]) < SMALLEST_POOLED:
            return x
        return nn.functional.max_pool2d(x, 2)


def _convolution(n_in, n_out):
    """A convolution and a batch normalisation, without which small objects are hard to find."""
    layer = nn.Conv2d(n_in, n_out, 3, padding=1, bias=False)
    nn.init.kaiming_normal_(layer.weight)
    return layer, nn.BatchNorm2d(n_out)
