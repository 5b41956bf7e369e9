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
    bound : float, default=None
        The parameters start uniform on (-bound, bound); None is 1 / sqrt(n_inputs).
    """

    def __init__(self, n_members, n_inputs, n_outputs, *, bound=None):
        super().__init__()
        bound = 1 / math.sqrt(n_inputs) if bound is None else bound
        self.weight = nn.Parameter(uniform(bound, n_members, n_inputs, n_outputs))
        self.bias = nn.Parameter(uniform(bound, n_members, 1, n_outputs))

    def forward(self, x):
        """(M, B, n_inputs) to (M, B, n_outputs)."""
        return torch.baddbmm(self.bias, x, self.weight)


class EmbeddedLinear(nn.Module):
    """A linear layer on the columns and on further views of the numeric ones.

    The same as one layer on all of them concatenated. Apart, they need no copy, and no gradient
    goes back to a view that has nothing to learn, which is most of the first layer's work.

    Parameters
    ----------
    linear : StackedLinear
        The layer on the columns themselves. The further weights start from its range, narrowed to
        the larger number of inputs.
    n_numeric : int
        The first `n_numeric` columns are viewed by the embeddings.
    embeddings : list of nn.Module
        Each takes (M, B, n_numeric) to (M, B, its `width`).
    """

    def __init__(self, linear, n_numeric, embeddings):
        super().__init__()
        n_members, n_inputs, n_outputs = linear.weight.shape
        n_all = n_inputs + sum(view.width for view in embeddings)
        self.n_numeric = n_numeric
        self.linear = linear
        self.embeddings = nn.ModuleList(embeddings)
        with torch.no_grad():
            linear.weight.mul_(math.sqrt(n_inputs / n_all))
        bound = 1 / math.sqrt(n_all) if linear.weight.any() else 0.0
        self.weights = nn.ParameterList(
            uniform(bound, n_members, view.width, n_outputs) for view in embeddings
        )

    def forward(self, x):
        """(M, B, n_inputs) to (M, B, n_outputs)."""
        out, numeric = self.linear(x), x[..., : self.n_numeric]
        for embed, weight in zip(self.embeddings, self.weights, strict=True):
            out = torch.baddbmm(out, embed(numeric), weight)
        return out


class FastDropout(nn.Module):
    """Dropout with eight draws from one 64-bit random number, where `nn.Dropout` takes one each.

    On a CPU the random numbers of `nn.Dropout` cost more than a small network's activations. The
    share is rounded to a multiple of 1/256 in exchange.

    Parameters
    ----------
    p : float
        Share of the entries set to zero, in [0, 1); the others grow by 1 / (1 - p).
    """

    def __init__(self, p):
        super().__init__()
        self.n_dropped = min(round(256 * p), 255)

    def forward(self, x):
        """Any shape to the same shape; the identity outside training."""
        if not self.training or not self.n_dropped:
            return x
        bits = torch.empty(-(-x.numel() // 8), dtype=torch.int64, device=x.device)
        draws = bits.random_(-(2**63), None).view(torch.uint8)[: x.numel()]
        kept = draws.view(x.shape) >= self.n_dropped
        return x * kept.to(x.dtype).mul_(256 / (256 - self.n_dropped))


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
