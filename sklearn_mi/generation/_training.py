"""Generator and discriminator in turns, at one falling rate, with the generator's average kept."""

import copy
import math
from typing import NamedTuple

import torch
from torch.nn import functional

from .._engine._told_progress import SeldomTold
from ._losses import missing_information, pairing_loss, slope_penalty

BETAS = 0.0, 0.99  # no momentum, with which the two would circle
LAST_RATE = 0.05  # of the first
AVERAGED = 200  # steps after which what the average knew of a generator is halved
SHOWN = 100  # steps of which the mean is printed


class Points(NamedTuple):
    """What is trained on.

    Attributes
    ----------
    white : Tensor of shape (n, p)
        Coordinates in units of the Gaussian of their code.
    levels : Tensor of shape (n, q)
        Indicators.
    codes : int Tensor of shape (n,)
    reach : Tensor of shape (n,)
        Sums of the chances of rows to be in a batch, up to each.
    """

    white: torch.Tensor
    levels: torch.Tensor
    codes: torch.Tensor
    reach: torch.Tensor

    def batch(self, size):
        at = torch.rand(size, dtype=self.reach.dtype, device=self.reach.device) * self.reach[-1]
        rows = torch.searchsorted(self.reach, at, right=True).clamp(max=len(self.reach) - 1)
        return self.white[rows], self.levels[rows], self.codes[rows]


class Adversaries:
    """A generator, and what it is trained against.

    Parameters
    ----------
    generator, discriminator, recognizer : nn.Modules
    information_weight, slope_weight, learning_rate : float
    """

    def __init__(
        self,
        generator,
        discriminator,
        recognizer,
        *,
        information_weight,
        slope_weight,
        learning_rate,
    ):
        self.generator, self.discriminator = generator, discriminator
        self.recognizer, self.average = recognizer, copy.deepcopy(generator)
        self.information_weight, self.slope_weight = information_weight, slope_weight
        self.learning_rate = learning_rate
        judging = [*discriminator.parameters(), *recognizer.parameters()]
        self.drawing = torch.optim.Adam(generator.parameters(), learning_rate, betas=BETAS)
        self.judging = torch.optim.Adam(judging, learning_rate, betas=BETAS)

    def train(self, points, n_steps, batch_size, verbose=0):
        """Take steps; gives the losses of discriminator and generator at each, (n_steps, 2)."""
        curve, log = [], SeldomTold()
        for step in range(n_steps):
            self._set_rate(step / n_steps)
            rows = points.batch(batch_size)
            judged = self._step_of_judges(*rows)
            drawn = self._step_of_generator(*rows)
            self._average(step)
            curve.append(torch.stack([judged, drawn]))
            log.tell("networks: step %d of %d", step + 1, n_steps)
            if verbose and (step + 1) % SHOWN == 0:
                losses = torch.stack(curve[-SHOWN:]).mean(0).tolist()
                print("step {}: discriminator {:.3f}, generator {:.3f}".format(step + 1, *losses))
        return torch.stack(curve)

    def _set_rate(self, share):
        rate = LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * share)) / 2
        for optimizer in (self.drawing, self.judging):
            optimizer.param_groups[0]["lr"] = self.learning_rate * rate

    def _judge(self, white, levels, codes):
        place = self.generator.place(white, codes)
        return self.discriminator(white, place, levels, codes)

    def _step_of_judges(self, white, levels, codes):
        with torch.no_grad():
            drawn = self.generator(codes)
        points = [tensor.detach().clone().requires_grad_() for tensor in (white, levels, *drawn)]
        of_rows = self._judge(*points[:2], codes)
        of_drawn = self._judge(*points[2:], codes)
        loss = pairing_loss(of_rows, of_drawn)
        slopes = slope_penalty(torch.cat([of_rows, of_drawn]), points)
        told = 0.0
        if self.information_weight > 0:
            scores = self.recognizer(self.generator.place(white, codes), levels)
            drawn_place = self.generator.place(drawn[0], codes)
            of_both = torch.cat([scores, self.recognizer(drawn_place, drawn[1])])
            told = functional.cross_entropy(of_both, codes.repeat(2))
        _descend(self.judging, loss + self.slope_weight / 2 * slopes + told)
        return loss.detach()

    def _step_of_generator(self, white, levels, codes):
        drawn = self.generator(codes)
        with torch.no_grad():
            of_rows = self._judge(white, levels, codes)
        loss = pairing_loss(self._judge(*drawn, codes), of_rows)
        total = loss
        if self.information_weight > 0:
            with torch.no_grad():
                known = self.recognizer(self.generator.place(white, codes), levels)
            place = self.generator.place(drawn[0], codes)
            missing = missing_information(self.recognizer(place, drawn[1]), known, codes)
            total = loss + self.information_weight * missing
        _descend(self.drawing, total)
        return loss.detach()

    def _average(self, step):
        kept = 0.5 ** (1 / min(AVERAGED, max(1.0, step / 10)))
        with torch.no_grad():
            pairs = zip(self.average.parameters(), self.generator.parameters(), strict=True)
            for average, now in pairs:
                average.lerp_(now, 1 - kept)


def _descend(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
