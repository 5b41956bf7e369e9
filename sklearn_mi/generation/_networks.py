"""The three networks: one draws rows for codes, one judges them, one recognises their code."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

from ._codes import LEVEL_SCALE

SLOPE = 0.2
FIRST_SCALE = 0.1  # of what the generator adds to its start
TEMPERATURE = 0.7  # of drawn levels


def perceptron(n_in, hidden, n_out):
    """Linear layers with leaky ReLUs between them."""
    sizes = [n_in, *hidden]
    layers = []
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), nn.LeakyReLU(SLOPE)]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], n_out))


class Generator(nn.Module):
    """Draws points for codes: what a network adds to a draw from the Gaussian of the code.

    Points are whitened coordinates and indicators of levels; `place` gives coordinates.

    Parameters
    ----------
    mean, factor, log_share : Tensors
        As of a `Mixture`.
    sizes : list of int
        Levels of each column.
    n_noise : int
        Dimensions of noise beyond those of the coordinates.
    hidden : tuple of int
    """

    def __init__(self, mean, factor, log_share, sizes, n_noise, hidden):
        super().__init__()
        self.sizes = list(sizes)
        for name, tensor in (("mean", mean), ("factor", factor), ("log_share", log_share)):
            self.register_buffer(name, tensor)
        n_codes, self.n_coordinates = mean.shape
        self.n_noise = self.n_coordinates + n_noise
        n_out = self.n_coordinates + log_share.shape[1]
        self.body = perceptron(self.n_noise + n_codes, hidden, n_out)
        with torch.no_grad():
            self.body[-1].weight.mul_(FIRST_SCALE)
            self.body[-1].bias.zero_()

    def forward(self, codes):
        noise = torch.randn(len(codes), self.n_noise, device=codes.device)
        indicators = functional.one_hot(codes, len(self.mean)).float()
        added = self.body(torch.cat([noise, indicators], dim=1))
        p = self.n_coordinates
        logits = self.log_share[codes] + added[:, p:]
        return noise[:, :p] + added[:, :p], self._levels(logits)

    def _levels(self, logits):
        if not self.sizes:
            return logits
        each = logits.split(self.sizes, dim=1)
        drawn = [functional.gumbel_softmax(own, TEMPERATURE, hard=True) for own in each]
        return torch.cat(drawn, dim=1)

    def place(self, white, codes):
        """Coordinates of whitened ones."""
        if len(self.factor) == 1:
            return self.mean[codes] + white @ self.factor[0].T
        return self.mean[codes] + torch.einsum("bij,bj->bi", self.factor[codes], white)


class Discriminator(nn.Module):
    """Scores pairs of a point and a code: high for rows."""

    def __init__(self, n_points, n_codes, hidden):
        super().__init__()
        self.body = perceptron(n_points + n_codes, hidden, 1)
        self.n_codes = n_codes

    def forward(self, white, coordinates, levels, codes):
        indicators = functional.one_hot(codes, self.n_codes).float()
        return self.body(torch.cat([white, coordinates, levels, indicators], dim=1))[:, 0]


class Recognizer(nn.Module):
    """Scores of the codes that a point may have: by its distance to their centers, and a network.

    Parameters
    ----------
    centers : Tensor of shape (K, p + q)
    spread : float
    hidden : tuple of int
    """

    def __init__(self, centers, spread, hidden):
        super().__init__()
        self.register_buffer("centers", centers)
        self.spread = spread
        self.log_scale = nn.Parameter(torch.zeros(()))
        self.body = perceptron(centers.shape[1], hidden, len(centers))

    def forward(self, coordinates, levels):
        points = torch.cat([coordinates, LEVEL_SCALE * levels], dim=1)
        distance = torch.cdist(points, self.centers, compute_mode="donot_use_mm_for_euclid_dist")
        nearness = -self.log_scale.exp() * distance.square() / (2 * self.spread)
        return nearness + self.body(points)
