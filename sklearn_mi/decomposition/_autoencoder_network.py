"""Networks that code rows with noise, and restore their cells from the code."""

import torch
from torch import nn

from ._bottleneck_network import LOG_STD_RANGE, normal_draws

N_DRAWS = 1  # of the noise in evaluation, each with its mirror image


class AutoencoderNetwork(nn.Module):
    r"""M encoders with noise on their codes, decoders, and distributions of cells.

    A row x has the code :math:`z = \mu(x) + \sigma(x) \epsilon`, with standard normal noise, or
    :math:`z = \mu(x)` without, and its cells the probability :math:`p(x \mid z)`.

    Parameters
    ----------
    encoder : nn.Module
        Takes rows (M, B, ...) to (M, B, 2 * d): means and logarithms of standard deviations.
    decoder : StackedMLP or MaskedMLP
        Takes codes, and what the encoder sees if `autoregressive`, to outputs.
    likelihood : CellLikelihood
    n_encoded : int
        Columns that the encoder reads, before the cells to restore.
    shape : tuple of int or None
        Of images.
    noisy, autoregressive : bool
    """

    def __init__(
        self, encoder, decoder, likelihood, n_encoded, shape, n_components, noisy, autoregressive
    ):
        super().__init__()
        self.encoder, self.decoder, self.likelihood = encoder, decoder, likelihood
        self.n_encoded, self.shape, self.n_components = n_encoded, shape, n_components
        self.noisy, self.autoregressive = noisy, autoregressive
        draws = normal_draws(N_DRAWS, n_components)
        self.register_buffer("draws", draws, persistent=False)

    def forward(self, x):
        """Rows to (M, B, 1 + 2 * d): E -log p(x | z), mean and log standard deviation of z.

        In training the expectation is of a single draw.
        """
        encoded, codes = x[..., : self.n_encoded], x[..., self.n_encoded :]
        mean, log_std = self.code(encoded)
        draws = [torch.randn_like(mean)] if self.training else self.draws
        draws = draws if self.noisy else [mean.new_zeros(())]
        told = [
            self.likelihood(self.decode(mean + log_std.exp() * draw, encoded), codes).sum(-1)
            for draw in draws
        ]
        return torch.cat([-sum(told)[..., None] / len(told), mean, log_std], -1)

    def code(self, encoded):
        """Means and log standard deviations of codes, by what the encoder reads of rows."""
        if self.shape is not None:
            encoded = encoded.unflatten(-1, self.shape)
        mean, log_std = self.encoder(encoded).split(self.n_components, -1)
        return mean, log_std.clamp(*LOG_STD_RANGE)

    def decode(self, code, encoded):
        """Outputs (M, B, O) for `likelihood`; cells tell of those after them if autoregressive."""
        return self.decoder(torch.cat([code, encoded], -1) if self.autoregressive else code)
