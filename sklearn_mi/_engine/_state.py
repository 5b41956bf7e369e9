"""What is stored of a classifier: plain things, their format, who wrote them and their digest."""

import numpy as np
import sklearn
import torch

from .._version import __version__
from ._digest import digest
from ._plain import from_plain, to_plain

FORMAT = 1  # to be raised with every change after which older versions would misread
NEWER = (
    "This {name} was stored in format {found} by sklearn_mi {writer}, but sklearn_mi {version} "
    "knows formats up to {known}: upgrade sklearn_mi."
)
NO_FORMAT = (
    "This {name} was stored without a format, by sklearn_mi before 0.1.0 or by something else: fit "
    "it again."
)
CHANGED = (
    "This stored {name} is not as sklearn_mi {writer} wrote it: its digest differs. The file was "
    "cut, edited or damaged; take another copy, or fit it again."
)


def pack(attributes):
    """The state to store of a classifier with these attributes.

    Parameters
    ----------
    attributes : dict

    Returns
    -------
    state : dict
        "format", an int; "versions" of the libraries; "content", the attributes as plain things;
        "digests" of all of these, without and with what scikit-learn's objects hold.
    """
    state = {"format": FORMAT, "versions": _versions(), "content": to_plain(attributes)}
    return {**state, "digests": [digest(state, whole) for whole in (False, True)]}


def unpack(state, name):
    """The attributes of a classifier that `pack` has stored.

    Parameters
    ----------
    state : dict
    name : str
        Of the class, for texts of errors.

    Raises
    ------
    ValueError
        If the format is newer than this version knows, or anything was changed.
    """
    found = state.get("format") if isinstance(state, dict) else None
    if type(found) is not int:
        raise ValueError(NO_FORMAT.format(name=name))
    written = state.get("versions", {})
    writer = written.get("sklearn_mi", "of unknown version")
    if found > FORMAT:
        told = {"found": found, "known": FORMAT, "version": __version__}
        raise ValueError(NEWER.format(name=name, writer=writer, **told))
    if not _is_as_written(state):
        raise ValueError(CHANGED.format(name=name, writer=writer))
    return from_plain(state["content"])


def _is_as_written(state):
    """Whether the digest is right; what other versions of scikit-learn hold they may change."""
    digests = state.get("digests")
    if not (isinstance(digests, list) and len(digests) == 2):
        return False
    whole = state["versions"].get("scikit-learn") == sklearn.__version__
    told = {name: value for name, value in state.items() if name != "digests"}
    return digest(told, whole) == digests[whole]


def _versions():
    return {
        "sklearn_mi": __version__,
        "scikit-learn": sklearn.__version__,
        "torch": str(torch.__version__),
        "numpy": np.__version__,
    }
