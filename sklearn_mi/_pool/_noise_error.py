"""What held-out labels leave open of a noise matrix and of the information about the true class."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import block_diag

from ._label_noise import OFFSET_SPREAD, POOL_WEIGHT_SPREAD
from ._profile_likelihood import LOWEST, NORMAL, profile_ends

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
    below, above = profile_ends(pool, log_proba, y, weight)
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
