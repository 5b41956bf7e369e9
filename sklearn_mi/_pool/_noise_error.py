"""What held-out labels leave open of a noise matrix and of the information about the true class."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import block_diag
from scipy.optimize import minimize
from scipy.sparse import csr_array

from ._label_noise import LOGIT_BOUNDS, OFFSET_BOUNDS, OFFSET_SPREAD, POOL_WEIGHT_SPREAD
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
MAX_PARAMETERS = 600  # of which the joint covariance is looked at
CLEAR = 0.75  # of the rows of a class, for noise to be told from overlap
NAMED = 5  # classes in a warning
WIDE = 0.5  # of the entropy of the true class, for an interval that says little
EVEN = np.sqrt(3)  # half the width of an even distribution, in standard deviations


@dataclass(frozen=True)
class NoiseError:
    r"""Errors of T and of the estimated information about the true class.

    First what sampling leaves open if noise depends on x through the true class alone. Second what
    no sample tells: a row of which r is not certain may lie where classes overlap, or may be of a
    clear class whose labels are often wrong there. If all overlap were such noise, the most
    probable class were the true one, and T

    .. math::
        T' = O T, \qquad O_{ij} = \sum_x r_i(x) \, r_j(x) \Big/ \sum_x r_i(x),

    for such noise comes before T. If, on the contrary, labels follow x and not the class where the
    class is not clear, such rows tell of the true class what they tell of the label and no more;
    row x counts as unclear by the share :math:`1 - \sum_k r_k(x)^2`.

    Third, a network that is sure and wrong in rows that it holds out looks like noise too: were
    :math:`r = r' C` with mistakes C of the network, T and C T would explain labels alike. Whether
    it is wrong, the networks know that trained on the row.

    Attributes
    ----------
    below, above : float
        How far the information goes in a 95 % interval of profile likelihood, in nats.
    less, more : float
        How far it goes beyond if noise follows x where classes overlap.
    disagreement : float
        How much less the posterior certifies if the other networks say what the true class is.
    sampling : ndarray of shape (K, K)
        Standard errors of the entries of T.
    shift : ndarray of shape (K, K)
        :math:`T' - T`.
    clear : ndarray of shape (K,)
        Diagonal of O: how surely the rows of each class are told from the other classes.
    design_effect : float
        How many times larger than for independent rows of equal weight the variance of means is.
    """

    below: float
    above: float
    less: float
    more: float
    disagreement: float
    sampling: np.ndarray
    shift: np.ndarray
    clear: np.ndarray
    design_effect: float = 1.0

    def for_design(self, variance, of_independent_rows):
        """The same where a mean over rows has this variance and not that of independent rows."""
        ratio = variance / of_independent_rows if of_independent_rows > 0 else 1.0
        return replace(self, design_effect=max(ratio, 1.0))

    @property
    def noise_matrix(self):
        """Standard errors (K, K) of T; what no sample tells is even between T and T', or as far."""
        return np.hypot(np.sqrt(self.design_effect) * self.sampling, self.shift / EVEN)

    def information(self, stderr):
        """Standard error of the information, that over rows for a given T included.

        Of both sides of the intervals together; between its ends what no sample tells is even.
        Rows that happen to be easy make the posterior too sure as well, so that the errors over
        rows and of T go together, and add up.
        """
        sampling = np.sqrt(self.design_effect) * (self.below + self.above) / 2 / NORMAL
        untold = self.less + self.disagreement + self.more
        return float(np.hypot(stderr + sampling, untold / 2 / EVEN))

    def interval(self, score, stderr, quantile):
        """Ends of an interval that is as wide as `quantile` standard errors, on each side."""
        root = np.sqrt(self.design_effect) / NORMAL
        low = score - quantile * (stderr + root * self.below) - self.less - self.disagreement
        high = score + quantile * (stderr + root * self.above) + self.more
        return float(low), float(high)

    def warning(self, classes, interval, entropy):
        """What to tell the user, or None; of the 95 % interval and the entropy of the class."""
        order = np.argsort(self.clear, kind="stable")
        unclear = order[self.clear[order] < CLEAR]
        width = np.sqrt(self.design_effect) * (self.below + self.above) + self.disagreement
        if not len(unclear) and width <= WIDE * entropy:
            return None
        where = f"for {width:.2f} nats are open by sampling and where networks disagree"
        if len(unclear):
            named = [f"{classes.tolist()[k]!r} ({1 - self.clear[k]:.0%})" for k in unclear[:NAMED]]
            named += ["..."] * (len(unclear) > NAMED)
            where = f"for classes that overlap others, by these shares: {', '.join(named)}"
        return (
            f"The labels cannot tell noise from overlap of classes, {where}. noise_matrix_ and "
            "clean_mutual_info_score_ then rest on noise that depends on X through the true class "
            f"alone; the information may be anything from {interval[0]:.2f} to {interval[1]:.2f} "
            "nats (clean_mutual_info_interval). More rows, columns that tell the classes apart, or "
            "some labels that are known to be right would tell."
        )


