"""Transformers that are trained by information: they keep what tells of one thing and not more."""

from ._embedding_display import EmbeddingDisplay
from ._information_bottleneck import InformationBottleneck
from ._information_curve_display import InformationCurveDisplay
from ._mutual_info_autoencoder import MutualInfoAutoencoder

__all__ = [
    "EmbeddingDisplay",
    "InformationBottleneck",
    "InformationCurveDisplay",
    "MutualInfoAutoencoder",
]
