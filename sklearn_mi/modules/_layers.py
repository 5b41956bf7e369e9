"""Layers whose parameters have a leading member axis: M layers in one."""

import math

import numpy as np
import torch
from torch import nn

NARROWEST_BIN = 1e-6  # of columns in units of their spread; float32 tells no narrower ones apart


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
        return torch.baddbmm(self.bias, for_members(x, len(self.weight)), self.weight)


class EmbeddedLinear(nn.Module):
    """A linear layer on the columns and on further views of the numeric ones.

    The same as one layer on all of them concatenated. The periodic view has a product of its own,
    so that no gradient is computed for the views that have nothing to learn.

    Parameters
    ----------
    n_members, n_inputs, n_outputs : int
    n_numeric : int
        The first `n_numeric` columns are viewed by the embeddings.
    periodic : PeriodicEmbedding
    bins : PiecewiseLinearEmbedding or None
    bound : float, default=None
        As in `StackedLinear`, for the total number of inputs.
    """

    def __init__(self, n_members, n_inputs, n_outputs, *, n_numeric, periodic, bins, bound=None):
        super().__init__()
        n_fixed = n_inputs + (0 if bins is None else bins.width)
        bound = 1 / math.sqrt(n_fixed + periodic.width) if bound is None else bound
        self.n_numeric = n_numeric
        self.bins = bins
        self.periodic = periodic
        self.fixed = StackedLinear(n_members, n_fixed, n_outputs, bound=bound)
        self.weight = nn.Parameter(uniform(bound, n_members, periodic.width, n_outputs))

    def forward(self, x):
        """(M, B, n_inputs) to (M, B, n_outputs)."""
        numeric = x[..., : self.n_numeric]
        if self.bins is not None:
            x = torch.cat([x, self.bins(numeric)], -1)
        numeric = for_members(numeric, len(self.weight))
        return torch.baddbmm(self.fixed(x), self.periodic(numeric), self.weight)


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
        draws = random_bytes(x.numel(), x.device).view(x.shape)
        kept = draws.to(x.dtype).sub_(self.n_dropped - 1).clamp_(0, 1)  # faster than to compare
        return x * kept.mul_(256 / (256 - self.n_dropped))


