"""Networks with a leading member axis: (M, B, d) in, (M, B, K) out; and one for images, without."""

from ._class_maps import class_maps
from ._conv import ConvNet
from ._encodings import ImageEncoding, ScoreEncoding, TableEncoding, encoded_rows, of_member
from ._frozen_front import FrozenFront
from ._layers import (
    EmbeddedLinear,
    FastDropout,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    StackedLinear,
    quantile_edges,
)
from ._mlp import ACTIVATIONS, StackedMLP
from ._networks import make_networks
from ._single import SingleModule
from ._stack import ModuleStack

__all__ = [
    "ACTIVATIONS",
    "ConvNet",
    "EmbeddedLinear",
    "FastDropout",
    "FrozenFront",
    "ImageEncoding",
    "ModuleStack",
    "PeriodicEmbedding",
    "PiecewiseLinearEmbedding",
    "ScoreEncoding",
    "SingleModule",
    "StackedLinear",
    "StackedMLP",
    "TableEncoding",
    "class_maps",
    "encoded_rows",
    "make_networks",
    "of_member",
    "quantile_edges",
]
