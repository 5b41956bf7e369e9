"""Mutual information estimates from any classifier with `predict_proba`, and their comparison."""

from ._compare import compare_mutual_info
from ._cross_val import cross_val_mutual_info
from ._repeated_rows import group_repeated_rows
from ._stacked_search import StackedSearchCV

__all__ = ["StackedSearchCV", "compare_mutual_info", "cross_val_mutual_info", "group_repeated_rows"]
