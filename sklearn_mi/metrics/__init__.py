"""Mutual information scores for any classifier with `predict_proba`."""

from ._determinant import determinant_mutual_info_score
from ._scorers import (
    determinant_mutual_info_scorer,
    mutual_info_scorer,
    normalized_mutual_info_scorer,
)
from ._variational import variational_mutual_info_score

__all__ = [
    "determinant_mutual_info_score",
    "determinant_mutual_info_scorer",
    "mutual_info_scorer",
    "normalized_mutual_info_scorer",
    "variational_mutual_info_score",
]
