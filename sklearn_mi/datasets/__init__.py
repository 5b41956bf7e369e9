"""Data whose mutual information is known, and noise for labels."""

from ._gaussian import make_gaussian_classes
from ._label_noise import make_label_noise
from ._mixed import make_mixed_table
from ._xor import make_xor

__all__ = ["make_gaussian_classes", "make_label_noise", "make_mixed_table", "make_xor"]
