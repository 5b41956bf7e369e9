"""Networks with a leading member axis: (M, B, d) in, (M, B, K) out."""

from ._layers import (
    EmbeddedLinear,
    FastDropout,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    StackedLinear,
    quantile_edges,
)
from ._mlp import ACTIVATIONS, StackedMLP
from ._stack import ModuleStack

__all__ = [
    "ACTIVATIONS",
    "EmbeddedLinear",
    "FastDropout",
    "ModuleStack",
    "PeriodicEmbedding",
    "PiecewiseLinearEmbedding",
    "StackedLinear",
    "StackedMLP",
    "quantile_edges",
]
