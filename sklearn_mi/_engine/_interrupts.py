"""Ctrl-C during training, which ends it between two batches instead of tearing it apart."""

import signal
import threading
from contextlib import contextmanager


class Interrupted(KeyboardInterrupt):
    """Training ends, since the user has asked for it once."""


class Interrupt:
    """Whether the user has asked for an end."""

    noted = False


@contextmanager
def noted_interrupt():
    """Note the first Ctrl-C; a second one raises KeyboardInterrupt, as it does elsewhere.

    Who has set a handler of signals keeps it, and threads but the main one never see a signal.

    Yields
    ------
    interrupt : Interrupt
    """
    interrupt, usual = Interrupt(), signal.default_int_handler

    def note(*_):
        interrupt.noted = True
        signal.signal(signal.SIGINT, usual)

    if signal.getsignal(signal.SIGINT) is usual:
        with _handled_by(note):
            yield interrupt
    else:
        yield interrupt


def raised_interrupts():
    """Inside of ``with`` every Ctrl-C raises KeyboardInterrupt at once, in training too."""
    return _handled_by(_raise)


def _raise(*_):
    raise KeyboardInterrupt


@contextmanager
def _handled_by(handler):
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
