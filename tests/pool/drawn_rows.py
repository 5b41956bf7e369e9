"""An expert whose posteriors are right: labels are drawn from them."""

import numpy as np
from scipy.special import log_softmax


def draw_rows(n=400, n_classes=3, spread=2.0, seed=0):
    """Log posteriors of one expert (1, n, K), labels drawn from them, and their frequencies."""
    rng = np.random.default_rng(seed)
    log_proba = log_softmax(spread * rng.standard_normal((n, n_classes)), axis=1)
    cumulated = np.exp(log_proba).cumsum(axis=1)
    y = (rng.random((n, 1)) > cumulated[:, :-1]).sum(axis=1)
    return log_proba[None], y, np.exp(log_proba).mean(axis=0)
