"""How codes of rows are distributed, once networks are trained."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

SIZES = 1, 2, 4, 8, 16
ROWS_PER_SIZE = 20  # of a Gaussian at least
MOST_ROWS = 10_000
LEAST_VARIANCE = 1e-4


def fit_prior(mean, log_std, noisy, weight, seed):
    """A mixture of Gaussians of the codes of rows, of the size with the best BIC.

    Training draws codes near standard normal noise, and no nearer than its objective asks for; to
    learn what is left once the networks are done makes better samples [1]_.

    Parameters
    ----------
    mean, log_std : ndarrays of shape (n, d)
        Of the rows that were trained on.
    noisy : bool
    weight : ndarray of shape (n,) or None
        Rows are drawn by it, as mixtures take none.
    seed : int

    Returns
    -------
    prior : GaussianMixture

    References
    ----------
    .. [1] B. Dai and D. Wipf, "Diagnosing and enhancing VAE models", ICLR 2019.
    """
    rng = np.random.RandomState(seed)
    some = rng.permutation(len(mean))
    if weight is not None:
        some = rng.choice(len(mean), len(mean), p=weight / weight.sum())
    some = some[:MOST_ROWS]
    codes = mean[some]
    if noisy:
        codes = codes + np.exp(log_std[some]) * rng.normal(size=codes.shape)
    fits = [
        GaussianMixture(size, reg_covar=LEAST_VARIANCE, random_state=seed)
        for size in SIZES
        if size == 1 or size * ROWS_PER_SIZE <= len(codes)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return min((fit.fit(codes) for fit in fits), key=lambda fit: fit.bic(codes))


def draw_codes(prior, n_rows, rng):
    """Codes at random, (n_rows, d)."""
    which = rng.choice(len(prior.weights_), n_rows, p=prior.weights_ / prior.weights_.sum())
    noise = rng.normal(size=(n_rows, prior.means_.shape[1]))
    roots = np.linalg.cholesky(prior.covariances_)
    return prior.means_[which] + np.einsum("nij,nj->ni", roots[which], noise)
