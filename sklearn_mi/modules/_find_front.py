"""Where the frozen first part of a network for images ends."""

import torch
from torch import nn

from ..exceptions import warn
from ._kept import Kept, copy_module, has_hooks

MODES_DIFFER = (
    "The first part of {name}, {part!r} ({kind}), is frozen: it is kept in evaluation mode, in "
    "which it gives something else than in training mode, as batch normalisation and dropout do. "
    "Call eval() on it before the fit to say that this is meant, or requires_grad_() on those of "
    "its parameters that are to learn."
)


def split_front(members, shape):
    """Cut the longest frozen first part off networks for images.

    It consists of layers that follow each other from the image on: the first takes in the image
    itself, each other one what the one before it gave. All parameters that they have are frozen,
    rows do not touch each other, nothing in them is random, and all members have the same. Layers
    are looked for by what they take in, so that a network may be a Sequential or anything else
    whose forward passes its images to a layer first.

    Parameters
    ----------
    members : list of nn.Module
    shape : tuple of int
        Channels, height and width of an image.

    Returns
    -------
    names : list of str
        Of the layers of the first part; none if there is no such part that has parameters.
    layers : list of nn.Module
        They themselves, of the first member.
    heads : list of nn.Module
        The members with identities in their places.
    feature_shape : tuple of int
    """
    x = torch.rand(2, *shape, generator=torch.Generator().manual_seed(0))
    names, feature_shape = _find_front(members[0], x)
    layers = [members[0].get_submodule(name) for name in names]
    if not _alike(members, names) or not any(_has_parameters(layer) for layer in layers):
        return [], [], members, shape
    _warn_of_modes(members[0], names, x)
    return names, layers, [_without(member, names) for member in members], feature_shape


@torch.no_grad()
def _find_front(module, x):
    """Names of the layers, and the shape of what the last of them gives of one image."""
    nothing = [], x.shape[1:]
    if has_hooks(module) or not _frozen_layers(module):
        return nothing
    try:
        probe, names, given = _ready(copy_module(module)), [], x
        while name := _next_layer(probe, given, names):
            given = probe.get_submodule(name)(given)
            probe.set_submodule(name, nn.Identity())
            names.append(name)
        same = names and _same_scores(module, probe, x, given)
    except Exception:  # a module that fails is told by other trials
        return nothing
    return (names, given.shape[1:]) if same else nothing


def _frozen_layers(module):
    own = (layer for layer in module.modules() if _has_parameters(layer))
    return [layer for layer in own if not any(p.requires_grad for p in layer.parameters())]


def _has_parameters(layer):
    return next(layer.parameters(), None) is not None


def _ready(module):
    """In training mode, but for what is frozen."""
    module.train()
    for layer in _frozen_layers(module):
        layer.eval()
    return module


def _next_layer(probe, x, before):
    """Name of the outermost layer that takes in `x` itself and can be split off, or None."""
    calls = _calls(probe, x)
    for name, layer in probe.named_modules():
        found = calls.get(name, [])
        alone = len(found) == 1 and len(found[0]) == 1 and found[0][0] is x
        new = name and not any(f"{other}.".startswith(f"{name}.") for other in before)
        if alone and new and _can_be_split(layer, x):
            return name
    return None


def _calls(probe, x):
    """Of every layer by its name what it was called with, time by time."""
    calls, hooks = {}, []
    for name, layer in probe.named_modules():

        def record(layer, inputs, named, name=name):
            calls.setdefault(name, []).append((*inputs, *named.values()))

        hooks.append(layer.register_forward_pre_hook(record, with_kwargs=True))
    try:
        with torch.random.fork_rng(devices=[]):
            probe(x)
    finally:
        for hook in hooks:
            hook.remove()
    return calls


def _can_be_split(layer, x):
    """Whether nothing in a layer learns, keeps or draws anything, or looks at several rows."""
    if any(p.requires_grad for p in layer.parameters()):
        return False
    before, kept = [b.clone() for b in layer.buffers()], Kept(layer)
    try:
        first, *outputs = _outputs(layer, x)
    except Exception:  # as of a batch normalisation that wants several rows
        return False
    if kept.changed() or any(map(_differ, before, layer.buffers())):
        return False
    if not all(torch.is_tensor(o) and o.is_floating_point() for o in outputs):
        return False
    alike = not any(_differ(outputs[0], other) for other in outputs[1:])
    return alike and len(outputs[0]) == len(x) and _close(first, outputs[0][:1])


def _outputs(layer, x):
    """Of the first row alone, and of all of them several times."""
    with torch.random.fork_rng(devices=[]):
        outputs = [layer(rows.clone()) for rows in (x[:1], x, x)]
        if not _has_parameters(layer):  # which training mode reaches
            outputs.append(layer.eval()(x.clone()))
            layer.train()
    return outputs


def _differ(first, second):
    return first.shape != second.shape or not torch.equal(first, second)


def _close(first, second):
    """Whether two tensors are the same but for rounding errors."""
    if first.shape != second.shape:
        return False
    return torch.allclose(first, second, rtol=1e-4, atol=1e-5 * second.abs().max().item())


def _same_scores(module, head, x, features):
    """Whether a network without its first part says of features what it says of the images."""
    whole, before = _ready(copy_module(module)), x.clone()
    for training in (True, False):
        scores = []
        for network, inputs in ((whole, x), (head, features)):
            network = _ready(network) if training else network.eval()
            with torch.random.fork_rng(devices=[]):
                torch.default_generator.manual_seed(0)
                scores.append(network(inputs.clone()))
        if not _close(*scores):
            return False
    return torch.equal(x, before)


def _alike(members, names):
    """Whether all members have the same tensors in these layers."""
    first, *others = [
        [t for name in names for t in _tensors(member.get_submodule(name))] for member in members
    ]
    return all(len(own) == len(first) and not any(map(_differ, own, first)) for own in others)


def _tensors(layer):
    return [*layer.parameters(), *layer.buffers()]


def _without(member, names):
    for name in names:
        member.set_submodule(name, nn.Identity())
    return member


def _warn_of_modes(module, names, x):
    """Tell of a frozen layer that was in training mode, if that makes a difference."""
    for name in names:
        layer = module.get_submodule(name)
        given, in_training = _in_both_modes(layer, x)
        if _has_parameters(layer) and layer.training and not _close(in_training, given):
            kind = type(layer).__name__
            text = MODES_DIFFER.format(name=type(module).__name__, part=name, kind=kind)
            warn(text)
            return
        x = given


@torch.no_grad()
def _in_both_modes(layer, x):
    """What a layer gives in evaluation and in training mode."""
    copied = copy_module(layer)
    with torch.random.fork_rng(devices=[]):
        return [copied.train(mode)(x.clone()) for mode in (False, True)]
