"""A map of any number of components as places in the plane."""

import numpy as np
from sklearn.utils.extmath import svd_flip

JITTER = 0.3  # to both sides, of classes one apart


def plane_of(embedding):
    """Places (n, 2), and what the axes are: two components, or the first two principal axes."""
    n_components = embedding.shape[1]
    if n_components == 2:
        return embedding, ["component 1", "component 2"]
    centred = embedding - embedding.mean(0)
    u, scale, axes = np.linalg.svd(centred, full_matrices=False)
    axes = svd_flip(u, axes, u_based_decision=False)[1][:2]
    shares = scale[:2] ** 2 / max((scale**2).sum(), np.finfo(float).tiny)
    names = [
        f"principal axis {number} of {n_components} components, {share:.0%} of the variance"
        for number, share in enumerate(shares, 1)
    ]
    return centred @ axes.T, names


def strip_of(component, values):
    """Places (n, 2) of one component, (n,): a strip for each class, or against the number."""
    height = values.of_rows.astype(float)
    if values.classes is not None:
        height += np.random.RandomState(0).uniform(-JITTER, JITTER, len(height))
    return np.stack([component, height], axis=1), ["component", values.name]
