"""Labels that went wrong, by the true class alone or by what a row looks like."""

import numpy as np
from scipy.special import softmax

NOISES = {
    "none": 0.0,
    "symmetric": 0.4,
    "asymmetric": 0.4,
    "one-sided": 0.4,
    "random": 0.4,
    "annotators": 0.44,
    "boundary": 0.3,
    "guess": 0.44,
    "opinion": 0.44,
}
FOLLOWS_X = ["boundary", "guess", "opinion"]
STEPS = 40  # of a bisection


def observe(kind, log_posterior, clean, rng):
    """Observed labels, and the noise matrix of these rows.

    Parameters
    ----------
    kind : str
        One of NOISES. "symmetric", "asymmetric", "one-sided", "random": by a noise matrix.
        "annotators": one of five people labels a row, each with a noise matrix of their own.
        "boundary": errors are the likelier, the closer the two most probable classes; the label is
        then drawn from the posterior of the others. "guess": from the posterior of a crowd that
        sees the row less sharply, whatever the true class. "opinion": the same of a crowd that is
        sure, with wrong ideas of the classes.
    log_posterior : ndarray of shape (n, K)
        The right one.
    clean : ndarray of shape (n,)
    rng : Generator
    """
    rate, n_classes = NOISES[kind], log_posterior.shape[1]
    if kind == "boundary":
        observed = _at_the_boundary(log_posterior, clean, rate, rng)
    elif kind == "guess":
        own = _with_errors(lambda t: softmax(log_posterior / t, axis=1), clean, rate)
        observed = draw(own, rng)
    elif kind == "opinion":
        observed = draw(_opinion(log_posterior, clean, rate), rng)
    elif kind == "annotators":
        matrices = np.stack([noise_matrix("random", rate, n_classes, own) for own in range(5)])
        observed = draw(matrices[rng.integers(5, size=len(clean)), clean], rng)
        return observed, matrices.mean(axis=0)
    else:
        matrix = noise_matrix(kind, rate, n_classes)
        return draw(matrix[clean], rng), matrix
    counts = np.zeros((n_classes, n_classes))
    np.add.at(counts, (clean, observed), 1)
    return observed, counts / counts.sum(axis=1, keepdims=True)


def draw(proba, rng):
    """A class for each distribution."""
    cumulated = proba.cumsum(axis=1)[:, :-1]
    return (rng.random((len(proba), 1)) > cumulated).sum(axis=1)


def noise_matrix(kind, rate, n_classes, seed=0):
    """T of a kind of noise that depends on the true class alone."""
    identity, change = np.eye(n_classes), np.full(n_classes, rate)
    others = (1 - identity) / (n_classes - 1)
    if kind in ("asymmetric", "one-sided"):
        others = np.roll(identity, 1, axis=1)
        change[1::2] = 0
        change[1 if kind == "one-sided" else n_classes - 1 :] = 0
    if kind == "random":
        rng = np.random.default_rng(seed)
        change = rng.uniform(rate - 0.2, min(rate + 0.15, 1 - 1.2 / n_classes), n_classes)
        others = rng.dirichlet(np.ones(n_classes), n_classes) * (1 - identity)
        others /= others.sum(axis=1, keepdims=True)
    return identity * (1 - change)[:, None] + others * change[:, None]


def _at_the_boundary(log_posterior, clean, rate, rng):
    ordered = np.sort(log_posterior, axis=1)
    closeness = np.exp((ordered[:, -2] - ordered[:, -1]) / 2)
    wrong = rng.random(len(clean)) < np.minimum(0.9, rate * closeness / closeness.mean())
    others = np.maximum(np.exp(log_posterior), 1e-12)
    others[np.arange(len(clean)), clean] = 0
    return np.where(wrong, draw(others / others.sum(axis=1, keepdims=True), rng), clean)


def _opinion(log_posterior, clean, rate):
    scores = np.maximum(log_posterior, -100)
    scores = scores - scores.mean(axis=1, keepdims=True)
    n_classes = scores.shape[1]
    ideas = np.tanh(scores / 3) @ np.random.default_rng(3).standard_normal((n_classes, n_classes))
    return _with_errors(lambda t: softmax(1.5 * scores + t * ideas, axis=1), clean, rate)


def _with_errors(proba, clean, rate):
    """proba(t) where so many of the labels drawn from it are wrong."""
    low, high = 1e-2, 1e3
    for _ in range(STEPS):
        middle = np.sqrt(low * high)
        wrong = 1 - proba(middle)[np.arange(len(clean)), clean].mean()
        low, high = (low, middle) if wrong > rate else (middle, high)
    return proba(middle)
