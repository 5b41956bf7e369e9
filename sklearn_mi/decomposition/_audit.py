"""What a map tells, by estimators that no part of its training has met; and at most."""

import warnings

import numpy as np
from scipy.special import logsumexp

from .._classifier import MutualInfoClassifier
from ..metrics._estimate import class_frequencies, information_interval, label_entropy

MOST_ROWS, N_DRAWS = 2000, 4  # whose pairs a bound looks at, and of the noise of each


def audit(embedding, labels, members, weight, groups, **params):
    """Estimate the information by a default classifier, on the folds that placed the rows.

    Parameters
    ----------
    embedding : ndarray of shape (n, d)
        Each row as networks place it that have not trained on it.
    labels : int ndarray of shape (n,)
    members : Members
    weight, groups : ndarrays of shape (n,) or None
    **params
        Of the classifier.

    Returns
    -------
    audit : tuple of float
        The estimate in nats, its standard error, how many units are independent, and the entropy of
        the labels.
    """
    splits = [
        (members.train_rows[m], rows)
        for m, rows in zip(members.part_member, members.part_rows, strict=True)
    ]
    clf = MutualInfoClassifier(cv=splits, **params)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rare classes and repeated rows, which are told before
        clf.fit(embedding, labels, sample_weight=weight, groups=groups)
    return clf.mutual_info_score_, clf.mutual_info_stderr_, clf._n_units, clf.label_entropy_


def interval(audit, confidence_level):
    """Both ends of the interval around what `audit` gave, the upper at most the entropy."""
    *estimate, entropy = audit
    return information_interval(*estimate, confidence_level, entropy)


def nuisance_bound(mean, log_std, codes, weight=None):
    r"""Upper bound on the information of noisy codes and a nuisance, in nats.

    .. math:: I(Z; S) = H(Z) - H(Z \mid S) \le E_{i, \, z \sim p_i} \Big[
              \log \tfrac{1}{n_{s_i}} \sum_{j: s_j = s_i} p_j(z)
              - \log \tfrac{1}{n - 1} \sum_{j \ne i} p_j(z) \Big]

    in expectation over rows, where :math:`p_i` is the density of the code of row i. The second term
    is a cross-entropy, which is at least H(Z), since the mixture does not know the row. The first
    is the entropy of a mixture of some rows, on average at most that of all, for entropy is
    concave. It says little where the rate exceeds the logarithm of the number of rows of each s: so
    many codes do not overlap.

    Parameters
    ----------
    mean, log_std : ndarrays of shape (n, d)
    codes : int ndarray of shape (n,)
    weight : ndarray of shape (n,), default=None

    Returns
    -------
    bound : float
        From 0 to H(S).
    """
    some = np.arange(0, len(codes), -(-len(codes) // MOST_ROWS))
    mean, log_std, codes = mean[some], log_std[some], codes[some]
    weight = np.ones(len(some)) if weight is None else weight[some]
    weight = weight / weight.sum()
    log_weight = np.log(np.maximum(weight, 1e-300))
    others = np.where(np.eye(len(some)), -np.inf, log_weight) - np.log1p(-weight)[:, None]
    same = np.where(codes[:, None] == codes, log_weight, -np.inf)
    same -= logsumexp(same, axis=1, keepdims=True)
    rng, told = np.random.RandomState(0), []
    for _ in range(N_DRAWS):
        z = mean + np.exp(log_std) * rng.normal(size=mean.shape)
        log_density = _log_densities(z, mean, log_std)
        told.append(logsumexp(same + log_density, axis=1) - logsumexp(others + log_density, axis=1))
    entropy = label_entropy(class_frequencies(codes, codes.max() + 1, weight))
    return float(np.clip(weight @ np.mean(told, axis=0), 0, entropy))


def _log_densities(z, mean, log_std):
    """Of each code under the Gaussian of each row, but for a constant, (n, n)."""
    precision = np.exp(-2 * log_std)
    squared = z**2 @ precision.T - 2 * z @ (mean * precision).T + (mean**2 * precision).sum(1)
    return -squared / 2 - log_std.sum(1)
