"""Who answers for subsets of the columns, always on the same splits and from the same seed."""

import numpy as np
from sklearn.utils import check_random_state

from ..inspection._subset_information import identity_of_subsets, information_of_subsets
from ._light import make_light


class Asking:
    """From a list of subsets to what they tell, pointwise (S, n), and their posteriors (S, n, K).

    Parameters
    ----------
    selection : SelectByMutualInfo
    rows : DrawnRows
    weight : array-like of shape (n,) or None
    prior : ndarray of shape (K,)
    """

    def __init__(self, selection, rows, weight, prior):
        seed = selection.random_state
        if seed is not None:
            seed = check_random_state(seed).randint(np.iinfo(np.int32).max)
        own = selection.estimator
        self.estimator = make_light() if own is None else own
        self.rows, self.prior, self.options = rows, prior, (weight, selection.n_jobs, seed)
        self.identity = identity_of_subsets(self.estimator, rows, weight, seed)
        self.kept = None

    def __call__(self, subsets):
        subsets = [tuple(sorted(subset)) for subset in subsets]
        options = {"of_all_classes": True, "kept": self.kept}
        told = information_of_subsets(self.estimator, self.rows, subsets, *self.options, **options)
        every = np.arange(len(self.rows.codes))
        return told[:, every, self.rows.codes], self.prior * np.exp(told)
