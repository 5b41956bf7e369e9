"""Autoencoders and bottlenecks mix no tensor of the CPU into those of another device.

On the device "meta" nothing is computed, and an operation that mixes in another device's tensor
raises: what would fail on a GPU fails here.
"""

import numpy as np
import pytest
import torch

from sklearn_mi._inputs._table_encoder import TableEncoder
from sklearn_mi.decomposition._autoencoder_loss import OBJECTIVES, AutoencoderLoss
from sklearn_mi.decomposition._autoencoder_network import AutoencoderNetwork
from sklearn_mi.decomposition._bottleneck_loss import BottleneckLoss
from sklearn_mi.decomposition._bottleneck_network import BottleneckNetwork
from sklearn_mi.decomposition._cell_bins import CellBins
from sklearn_mi.decomposition._cell_encoding import CellEncoding
from sklearn_mi.decomposition._cell_likelihood import CellLikelihood
from sklearn_mi.decomposition._masked_layers import MaskedMLP
from sklearn_mi.decomposition._places import class_places
from sklearn_mi.modules import StackedMLP

META, D, N_MEMBERS = torch.device("meta"), 2, 3
TABLE = np.array(
    [[0.1, "a"], [2.0, "b"], [None, "a"], [3.0, "b"], [1.0, "b"], [0.5, "a"]] * 4, object
)


def on_meta(*shape, dtype=torch.float32):
    return torch.zeros(shape, dtype=dtype, device=META)


def test_a_cpu_tensor_is_refused():
    with pytest.raises(RuntimeError, match="device"):
        on_meta(2) + torch.zeros(2)


@pytest.mark.parametrize("autoregressive", [False, True])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_autoencoders_stay_where_they_are(objective, autoregressive):
    rows = [np.arange(24)] * N_MEMBERS
    encoder = TableEncoder().fit(TABLE, rows)
    read = encoder.read(TABLE)
    bins = CellBins.fit(read[:, :1], read[:, 1:].astype(int), encoder.places_, rows, 4)
    cells = np.arange(2)
    encoding = CellEncoding(encoder.encoding, bins, cells[:1], cells[1:], 2).to(META)
    likelihood, width = CellLikelihood(bins), encoding.n_encoded
    decoder = StackedMLP(N_MEMBERS, D, likelihood.n_outputs)
    if autoregressive:
        seen = np.array([0, 0, 1, 1])
        layers = (16,), "silu", 0.1
        decoder = MaskedMLP(N_MEMBERS, D, seen, likelihood.output_cells, *layers)
    networks = StackedMLP(N_MEMBERS, width, 2 * D), decoder, likelihood
    noisy = objective != "reconstruction"
    network = AutoencoderNetwork(*networks, width, None, D, noisy, autoregressive).to(META)
    shares = [torch.tensor([0.4, 0.6])]
    loss = AutoencoderLoss(objective, D, shares, 30.0).to(META)
    background = on_meta(N_MEMBERS, 8, 1, dtype=torch.long)
    x = encoding(on_meta(N_MEMBERS, 8, 2, dtype=torch.float64))
    for mode in (True, False):
        scores = network.train(mode)(x)
        loss(scores, None, on_meta(N_MEMBERS, 8), background).sum().backward()
    bins, missing = likelihood.bin_probabilities(
        network.decode(on_meta(N_MEMBERS, 8, D), x[..., :width])
    )
    assert {own.device for own in (bins, missing)} == {META}


def test_bottlenecks_stay_where_they_are():
    encoder = StackedMLP(N_MEMBERS, 4, 2 * D)
    network = BottleneckNetwork(encoder, N_MEMBERS, class_places(3, D)).to(META)
    each = torch.full((N_MEMBERS,), 0.1)
    loss = BottleneckLoss(each, each, D, [torch.tensor([0.4, 0.6])]).to(META)
    labels = on_meta(N_MEMBERS, 8, dtype=torch.long)
    nuisance = on_meta(N_MEMBERS, 8, 1, dtype=torch.long)
    for mode in (True, False):
        scores = network.train(mode)(on_meta(N_MEMBERS, 8, 4))
        loss(scores, labels, on_meta(N_MEMBERS, 8), nuisance).sum().backward()
