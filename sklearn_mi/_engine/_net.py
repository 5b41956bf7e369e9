"""The skorch net around all members, and the callbacks that its user brings."""

import json
import pickle
import threading

import torch
from skorch import NeuralNet
from skorch.callbacks import BatchScoring, Callback, EpochScoring, LRScheduler
from skorch.history import History
from skorch.utils import TeeGenerator
from torch import nn

from ._networks import on_cpu

OURS = {"schedule", "warm_up", "stopping", "tasks", "saving", "end"}
OF_SKORCH = {"epoch_timer", "train_loss", "valid_loss", "print_log"}
ASK = (
    "net_ holds the networks of all members and trains on encoded rows, a batch for each of them; "
    "it takes no X. Ask predict_proba of the classifier; net_.module_.member(0) is one network, a "
    "torch module of encoded rows."
)
NO_SCORE = (
    "callbacks has {shown}, but there are no validation rows to score: each network holds out rows "
    "of its own, whose mean loss is 'valid_loss' in the history. Watch that or 'train_loss', or "
    "leave the callback out; mutual_info_score_ tells the information afterwards."
)
STORING = threading.local()
AT_ONCE = {"cpu"}  # devices from which the loss of a batch is read when it has been computed


class MemberNet(NeuralNet):
    """A stock skorch net whose loss is a sum over members, and whose history has their mean."""

    def run_single_epoch(self, iterator, training, prefix, step_fn, **fit_params):
        """As in skorch, which looks up its history and the length of a batch at greater cost.

        To read a loss is to wait for the device. From a CPU it is read for every batch, from
        others for all batches at the end of the epoch.
        """
        losses, rows = [], self.history[-1]["batches"]
        for batch in iterator or ():
            self.notify("on_batch_begin", batch=batch, training=training)
            step = step_fn(batch, **fit_params)
            losses.append(step["loss"])
            rows[-1][f"{prefix}_batch_size"] = len(batch[0])
            if step["loss"].device.type in AT_ONCE:
                rows[-1][f"{prefix}_loss"] = step["loss"].item()
            self.notify("on_batch_end", batch=batch, training=training, **step)
        if iterator is not None:
            self.history.record(f"{prefix}_batch_count", len(losses))
        if losses and losses[0].device.type not in AT_ONCE:
            for row, loss in zip(rows, torch.stack(losses).tolist(), strict=True):
                row[f"{prefix}_loss"] = loss

    def train_step(self, batch, **fit_params):
        """As in skorch, of its first step where an optimiser asks for several; a mean for loss."""
        steps = []

        def step_fn():
            self._zero_grad_optimizer()
            steps.append(self.train_step_single(batch, **fit_params))
            named = TeeGenerator(self.get_all_learnable_params())
            self.notify("on_grad_computed", named_parameters=named, batch=batch, training=True)
            return steps[-1]["loss"]

        self._step_optimizer(step_fn)
        mean = steps[0]["loss"].detach().double() / len(steps[0]["y_pred"])
        return {**steps[0], "loss": mean}

    def notify(self, method_name, **cb_kwargs):
        """As in skorch, but for callbacks that have nothing to do then."""
        getattr(self, method_name)(self, **cb_kwargs)
        idle = getattr(Callback, method_name)
        for _, callback in self.callbacks_:
            own = getattr(type(callback), method_name) is not idle
            if own or method_name in vars(callback):
                getattr(callback, method_name)(self, **cb_kwargs)

    def infer(self, x, **fit_params):
        """As in skorch; rows are tensors on the device already."""
        return self.module_(x, **fit_params)

    def get_loss(self, y_pred, y_true, X=None, training=False):
        """As in skorch; labels are such tensors too."""
        return self.criterion_(y_pred, y_true)

    def _set_training(self, training=True):
        for module in (self.module_, self.criterion_, self.criterion_.loss):
            if module.training != training:  # else all layers are walked through in every step
                module.train(training)

    def fit(self, X, y=None, **fit_params):
        """As in skorch; of the rows of members alone."""
        self.check_data(X)
        return super().fit(X, y, **fit_params)

    def partial_fit(self, X, y=None, classes=None, **fit_params):
        """As in skorch; of the rows of members alone."""
        self.check_data(X)
        return super().partial_fit(X, y, classes, **fit_params)

    def check_data(self, X, y=None):
        """Refuse what is no `MemberData`."""
        if not hasattr(X, "part_member"):
            raise TypeError(ASK)

    def forward_iter(self, X, training=False, device="cpu"):
        """Refuse rows, which nothing here encodes or calibrates; skorch's answers all come here."""
        raise TypeError(ASK)

    def __getstate__(self):
        return {
            "module": on_cpu(self.module_),
            "history": history_as_text(self.history),
            "callbacks": storable(asked_for(self)),
        }

    def __setstate__(self, state):
        vars(self).update(vars(trained_net(**state)))


