"""Answers to the parts of a long question, in files of their own: a kill costs one of them."""

import io
import json
import os
from contextlib import contextmanager

import numpy as np
import sklearn

from .._version import __version__
from ..exceptions import CheckpointWarning, warn
from ._described import described_rows, digests
from ._digest import digest
from ._kept_files import KeptFolder
from ._told_progress import LOG

CHECKPOINT = [str, os.PathLike, None]  # what a parameter of that name may be
ARRAY = "array of NumPy"  # the key under which a dict says which array it stands for
OTHER_QUESTION = (
    "checkpoint={folder!r} holds answers to another question, which differs in {what}. Make this "
    "call as that one was made, to go on with it; or delete {path} to start from the beginning, or "
    "choose another folder."
)
GOES_ON = (
    "An answer could not be kept in {folder!r}: {error}. The work goes on; after a kill this part "
    "is done again."
)


@contextmanager
def kept_answers(checkpoint, name, make_identity):
    """What remembers answers in a folder for a while, until all of a question is answered.

    Parameters
    ----------
    checkpoint : str, path or None
        The folder; None remembers nothing.
    name : str
        Of the question.
    make_identity : callable
        Gives a dict of strings, which say what is asked and of what rows.

    Yields
    ------
    kept : KeptAnswers
    """
    if checkpoint is None:
        yield NOTHING_KEPT
        return
    with KeptFolder(checkpoint) as folder:
        kept = KeptAnswers(folder, name)
        kept.join(make_identity())
        yield kept
        kept.remove()


class KeptAnswers:
    """Calls functions, or gives what they gave before a kill."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name

    def join(self, identity):
        """Go on with the answers in the folder, or begin where there are none."""
        before = self.folder.read(self.name)
        if before is None:
            self.remove()  # what may be there without its question
            try:
                self.folder.write(self.name, json.dumps(identity).encode())
            except OSError as error:
                raise self.folder.cannot_write(error) from error
            return
        before = json.loads(before)
        what = [key for key in before | identity if before.get(key) != identity.get(key)]
        if what:
            told = {"folder": str(self.folder.folder), "path": self.folder.folder / self.name}
            raise ValueError(OTHER_QUESTION.format(what=", ".join(what), **told))
        n_parts = sum("." not in name for name in self._names_of_parts())  # others were cut
        LOG.info("checkpoint: going on after %d parts, in %s", n_parts, self.folder.folder)

    def _names_of_parts(self):
        return self.folder.names(f"{self.name}-*")

    def call(self, part, function, *arguments, **options):
        """What the function gives, plain things and arrays; `part` is to be its own among all."""
        if self.folder is None:
            return function(*arguments, **options)
        name = f"{self.name}-{digest(part)}"
        before = self.folder.read(name)
        if before is not None:
            return _from_bytes(before)
        answer = function(*arguments, **options)
        try:
            self.folder.write(name, _to_bytes(answer))
        except (OSError, TypeError) as error:  # a full disk, or what is not plain
            told = {"folder": str(self.folder.folder), "error": error}
            warn(GOES_ON.format(**told), CheckpointWarning)
        return answer

    def remove(self):
        """Take all files of the question away, the one that says what was asked as the last."""
        for name in [*self._names_of_parts(), self.name]:
            self.folder.remove(name)


NOTHING_KEPT = KeptAnswers(None, None)


def identity_of(X, y, **others):
    """What a question is about, each by a short text."""
    versions = {"sklearn_mi": __version__, "numpy": np.__version__}
    versions |= {"scikit-learn": sklearn.__version__}
    return {
        **digests(X=described_rows(X), y=described_rows(y), **others),
        **{f"the version of {name}": version for name, version in versions.items()},
    }


def _to_bytes(answer):
    """Arrays as NumPy writes them, all else as JSON; numbers keep all of their digits."""
    arrays, file = [], io.BytesIO()

    def plain(value):
        if isinstance(value, np.ndarray):
            arrays.append(value)
            return {ARRAY: len(arrays) - 1}
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        return value.item() if isinstance(value, np.generic) else value

    text = json.dumps(plain(answer)).encode()
    numbered = {str(number): array for number, array in enumerate(arrays)}
    np.savez(file, text=np.frombuffer(text, np.uint8), **numbered)
    return file.getvalue()


def _from_bytes(content):
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:

        def restored(value):
            if isinstance(value, dict) and ARRAY in value:
                return arrays[str(value[ARRAY])]
            if isinstance(value, dict):
                return {key: restored(item) for key, item in value.items()}
            return list(map(restored, value)) if isinstance(value, list) else value

        return restored(json.loads(arrays["text"].tobytes()))
