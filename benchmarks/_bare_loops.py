"""Bare loops beside autoencoders and bottlenecks: their layers and losses, one by one."""

import numpy as np
import torch

from sklearn_mi.decomposition._autoencoder_loss import AutoencoderLoss
from sklearn_mi.decomposition._autoencoder_network import AutoencoderNetwork
from sklearn_mi.decomposition._bottleneck_loss import BottleneckLoss
from sklearn_mi.decomposition._bottleneck_network import BottleneckNetwork
from sklearn_mi.decomposition._cell_bins import CellBins, bins_of
from sklearn_mi.decomposition._cell_likelihood import CellLikelihood
from sklearn_mi.decomposition._places import class_places
from sklearn_mi.modules import StackedMLP, quantile_edges

N_COMPONENTS, N_BINS, DECAY, FOLDS = 2, 32, 0.01, 5
BETAS = 0.003, 0.01, 0.03, 0.1, 0.3
RATE, EDGES = 6e-3, 4


def bare_autoencoders(X, n_epochs):
    """As many autoencoders as there are folds, and one of all rows; nothing is scored."""
    none = np.zeros((len(X), 0), int)
    bins = CellBins.fit(X, none, [], [np.arange(len(X))], N_BINS)
    codes = np.column_stack([bins_of(x, e) for x, e in zip(X.T, bins.inner[0], strict=True)])
    rows = torch.tensor(np.concatenate([scaled(X), codes], axis=1), dtype=torch.float32)
    for number in range(FOLDS + 1):
        n_train = len(X) if number == FOLDS else len(X) * (FOLDS - 1) // FOLDS
        likelihood, sizes = CellLikelihood(bins), {"dropout": 0.0}
        network = AutoencoderNetwork(
            StackedMLP(1, X.shape[1], 2 * N_COMPONENTS, **sizes),
            StackedMLP(1, N_COMPONENTS, likelihood.n_outputs, **sizes),
            *(likelihood, X.shape[1], None, N_COMPONENTS, True, False),
        )
        loss = AutoencoderLoss("info_vae", N_COMPONENTS)
        train(network, loss, rows[:n_train], torch.zeros(n_train, dtype=torch.long), n_epochs)


def bare_bottlenecks(X, labels, n_epochs):
    """A bottleneck for each fold of each beta; nothing is scored."""
    rows = torch.tensor(scaled(X), dtype=torch.float32)
    labels, n_train = torch.as_tensor(labels), len(X) * (FOLDS - 1) // FOLDS
    places = class_places(int(labels.max()) + 1, N_COMPONENTS)
    edges = quantile_edges(rows.numpy(), EDGES)[None]
    for beta in np.repeat(BETAS, FOLDS):
        encoder = StackedMLP(1, X.shape[1], 2 * N_COMPONENTS, n_numeric=X.shape[1], edges=edges)
        network = BottleneckNetwork(encoder, 1, places)
        loss = BottleneckLoss(torch.tensor([float(beta)]), torch.zeros(1), N_COMPONENTS)
        train(network, loss, rows[:n_train], labels[:n_train], n_epochs)


def scaled(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)


def train(network, loss, rows, labels, n_epochs):
    torch.set_num_threads(1)
    network.train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    size = max(64, min(256, len(rows) // 16))
    for _ in range(n_epochs):
        for batch in torch.randperm(len(rows)).split(size):
            optimizer.zero_grad()
            loss(network(rows[batch][None]), labels[batch][None]).sum().backward()
            optimizer.step()
