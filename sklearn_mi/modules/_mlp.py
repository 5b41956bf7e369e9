"""The default network: M multi-layer perceptrons with periodic embeddings, trained as one."""

import copy
from functools import partial

from torch import nn

from ._layers import (
    EmbeddedLinear,
    FastDropout,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    StackedLinear,
)

ACTIVATIONS = {
    "relu": nn.ReLU,
    "gelu": nn.GELU,
    "mish": nn.Mish,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
}


class StackedMLP(nn.Sequential):
    """M multi-layer perceptrons that share nothing but the batched matrix products.

    Parameters
    ----------
    n_members : int
        M, the length of the leading axis of every parameter.
    n_features, n_classes : int
        Columns of the encoded table; scores per row.
    n_numeric : int, default=0
        The first `n_numeric` columns get periodic embeddings.
    hidden_layer_sizes : tuple of int, default=(128, 128)
    activation : {"relu", "gelu", "mish", "silu", "tanh"}, default="silu"
    dropout : float, default=0.1
        Share of the hidden units dropped in training.
    n_waves : int, default=16
        Waves per numeric column, of which the embedding makes `embedding_size` sums.
    embedding_size : int, default=4
    wave_scale : float, default=0.2
        Standard deviation of the frequencies at the start.
    edges : Tensor of shape (n_members, n_numeric, n_bins + 1), default=None
        Of the bins of the piecewise linear embedding; None for no such embedding.

    Examples
    --------
    >>> import torch
    >>> from sklearn_mi.modules import StackedMLP
    >>> StackedMLP(5, n_features=4, n_classes=3)(torch.zeros(5, 10, 4)).shape
    torch.Size([5, 10, 3])
    """

    def __init__(
        self,
        n_members,
        n_features,
        n_classes,
        *,
        n_numeric=0,
        hidden_layer_sizes=(128, 128),
        activation="silu",
        dropout=0.1,
        n_waves=16,
        embedding_size=4,
        wave_scale=0.2,
        edges=None,
    ):
        sizes = [n_features, *hidden_layer_sizes, n_classes]
        # The last layer starts from zeros, which is to start from "no information".
        bounds = [None] * len(hidden_layer_sizes) + [0.0]
        first = StackedLinear
        if n_numeric:
            first = partial(
                EmbeddedLinear,
                n_numeric=n_numeric,
                periodic=PeriodicEmbedding(
                    n_members, n_numeric, n_waves, embedding_size, wave_scale
                ),
                bins=None if edges is None else PiecewiseLinearEmbedding(edges),
            )
        layers = [first(n_members, sizes[0], sizes[1], bound=bounds[0])]
        for n_in, n_out, bound in zip(sizes[1:-1], sizes[2:], bounds[1:], strict=True):
            layers += [ACTIVATIONS[activation](), FastDropout(dropout)]
            layers.append(StackedLinear(n_members, n_in, n_out, bound=bound))
        super().__init__(*layers)

    def train(self, mode=True):
        """Switch between training and scoring; no walk through the layers where nothing changes."""
        return self if self.training == mode else super().train(mode)

    def member(self, number):
        """The weights of one member as a module, (B, d) to (B, K), in evaluation mode."""
        return OneOfStack(self, number).eval()


class OneOfStack(nn.Module):
    """One member of a `StackedMLP` as a module that takes rows (B, d) to scores (B, K).

    Parameters
    ----------
    stack : StackedMLP
    number : int
        Of the member.
    """

    def __init__(self, stack, number):
        super().__init__()
        self.stack = copy.deepcopy(stack)
        for layer in self.stack.modules():
            for name, value in layer.named_parameters(recurse=False):
                setattr(layer, name, nn.Parameter(value.detach()[number][None].clone()))
            for name, value in layer.named_buffers(recurse=False):  # edges, if not those of all
                setattr(layer, name, value if len(value) == 1 else value[number][None].clone())

    def forward(self, x):
        """(B, d) to (B, K)."""
        return self.stack(x[None])[0]
