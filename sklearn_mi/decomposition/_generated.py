"""Cells that a decoder makes of codes: drawn at random, or those to be expected."""

import numpy as np
import torch

ROWS_AT_ONCE = 1024


class Decoding:
    """What a network of one member makes of codes.

    Parameters
    ----------
    network : AutoencoderNetwork
    encoding : CellEncoding
        Of one member.
    values : CellValues
    order : int ndarray of shape (n_cells,)
        The place of each cell to restore, numbers first, among those of a row.
    empty : ndarray
        A row of cells of which nothing is known, or an image.
    device : torch.device
    """

    def __init__(self, network, encoding, values, order, empty, device):
        self.network, self.encoding = network.to(device).eval(), encoding.to(device)
        self.values, self.order, self.empty, self.device = values, order, empty, device
        self.means = values.means.reshape(-1, encoding.inner.shape[-1] + 1)

    def expected(self, codes):
        """Means of numbers and most frequent levels, (n, J) and (n, C)."""
        return self._in_blocks(codes, self._expect)

    def drawn(self, codes, rng):
        """Cells at random, (n, J) and (n, C)."""
        return self._in_blocks(codes, lambda *told: self._draw(*told, rng))

    def _in_blocks(self, codes, choose):
        blocks = np.array_split(codes, max(1, -(-len(codes) // ROWS_AT_ONCE)))
        parts = [self._of_block(block, choose) for block in blocks]
        return tuple(np.concatenate(own) for own in zip(*parts, strict=True))

    @torch.no_grad()
    def _of_block(self, codes, choose):
        code = torch.as_tensor(codes, dtype=torch.float32, device=self.device)[None]
        rows = np.repeat(self.empty[None], len(codes), axis=0)
        if not self.network.autoregressive:
            return choose(*self._told(code, rows))
        chosen = None
        for place in range(len(self.order)):
            now = choose(*self._told(code, rows))
            chosen = now if chosen is None else chosen
            self._put(place, now, chosen, rows)
        return chosen

    def _told(self, code, rows):
        """Probabilities of bins (n, J, n_bins), of missing ones (n, J), and of places."""
        network = self.network
        seen = self.encoding(torch.as_tensor(rows, device=self.device)[None])
        outputs = network.decode(code, seen[..., : network.n_encoded])
        bins, missing = network.likelihood.bin_probabilities(outputs)
        levels = [own[0].exp().cpu().numpy() for own in network.likelihood.log_levels(outputs)]
        missing = missing[0].cpu().double().numpy() * self.values.has_missing
        return bins[0].cpu().double().numpy(), missing, levels

    def _put(self, place, now, chosen, rows):
        """Keep what was chosen of one cell, for the cells after it to see."""
        cell = int(np.flatnonzero(self.order == place)[0])
        kind, own = (0, cell) if cell < now[0].shape[1] else (1, cell - now[0].shape[1])
        chosen[kind][:, own] = now[kind][:, own]
        if place < rows[0].size:
            rows.reshape(len(rows), -1)[:, place] = now[kind][:, own]

    def _expect(self, bins, missing, levels):
        share = bins / bins.sum(-1, keepdims=True)
        numbers = np.where(missing > 0.5, np.nan, (share * self.means).sum(-1))
        places = [own.argmax(-1) for own in levels]
        return numbers, self._levels(places, len(numbers), np.random.RandomState(0))

    def _draw(self, bins, missing, levels, rng):
        codes = np.where(rng.uniform(size=missing.shape) < missing, -1, _drawn(bins, rng))
        places = [_drawn(own, rng) for own in levels]
        return self.values.draw_numbers(codes, rng), self._levels(places, len(codes), rng)

    def _levels(self, places, n_rows, rng):
        places = np.stack(places, axis=1) if places else np.zeros((n_rows, 0), int)
        return self.values.draw_levels(places, rng)


def _drawn(proba, rng):
    """An index of the last axis at random, by probabilities that need not sum to one."""
    up_to = proba.cumsum(-1)
    at = rng.uniform(size=up_to.shape[:-1])[..., None] * up_to[..., -1:]
    return (up_to <= at).sum(-1).clip(max=proba.shape[-1] - 1)
