"""Posterior of the true class and noise matrix, from what experts say and the observed labels."""

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csc_array
from scipy.special import expit, softmax

from ._log_linear import MAX_POOL_WEIGHT, POOL_WEIGHT_SPREAD, TINY, log_softmax

LOG_FLOOR = -1e6  # of a log posterior: far below what networks say, but its products are finite
OFFSET_SPREAD = 0.5  # of the prior on the offsets of the classes
OFFSET_BOUNDS = (-8.0, 8.0)
EVEN_NOISE_BOUNDS = (-7.0, 3.0)  # of its log odds
EVEN_NOISE_START = -2.0
ENOUGH = {"ftol": 1e-7, "maxiter": 100}  # nats do not show what comes after
LOGIT_BOUNDS = (-20.0, 20.0)  # of the entries of the noise matrix
PRIOR_ROWS = 30.0  # for each class, where they speak for even noise
UNMIXING_ROUNDS = 2
UNMIXING_STEPS = 20
UNMIXING_SMOOTHING = 0.005  # towards equal shares, where the steps start


class LabelNoisePool:
    r"""Several opinions on the true class, and a noise matrix, by penalised likelihood.

    .. math::
        P(\text{observed } j | x) = \sum_i r_i(x) \, T_{ij}, \qquad
        r_i(x) = \frac{1}{Z(x)} \, \pi_i e^{b_i} \prod_e \Big( \frac{r_{ei}(x)}{\pi_i} \Big)^{w_e}

    The first expert, the networks, speaks of the true class. The others learnt the observed label:
    their posterior q is led back to the r that has :math:`r^\top T = q` (:func:`unmix`), with T
    from a fit before, at first of the networks alone. :math:`\pi` is what the networks think of
    the frequencies.

    Classes that overlap look like noise between them, and a few labels tell little of the
    :math:`K^2` numbers of T. So even noise is fitted first, a single number :math:`\epsilon`,

    .. math:: M = (1 - \epsilon) \, I + \epsilon \, 1 p^\top

    with p the frequencies of the labels. T is then drawn towards it: each of its rows counts
    `prior_rows` rows of data distributed as M has it (and one more, spread evenly, so that no label
    is held to be impossible). Whether that is wise, held-out labels tell (:func:`noise_pools`). An
    M that is known stands in for even noise, to which labels of one class that are mostly wrong
    look like overlap. Normal priors are put around equal weights and around offsets b of zero.

    Parameters
    ----------
    prior_rows : float, default=0
    noise_matrix : array-like of shape (K, K), default=None
        M, where it is known.

    Attributes
    ----------
    weights_ : ndarray of shape (E,)
    offsets_ : ndarray of shape (K,)
        b.
    noise_matrix_ : ndarray of shape (K, K)
        T, rows the true class, columns the observed one; rows sum to one.
    pseudo_ : ndarray of shape (K, K)
        Rows that T counts as seen, by true class and label.
    even_noise_ : float
        :math:`\epsilon`, if all noise were even; where M is not told.
    class_prior_ : ndarray of shape (K,)
        Frequencies of the true class: the mean of r.
    log_center_ : ndarray of shape (K,)
        Log posterior where no expert has anything to say, up to a constant.
    """

    def __init__(self, prior_rows=0.0, noise_matrix=None):
        self.prior_rows = prior_rows
        self.noise_matrix = noise_matrix

    def fit(self, log_proba, y, class_prior=None, weight=None):
        """Fit to log posteriors (E, N, K), labels (N,) and weights (N,); the rest has no say."""
        n_rows, n_classes = log_proba.shape[1:]
        weight = np.ones(n_rows) if weight is None else weight / weight.mean()
        frequencies = weight @ np.exp(log_proba[0]) / n_rows
        self.log_center_ = np.log(frequencies + 1 / n_rows / n_classes)
        labels = weighted_labels(y, weight, n_classes)
        self._unmixing = None
        guess, pseudo = self._begin(log_proba[:1], y, labels)
        self._fit(log_proba[:1], y, labels, guess, pseudo)
        for _ in range(UNMIXING_ROUNDS if len(log_proba) > 1 else 0):
            self._unmixing = self.noise_matrix_
            self._fit(log_proba, y, labels, self.noise_matrix_, pseudo)
        prior = np.maximum(weight @ np.exp(self.log_posterior(log_proba)), TINY)
        self.class_prior_ = prior / prior.sum()
        return self

    def log_posterior(self, log_proba):
        """Calibrated log posterior of the true class, of E arrays (..., K) to (..., K).

        What has no weight may be None.
        """
        information = self._information(self._stacked(log_proba))
        pooled = np.tensordot(self.weights_, information, 1)
        return log_softmax(self.log_center_ + self.offsets_ + pooled)

    def log_observed(self, log_proba):
        """Log posterior of the observed label, likewise."""
        observed = np.exp(self.log_posterior(log_proba)) @ self.noise_matrix_
        return np.log(np.maximum(observed, TINY))

    def information_of_first(self, log_proba):
        """What a log posterior (..., K) of the first expert adds to the log frequencies."""
        return self.weights_[0] * (log_proba - self.log_center_) + self.offsets_

    def true_information(self, log_posterior, y):
        """Pointwise information about the true class, (n,), as far as the label tells it.

        Its mean over P(true class | x, observed label).
        """
        true = np.exp(log_posterior) * self.noise_matrix_.T[y]
        true /= np.maximum(true.sum(axis=1, keepdims=True), TINY)
        information = np.maximum(log_posterior, LOG_FLOOR) - np.log(self.class_prior_)
        return (true * information).sum(axis=1)

    def _begin(self, log_proba, y, labels):
        """Where to look for T first, and the rows that it has seen already."""
        n_classes = labels.shape[0]
        if self.noise_matrix is None:
            even = self._fit_even_noise(log_proba, y, labels)
            self.pseudo_ = self.prior_rows * even + 1 / n_classes
            return self._first_guess(log_proba, labels, self.pseudo_), self.pseudo_
        self.offsets_ = np.zeros(n_classes)
        self.pseudo_ = self.prior_rows * np.asarray(self.noise_matrix) + 1 / n_classes
        return self.pseudo_ / self.pseudo_.sum(axis=1, keepdims=True), self.pseudo_

    def _fit_even_noise(self, log_proba, y, labels):
        """Fit weights, offsets and even noise; gives the noise matrix."""
        n_classes, n_rows = labels.shape
        frequencies = labels.sum(axis=1) + 1 / n_classes
        noise = np.tile(frequencies / frequencies.sum(), (n_classes, 1))
        identity = np.eye(n_classes)
        information = self._by_class(log_proba)

        def objective(parameters):
            *pooling, share = self._split(parameters, len(log_proba), n_classes)
            share = expit(share[0])
            even = (1 - share) * identity + share * noise
            value, slope, d_noise = self._log_likelihood(*pooling, even, information, y, labels)
            d_share = (d_noise * (noise - identity)).sum() * share * (1 - share)
            return -value / n_rows, -np.r_[slope, d_share] / n_rows

        self.offsets_ = np.zeros(n_classes)
        unit = self._weight_unit(information, labels)
        share = self._minimize(objective, unit, [EVEN_NOISE_START], EVEN_NOISE_BOUNDS)
        self.even_noise_ = float(expit(share[0]))
        return (1 - self.even_noise_) * identity + self.even_noise_ * noise

    def _first_guess(self, log_proba, labels, pseudo):
        """Shares of the labels among the rows given to each class.

        A start at no noise would be a flat place: the slope in an entry of T is the smaller the
        smaller the entry is.
        """
        counts = (labels @ np.exp(self.log_posterior(log_proba))).T + pseudo
        return counts / counts.sum(axis=1, keepdims=True)

    def _fit(self, log_proba, y, labels, noise_matrix, pseudo):
        """Fit weights, offsets and noise matrix, which has seen the rows `pseudo` already."""
        n_classes, n_rows = labels.shape
        information = self._by_class(log_proba)

        def objective(parameters):
            value, slope = self._penalised(parameters, information, y, labels, pseudo)
            return -value / n_rows, -slope / n_rows

        start = np.log(noise_matrix).ravel()
        unit = self._weight_unit(information, labels)
        logits = self._minimize(objective, unit, start, LOGIT_BOUNDS)
        self.noise_matrix_ = softmax(logits.reshape(n_classes, n_classes), axis=1)

    def _penalised(self, parameters, information, y, labels, pseudo):
        """Penalised likelihood of weights, offsets and logits of T, and its slope."""
        n_classes = labels.shape[0]
        *pooling, logits = self._split(parameters, len(information), n_classes)
        log_noise = log_softmax(logits.reshape(n_classes, n_classes))
        noise = np.exp(log_noise)
        value, slope, d_noise = self._log_likelihood(*pooling, noise, information, y, labels)
        counts = noise * d_noise + pseudo
        d_logits = counts - noise * counts.sum(axis=1, keepdims=True)
        return value + (pseudo * log_noise).sum(), np.concatenate([slope, d_logits.ravel()])

    @staticmethod
    def _weight_unit(information, labels):
        """What the weight of each expert is counted in, (E,): the less, the more nats it deals in.

        Else the search would begin where the pool is all too certain, with slopes that say little.
        """
        size = np.average(abs(information).mean(axis=1), axis=1, weights=labels.data)
        return 1 / np.maximum(size, 1)

    def _minimize(self, objective, unit, start, bounds):
        """Set weights and offsets; gives the parameters of the noise."""
        n_experts, n_classes = len(unit), len(self.offsets_)
        units = np.r_[unit, np.ones(n_classes + len(start))]

        def in_units(parameters):
            value, slope = objective(parameters * units)
            return value, slope * units

        best = minimize(
            in_units,
            np.r_[np.full(n_experts, 1 / n_experts), self.offsets_, start],
            jac=True,
            method="L-BFGS-B",
            options=ENOUGH,
            bounds=[(0, MAX_POOL_WEIGHT / u) for u in unit]
            + [OFFSET_BOUNDS] * n_classes
            + [bounds] * len(start),
        )
        self.weights_, self.offsets_, noise = self._split(best.x * units, n_experts, n_classes)
        return noise

    @staticmethod
    def _split(parameters, n_experts, n_classes):
        both = n_experts + n_classes
        return parameters[:n_experts], parameters[n_experts:both], parameters[both:]

    def _stacked(self, log_proba):
        if isinstance(log_proba, np.ndarray):
            return log_proba
        given = [self.log_center_ if each is None else each for each in log_proba]
        return np.stack(np.broadcast_arrays(*given))

    def _information(self, log_proba):
        """What each expert says of the true class, beyond its frequency; (E, ..., K)."""
        experts = log_proba[:1]
        if len(log_proba) > 1:
            others = unmix(np.exp(log_proba[1:]), self._unmixing)
            experts = np.concatenate([experts, np.log(np.maximum(others, TINY))])
        return np.maximum(experts, LOG_FLOOR) - self.log_center_

    def _by_class(self, log_proba):
        """The same of rows, (E, K, N): classes first, for sums over few of them to be fast."""
        return np.ascontiguousarray(self._information(log_proba).swapaxes(1, 2))

    def _posterior(self, pool_weight, offsets, information):
        """Of the true class, (K, N), by what `_by_class` gives."""
        pooled = (pool_weight @ information.reshape(len(information), -1)).reshape(len(offsets), -1)
        pooled += (self.log_center_ + offsets)[:, None]
        posterior = np.exp(pooled - pooled.max(axis=0))
        return posterior / posterior.sum(axis=0)

    def _log_likelihood(self, pool_weight, offsets, noise_matrix, information, y, labels):
        """Of the labels, with the priors of weights and offsets; slopes in these and in T."""
        posterior = self._posterior(pool_weight, offsets, information)
        joint = posterior * noise_matrix[:, y]
        likelihood = np.maximum(joint.sum(axis=0), TINY)
        off = pool_weight - 1 / len(pool_weight)
        value = labels.data @ np.log(likelihood)
        value -= 0.5 * off @ off / POOL_WEIGHT_SPREAD**2
        value -= 0.5 * offsets @ offsets / OFFSET_SPREAD**2
        # P(true class | x, observed label), less P(true class | x).
        surprise = labels.data * (joint / likelihood - posterior)
        slopes = information.reshape(len(off), -1) @ surprise.ravel()
        d_weight = slopes - off / POOL_WEIGHT_SPREAD**2
        d_offset = surprise.sum(axis=1) - offsets / OFFSET_SPREAD**2
        return value, np.concatenate([d_weight, d_offset]), (labels @ (posterior / likelihood).T).T


