"""Whether codes of held-out rows depend on a nuisance more than chance would have it."""

import numpy as np
import torch

from ._dependence import gaussian_nearness, likeness

N_PERMUTATIONS, LEVEL = 99, 0.05
MOST_ROWS = 1000


def independence_p_value(code, nuisance, seed=0):
    """The share of permutations of the nuisance that depend on the codes as much as it does.

    By `pair_covariance` of at most 1,000 rows: a test of Hilbert-Schmidt independence [1]_.

    Parameters
    ----------
    code : ndarray of shape (n, d)
    nuisance : int ndarray of shape (n, C)
    seed : int, default=0

    Returns
    -------
    p_value : float

    References
    ----------
    .. [1] A. Gretton et al., "A kernel statistical test of independence", NeurIPS 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_mi.decomposition._independence_test import independence_p_value
    >>> nuisance = np.arange(200)[:, None] % 2
    >>> independence_p_value(np.random.RandomState(0).rand(200, 1) + nuisance, nuisance)
    0.01
    """
    rng = np.random.RandomState(seed)
    some = rng.permutation(len(code))[:MOST_ROWS]
    code, nuisance = torch.as_tensor(code[some]).float(), torch.as_tensor(nuisance[some])
    shares = [torch.bincount(own).float() / len(own) for own in nuisance.T]
    near, alike = gaussian_nearness(code[None])[0], likeness(nuisance[None], shares)[0]
    near, apart = near.fill_diagonal_(0), ~torch.eye(len(code), dtype=torch.bool)
    centred = (near - near.sum() / apart.sum()) * apart
    observed, count = (centred * alike).sum(), 0
    for _ in range(N_PERMUTATIONS):
        order = torch.as_tensor(rng.permutation(len(code)))
        permuted = alike.index_select(0, order).index_select(1, order)  # faster than by brackets
        count += bool((centred * permuted).sum() >= observed)
    return (1 + count) / (1 + N_PERMUTATIONS)
