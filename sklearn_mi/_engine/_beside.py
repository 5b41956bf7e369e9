"""Companions that learn in a thread of their own while networks train."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import sklearn

from .._inputs._sparse_encoder import seen_rows
from .._inputs._sparse_rows import of_networks
from .._pool._learned_rows import LearnedRows
from ._resources import has_room_for_a_thread, to_device


def learned_rows(encoding, device, X, labels, weight, members):
    """The rows of a fit as companions learn them."""
    encode = partial(seen_rows, encoding, X, to_device(of_networks(X), device))
    return LearnedRows(encode, labels, weight, members)


@contextmanager
def companions_beside(clf, prepared):
    """Begin with what companions can learn without networks, to the same bits as afterwards.

    Those of the user are left alone, for they may not bear a thread; and so are all where there
    are callbacks, for these may change filters of warnings, which threads share.

    Parameters
    ----------
    clf : MutualInfoClassifier
    prepared : Prepared

    Yields
    ------
    done : dict
        For `Companions.fit`, complete when the context has ended well.
    """
    training, _, companions, *of_rows = prepared
    ours = isinstance(clf.estimators, str) and companions.estimators and not clf.callbacks
    free = clf.n_threads == "auto" and training.n_threads == 1 and has_room_for_a_thread()
    if not (ours and free) or companions.held_out is not None:
        yield {}
        return
    done, device = {}, training.data.X.device
    rows = learned_rows(clf._encoder.encoding.to(device), device, *of_rows, clf._members)
    thread = ThreadPoolExecutor(1)
    try:
        begun = thread.submit(_begin, companions, rows, done, sklearn.get_config())
        yield done
        begun.result()
    finally:
        thread.shutdown(wait=False)  # an interrupt does not wait for what it cannot stop


def _begin(companions, rows, done, config):
    with sklearn.config_context(**config):  # that of the thread which has called `fit`
        companions.begin(rows, done)
