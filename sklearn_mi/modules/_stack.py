"""A stack of M copies of any torch module."""

import copy
import math

import torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap


class ModuleStack(nn.Module):
    """M modules of one shape as a single module; parameters have a leading member axis.

    The members run in one `torch.func.vmap` where the module allows it, else one after the
    other. Images on a CPU always run the second way: one convolution with groups is slower there
    than a convolution for each.

    Parameters
    ----------
    module : nn.Module, class or callable
        An instance, of which every member is a copy, weights included; or a class or function
        that is called with the number of input columns, or of channels, and of classes, once per
        member.
    n_members : int
    input_shape : int or tuple of int
        Columns of a row; channels, height and width of an image.
    n_classes : int

    Attributes
    ----------
    vectorized : bool
        Whether the members run in one vmap.

    Raises
    ------
    TypeError
        If `module` does not give an nn.Module.
    ValueError
        If the module fails on a batch of that shape, or does not return `n_classes` scores per row.
    """

    def __init__(self, module, n_members, input_shape, n_classes):
        super().__init__()
        shape = (input_shape,) if isinstance(input_shape, int) else tuple(input_shape)
        members = [_build(module, shape[0], n_classes) for _ in range(n_members)]
        for member in members:  # every one: a lazy layer takes its shape from what it sees
            _check_output(member, shape, n_classes)
        # Hidden in a tuple, so that the parameters of the skeleton are not registered.
        self._skeleton = (members[0],)
        # A parameter that the module uses under several names is stacked once.
        self._home = _first_names(members[0])
        parameters, buffers = _stack_state(members)
        learnt = {name: value.requires_grad for name, value in members[0].named_parameters()}
        for name, value in parameters.items():
            value = nn.Parameter(value.detach().clone(), requires_grad=learnt[name])
            self.register_parameter(_flat(name), value)
        for name, value in buffers.items():
            self.register_buffer(_flat(name), value.clone())
        self.n_members = n_members
        self.vectorized = self._vmap_works(torch.zeros(n_members, 2, *shape))
        self.n_positions = math.prod(shape[1:])

    def train(self, mode=True):
        self._skeleton[0].train(mode)
        return super().train(mode)

    def forward(self, x):
        """(M, B, d), or images (M, B, channels, height, width), to (M, B, K)."""
        on_cpu = x.ndim == 5 and x.device.type == "cpu"
        at_once = self.vectorized and not on_cpu
        return self._forward_at_once(x) if at_once else self._forward_in_turn(x)

    def member(self, number):
        """A module of its own with the weights of one member, in evaluation mode."""
        state, module = self._state(), copy.deepcopy(self._skeleton[0])
        module.to(next(self.parameters()))  # device and precision
        with torch.no_grad():
            for name, tensor in _named_tensors(module):
                tensor.copy_(state[name][number])
        return module.eval()

    def _call(self, state, x):
        return functional_call(self._skeleton[0], state, (x,), tie_weights=False)

    def _state(self):
        tensors = {**self._parameters, **self._buffers}
        return {name: tensors[_flat(home)] for name, home in self._home.items()}

    def _forward_at_once(self, x):
        return vmap(self._call, randomness="different")(self._state(), x)

    def _forward_in_turn(self, x):
        state = {name: value.unbind() for name, value in self._state().items()}
        inputs = [_channels_last(own) for own in x]
        return torch.stack(
            [self._call({k: v[m] for k, v in state.items()}, own) for m, own in enumerate(inputs)]
        )

    def _vmap_works(self, x):
        before = {name: value.clone() for name, value in self._buffers.items()}
        try:
            with torch.random.fork_rng(devices=[]):
                self._forward_at_once(x).sum().backward()
        except Exception:  # torch raises many kinds where an operation has no batching rule
            return False
        finally:
            self.zero_grad()
            self._buffers.update(before)
        return True


def _build(module, n_features, n_classes):
    built = copy.deepcopy(module) if isinstance(module, nn.Module) else None
    if built is None and callable(module):
        built = module(n_features, n_classes)
    if not isinstance(built, nn.Module):
        raise TypeError(
            f"module={module!r} gave a {type(built).__name__}, expected a torch.nn.Module: pass "
            "an instance, or a class or function of the numbers of input columns and of classes."
        )
    return built


def _stack_state(members):
    try:
        return stack_module_state(members)
    except RuntimeError as error:
        raise ValueError(
            f"The members of module={members[0]!r} cannot be stacked: {error} Parametrised layers, "
            "such as weight_norm, are of a class of their own each; use plain ones."
        ) from error


def _channels_last(x):
    """Images (B, C, H, W) in the order of memory in which a CPU convolves fastest."""
    return x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x


def _check_output(module, shape, n_classes):
    batch, was_training = torch.zeros(2, *shape), module.training
    try:
        with torch.no_grad():
            shape = tuple(module.eval()(batch).shape)
    except Exception as error:
        raise ValueError(
            f"The module failed on a batch of shape {tuple(batch.shape)}, two rows of the encoded "
            f"table or two images: {error}. A class or a function of the numbers of columns, or of "
            "channels, and of classes can adapt its first layer."
        ) from error
    finally:
        module.train(was_training)
    if shape != (2, n_classes):
        raise ValueError(
            f"The module returned shape {shape} for 2 rows, expected {(2, n_classes)}: one score "
            "per class. Give its last layer as many outputs as there are classes."
        )


def _first_names(module):
    """Of the name of every parameter and buffer, the first name of the same tensor."""
    first = {}
    return {name: first.setdefault(id(tensor), name) for name, tensor in _named_tensors(module)}


def _named_tensors(module):
    """Every parameter and buffer of each layer, with its name."""
    for prefix, layer in module.named_modules():  # each layer once
        for key, tensor in [*layer._parameters.items(), *layer._buffers.items()]:
            if tensor is not None:
                yield f"{prefix}.{key}" if prefix else key, tensor


def _flat(name):
    return name.replace(".", "__")
