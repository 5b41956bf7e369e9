"""What a fitted autoencoder is made of, and what it answers."""

import numpy as np
import torch
from scipy.special import logsumexp
from torch import nn

from .._engine._networks import arrays_of
from .._engine._resources import answering_device, seeded, to_device, trainable
from .._inputs._image_encoder import ImageEncoder
from ._autoencoder_rows import cell_encoding
from ._autoencoder_training import build
from ._bottleneck_network import normal_draws
from ._cell_bins import CellBins
from ._cell_density import CellDensity
from ._cell_values import CellValues
from ._code_prior import draw_codes, fit_prior
from ._generated import Decoding
from ._restored_images import ImageForm
from ._restored_table import TableForm
from ._row_cells import RowCells

ROWS_AT_ONCE = 1024
LOG_ROOT = np.log(2 * np.pi) / 2
PARTS = {"cells": RowCells, "bins": CellBins, "values": CellValues, "density": CellDensity}
CPU = torch.device("cpu")


class FittedAutoencoder:
    """The network that has learnt all rows, and what its cells mean.

    Parameters
    ----------
    trained : Trained
    rows : AutoencoderRows
    used : int ndarray
        The rows that were trained on.
    form : TableForm or ImageForm
    objective : str
    """

    def __init__(self, trained, rows, used, form, objective):
        self.encoder, self.cells, self.form = rows.encoder, rows.cells, form
        self.objective, self.member = objective, len(rows.bins.inner) - 1
        self.bins = rows.bins.of_member(self.member)
        numbers, levels = rows.cells.split(rows.joined[used])
        self.values = CellValues(self.bins, numbers, levels)
        self.density = CellDensity(self.bins, numbers)
        self.empty = np.zeros_like(rows.joined[0])
        self.descriptions = tuple(_of_member(own, self.member) for own in trained.descriptions)
        self.components = np.arange(self.descriptions[1]["n_code"])
        self.arrays = self._arrays_of(trained.network)
        self._make()

    def _arrays_of(self, network):
        """Parameters and buffers of the member, those of its encoder as those of a module alone."""
        encoder = arrays_of(network.encoder.member(self.member))
        decoder = {k: v[[self.member]] for k, v in arrays_of(network.decoder).items()}
        parts = {"encoder.module": encoder, "decoder": decoder}
        return {f"{part}.{k}": v for part, own in parts.items() for k, v in own.items()}

    def _make(self):
        with trainable(), seeded(0, CPU):
            self.network = build(self.descriptions, self.bins, self.encoding, self.objective)
            self.network.encoder = Alone(self.network.encoder.member(0))
        tensors = self.network.state_dict(keep_vars=True)
        with torch.no_grad():
            for name, array in self.arrays.items():
                tensors[name].copy_(torch.tensor(array))
        self.network.eval()

    @property
    def encoding(self):
        """Rows as the network sees them."""
        return cell_encoding(self.encoder, self.cells, self.bins, slice(self.member, None))

    def to_state(self):
        """All but the network as arrays, plain things and objects that are stored as such."""
        state = {name: value for name, value in vars(self).items() if name != "network"}
        return state | {name: dict(vars(state[name])) for name in self._parts()}

    @classmethod
    def from_state(cls, state):
        """What `to_state` was asked of."""
        fitted = cls.__new__(cls)
        vars(fitted).update(state)
        for name, kind in fitted._parts().items():
            part = kind.__new__(kind)
            vars(part).update(state[name])
            setattr(fitted, name, part)
        fitted._make()
        return fitted

    def _parts(self):
        form = ImageForm if isinstance(self.encoder, ImageEncoder) else TableForm
        return {**PARTS, "form": form}

    def conclude(self, mean, log_std, rates, weight, seed):
        """Sort components by their rates, the most informative first, and learn where codes are."""
        self.prior = fit_prior(mean, log_std, self.network.noisy, weight, seed)
        self.components = np.argsort(-rates, kind="stable")

    def draw(self, n_rows, rng, device):
        """Cells of rows at random, numbers (n, J) and levels (n, C)."""
        codes = draw_codes(self.prior, n_rows, rng)
        return self.decoding(device).drawn(codes, rng)

    def encode(self, rows, device):
        """Means and log standard deviations of the codes of rows as the encoder reads them."""
        told = [self._codes(block, device) for block in self._blocks(rows)]
        mean, log_std = (torch.cat(own).double().numpy() for own in zip(*told, strict=True))
        return mean[:, self.components], log_std[:, self.components]

    @torch.no_grad()
    def _codes(self, block, device):
        device = answering_device(device)
        network = self.network.to(device)
        seen = self.encoding.to(device)(to_device(self.cells.join(block), device)[None])
        return [own[0].cpu() for own in network.code(seen[..., : network.n_encoded])]

    def decoding(self, device):
        """What makes cells of codes."""
        device = answering_device(device)
        own = self.values, self.cells.order, self.empty, device
        return Decoding(self.network, self.encoding, *own)

    def inner_codes(self, Z):
        """Codes in the order in which the network has its components."""
        codes = np.empty_like(Z)
        codes[:, self.components] = Z
        return codes

    def log_density(self, rows, device, n_draws):
        """A lower bound in expectation on the log density of each row, the label left out."""
        parts = [self._log_density(block, device, n_draws) for block in self._blocks(rows)]
        return np.concatenate(parts)

    @torch.no_grad()
    def _log_density(self, block, device, n_draws):
        device = answering_device(device)
        network, joined = self.network.to(device), self.cells.join(block)
        seen = self.encoding.to(device)(to_device(joined, device)[None])
        encoded, codes = seen[..., : network.n_encoded], seen[..., network.n_encoded :]
        mean, log_std = network.code(encoded)
        kept = self._kept_cells()
        told = []
        for draw in normal_draws(n_draws // 2, mean.shape[-1]).to(device):
            z = mean + log_std.exp() * draw
            own = network.likelihood(network.decode(z, encoded), codes)[..., kept].sum(-1)
            own = own + (draw.square() / 2 + log_std + LOG_ROOT).sum(-1)  # less the code's density
            prior = self.prior.score_samples(z[0].cpu().double().numpy())
            told.append(own[0].cpu().double().numpy() + prior)
        numbers, levels = self.cells.split(joined)
        unit = self.density.log_unit(numbers)
        unit = self.cells.without_label(unit, levels)[0]
        return logsumexp(told, axis=0) - np.log(len(told)) + unit.sum(axis=1)

    def _kept_cells(self):
        n_cells = len(self.cells.order)
        label = {"number": len(self.cells.numbers) - 1, "level": n_cells - 1}.get(self.cells.label)
        return [cell for cell in range(n_cells) if cell != label]

    def _blocks(self, rows):
        return np.array_split(rows, max(1, -(-len(rows) // ROWS_AT_ONCE)))


class Alone(nn.Module):
    """A module for rows (B, ...) as a stack of one, (1, B, ...)."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, x):
        """(1, B, ...) to (1, B, K)."""
        return self.module(x[0])[None]


def _of_member(description, member):
    own = {**description, "n_members": 1}
    params = own.get("params")
    if params and params.get("edges") is not None:
        own["params"] = {**params, "edges": params["edges"][member : member + 1]}
    return own
