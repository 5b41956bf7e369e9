"""How far a training is, on stderr."""

import sys
from time import perf_counter

from .._engine._callbacks import Callback
from ..losses import LOSSES


class Progress(Callback):
    """One line rewritten in place on a terminal; elsewhere a line as a training starts and ends.

    The stream is looked up at every line, so that copies of the callback share it.
    """

    def on_train_begin(self, net, X=None, **kwargs):
        kinds = {kind: name for name, kind in LOSSES.items()}
        loss = type(net.criterion_.loss)
        self.name_ = kinds.get(loss, loss.__name__)
        self.start_, self.shown_ = perf_counter(), 0.0
        if not sys.stderr.isatty():
            print(f"{self.name_}: training {len(X.n_train)} networks", file=sys.stderr)

    def on_epoch_end(self, net, **kwargs):
        now = perf_counter()
        if sys.stderr.isatty() and now - self.shown_ > 0.1:
            self.shown_ = now
            line = f"{self.name_}: epoch {len(net.history)} of at most {net.max_epochs}"
            print(f"\r\x1b[K{line}, {now - self.start_:.0f} s", end="", file=sys.stderr, flush=True)

    def on_train_end(self, net, **kwargs):
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        else:
            seconds = perf_counter() - self.start_
            print(f"{self.name_}: {len(net.history)} epochs, {seconds:.1f} s", file=sys.stderr)
