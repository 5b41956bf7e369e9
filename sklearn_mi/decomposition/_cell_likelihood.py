"""How likely cells are by what a decoder says: a distribution for each column of its own kind."""

import numpy as np
import torch
from torch import nn

N_LOGISTICS = 3  # of the mixture for a number
PER_NUMBER = 3 * N_LOGISTICS + 1
LOCATIONS, LOG_SCALE = (-0.8, 0.0, 0.8), -0.9  # at the start: together nearly standard normal
LOG_SCALE_RANGE = -5.0, 2.0
LEAST = 1e-3  # of the probability goes by frequencies alone, so that none is zero
TINY = 1e-30


class CellLikelihood(nn.Module):
    r"""Distributions of cells, by O outputs of the decoders of M networks.

    A number is in a quantile bin, between edges a and b that are given where it has a standard
    normal distribution, with the probability

    .. math:: \sum_k w_k \left(\sigma\big((b - m_k) / s_k\big)
              - \sigma\big((a - m_k) / s_k\big)\right)

    a mixture of logistic distributions cut into bins [1]_: bins have their order, and the
    distribution any shape. Of a missing number it is a probability of its own. Levels of
    categories have a softmax over places, some of which several rare levels share. Where outputs
    are zero, all have about the frequencies of the training rows.

    Parameters
    ----------
    bins : CellBins

    References
    ----------
    .. [1] T. Salimans, A. Karpathy, X. Chen and D. P. Kingma, "PixelCNN++", ICLR 2017.
    """

    def __init__(self, bins):
        super().__init__()
        self.n_numbers = bins.inner.shape[1]
        self.widths = [own.shape[1] for own in bins.level_shares]
        odds = bins.missing_shares / (1 - bins.missing_shares)
        shares = np.concatenate([np.ones((len(odds), 0)), *bins.level_shares], axis=1)
        held = {"edges": bins.normal_edges, "shares": bins.bin_shares, "log_odds": np.log(odds)}
        for name, value in {**held, "log_level": np.log(shares)}.items():
            value = torch.as_tensor(value, dtype=torch.float32)[:, None]
            self.register_buffer(name, value, persistent=False)
        self.register_buffer("locations", torch.tensor(LOCATIONS), persistent=False)

    @property
    def n_outputs(self):
        """O, that a decoder is to give."""
        return PER_NUMBER * self.n_numbers + sum(self.widths)

    @property
    def output_cells(self):
        """The cell that each output speaks of, numbers first."""
        per_cell = [PER_NUMBER] * self.n_numbers + self.widths
        return np.repeat(np.arange(len(per_cell)), per_cell)

    def forward(self, outputs, codes):
        """Log probabilities of cells, by outputs (M, B, O).

        Parameters
        ----------
        outputs : Tensor of shape (M, B, O)
        codes : Tensor of shape (M, B, J + 2 * C)
            Bins, -1 for a missing number; places; and how probable a level is among those of its
            place, as a logarithm.

        Returns
        -------
        log_proba : Tensor of shape (M, B, J + C)
        """
        sizes = [self.n_numbers, len(self.widths), len(self.widths)]
        of_numbers, of_levels, within = codes.split(sizes, -1)
        of_levels = of_levels.long()
        told = [self._log_numbers(outputs, of_numbers.long())]
        for number, log_proba in enumerate(self.log_levels(outputs)):
            own = log_proba.gather(-1, of_levels[..., number, None])
            told.append(own + within[..., number, None])
        return torch.cat(told, -1)

    def _log_numbers(self, outputs, codes):
        mixture, log_missing = self._of_numbers(outputs)
        present = codes.clamp_min(0)[..., None]
        low, high, share = (
            of.expand(*codes.shape, -1).gather(-1, present)
            for of in (self.edges[..., :-1], self.edges[..., 1:], self.shares)
        )
        proba = (1 - LEAST) * _mass(mixture, low, high) + LEAST * share[..., 0]
        log_present = log_missing - self._logits(outputs)  # log of one less the probability
        return torch.where(codes < 0, log_missing, proba.clamp_min(TINY).log() + log_present)

    def bin_probabilities(self, outputs):
        """Of each bin of a number that is not missing, (M, B, J, n_bins), and of missing ones."""
        mixture, log_missing = self._of_numbers(outputs)
        mixture = [of.unsqueeze(-2) for of in mixture]
        proba = _mass(mixture, self.edges[..., :-1, None], self.edges[..., 1:, None])
        return (1 - LEAST) * proba + LEAST * self.shares, log_missing.exp()

    def log_levels(self, outputs):
        """Log probabilities of the places of each category, a list of (M, B, n_places)."""
        logits = outputs[..., PER_NUMBER * self.n_numbers :] + self.log_level
        return [own.log_softmax(-1) for own in logits.split(self.widths, -1)] if self.widths else []

    def _of_numbers(self, outputs):
        own = self._split(outputs)
        weight, location, log_scale = own[..., :-1].unflatten(-1, (3, N_LOGISTICS)).unbind(-2)
        scale = (log_scale + LOG_SCALE).clamp(*LOG_SCALE_RANGE).exp()
        mixture = weight.softmax(-1), location + self.locations, scale
        return mixture, nn.functional.logsigmoid(self._logits(outputs))

    def _logits(self, outputs):
        return self._split(outputs)[..., -1] + self.log_odds

    def _split(self, outputs):
        return outputs[..., : PER_NUMBER * self.n_numbers].unflatten(-1, (-1, PER_NUMBER))


def _mass(mixture, low, high):
    """Between two edges, by the side on which the difference keeps its digits."""
    weight, location, scale = mixture
    low, high = (low - location) / scale, (high - location) / scale
    flip = torch.where(low + high > 0, -1.0, 1.0)  # far above the middle both would round to one
    return (weight * flip * ((flip * high).sigmoid() - (flip * low).sigmoid())).sum(-1)
