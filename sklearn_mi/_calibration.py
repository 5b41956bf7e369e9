"""From log posteriors of networks and other experts to probabilities that can be trusted.

A calibration is fitted on rows that no expert trained on. To score a part of the rows it is fitted
on the other parts (:func:`cross_calibrate`); to predict new rows, on all of them.
"""

import numpy as np
from scipy.optimize import linear_sum_assignment, minimize
from scipy.special import log_softmax, logsumexp, softmax

LOG_TEMPERATURE_BOUNDS = (-5.0, 3.0)
LOG_TEMPERATURE_SPREAD = 0.5  # of the prior around one, which matters for a few dozen rows only
POOL_WEIGHT_SPREAD = 0.5  # likewise, around equal weights
MAX_POOL_WEIGHT = 10.0
LOG_IGNORANCE_BOUNDS = (np.log(1e-6), np.log(0.5))
LOG_IGNORANCE_START = np.log(0.01)
IGNORED_ROWS = 0.5  # added to the data
TINY = np.finfo(float).tiny


class LogLinearPool:
    r"""Several opinions on each row as one posterior, by penalised likelihood [1]_.

    .. math::
        q(y|x) = (1 - \epsilon) \; \frac{1}{Z(x)} \, p(y)
        \prod_e \Big( \frac{r_e(y|x)}{p(y)} \Big)^{w_e} + \epsilon \, p(y)

    with r_e the posterior of expert e and p the class frequencies: the pointwise mutual information
    of the pool is the weighted sum of that of the experts, up to a constant. One expert has a
    weight too, the inverse of its temperature; experts that are noise end at weight zero and the
    pool at p. :math:`\epsilon` is the share of rows of which the pool knows nothing, so that a
    few rows that no expert foresaw do not speak against all that they say of the others.

    A normal prior around equal weights, and half a row more of which the pool knows nothing, keep a
    few rows without an error from asking for certainty.

    Attributes
    ----------
    weights_ : ndarray of shape (E,)
        Not negative; a sum below one says that the experts are overconfident.
    ignorance_ : float
        :math:`\epsilon`.
    class_prior_ : ndarray of shape (K,)
        The prior of the pooled posterior.

    References
    ----------
    .. [1] C. Genest and J. V. Zidek, "Combining probability distributions: a critique and an
       annotated bibliography", Statistical Science, 1986.
    """

    noise_matrix_ = None

    def fit(self, log_proba, y, class_prior, weight=None):
        """Fit to log posteriors (E, N, K), labels (N,), class frequencies (K,), weights (N,)."""
        self.class_prior_ = class_prior
        information = log_proba - np.log(class_prior)
        weight = np.full(len(y), 1 / len(y)) if weight is None else weight / weight.sum()
        n_experts = len(log_proba)
        best = minimize(
            self._objective,
            np.r_[np.full(n_experts, 1 / n_experts), LOG_IGNORANCE_START],
            (information, y, class_prior, weight),
            jac=True,
            method="L-BFGS-B",
            bounds=[(0, MAX_POOL_WEIGHT)] * n_experts + [LOG_IGNORANCE_BOUNDS],
        )
        self.weights_, self.ignorance_ = best.x[:-1], float(np.exp(best.x[-1]))
        return self

    def log_posterior(self, log_proba):
        """Pooled log posterior of the class, (E, ..., K) to (..., K)."""
        log_prior = np.log(self.class_prior_)
        pooled = log_softmax(
            log_prior + np.tensordot(self.weights_, log_proba - log_prior, 1), axis=-1
        )
        return np.logaddexp(
            np.log1p(-self.ignorance_) + pooled, np.log(self.ignorance_) + log_prior
        )

    def log_observed(self, log_proba):
        """The same; labels are taken as they are."""
        return self.log_posterior(log_proba)

    @staticmethod
    def _objective(parameters, information, y, class_prior, weight):
        """Penalised log loss and its gradient in the weights and in log epsilon."""
        pool_weight, ignorance = parameters[:-1], np.exp(parameters[-1])
        own = np.arange(len(y))
        pooled = softmax(np.log(class_prior) + np.tensordot(pool_weight, information, 1), axis=1)
        likelihood = (1 - ignorance) * pooled[own, y] + ignorance * class_prior[y]
        known = weight * (1 - ignorance) * pooled[own, y] / likelihood
        surprise = information[:, own, y] - np.einsum("nk,enk->en", pooled, information)
        off = pool_weight - 1 / len(pool_weight)
        slope = off / POOL_WEIGHT_SPREAD**2 / len(y) - surprise @ known
        d_ignorance = ignorance * weight @ ((pooled[own, y] - class_prior[y]) / likelihood)
        d_ignorance -= IGNORED_ROWS / len(y)
        penalty = 0.5 * (off @ off) / POOL_WEIGHT_SPREAD**2 - IGNORED_ROWS * parameters[-1]
        penalty = penalty / len(y)
        return penalty - weight @ np.log(likelihood), np.r_[slope, d_ignorance]


