"""The latest rows of a stream, and when enough of them are new to train again."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy.sparse

REMEMBERED = 50_000  # rows
GROWTH = 0.25  # new rows, as a share of those that were learnt, that are worth another training
LATE = 1 / 3  # of the rows, of which nearly as much was known when they came as is now


@dataclass(frozen=True)
class Chunk:
    """Rows that came at one time; (n,) labels and weights, the latter positive.

    `before` and `now` are the log probabilities (n,) of the labels by what was known when the rows
    came, and by the latest networks that have not seen them; NaN where there are none.
    """

    rows: object
    labels: np.ndarray
    weight: np.ndarray
    before: np.ndarray = None
    now: np.ndarray = None

    def __len__(self):
        return len(self.labels)


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
        return sum(map(len, self.chunks))

    def and_then(self, chunk):
        """The rows after a further chunk; these stay as they are."""
        after = RecentRows()
        vars(after).update(vars(self))
        after.chunks, after.n_new = [*self.chunks, chunk], self.n_new + len(chunk)
        while len(after) - len(after.chunks[0]) >= REMEMBERED:
            del after.chunks[0]
        return after

    @property
    def are_due(self):
        """Whether enough is new: many rows, or a class."""
        new = set(np.unique(self.chunks[-1].labels).tolist()) - set(self.known)
        return bool(new) or self.n_new >= GROWTH * self.n_learnt

    def learnt(self, log_proba):
        """Note that all rows are learnt, and what is known of them (n,) by what held them out."""
        ends = np.cumsum([len(chunk) for chunk in self.chunks])[:-1]
        self.chunks = [
            replace(chunk, now=now, before=now if chunk.before is None else chunk.before)
            for chunk, now in zip(self.chunks, np.split(log_proba, ends), strict=True)
        ]
        self.n_learnt, self.n_new, self.known = len(self), 0, np.unique(self.labels).tolist()

    @property
    def rows(self):
        """The rows of all chunks as one table."""
        return _join([chunk.rows for chunk in self.chunks])

    @property
    def scores(self):
        """Of rows that have some: `now`, `before`, which are late, labels and weights, (n,) each.

        Rows that networks have learnt without that others held them out have none. Late are the
        last chunks that hold `LATE` of all rows.
        """
        sizes = [len(chunk) for chunk in self.chunks]
        after = np.cumsum(sizes[::-1])[::-1] - sizes  # rows that came after each chunk
        late = np.repeat(after < LATE * len(self), sizes)
        now, before = self._joined("now"), self._joined("before")
        scored = np.isfinite(now + before)
        late = late if late[scored].any() else scored
        return [values[scored] for values in (now, before, late, self.labels, self.weight)]

    @property
    def labels(self):
        return self._joined("labels")

    @property
    def weight(self):
        return self._joined("weight")

    def _joined(self, name):
        return np.concatenate([getattr(chunk, name) for chunk in self.chunks])


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
