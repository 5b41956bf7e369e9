"""What the networks of a stack see of a row, each by what its own training rows have taught."""

import copy

import numpy as np
import torch
from torch import nn

LARGEST = 1e9  # of a number in units of its spread, whose square float32 can hold


class TableEncoding(nn.Module):
    r"""Cells of a table as bounded numbers, flags of missing ones and one-hot levels.

    A number z, centred and scaled, is softly clipped to (-3, 3) [1]_, and a missing one becomes 0:

    .. math:: z / \sqrt{1 + (z / 3)^2}

    Nothing here is learnt by gradient descent; `TableEncoder` has found all of it in the training
    rows of each network.

    Parameters
    ----------
    scaled, flagged : int ndarrays
        Columns of numbers to scale, and those whose missing cells to flag.
    center, scale : ndarrays of shape (M, len(scaled))
        Of a quarter of a number; a scale of 0 is for columns that say nothing.
    flags : bool ndarray of shape (M, len(flagged))
    first_level : int
        The first column of cells that are levels.
    places : list of int ndarrays of shape (M, n_levels)
        For each such column which of its outputs is one, -1 for none.

    References
    ----------
    .. [1] D. Holzmueller, L. Grinsztajn and I. Steinwart, "Better by default: strong pre-tuned
       MLPs and boosted trees on tabular data", NeurIPS 2024.
    """

    idle = False  # whether networks see nothing at all, and need no training

    def __init__(self, scaled, flagged, center, scale, flags, first_level, places):
        super().__init__()
        self.first_level = first_level
        widths = [own.max() + 1 for own in places]
        self.n_levels, self.n_numeric = int(sum(widths)), len(scaled)
        first = np.cumsum([0, *widths])[:-1]
        # An output that is dropped again, the last one, is that of all that have none.
        moved = [
            np.where(own < 0, self.n_levels, own + at)
            for own, at in zip(places, first, strict=True)
        ]
        empty = np.empty((len(center), 0), int)
        self._hold("scaled", scaled)
        self._hold("flagged", flagged)
        self._hold("center", center[:, None])
        self._hold("scale", np.where(scale > 0, scale, np.inf)[:, None])
        self._hold("flags", flags[:, None])
        self._hold("place", np.concatenate([empty, *moved], axis=1))
        self._hold("start", np.cumsum([0, *(own.shape[1] for own in places)])[: len(places)])

    def _hold(self, name, value):
        self.register_buffer(name, torch.as_tensor(value), persistent=False)

    @property
    def width(self):
        """Columns of the output; of a table that says nothing it has one, of zeros."""
        return max(1, self.n_numeric + len(self.flagged) + self.n_levels)

    def forward(self, cells, dtype=torch.float32):
        """Cells (M, B, p), float64 where the device has it, to (M, B, width)."""
        same = cells[:1] if cells.stride(0) == 0 else cells  # expanded, and so read but once
        parts = [self._numbers(same), same[..., self.flagged].isnan() & self.flags]
        if self.n_levels:
            parts.append(self._one_hot(cells[..., self.first_level :].long()))
        encoded = torch.cat([part.to(dtype) for part in parts], -1)
        return encoded if encoded.shape[-1] else encoded.new_zeros(*cells.shape[:2], 1)

    def of_members(self, numbers):
        """The encodings of some networks, a slice."""
        return _of_members(self, numbers, shared={"scaled", "flagged", "start"})

    def _numbers(self, cells):
        # A quarter, of which no difference overflows.
        return _clipped((cells[..., self.scaled] / 4 - self.center) / self.scale)

    def _one_hot(self, codes):
        n_members, n_rows, _ = codes.shape
        place = self.place.gather(1, (codes + self.start).flatten(1)).unflatten(1, codes.shape[1:])
        out = torch.zeros(n_members, n_rows, self.n_levels + 1, device=codes.device)
        return out.scatter_(2, place, 1.0)[..., :-1]


class ScoreEncoding(nn.Module):
    """Scores of sparse rows on the components of each network, bounded as the numbers of a table.

    Parameters
    ----------
    center, scale : ndarrays of shape (M, k)
        Of the training rows of each network; with k = 0 networks see nothing of the rows.
    """

    n_numeric = 0  # scores get no embeddings: directions of many columns have no steps in them

    def __init__(self, center, scale):
        super().__init__()
        own = np.arange(center.size).reshape(center.shape)
        for name, value in [("own", own), ("center", center), ("scale", scale)]:
            self.register_buffer(name, torch.as_tensor(value)[:, None], persistent=False)

    @property
    def idle(self):
        """Whether networks see nothing at all, and need no training."""
        return not self.own.shape[-1]

    @property
    def width(self):
        """Columns of the output; where networks see nothing it has one, of zeros."""
        return max(1, self.own.shape[-1])

    def forward(self, scores, dtype=torch.float32):
        """Scores (M, B, p) on the components of all networks to those of each, (M, B, width)."""
        if self.idle:
            return torch.zeros(*scores.shape[:2], 1, dtype=dtype, device=scores.device)
        own = scores.gather(2, self.own.expand(-1, scores.shape[1], -1))
        return _clipped((own.to(dtype) - self.center) / self.scale).to(dtype)

    def of_members(self, numbers):
        """The encodings of some networks, a slice."""
        return _of_members(self, numbers)


class ImageEncoding(nn.Module):
    """Pixels, standardised in each channel.

    Parameters
    ----------
    mean, scale : ndarrays of shape (M, channels, 1, 1)
        Of the training images of each network.
    """

    n_numeric = 0  # columns for embeddings of numbers, of which images have none
    idle = False

    def __init__(self, mean, scale):
        super().__init__()
        self.plain = bool((mean == 0).all() and (scale == 1).all())
        for name, value in [("mean", mean), ("scale", scale)]:
            self.register_buffer(name, torch.as_tensor(value)[:, None], persistent=False)

    def forward(self, pixels, dtype=torch.float32):
        """Images (M, B, channels, height, width) to the same shape."""
        if self.plain:  # and not copied for each network
            return pixels.to(dtype)
        return ((pixels - self.mean) / self.scale).to(dtype)

    def of_members(self, numbers):
        """The encodings of some networks, a slice."""
        return _of_members(self, numbers)


def _clipped(z):
    """Numbers softly clipped to (-3, 3), missing ones as 0."""
    z = z.clamp(-LARGEST, LARGEST)
    return torch.nan_to_num(z / (1 + (z / 3).square()).sqrt())


def _of_members(encoding, numbers, shared=()):
    some = copy.copy(encoding)
    some._buffers = {
        name: value if name in shared else value[numbers]
        for name, value in encoding._buffers.items()
    }
    return some


def of_member(encoding, number):
    """The encoding of one network as a stack of one.

    Parameters
    ----------
    encoding : TableEncoding, ScoreEncoding or ImageEncoding
    number : int
        -1 is the last.

    Returns
    -------
    encoding : of the same class
    """
    return encoding.of_members(slice(number, number + 1 or None))


def encoded_rows(encoding, X, member, rows=slice(None)):
    """Some rows of a tensor as one network sees them.

    Parameters
    ----------
    encoding : TableEncoding, ScoreEncoding or ImageEncoding
    X : Tensor of shape (n, ...)
        As an encoder reads them.
    member : int
    rows : index, default=slice(None)

    Returns
    -------
    encoded : float32 ndarray
    """
    return of_member(encoding, member)(X[rows][None])[0].cpu().numpy()
