"""From rows to trained autoencoders: those of all folds, and one that learns all rows, together."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch

from .. import _recipe as recipe
from .._engine._batches import MemberData
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


def train_autoencoders(estimator, clf, rows, encoding, bins, weight, members, seen, seed):
    """Train all members as one stack.

    Parameters
    ----------
    estimator : MutualInfoAutoencoder
    clf : MutualInfoClassifier
        With the parameters of networks and training.
    rows : ndarray
        Cells, or images.
    encoding : CellEncoding
    bins : CellBins
    weight : ndarray of shape (n,) or None
    members : FoldsAndAll
    seen : int ndarray
        The cell that each encoded column tells of.
    seed : int

    Returns
    -------
    trained : Trained
    """
    device = resolve_device(clf.device)
    with trainable(), repeatable(device):
        with seeded(seed, device):
            descriptions = describe(estimator, clf, rows, encoding, bins, members, seen)
            network = build(descriptions, bins, encoding, estimator.objective)
            _spread(network)
            network = network.to(device)
        data = _make_data(rows, weight, members, encoding, device)
        loss = AutoencoderLoss(estimator.objective, estimator.n_components)
        loss = loss.set_class_prior(np.ones(1)).to(device)
        settings = _settings(clf, loss, len(data))
        n_threads = resolve_threads(clf.n_threads, network, settings.batch_size)
        net, stopping, _ = Training(network, [loss], data, [settings], seed, n_threads).run()
    parts = [part.cpu().double().numpy() for part in loss.parts(stopping.scores_)]
    losses = [epoch["train_loss"] for epoch in net.history]
    return Trained(network, descriptions, *parts, losses, list(stopping.curve_))


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


def _make_data(rows, weight, members, encoding, device):
    if weight is not None:
        used = weight[weight > 0]
        weight = torch.as_tensor(weight, dtype=torch.float32, device=device)
        weight = None if np.ptp(used) == 0 else weight
    labels = torch.zeros(len(rows), dtype=torch.long, device=device)
    return MemberData(to_device(rows, device), labels, weight, members, encoding.to(device))


def describe(estimator, clf, rows, encoding, bins, members, seen):
    """What makes the encoders and the decoders."""
    d, own = estimator.n_components, encoding.encoding
    table = None if clf.image_shape_ is not None else own
    pixels = rows[:, : clf.image_shape_[0]] if table is None else rows[:, : encoding.n_read]
    encoder = recipe.describe_networks(clf, table, pixels, members.train_rows, 2 * d)
    for name in ("n_numeric", "edges"):  # of embeddings, with which fewer components are active
        encoder["params"].pop(name, None)
    likelihood = CellLikelihood(bins)
    usual = {
        "hidden_layer_sizes": recipe._check_sizes(clf.hidden_layer_sizes)[::-1],
        "activation": clf.activation,
        "dropout": clf.dropout,
    }
    decoder = {"n_members": members.n_members, "n_code": d, **usual}
    if estimator.decoder == "autoregressive":
        decoder |= {"seen": seen, "told": likelihood.output_cells}
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
