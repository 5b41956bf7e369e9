"""A stack of M copies of any torch module."""

import math
import warnings

import torch
from torch import nn
from torch.func import functional_call, vmap

from ._kept import Kept, copy_module
from ._trials import Trial, check_learns, check_output, first_line


class ModuleStack(nn.Module):
    """M modules of one shape as a single module; parameters have a leading member axis.

    The members run in one `torch.func.vmap` where the module allows it, else one after the
    other. Images on a CPU always run the second way: one convolution with groups is slower there
    than a convolution for each. So do modules whose forward assigns buffers, keeps activations or
    is listened to by hooks; each member is then a module of its own, whose buffers go on as they
    would alone, while other tensors that it keeps last for one batch.

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
    keeps : bool
        Whether the forward keeps something, so that every member has a module of its own.

    Raises
    ------
    TypeError
        If `module` does not give an nn.Module, or cannot be called with the two numbers.
    ValueError
        If the module fails on a batch of that shape, does not return `n_classes` scores per row,
        has nothing to learn, or remembers batches elsewhere than in buffers.

    Warns
    -----
    UserWarning
        If the scores are probabilities or their logarithms.
    """

    def __init__(self, module, n_members, input_shape, n_classes):
        super().__init__()
        shape = (input_shape,) if isinstance(input_shape, int) else tuple(input_shape)
        members = [_build(module, shape[0], n_classes) for _ in range(n_members)]
        for member in members:  # every one: a lazy layer takes its shape from what it sees
            check_output(member, shape, n_classes)
        check_learns(members[0])
        trial = Trial(members[0], shape)
        self.keeps, self._writes = trial.keeps, trial.writes
        # Hidden in a tuple, so that the parameters of these are not registered.
        self._modules_of_members = tuple(members)
        # A parameter that the module uses under several names is stacked once.
        self._home = _first_names(members[0])
        state = _stacked(members)
        for name, parameter in members[0].named_parameters():
            value = nn.Parameter(state[name], requires_grad=parameter.requires_grad)
            self.register_parameter(_flat(name), value)
        for name, _ in members[0].named_buffers():
            self.register_buffer(_flat(name), state[name])
        self.n_members = n_members
        x = trial.x.expand(n_members, *trial.x.shape)
        works = not self.keeps and self._works(self._forward_at_once, x.clone()) is None
        self.vectorized = works and not self.keeps  # of which the trial may have found more
        if not self.vectorized and (error := self._works(self._forward_in_turn, x.clone())):
            raise ValueError(
                f"The module {type(members[0]).__name__} cannot be trained as one of several: "
                f"{first_line(error)}. Pass a plain torch.nn.Module, neither scripted nor wrapped, "
                "whose scores depend on parameters that learn."
            ) from error
        if not self.keeps:
            self._modules_of_members = tuple(members[:1] * n_members)  # one does for all
        self.n_positions = math.prod(shape[1:])

    def train(self, mode=True):
        for module in self._modules_of_members:
            if module.training != mode:
                module.train(mode)
        return super().train(mode)

    def forward(self, x):
        """(M, B, d), or images (M, B, channels, height, width), to (M, B, K)."""
        on_cpu = x.ndim == 5 and x.device.type == "cpu"
        at_once = self.vectorized and not on_cpu
        scores = self._forward_at_once(x) if at_once else self._forward_in_turn(x)
        half = scores.dtype in (torch.float16, torch.bfloat16)
        return scores.float() if half else scores

    def member(self, number):
        """A module of its own with the weights of one member, in evaluation mode."""
        state, module = self._state(), copy_module(self._modules_of_members[number])
        module.to(next(self.parameters()))  # device and precision
        with torch.no_grad():
            for name, tensor in _named_tensors(module):
                tensor.copy_(state[name][number])
        return module.eval()

    def _call(self, state, x, member=0):
        return functional_call(self._modules_of_members[member], state, (x,), tie_weights=False)

    def _state(self):
        tensors = {**self._parameters, **self._buffers}
        return {name: tensors[_flat(home)] for name, home in self._home.items()}

    def _forward_at_once(self, x):
        x = x.clone() if self._writes else x
        return vmap(self._call, randomness="different")(self._state(), x)

    def _forward_in_turn(self, x):
        # Slices of one unbind are cheaper, but a forward must not change them in place.
        state = {k: v if self.keeps else v.unbind() for k, v in self._state().items()}
        own = [{name: values[m] for name, values in state.items()} for m in range(self.n_members)]
        run = self._call_and_keep if self.keeps else self._call
        x = [_channels_last(rows.clone() if self._writes else rows) for rows in x]
        return torch.stack([run(own[m], rows, m) for m, rows in enumerate(x)])

    def _call_and_keep(self, state, x, member):
        """Take over the buffers that the forward assigned, and let go of other tensors."""
        before, kept = dict(state), Kept(self._modules_of_members[member])
        places = {name: value.data_ptr() for name, value in before.items()}
        scores = self._call(state, x, member)  # which leaves what was assigned in `state`
        kept.restore(numbers=False)
        for name, value in state.items():
            if value is not before[name] or value.data_ptr() != places[name]:
                self.get_buffer(_flat(self._home[name]))[member].copy_(value.detach())
        return scores

    def _works(self, forward, x):
        """None, or the error of a step."""
        before = {name: value.clone() for name, value in self._buffers.items()}
        kept = [Kept(module) for module in self._modules_of_members]
        try:
            with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
                # Where vmap has no rule, it takes the members in turn itself, and says so.
                warnings.filterwarnings("error", ".*performance drop")
                forward(x).sum().backward()
        except Exception as error:  # torch raises many kinds, as where vmap has no rule
            return error
        finally:
            self.zero_grad()
            self._buffers.update(before)
            self.keeps |= any(own.changed() for own in kept)
            for own in kept:
                own.restore()
        return None


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


def _stacked(members):
    """Every parameter and buffer of all members, (M, ...)."""
    tensors = [dict(_named_tensors(member)) for member in members]
    first, *others = [{name: t.shape for name, t in own.items()} for own in tensors]
    for number, own in enumerate(others, 1):
        if own != first:
            name = sorted(set(first.items()) ^ set(own.items()))[0][0]
            raise ValueError(
                f"Member {number} of {type(members[0]).__name__} has other parameters than the "
                f"first: {name!r} has shape {own.get(name)} and {first.get(name)}. Build the same "
                "network every time."
            )
    return {name: torch.stack([own[name].detach() for own in tensors]) for name in first}


def _channels_last(x):
    """Images (B, C, H, W) in the order of memory in which a CPU convolves fastest."""
    return x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x


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
