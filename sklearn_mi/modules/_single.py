"""One network alone, under the interface of a stack."""

import math

import torch
from torch import nn

from ._kept import copy_module


class SingleModule(nn.Module):
    """A module as itself, as the only member: what a plain loop would train.

    Parameters
    ----------
    module : nn.Module
        Keeps nothing of a forward pass but buffers that it changes in place.
    stack : ModuleStack
        The same as a stack of one, which knows whether its forward changes rows.
    shape : tuple of int
        Of a row: columns; or channels, height and width.
    """

    n_members = 1

    def __init__(self, module, stack, shape):
        super().__init__()
        self.module, self.writes = module, stack.writes
        self.n_positions = math.prod(shape[1:])

    def forward(self, x):
        """(1, B, d), or images (1, B, channels, height, width), to (1, B, K)."""
        x = x.squeeze(0)  # whose gradient, unlike that of x[0], is a view
        x = x.clone() if self.writes else x
        return full_precision(self.module(channels_last(x))).unsqueeze(0)

    def member(self, number):
        """A copy of the module, in evaluation mode."""
        return copy_module((self.module,)[number]).eval()


def channels_last(x):
    """Images (B, C, H, W) in the order of memory in which a CPU convolves fastest."""
    return x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x


def full_precision(scores):
    """Scores as numbers of at least 32 bits."""
    return scores.float() if scores.dtype in (torch.float16, torch.bfloat16) else scores
