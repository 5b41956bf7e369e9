"""Information of a stream: each chunk of rows is scored before it is learnt."""

import numpy as np
from scipy.special import entr


class PrequentialScore:
    r"""What a classifier that goes on learning tells of rows that it has not seen.

    .. math:: \frac{1}{W} \sum_i w_i \Big( \log q_i(y_i | x_i) - \log \hat p(y_i) \Big)

    with :math:`q_i` what was known before row i was learnt ("prequential" [1]_), and
    :math:`\hat p` the frequencies of the labels of the rows of the sum. Since no others fit these
    rows as well, the estimate is if anything too low, by about (K - 1) / 2n nats for n rows of K
    classes. Of a chunk no more is kept than sums over the rows of each class.

    Parameters
    ----------
    n_classes : int

    Attributes
    ----------
    sums : list of ndarray of shape (2, 3, K)
        Of each chunk, by class, :math:`\sum_i w_i^a (\log q_i)^b` for a = 1, 2 and b = 0, 1, 2.
    counts : list of int
        Rows of each chunk.

    References
    ----------
    .. [1] A. P. Dawid, "Statistical theory: the prequential approach", Journal of the Royal
       Statistical Society A 147, 1984.

    Examples
    --------
    >>> score = PrequentialScore(2)
    >>> score = score.and_then(np.log([0.8, 0.8]), np.array([0, 1]), np.ones(2))
    >>> score = score.and_then(np.log([0.8, 0.8]), np.array([0, 1]), np.ones(2))
    >>> mutual_info, stderr = score.estimate()
    >>> print(f"{mutual_info:.3f} +- {stderr:.3f}")
    0.470 +- 0.000
    """

    def __init__(self, n_classes):
        self.n_classes, self.sums, self.counts = n_classes, [], []

    def and_then(self, log_proba, labels, weight):
        """The score after a further chunk; this one stays as it is.

        Parameters
        ----------
        log_proba : ndarray of shape (n,)
            Log probability of the label of each row; finite.
        labels : int ndarray of shape (n,)
        weight : ndarray of shape (n,)
            Positive.
        """
        each = [weight**a * log_proba**b for a in (1, 2) for b in (0, 1, 2)]
        sums = [np.bincount(labels, values, self.n_classes) for values in each]
        after = PrequentialScore(self.n_classes)
        after.sums = [*self.sums, np.reshape(sums, (2, 3, self.n_classes))]
        after.counts = [*self.counts, len(labels)]
        return after

    def later_half(self):
        """Sums and number of rows of the latest chunks that hold half of all rows.

        The earlier ones were scored by what knew less.
        """
        rows = np.cumsum(self.counts[::-1])
        n_chunks = 1 + int(np.searchsorted(rows, rows[-1] / 2))
        return sum(self.sums[-n_chunks:]), int(rows[n_chunks - 1])

    def estimate(self):
        """Mean over the later half of the rows, and its standard error."""
        return mean_and_error(*self.later_half())

    def label_entropy(self):
        """Entropy of the labels of the later half, in nats."""
        total = self.later_half()[0][0, 0]
        return float(entr(total / total.sum()).sum())

    def history(self):
        """The same for each chunk alone: a dict of arrays of shape (n_chunks,)."""
        each = [mean_and_error(*chunk) for chunk in zip(self.sums, self.counts, strict=True)]
        mean, stderr = np.reshape(each, (-1, 2)).T
        return {"n_samples": np.array(self.counts), "mutual_info": mean, "stderr": stderr}


def mean_and_error(sums, n_rows):
    """Mean and standard error as `mean_and_standard_error` has them of the rows themselves.

    Parameters
    ----------
    sums : ndarray of shape (2, 3, K)
        See `PrequentialScore`.
    n_rows : int

    Returns
    -------
    mean, stderr : float
        The latter is infinite for less than two rows.
    """
    total, (rows, first, second) = sums[0, 0].sum(), sums.swapaxes(0, 1)
    log_prior = np.log(np.where(rows[0] > 0, rows[0] / total, 1))
    squares = second - 2 * log_prior * first + log_prior**2 * rows
    (_, own), (sum1, sum2), (square1, square2) = (
        values.sum(axis=1) for values in (rows, first - log_prior * rows, squares)
    )
    mean, share = sum1 / total, own / total**2
    if n_rows < 2:
        return float(mean), np.inf
    direct = (square2 - 2 * mean * sum2 + mean**2 * own) / total**2 * n_rows / (n_rows - 1)
    even = (square1 / total - mean**2) * share / (1 - share) if share < 1 else 0.0
    return float(mean), float(np.sqrt(max(direct, even, 0.0)))
