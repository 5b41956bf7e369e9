"""Layers whose parameters have a leading member axis: M layers in one."""

import math

import numpy as np
import torch
from torch import nn


class StackedLinear(nn.Module):
    """M linear layers side by side, one batched matrix product.

    Parameters
    ----------
    n_members, n_inputs, n_outputs : int
    zero : bool, default=False
        Start from zeros, which for a last layer means to start from "no information".
    """

    def __init__(self, n_members, n_inputs, n_outputs, *, zero=False):
        super().__init__()
        bound = 0.0 if zero else 1 / math.sqrt(n_inputs)
        self.weight = nn.Parameter(uniform(bound, n_members, n_inputs, n_outputs))
        self.bias = nn.Parameter(uniform(bound, n_members, 1, n_outputs))

    def forward(self, x):
        """(M, B, n_inputs) to (M, B, n_outputs)."""
        return torch.baddbmm(self.bias, x, self.weight)


class NumericEmbedding(nn.Module):
    """Put further views of the numeric columns beside the columns themselves.

    Parameters
    ----------
    n_numeric : int
        The first `n_numeric` columns are embedded.
    embeddings : list of nn.Module
        Each takes (M, B, n_numeric) to (M, B, its own width).
    """

    def __init__(self, n_numeric, embeddings):
        super().__init__()
        self.n_numeric = n_numeric
        self.embeddings = nn.ModuleList(embeddings)

    def forward(self, x):
        """(M, B, d) to (M, B, d + widths)."""
        numeric = x[..., : self.n_numeric]
        return torch.cat([x, *(embed(numeric) for embed in self.embeddings)], -1)


class PeriodicEmbedding(nn.Module):
    r"""Waves of each numeric column, :math:`\cos(2 \pi (w x + b))`, with w and b learnt.

    A network on raw numbers is slow to learn what varies fast; waves of several lengths help [1]_.

    Parameters
    ----------
    n_members, n_numeric, n_waves : int
    scale : float
        Standard deviation of the frequencies w at the start.

    References
    ----------
    .. [1] Y. Gorishniy, I. Rubachev and A. Babenko, "On embeddings for numerical features in
       tabular deep learning", NeurIPS 2022.
    """

    def __init__(self, n_members, n_numeric, n_waves, scale):
        super().__init__()
        shape = (n_members, 1, n_numeric, n_waves)
        self.width = n_numeric * n_waves
        self.frequency = nn.Parameter(scale * torch.randn(shape))
        self.phase = nn.Parameter(uniform(math.pi, *shape))

    def forward(self, x):
        """(M, B, n_numeric) to (M, B, n_numeric * n_waves)."""
        angle = torch.addcmul(self.phase, 2 * math.pi * x.unsqueeze(-1), self.frequency)
        return torch.cos(angle).flatten(-2)


class PiecewiseLinearEmbedding(nn.Module):
    """How far each numeric column reaches into each of its quantile bins, 0 to 1.

    The next layer is then a piecewise linear function of the column with a knot at every edge,
    which comes close to the steps that a decision tree would make [1]_. Nothing here is learnt.

    Parameters
    ----------
    edges : Tensor of shape (n_numeric, n_bins + 1)
        Increasing along each row; a column with fewer bins ends in inf.

    References
    ----------
    .. [1] Y. Gorishniy, I. Rubachev and A. Babenko, "On embeddings for numerical features in
       tabular deep learning", NeurIPS 2022.
    """

    def __init__(self, edges):
        super().__init__()
        lower, upper = edges[:, :-1], edges[:, 1:]
        used = torch.isfinite(upper)
        self.width = lower.numel()
        # Not part of the state: all members share them.
        slope = torch.where(used, 1 / (upper - lower), 0.0)
        self.register_buffer("slope", slope, persistent=False)
        self.register_buffer("offset", torch.where(used, -lower * slope, 0.0), persistent=False)

    def forward(self, x):
        """(M, B, n_numeric) to (M, B, n_numeric * n_bins)."""
        reach = torch.addcmul(self.offset, x.unsqueeze(-1), self.slope)
        return reach.clamp(0, 1).flatten(-2)


def quantile_edges(values, n_bins):
    """Edges of at most `n_bins` bins per column with about equally many rows each.

    Where most rows share a few values, so that quantiles coincide, the bins that are left divide
    the distinct values instead.

    Parameters
    ----------
    values : ndarray of shape (n, n_numeric)
    n_bins : int

    Returns
    -------
    edges : Tensor of shape (n_numeric, n_bins + 1)
        Padded with inf.
    """
    edges = torch.full((values.shape[1], n_bins + 1), torch.inf)
    for column, row in zip(values.T, edges, strict=True):
        found = np.unique(np.quantile(column, np.linspace(0, 1, n_bins + 1)))
        if 2 * len(found) <= n_bins:
            spare = np.linspace(0, 1, n_bins + 2 - len(found))
            found = np.unique(np.r_[found, np.quantile(np.unique(column), spare)])
        row[: len(found)] = torch.as_tensor(found[: n_bins + 1], dtype=row.dtype)
    return edges


def uniform(bound, *shape):
    """Uniform on (-bound, bound)."""
    return bound * (2 * torch.rand(shape) - 1)
