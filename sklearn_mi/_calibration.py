"""From the log posteriors of a network to probabilities that can be trusted.

A calibration is fitted on rows that the network did not train on. To score a part of the rows it
is fitted on the other parts (:func:`cross_calibrate`); to predict new rows, on all of them.
"""

import numpy as np
from scipy.optimize import linear_sum_assignment, minimize, minimize_scalar
from scipy.special import log_softmax, logsumexp, softmax

LOG_TEMPERATURE_BOUNDS = (-5.0, 3.0)
LOG_TEMPERATURE_SPREAD = 0.5  # of the prior around one, which matters for a few dozen rows only
TINY = np.finfo(float).tiny


class TemperatureCalibration:
    r"""One temperature on the pointwise mutual information, by penalised likelihood.

    .. math:: \log q(y|x) = \log p(y) + \tau \, [\log r(y|x) - \log p(y)] + \text{const}(x)

    with r the network's posterior and p the class frequencies. Scaling the information instead of
    the log posterior lets :math:`\tau \to 0` end at p, the answer of a network that knows nothing.
    A normal prior on :math:`\log \tau` keeps a few rows without an error from asking for certainty.

    Attributes
    ----------
    temperature_ : float
        :math:`\tau`; below one for an overconfident network.
    class_prior_ : ndarray of shape (K,)
        The prior of the calibrated posterior.
    """

    noise_matrix_ = None

    def fit(self, log_proba, y, class_prior, weight=None):
        """Fit to log posteriors (n, K), labels (n,), class frequencies (K,), weights (n,)."""
        self.class_prior_ = class_prior
        information = log_proba - np.log(class_prior)
        rows = np.arange(len(y))

        def log_loss(log_temperature):
            self.temperature_ = np.exp(log_temperature)
            fit = -np.average(self._scale(information)[rows, y], weights=weight)
            return fit + _penalty(log_temperature) / len(y)

        best = minimize_scalar(log_loss, bounds=LOG_TEMPERATURE_BOUNDS, method="bounded")
        self.temperature_ = float(np.exp(best.x))
        return self

    def log_posterior(self, log_proba):
        """Calibrated log posterior of the class, (..., K)."""
        return self._scale(log_proba - np.log(self.class_prior_))

    def log_observed(self, log_proba):
        """The same; labels are taken as they are."""
        return self.log_posterior(log_proba)

    def _scale(self, information):
        return log_softmax(np.log(self.class_prior_) + self.temperature_ * information, axis=-1)


class LabelNoiseCalibration:
    r"""A temperature and a noise matrix together, by penalised likelihood of the observed labels.

    .. math::
        P(\text{observed } j | x) = \sum_i r_i(x) \, T_{ij}, \qquad
        r(x) = \mathrm{softmax}(\tau \log r^0(x))

    with :math:`r^0` the network's posterior of the true class. Each row of T counts one further
    row of data, spread evenly over the labels, so that no label is held to be impossible.

    Attributes
    ----------
    temperature_ : float
    noise_matrix_ : ndarray of shape (K, K)
        T, rows the true class, columns the observed one; rows sum to one.
    class_prior_ : ndarray of shape (K,)
        Frequencies of the true class: the mean of r.
    """

    def fit(self, log_proba, y, class_prior, weight=None):
        """Fit to log posteriors (n, K), labels (n,), class frequencies (K,), weights (n,)."""
        weight = np.full(len(y), 1 / len(y)) if weight is None else weight / weight.sum()
        n_classes = len(class_prior)
        start = np.concatenate([[0.0], self._first_guess(log_proba, y, n_classes, weight).ravel()])
        best = minimize(
            self._objective, start, (log_proba, y, weight), jac=True, method="L-BFGS-B",
            bounds=[LOG_TEMPERATURE_BOUNDS] + [(-20, 20)] * n_classes**2,
        )  # fmt: skip
        self.temperature_ = float(np.exp(best.x[0]))
        self.noise_matrix_ = softmax(best.x[1:].reshape(n_classes, n_classes), axis=1)
        prior = weight @ np.exp(self.log_posterior(log_proba))
        self.class_prior_ = np.maximum(prior, TINY) / np.maximum(prior, TINY).sum()
        return self

    def log_posterior(self, log_proba):
        """Calibrated log posterior of the true class, (..., K)."""
        return log_softmax(self.temperature_ * log_proba, axis=-1)

    def log_observed(self, log_proba):
        """Log posterior of the observed label, (..., K)."""
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
    log_proba : ndarray of shape (N, K)
        Log posteriors of the held-out entries of `members`.
    y : ndarray of shape (N,)
    class_prior : ndarray of shape (K,)
    weight : ndarray of shape (N,) or None
    members : Members

    Returns
    -------
    log_posterior, log_observed : ndarrays of shape (N, K)
    """
    log_posterior, log_observed = np.empty_like(log_proba), np.empty_like(log_proba)
    for part in range(members.n_parts):
        inside, outside = members.entry_part == part, members.outside(part)
        calibration = calibration_class().fit(
            log_proba[outside],
            y[outside],
            class_prior,
            None if weight is None else weight[outside],
        )
        log_posterior[inside] = calibration.log_posterior(log_proba[inside])
        log_observed[inside] = calibration.log_observed(log_proba[inside])
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
