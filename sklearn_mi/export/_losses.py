"""Scores of the networks to log posteriors, by the loss that they were trained with."""

import numpy as np
import torch

from ..losses import (
    CrossEntropyLoss,
    DeterminantMutualInfoLoss,
    ForwardCorrectionLoss,
    GaussianSimplexLoss,
    GeneralizedCrossEntropyLoss,
    ProbabilityCorrectedSoftmaxLoss,
)

UNKNOWN = (
    "loss={loss!r} is a class of your own, whose log_proba to_onnx cannot write as a graph. Fit "
    "with one of the losses of sklearn_mi.losses."
)


def network_log_proba(graph, loss, scores, order, class_weight):
    """Log posterior (M, n, K) in double of scores (M, n, K).

    Parameters
    ----------
    graph : Graph
    loss : Loss
    scores : str
    order : int ndarray of shape (M, K)
        Which output speaks of which class.
    class_weight : ndarray of shape (K,)
    """
    if type(loss) not in UNNORMALISED:
        raise ValueError(UNKNOWN.format(loss=loss))
    log_proba = UNNORMALISED[type(loss)](graph, loss, graph.cast(np.float64, scores))
    if not loss.models_label_noise:
        log_proba = graph("Sub", log_proba, np.log(class_weight))
    elif (order != np.arange(order.shape[1])).any():
        log_proba = graph("MatMul", log_proba, np.eye(order.shape[1])[order].swapaxes(1, 2))
    return graph("LogSoftmax", log_proba, axis=-1)


def _as_they_are(graph, loss, scores):
    return scores


def _with_prior(graph, loss, scores):
    return graph("Add", scores, loss.log_prior.double())


def _gaussian(graph, loss, scores):
    """Log density of the scores in each class, and its frequency."""
    classes, scores = loss.classes, graph("Mul", scores, np.float64(loss.mean_distance))
    mean, covariance = classes.mean.double(), classes.covariance.double()
    scores = graph("Unsqueeze", scores, np.array([1]))  # (M, 1, n, K) against (M, K, 1, K)
    offset = graph("Sub", scores, mean.unsqueeze(-2))
    if covariance.ndim == mean.ndim:
        scaled = graph("Div", offset, covariance.sqrt().unsqueeze(-2))
    else:
        root = torch.linalg.cholesky(covariance)
        scaled = graph("MatMul", offset, torch.linalg.inv(root.mT))
    length = graph("ReduceSum", graph("Mul", scaled, scaled), np.array([-1]), keepdims=0)
    length = graph("Transpose", length, perm=[0, 2, 1])
    log_det = classes.kind.log_det(covariance).unsqueeze(-2)
    return graph(
        "Sub", loss.log_prior.double(), graph("Mul", graph("Add", length, log_det), np.float64(0.5))
    )


UNNORMALISED = {
    CrossEntropyLoss: _as_they_are,
    DeterminantMutualInfoLoss: _as_they_are,
    ForwardCorrectionLoss: _as_they_are,
    GeneralizedCrossEntropyLoss: _as_they_are,
    ProbabilityCorrectedSoftmaxLoss: _with_prior,
    GaussianSimplexLoss: _gaussian,
}
