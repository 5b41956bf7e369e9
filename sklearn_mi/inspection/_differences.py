"""Means of what rows tell, their errors and intervals."""

import numpy as np

from ..metrics._estimate import confidence_interval, mean_and_standard_error, means_of_groups


class Rows:
    """Rows with weights or groups, over which values are averaged.

    Parameters
    ----------
    weight : ndarray of shape (n,) or None
    groups : array of shape (n,) or None
        What is independent, if not rows.
    confidence_level : float
    """

    def __init__(self, weight, groups, confidence_level):
        self.weight, self.groups, self.confidence_level = weight, groups, confidence_level

    def estimate(self, pointwise, further_error=0.0):
        """Mean, standard error and both ends of the interval of values (n,), some of them NaN."""
        scored = ~np.isnan(pointwise)
        weight, groups = (None if v is None else v[scored] for v in (self.weight, self.groups))
        units, unit_weight = means_of_groups(pointwise[scored], weight, groups)
        mean, error = mean_and_standard_error(units, unit_weight)
        error = float(np.hypot(error, further_error))
        return mean, error, *confidence_interval(mean, error, len(units), self.confidence_level)
