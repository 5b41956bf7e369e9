"""A loss of the package as plain things, and back."""

import inspect

import torch

from ._gaussian_classes import Diagonal, Full, GaussianClasses

FORGOTTEN = {"running"}  # means over the batches of a training that has ended


def stored_loss(loss):
    """Parameters and fitted arrays of a loss.

    Parameters
    ----------
    loss : Loss
        One that the package brings, fitted or not.

    Returns
    -------
    stored : dict
        "params" as the class takes them, "arrays" by the names of its buffers.

    Examples
    --------
    >>> from sklearn_mi.losses import GeneralizedCrossEntropyLoss
    >>> loss = GeneralizedCrossEntropyLoss(q=0.5).set_class_prior([0.5, 0.5])
    >>> stored_loss(loss)["params"]
    {'q': 0.5}
    """
    arrays = {name: value.cpu().numpy() for name, value in loss.state_dict().items()}
    arrays = {name: value for name, value in arrays.items() if name not in FORGOTTEN}
    names = inspect.signature(type(loss)).parameters
    return {"params": {name: getattr(loss, name) for name in names}, "arrays": arrays}


def restored_loss(loss_class, params, arrays):
    """The loss of a class that `stored_loss` describes, on the CPU."""
    loss = loss_class(**params)
    tensors = {name: torch.tensor(array) for name, array in arrays.items()}
    if "classes.mean" in tensors:
        mean, covariance = (tensors.pop(f"classes.{name}") for name in ("mean", "covariance"))
        loss.classes = GaussianClasses(
            mean, covariance, Full if covariance.ndim > mean.ndim else Diagonal
        )
    for name, tensor in tensors.items():
        setattr(loss, name, tensor)
    return loss
