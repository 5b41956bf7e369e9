"""Sixty rows of three classes with a nuisance, and a bottleneck of them in a second."""

import numpy as np

from sklearn_mi.decomposition import InformationBottleneck

RNG = np.random.default_rng(0)
Y = np.array(["a $1", "b", "c"])[np.arange(60) % 3]
SITE = RNG.integers(0, 2, 60)
X = RNG.standard_normal((60, 3)) + 2 * (Y[:, None] == ["a $1", "b", "c"])


def fit(**params):
    options = {"beta": [0.03, 0.3], "cv": 2, "hidden_layer_sizes": 8, "max_iter": 5} | params
    bottleneck = InformationBottleneck(**options, random_state=0, n_threads=1)
    return bottleneck.fit(X, Y, nuisance=SITE)
