"""Determinant-based mutual information: a loss that label noise only shifts by a constant."""

import torch

from ._base import Loss

LEAST_ROWS = 512
RIGHT_AT_FIRST = 0.1  # share of the running mean, so that no class is missing in it


class DeterminantMutualInfoLoss(Loss):
    r"""Negative log determinant of the joint of observed label and predicted class.

    .. math::
        U = \frac{1}{B} \, \mathrm{onehot}(y)^\top \mathrm{softmax}(f(X)), \qquad
        L = -\log |\det U|

    If labels were flipped by a matrix T, ``T[i, j] = P(observed j | true i)``, independently of x
    given the true class, then U is :math:`T^\top` times its noise-free value and L changes by the
    constant :math:`-\log |\det T|`: the minimiser is that of clean labels, without T being known
    [1]_. Nothing is promised for noise that depends on x.

    What makes it work: the log determinant comes from `slogdet`, because
    :math:`|\det U| \le K^{-K}` vanishes beside any additive constant. U is that of many rows for
    each class, because a class without a row makes it singular, and because under much noise the
    determinant of few rows is chance: batches are large, and what they lack is made up by a running
    mean of those before, through which no gradient flows.
    Cross-entropy trains the network first, because the loss is blind to the names of the classes,
    and the learning rate is low, which under symmetric noise was found to certify more.

    Parameters
    ----------
    rows_per_class : int, default=64
        U rests on so many rows for each class, and on 512 at least. A batch with less moves the
        running mean by its share.
    ridge : float, default=1e-6
        Added to the diagonal of U, which keeps the gradient finite for a class without rows.

    References
    ----------
    .. [1] Y. Xu, P. Cao, Y. Kong and Y. Wang, "L_DMI: a novel information-theoretic loss function
       for training deep nets robust to label noise", NeurIPS 2019, arXiv 1909.03388.

    Examples
    --------
    >>> import torch
    >>> from sklearn_mi.losses import DeterminantMutualInfoLoss
    >>> loss = DeterminantMutualInfoLoss().set_class_prior([0.5, 0.5])
    >>> target = torch.tensor([0, 0, 1, 1])
    >>> certain = 100 * torch.nn.functional.one_hot(target).float()
    >>> round(loss(certain, target).item(), 3)  # U is half the identity: -log(1/4)
    1.386
    """

    warm_start = "ce"
    learning_rate_factor = 0.3
    models_label_noise = True
    blind_to_names = True

    def __init__(self, rows_per_class=64, ridge=1e-6):
        super().__init__()
        self.rows_per_class = rows_per_class
        self.ridge = ridge
        self.register_buffer("running", None)

    def auto_batch_size(self, n_rows, n_classes):
        return min(n_rows, self._n_rows(n_classes))

    def _n_rows(self, n_classes):
        """Rows that U rests on."""
        return max(LEAST_ROWS, self.rows_per_class * n_classes)

    def forward(self, scores, target, weight=None):
        joint = joint_matrix(scores.softmax(-1), target, weight)
        share = target.shape[-1] / self._n_rows(scores.shape[-1])
        if self.training and share < 1:
            joint = self._mix(joint, share)
        ridge = self.ridge * torch.eye(joint.shape[-1], dtype=joint.dtype, device=joint.device)
        return -torch.linalg.slogdet(joint + ridge).logabsdet

    def _mix(self, joint, share):
        """The running mean, with the gradient of the batch alone."""
        batch = joint.detach()
        if self.running is None or self.running.shape != batch.shape:
            self.running = batch.lerp(self.log_prior.exp().diag(), RIGHT_AT_FIRST)
        self.running = self.running.lerp(batch, share)
        return self.running + (joint - batch)

    def log_proba(self, scores):
        return scores.log_softmax(-1)


def joint_matrix(proba, target, weight=None):
    """Joint frequencies of observed label (rows) and predicted class (columns), (..., K, K)."""
    onehot = torch.nn.functional.one_hot(target, proba.shape[-1]).to(proba.dtype)
    if weight is None:
        return onehot.mT @ proba / proba.shape[-2]
    onehot = onehot * (weight / weight.sum(-1, keepdim=True)).unsqueeze(-1)
    return onehot.mT @ proba
