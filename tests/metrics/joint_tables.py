"""Random rows, and small joint tables whose information is known."""

import numpy as np


def random_rows(seed, n_samples=60, n_classes=3):
    """Labels that hold every class, and random probabilities."""
    rng = np.random.default_rng(seed)
    y = np.concatenate([np.arange(n_classes), rng.integers(n_classes, size=n_samples - n_classes)])
    return y, rng.dirichlet(np.ones(n_classes), size=n_samples)


def joint_table(seed=0, shape=(6, 3)):
    """A joint distribution P(x, y) over a small table."""
    return np.random.default_rng(seed).dirichlet(np.full(np.prod(shape), 0.3)).reshape(shape)


def population(joint):
    """Every cell (x, y) of a joint table once, with its probability as weight."""
    x, y = (index.ravel() for index in np.indices(joint.shape))
    return x, y, joint.ravel()


def exact_mutual_info(joint):
    product = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    return np.sum(joint * np.log(joint / product))
