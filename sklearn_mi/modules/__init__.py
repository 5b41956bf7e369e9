"""Networks with a leading member axis: (M, B, d) in, (M, B, K) out."""

from ._layers import (
    NumericEmbedding,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    StackedLinear,
    quantile_edges,
)
from ._mlp import ACTIVATIONS, StackedMLP
from ._stack import ModuleStack

__all__ = [
    "ACTIVATIONS",
    "ModuleStack",
    "NumericEmbedding",
    "PeriodicEmbedding",
    "PiecewiseLinearEmbedding",
    "StackedLinear",
    "StackedMLP",
    "quantile_edges",
]
