"""Objects for cluttered images."""

import numpy as np

CLEAN = {"n_fragments": 0, "noise": 0}


def sparse_objects(n=20, shape=(9, 7), seed=0):
    """Mostly black uint8 objects with some faint pixels, and one bright one at least."""
    rng = np.random.default_rng(seed)
    objects = rng.integers(256, size=(n, *shape)) * (rng.random((n, *shape)) < 0.1)
    objects.reshape(n, -1)[np.arange(n), rng.integers(np.prod(shape), size=n)] = 255
    return objects.astype(np.uint8)


def grey_squares(n, side=1):
    """Squares of n grey levels: (k + 1) / n."""
    return np.ones((n, side, side)) * np.linspace(0, 1, n + 1)[1:, np.newaxis, np.newaxis]
