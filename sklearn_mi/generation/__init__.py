"""Generators make new rows like those of a table, or images like those of a set."""

from ._mutual_info_gan import MutualInfoGAN

__all__ = ["MutualInfoGAN"]
