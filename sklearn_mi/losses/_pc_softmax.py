"""Probability-corrected softmax: the scores of the network are pointwise mutual information."""

from ._base import Loss, observed, weighted_mean


class ProbabilityCorrectedSoftmaxLoss(Loss):
    r"""Negative mean pointwise mutual information under a probability-corrected softmax.

    With p the class frequencies of the training rows,

    .. math::
        PC_k(x) = \frac{\exp f_k(x)}{\sum_j p_j \exp f_j(x)}, \qquad
        L = -\frac{1}{B} \sum_i \log PC_{y_i}(x_i)

    The posterior is :math:`p_k PC_k(x)`, so PC is the ratio of posterior to prior and -L is the
    estimate of I(X; Y) in nats [1]_: L may be negative, PC may exceed one. At the optimum f equals
    the pointwise mutual information up to a function of x alone, and its largest entry is the
    decision for equally frequent classes; rare classes are therefore not outvoted.

    The gradient is that of cross-entropy on :math:`f + \log p`. The same loss is known as balanced
    softmax [2]_ and as logit adjustment with :math:`\tau = 1` [3]_. What LADE [4]_ calls "PC
    softmax" is another thing: plain cross-entropy, with log p subtracted when predicting, which
    here is ``loss="ce", priors="uniform"``.

    References
    ----------
    .. [1] Z. Qin, D. Kim and T. Gedeon, "Neural network classifier as mutual information
       evaluator", arXiv 2106.10471, 2021; arXiv 1911.10688, 2019.
    .. [2] J. Ren et al., "Balanced meta-softmax for long-tailed visual recognition",
       NeurIPS 2020.
    .. [3] A. K. Menon et al., "Long-tail learning via logit adjustment", ICLR 2021.
    .. [4] Y. Hong et al., "Disentangling label distribution for long-tailed visual recognition",
       CVPR 2021.

    Examples
    --------
    >>> import torch
    >>> from sklearn_mi.losses import ProbabilityCorrectedSoftmaxLoss
    >>> loss = ProbabilityCorrectedSoftmaxLoss().set_class_prior([0.9, 0.1])
    >>> abs(loss(torch.zeros(3, 2), torch.tensor([0, 1, 1])).item()) < 1e-6  # no information
    True
    >>> loss.log_proba(torch.zeros(2)).exp()
    tensor([0.9000, 0.1000])
    """

    default_priors = "uniform"

    def forward(self, scores, target, weight=None):
        pointwise = self.log_proba(scores) - self.log_prior
        return weighted_mean(-observed(pointwise, target), weight)

    def log_proba(self, scores):
        return (scores + self.log_prior).log_softmax(-1)
