"""Losses in double precision, batches, gradients, and a small joint table as rows."""

import numpy as np
import torch

from sklearn_mi.losses import LOSSES

PRIOR = [0.5, 0.3, 0.2]
NOISE = torch.tensor([[0.4, 0.6, 0.0], [0.1, 0.8, 0.1], [0.2, 0.0, 0.8]], dtype=torch.double)


def make_loss(name, prior=PRIOR, **params):
    """A loss in double precision as it scores, with class frequencies and a noise matrix."""
    loss = LOSSES[name](**params).set_class_prior(prior)
    if loss.needs_noise_matrix:
        loss.set_noise_matrix(0.7 * np.eye(len(prior)) + 0.3 / len(prior))
    return loss.double().eval()


def make_batch(*shape, n_classes=3, seed=0):
    """Scores (*shape, K), labels (*shape,) among which every class occurs, weights (*shape,)."""
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(*shape, n_classes, generator=generator, dtype=torch.double)
    target = torch.rand(shape, generator=generator).argsort(-1) % n_classes
    weight = 0.1 + torch.rand(shape, generator=generator, dtype=torch.double)
    return scores, target, weight


def gradient(loss, scores, *target):
    scores = scores.clone().requires_grad_()
    loss(scores, *target).sum().backward()
    return scores.grad


def joint_table(n_values=6, n_classes=3, seed=0):
    cells = np.random.default_rng(seed).dirichlet(np.full(n_values * n_classes, 0.7))
    return torch.as_tensor(cells).reshape(n_values, n_classes)


def population(scores, joint):
    """Scores (x, K) as rows, one for each cell of the joint, weighted by its probability."""
    n_values, n_classes = joint.shape
    target = torch.arange(n_classes).repeat(n_values)
    return scores.repeat_interleave(n_classes, 0), target, joint.flatten()


def pointwise_mutual_info(joint):
    return (joint / joint.sum(1, keepdim=True) / joint.sum(0)).log()
