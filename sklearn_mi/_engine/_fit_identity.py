"""Which fit it is, by digests: to know it again, and to say in words what is another."""

import numpy as np
import sklearn
import torch

from .._version import __version__
from ._described import described, digests
from ._digest import digest
from ._training_state import module_state

# Parameters that say where, or how fast, and not what; and one that counts by what it drew.
MAY_CHANGE = {"checkpoint", "n_threads", "verbose", "random_state"}
BY_CLASS = {"callbacks", "loss", "module"}  # whose objects change, or count by what they hold
FOLLOWS = {  # from the others, mostly
    "the weights of rows",
    "the folds",
    "the encoding",
    "what the loss knows of the classes",
    "the weights of the networks at the start",
}


def identity_of(clf, training):
    """What decides how a training goes, each by a short text.

    Parameters
    ----------
    clf : MutualInfoClassifier
        Prepared for training.
    training : Training

    Returns
    -------
    identity : dict of str to str
        Of parameters by their names; objects count by their class and what it is that they train.
    """
    params = {k: v for k, v in clf.get_params(deep=False).items() if k not in MAY_CHANGE}
    asked = params["callbacks"]
    told = {name: digest(params.pop(name)) for name in BY_CLASS} | digests(**params)
    told["callbacks"] = digest([told["callbacks"], described(_of_skorch(asked or []))])
    data, module = training.data, training.module
    return dict(sorted(told.items())) | {
        "the version of sklearn_mi": __version__,
        "the version of torch": str(torch.__version__),
        "the version of numpy": np.__version__,
        "the version of scikit-learn": sklearn.__version__,
        "device": str(data.X.device),
        "X": digest(_array(data.X)),
        "the encoding": digest([_array(own) for own in data.encoding.buffers()]),
        "y": digest([clf.classes_, _array(data.y)]),
        "the weights of rows": digest(None if data.weight is None else _array(data.weight)),
        "the folds": digest([_array(rows) for rows in _rows(data)]),
        "loss": digest([_own(loss, without="buffers") for loss in training.losses]),
        "what the loss knows of the classes": digest([_own(loss) for loss in training.losses]),
        "the weights of the networks at the start": digest(_own(module)),
        "random_state": digest(training.seed),
    }


def differences(before, now):
    """What of two identities was changed by the user; what follows from it only if nothing was."""
    what = [name for name in before | now if before.get(name) != now.get(name)]
    return [name for name in what if name not in FOLLOWS] or what


def _of_skorch(callbacks):
    """Those whose parameters stay as they were given; what others hold may change in training."""
    own = [item[1] if isinstance(item, tuple | list) else item for item in callbacks]
    return [one for one in own if type(one).__module__.startswith("skorch.")]


def _rows(data):
    return data.train_rows, data.n_train, data.held_rows, data.part_member, data.entry_part


def _own(module, without=None):
    """The classes, tensors and plain things of a module and of those in it."""
    each = [(type(part).__qualname__, module_state(part)) for part in module.modules()]
    return [
        [name, {kind: _arrays(held) for kind, held in state.items() if kind != without}]
        for name, state in each
    ]


def _arrays(value):
    """The same with arrays for tensors."""
    if isinstance(value, torch.Tensor):
        return _array(value)
    if isinstance(value, dict):
        return {name: _arrays(item) for name, item in value.items()}
    return [_arrays(item) for item in value] if isinstance(value, list | tuple) else value


def _array(tensor):
    return tensor.detach().cpu().numpy()