def weighted_labels(y, weight, n_classes):
    """Labels (N,) with their weights, (K, N); most of it is zero, and `data` are the weights."""
    return csc_array((weight, y, np.arange(len(y) + 1)), shape=(n_classes, len(y)))


def noise_pools(noise_matrix=None):
    """The candidates: a noise matrix that is free, and one that is drawn towards even noise.

    Or towards the noise matrix that is told.
    """
    return [LabelNoisePool(), LabelNoisePool(PRIOR_ROWS, noise_matrix)]


def unmix(proba, noise_matrix):
    r"""Posterior of the true class behind one of the observed label.

    Looks for r with :math:`r^\top T = q` on the simplex: the solution without constraints, moved
    inside, then some steps of expectation-maximisation on the Kullback-Leibler divergence of
    :math:`r^\top T` from q, which leave an exact solution as it is.

    Parameters
    ----------
    proba : ndarray of shape (..., K)
        Posterior q of the observed label.
    noise_matrix : ndarray of shape (K, K)

    Returns
    -------
    proba : ndarray of shape (..., K)
    """
    inside = np.maximum(proba @ np.linalg.pinv(noise_matrix), 0)
    inside /= np.maximum(inside.sum(axis=-1, keepdims=True), TINY)
    inside = (1 - UNMIXING_SMOOTHING) * inside + UNMIXING_SMOOTHING / proba.shape[-1]
    for _ in range(UNMIXING_STEPS):
        mixed = np.maximum(inside @ noise_matrix, TINY)
        inside = inside * ((proba / mixed) @ noise_matrix.T)
    return inside
