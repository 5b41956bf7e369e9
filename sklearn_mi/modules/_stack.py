"""A stack of M copies of any torch module."""

import math
import warnings

import torch
from torch import nn
from torch.func import vmap

from ._build import build_members
from ._kept import Kept, copy_module
from ._single import channels_last, full_precision
from ._trials import Trial, first_line

# On one thread of a CPU vmap is faster for more members than FEW that have fewer parameters each.
FEW, MOST_PARAMETERS_AT_ONCE = 3, 100_000
WRAPPED = torch.jit.ScriptModule, nn.DataParallel  # which hold their tensors elsewhere


class ModuleStack(nn.Module):
    """M modules of one shape as a single module; parameters have a leading member axis.

    The members run in one `torch.func.vmap` where the module allows it, else one after the
    other. On a CPU the second way is the faster one for up to three members, for modules with many
    parameters, and for images: one convolution with groups is slower than a convolution for each.
    Which way is taken is a matter of these sizes alone, for dropout draws other numbers in each.
    Modules whose forward assigns buffers, keeps activations or is listened to by hooks run in turn
    too; each member is then a module of its own, whose buffers go on as they would alone, while
    other tensors that it keeps last for one batch.

    Parameters
    ----------
    module : nn.Module, class, callable or list of nn.Module
        An instance, of which every member is a copy, weights included; or a class or function
        that is called with the number of input columns, or of channels, and of classes, once per
        member; or the members, built.
    n_members : int
    input_shape : int or tuple of int
        Columns of a row; channels, height and width of an image.
    n_classes : int

    Attributes
    ----------
    vectorized : bool
        Whether the members can run in one vmap.
    keeps : bool
        Whether the forward keeps something, so that every member has a module of its own.
    writes : bool
        Whether the forward changes the rows that it is given.

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
        built = isinstance(module, list)
        members = module if built else build_members(module, n_members, shape, n_classes)
        trial = Trial(members[0], shape)
        self.keeps, self.writes = trial.keeps, trial.writes
        # Hidden in a tuple, so that the parameters of these are not registered.
        self._modules_of_members, self._listed = tuple(members), None
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
        several = n_members > 1 and not self.keeps
        works = several and self._works(self._forward_at_once, x.clone()) is None
        self.vectorized = works and not self.keeps  # of which the trial may have found more
        if not self.vectorized and (error := self._works(self._forward_in_turn, x.clone())):
            raise ValueError(
                f"The module {type(members[0]).__name__} cannot be trained as one of several: "
                f"{first_line(error)}. Pass a plain torch.nn.Module, neither scripted nor wrapped, "
                "whose scores depend on parameters that learn."
            ) from error
        if not self.keeps:
            # One does for all.
            self._modules_of_members, self._listed = tuple(members[:1] * n_members), None
        n_parameters = sum(value.numel() for value in self.parameters())
        self._small = n_parameters <= MOST_PARAMETERS_AT_ONCE * n_members
        self.n_positions = math.prod(shape[1:])

    def train(self, mode=True):
        for module in self._modules_of_members:
            if module.training != mode:
                module.train(mode)
        return super().train(mode)

    def forward(self, x):
        """(M, B, d), or images (M, B, channels, height, width), to (M, B, K)."""
        scores = self._forward_at_once(x) if self._at_once(x) else self._forward_in_turn(x)
        return full_precision(scores)

    def member(self, number):
        """A module of its own with the weights of one member, in evaluation mode."""
        state, module = self._state(), copy_module(self._modules_of_members[number])
        module.to(next(self.parameters()))  # device and precision
        with torch.no_grad():
            for name, tensor in _named_tensors(module):
                tensor.copy_(state[name][number])
        return module.eval()

    def __getstate__(self):
        return {**super().__getstate__(), "_listed": None}  # which a copy lists for itself

    @property
    def _slots(self):
        """Of each member, where its module has every tensor, and the name of that."""
        if self._listed is None:
            each = {id(module): list(_slots(module)) for module in self._modules_of_members}
            self._listed = [each[id(module)] for module in self._modules_of_members]
        return self._listed

    def _call(self, state, x, member=0):
        """What the module gives with these tensors; leaves in `state` what the forward assigned."""
        slots = self._slots[member]
        own = [tensors[key] for tensors, key, _ in slots]
        try:
            for tensors, key, name in slots:
                tensors[key] = state[name]
            return self._modules_of_members[member](x)
        finally:
            for (tensors, key, name), tensor in zip(slots, own, strict=True):
                state[name], tensors[key] = tensors[key], tensor

    def _state(self):
        tensors = {**self._parameters, **self._buffers}
        return {name: tensors[_flat(home)] for name, home in self._home.items()}

    def _forward_at_once(self, x):
        x = x.clone() if self.writes else x
        return vmap(self._call, randomness="different")(self._state(), x)

    def _forward_in_turn(self, x):
        run = self._call_and_keep if self.keeps else self._call
        x = [channels_last(rows.clone() if self.writes else rows) for rows in x]
        scores = [run(own, x[m], m) for m, own in enumerate(self._states_of_members())]
        return torch.stack(scores) if len(scores) > 1 else scores[0][None]

    def _states_of_members(self):
        state = self._state()
        if self.keeps:  # and may change in place what the other ways do not let it
            return [{k: v[m] for k, v in state.items()} for m in range(self.n_members)]
        if self.n_members == 1:  # whose gradients are then not copied
            return [{name: value.squeeze(0) for name, value in state.items()}]
        each = {name: value.unbind() for name, value in state.items()}
        return [{name: v[m] for name, v in each.items()} for m in range(self.n_members)]

    def _call_and_keep(self, state, x, member):
        """Take over the buffers that the forward assigned, and let go of other tensors."""
        before, kept = dict(state), Kept(self._modules_of_members[member])
        places = {name: value.data_ptr() for name, value in before.items()}
        scores = self._call(state, x, member)  # which leaves what was assigned in `state`
        kept.restore(numbers=False)
        for name, value in state.items():
            buffer = self._buffers.get(_flat(self._home[name]))  # a GPU may move parameters too
            if buffer is not None and (
                value is not before[name] or value.data_ptr() != places[name]
            ):
                buffer[member].copy_(value.detach())
        return scores

    def _at_once(self, x):
        """Whether one vmap is possible and, on a CPU, faster."""
        if x.device.type != "cpu":
            return self.vectorized
        return self.vectorized and self._small and self.n_members > FEW and x.ndim < 5

    def _works(self, forward, x):
        """None, or the error of a step."""
        if isinstance(self._modules_of_members[0], WRAPPED):
            return TypeError("its tensors cannot be replaced")
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


def _first_names(module):
    """Of the name of every parameter and buffer, the first name of the same tensor."""
    first = {}
    return {name: first.setdefault(id(tensor), name) for name, tensor in _named_tensors(module)}


def _named_tensors(module):
    """Every parameter and buffer of each layer, with its name."""
    for tensors, key, name in _slots(module):
        yield name, tensors[key]


def _slots(module):
    """Where each layer has every parameter and buffer: a dictionary, the key there, the name."""
    for prefix, layer in module.named_modules():  # each layer once
        for tensors in (layer._parameters, layer._buffers):
            for key in [key for key, tensor in tensors.items() if tensor is not None]:
                yield tensors, key, f"{prefix}.{key}" if prefix else key


def _flat(name):
    return name.replace(".", "__")
