"""What a fitted classifier holds as arrays, numbers, strings, lists and dicts, and back.

An object of the package becomes a dict of its attributes and the name of its class in `STORED`; one
of another library stays as it is.
"""

import json
import sys
from pathlib import Path, PurePath

import numpy as np
import pandas as pd
import torch
from torch import nn

from .. import modules
from .._inputs._fingerprint import Fingerprint
from .._inputs._image_encoder import ImageEncoder
from .._inputs._image_space import ImageSpace
from .._inputs._pixel_units import PixelUnits
from .._inputs._space_columns import LevelColumn, NumberColumn
from .._inputs._sparse_encoder import SparseEncoder
from .._inputs._table_encoder import TableEncoder
from .._inputs._table_space import TableSpace
from .._pool._boosting import GradualBoosting
from .._pool._companions import Companions
from .._pool._companions_sparse import SparseLogistic, SparseNaiveBayes
from .._pool._forest import CompactForest
from .._pool._label_noise import LabelNoisePool
from .._pool._log_linear import LogLinearPool
from .._pool._noise_error import NoiseError
from ..losses import LOSSES, Loss
from ..losses._stored import restored_loss, stored_loss
from ._ensemble import MemberEnsemble
from ._members import Members
from ._networks import on_cpu
from ._recent_rows import Chunk, RecentRows

KIND = "sklearn_mi"  # the key under which a dict says what it stands for

# Classes whose objects are stored by their attributes. The names are part of the format.
STORED = {
    "Chunk": Chunk,
    "Companions": Companions,
    "CompactForest": CompactForest,
    "Fingerprint": Fingerprint,
    "GradualBoosting": GradualBoosting,
    "ImageEncoder": ImageEncoder,
    "ImageSpace": ImageSpace,
    "LabelNoisePool": LabelNoisePool,
    "LevelColumn": LevelColumn,
    "LogLinearPool": LogLinearPool,
    "MemberEnsemble": MemberEnsemble,
    "Members": Members,
    "NoiseError": NoiseError,
    "NumberColumn": NumberColumn,
    "PixelUnits": PixelUnits,
    "RecentRows": RecentRows,
    "SparseEncoder": SparseEncoder,
    "SparseLogistic": SparseLogistic,
    "SparseNaiveBayes": SparseNaiveBayes,
    "TableEncoder": TableEncoder,
    "TableSpace": TableSpace,
}
NAMES = {kind: name for name, kind in STORED.items()}
LOSS_NAMES = {kind: name for name, kind in LOSSES.items()}
# Where classes are known by their names alone, which skops need not list.
OWNERS = {"sklearn_mi.modules": modules, "torch.nn": nn, "torch.optim": torch.optim}
NO_SKOPS = (
    "skops cannot store {what}. Store this classifier with pickle, joblib or cloudpickle{remedy}."
)
MADE_ALREADY = (
    ", or pass module as a class or function that can be imported and gives the same network "
    "whenever it is called"
)
TO_IMPORT = ", or define it where it can be imported"


class OnlyPickled:
    """What pickle and its like can store and skops cannot, which is told why.

    Parameters
    ----------
    value : object
    reason : str
    """

    def __init__(self, value, reason):
        self.value, self.reason = value, reason

    def __reduce_ex__(self, protocol):
        return OnlyPickled, (self.value, self.reason)

    def __reduce__(self):  # which skops asks, and pickle does not
        raise TypeError(self.reason)


def to_plain(value):
    """An object as plain things, which hold the same arrays."""
    kind = type(value)
    if kind is dict:
        return _plain_dict(value)
    if kind in (list, tuple):
        return kind(to_plain(item) for item in value)
    if kind in NAMES:
        return {KIND: NAMES[kind], **to_plain(dict(value.__getstate__() or {}))}
    if kind in LOSS_NAMES:
        return {KIND: "loss", "name": LOSS_NAMES[kind], **to_plain(stored_loss(value))}
    if isinstance(value, nn.Module):
        return _module(value)
    if kind is pd.DataFrame:
        return OnlyPickled(value, NO_SKOPS.format(what="rows that a stream remembers", remedy=""))
    if isinstance(value, torch.device):
        return {KIND: "device", "name": str(value)}
    if isinstance(value, torch.Tensor):
        return {KIND: "tensor", "array": value.detach().cpu().numpy()}
    if kind is pd.Index and all(type(text) in (str, type(None)) for text in value):
        return {KIND: "levels", "texts": json.dumps(value.tolist())}
    if isinstance(value, PurePath):  # which another system could not open
        return {KIND: "path", "name": str(value)}
    if isinstance(value, np.dtype):
        return {KIND: "dtype", "name": value.str}
    if callable(value) and hasattr(value, "__qualname__"):
        return _named(value)
    return value


def _plain_dict(value):
    if all(type(key) is str for key in value) and KIND not in value:
        return {key: to_plain(item) for key, item in value.items()}
    return {KIND: "dict", "items": [[key, to_plain(item)] for key, item in value.items()]}


def _module(module):
    what, remedy = "a torch module as it is", MADE_ALREADY
    if isinstance(module, Loss):
        what, remedy = f"a loss of your own, {type(module).__name__}", ""
    return OnlyPickled(on_cpu(module), NO_SKOPS.format(what=what, remedy=remedy))


def _named(value):
    """A class or function, by its name where the package or torch has it under that."""
    for kind, owner in OWNERS.items():
        if isinstance(value, type) and getattr(owner, value.__name__, None) is value:
            return {KIND: kind, "name": value.__name__}
    if _can_be_imported(value):
        return value
    return OnlyPickled(value, NO_SKOPS.format(what=value.__qualname__, remedy=TO_IMPORT))


def _can_be_imported(value):
    return getattr(sys.modules.get(value.__module__), value.__qualname__, None) is value


def from_plain(value):
    """What `to_plain` was given."""
    if isinstance(value, OnlyPickled):
        return value.value
    if type(value) in (list, tuple):
        return type(value)(from_plain(item) for item in value)
    if type(value) is not dict:
        return value
    held = {key: from_plain(item) for key, item in value.items() if key != KIND}
    kind = value.get(KIND)
    return held if kind is None else _made(kind, held)


def _made(kind, held):
    if kind in STORED:
        return _object(STORED[kind], held)
    if kind not in MAKERS:
        raise ValueError(f"A stored classifier holds a {kind!r}, which this version does not know.")
    return MAKERS[kind](**held)


def _object(kind, held):
    made = kind.__new__(kind)
    if hasattr(kind, "__setstate__"):
        made.__setstate__(held)
    else:
        vars(made).update(held)
    return made


def _levels(texts):
    return pd.Index(json.loads(texts), dtype=object)


def _class_of(owner, base):
    def find(name):
        found = getattr(owner, name)
        if not (isinstance(found, type) and issubclass(found, base)):
            raise ValueError(f"{owner.__name__} has no {base.__name__} of the name {name!r}.")
        return found

    return find


MAKERS = {
    "device": lambda name: torch.device(name),
    "dict": lambda items: dict(items),
    "dtype": lambda name: np.dtype(name),
    "levels": _levels,
    "loss": lambda name, params, arrays: restored_loss(LOSSES[name], params, arrays),
    "path": lambda name: Path(name),
    "sklearn_mi.modules": _class_of(modules, nn.Module),
    "tensor": lambda array: torch.tensor(array),
    "torch.nn": _class_of(nn, nn.Module),
    "torch.optim": _class_of(torch.optim, torch.optim.Optimizer),
}
