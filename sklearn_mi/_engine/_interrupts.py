"""Ctrl-C during training, which ends it between two batches instead of tearing it apart."""

import signal
import threading
from contextlib import contextmanager


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
    interrupt = Interrupt()
    usual = signal.default_int_handler

    def note(*_):
        interrupt.noted = True
        signal.signal(signal.SIGINT, usual)

    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not usual:
        yield interrupt
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, usual)
