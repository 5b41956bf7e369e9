"""Which codes are to be drawn for the labels that are wanted."""

from numbers import Integral

import numpy as np


def codes_to_draw(gan, n_samples, y, rng):
    """Codes by their frequencies, or by those among the codes of the wanted classes, (n,).

    Parameters
    ----------
    gan : MutualInfoGAN
    n_samples : int
    y : label, array-like of shape (n_samples,) or None
    rng : RandomState
    """
    if not isinstance(n_samples, Integral) or n_samples < 1:
        raise ValueError(f"n_samples={n_samples!r} must be a whole number of at least 1.")
    frequency, class_of = gan._code_frequency, gan._class_of
    if y is None:
        return rng.choice(len(frequency), n_samples, p=frequency)
    wanted = _classes_wanted(gan.classes_, n_samples, y)
    codes = np.empty(len(wanted), dtype=int)
    for label in np.unique(wanted):
        own, rows = np.flatnonzero(class_of == label), np.flatnonzero(wanted == label)
        share = frequency[own] / frequency[own].sum()
        codes[rows] = rng.choice(own, len(rows), p=share)
    return codes


def _classes_wanted(classes, n_samples, y):
    """The place among the classes of each wanted label."""
    if classes is None:
        raise ValueError(
            f"y={y!r} asks for rows of a class, but the fit had no y. Pass y to fit, or sample "
            "without it."
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
