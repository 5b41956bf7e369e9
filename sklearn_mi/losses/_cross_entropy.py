"""Cross-entropy, the log loss of a softmax."""

from torch.nn.functional import cross_entropy

from ._base import Loss, weighted_mean


class CrossEntropyLoss(Loss):
    r"""Cross-entropy of the observed labels under ``softmax(scores)``.

    .. math:: L = -\frac{1}{B} \sum_i \log \mathrm{softmax}(f(x_i))_{y_i}

    Its minimum over all functions f is the conditional entropy H(Y | X), so that
    H(Y) - L is a lower bound on I(X; Y) in expectation [1]_. In nats.

    References
    ----------
    .. [1] D. Barber and F. Agakov, "The IM algorithm: a variational approach to information
       maximization", NeurIPS 2003.

    Examples
    --------
    >>> import torch
    >>> from sklearn_mi.losses import CrossEntropyLoss
    >>> loss = CrossEntropyLoss().set_class_prior([0.5, 0.5])
    >>> round(loss(torch.zeros(3, 2), torch.tensor([0, 1, 1])).item(), 4)  # log 2
    0.6931
    """

    def forward(self, scores, target, weight=None):
        if len(target) == 1 and target.ndim == 2 and weight is None:  # one network, in one call
            return cross_entropy(scores.squeeze(0), target.squeeze(0)).unsqueeze(0)
        values = cross_entropy(scores.flatten(0, -2), target.flatten(), reduction="none")
        return weighted_mean(values.view(target.shape), weight)

    def log_proba(self, scores):
        return scores.log_softmax(-1)
