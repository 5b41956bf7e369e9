"""From log posteriors of networks and other experts to probabilities that can be trusted.

A calibration is fitted on rows that no expert trained on. To score a part of the rows it is fitted
on the other parts (:func:`cross_calibrate`); to predict new rows, on all of them.
"""

import copy

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

POOL_WEIGHT_SPREAD = 0.5  # of the prior around equal weights; matters for a few dozen rows only
MAX_POOL_WEIGHT = 10.0
LOG_IGNORANCE_BOUNDS = (np.log(1e-6), np.log(0.5))
LOG_IGNORANCE_START = np.log(0.01)
IGNORED_ROWS = 0.5  # added to the data
LEAST_POOL_WEIGHT = 0.1  # of experts, after the first, that are asked at all
CONSTANT = 1e-6  # nats by which information may differ between rows and still be none
TINY = np.finfo(float).tiny
LOG_FLOOR = np.log(TINY)


class LogLinearPool:
    r"""Several opinions on each row as one posterior, by penalised likelihood [1]_.

    .. math::
        q(y|x) = (1 - \epsilon) \; \frac{1}{Z(x)} \, p(y)
        \prod_e \Big( \frac{r_e(y|x)}{p(y)} \Big)^{w_e} + \epsilon \, p(y)

    with r_e the posterior of expert e and p the class frequencies: the pointwise mutual information
    of the pool is the weighted sum of that of the experts, up to a constant. One expert has a
    weight too, the inverse of its temperature; experts that are noise end at weight zero and the
    pool at p. :math:`\epsilon` is the share of rows of which the pool knows nothing, so that a
    few rows that no expert foresaw do not speak against all that they say of the others. An
    expert that says the same of every row is left out, and so is one of little weight, the first
    excepted, so that nobody need ask it.

    A normal prior around equal weights, and half a row more of which the pool knows nothing, keep a
    few rows without an error from asking for certainty.

    Attributes
    ----------
    weights_ : ndarray of shape (E,)
        Not negative, and 0 for experts that are left out; a sum below one says that the experts
        are overconfident.
    ignorance_ : float
        :math:`\epsilon`.
    class_prior_ : ndarray of shape (K,)
        The prior of the pooled posterior.
    log_center_ : ndarray of shape (K,)
        Its log.
    log_likelihood_ : float
        Of the labels of the fit, in all, penalties included.

    References
    ----------
    .. [1] C. Genest and J. V. Zidek, "Combining probability distributions: a critique and an
       annotated bibliography", Statistical Science, 1986.
    """

    def fit(self, log_proba, y, class_prior, weight=None):
        """Fit to log posteriors (E, N, K), labels (N,), class frequencies (K,), weights (N,)."""
        self.class_prior_, self.log_center_ = class_prior, np.log(class_prior)
        # Classes before rows, in which order sums over few classes are fast.
        information = np.ascontiguousarray(self._information(log_proba).swapaxes(1, 2))
        weight = np.full(len(y), 1 / len(y)) if weight is None else weight / weight.sum()
        says = np.ptp(information, axis=2).max(axis=1, initial=0) > CONSTANT
        says[0] |= not says.any()
        kept = np.flatnonzero(says)
        best = self._fit(information[kept], y, weight)
        small = (best.x[:-1] < LEAST_POOL_WEIGHT) & (kept > 0)
        if small.any():
            kept = np.array([0]) if small.all() else kept[~small]
            best = self._fit(information[kept], y, weight)
        self.weights_ = np.zeros(len(log_proba))
        self.weights_[kept] = best.x[:-1]
        self.ignorance_ = float(np.exp(best.x[-1]))
        self.log_likelihood_ = -len(y) * float(best.fun)
        return self

    def _information(self, log_proba):
        """What experts say beyond the frequencies; of the impossible a number, for products."""
        return np.maximum(log_proba - self.log_center_, LOG_FLOOR)

    def _fit(self, information, y, weight):
        """The best weights and log epsilon."""
        n_experts, observed = len(information), information[:, y, np.arange(len(y))]
        return minimize(
            self._objective,
            np.r_[np.full(n_experts, 1 / n_experts), LOG_IGNORANCE_START],
            (information, observed, y, self.class_prior_, weight),
            jac=True,
            method="L-BFGS-B",
            bounds=[(0, MAX_POOL_WEIGHT)] * n_experts + [LOG_IGNORANCE_BOUNDS],
        )

    def log_posterior(self, log_proba):
        """Pooled log posterior of the class, of E arrays (..., K) to (..., K).

        After the first, what has no weight may be None.
        """
        weighted = zip(self.weights_[1:], log_proba[1:], strict=True)
        information = self.weights_[0] * self._information(log_proba[0])
        information = information + sum(w * self._information(each) for w, each in weighted if w)
        pooled = log_softmax(self.log_center_ + information)
        return np.logaddexp(
            np.log1p(-self.ignorance_) + pooled, np.log(self.ignorance_) + self.log_center_
        )

    def log_observed(self, log_proba):
        """The same; labels are taken as they are."""
        return self.log_posterior(log_proba)

    def information_of_first(self, log_proba):
        """What a log posterior (..., K) of the first expert adds to the log frequencies."""
        return self.weights_[0] * (log_proba - self.log_center_)

    def true_information(self, log_posterior, y):
        """Pointwise information about the true class, (n,), which is the label."""
        return log_posterior[np.arange(len(y)), y] - self.log_center_[y]

    @staticmethod
    def _objective(parameters, information, observed, y, class_prior, weight):
        """Penalised log loss and its gradient in the weights and in log epsilon."""
        pool_weight, ignorance = parameters[:-1], np.exp(parameters[-1])
        flat = information.reshape(len(information), -1)
        pooled = (pool_weight @ flat).reshape(-1, len(y)) + np.log(class_prior)[:, None]
        pooled = np.exp(pooled - pooled.max(axis=0))
        pooled /= pooled.sum(axis=0)
        right, prior = pooled[y, np.arange(len(y))], class_prior[y]
        likelihood = (1 - ignorance) * right + ignorance * prior
        known = weight * (1 - ignorance) * right / likelihood
        surprise = observed @ known - flat @ (pooled * known).ravel()
        off = pool_weight - 1 / len(pool_weight)
        slope = off / POOL_WEIGHT_SPREAD**2 / len(y) - surprise
        d_ignorance = ignorance * weight @ ((right - prior) / likelihood)
        d_ignorance -= IGNORED_ROWS / len(y)
        penalty = 0.5 * (off @ off) / POOL_WEIGHT_SPREAD**2 - IGNORED_ROWS * parameters[-1]
        penalty = penalty / len(y)
        return penalty - weight @ np.log(likelihood), np.append(slope, d_ignorance)


