"""Warnings, each of a category that can be filtered, or made an error, by itself."""

import sys
import warnings

__all__ = [
    "CheckpointWarning",
    "ColumnWarning",
    "DataWarning",
    "LeakageWarning",
    "RareClassWarning",
]


class DataWarning(UserWarning):
    """Something about the rows, columns or labels that a reader of the estimate is to know.

    Examples
    --------
    In a job that nobody watches, what puts an estimate in doubt may better be an error:

    >>> import warnings
    >>> from sklearn_mi.exceptions import ColumnWarning, DataWarning
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", DataWarning)
    ...     warnings.simplefilter("default", ColumnWarning)  # but for what columns were taken as
    ...     pass  # fit
    """


class LeakageWarning(DataWarning):
    """Held-out rows may not be new to what scores them, so that the estimate may be too high.

    Of rows that came more than once, and of columns that count the rows.
    """


class ColumnWarning(DataWarning):
    """How a column was read, where it can be read in more than one way, or why it was left out."""


class RareClassWarning(DataWarning):
    """Classes with fewer rows than an estimate needs."""


class CheckpointWarning(UserWarning):
    """Something is not kept, or can no longer be, while the work goes on."""


THROUGH = ("sklearn_mi", "sklearn", "skorch", "torch", "joblib", "contextlib", "concurrent")


def warn(message, category=UserWarning):
    """Warn in the name of the line by which the user has called, however far down this is found.

    Calls through other libraries are followed, as of a pipeline or a search.
    """
    frame, level = sys._getframe(1), 2
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] in THROUGH:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
