"""Generalised cross-entropy: between log loss and mean absolute error."""

from ._base import Loss, observed, weighted_mean


class GeneralizedCrossEntropyLoss(Loss):
    r"""Mean Box-Cox transform of the probability of the observed label.

    .. math::
        L = \frac{1}{B} \sum_i \frac{1 - r_{y_i}(x_i)^q}{q}, \qquad r = \mathrm{softmax}(f)

    For q = 1 it is half the absolute error of the probabilities, for :math:`q \to 0` cross-entropy.
    The gradient of a row is that of cross-entropy times :math:`r_y^q`: labels that the network
    does not believe pull less, so that fewer wrong ones are learnt by heart [1]_. Nothing tells
    how many there are; beyond half of a class, the wrong label wins.

    It is no proper score: the scores lean towards the true class, and what the observed label makes
    of it is left to the noise matrix that is fitted to held-out rows.

    Parameters
    ----------
    q : float, default=0.7
        In (0, 1].

    References
    ----------
    .. [1] Z. Zhang and M. R. Sabuncu, "Generalized cross entropy loss for training deep neural
       networks with noisy labels", NeurIPS 2018.

    Examples
    --------
    >>> import torch
    >>> from sklearn_mi.losses import GeneralizedCrossEntropyLoss
    >>> loss = GeneralizedCrossEntropyLoss(q=1.0)
    >>> round(loss(torch.tensor([[0.75, 0.25]]).log(), torch.tensor([0])).item(), 4)  # 1 - .75
    0.25
    """

    models_label_noise = True

    def __init__(self, q=0.7):
        super().__init__()
        if not 0 < q <= 1:
            raise ValueError(
                f'q={q!r} must be above 0 and at most 1; for cross-entropy, q to 0, use loss="ce".'
            )
        self.q = q

    def forward(self, scores, target, weight=None):
        log_likelihood = observed(scores.log_softmax(-1), target)
        return weighted_mean(-(self.q * log_likelihood).expm1() / self.q, weight)

    def log_proba(self, scores):
        return scores.log_softmax(-1)
