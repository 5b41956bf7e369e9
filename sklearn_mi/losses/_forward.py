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
    of held-out rows, by maximum likelihood, and training begins anew with T held fixed. In a
    cross-validation each network has a T of its own, from rows that it does not score. A single
    network scores all rows that are held out (``cv=None``): there labels of the rows it is scored
    on do reach training, through these :math:`K^2` numbers.

    Parameters
    ----------
    noise_matrix : array-like of shape (K, K), default=None
        T, its rows the true classes in sorted order. None estimates it. What is fitted to held-out
        labels after training is drawn towards a T that is given, and need not be the same.

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
        """Take T, an array of shape (K, K), or one for each member, (M, K, K)."""
        noise = torch.as_tensor(noise_matrix, dtype=self.log_prior.dtype)
        self.log_noise = noise.clamp_min(LEAST_SHARE).log().to(self.log_prior.device)
        return self

    def forward(self, scores, target, weight=None):
        log_likelihood = (scores.log_softmax(-1) + self._log_noise_of(target)).logsumexp(-1)
        return weighted_mean(-log_likelihood, weight)

    def of_member(self, member):
        """The loss of a single member, with its T."""
        if self.log_noise.ndim == 2:
            return self
        own = ForwardCorrectionLoss(self.noise_matrix)
        own.log_prior, own.log_noise = self.log_prior, self.log_noise[member]
        return own

    def _log_noise_of(self, target):
        """Log P(label of the row | each true class), (..., B) to (..., B, K)."""
        by_label = self.log_noise.mT
        if by_label.ndim == 2:
            return by_label[target]
        return by_label.take_along_dim(target.unsqueeze(-1), -2)

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
