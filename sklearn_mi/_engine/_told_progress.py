"""How far a long question is, told to the log of the package."""

import logging
from time import perf_counter

from sklearn.utils.parallel import Parallel

LOG = logging.getLogger("sklearn_mi")
SECONDS_BETWEEN = 10.0  # lines of one training, at least


def run_and_tell(calls, n_calls, what, n_jobs):
    """Results of calls in their order, each told to the log as it comes.

    Parameters
    ----------
    calls : iterable of delayed calls
    n_calls : int
    what : str
        They are, in the plural.
    n_jobs : int or None
    """
    if not LOG.isEnabledFor(logging.INFO):
        return Parallel(n_jobs=n_jobs)(calls)
    try:
        run = Parallel(n_jobs=n_jobs, return_as="generator")
    except ValueError:  # of a backend that gives all results at once, as joblib's multiprocessing
        run = Parallel(n_jobs=n_jobs)
    return list(tell_each(run(calls), n_calls, what))


def tell_each(results, n_results, what):
    """Pass results on, with how many there are, and the time that is left for the others."""
    start = perf_counter()
    for n_done, result in enumerate(results, 1):
        spent = perf_counter() - start
        left = clock(spent / n_done * (n_results - n_done))
        LOG.info("%s: %d of %d, %s, about %s left", what, n_done, n_results, clock(spent), left)
        yield result


class SeldomTold:
    """Tells how far a training is, at most one line in so many seconds from when it was made."""

    def __init__(self):
        self.last = perf_counter()

    def tell(self, text, *figures):
        """A line for the log if it listens and it is time."""
        if LOG.isEnabledFor(logging.INFO) and perf_counter() - self.last >= SECONDS_BETWEEN:
            LOG.info(text, *figures)
            self.last = perf_counter()


def clock(seconds):
    """Minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