def cross_calibrate(candidates, log_proba, y, class_prior, weight, parts):
    """Calibrate every held-out entry by a fit on the entries outside its part.

    Of several candidates, a part takes the one under which the labels outside it, each calibrated
    so, are the most probable.

    Parameters
    ----------
    candidates : list of calibrations
    log_proba : ndarray of shape (E, N, K)
        Log posteriors of the held-out entries, by each expert.
    y : ndarray of shape (N,)
    class_prior : ndarray of shape (K,)
    weight : ndarray of shape (N,) or None
    parts : list of (int ndarray, int ndarray)
        The entries of each part, and those that are of none of its rows.

    Returns
    -------
    calibration : calibration
        The best candidate, fitted on all entries.
    log_posterior, log_observed : ndarrays of shape (N, K)
    true_information : ndarray of shape (N,)
    """
    answers = [_calibrate_parts(c, log_proba, y, class_prior, weight, parts) for c in candidates]
    gain = _gain(answers, y, weight)
    chosen = [np.array(array) for array in answers[0]]
    for inside, outside in parts:
        best = gain[:, outside].sum(axis=1).argmax()
        for array, answer in zip(chosen, answers[best], strict=True):
            array[inside] = answer[inside]
    calibration = candidates[gain.sum(axis=1).argmax()].fit(log_proba, y, class_prior, weight)
    return calibration, *chosen


def calibrations_of_parts(candidates, log_proba, y, class_prior, weight, parts):
    """By what `cross_calibrate` calibrates the entries of each part, a list of calibrations."""
    best = np.zeros(len(parts), int)
    if len(candidates) > 1:
        what = log_proba, y, class_prior, weight, parts
        gain = _gain([_calibrate_parts(c, *what) for c in candidates], y, weight)
        best = [gain[:, outside].sum(axis=1).argmax() for _, outside in parts]
    found = []
    for number, (_, outside) in zip(best, parts, strict=True):
        own = None if weight is None else weight[outside]
        calibration = copy.deepcopy(candidates[number])
        found.append(calibration.fit(log_proba[:, outside], y[outside], class_prior, own))
    return found


def _gain(answers, y, weight):
    """Log posterior of its label that each candidate has for each entry, weighted."""
    gain = np.stack([log_observed[np.arange(len(y)), y] for _, log_observed, _ in answers])
    return gain if weight is None else gain * weight


def _calibrate_parts(calibration, log_proba, y, class_prior, weight, parts):
    """Log posterior, log posterior of the label and true information of entries, by one kind."""
    log_posterior, log_observed = np.empty_like(log_proba[0]), np.empty_like(log_proba[0])
    true_information = np.empty(len(y))
    for inside, outside in parts:
        outer_weight = None if weight is None else weight[outside]
        calibration.fit(log_proba[:, outside], y[outside], class_prior, outer_weight)
        log_posterior[inside] = calibration.log_posterior(log_proba[:, inside])
        log_observed[inside] = calibration.log_observed(log_proba[:, inside])
        true_information[inside] = calibration.true_information(log_posterior[inside], y[inside])
    return log_posterior, log_observed, true_information


def log_mean_exp(values, axis):
    """Log of the mean of exp(values), without leaving the log scale."""
    return logsumexp(values, axis=axis) - np.log(values.shape[axis])


def log_softmax(scores):
    """Over the last axis, of finite scores: what scipy's gives in a third of its time."""
    scores = scores - scores.max(axis=-1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
