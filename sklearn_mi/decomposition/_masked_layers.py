"""Decoders in which what is said of a cell depends on the cells before it alone."""

import numpy as np
import torch
from torch import nn

from ..modules import ACTIVATIONS, FastDropout, StackedLinear


class MaskedLinear(StackedLinear):
    """M linear layers, some weights of which are always zero.

    Parameters
    ----------
    n_members : int
    mask : bool ndarray of shape (n_inputs, n_outputs)
        Which weights there are.
    bound : float, default=None
        As in `StackedLinear`.
    """

    def __init__(self, n_members, mask, *, bound=None):
        super().__init__(n_members, *mask.shape, bound=bound)
        mask = torch.as_tensor(mask, dtype=torch.float32)
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x):
        """(M, B, n_inputs) to (M, B, n_outputs)."""
        return torch.baddbmm(self.bias, x, self.weight * self.mask)


def evenly(size, n_cells):
    """How many cells each of a few units knows: from none to all but the last."""
    return np.arange(size) * (n_cells - 1) // max(1, size - 1)


class MaskedMLP(nn.Sequential):
    """M perceptrons that tell of each cell by a code and by the cells before it [1]_.

    Parameters
    ----------
    n_members, n_code : int
    seen : int ndarray of shape (n_inputs - n_code,)
        The place in the order of cells, from 0, that each other input tells of.
    told : int ndarray of shape (n_outputs,)
        The place of the cell that each output speaks of.
    hidden_layer_sizes : tuple of int
    activation : str
    dropout : float

    References
    ----------
    .. [1] M. Germain, K. Gregor, I. Murray and H. Larochelle, "MADE: masked autoencoder for
       distribution estimation", ICML 2015.
    """

    def __init__(self, n_members, n_code, seen, told, hidden_layer_sizes, activation, dropout):
        n_cells, layers = max(1, int(told.max(initial=0)) + 1), []
        known = np.r_[np.zeros(n_code, int), seen + 1]  # how many cells are known to an input
        for size in hidden_layer_sizes:
            of_units = np.arange(size) % n_cells if size >= n_cells else evenly(size, n_cells)
            mask = known[:, None] <= of_units
            layers += [
                MaskedLinear(n_members, mask),
                ACTIVATIONS[activation](),
                FastDropout(dropout),
            ]
            known = of_units
        layers.append(MaskedLinear(n_members, known[:, None] <= told, bound=0.0))
        super().__init__(*layers)
