"""Which codes are to be drawn for the labels that are wanted."""

import numpy as np

from .._inputs._wanted_labels import check_n_samples, places_wanted


def codes_to_draw(gan, n_samples, y, rng):
    """Codes by their frequencies, or by those among the codes of the wanted classes, (n,).

    Parameters
    ----------
    gan : MutualInfoGAN
    n_samples : int
    y : label, array-like of shape (n_samples,) or None
    rng : RandomState
    """
    check_n_samples(n_samples)
    frequency, class_of = gan._code_frequency, gan._class_of
    if y is None:
        return rng.choice(len(frequency), n_samples, p=frequency)
    wanted = places_wanted(gan.classes_, n_samples, y)
    codes = np.empty(len(wanted), dtype=int)
    for label in np.unique(wanted):
        own, rows = np.flatnonzero(class_of == label), np.flatnonzero(wanted == label)
        share = frequency[own] / frequency[own].sum()
        codes[rows] = rng.choice(own, len(rows), p=share)
    return codes
