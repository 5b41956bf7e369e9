"""Networks whose first part is frozen, and which share it."""

import math

from torch import nn

from ._kept import copy_module
from ._single import channels_last


class FrozenFront(nn.Module):
    """Networks whose first part is frozen and the same for all: it sees every image once.

    The frozen part stands outside of parameters and state, and is always in evaluation mode.

    Parameters
    ----------
    names : list of str
        Of the frozen layers in a network, in the order in which they follow each other.
    layers : list of nn.Module
    heads : nn.Module
        What follows, of all members: (M, B, ...) features to (M, B, K). Each network has
        identities in place of the frozen layers.
    shape : tuple of int
        Channels, height and width of an image.
    feature_shape : tuple of int
    """

    def __init__(self, names, layers, heads, shape, feature_shape):
        super().__init__()
        self.heads, self.names = heads, list(names)
        front = nn.Sequential(*layers).eval().requires_grad_(False)
        front.n_positions, self._hidden = math.prod(shape[1:]), (front,)
        self.n_members, self.n_positions = heads.n_members, heads.n_positions
        self.shape, self.feature_shape = tuple(shape), tuple(feature_shape)

    @property
    def front(self):
        """The frozen layers, one after the other."""
        return self._hidden[0]

    @property
    def tells_features(self):
        """Whether `forward` can tell features from images."""
        return self.feature_shape != self.shape

    def _apply(self, *args, **kwargs):
        self.front._apply(*args, **kwargs)  # to another device, say
        return super()._apply(*args, **kwargs)

    def features(self, images):
        """Images (B, channels, height, width) to what the frozen part gives, (B, ...)."""
        return self.front(channels_last(images))

    def forward(self, x):
        """Images (M, B, channels, height, width), or their features, to (M, B, K)."""
        return self.heads(self._of_members(x) if x.shape[2:] == self.shape else x)

    def _of_members(self, x):
        if x.stride(0) == 0 or len(x) == 1:  # all members see the same images
            features = self.features(x[0])
            return features.expand(len(x), *features.shape)
        return self.features(x.flatten(0, 1)).unflatten(0, x.shape[:2])

    def member(self, number):
        """A module of its own, frozen part and all, in evaluation mode."""
        whole = self.heads.member(number)
        for name, layer in zip(self.names, self.front, strict=True):
            whole.set_submodule(name, copy_module(layer))
        return whole.eval()
