"""What generator and discriminator are trained for."""

import torch
from torch.nn import functional


def pairing_loss(better, worse):
    """Relativistic loss of scores in pairs: low where the first is higher."""
    return functional.softplus(worse - better).mean()


def slope_penalty(scores, inputs):
    """Mean squared slope of scores (n,) by their inputs, tensors of shape (n, ...)."""
    slopes = torch.autograd.grad(scores.sum(), inputs, create_graph=True, allow_unused=True)
    return sum(slope.square().sum(1).mean() for slope in slopes if slope is not None)


def missing_information(scores_of_drawn, scores_of_rows, codes):
    """Nats by which drawn points tell less of their codes than rows do; at least 0.

    The difference of two lower bounds on the information of code and point, of which H(C) cancels.
    More than rows tell is not asked for: that would draw points away from where codes meet.
    """
    drawn = functional.cross_entropy(scores_of_drawn, codes)
    return functional.relu(drawn - functional.cross_entropy(scores_of_rows, codes).detach())
