"""Gaussian class-conditional simplex: statistics of each class instead of losses of rows."""

import inspect
import math

import torch

from ._base import Loss
from ._gaussian_classes import COVARIANCES, GaussianClasses, class_shares


class GaussianSimplexLoss(Loss):
    r"""Divergence of the scores of each class from a Gaussian at its vertex of a simplex.

    .. math::
        L = \frac{1}{K} \sum_c \mathrm{KL}\bigl( N(a_c, S_c) \,\|\, N(m_c, s^2 I) \bigr), \qquad
        m_c = \mu e_c

    with :math:`a_c` and :math:`S_c` mean and covariance of class c in a latent space, `ridge` added
    to the diagonal of the latter, and

    .. math::
        \mathrm{KL} = \frac{1}{2} \Bigl( \frac{\mathrm{tr} S_c + |a_c - m_c|^2}{s^2} - K
        + K \log s^2 - \log \det S_c \Bigr)

    The latent space has K dimensions, in which any two classes are :math:`\sqrt{2} \mu` apart. Its
    coordinates are the scores times :math:`\mu`, so that the network aims at the unit vectors, and
    the largest score is that of the nearest mean. The aim is a classifier that is hard to fool
    [1]_. All classes count the same, however rare. The formulas follow from the description of the
    method, not from its authors' code.

    Moments are running means: a batch moves those of a class by its share of `rows_per_class`, so
    that classes may be many, and rare.

    Where classes overlap, they cannot become such Gaussians. The posterior is therefore that of
    Gaussians with the means and covariances that the classes did get, for each network among the
    rows that it trained on.

    Parameters
    ----------
    mean_distance : float, default=10.0
        :math:`\mu`, the distance of each mean from the origin.
    spread : float, default=1.0
        s, the standard deviation within a class.
    kurtosis : float, default=0.0
        Weight of the mean squared difference between 3 and the kurtosis of each coordinate within
        each class. The authors have such a term; here it was found to cost information.
    covariance : {"diagonal", "full"}, default="diagonal"
    rows_per_class : int, default=16
        Rows that the moments of a class rest on, at least.
    ridge : float, default=0.3
        In units of :math:`s^2`.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    References
    ----------
    .. [1] A. Ali, A. Migliorati, T. Bianchi and E. Magli, "Gaussian class-conditional simplex loss
       for accurate, adversarially robust deep classifier training", EURASIP Journal on Information
       Security, 2023, arXiv 2010.15487.

    Examples
    --------
    >>> import torch
    >>> from sklearn_mi.losses import GaussianSimplexLoss
    >>> loss = GaussianSimplexLoss(ridge=0).set_class_prior([0.5, 0.5]).eval()
    >>> target = torch.arange(10_000) % 2
    >>> noise = torch.randn(10_000, 2, generator=torch.Generator().manual_seed(0))
    >>> bool(loss(torch.nn.functional.one_hot(target) + noise / 10, target) < 0.001)
    True
    """

    fits_class_model = True
    warms_up = True
    max_iter_factor = 3  # it learns for long where labels follow from the columns without noise

    def __init__(
        self,
        mean_distance=10.0,
        spread=1.0,
        kurtosis=0.0,
        covariance="diagonal",
        rows_per_class=16,
        ridge=0.3,
    ):
        super().__init__()
        self.mean_distance = mean_distance
        self.spread = spread
        self.kurtosis = kurtosis
        self.covariance = covariance
        self.rows_per_class = rows_per_class
        self.ridge = ridge
        self._check()
        self.running, self.classes = None, None

    def _check(self):
        for name in ["mean_distance", "spread", "rows_per_class"]:
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name}={getattr(self, name)!r} must be positive and finite.")
        for name in ["kurtosis", "ridge"]:
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name}={getattr(self, name)!r} must be finite and at least 0.")
        if self.covariance not in COVARIANCES:
            raise ValueError(
                f"covariance={self.covariance!r} must be one of {sorted(COVARIANCES)}."
            )

    @property
    def kind(self):
        return COVARIANCES[self.covariance]

    def set_class_prior(self, class_prior):
        """Take the class frequencies (K,); the classes are at their vertices until they are fitted.

        Returns
        -------
        self : GaussianSimplexLoss
        """
        super().set_class_prior(class_prior)
        identity = torch.eye(len(self.log_prior))
        variance = torch.full_like(identity, self.spread**2)
        at_vertices = self.mean_distance * identity, variance, COVARIANCES["diagonal"]
        self.classes = GaussianClasses(*at_vertices)
        return self

    def fit_class_model(self, members):
        """Take means and covariances of the classes, for each member from its own training rows.

        Parameters
        ----------
        members : list of (scores, target, weight) or (scores, target)
            Tensors of shape (n, K), (n,) and (n,) for each member.
        """
        self.classes = GaussianClasses.stack([self._gaussians(*own) for own in members])

    def _gaussians(self, scores, target, weight=None):
        vertices = self.mean_distance * torch.eye(scores.shape[-1])
        options = self.kind, self.ridge * self.spread**2, vertices
        return GaussianClasses.of(self.mean_distance * scores, target, weight, *options)

    def forward(self, scores, target, weight=None):
        vertex = torch.nn.functional.one_hot(target, scores.shape[-1])
        residual = (scores - vertex) * (self.mean_distance / self.spread)
        share, count = class_shares(target, residual, weight)
        moments = [share.mT @ residual, self.kind.second_moment(share, residual)]
        seen = (count > 0).to(scores.dtype)
        if self.training:
            moments, seen = self._mix(moments, count), torch.ones_like(seen)
        value = self._divergence(*moments)
        if self.kurtosis:
            value = value + self.kurtosis * self._excess(residual, target, share, *moments)
        return (seen * value).sum(-1) / seen.sum(-1)

    def _mix(self, moments, count):
        """Running moments, moved by those of a batch with `count` (..., K) rows of each class."""
        if self.running is None or self.running[0].shape != moments[0].shape:
            standard = torch.zeros_like(moments[0]), torch.zeros_like(moments[1])
            self.running = [standard[0], self.kind.add_ridge(standard[1], 1.0)]
        share = (count / self.rows_per_class).clamp(max=1)
        mixed = [
            old.lerp(new, share.reshape(*share.shape, *[1] * (new.ndim - share.ndim)))
            for old, new in zip(self.running, moments, strict=True)
        ]
        self.running = [moment.detach() for moment in mixed]
        return mixed

    def _divergence(self, mean, second):
        """Of each class, (..., K), from moments about its vertex in units of the spread."""
        covariance = self.kind.add_ridge(self.kind.central(second, mean), self.ridge)
        size = self.kind.trace(covariance) + mean.square().sum(-1) - mean.shape[-1]
        return (size - self.kind.log_det(covariance)) / 2

    def _excess(self, residual, target, share, mean, second):
        """Mean over the scores of the squared difference of each class's kurtosis from 3."""
        variance = second if second.ndim == mean.ndim else second.diagonal(dim1=-2, dim2=-1)
        variance = COVARIANCES["diagonal"].central(variance, mean) + self.ridge
        own = target.unsqueeze(-1).expand_as(residual)
        standard = (residual - mean.gather(-2, own)).square() / variance.gather(-2, own)
        return (share.mT @ standard.square() - 3).square().mean(-1)

    def of_member(self, member):
        """The loss of a single member, with its Gaussians."""
        params = inspect.signature(GaussianSimplexLoss).parameters
        own = GaussianSimplexLoss(**{name: getattr(self, name) for name in params})
        own.log_prior, own.classes = self.log_prior, self.classes.member(member)
        return own

    def log_proba(self, scores):
        log_density = self.classes.log_density(self.mean_distance * scores)
        return (log_density + self.log_prior).log_softmax(-1)
