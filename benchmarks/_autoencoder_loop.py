"""The bare loop beside an autoencoder: its layers and its loss, one network after the other."""

import numpy as np
import torch

from sklearn_mi.decomposition._autoencoder_loss import AutoencoderLoss
from sklearn_mi.decomposition._autoencoder_network import AutoencoderNetwork
from sklearn_mi.decomposition._cell_bins import CellBins, bins_of
from sklearn_mi.decomposition._cell_likelihood import CellLikelihood
from sklearn_mi.modules import StackedMLP

N_NETWORKS, N_COMPONENTS, N_BINS, LEARNING_RATE, DECAY = 6, 2, 32, 6e-3, 0.01


def bare_loop(X, n_epochs):
    """Train as long as the estimator did, without folds to score and without averages."""
    torch.set_num_threads(1)
    none = np.zeros((len(X), 0), int)
    bins = CellBins.fit(X, none, [], [np.arange(len(X))], N_BINS)
    codes = np.column_stack([bins_of(x, e) for x, e in zip(X.T, bins.inner[0], strict=True)])
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    rows = torch.tensor(np.concatenate([scaled, codes], axis=1), dtype=torch.float32)
    for number in range(N_NETWORKS):
        n_train = len(X) if number == N_NETWORKS - 1 else len(X) * 4 // 5
        train(rows[:n_train], bins, X.shape[1], n_epochs)


def train(rows, bins, n_columns, n_epochs):
    likelihood, sizes = CellLikelihood(bins), {"hidden_layer_sizes": (128, 128), "dropout": 0.0}
    encoder = StackedMLP(1, n_columns, 2 * N_COMPONENTS, **sizes)
    decoder = StackedMLP(1, N_COMPONENTS, likelihood.n_outputs, **sizes)
    network = AutoencoderNetwork(
        encoder, decoder, likelihood, n_columns, None, N_COMPONENTS, True, False
    ).train()
    loss = AutoencoderLoss("info_vae", N_COMPONENTS)
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=DECAY)
    size = max(64, min(256, len(rows) // 16))
    for _ in range(n_epochs):
        for batch in torch.randperm(len(rows)).split(size):
            optimizer.zero_grad()
            loss(network(rows[batch][None]), None).sum().backward()
            optimizer.step()
