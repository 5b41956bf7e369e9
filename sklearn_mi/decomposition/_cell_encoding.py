"""What an autoencoder sees of a row: what its encoder reads, and the cells to restore."""

import torch
from torch import nn

from ._cell_bins import MISSING


class CellEncoding(nn.Module):
    """Rows as encoders see them, followed by bins and places of their cells, see `CellLikelihood`.

    Parameters
    ----------
    encoding : TableEncoding or ImageEncoding
        Of M networks.
    bins : CellBins
        Of the same.
    numbers, levels : int ndarrays
        Where numbers and categories stand among the cells of a row.
    n_read : int
        The first so many are those of the table, which the encoder sees.
    image_shape : tuple of int, default=None
        Of images, which may have a further channel: the label, wherever one looks.
    """

    idle = False

    def __init__(self, encoding, bins, numbers, levels, n_read, image_shape=None):
        super().__init__()
        self.encoding, self.n_read, self.image_shape = encoding, n_read, image_shape
        self.n_own = len(bins.places)
        for name, value in [("numbers", numbers), ("levels", levels)]:
            self.register_buffer(name, torch.as_tensor(value), persistent=False)
        places, within = (
            [torch.as_tensor(own) for own in of] for of in (bins.places, bins.log_within)
        )
        self._hold(torch.as_tensor(bins.inner), places, within)

    def _hold(self, inner, places, within):
        self.register_buffer("inner", inner, persistent=False)
        for number, (place, log_share) in enumerate(zip(places, within, strict=True)):
            self.register_buffer(f"place_{number}", place, persistent=False)
            self.register_buffer(f"within_{number}", log_share, persistent=False)

    @property
    def n_encoded(self):
        """Columns that the encoder reads."""
        if self.image_shape is None:
            return self.encoding.width
        channels, height, width = self.image_shape
        return channels * height * width

    @property
    def width(self):
        return self.n_encoded + len(self.numbers) + 2 * len(self.levels)

    def forward(self, cells, dtype=torch.float32):
        """Cells (M, B, p), or images (M, B, channels, height, width), to (M, B, width)."""
        encoded, cells = self._read(cells, dtype)
        return torch.cat([encoded, *(own.to(dtype) for own in self._codes(cells))], -1)

    def _read(self, cells, dtype):
        if self.image_shape is None:
            return self.encoding(cells[..., : self.n_read], dtype), cells
        n_channels = self.image_shape[0]
        pixels, label = cells[..., :n_channels, :, :], cells[..., n_channels:, 0, 0]
        return self.encoding(pixels, dtype).flatten(2), torch.cat([pixels.flatten(2), label], -1)

    def _codes(self, cells):
        cells = cells.expand(len(self.inner), *cells.shape[1:])
        numbers = cells[..., self.numbers].mT.to(self.inner.dtype).contiguous()
        codes = torch.searchsorted(self.inner, numbers, right=True)
        codes = torch.where(numbers.isnan(), MISSING, codes).mT
        own = enumerate(cells[..., self.levels].long().unbind(-1))
        told = [
            (getattr(self, f"place_{j}").gather(1, of), getattr(self, f"within_{j}").gather(1, of))
            for j, of in own
        ]
        return [codes, *(torch.stack(of, -1) for of in zip(*told, strict=True))]

    def of_members(self, numbers):
        """The encodings of some networks, a slice."""
        own = CellEncoding.__new__(CellEncoding)
        nn.Module.__init__(own)
        own.encoding, own.image_shape = self.encoding.of_members(numbers), self.image_shape
        own.n_read, own.n_own = self.n_read, self.n_own
        for name in ("numbers", "levels"):
            own.register_buffer(name, getattr(self, name), persistent=False)
        places, within = (
            [getattr(self, f"{name}_{number}")[numbers] for number in range(self.n_own)]
            for name in ("place", "within")
        )
        own._hold(self.inner[numbers], places, within)
        return own
