"""What a bottleneck minimises: what is not known of the label, the rate, and the nuisance."""

import copy

import torch

from ..losses import Loss
from ..losses._base import observed, weighted_mean
from ._dependence import line_nearness, pair_covariance

MOST_ROWS = 256  # of which pairs are looked at to choose an epoch
ROWS_OF_BATCH = 64, 128  # a quarter of all, where pairs are to tell of a nuisance
ROWS_ON_A_LINE, MOST_ON_A_LINE = 512, 2000  # the same, where a regression is to


class BottleneckLoss(Loss):
    r"""The variational information bottleneck [1]_, with a penalty on what a nuisance leaves.

    .. math:: E[-\log q(y \mid z)] + \beta \, E[KL(p(z \mid x) \,\|\, N(0, 1))]
              + \lambda D(z; s)

    of which the first is at least H(Y) - I(Z; Y) in expectation, the second is the *rate*, at least
    I(X; Z), and the third is `pair_covariance`. In nats.

    Parameters
    ----------
    beta, nuisance_weight : Tensors of shape (M,)
        Of each member.
    n_components : int
        d, of the code.
    shares : list of Tensors, default=()
        How frequent each value of each nuisance is.
    in_line : bool, default=False
        Whether codes are on a line, the first component, where D is that of `line_nearness`.

    References
    ----------
    .. [1] A. A. Alemi, I. Fischer, J. V. Dillon and K. Murphy, "Deep variational information
       bottleneck", ICLR 2017.
    """

    differs_by_member = True

    def __init__(self, beta, nuisance_weight, n_components, shares=(), in_line=False):
        super().__init__()
        self.nearness = line_nearness if in_line else None
        self.most_rows = MOST_ON_A_LINE if in_line else MOST_ROWS
        self.rows_of_batch = ROWS_OF_BATCH[0], ROWS_ON_A_LINE if in_line else ROWS_OF_BATCH[1]
        self.n_components, self.n_nuisances = n_components, len(shares)
        self.register_buffer("beta", beta)
        self.register_buffer("nuisance_weight", nuisance_weight)
        for number, share in enumerate(shares):
            self.register_buffer(f"share_{number}", share)

    def auto_batch_size(self, n_rows, n_classes):
        low, high = self.rows_of_batch
        return min(max(n_rows // 4, low), high) if self.n_nuisances else None

    def forward(self, scores, target, weight=None, nuisance=None):
        log_q, mean, log_std = self.parts(scores)
        beta = self.beta.unsqueeze(-1) if scores.ndim == 3 else self.beta
        values = beta * rate(mean, log_std) - observed(log_q, target)
        loss = weighted_mean(values, weight)
        return loss if nuisance is None else loss + self._penalty(mean, nuisance, weight)

    def _penalty(self, mean, nuisance, weight):
        if mean.ndim == 2:  # held-out rows of one member
            some = torch.arange(0, len(mean), -(-len(mean) // self.most_rows), device=mean.device)
            weight = None if weight is None else weight[None, some]
            return self._penalty(mean[None, some], nuisance[None, some], weight).squeeze(0)
        shares = [getattr(self, f"share_{number}") for number in range(self.n_nuisances)]
        found = pair_covariance(mean, nuisance, shares, weight, self.nearness)
        return self.nuisance_weight * found

    def log_proba(self, scores):
        return self.parts(scores)[0]

    def of_member(self, member):
        """With the weights of one member, for rows without an axis of members."""
        own = copy.copy(self)
        own._buffers = dict(self._buffers)
        own.beta, own.nuisance_weight = self.beta[member], self.nuisance_weight[member]
        return own

    def parts(self, scores):
        """E log q of the classes, and the mean and log standard deviation of the code."""
        d = self.n_components
        return scores.split([scores.shape[-1] - 2 * d, d, d], -1)


def rate(mean, log_std):
    """KL divergence of the code of each row from standard normal noise, (..., d) to (...)."""
    return (mean.square() + (2 * log_std).exp() - 1 - 2 * log_std).sum(-1) / 2
