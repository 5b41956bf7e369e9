"""What a module keeps of a forward pass besides its parameters and buffers."""

import copy
from collections import deque

import torch
from torch import nn

INTERNAL = {*vars(nn.Module()), "training"}
CONTAINERS = list, dict, set, deque


class Kept:
    """The attributes of all layers of a module as they are now, to go back to later.

    Lists, dictionaries and sets are remembered with what they hold, one level deep.
    """

    def __init__(self, module):
        self.module = module
        self.layers = [(layer, _attributes(layer)) for layer in module.modules()]

    def changed(self):
        """Whether any attribute is another one by now."""
        return any(_differ(before, _attributes(layer)) for layer, before in self.layers)

    def restore(self, numbers=True):
        """Undo all changes; without `numbers` those alone that may hold a tensor."""
        for layer, before in self.layers:
            attributes = vars(layer)
            for name in set(attributes) - INTERNAL - set(before):
                if numbers or _may_hold_tensor(attributes[name]):
                    del attributes[name]
            for name, (value, held) in before.items():
                now = attributes.get(name)
                if numbers or _may_hold_tensor(value) or _may_hold_tensor(now):
                    attributes[name] = _refilled(value, held)


def copy_module(module):
    """A deep copy; of a tensor that has a history, which torch does not copy, its values."""
    memo = {}
    for layer in module.modules():
        for value, _ in _attributes(layer).values():
            for tensor in value if isinstance(value, list | tuple) else [value]:
                if torch.is_tensor(tensor) and tensor.grad_fn is not None:
                    memo[id(tensor)] = tensor.detach().clone()
    return copy.deepcopy(module, memo)


def has_hooks(module):
    """Whether anything listens to the layers of a module."""
    kinds = "_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks"
    return any(getattr(layer, kind, None) for layer in module.modules() for kind in kinds)


def _attributes(layer):
    """Value of each attribute, and what it holds if it is a container."""
    found = ((k, v) for k, v in vars(layer).items() if k not in INTERNAL)
    return {k: (v, copy.copy(v) if isinstance(v, CONTAINERS) else None) for k, v in found}


def _differ(before, now):
    if before.keys() != now.keys():
        return True
    return any(
        value is not now[name][0] or _items(held) != _items(now[name][1])
        for name, (value, held) in before.items()
    )


def _items(held):
    """Identities of what a container holds."""
    if isinstance(held, dict):
        return [(key, id(value)) for key, value in held.items()]
    return None if held is None else [id(value) for value in held]


def _may_hold_tensor(value):
    return not isinstance(value, int | float | str | type(None))


def _refilled(value, held):
    if held is not None and _items(value) != _items(held):
        value.clear()
        value.update(held) if isinstance(value, dict | set) else value.extend(held)
    return value
