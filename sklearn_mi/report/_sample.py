"""Some of the rows, each class in proportion."""

import numpy as np


def stratified_rows(y, max_rows, random_state):
    """Which rows are in a sample, in their order.

    Parameters
    ----------
    y : ndarray of shape (n,)
    max_rows : int
    random_state : int or None

    Returns
    -------
    rows : int ndarray
    """
    if len(y) <= max_rows:
        return np.arange(len(y))
    order = np.random.RandomState(random_state).permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]
    # Evenly spaced along the sorted rows, which gives each class its share.
    return np.sort(order[np.linspace(0, len(y) - 1, max_rows).round().astype(int)])
