"""Gaussians of the scores of each class: their moments, and the density that these give."""

import torch
from torch import nn

POOLED_ROWS = 10.0  # of the covariance that all classes share, added to the rows of a class


class Diagonal:
    """Variances, (..., K, K): a row for each class."""

    @staticmethod
    def second_moment(share, scores):
        return share.mT @ scores.square()

    @staticmethod
    def central(second, mean):
        return (second - mean.square()).clamp_min(0)

    @staticmethod
    def add_ridge(covariance, ridge):
        return covariance + ridge

    @staticmethod
    def trace(covariance):
        return covariance.sum(-1)

    @staticmethod
    def log_det(covariance):
        return covariance.log().sum(-1)

    @staticmethod
    def squared_length(offset, covariance):
        """Of offsets (..., n, K) in units of the spread of one class."""
        return (offset.square() / covariance.unsqueeze(-2)).sum(-1)


class Full:
    """Covariance matrices, (..., K, K, K): a matrix for each class."""

    @staticmethod
    def second_moment(share, scores):
        return torch.einsum("...bc,...bi,...bj->...cij", share, scores, scores)

    @staticmethod
    def central(second, mean):
        return second - mean.unsqueeze(-1) * mean.unsqueeze(-2)

    @staticmethod
    def add_ridge(covariance, ridge):
        return covariance + ridge * torch.eye(covariance.shape[-1]).to(covariance)

    @staticmethod
    def trace(covariance):
        return covariance.diagonal(dim1=-2, dim2=-1).sum(-1)

    @staticmethod
    def log_det(covariance):
        return torch.linalg.slogdet(covariance).logabsdet

    @staticmethod
    def squared_length(offset, covariance):
        root = torch.linalg.cholesky(covariance)
        return (
            torch.linalg.solve_triangular(root.mT, offset, upper=True, left=False).square().sum(-1)
        )


COVARIANCES = {"diagonal": Diagonal, "full": Full}


class GaussianClasses(nn.Module):
    """A Gaussian for the scores of each class, of one network or of each member of a stack.

    Parameters
    ----------
    mean : Tensor of shape (..., K, K)
        Rows are classes.
    covariance : Tensor of shape (..., K, K) or (..., K, K, K)
        Variances, or a matrix for each class.
    kind : Diagonal or Full
    """

    def __init__(self, mean, covariance, kind):
        super().__init__()
        self.kind = kind
        self.register_buffer("mean", mean)
        self.register_buffer("covariance", covariance)

    @classmethod
    def of(cls, scores, target, weight, kind, ridge, vertices):
        """The Gaussians that scores (N, K) have, with labels (N,) and weights (N,) or None.

        A class is given some rows of the covariance that is common to all, so that one of a single
        row has a covariance too; one without rows stays at its vertex, a row of (K, K).
        """
        scores = scores.double()
        share, count = class_shares(target, scores, weight)
        mean = share.mT @ scores
        own = kind.central(kind.second_moment(share, scores), mean)
        mean = torch.where(count[:, None] > 0, mean, vertices.to(mean))
        count = count.reshape(-1, *[1] * (own.ndim - 1))
        pooled = (count * own).sum(0) / count.sum()
        shrunk = (count * own + POOLED_ROWS * pooled) / (count + POOLED_ROWS)
        return cls(mean.float(), kind.add_ridge(shrunk, ridge).float(), kind)

    @classmethod
    def stack(cls, members):
        """Those of several members as one, with a leading axis."""
        mean, covariance = (
            torch.stack([getattr(each, name) for each in members])
            for name in ("mean", "covariance")
        )
        return cls(mean, covariance, members[0].kind)

    def member(self, number):
        """Those of one member."""
        return GaussianClasses(self.mean[number], self.covariance[number], self.kind)

    def log_density(self, scores):
        """Log density of scores (..., n, K) in each class, (..., n, K), up to a constant."""
        axis = self.mean.ndim - 2  # that of the classes
        classes = zip(self.mean.unbind(axis), self.covariance.unbind(axis), strict=True)
        length = [
            self.kind.squared_length(scores - mean.unsqueeze(-2), own) for mean, own in classes
        ]
        log_det = self.kind.log_det(self.covariance).unsqueeze(-2)
        return -(torch.stack(length, -1) + log_det) / 2


def class_shares(target, scores, weight=None):
    """Share of each row in its class, (..., B, K), and the rows of each class, (..., K)."""
    rows = nn.functional.one_hot(target, scores.shape[-1]).to(scores.dtype)
    if weight is not None:
        rows = rows * (weight / weight.mean(-1, keepdim=True)).unsqueeze(-1)
    count = rows.sum(-2)
    return rows / count.clamp_min(torch.finfo(count.dtype).tiny).unsqueeze(-2), count
