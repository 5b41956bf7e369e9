"""The networks of a fit: made by their description, stored as arrays, and made again."""

import copy
import warnings
from functools import partial

import torch
from torch import nn

from ..modules import ConvNet, FrozenFront, StackedMLP, make_networks
from ._resources import seeded, trainable

CPU = torch.device("cpu")
SOME_ROWS = 4
OTHER = (
    "The stored networks do not fit module={module!r}, which made {made} where {stored} were "
    "stored. Open them with the class or function that they were fitted with."
)


def build_networks(module, params, n_members, input_shape, n_classes):
    """All members as one module that takes encoded rows (M, B, d), or images, to (M, B, K).

    Parameters
    ----------
    module : "auto", nn.Module, class or callable
        "auto" is the default network of tables.
    params : dict
        Further arguments of it.
    n_members : int
    input_shape : tuple of int
        Columns of encoded rows; channels, height and width of images.
    n_classes : int
    """
    if isinstance(module, str):
        params = {**params, "edges": _tensor_or_none(params.get("edges"))}
        return StackedMLP(n_members, *input_shape, n_classes, **params)
    module = partial(module, **params) if params else module
    return make_networks(module, n_members, tuple(input_shape), n_classes)


def _tensor_or_none(array):
    return None if array is None else torch.as_tensor(array)


def is_known(description):
    """Whether networks are what their description and their arrays say, and nothing more."""
    return description is not None and description["module"] in ("auto", ConvNet)


def made_again(description, arrays):
    """The networks of a description, on the CPU, with the arrays of `arrays_of`.

    Raises
    ------
    ValueError
        If what is made has other arrays.
    """
    with trainable(), seeded(0, CPU), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # which the fit has shown
        module = build_networks(**description)
    own, tensors = arrays_of(module), _tensors(module)
    shapes = [{name: array.shape for name, array in a.items()} for a in (own, arrays)]
    if shapes[0] != shapes[1]:
        made, stored = (sorted(shape.items()) for shape in shapes)
        raise ValueError(OTHER.format(module=description["module"], made=made, stored=stored))
    with torch.no_grad():
        for name, array in arrays.items():
            tensors[name].copy_(torch.tensor(array))
    return module.eval()


def arrays_of(module):
    """Parameters and buffers as arrays, by name."""
    return {name: tensor.detach().cpu().numpy() for name, tensor in _tensors(module).items()}


def _tensors(module):
    tensors = module.state_dict(keep_vars=True)
    if isinstance(module, FrozenFront):  # which a function may read from a file that changes
        frozen = module.front.state_dict(keep_vars=True)
        tensors |= {f"front.{name}": tensor for name, tensor in frozen.items()}
    return tensors


def on_cpu(module):
    """The module, or a copy of it on the CPU if it is elsewhere."""
    tensors = [*module.parameters(), *module.buffers()]
    if all(tensor.device.type == "cpu" for tensor in tensors):
        return module
    return copy.deepcopy(module).cpu()


def can_be_made_again(module, description):
    """Whether networks made of their description and arrays say what these say, to the bit.

    A module of the user's may keep what is no parameter and no buffer, or differ from call to call.
    """
    if description is None or isinstance(description["module"], nn.Module):
        return False
    try:
        with seeded(0, CPU), torch.no_grad():
            again = made_again(description, arrays_of(module))
            rows = torch.rand(SOME_ROWS, *description["input_shape"])
            rows = rows.expand(description["n_members"], *rows.shape)
            these = copy.deepcopy(module).cpu().eval()
            return torch.equal(these(rows.clone()), again(rows.clone()))
    except Exception:  # a function of the user's may fail in any way
        return False
