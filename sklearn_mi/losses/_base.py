"""What every loss of the package promises."""

from abc import ABC, abstractmethod

import torch
from torch import nn


class Loss(nn.Module, ABC):
    """Base class of the losses: scores of a network in, one value per member out.

    A subclass writes two methods. ``forward`` is what training minimises; ``log_proba`` turns the
    same scores into log posterior probabilities, so that models trained with different losses
    can be compared by what they predict.

    Parameters are configuration only. The class frequencies arrive at fit time through
    :meth:`set_class_prior`, on a copy, so that a loss object can be cloned and searched over.

    Attributes
    ----------
    log_prior : Tensor of shape (K,)
        Log frequencies of the classes among the training rows, weights included.
    warm_start : str or None
        Name of the loss that trains the network first, for a loss that needs a good start.
    learning_rate_factor : float
        Factor on the learning rate of the estimator while this loss trains.
    warms_up : bool
        Whether the learning rate climbs to that over the first epoch.
    max_iter_factor : int
        Factor on the epochs that tables get at most where ``max_iter="auto"``.
    default_priors : {"empirical", "uniform"}
        The class distribution that `predict` decides under unless the user names one.
    models_label_noise : bool
        Whether the scores describe the true class, with the observed labels a noisy version of
        it. Probabilities then come from a fit of the noise matrix too.
    noise_matrix : array-like of shape (K, K) or None
        That of such labels, true classes in rows, where it is known beforehand.
    blind_to_names : bool
        Whether outputs may end up under the name of another class, to be put right afterwards.
    fits_class_model : bool
        Whether `fit_class_model` is to be called after training, with each member's scores of its
        training rows, for its posterior to come from what they say of the classes.
    needs_noise_matrix : bool
        Whether `set_noise_matrix` has to be called, with what `warm_start` tells of it to each
        member, (M, K, K), after which training begins anew.
    differs_by_member : bool
        Whether members are trained by different losses, as with weights of their own.
    """

    warm_start = None
    learning_rate_factor = 1.0
    warms_up = False
    max_iter_factor = 1
    default_priors = "empirical"
    models_label_noise = False
    noise_matrix = None
    blind_to_names = False
    fits_class_model = False
    needs_noise_matrix = False
    differs_by_member = False

    def __init__(self):
        super().__init__()
        self.register_buffer("log_prior", None)

    def set_class_prior(self, class_prior):
        """Take the class frequencies of the training rows.

        Parameters
        ----------
        class_prior : array-like of shape (K,)
            Positive frequencies that sum to one.

        Returns
        -------
        self : Loss
        """
        prior = torch.as_tensor(class_prior, dtype=torch.float32)
        self.log_prior = prior.log()
        return self

    def auto_batch_size(self, n_rows, n_classes):
        """Rows of a batch when the user leaves ``batch_size="auto"``; None for the usual choice."""
        return None

    @abstractmethod
    def forward(self, scores, target, weight=None):
        """Loss of each member.

        Parameters
        ----------
        scores : Tensor of shape (..., B, K)
            What the network returned for a batch of B rows.
        target : Tensor of shape (..., B)
            Encoded labels, 0 to K - 1.
        weight : Tensor of shape (..., B) or None
            Row weights; a weight of 2 counts as the row standing there twice.

        Returns
        -------
        loss : Tensor of shape (...)
        """

    @abstractmethod
    def log_proba(self, scores):
        """Log posterior under the training frequencies, shape (..., B, K).

        Where it depends on the member, members are the first axis.
        """

    def of_member(self, member):
        """The loss of a single member, for scores and targets without an axis of members.

        Itself, unless it holds something of each member.
        """
        return self


def observed(values, target):
    """Pick the entry of the observed class: (..., B, K) and (..., B) give (..., B)."""
    return values.gather(-1, target.unsqueeze(-1)).squeeze(-1)


def weighted_mean(values, weight=None):
    """Mean over the rows, (..., B) to (...)."""
    if weight is None:
        return values.mean(-1)
    return (weight * values).sum(-1) / weight.sum(-1)