def trained_net(module, history, callbacks):
    """A skorch net that has been trained: its networks, what the epochs said, and callbacks.

    Without what trained it: optimiser, criterion, iterators, generators and data.

    Parameters
    ----------
    module : nn.Module
    history : str or list of dict
        As by `history_as_text`.
    callbacks : list of (str, Callback)
    """
    net = MemberNet(module, nn.Module, callbacks=callbacks, device=None)
    # Past skorch, which would make a criterion and an optimiser.
    rows = json.loads(history) if isinstance(history, str) else history
    own = {"module_": module, "callbacks_": callbacks, "history_": History(rows)}
    vars(net).update(own, initialized_=True)
    return net


def history_as_text(history):
    """What the epochs said as JSON, which is small; as a list where it says what JSON cannot."""
    if isinstance(history, str):
        return history
    rows = list(history)
    try:
        text = json.dumps(rows)
    except (TypeError, ValueError):
        return rows
    return text if json.loads(text) == rows else rows


def asked_for(net):
    """The callbacks of a net that its user has brought, by name."""
    return [(name, own) for name, own in net.callbacks_ if name not in OURS | OF_SKORCH]


def without_schedules(callbacks):
    """The same callbacks, for whom training is over: schedules let go of their optimisers."""
    for _, callback in callbacks:
        if isinstance(callback, LRScheduler):
            callback.lr_scheduler_ = None  # made anew by the next training
    return callbacks


def storable(callbacks):
    """The callbacks that can be stored with a fitted model; one that holds a lock cannot."""
    return [item for item in callbacks if _can_be_stored(item)]


def _can_be_stored(item):
    if getattr(STORING, "now", False):
        return False  # asked by a callback that knows its net, which stores its callbacks
    STORING.now = True
    try:
        pickle.dumps(item)
    except Exception:  # what refuses to be stored says so in many ways
        return False
    finally:
        STORING.now = False
    return True


def check_callbacks(callbacks):
    """The callbacks of the user, classes as instances of them."""
    checked, names = [], OURS | OF_SKORCH
    for item in callbacks:
        pair = isinstance(item, tuple | list) and len(item) == 2
        name, own = item if pair else (None, item)
        if isinstance(own, type) and issubclass(own, Callback):
            own = _instance(own)
        if not isinstance(own, Callback) or (pair and not isinstance(name, str)):
            raise ValueError(
                f"callbacks has {item!r}, expected skorch callbacks or (name, callback). "
                "Derive a class of your own from skorch.callbacks.Callback."
            )
        if name in names:
            raise ValueError(f"callbacks has the name {name!r}, which is taken. Choose another.")
        names = names | {name} - {None}
        _refuse_scoring(own)
        checked.append((name, own) if pair else own)
    return checked


def _instance(callback):
    try:
        return callback()
    except TypeError as error:
        raise ValueError(
            f"callbacks has the class {callback.__name__}, which cannot be made without arguments: "
            f"{error}. Pass an instance."
        ) from error


def _refuse_scoring(callback):
    """Refuse scores of predictions; a function of the net and its data can do what it likes."""
    if not isinstance(callback, EpochScoring | BatchScoring):
        return
    function = callable(callback.scoring) and not hasattr(callback.scoring, "_score_func")
    if not (function and callback.on_train):
        shown = f"{type(callback).__name__}({callback.scoring!r}, on_train={callback.on_train})"
        raise ValueError(NO_SCORE.format(shown=shown))


def brings_schedule(callbacks):
    """Whether one of the callbacks sets the learning rate."""
    own = (item[1] if isinstance(item, tuple) else item for item in callbacks)
    return any(isinstance(callback, LRScheduler) for callback in own)
