"""Means of what rows tell, their errors and intervals."""

import numpy as np

from ..metrics._estimate import information_interval, mean_and_standard_error, means_of_groups


class RowMeans:
    r"""Means over held-out rows, with errors that hold for differences too.

    Where a column adds nothing, the difference that it makes is all the work of chance in training,
    as large as the spread over rows suggests and once more as large through what the fits have in
    common with all rows of their split. Its variance is therefore multiplied by

    .. math:: 1 + n / n_{train},

    for J folds Nadeau and Bengio's correction [1]_ of the variance of the mean of J splits,
    :math:`1/J + n_{test} / n_{train}` instead of 1/J.

    Parameters
    ----------
    members : Members
    weight : ndarray of shape (n,) or None
    groups : array of shape (n,) or None
        What is independent, if not rows.
    confidence_level : float
    most : float
        The entropy of the label, which no information exceeds.

    References
    ----------
    .. [1] C. Nadeau and Y. Bengio, "Inference for the generalization error", Machine Learning,
       2003.
    """

    def __init__(self, members, weight, groups, confidence_level, most):
        self.weight, self.groups = weight, groups
        self.confidence_level, self.most = confidence_level, most
        n_train = np.mean([len(rows) for rows in members.train_rows])
        self.inflation = np.sqrt(1 + len(np.unique(members.entry_row)) / n_train)

    def of(self, pointwise, difference=False, further_error=0.0):
        """Mean, standard error and both ends of the interval of values (n,), some of them NaN."""
        scored = ~np.isnan(pointwise)
        weight, groups = (None if v is None else v[scored] for v in (self.weight, self.groups))
        units, unit_weight = means_of_groups(pointwise[scored], weight, groups)
        mean, error = mean_and_standard_error(units, unit_weight)
        error = float(np.hypot(error * (self.inflation if difference else 1), further_error))
        ends = information_interval(mean, error, len(units), self.confidence_level, self.most)
        return mean, error, *ends
