"""Fits that end in the middle, as by a signal that no process survives."""

import numpy as np
from skorch.callbacks import Callback


class Killed(BaseException):
    """In the place of a signal that no process survives."""


class Killer(Callback):
    """Ends the process in a batch, by its number in all of the fit."""

    left = np.inf

    def on_batch_begin(self, net, **kwargs):
        Killer.left -= 1
        if Killer.left < 0:
            raise Killed
