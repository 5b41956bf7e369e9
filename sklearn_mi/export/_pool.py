"""Networks and companions to one posterior, and the decision under `priors`."""

import numpy as np

from .._pool._label_noise import LOG_FLOOR, UNMIXING_SMOOTHING, UNMIXING_STEPS, LabelNoisePool
from .._pool._log_linear import TINY


def pooled(graph, pool, experts):
    """Log posterior (M, n, K) of experts by a fitted pool.

    Parameters
    ----------
    graph : Graph
    pool : LogLinearPool or LabelNoisePool
    experts : list of str or None
        Log posteriors in double, of the networks (M, n, K), and of companions (n, K).
    """
    if isinstance(pool, LabelNoisePool):
        return _of_true_class(graph, pool, experts)
    information = _weighted(graph, pool, experts)
    posterior = graph("Softmax", graph("Add", information, pool.log_center_), axis=-1)
    posterior = graph("Mul", posterior, np.float64(1 - pool.ignorance_))
    return graph("Log", graph("Add", posterior, pool.ignorance_ * pool.class_prior_))


def leave_unknown_open(graph, log_proba, unknown, class_prior):
    """Give each class that a member does not know its frequency, in log posteriors (M, n, K).

    Parameters
    ----------
    graph : Graph
    log_proba : str
    unknown : bool ndarray of shape (M, K)
    class_prior : ndarray of shape (K,)
    """
    if not unknown.any():
        return log_proba
    unknown = unknown[:, None, :]
    share = np.where(unknown, class_prior, 0).sum(axis=-1, keepdims=True)
    known = graph("Where", unknown, np.float64(-np.inf), log_proba)
    known = graph("Add", graph("LogSoftmax", known, axis=-1), np.log1p(-share))
    return graph("Where", unknown, np.log(class_prior), known)


def mean_of_members(graph, log_proba):
    """Probabilities (n, K), the mean of those of members (M, n, K)."""
    return graph("ReduceMean", graph("Exp", log_proba), np.array([0]), keepdims=0)


def decided(graph, proba, classes, log_tilt):
    """The class (n,) of probabilities (n, K) that is the most probable under `priors`."""
    best = graph("ArgMax", graph("Add", graph("Log", proba), log_tilt), axis=1, keepdims=0)
    return graph("Gather", classes, best, axis=0)


def _weighted(graph, pool, experts):
    """The sum of what experts say beyond the frequencies, each times its weight."""
    networks, *others = zip(pool.weights_, experts, strict=True)
    total = _times(graph, pool, *networks)  # also of no weight, for it has the axis of members
    for weight, expert in others:
        if weight:
            total = graph("Add", total, _times(graph, pool, weight, expert))
    return total


def _times(graph, pool, weight, expert):
    return graph("Mul", graph("Sub", expert, pool.log_center_), weight)


def _of_true_class(graph, pool, experts):
    """Of a LabelNoisePool: companions speak of the label and are led back to the true class."""
    networks, *others = experts
    others = [each and _unmixed(graph, pool, each) for each in others]
    others = [each and graph("Log", graph("Max", each, np.float64(TINY))) for each in others]
    experts = [each and graph("Max", each, np.float64(LOG_FLOOR)) for each in [networks, *others]]
    center = pool.log_center_ + pool.offsets_
    return graph("LogSoftmax", graph("Add", _weighted(graph, pool, experts), center), axis=-1)


def _unmixed(graph, pool, log_proba):
    """Posterior of the true class behind one of the label, as `unmix` finds it."""
    noise, proba = pool._unmixing, graph("Exp", log_proba)
    inside = graph("Max", graph("MatMul", proba, np.linalg.pinv(noise)), np.float64(0))
    total = graph("ReduceSum", inside, np.array([-1]), keepdims=1)
    inside = graph("Div", inside, graph("Max", total, np.float64(TINY)))
    inside = graph("Mul", inside, np.float64(1 - UNMIXING_SMOOTHING))
    inside = graph("Add", inside, np.float64(UNMIXING_SMOOTHING / len(noise)))
    for _ in range(UNMIXING_STEPS):
        mixed = graph("Max", graph("MatMul", inside, noise), np.float64(TINY))
        inside = graph("Mul", inside, graph("MatMul", graph("Div", proba, mixed), noise.T))
    return inside
