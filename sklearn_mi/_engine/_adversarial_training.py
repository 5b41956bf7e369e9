"""Adversarial rows for training: what the networks find hardest within a box around each row."""

import contextlib

import torch

from ..losses._base import observed

N_STEPS = 5
STEP = 2.5 / N_STEPS  # of the half width of a box, so that the steps can cross all of it


class TableBounds:
    """The box of every row of a table, with every number at its least and at its largest.

    Parameters
    ----------
    data : MemberData
    reach : Tensor of shape (M, 1, p)
        How far the cells may move, as encoders read them: encoding keeps their order.
    """

    def __init__(self, data, reach):
        self.data, self.reach = data, reach

    def on(self, data):
        """The same for other rows."""
        return TableBounds(data, self.reach)

    def __call__(self, X, rows):
        """Bounds of the rows with these numbers, (M, B, d) each."""
        cells = self.data.X[rows]
        return tuple(self.data.encoding(cells + way * self.reach) for way in (-1, 1))


class ImageBounds:
    """The box of an image as it is now, so that augmented images have one too.

    Parameters
    ----------
    reach : Tensor of shape (M, 1, channels, 1, 1)
        How far a pixel may move, encoded.
    low, high : Tensors of shape (M, 1, channels, 1, 1)
        Limits of the valid range, encoded.
    """

    def __init__(self, reach, low, high):
        self.reach, self.low, self.high = reach, low, high

    def on(self, data):
        """The same for other images."""
        return self

    def __call__(self, X, rows):
        """Bounds of the images (M, B, channels, height, width)."""
        return (X - self.reach).clamp(min=self.low), (X + self.reach).clamp(max=self.high)


class Adversary:
    """Projected gradient ascent on the log loss of the networks that are being trained [1]_.

    What is climbed are the log odds against the label, which rise with the log loss and have a
    slope in float32 where that of the log loss is lost: "gccs" puts classes a hundred nats apart.
    Rows and members do not touch each other, so that one gradient of the sum serves them all.

    A row that is harder as it is stays as it is. Else networks may learn to know the label from the
    way in which a row was moved [2]_, to which skewed columns invite, of which a share of the
    standard deviation is more than most rows span: moved rows become easy, and those that nobody
    moved are what is not learnt.

    Parameters
    ----------
    module : nn.Module
        Takes (M, B, ...) to (M, B, K).
    loss : Loss
    bounds : TableBounds or ImageBounds

    References
    ----------
    .. [1] A. Madry, A. Makelov, L. Schmidt, D. Tsipras and A. Vladu, "Towards deep learning models
       resistant to adversarial attacks", ICLR 2018, arXiv 1706.06083.
    .. [2] A. Kurakin, I. Goodfellow and S. Bengio, "Adversarial machine learning at scale",
       ICLR 2017, arXiv 1611.01236, where it is called label leaking.
    """

    def __init__(self, module, loss, bounds):
        self.module, self.loss, self.bounds = module, loss, bounds

    def on(self, data):
        """The same for other rows than those that it was made for."""
        return Adversary(self.module, self.loss, self.bounds.on(data))

    def __call__(self, X, rows, target, generator):
        """Adversarial rows in place of a batch; starts are drawn with a torch generator.

        Parameters
        ----------
        X : Tensor of shape (M, B, ...)
        rows, target : Tensors of shape (M, B)
            Numbers of the rows, and their labels.
        generator : torch.Generator
        """
        low, high = self.bounds(X, rows)
        draws = torch.rand(X.shape, generator=generator, dtype=X.dtype, device=X.device)
        # What batch normalisation and `dmi` remember is not to see the rows on the way.
        with evaluating(self.module, self.loss):
            moved = self.ascend(low + draws * (high - low), low, high, target)
            return self._harder(X, moved, target)

    def ascend(self, X, low, high, target):
        """Climb from X, a point of the box from `low` to `high`."""
        step = STEP * (high - low) / 2
        for _ in range(N_STEPS):
            X = (X + step * self._gradient(X, target).sign()).clamp(low, high)
        return X

    @torch.no_grad()
    def _harder(self, X, moved, target):
        """Of each row the harder of the two."""
        easier = self._odds(moved, target) < self._odds(X, target)
        return torch.where(easier.reshape(*easier.shape, *[1] * (X.ndim - 2)), X, moved)

    @torch.enable_grad()
    def _gradient(self, X, target):
        """Gradient of the log odds against the labels, with respect to the rows alone."""
        X = X.detach().requires_grad_()
        # Zeros where a module does not look at the rows, or not in a way that has a slope.
        options = {"allow_unused": True, "materialize_grads": True}
        return torch.autograd.grad(self._odds(X, target).sum(), X, **options)[0]

    def _odds(self, X, target):
        return log_odds_against(self.loss.log_proba(self.module(X)), target)


def log_odds_against(log_proba, target):
    """Log odds of any other class (..., K) against the label (...)."""
    own = torch.nn.functional.one_hot(target, log_proba.shape[-1]).bool()
    others = log_proba.masked_fill(own, -torch.inf).logsumexp(-1)
    return others - observed(log_proba, target)


@contextlib.contextmanager
def evaluating(*modules):
    """Modules in evaluation mode for a while."""
    training = [module.training for module in modules]
    try:
        for module in modules:
            module.eval()
        yield
    finally:
        for module, mode in zip(modules, training, strict=True):
            module.train(mode)
