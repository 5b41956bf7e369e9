"""Texts as counts of words, whose frequencies follow the class, and one-hot encoded tables."""

import numpy as np
from scipy.sparse import csr_array
from sklearn.preprocessing import OneHotEncoder

N_WORDS = 400


def draw_texts(n=120, n_classes=2, seed=0):
    """Counts (n, 400), about ten words to a text, and labels."""
    rng = np.random.default_rng(seed)
    rates = np.random.default_rng(99).exponential(0.025, (n_classes, N_WORDS))
    y = rng.integers(n_classes, size=n)
    length = rng.uniform(0.3, 1.7, (n, 1))
    return csr_array(rng.poisson(length * rates[y]).astype(float)), y


def draw_one_hot(n=120, seed=0):
    """A wide one-hot encoded table, (n, 320), whose label is the exclusive or of two columns."""
    rng = np.random.default_rng(seed)
    cells = np.column_stack([rng.integers(2, size=(n, 2)), rng.integers(316, size=n)])
    levels = [[0, 1], [0, 1], np.arange(316)]
    return csr_array(OneHotEncoder(categories=levels).fit_transform(cells)), cells[:, :2].sum(1) % 2
