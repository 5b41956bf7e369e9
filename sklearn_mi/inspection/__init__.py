"""Questions put to a fitted classifier about its rows."""

from ._label_quality import label_quality

__all__ = ["label_quality"]
