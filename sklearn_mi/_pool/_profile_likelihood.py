"""How far the likelihood of held-out labels lets the information about the true class go."""

import numpy as np
from scipy.optimize import minimize

from ._label_noise import LOGIT_BOUNDS, OFFSET_BOUNDS, weighted_labels
from ._log_linear import MAX_POOL_WEIGHT

NORMAL = 1.96  # standard errors on each side of a 95 % interval
DROP = NORMAL**2 / 2  # of the log likelihood at its ends
NEAR = 0.2  # a drop that differs by no more than this share will do
SEARCHES = 8  # for an end
FIRST_GOAL = 0.02  # nats
FASTEST = 4.0  # a distance grows no more at a time
LEAST_DROP = 1e-9  # below are rounding errors
STIFF = 10.0  # of a wish, per squared nat: a twentieth of a pull is how far it is missed
EXACT = {"ftol": 1e-9, "maxiter": 100}
LOWEST = np.log(np.finfo(float).eps)  # where `variational_mutual_info_score` clips, or near
MAX_SIZE = 2e7  # rows times classes squared that a search looks at


def profile_ends(pool, log_proba, y, weight):
    """How far the ends of :class:`Profile` are, by a sample of the rows if there are many."""
    n_rows, n_classes = log_proba.shape[1:]
    size = max(int(MAX_SIZE / n_classes**2), 2)
    if size >= n_rows:
        return Profile(pool, log_proba, y, weight).ends()
    # Errors go by the root of the number of rows.
    some = np.random.default_rng(0).choice(n_rows, size, replace=False)
    ends = Profile(pool, log_proba[:, some], y[some], weight[some]).ends()
    return tuple(np.sqrt(size / n_rows) * np.array(ends))


class Profile:
    r"""Profile likelihood of what a fitted pool certifies of the true class.

    Were r the posterior of the true class, and not the fitted :math:`\hat r`, the latter would
    certify on clean rows

    .. math:: G(r) = \frac 1 n \sum_{x} \sum_k r_k(x) \log \frac{\hat r_k(x)}{\hat \pi_k}

    The ends of the interval are where G goes as weights, offsets and T move so that the penalised
    log likelihood of the labels falls by 1.92 [1]_. Where noise and overlap of classes explain
    labels alike, it hardly falls, and the interval is wide.

    Parameters
    ----------
    pool : LabelNoisePool
    log_proba : ndarray of shape (E, N, K)
    y : ndarray of shape (N,)
    weight : ndarray of shape (N,)

    References
    ----------
    .. [1] S. A. Murphy and A. W. van der Vaart, "On profile likelihood", Journal of the American
       Statistical Association, 2000.
    """

    def __init__(self, pool, log_proba, y, weight):
        self.pool, self.y, self.weight = pool, y, weight / weight.mean()
        self.n_rows, self.n_classes = log_proba.shape[1:]
        self.labels = weighted_labels(y, self.weight, self.n_classes)
        self.information = pool._by_class(log_proba)
        self.unit = pool._weight_unit(self.information, self.labels)
        log_posterior = np.maximum(pool.log_posterior(log_proba), LOWEST)
        self.gain = np.ascontiguousarray((log_posterior - np.log(pool.class_prior_)).T)

    def ends(self):
        """How far G goes down and up, in nats."""
        pool = self.pool
        start = np.r_[pool.weights_, pool.offsets_, np.log(pool.noise_matrix_).ravel()]
        best = self.best(lambda _: (0.0, 0.0), start)
        return self.end(best, -1), self.end(best, 1)

    def end(self, best, sign):
        """The distance at which the likelihood has fallen by DROP, or beyond which G cannot go.

        It goes by the root of the drop, if the likelihood is a parabola in G; if it is none, the
        search goes on by the same rule within a bracket.
        """
        top, middle = self.likelihood(best)[0], self.certified(best)[0]
        goal, at, low, high = FIRST_GOAL, best, 0.0, np.inf
        for _ in range(SEARCHES):
            there = self.near(middle + sign * goal, at)
            distance = sign * (self.certified(there)[0] - middle)
            drop = max(top - self.likelihood(there)[0], LEAST_DROP)
            further = np.clip(np.sqrt(DROP / drop), 1 / FASTEST, FASTEST)
            if drop < DROP:
                at, low = there, distance
                if distance < goal / 2:
                    return max(float(distance), 0.0)
            else:
                high = min(high, distance)
            goal = distance * further
            if abs(drop / DROP - 1) <= NEAR:
                break
            if not low < goal < high:
                goal = (low + min(high, 2 * low)) / 2
        return max(float(goal), 0.0)

    def near(self, goal, start):
        """Where the likelihood is largest for a G next to `goal`."""
        return self.best(lambda g: (-STIFF * (g - goal) ** 2, -2 * STIFF * (g - goal)), start)

    def best(self, wish, start):
        """Where the likelihood per row plus a wish for G, a value and its slope, is largest."""
        units = np.r_[self.unit, np.ones(len(start) - len(self.unit))]

        def objective(parameters):
            value, slope = self.likelihood(parameters * units)
            certified, d_certified = self.certified(parameters * units)
            wished, d_wished = wish(certified)
            slope = slope / self.n_rows + d_wished * d_certified
            return -value / self.n_rows - wished, -slope * units

        bounds = [(0, MAX_POOL_WEIGHT / u) for u in self.unit] + [OFFSET_BOUNDS] * self.n_classes
        bounds += [LOGIT_BOUNDS] * self.n_classes**2
        options = {"jac": True, "method": "L-BFGS-B", "options": EXACT, "bounds": bounds}
        return minimize(objective, start / units, **options).x * units

    def likelihood(self, parameters):
        """Penalised log likelihood of the labels, and its slope."""
        arguments = self.information, self.y, self.labels, self.pool.pseudo_
        return self.pool._penalised(parameters, *arguments)

    def certified(self, parameters):
        """G, and its slope; r does not depend on T."""
        *pooling, _ = self.pool._split(parameters, len(self.unit), self.n_classes)
        posterior = self.pool._posterior(*pooling, self.information)
        value = (posterior * self.gain).sum(axis=0)
        slope = posterior * (self.gain - value) * self.weight / self.n_rows
        d_weight = self.information.reshape(len(self.unit), -1) @ slope.ravel()
        slope = np.r_[d_weight, slope.sum(axis=1), np.zeros(self.n_classes**2)]
        return self.weight @ value / self.n_rows, slope
