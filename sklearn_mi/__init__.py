"""Neural classifiers that estimate the mutual information between inputs and labels."""

from ._classifier import MutualInfoClassifier
from ._version import __version__

__all__ = ["MutualInfoClassifier", "__version__"]