class LabelNoiseCalibration:
    r"""A temperature and a noise matrix together, by penalised likelihood of the observed labels.

    .. math::
        P(\text{observed } j | x) = \sum_i r_i(x) \, T_{ij}, \qquad
        r(x) = \mathrm{softmax}(\tau \log r^0(x))

    with :math:`r^0` the network's posterior of the true class, the only expert: what learns from
    the observed labels knows nothing of the true class. Each row of T counts one further row of
    data, spread evenly over the labels, so that no label is held to be impossible.

    Attributes
    ----------
    temperature_ : float
        :math:`\tau`; below one for an overconfident network.
    noise_matrix_ : ndarray of shape (K, K)
        T, rows the true class, columns the observed one; rows sum to one.
    class_prior_ : ndarray of shape (K,)
        Frequencies of the true class: the mean of r.
    """

    def fit(self, log_proba, y, class_prior, weight=None):
        """Fit to log posteriors (1, N, K), labels (N,), class frequencies (K,), weights (N,)."""
        (expert,) = log_proba
        weight = np.full(len(y), 1 / len(y)) if weight is None else weight / weight.sum()
        n_classes = len(class_prior)
        start = np.concatenate([[0.0], self._first_guess(expert, y, n_classes, weight).ravel()])
        best = minimize(
            self._objective, start, (expert, y, weight), jac=True, method="L-BFGS-B",
            bounds=[LOG_TEMPERATURE_BOUNDS] + [(-20, 20)] * n_classes**2,
        )  # fmt: skip
        self.temperature_ = float(np.exp(best.x[0]))
        self.noise_matrix_ = softmax(best.x[1:].reshape(n_classes, n_classes), axis=1)
        prior = weight @ np.exp(self.log_posterior(log_proba))
        self.class_prior_ = np.maximum(prior, TINY) / np.maximum(prior, TINY).sum()
        return self

    @property
    def weights_(self):
        """The temperature as the weight of the only expert, (1,)."""
        return np.array([self.temperature_])

    def log_posterior(self, log_proba):
        """Calibrated log posterior of the true class, (1, ..., K) to (..., K)."""
        return log_softmax(self.temperature_ * log_proba[0], axis=-1)

    def log_observed(self, log_proba):
        """Log posterior of the observed label, (1, ..., K) to (..., K)."""
        observed = np.exp(self.log_posterior(log_proba)) @ self.noise_matrix_
        return np.log(np.maximum(observed, TINY))

    @staticmethod
    def _first_guess(log_proba, y, n_classes, weight):
        """Log of the shares of the observed labels among the rows given to each class."""
        counts = np.exp(log_proba).T @ (np.eye(n_classes)[y] * weight[:, None]) * len(y)
        return np.log((counts + 1 / n_classes) / (counts + 1 / n_classes).sum(1, keepdims=True))

    @staticmethod
    def _objective(parameters, log_proba, y, weight):
        """Log loss of the observed labels and its gradient in log temperature and logits of T."""
        n_classes = log_proba.shape[1]
        temperature = np.exp(parameters[0])
        noise = softmax(parameters[1:].reshape(n_classes, n_classes), axis=1)
        posterior = softmax(temperature * log_proba, axis=1)
        joint = posterior * noise.T[y]
        likelihood = np.maximum(joint.sum(1), TINY)
        # P(true class | x, observed label): the responsibilities of expectation-maximisation.
        responsibility = weight[:, None] * joint / likelihood[:, None]
        finite = np.maximum(log_proba, np.log(TINY))
        slope = ((responsibility - weight[:, None] * posterior) * finite).sum() * temperature
        counts = responsibility.T @ np.eye(n_classes)[y]
        pseudo = 1 / (n_classes * len(y))
        counts = counts + pseudo
        d_noise = counts - noise * counts.sum(1, keepdims=True)
        penalty = _penalty(parameters[0]) / len(y) - pseudo * np.log(noise).sum()
        slope -= parameters[0] / LOG_TEMPERATURE_SPREAD**2 / len(y)
        return penalty - weight @ np.log(likelihood), -np.concatenate([[slope], d_noise.ravel()])


def _penalty(log_temperature):
    """Negative log density of the prior on the temperature, up to a constant."""
    return 0.5 * (log_temperature / LOG_TEMPERATURE_SPREAD) ** 2


def cross_calibrate(calibration_class, log_proba, y, class_prior, weight, members):
    """Calibrate every held-out entry by a fit on the entries outside its part.

    Parameters
    ----------
    calibration_class : class
    log_proba : ndarray of shape (E, N, K)
        Log posteriors of the held-out entries of `members`, by each expert.
    y : ndarray of shape (N,)
    class_prior : ndarray of shape (K,)
    weight : ndarray of shape (N,) or None
    members : Members

    Returns
    -------
    log_posterior, log_observed : ndarrays of shape (N, K)
    """
    log_posterior, log_observed = np.empty_like(log_proba[0]), np.empty_like(log_proba[0])
    for part in range(members.n_parts):
        inside, outside = members.entry_part == part, members.outside(part)
        calibration = calibration_class().fit(
            log_proba[:, outside],
            y[outside],
            class_prior,
            None if weight is None else weight[outside],
        )
        log_posterior[inside] = calibration.log_posterior(log_proba[:, inside])
        log_observed[inside] = calibration.log_observed(log_proba[:, inside])
    return log_posterior, log_observed


def class_order(joint):
    """Which output of each member speaks of which class.

    A loss that is blind to the names of the classes may permute them. The order is the assignment
    of outputs to classes with the largest agreement with the observed labels.

    Parameters
    ----------
    joint : ndarray of shape (M, K, K)
        Joint frequencies of observed label and output, on the rows the members trained on.

    Returns
    -------
    order : int ndarray of shape (M, K)
        ``order[m, k]`` is the output of member m for class k.
    """
    return np.stack([linear_sum_assignment(member, maximize=True)[1] for member in joint])


def log_mean_exp(values, axis):
    """Log of the mean of exp(values), without leaving the log scale."""
    return logsumexp(values, axis=axis) - np.log(values.shape[axis])
