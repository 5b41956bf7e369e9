"""Warnings for users, kept as notes."""

import warnings
from contextlib import contextmanager


@contextmanager
def warnings_told(notes):
    """Keep what users are warned of in a list, each text once, and pass it on."""
    with warnings.catch_warnings():
        show = warnings.showwarning

        def showwarning(message, category, *args, **kwargs):
            text = " ".join(str(message).split())
            if issubclass(category, (UserWarning, RuntimeWarning)) and text not in notes:
                notes.append(text)
            show(message, category, *args, **kwargs)

        warnings.showwarning = showwarning
        yield
