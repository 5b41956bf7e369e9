r"""Where information against rows is heading: a power law with a ceiling."""

import numpy as np
from scipy.stats import chi2

EXPONENTS = np.linspace(0.3, 2.0, 18)
MISFIT = 0.001  # probability of so bad a fit, below which the law is not that of the curve
LEVELS, GAPS = np.linspace(-4, 4, 17), np.linspace(0, 1, 81)  # of the grid, of each exponent


class Asymptote:
    r"""Posterior distribution of a curve of information against rows,

    .. math:: I(m) = I_\infty - g \, (m / m_{last})^{-b}.

    What is known before is flat: the asymptote up to H(Y), g at least 0, and the exponent b from
    .3, of slow learners of many columns, to 2; a model of fixed size has 1. The distribution is a
    sum over a grid, so that nothing is drawn.

    Parameters
    ----------
    sizes : ndarray of shape (S,)
        Rows that were learnt from, rising.
    values : ndarray of shape (S,)
        Information at each, in nats.
    covariance : ndarray of shape (S, S)
        Of the errors of `values`.
    most : float
        H(Y).

    Attributes
    ----------
    fits : bool
        Whether some power law goes through the values, but for their errors.
    """

    def __init__(self, sizes, values, covariance, most):
        self.share, self.values, self.most = np.asarray(sizes) / sizes[-1], values, most
        self.last = sizes[-1]
        self.precision = np.linalg.pinv(covariance + np.eye(len(sizes)) * (1e-6 * most) ** 2)
        grids = [self._grid(exponent) for exponent in EXPONENTS]
        self.level, self.gap, self.exponent, log_weight, off = map(
            np.concatenate, zip(*grids, strict=True)
        )
        self.fits = bool(chi2.sf(off.min(), len(sizes)) > MISFIT)
        self.weight = np.exp(log_weight - log_weight.max())
        self.weight /= self.weight.sum()

    def _grid(self, exponent):
        """Levels at the last size, gaps and log weights (G,) where one exponent has its mass."""
        rise = 1 - self.share**-exponent
        design = np.column_stack([np.ones_like(rise), rise])
        information = design.T @ self.precision @ design
        center = np.linalg.solve(information, design.T @ self.precision @ self.values)
        error = np.sqrt(np.linalg.inv(information)[1, 1])
        low = np.clip(center[1] - 4 * error, 0, self.most)
        high = np.clip(center[1] + 4 * error, low + error / 4, None)
        gap, deviation = low + (high - low) * GAPS[:, None], information[0, 0] ** -0.5
        level = center[0] - information[0, 1] / information[0, 0] * (gap - center[1])
        level = level + deviation * LEVELS
        gap = np.broadcast_to(gap, level.shape)
        off = self.values - level[..., None] - gap[..., None] * rise
        off = np.einsum("...i,ij,...j", off, self.precision, off)
        log_weight = np.log(deviation * (high - low)) - off / 2
        log_weight[level + gap > self.most] = -np.inf
        exponent = np.full_like(level, exponent)
        return [v.ravel() for v in (level, gap, exponent, log_weight, off)]

    def at(self, n_rows):
        """Information with so many rows at each point of the grid; of infinity the asymptote."""
        return self.level + self.gap * (1 - (n_rows / self.last) ** -self.exponent)

    def summary(self, n_rows, confidence_level):
        """Median, standard deviation, and both ends of an interval with equal tails."""
        values = self.at(n_rows)
        order = np.argsort(values)
        values, weight = values[order], self.weight[order]
        tail = (1 - confidence_level) / 2
        low, median, high = np.interp([tail, 0.5, 1 - tail], weight.cumsum() - weight / 2, values)
        deviation = np.sqrt(weight @ (values - weight @ values) ** 2)
        return float(median), float(deviation), float(low), float(high)
