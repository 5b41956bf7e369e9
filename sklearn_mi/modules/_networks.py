"""All networks of a fit as one module, in the form in which they run fastest."""

from ._build import build_members
from ._find_front import split_front
from ._frozen_front import FrozenFront
from ._single import SingleModule
from ._stack import ModuleStack


def make_networks(module, n_members, shape, n_classes):
    """Copies of any torch module as one that takes (M, B, ...) to (M, B, K).

    A single network runs as itself, several as a stack. Of networks for images the first part is
    shared if it is frozen and all have the same.

    Parameters
    ----------
    module : nn.Module, class or callable
        As `ModuleStack` takes it.
    n_members : int
    shape : tuple of int
        Of a row: columns; or channels, height and width of an image.
    n_classes : int

    Returns
    -------
    networks : SingleModule, ModuleStack or FrozenFront

    Warns
    -----
    UserWarning
        If the scores are probabilities or their logarithms; if a frozen first part was in training
        mode, which makes a difference.

    Examples
    --------
    >>> from torch import nn
    >>> from sklearn_mi.modules import make_networks
    >>> frozen = nn.Conv2d(1, 4, 3).requires_grad_(False)
    >>> network = nn.Sequential(frozen, nn.Flatten(), nn.Linear(4 * 6 * 6, 10))
    >>> networks = make_networks(network, 5, (1, 8, 8), 10)
    >>> networks.front
    Sequential(
      (0): Conv2d(1, 4, kernel_size=(3, 3), stride=(1, 1))
      (1): Flatten(start_dim=1, end_dim=-1)
    )
    >>> networks.feature_shape
    (144,)
    """
    members = build_members(module, n_members, shape, n_classes)
    if len(shape) != 3:
        return _stack(members, shape, n_classes)
    names, layers, heads, feature_shape = split_front(members, shape)
    stack = _stack(heads, feature_shape, n_classes)
    return FrozenFront(names, layers, stack, shape, feature_shape) if names else stack


def _stack(members, shape, n_classes):
    stack = ModuleStack(members, len(members), tuple(shape), n_classes)
    return stack if len(members) > 1 or stack.keeps else SingleModule(members[0], stack, shape)
