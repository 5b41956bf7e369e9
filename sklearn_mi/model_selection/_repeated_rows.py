"""Rows that are equal in every column as groups, to be held out together."""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.utils.validation import _num_samples

from .._inputs._checks import check_groups
from .._inputs._repeated_rows import number_rows
from ._drawn_rows import rows_in_memory


def group_repeated_rows(X, groups=None):
    """Groups of the rows that are equal in every column, for splits that keep them together.

    A row that is held out while its copy is trained on is scored by a classifier that may know its
    label by heart. Pass the result as `groups` to `fit` of
    :class:`~sklearn_mi.MutualInfoClassifier`, to :func:`cross_val_mutual_info` or
    to any splitter that heeds groups, and copies are held out together.

    Missing values equal each other. Rows that are almost equal, as SMOTE makes them or images saved
    twice, are not seen.

    Parameters
    ----------
    X : DataFrame, array-like or sparse matrix of shape (n_samples, ...)
        Leave out columns in which copies differ, such as a running number.

    groups : array-like of shape (n_samples,), default=None
        Groups that are to stay together as well; those that share a row become one.

    Returns
    -------
    groups : ndarray of int of shape (n_samples,)
        Numbers from 0, in the order in which the groups appear.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_mi.model_selection import group_repeated_rows
    >>> X = np.array([[1.0, 2.0], [3.0, np.nan], [1.0, 2.0], [3.0, np.nan], [4.0, 4.0]])
    >>> group_repeated_rows(X)
    array([0, 1, 0, 1, 2])
    >>> group_repeated_rows(X, groups=["a", "a", "b", "c", "d"])
    array([0, 0, 0, 0, 1])
    """
    X = rows_in_memory(X)
    number = number_rows(X)
    groups = check_groups(groups, _num_samples(X))
    if groups is None:
        return number
    # Two kinds of nodes, rows that are equal and groups, and an edge for each row.
    given = pd.factorize(groups)[0]
    size = len(number) + len(given)
    edges = coo_array((np.ones(len(number)), (number, len(number) + given)), shape=(size, size))
    return pd.factorize(connected_components(edges, directed=False)[1][number])[0]
