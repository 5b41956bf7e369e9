"""Mutual information scores for any classifier with `predict_proba`, and scores of boxes."""

from ._determinant import determinant_mutual_info_score
from ._localization import box_iou, localization_accuracy_score
from ._scorers import (
    determinant_mutual_info_scorer,
    mutual_info_scorer,
    normalized_mutual_info_scorer,
)
from ._variational import variational_mutual_info_score

__all__ = [
    "box_iou",
    "determinant_mutual_info_score",
    "determinant_mutual_info_scorer",
    "localization_accuracy_score",
    "mutual_info_scorer",
    "normalized_mutual_info_scorer",
    "variational_mutual_info_score",
]
