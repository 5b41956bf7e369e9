"""What an autoencoder minimises: the distortion, and what its objective asks of the code."""

import torch

from ..losses import Loss
from ..losses._base import weighted_mean
from ._bottleneck_loss import MOST_ROWS, ROWS_OF_BATCH, rate
from ._dependence import pair_covariance

OBJECTIVES = "reconstruction", "vae", "info_vae", "info_max"
RATE_WEIGHT = {"reconstruction": 0.0, "vae": 1.0, "info_vae": 0.1, "info_max": 1.0}
TINY = 1e-12
MMD_WEIGHT, INFORMATION_WEIGHT = 30.0, 0.8
WIDTHS = 1, 1 / 3, 1 / 9  # of kernels, as shares of the mean squared distance of two prior draws


class AutoencoderLoss(Loss):
    r"""The distortion and, by the objective, the price of the code, in nats.

    .. math:: E[-\log p(x \mid z)] + \alpha \, E[KL(p(z \mid x) \,\|\, N(0, 1))]
              + \lambda \, MMD(p(z), N(0, 1)) - \gamma \, I_{NCE}(X; Z)

    "reconstruction" is the first term alone, "vae" [1]_ has alpha = 1, "info_vae" [2]_ a smaller
    one and lambda > 0: then the code may tell much of a row, as long as all codes together look
    like the prior. "info_max" has alpha = 1 and gamma > 0, with a lower bound on I(X; Z) of which
    the density of each code is known [3]_.

    Parameters
    ----------
    objective : {"reconstruction", "vae", "info_vae", "info_max"}
    n_components : int
        d, of the code.
    shares : list of Tensors, default=()
        How frequent each value of each background is.
    background_weight : float, default=0
        The price of `pair_covariance` of codes and backgrounds.

    References
    ----------
    .. [1] D. P. Kingma and M. Welling, "Auto-encoding variational Bayes", ICLR 2014.
    .. [2] S. Zhao, J. Song and S. Ermon, "InfoVAE: balancing learning and inference in variational
       autoencoders", AAAI 2019.
    .. [3] B. Poole et al., "On variational bounds of mutual information", ICML 2019.
    """

    def __init__(self, objective, n_components, shares=(), background_weight=0.0):
        super().__init__()
        self.objective, self.n_components = objective, n_components
        self.n_backgrounds, self.background_weight = len(shares), background_weight
        for number, share in enumerate(shares):
            self.register_buffer(f"share_{number}", share)

    def auto_batch_size(self, n_rows, n_classes):
        low, high = ROWS_OF_BATCH
        return min(max(n_rows // 4, low), high) if self.n_backgrounds else None

    def forward(self, scores, target, weight=None, background=None):
        distortion, mean, log_std = self.parts(scores)
        values = distortion + RATE_WEIGHT[self.objective] * rate(mean, log_std)
        loss = weighted_mean(values, weight)
        if mean.ndim == 2:  # held-out rows of one member
            some = slice(0, None, -(-len(mean) // MOST_ROWS))
            rows = (own if own is None else own[None, some] for own in (weight, background))
            pairs = self._of_pairs(mean[None, some], log_std[None, some], *rows)
            return loss + pairs.squeeze(0)
        return loss + self._of_pairs(mean, log_std, weight, background)

    def _of_pairs(self, mean, log_std, weight, background):
        price = self._price_of_information(mean, log_std, weight)
        if background is None:
            return price
        shares = [getattr(self, f"share_{number}") for number in range(self.n_backgrounds)]
        return price + self.background_weight * pair_covariance(mean, background, shares, weight)

    def _price_of_information(self, mean, log_std, weight):
        if self.objective in ("reconstruction", "vae"):
            return mean.new_zeros(len(mean))
        code = mean + log_std.exp() * torch.randn_like(mean)
        if self.objective == "info_vae":
            return MMD_WEIGHT * distance_from_prior(code, weight)
        return -INFORMATION_WEIGHT * information_bound(code, mean, log_std, weight)

    def log_proba(self, scores):
        return -self.parts(scores)[0][..., None]

    def parts(self, scores):
        """Distortion of each row, and the mean and log standard deviation of its code."""
        d = self.n_components
        distortion, mean, log_std = scores.split([1, d, d], -1)
        return distortion[..., 0], mean, log_std


def distance_from_prior(code, weight=None):
    r"""Squared maximum mean discrepancy of codes (M, B, d) from standard normal ones, (M,).

    With a mean of Gaussian kernels, whose expectation under the prior is known. Without bias: the
    pairs of a row with itself do not count. Rows count by their weights (M, B).
    """
    d, share = code.shape[-1], _row_shares(code, weight)
    norm = code.square().sum(-1)
    squared = (norm[:, :, None] + norm[:, None] - 2 * code @ code.mT).clamp_min(0)
    with_itself, total = share.square().sum(1), 0
    for width in (of * d for of in WIDTHS):  # the variance of a kernel
        pairs = torch.exp(-squared / (2 * width))
        among = (share * (pairs @ share[..., None])[..., 0]).sum(1) - with_itself
        among = among / (1 - with_itself).clamp_min(TINY)
        beyond = (share * torch.exp(-norm / (2 * (width + 1)))).sum(1)
        beyond = beyond * (width / (width + 1)) ** (d / 2)
        total = total + among - 2 * beyond + (width / (width + 2)) ** (d / 2)
    return total / len(WIDTHS)


def information_bound(code, mean, log_std, weight=None):
    r"""Lower bound on I(X; Z) in nats of B rows, (M,), which ends at log B.

    .. math:: E\Big[\log \frac{p(z_i \mid x_i)}{\sum_j w_j p(z_i \mid x_j)}\Big]

    with weights w of rows that sum to one, 1 / B if none are given.
    """
    share = _row_shares(code, weight)
    precision = (-2 * log_std).exp()
    squared = code.square() @ precision.mT - 2 * code @ (mean * precision).mT
    squared = squared + (mean.square() * precision).sum(-1)[:, None]
    log_density = -squared / 2 - log_std.sum(-1)[:, None]  # of code i under row j
    own = log_density.diagonal(dim1=1, dim2=2)
    of_all = (log_density + share.clamp_min(TINY).log()[:, None]).logsumexp(-1)
    return (share * (own - of_all)).sum(1)


def _row_shares(code, weight):
    weight = torch.ones_like(code[..., 0]) if weight is None else weight
    return weight / weight.sum(1, keepdim=True).clamp_min(TINY)
