"""What a classifier remembers of the rows of its fit, to know them again."""

import numpy as np
from scipy.sparse import issparse

SAME_ROWS = "X or y"
ROUNDING = 1e-4  # of encoded rows, which differ so if X comes in single precision


class Fingerprint:
    """Rows of a fit, by what does not depend on the types that they come in.

    Parameters
    ----------
    matrix : ndarray of shape (n, ...) or sparse array
        Encoded rows.
    classes : ndarray of shape (K,)
    labels : int ndarray of shape (n,)
        Encoded labels.
    weight : ndarray of shape (n,) or None
        Of which it counts whether they are positive.
    groups : ndarray of shape (n,) or None
        Of which it counts which rows share one.
    """

    def __init__(self, matrix, classes, labels, weight, groups):
        self.summary = _one_number_a_row(matrix)
        self.names = classes.tolist()
        self.labels = _small(labels)
        self.used = np.ones(len(labels), bool) if weight is None else weight > 0
        first = np.arange(len(labels)) if groups is None else _first_of_group(groups)
        self.first = _small(first)

    def differences(self, other):
        """What of the other rows is not as here, in words; empty if they are the same rows."""
        if len(self.labels) != len(other.labels):
            return [SAME_ROWS]
        same_rows = (
            self.names == other.names
            and np.array_equal(self.labels, other.labels)
            and np.allclose(self.summary, other.summary, rtol=ROUNDING, atol=ROUNDING)
        )
        same = {
            SAME_ROWS: same_rows,
            "which rows have weight": np.array_equal(self.used, other.used),
            "the groups": np.array_equal(self.first, other.first),
        }
        return [what for what, unchanged in same.items() if not unchanged]


def _one_number_a_row(matrix):
    """A fixed weighted sum of each row, which tells apart rows that differ."""
    rows = matrix if issparse(matrix) else matrix.reshape(len(matrix), -1)
    with np.errstate(invalid="ignore"):  # which some libraries of linear algebra report in error
        return rows @ np.random.RandomState(0).uniform(1, 2, rows.shape[1]).astype(rows.dtype)


def _small(numbers):
    """Whole numbers, none of them negative, in as few bytes as will do."""
    return numbers.astype(np.min_scalar_type(numbers.max()))


def _first_of_group(groups):
    """For each row the first of its group: the same whatever groups are called."""
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    return first[group]