def random_bytes(n, device):
    """`n` numbers from 0 to 255 by the global generator of a device."""
    bits = torch.empty(-(-n // 8), dtype=torch.int64, device=device)
    return bits.random_(-(2**63), None).view(torch.uint8)[:n]


class PeriodicEmbedding(nn.Module):
    r"""Learnt functions of each numeric column, as sums of waves.

    .. math:: e_j(x) = \sum_k a_{jk} \sin(2 \pi w_k x + b_k)

    with a, b and w learnt for each column. A network on raw numbers is slow to learn what
    varies fast; waves of several lengths help, and a few sums of them instead of the waves
    themselves leave little to overfit in a column that does not matter [1]_ [2]_.

    Parameters
    ----------
    n_members, n_numeric : int
    n_waves : int
        Waves per column.
    n_outputs : int
        Functions per column.
    scale : float
        Standard deviation of the frequencies w at the start.

    References
    ----------
    .. [1] Y. Gorishniy, I. Rubachev and A. Babenko, "On embeddings for numerical features in
       tabular deep learning", NeurIPS 2022.
    .. [2] D. Holzmueller, L. Grinsztajn and I. Steinwart, "Better by default: strong pre-tuned
       MLPs and boosted trees on tabular data", NeurIPS 2024.
    """

    def __init__(self, n_members, n_numeric, n_waves, n_outputs, scale):
        super().__init__()
        self.width = n_numeric * n_outputs
        members = (n_members, n_numeric)
        self.frequency = nn.Parameter(scale * torch.randn(*members, 1, n_waves))
        self.phase = nn.Parameter(uniform(math.pi, *members, 1, n_waves))
        bound = 1 / math.sqrt(n_waves)
        self.weight = nn.Parameter(uniform(bound, *members, n_waves, n_outputs))
        self._kept_room = None, []

    def forward(self, x):
        """(M, B, n_numeric) to (M, B, n_numeric * n_outputs)."""
        x = 2 * math.pi * x.mT.unsqueeze(-1)
        if not (self.training and torch.is_grad_enabled()):
            return self._answer(x)
        sums = SumsOfWaves.apply(x, self.frequency, self.phase, self.weight, *self._room(x))
        return sums.unflatten(0, x.shape[:2]).transpose(1, 2).flatten(-2)

    def _answer(self, x):
        """The same with rows last, so that nothing has to be moved for it."""
        waves = (x.mT * self.frequency.mT).add_(self.phase.mT).sin_()
        sums = torch.bmm(self.weight.mT.flatten(0, 1), waves.flatten(0, 1))
        return sums.view(*x.shape[:1], self.width, -1).mT

    def _room(self, x):
        """Three tensors of a step of training, kept for the next one: to ask for memory is slow."""
        key = x.shape, self.phase.shape, x.dtype, x.device
        if self._kept_room[0] != key:
            shape = torch.broadcast_shapes(x.shape, self.phase.shape)  # slow as well
            self._kept_room = key, [x.new_empty(shape) for _ in range(3)]
        return self._kept_room[1]

    def __getstate__(self):
        return {**super().__getstate__(), "_kept_room": (None, [])}


class SumsOfWaves(torch.autograd.Function):
    """Sums of sines with their derivatives, written into memory that is there already.

    Autograd would keep, and ask for, twice as many tensors of the size of all waves, which are by
    far the largest of a network.
    """

    @staticmethod
    def forward(ctx, x, frequency, phase, weight, angle, waves, spare):
        """(M, n, B, 1) and parameters (M, n, 1, W), (M, n, W, E) to (M * n, B, E)."""
        torch.addcmul(phase, x, frequency, out=angle)
        torch.sin(angle, out=waves)
        ctx.save_for_backward(x, frequency, weight, angle, waves)
        ctx.spare = spare
        return torch.bmm(waves.flatten(0, 1), weight.flatten(0, 1))

    @staticmethod
    def backward(ctx, d_sums):
        """Of the sum over the outputs, each times (M * n, B, E)."""
        x, frequency, weight, angle, waves = ctx.saved_tensors
        shape = angle.shape[:2]
        d_weight = torch.bmm(waves.flatten(0, 1).mT, d_sums)
        d_angle = torch.bmm(d_sums, weight.flatten(0, 1).mT, out=ctx.spare.flatten(0, 1))
        d_angle.mul_(angle.detach().flatten(0, 1).cos_())  # a second backward is refused for it
        columns = torch.cat([x, torch.ones_like(x)], -1).flatten(0, 1)
        d_frequency, d_phase = torch.bmm(columns.mT, d_angle).unflatten(0, shape).split(1, 2)
        d_x = None
        if ctx.needs_input_grad[0]:
            d_x = torch.bmm(d_angle, frequency.flatten(0, 1).mT).unflatten(0, shape)
        return d_x, d_frequency, d_phase, d_weight.unflatten(0, shape), None, None, None


class PiecewiseLinearEmbedding(nn.Module):
    """How far each numeric column reaches into each of its quantile bins, 0 to 1.

    The next layer is then a piecewise linear function of the column with a knot at every edge,
    which comes close to the steps that a decision tree would make [1]_. Nothing here is learnt.

    Parameters
    ----------
    edges : Tensor of shape (M, n_numeric, n_bins + 1), or (n_numeric, n_bins + 1)
        Of each member, or of all. Increasing; a column with fewer bins ends in inf.

    References
    ----------
    .. [1] Y. Gorishniy, I. Rubachev and A. Babenko, "On embeddings for numerical features in
       tabular deep learning", NeurIPS 2022.
    """

    def __init__(self, edges):
        super().__init__()
        edges = edges.unsqueeze(-3)
        lower, upper = edges[..., :-1], edges[..., 1:]
        used = torch.isfinite(upper)
        self.width = lower.shape[-2:].numel()
        # Not part of the state that is trained, averaged and kept.
        slope = torch.where(used, 1 / (upper - lower), 0.0)
        self.register_buffer("slope", slope, persistent=False)
        self.register_buffer("offset", torch.where(used, -lower * slope, 0.0), persistent=False)

    def forward(self, x):
        """(M, B, n_numeric) to (M, B, n_numeric * n_bins)."""
        reach = torch.addcmul(self.offset, x.unsqueeze(-1), self.slope)
        return reach.clamp_(0, 1).flatten(-2)


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
    quantiles = np.quantile(values, np.linspace(0, 1, n_bins + 1), axis=0)
    for column, found, row in zip(values.T, quantiles.T, edges, strict=True):
        found = np.unique(found)
        if 2 * len(found) <= n_bins:
            spare = np.linspace(0, 1, n_bins + 2 - len(found))
            found = np.unique(np.r_[found, np.quantile(np.unique(column), spare)])
        found = _apart(found)
        row[: len(found)] = torch.as_tensor(found, dtype=row.dtype)
    return edges


def _apart(edges):
    """Increasing edges without those that lie too close to the last one before that stays."""
    kept = [edges[0]]
    for edge in edges[1:]:
        if edge - kept[-1] > NARROWEST_BIN:
            kept.append(edge)
    return np.array(kept)


def for_members(x, n_members):
    """Rows (M, B, d) for so many members: M again and again, where candidates share their rows."""
    if len(x) == 1:
        return x.expand(n_members, -1, -1)
    return x if len(x) == n_members else x.repeat(n_members // len(x), 1, 1)


def uniform(bound, *shape):
    """Uniform on (-bound, bound)."""
    return bound * (2 * torch.rand(shape) - 1)
