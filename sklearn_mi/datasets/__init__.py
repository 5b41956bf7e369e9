"""Data whose mutual information is known, noise for labels, and objects hidden in images."""

from ._cluttered import make_cluttered_images
from ._gaussian import make_gaussian_classes
from ._label_noise import make_label_noise
from ._mixed import make_mixed_table
from ._xor import make_xor

__all__ = [
    "make_cluttered_images",
    "make_gaussian_classes",
    "make_label_noise",
    "make_mixed_table",
    "make_xor",
]
