"""Which columns, and which pairs, might add to what is known: told by tables of their bins."""

import numpy as np

from .._inputs._bins import ColumnBins

MOST_ROWS = 5000  # to count
MOST_PAIRED = 500  # columns
FOLDS = 5
RIDGE = 2.0  # variance, summed over rows, that a cell has to outweigh
MOST_BINS = 16
BLOCK = 64


class Screen:
    r"""Tables of bins that correct a posterior, as a cheap forecast of what columns would add.

    Let q(k|x) be what is known of the classes of a row, b the cell of a table that the row is in,
    and R and V the sums over the rows of a cell of

    .. math::
        1[y = k] - q(k|x) \quad \text{and} \quad q(k|x) (1 - q(k|x)).

    A cell then corrects the log odds of class k by R / (V + ridge), by the rows of all folds but
    one, and on the rows of that one gains :math:`\theta R - \theta^2 V / 2`, the likelihood to
    second order. Tables are of the bins of one column, or of two. All sums for all pairs are
    products of matrices.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n, d)
    codes : int ndarray of shape (n,)
        Encoded labels.
    members : Members
        Whose splits are the folds of the tables too.
    weight : ndarray of shape (n,) or None
    prior : ndarray of shape (K,)

    Attributes
    ----------
    prior : ndarray of shape (n, K)
        The posterior where nothing is known.
    first : ndarray of shape (d,)
        What each column tells by itself.
    """

    def __init__(self, X, codes, members, weight, prior):
        self.prior = np.tile(prior, (len(codes), 1))
        rows, folds = _first_folds(members, len(codes))
        self.rows, self.codes, folds = rows, codes[rows], folds[rows]
        self.folds = [np.flatnonzero(folds == fold) for fold in np.unique(folds)]
        self.weight = np.ones(len(rows)) if weight is None else weight[rows]
        bins = ColumnBins(X, rows)
        half = int(np.clip((len(rows) / 125) ** (1 / 3) + 0.5, 1, MOST_BINS // 4))
        self.coarse, self.fine = bins.of(2 * half), bins.of(min(4 * half, MOST_BINS))
        self.first = self.alone(self.prior)

    def alone(self, told):
        """Forecast (d,) of what each column adds, in nats.

        Parameters
        ----------
        told : ndarray of shape (n, K)
            Posterior, given what is known.
        """
        everywhere = np.zeros((len(self.rows), 1), int)
        return self._gains(self.fine, everywhere, told)[:, 0]

    def of_pairs(self, told, columns):
        """The same (c, c) of pairs of some columns."""
        return self._gains(self.coarse[:, columns], self.coarse[:, columns], told)

    def _gains(self, left, right, told):
        known = np.eye(told.shape[1])[self.codes], told[self.rows]
        residual = ((known[0] - known[1]) * self.weight[:, None]).astype(np.float32)
        variance = (known[1] * (1 - known[1]) * self.weight[:, None]).astype(np.float32)
        right, ends = _one_hot(right)
        blocks = [left[:, j : j + BLOCK] for j in range(0, left.shape[1], BLOCK)]
        gains = [self._gains_of_block(block, right, ends, residual, variance) for block in blocks]
        share = (told.shape[1] - 1) / told.shape[1]  # for what classes gain, others lose
        return share * np.concatenate(gains) / self.weight.sum()

    def _gains_of_block(self, left, right, ends, residual, variance):
        left, starts = _one_hot(left)
        gains = np.zeros((left.shape[1], right.shape[1]), np.float32)
        for residual_k, variance_k in zip(residual.T, variance.T, strict=True):
            R = self._sums(left, right, residual_k)
            V = self._sums(left, right, variance_k)
            theta = (R.sum(axis=0) - R) / (V.sum(axis=0) - V + RIDGE)
            gains += (theta * R - theta**2 * V / 2).sum(axis=0)
        return np.add.reduceat(np.add.reduceat(gains, starts, axis=0), ends, axis=1)

    def _sums(self, left, right, values):
        """Sums (F, D, E) of values over the rows of a fold in both a bin and another."""
        return np.stack([left[f].T @ (values[f, None] * right[f]) for f in self.folds])


def _first_folds(members, n_rows):
    """Rows that are held out, some of them where there are many; and a fold of each row."""
    folds = np.full(n_rows, -1)
    folds[members.entry_row] = members.entry_part % FOLDS
    rows = np.flatnonzero(folds >= 0)
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_ROWS, replace=False))
    return rows, folds


def _one_hot(bins):
    """Indicators (n, D) of the bins of all columns side by side, and where each column starts."""
    sizes = bins.max(axis=0) + 1
    starts = np.cumsum(sizes) - sizes
    indicators = np.zeros((len(bins), sizes.sum()), np.float32)
    indicators[np.arange(len(bins))[:, None], bins + starts] = 1
    return indicators, starts
