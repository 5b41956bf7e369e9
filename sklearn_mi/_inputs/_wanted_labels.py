"""How many rows are to be made, and of which labels."""

from numbers import Integral

import numpy as np


def check_n_samples(n_samples):
    """Refuse what is no number of rows."""
    if not isinstance(n_samples, Integral) or n_samples < 1:
        raise ValueError(f"n_samples={n_samples!r} must be a whole number of at least 1.")


def places_wanted(classes, n_samples, y):
    """The place among the classes of each wanted label, int ndarray of shape (n_samples,).

    Parameters
    ----------
    classes : ndarray of shape (K,) or None
    n_samples : int
    y : label, or array-like of shape (n_samples,)

    Raises
    ------
    ValueError
        If there are no classes, or labels are too many, too few or none of them.
    """
    if classes is None:
        raise ValueError(
            f"y={y!r} asks for rows of a class, but the fit had no classes. Pass them to fit as y, "
            "or sample without."
        )
    labels = np.asarray(y)
    if labels.ndim == 0:
        labels = np.full(n_samples, labels)
    elif labels.shape != (n_samples,) and n_samples != 1:
        raise ValueError(
            f"y has shape {labels.shape}, expected ({n_samples},): one label for each row, or a "
            "single label for all."
        )
    names = classes.tolist()
    unknown = [label for label in labels.tolist() if label not in names]
    if unknown:
        raise ValueError(
            f"y={unknown[0]!r} is no class of the fit; these are {names}. Use the labels as y of "
            "the fit had them."
        )
    return np.array([names.index(label) for label in labels.tolist()])
