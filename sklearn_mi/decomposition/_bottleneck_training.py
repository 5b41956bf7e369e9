"""From rows to trained bottlenecks: the folds of all betas as one stack."""

from typing import NamedTuple

import numpy as np
import torch

from .. import _recipe as recipe
from .._engine._batches import MemberData
from .._engine._networks import build_networks
from .._engine._resources import (
    repeatable,
    resolve_device,
    resolve_threads,
    seeded,
    to_device,
    trainable,
)
from .._engine._subsets import SubsetMembers
from .._engine._training import Training
from .._inputs._sparse_rows import of_networks
from ._bottleneck_loss import BottleneckLoss
from ._bottleneck_network import BottleneckNetwork
from ._places import class_places


class Trained(NamedTuple):
    """Bottlenecks of P betas and F folds.

    Attributes
    ----------
    network : BottleneckNetwork
        Of P * F members, those of a beta one after the other.
    description : dict
        Of the encoders of one beta.
    log_q, mean, log_std : ndarrays of shape (P, N, ...)
        Of each held-out entry, by the member that holds it out.
    loss_curve, validation_curve : list of float
        Mean loss after each epoch, of batches and of held-out rows.
    """

    network: torch.nn.Module
    description: dict
    log_q: np.ndarray
    mean: np.ndarray
    log_std: np.ndarray
    loss_curve: list
    validation_curve: list


class NuisanceData(MemberData):
    """Rows with their nuisances, which a batch brings along."""

    nuisance = None

    def target(self, rows):
        """Labels, weights and nuisances."""
        if self.nuisance is None:
            return super().target(rows)
        weight = torch.ones(rows.shape, device=rows.device)
        weight = weight if self.weight is None else self.weight[rows]
        return self.y[rows], weight, self.nuisance[rows]


def train_path(clf, encoder, rows, task, path, n_components, seed):
    """Train bottlenecks for all betas, each on all folds.

    Parameters
    ----------
    clf : MutualInfoClassifier
        With the parameters of networks and training.
    encoder : TableEncoder, SparseEncoder or ImageEncoder
        Fitted to the training rows of each fold.
    rows : ndarray
        As it reads them.
    task : Task
    path : tuple of two ndarrays of shape (P,)
        Betas and weights of the nuisance.
    n_components, seed : int

    Returns
    -------
    trained : Trained
    """
    device, n_folds = resolve_device(clf.device), task.members.n_members
    n_betas = len(path[0])
    stack = SubsetMembers.of(task.members, n_betas)
    fold = np.tile(np.arange(n_folds), n_betas)
    with trainable(), repeatable(device):
        description = _describe(clf, encoder, rows, task, n_components, device, seed)
        network = _build(description, fold, task, n_components, device, seed)
        data = _make_data(encoder, rows, task, stack, fold, device)
        loss = _make_loss(task, path, n_folds, n_components, device)
        settings = recipe.make_settings(clf, loss, len(data), task.target.n_classes)
        n_threads = resolve_threads(clf.n_threads, network, settings.batch_size)
        training = Training(network, [loss], data, [settings], seed, n_threads)
        net, stopping, _ = training.run()
    parts = [part.cpu().double().numpy() for part in loss.parts(stopping.scores_)]
    parts = [part.reshape(n_betas, -1, part.shape[-1]) for part in parts]
    losses = [epoch["train_loss"] for epoch in net.history]
    return Trained(network, description, *parts, losses, list(stopping.curve_))


def _describe(clf, encoder, rows, task, n_components, device, seed):
    """The encoders of all folds, by what makes them."""
    encoding = None
    if clf.image_shape_ is None:
        encoding = encoder.encoding.of_members(slice(task.members.n_members))
    with seeded(seed, device):
        return recipe.describe_networks(
            clf, encoding, rows, task.members.train_rows, 2 * n_components
        )


def _build(description, fold, task, n_components, device, seed):
    ordered = task.target.edges is not None
    places = class_places(task.target.n_classes, n_components, ordered, task.in_line)
    params = description["params"]
    if params.get("edges") is not None:
        params = {**params, "edges": params["edges"][fold]}
    with seeded(seed, device):
        encoders = build_networks(**{**description, "params": params, "n_members": len(fold)})
        return BottleneckNetwork(encoders, len(fold), places, task.n_used).to(device)


def _make_data(encoder, rows, task, stack, fold, device):
    encoding = encoder.encoding.of_members(fold)
    weight, X = None, to_device(of_networks(rows), device)
    if task.weight is not None and np.ptp(task.weight[task.weight > 0]) > 0:
        weight = torch.as_tensor(task.weight, dtype=torch.float32, device=device)
    labels = torch.as_tensor(task.target.labels, device=device)
    data = NuisanceData(X, labels, weight, stack, encoding.to(device))
    if task.nuisance is not None:
        data.nuisance = torch.as_tensor(task.nuisance, device=device)
    return data


def _make_loss(task, path, n_folds, n_components, device):
    each = (np.repeat(of, n_folds) for of in path)
    each = [torch.as_tensor(of, dtype=torch.float32) for of in each]
    shares = [] if task.nuisance is None else [shares_of(own) for own in task.nuisance.T]
    loss = BottleneckLoss(*each, n_components, shares, task.in_line)
    return loss.set_class_prior(task.prior).to(device)


def shares_of(codes, rows=slice(None)):
    """How frequent each value of a nuisance is, among some rows; of those elsewhere as if once."""
    counts = np.bincount(codes[rows], minlength=codes.max() + 1)
    return torch.as_tensor(np.maximum(counts, 1) / counts.sum(), dtype=torch.float32)
