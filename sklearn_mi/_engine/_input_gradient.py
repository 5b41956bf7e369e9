"""How what the networks say of rows changes with the rows."""

import copy

import numpy as np
import torch

from ..modules import StackedMLP
from ._adversarial_training import evaluating, log_odds_against
from ._resources import to_device
from ._scoring import scoring_rows


def posterior_slope(ensemble, X, codes, objective, log_tilt):
    """Values of an objective, and its derivatives in the rows.

    The posterior is the mean over the members of what each of their networks says, with its weight
    in the pool. Other classifiers of the pool have no slope and no part in it; nor has the share of
    rows of which the pool knows nothing, since near such a floor nothing has a slope.

    Parameters
    ----------
    ensemble : MemberEnsemble
    X : ndarray of shape (n, p), or images (n, channels, height, width)
        As encoders read them.
    codes : int ndarray of shape (n,)
    objective : {"cross_entropy", "margin"}
    log_tilt : ndarray of shape (K,)
        Added to the log posterior for decisions, of which the margin is.

    Returns
    -------
    values : ndarray of shape (n,)
    slope : ndarray of the shape of X
        0 for levels of categories.
    """
    module, log_tilt = ensemble.module, torch.as_tensor(log_tilt)
    with evaluating(module):
        scorer = precise(module)
        dtype = next(scorer.parameters()).dtype
        blocks = zip(*(_blocks(array, scoring_rows(X)) for array in (X, codes)), strict=True)
        found = [_slope_of(ensemble, scorer, dtype, *b, objective, log_tilt) for b in blocks]
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def precise(module):
    """The network whose slopes to ask for: the default one in double precision, where there is."""
    if not isinstance(module, StackedMLP):
        return module
    on_mps = next(module.parameters()).device.type == "mps"  # which has no doubles
    return module if on_mps else copy.deepcopy(module).double()


def _blocks(array, size):
    return np.split(array, range(size, len(array), size))


def _slope_of(ensemble, scorer, dtype, X, codes, objective, log_tilt):
    X = to_device(X, next(scorer.parameters()).device).requires_grad_()
    with torch.enable_grad():
        encoding = ensemble.encoding.of_members(slice(ensemble.n_members))
        rows = encoding(X.expand(ensemble.n_members, *X.shape), dtype)
        log_posterior = pooled_networks(ensemble, scorer(rows))
        values = OBJECTIVES[objective](log_posterior, torch.as_tensor(codes), log_tilt)
        (slope,) = torch.autograd.grad(values.sum(), X)  # none in the weights
    return values.detach().numpy(), slope.cpu().double().numpy()


def pooled_networks(ensemble, scores):
    """Log posterior (n, K) of scores (M, n, K), all other experts left out."""
    loss, calibration = ensemble.loss, ensemble.calibration
    log_proba = loss.log_proba(scores.cpu()).double()
    if loss.models_label_noise:
        order = torch.as_tensor(ensemble.order)[:, None, :].expand_as(log_proba)
        log_proba = log_proba.gather(-1, order)
    else:
        log_proba = log_proba - torch.as_tensor(np.log(ensemble.class_weight))
        log_proba = log_proba.log_softmax(-1)
    at_zero = calibration.log_center_ + calibration.information_of_first(0.0)
    pooled = calibration.weights_[0] * log_proba + torch.as_tensor(at_zero)
    pooled = pooled.log_softmax(-1)
    return pooled.logsumexp(0) - np.log(len(pooled))


def _cross_entropy(log_posterior, codes, log_tilt):
    """Log odds against the label, which rise with the cross-entropy and have a slope everywhere."""
    return log_odds_against(log_posterior, codes)


def _margin(log_posterior, codes, log_tilt):
    """The best other class less the label, in units of the way from the first to the third.

    Which makes it the same whatever the temperature [1]_. Two classes have no third.

    References
    ----------
    .. [1] F. Croce and M. Hein, "Reliable evaluation of adversarial robustness with an ensemble of
       diverse parameter-free attacks", ICML 2020, arXiv 2003.01690.
    """
    decision = log_posterior + log_tilt
    own = torch.nn.functional.one_hot(codes, decision.shape[1]).bool()
    gap = decision.masked_fill(own, -torch.inf).amax(1) - decision[own]
    if decision.shape[1] == 2:
        return gap
    ranked = decision.topk(3).values
    return gap / (ranked[:, 0] - ranked[:, 2] + 1e-12)


OBJECTIVES = {"cross_entropy": _cross_entropy, "margin": _margin}


def raw_slope(encoder, X, slope, unit):
    """Derivatives in rows as an encoder reads them as derivatives in a table, or in its images.

    Parameters
    ----------
    encoder : TableEncoder or ImageEncoder
    X : DataFrame or ndarray of shape (n, d), or images
    slope : ndarray of shape (n, p), or of images
    unit : ndarray of shape (d,), or float
        What a move of 1 is.

    Returns
    -------
    slope : ndarray of the shape of X
        0 in columns that are not looked at.
    """
    if slope.ndim == 4:
        return slope * unit
    raw = np.zeros(X.shape)
    raw[:, encoder.columns_] = slope
    return raw * unit
