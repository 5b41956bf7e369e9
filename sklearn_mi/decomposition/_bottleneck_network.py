"""Networks that code rows with noise, and read labels off the code."""

import torch
from torch import nn

LOG_STD_RANGE = -6.0, 1.0  # of the noise; where the code says nothing its standard deviation is 1
N_DRAWS = 8  # of the noise in evaluation, each with its mirror image
SCALE = 4.0  # of the scores at the start


class BottleneckNetwork(nn.Module):
    r"""M encoders, each with noise on its code and a head whose directions are given.

    A row x has the code :math:`z = \mu(x) + \sigma(x) \epsilon`, with standard normal noise, and
    the head says

    .. math:: q(y \mid z) \propto \exp\left(s \, (z \cdot a_y - \|a_y\|^2 / 2) + b_y\right)

    with places a that are fixed and s and b that are learnt.

    Parameters
    ----------
    encoder : nn.Module
        Takes rows (M, B, ...) to (M, B, 2 * d): means and logarithms of standard deviations.
    n_members : int
    places : ndarray of shape (K, d)
    n_used : int, default=None
        How many components the code has; the others are 0 with noise of standard deviation one, of
        which nothing is known. None is d.

    Examples
    --------
    >>> import torch
    >>> from sklearn_mi.decomposition._bottleneck_network import BottleneckNetwork
    >>> from sklearn_mi.decomposition._places import class_places
    >>> from sklearn_mi.modules import StackedMLP
    >>> encoder = StackedMLP(5, n_features=4, n_classes=2 * 2)
    >>> network = BottleneckNetwork(encoder, 5, class_places(3, 2))
    >>> network(torch.zeros(5, 10, 4)).shape  # log q of three classes, mean and log std
    torch.Size([5, 10, 7])
    """

    def __init__(self, encoder, n_members, places, n_used=None):
        super().__init__()
        n_classes, self.n_components = places.shape
        self.encoder = encoder
        self.log_scale = nn.Parameter(torch.full((n_members, 1, 1), SCALE).log())
        self.bias = nn.Parameter(torch.zeros(n_members, 1, n_classes))
        places = torch.as_tensor(places, dtype=torch.float32)
        draws = normal_draws(N_DRAWS, self.n_components)
        self.register_buffer("places", places, persistent=False)
        used = torch.arange(self.n_components) < (n_used or self.n_components)
        self.register_buffer("used", used.float(), persistent=False)
        self.register_buffer("draws", draws, persistent=False)

    def forward(self, x):
        """Rows to (M, B, K + 2 * d): E log q(y | z), mean and log standard deviation of z.

        In training the expectation is of a single draw.
        """
        mean, log_std = self.encoder(x).split(self.n_components, -1)
        mean, log_std = self.used * mean, self.used * log_std.clamp(*LOG_STD_RANGE)
        std = log_std.exp()
        draws = [torch.randn_like(mean)] if self.training else self.draws
        log_q = sum(self._log_q(mean + std * draw) for draw in draws) / len(draws)
        return torch.cat([log_q, mean, log_std], -1)

    def _log_q(self, code):
        scores = code @ self.places.T - self.places.square().sum(-1) / 2
        return (self.log_scale.exp() * scores + self.bias).log_softmax(-1)


def normal_draws(n, n_components):
    """Standard normal numbers (2 * n, d), always the same: each with its opposite.

    They are of variance one in each component, as a few Sobol numbers are not by themselves.
    """
    uniform = torch.quasirandom.SobolEngine(n_components, scramble=True, seed=0).draw(n)
    draws = torch.special.ndtri(uniform.clamp(1e-4, 1 - 1e-4))
    return torch.cat([draws, -draws]) / draws.square().mean(0).sqrt()
