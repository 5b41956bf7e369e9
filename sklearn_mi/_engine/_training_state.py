"""All that a training would need to go on, as tensors, numbers, strings, lists and dicts."""

import inspect
import io
import json
import pickle

import numpy as np
import torch
from torch import nn

from ._net import asked_for, history_as_text
from ._resources import random_state, set_random_state

PLAIN = bool, int, float, str, bytes, type(None), torch.Tensor

ARRAY = "array of NumPy"


class NotPlain(Exception):
    """What a checkpoint cannot keep."""


def training_state(net, generator):
    """What a net is in the middle of, between two epochs.

    Parameters
    ----------
    net : MemberNet
    generator : torch.Generator
        Of the batches.

    Returns
    -------
    state : dict
        It refers to the tensors that are trained, and is to be stored at once.
    """
    return {
        "module": net.module_.state_dict(),
        "loss": [module_state(module) for module in net.criterion_.loss.modules()],
        "optimizer": net.optimizer_.state_dict(),
        "callbacks": {name: callback_state(own) for name, own in _with_state(net)},
        "history": history_as_text(net.history),
        "generators": [generator.get_state(), *map(random_state, _devices(generator))],
    }


def set_loss_state(loss, state):
    """Let a loss remember what it did, before a net is made around it."""
    for module, kept in zip(loss.modules(), state["loss"], strict=True):
        set_module_state(module, kept)


def set_training_state(net, generator, state):
    """Put a net that is about to train where another was, but for its loss."""
    net.module_.load_state_dict(state["module"])
    net.optimizer_.load_state_dict(state["optimizer"])
    for name, callback in _with_state(net):
        set_callback_state(callback, state["callbacks"][name])
    history = state["history"]
    net.history.extend(json.loads(history) if isinstance(history, str) else history)
    own, *others = state["generators"]
    generator.set_state(own)
    for device, kept in zip(_devices(generator), others, strict=True):
        set_random_state(kept, device)


def _with_state(net):
    return [item for item in net.callbacks_ if item[0] not in ("tasks", "saving", "end")]


def _devices(generator):
    """Whose global generators a training draws from."""
    cpu = torch.device("cpu")
    return [cpu] if generator.device.type == "cpu" else [cpu, generator.device]


def module_state(module):
    """What a module holds itself: buffers, those too that are None at first, and plain things."""
    own = {"training", *vars(nn.Module())}
    kept = _plain_items({k: v for k, v in vars(module).items() if k not in own})
    parameters = {k: v.detach() for k, v in module._parameters.items() if v is not None}
    return {"parameters": parameters, "buffers": dict(module._buffers), **kept}


def set_module_state(module, state):
    """Give a module what `module_state` found."""
    with torch.no_grad():
        for name, value in state["parameters"].items():
            module._parameters[name].copy_(value)
    module._buffers.update(state["buffers"])
    vars(module).update(_from_plain(state["plain"]))


def callback_state(callback):
    """What it says itself, or its plain attributes and the states of those that have one."""
    if hasattr(callback, "state_dict"):
        return {"own": _plain(callback.state_dict())}
    held = _changing(callback)
    nested = {k: _plain(v.state_dict()) for k, v in held.items() if _has_state(v)}
    return {"nested": nested, **_plain_items(held)}


def set_callback_state(callback, state):
    """Give a callback what `callback_state` found."""
    if "own" in state:
        callback.load_state_dict(_from_plain(state["own"]))
        return
    for name, kept in state["nested"].items():
        getattr(callback, name).load_state_dict(_from_plain(kept))
    vars(callback).update(_from_plain(state["plain"]))


def not_kept(net):
    """Attributes of the callbacks of the user that `callback_state` leaves out, as texts."""
    return [
        f"{type(own).__name__}.{name}"
        for _, own in asked_for(net)
        if not hasattr(own, "state_dict")
        for name, value in _changing(own).items()
        if not _has_state(value) and not _is_plain(value)
    ]


def _changing(callback):
    """The attributes of a callback that are not parameters of its class, nor methods."""
    given = inspect.signature(type(callback)).parameters
    held = vars(callback).items()
    return {k: v for k, v in held if (k not in given and not callable(v)) or _has_state(v)}


def _has_state(value):
    kept = "state_dict", "load_state_dict"
    return not isinstance(value, type) and all(callable(getattr(value, k, None)) for k in kept)


def _plain_items(held):
    return {"plain": {name: _plain(value) for name, value in held.items() if _is_plain(value)}}


def _is_plain(value):
    if type(value) in (list, tuple, set):
        return all(map(_is_plain, value))
    if type(value) is dict:
        return all(_is_plain(item) for pair in value.items() for item in pair)
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind in "biuf"
    return type(value) in PLAIN


def _plain(value):
    """Arrays as tensors, and numbers of NumPy as those of Python."""
    if isinstance(value, np.ndarray):
        return {ARRAY: torch.from_numpy(value.copy())}
    return _each(_plain, value.item() if isinstance(value, np.generic) else value)


def _from_plain(value):
    if type(value) is dict and ARRAY in value:
        return value[ARRAY].numpy()
    return _each(_from_plain, value)


def _each(convert, value):
    """What a container holds, converted; or the value itself."""
    if type(value) is dict:
        return {key: convert(item) for key, item in value.items()}
    return type(value)(map(convert, value)) if type(value) in (list, tuple, set) else value


def to_bytes(state):
    """A state as bytes.

    Raises
    ------
    NotPlain
        If something is in it that `from_bytes` would not read.
    """
    file = io.BytesIO()
    try:
        torch.save(state, file)
    except Exception as error:  # of objects that refuse to be stored
        raise NotPlain(str(error)) from error
    return file.getvalue()


def from_bytes(content):
    """The state again, its tensors on their devices; nothing in it is run."""
    try:
        return torch.load(io.BytesIO(content), weights_only=True)
    except pickle.UnpicklingError as error:
        raise NotPlain(str(error).splitlines()[0]) from error
