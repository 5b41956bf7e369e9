"""The latest rows of a stream, and when enough of them are new to train again."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse

REMEMBERED = 50_000  # rows
GROWTH = 0.25  # new rows, as a share of those that were learnt, that are worth another training


@dataclass(frozen=True)
class Chunk:
    """Rows that came at one time; (n,) labels and weights, the latter positive."""

    rows: object
    labels: np.ndarray
    weight: np.ndarray


class RecentRows:
    """Whole chunks, the oldest of which are dropped as long as `REMEMBERED` rows are left.

    Parameters
    ----------
    n_fitted : int, default=0
        Rows of a fit before the stream, which are not remembered: what comes is learnt when it is
        as many.
    known : list of int, default=()
        Classes of these.

    Attributes
    ----------
    chunks : list of Chunk
    n_learnt, n_new : int
        Rows that were learnt the last time, and those that came since.
    known : list of int
        Classes of the former.
    """

    def __init__(self, n_fitted=0, known=()):
        self.chunks, self.n_learnt, self.n_new = [], n_fitted / GROWTH, 0
        self.known = list(known)

    def __len__(self):
        return sum(len(chunk.labels) for chunk in self.chunks)

    def and_then(self, chunk):
        """The rows after a further chunk; these stay as they are."""
        after = RecentRows()
        vars(after).update(vars(self))
        after.chunks, after.n_new = [*self.chunks, chunk], self.n_new + len(chunk.labels)
        while len(after) - len(after.chunks[0].labels) >= REMEMBERED:
            del after.chunks[0]
        return after

    @property
    def are_due(self):
        """Whether enough is new: many rows, or a class."""
        new = set(np.unique(self.chunks[-1].labels).tolist()) - set(self.known)
        return bool(new) or self.n_new >= GROWTH * self.n_learnt

    @property
    def joined(self):
        """The rows of all chunks as one table."""
        return _join([chunk.rows for chunk in self.chunks])

    def learn(self):
        """All rows as one chunk, and no longer new."""
        whole = Chunk(
            self.joined,
            np.concatenate([chunk.labels for chunk in self.chunks]),
            np.concatenate([chunk.weight for chunk in self.chunks]),
        )
        self.n_learnt, self.n_new = len(whole.labels), 0
        self.known = np.unique(whole.labels).tolist()
        return whole


def _join(parts):
    """Rows of the kind of the first part: sparse, a DataFrame or an array."""
    first = parts[0]
    if scipy.sparse.issparse(first):
        return scipy.sparse.vstack(parts, format="csr")
    if not isinstance(first, pd.DataFrame):
        return np.concatenate([np.asarray(part) for part in parts])
    frames = [
        part if isinstance(part, pd.DataFrame) else pd.DataFrame(part, columns=first.columns)
        for part in parts
    ]
    return pd.concat(frames, ignore_index=True)
