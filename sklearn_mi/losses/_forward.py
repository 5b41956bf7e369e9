"""Forward correction: cross-entropy of the observed label through a noise matrix."""

import numpy as np
import torch

from ._base import Loss, weighted_mean

TOLERANCE = 1e-6  # of the sums of the rows of a noise matrix
LEAST_SHARE = 1e-9  # so that a label which T calls impossible costs much, but not everything


class ForwardCorrectionLoss(Loss):
    r"""Cross-entropy of the observed labels under a posterior of the true class and a noise matrix.

    .. math::
        L = -\frac{1}{B} \sum_i \log \sum_k r_k(x_i) \, T_{k y_i}, \qquad r = \mathrm{softmax}(f)

    with ``T[i, j] = P(observed j | true i)``. If the labels came about so, independently of x
    given the true class, and T is regular, the minimiser r is the posterior of the true class [1]_.

    T is rarely known. The networks are then trained with "dmi" first, T is fitted to what they say
    of held-out rows, by maximum likelihood, and training begins anew with T held fixed. Through
    those :math:`K^2` numbers, and no others, labels of held-out rows do reach this training, as
    they do through the class frequencies.

    Parameters
    ----------
    noise_matrix : array-like of shape (K, K), default=None
        T, its rows the true classes in sorted order. None estimates it.

    References
    ----------
    .. [1] G. Patrini, A. Rozza, A. K. Menon, R. Nock and L. Qu, "Making deep neural networks robust
       to label noise: a loss correction approach", CVPR 2017, arXiv 1609.03683.

    Examples
    --------
    >>> import torch
    >>> from sklearn_mi.losses import ForwardCorrectionLoss
    >>> loss = ForwardCorrectionLoss([[0.6, 0.4], [0.0, 1.0]]).set_class_prior([0.5, 0.5])
    >>> surely_0 = torch.tensor([[50.0, 0.0]])
    >>> round(loss(surely_0, torch.tensor([1])).exp().item(), 3)  # 1 / P(observed 1 | true 0)
    2.5
    """

    models_label_noise = True

    def __init__(self, noise_matrix=None):
        super().__init__()
        self.noise_matrix = noise_matrix
        self.register_buffer("log_noise", None)

    @property
    def needs_noise_matrix(self):
        return self.noise_matrix is None

    @property
    def warm_start(self):
        return "dmi" if self.needs_noise_matrix else None

    def set_class_prior(self, class_prior):
        super().set_class_prior(class_prior)
        if not self.needs_noise_matrix:
            self.set_noise_matrix(_check_noise_matrix(self.noise_matrix, len(self.log_prior)))
        return self

    def set_noise_matrix(self, noise_matrix):
        """Take T, an array of shape (K, K)."""
        noise = torch.as_tensor(noise_matrix, dtype=self.log_prior.dtype)
        self.log_noise = noise.clamp_min(LEAST_SHARE).log().to(self.log_prior.device)
        return self

    def forward(self, scores, target, weight=None):
        log_noise = self.log_noise.mT[target]  # log P(label of the row | each true class)
        log_likelihood = (scores.log_softmax(-1) + log_noise).logsumexp(-1)
        return weighted_mean(-log_likelihood, weight)

    def log_proba(self, scores):
        return scores.log_softmax(-1)


def _check_noise_matrix(noise_matrix, n_classes):
    matrix = np.asarray(noise_matrix, dtype=float)
    if matrix.shape != (n_classes, n_classes):
        raise ValueError(
            f"noise_matrix has shape {matrix.shape}, but there are {n_classes} classes: expected "
            f"({n_classes}, {n_classes}), with P(observed j | true i) in row i and column j."
        )
    if not (matrix >= 0).all() or abs(matrix.sum(1) - 1).max() > TOLERANCE:
        raise ValueError(
            f"noise_matrix={matrix.tolist()} must have rows that are distributions: no negative "
            "entry, each row summing to one."
        )
    if np.linalg.matrix_rank(matrix) < n_classes:
        raise ValueError(
            f"noise_matrix={matrix.tolist()} is singular: some mixture of true classes has the "
            "same labels as another, so that no labels could tell them apart."
        )
    return matrix
