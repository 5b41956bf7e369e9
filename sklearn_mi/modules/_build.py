"""The networks of a fit, built from what a user passes as `module`."""

import torch
from torch import nn

from ._kept import copy_module
from ._trials import check_learns, check_output, first_line


def build_members(module, n_members, shape, n_classes):
    """Modules of their own on the CPU, each tried on two rows.

    Parameters
    ----------
    module : nn.Module, class or callable
        An instance, of which every member is a copy, weights included; or a class or function
        that is called with the number of input columns, or of channels, and of classes, once per
        member.
    n_members : int
    shape : tuple of int
        Of a row: columns; or channels, height and width.
    n_classes : int

    Raises
    ------
    TypeError
        If `module` does not give an nn.Module, or cannot be called with the two numbers.
    ValueError
        If the module fails on a batch of that shape, does not return `n_classes` scores per row or
        has nothing to learn.
    """
    members = [_build(module, shape[0], n_classes) for _ in range(n_members)]
    for member in members:  # every one: a lazy layer takes its shape from what it sees
        check_output(member, shape, n_classes)
    check_learns(members[0])
    return members


def _build(module, n_features, n_classes):
    try:
        built = copy_module(module) if isinstance(module, nn.Module) else None
    except Exception as error:
        raise ValueError(
            f"module={type(module).__name__}(...) cannot be copied for every member: "
            f"{first_line(error)}. Pass a class or function of the numbers of input columns and of "
            "classes instead."
        ) from error
    if built is None and callable(module):
        try:
            built = module(n_features, n_classes)
        except Exception as error:
            raise TypeError(
                f"module={module!r} failed when it was called with the numbers of input columns "
                f"or channels, {n_features}, and of classes, {n_classes}: {first_line(error)}. "
                "Write it with these two arguments, or pass an instance."
            ) from error
    if not isinstance(built, nn.Module):
        raise TypeError(
            f"module={module!r} gave a {type(built).__name__}, expected a torch.nn.Module: pass "
            "an instance, or a class or function of the numbers of input columns and of classes."
        )
    if any(tensor.is_meta for tensor in [*built.parameters(), *built.buffers()]):
        raise ValueError(
            f"module={module!r} is on the meta device, where parameters have no values. Call "
            'its to_empty(device="cpu") and initialise it.'
        )
    return _without_history(built.cpu())


def _without_history(module):
    """Attributes that were computed from parameters, as a norm of weights, as plain tensors."""
    for layer in module.modules():
        for name, value in vars(layer).items():
            if torch.is_tensor(value) and value.grad_fn is not None:
                vars(layer)[name] = value.detach()
    return module
