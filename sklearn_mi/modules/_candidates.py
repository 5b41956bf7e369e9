"""Networks of several candidates of a search as one stack, which sees the same rows for each."""

import copy

import torch
from torch import nn

from ._layers import FastDropout, random_bytes


def stack_candidates(modules):
    """One network of C times M members, of which each candidate keeps its own M as views.

    Candidates stand one after the other. To the bit, each has the scores and the gradients that it
    would have alone: it sees the same rows, draws the same random numbers, and no product or sum
    mixes members.

    Parameters
    ----------
    modules : list of C StackedMLP
        Of M members each, and of one shape. Their parameters become views of those of the stack.

    Returns
    -------
    stack : StackedMLP
        Takes (M, B, d) to (C * M, B, K).

    Examples
    --------
    >>> from sklearn_mi.modules import StackedMLP
    >>> each = [StackedMLP(5, n_features=4, n_classes=3, dropout=p) for p in (0.0, 0.1)]
    >>> stack_candidates(each)(torch.zeros(5, 7, 4)).shape
    torch.Size([10, 7, 3])
    """
    stack = copy.deepcopy(modules[0])
    each = [list(module.parameters()) for module in modules]
    for (layer, name), own in zip(_places(stack), zip(*each, strict=True), strict=True):
        joint = torch.cat([parameter.detach() for parameter in own])
        setattr(layer, name, nn.Parameter(joint))
        for parameter, part in zip(own, joint.split(len(own[0])), strict=True):
            parameter.data = part
    for number, layer in enumerate(stack):
        if isinstance(layer, FastDropout):
            shared = SharedDropout([module[number].n_dropped for module in modules])
            stack[number] = shared.to(joint.device).train(layer.training)
    return stack


def _places(module):
    """Where each parameter is, in the order of `parameters`."""
    return [
        (layer, name)
        for layer in module.modules()
        for name, _ in layer.named_parameters(recurse=False)
    ]


class SharedDropout(nn.Module):
    """`FastDropout` of several candidates, by the same random numbers.

    Parameters
    ----------
    n_dropped : list of C ints
        Of 256 units, how many each candidate drops.
    """

    def __init__(self, n_dropped):
        super().__init__()
        shares = torch.tensor(n_dropped, dtype=torch.float64)[:, None]
        self.drops = any(n_dropped)
        self.register_buffer("n_dropped", shares.float(), persistent=False)
        self.register_buffer("growth", (256 / (256 - shares)).float(), persistent=False)

    def forward(self, x):
        """(C * M, B, n) to the same shape; the identity outside training."""
        if not self.training or not self.drops:
            return x
        draws = random_bytes(x.numel() // len(self.growth), x.device).to(x.dtype)
        kept = (draws - (self.n_dropped - 1)).clamp_(0, 1).mul_(self.growth)
        return x * kept.view(x.shape)
