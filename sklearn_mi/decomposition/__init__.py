"""Transformers that are trained by information: they keep what tells of one thing and not more."""

from ._information_bottleneck import InformationBottleneck

__all__ = ["InformationBottleneck"]
