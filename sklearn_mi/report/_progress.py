"""How far a training is, on stderr."""

import sys
from contextlib import contextmanager
from time import perf_counter

from .._engine._callbacks import Callback
from .._engine._told_progress import clock
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
            rewrite(f"{line}, {now - self.start_:.0f} s")

    def on_train_end(self, net, **kwargs):
        if sys.stderr.isatty():
            rewrite("")
        else:
            seconds = perf_counter() - self.start_
            print(f"{self.name_}: {len(net.history)} epochs, {seconds:.1f} s", file=sys.stderr)


class TimeLeft(Callback):
    """How far a question is that takes many trainings, by the rows that networks learn from.

    Copies are the same one, since each training has copies of the callbacks.
    """

    def __init__(self, title, n_learnt):
        self.title, self.n_learnt = title, n_learnt
        self.n_networks_, self.n_begun_, self.n_done_ = 0, 0, 0
        self.start_ = perf_counter()

    def __sklearn_clone__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def on_train_begin(self, net, X=None, **kwargs):
        self.n_done_ = self.n_begun_  # with the companions of the last, which follow its training
        self.n_begun_ += int(sum(X.n_train))
        self.n_networks_ += len(X.n_train)
        self.show()

    def show(self):
        if sys.stderr.isatty():
            share = min(1.0, self.n_done_ / self.n_learnt)
            spent = perf_counter() - self.start_
            left = f", about {clock(spent * (1 / share - 1))} left" if share else ""
            rewrite(f"{self.title} {bar(share)} {share:.0%}, {clock(spent)}{left}")

    def end(self):
        if sys.stderr.isatty():
            rewrite("")
        else:
            spent = clock(perf_counter() - self.start_)
            print(f"{self.title}: {self.n_networks_} networks, {spent}", file=sys.stderr)


@contextmanager
def watch(callbacks, title, n_learnt):
    """The callbacks of a question: where they show progress, its own with the time left.

    `n_learnt` is how many rows all its networks will train on, each counted for itself.
    """
    others = [each for each in callbacks or [] if not isinstance(each, Progress)]
    if len(others) == len(callbacks or []):
        yield callbacks
        return
    progress = TimeLeft(title, n_learnt)
    progress.show()
    try:
        yield [progress, *others]
    finally:
        progress.end()


def rewrite(line):
    """Put a line in the place of the last one."""
    print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


def bar(share, width=20):
    """A share as a bar of so many characters."""
    done = int(share * width)
    return "#" * done + "." * (width - done)
