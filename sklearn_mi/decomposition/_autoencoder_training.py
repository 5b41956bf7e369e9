"""From rows to trained autoencoders: those of all folds, and one that learns all rows, together."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch

from .. import _recipe as recipe
from .._engine._members import Members
from .._engine._networks import build_networks
from .._engine._resources import (
    repeatable,
    resolve_device,
    resolve_threads,
    seeded,
    to_device,
    trainable,
)
from .._engine._training import Training
from ..modules import StackedLinear, StackedMLP
from ._autoencoder_loss import AutoencoderLoss
from ._autoencoder_network import AutoencoderNetwork
from ._background import LEVEL, WEIGHTS, independence
from ._bottleneck_training import NuisanceData, shares_of
from ._cell_likelihood import CellLikelihood
from ._masked_layers import MaskedMLP

N_STEPS, MOST_EPOCHS = 3000, 500
PATIENT_STEPS, MOST_PATIENCE = 300, 50


@dataclass(frozen=True)
class FoldsAndAll(Members):
    """Folds and, last, a member that trains on all rows, whose epoch the rows of the folds choose.

    What it says of rows that it knows has no say in anything.
    """

    @classmethod
    def of(cls, folds):
        """Those of `folds` and one more."""
        rows = np.unique(np.concatenate([*folds.train_rows, *folds.part_rows]))
        member = np.r_[folds.part_member, folds.n_members]
        return cls([*folds.train_rows, rows], [*folds.part_rows, rows[:1]], member)

    def outside(self, part):
        """Which entries are of rows that `part` does not score, by folds; bool (N,)."""
        outside = super().outside(part)
        outside[-1] = False
        return outside


class Trained(NamedTuple):
    """Autoencoders of all folds and, last, of all rows.

    Attributes
    ----------
    network : AutoencoderNetwork
    descriptions : tuple of two dicts
        Of encoder and decoder.
    distortion : ndarray of shape (N,)
        Of each held-out entry, that of the last member included.
    mean, log_std : ndarrays of shape (N, d)
    loss_curve, validation_curve : list of float
    """

    network: torch.nn.Module
    descriptions: tuple
    distortion: np.ndarray
    mean: np.ndarray
    log_std: np.ndarray
    loss_curve: list
    validation_curve: list


def train_autoencoders(estimator, clf, rows, task, seed):
    """Train all members as one stack, until their codes hold nothing of a background.

    Parameters
    ----------
    estimator : MutualInfoAutoencoder
    clf : MutualInfoClassifier
        With the parameters of networks and training.
    rows : AutoencoderRows
    task : AutoencoderTask
    seed : int

    Returns
    -------
    trained : Trained
    """
    if task.background is None:
        return _train(estimator, clf, rows, task, 0.0, seed)
    runs, found = [], []
    for weight in WEIGHTS:
        runs.append(_train(estimator, clf, rows, task, weight, seed))
        found.append(independence(runs[-1], task))
        if found[-1].min() > LEVEL:
            break
    return _chosen(runs, np.array(found) > LEVEL, task.members)


def _chosen(runs, passed, members):
    """The least price at which no fold's codes depend on the background, or the largest.

    What is said of a fold's held-out rows is by the price that all other folds choose.

    Parameters
    ----------
    runs : list of R Trained
    passed : bool ndarray of shape (R, n_folds)
    members : FoldsAndAll
    """
    own = [np.delete(passed, fold, axis=1) for fold in range(passed.shape[1])]
    prices = np.array([_first(of) for of in [*own, passed]])[members.entry_part]
    entry = np.arange(len(prices))
    parts = {
        name: np.stack([getattr(run, name) for run in runs])[prices, entry]
        for name in ("distortion", "mean", "log_std")
    }
    return runs[_first(passed)]._replace(**parts)


def _first(passed):
    good = passed.all(axis=1)
    return int(good.argmax()) if good.any() else len(good) - 1


def _train(estimator, clf, rows, task, weight, seed):
    device = resolve_device(clf.device)
    with trainable(), repeatable(device):
        with seeded(seed, device):
            descriptions = describe(estimator, clf, rows, task.members)
            network = build(descriptions, rows.bins, rows.encoding, estimator.objective)
            _spread(network)
            network = network.to(device)
        data = _make_data(rows, task, device)
        loss = _make_loss(estimator, task, weight).to(device)
        settings = _settings(clf, loss, len(data))
        n_threads = resolve_threads(clf.n_threads, network, settings.batch_size)
        net, stopping, _ = Training(network, [loss], data, [settings], seed, n_threads).run()
    parts = [part.cpu().double().numpy() for part in loss.parts(stopping.scores_)]
    losses = [epoch["train_loss"] for epoch in net.history]
    return Trained(network, descriptions, *parts, losses, list(stopping.curve_))


def _make_loss(estimator, task, weight):
    used, shares = task.members.train_rows[-1], []
    if task.background is not None:
        shares = [shares_of(own, used) for own in task.background.T]
    loss = AutoencoderLoss(estimator.objective, estimator.n_components, shares, weight)
    return loss.set_class_prior(np.ones(1))


def _settings(clf, loss, n_rows):
    """As for a classifier, but that few rows are seen more often: a decoder has more to learn."""
    settings = recipe.make_settings(clf, loss, n_rows, 1)
    n_batches, changed = -(-n_rows // settings.batch_size), {}
    if clf.max_iter == "auto":
        changed["max_iter"] = max(settings.max_iter, min(MOST_EPOCHS, N_STEPS // n_batches))
    if clf.n_iter_no_change == "auto":
        patience = min(MOST_PATIENCE, PATIENT_STEPS // n_batches)
        changed["n_iter_no_change"] = max(settings.n_iter_no_change, patience)
    return replace(settings, **changed)


@torch.no_grad()
def _spread(network):
    """Let last layers start at random, not at zero, from where codes are slow to be made use of."""
    for layers in (network.encoder, network.decoder):
        last = list(layers.modules())[-1]
        if isinstance(last, StackedLinear):
            last.weight.uniform_(-1, 1).mul_(last.weight.shape[1] ** -0.5)


def _make_data(rows, task, device):
    weight = task.weight
    if weight is not None:
        used = weight[weight > 0]
        weight = torch.as_tensor(weight, dtype=torch.float32, device=device)
        weight = None if np.ptp(used) == 0 else weight
    labels = torch.zeros(len(rows.joined), dtype=torch.long, device=device)
    X, encoding = to_device(rows.joined, device), rows.encoding.to(device)
    data = NuisanceData(X, labels, weight, task.members, encoding)
    if task.background is not None:
        data.nuisance = torch.as_tensor(task.background, device=device)
    return data


def describe(estimator, clf, rows, members):
    """What makes the encoders and the decoders."""
    d, cells = estimator.n_components, rows.cells
    table = None if clf.image_shape_ is not None else rows.encoding.encoding
    encoder = recipe.describe_networks(clf, table, rows.read, members.train_rows, 2 * d)
    for name in ("n_numeric", "edges"):  # of embeddings, with which fewer components are active
        encoder["params"].pop(name, None)
    usual = {
        "hidden_layer_sizes": recipe.check_sizes(clf.hidden_layer_sizes)[::-1],
        "activation": clf.activation,
        "dropout": clf.dropout,
    }
    decoder = {"n_members": members.n_members, "n_code": d, **usual}
    if estimator.decoder == "autoregressive":
        told = cells.order[CellLikelihood(rows.bins).output_cells]
        decoder |= {"seen": cells.seen(rows.encoder), "told": told}
    return encoder, decoder


def build(descriptions, bins, encoding, objective):
    """Encoders and decoders as their descriptions have them."""
    encoder, decoder = descriptions
    likelihood, autoregressive = CellLikelihood(bins), "seen" in decoder
    if autoregressive:
        layers = MaskedMLP(**decoder)
    else:
        shape = {"n_features": decoder["n_code"], "n_classes": likelihood.n_outputs}
        own = {name: value for name, value in decoder.items() if name != "n_code"}
        layers = StackedMLP(**shape, **own)
    sizes = encoding.n_encoded, encoding.image_shape, decoder["n_code"]
    noisy = objective != "reconstruction"
    return AutoencoderNetwork(
        build_networks(**encoder), layers, likelihood, *sizes, noisy, autoregressive
    )