def noise_error(pool, log_proba, y, weight=None, others=None):
    """What labels leave open of a :class:`LabelNoisePool` fitted to them.

    Parameters
    ----------
    pool : LabelNoisePool
    log_proba : ndarray of shape (E, N, K)
    y : ndarray of shape (N,)
    weight : ndarray of shape (N,), default=None
    others : ndarray of shape (N, K), default=None
        Posterior of the true class by networks that trained on the rows, if there are any.

    Returns
    -------
    error : NoiseError
    """
    weight = np.ones(len(y)) if weight is None else weight / weight.mean()
    log_posterior, log_observed = pool.log_posterior(log_proba), pool.log_observed(log_proba)
    posterior = np.exp(log_posterior)
    overlap = (posterior * weight[:, None]).T @ posterior
    overlap /= overlap.sum(axis=1, keepdims=True)
    below, above = _profile(pool, log_proba, y, weight)
    gain = np.maximum(log_posterior, LOWEST) - np.log(pool.class_prior_)
    known = (posterior * gain).sum(axis=1)
    frequencies = np.exp(log_observed).T @ weight / len(y)
    of_label = (np.exp(log_observed) * (log_observed - np.log(frequencies))).sum(axis=1)
    unclear = 1 - (posterior**2).sum(axis=1)
    denied = known - ((posterior if others is None else others) * gain).sum(axis=1)
    return NoiseError(
        below,
        above,
        less=np.average(unclear * np.maximum(known - of_label, 0), weights=weight),
        more=np.average(gain.max(axis=1) - known, weights=weight),
        disagreement=max(np.average(denied, weights=weight), 0.0),
        sampling=_error_of_noise_matrix(pool, log_proba, y, weight),
        shift=overlap @ pool.noise_matrix_ - pool.noise_matrix_,
        clear=overlap.diagonal(),
    )


# --- how far the likelihood lets the information go ---------------------------------------------


def _profile(pool, log_proba, y, weight):
    """Distances of the ends, from a sample of the rows if there are many; errors go by its root."""
    n_rows, n_classes = log_proba.shape[1:]
    size = max(int(MAX_SIZE / n_classes**2), 2)
    if size >= n_rows:
        return Profile(pool, log_proba, y, weight).ends()
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
        cells = (self.weight, (np.arange(self.n_rows), y))
        self.labels = csr_array(cells, shape=(self.n_rows, self.n_classes))
        self.information = pool._information(log_proba)
        self.unit = pool._weight_unit(self.information, self.labels)
        log_posterior = np.maximum(pool.log_posterior(log_proba), LOWEST)
        self.gain = log_posterior - np.log(pool.class_prior_)

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
        center = self.pool.log_center_
        posterior = np.exp(self.pool._pool(*pooling, self.information, center))
        value = (posterior * self.gain).sum(axis=1)
        slope = posterior * (self.gain - value[:, None]) * self.weight[:, None] / self.n_rows
        d_weight = np.einsum("nk,enk->e", slope, self.information)
        slope = np.r_[d_weight, slope.sum(axis=0), np.zeros(self.n_classes**2)]
        return self.weight @ value / self.n_rows, slope


# --- the noise matrix ---------------------------------------------------------------------------


def _error_of_noise_matrix(pool, log_proba, y, weight):
    """Standard errors (K, K) of T, by the information in the slopes of the likelihoods of rows.

    Weights and offsets are not known either and count; of many classes, rows of T one by one.
    """
    noise, n_classes = pool.noise_matrix_, len(pool.noise_matrix_)
    posterior = np.exp(pool.log_posterior(log_proba))
    true = posterior * noise.T[y]
    true /= true.sum(axis=1, keepdims=True)
    root, label = np.sqrt(weight)[:, None], np.eye(n_classes)[y]
    # A row of T moves by `spread`, and its prior has as many times this curvature as it has rows.
    spread = np.stack([np.diag(row) - np.outer(row, row) for row in noise])
    prior = spread * pool.pseudo_.sum(axis=1)[:, None, None]
    slopes = (root * true[:, [k]] * (label - noise[k]) for k in range(n_classes))
    if n_classes**2 > MAX_PARAMETERS:
        found = zip(slopes, prior, strict=True)
        blocks = [_inverse(slope.T @ slope + own) for slope, own in found]
    else:
        surprise = root * (true - posterior)
        of_weights = np.einsum("nk,enk->ne", surprise, pool._information(log_proba))
        slope = np.concatenate([of_weights, surprise, *slopes], axis=1)
        precision = [1 / POOL_WEIGHT_SPREAD**2] * len(log_proba)
        precision += [1 / OFFSET_SPREAD**2] * n_classes
        covariance = _inverse(slope.T @ slope + block_diag(np.diag(precision), *prior))
        blocks = covariance[len(precision) :, len(precision) :].reshape([n_classes] * 4)
        blocks = [blocks[k, :, k] for k in range(n_classes)]
    variance = [np.diag(s @ block @ s) for s, block in zip(spread, blocks, strict=True)]
    return np.sqrt(np.maximum(variance, 0))


def _inverse(information):
    """Without the directions along which logits shift and T stays."""
    return np.linalg.pinv(information, hermitian=True)
