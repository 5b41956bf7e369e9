"""The skorch net that trains all members at once.

Parameters have a leading member axis, a batch is (M, B, d), a loss gives one value per member, and
the sum over the members is minimised; since members share no parameter, each follows the path that
it would have followed alone.
"""

import copy
import inspect
import traceback
from dataclasses import dataclass, field

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from skorch.callbacks import PrintLog
from skorch.exceptions import SkorchException
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR

from ..exceptions import warn
from ._adversarial_training import Adversary
from ._batches import MemberBatches
from ._callbacks import CrossFittedStopping, EndOfTraining, OwnSchedule, Saving, WarmUp
from ._interrupts import Interrupted, noted_interrupt
from ._net import MemberNet, brings_schedule
from ._resources import seeded, torch_threads
from ._scoring import estimate_noise_matrix, score_training_rows

NOT_FINITE = (
    "The held-out loss was not finite after some epochs, which were passed over: training "
    "diverged. Lower learning_rate_init."
)
NOT_WATCHED = (
    "A callback watches what no epoch records: {error} The history has {found}; 'valid_loss' is "
    "the mean loss of held-out rows. Set its monitor to one of these."
)
INTERRUPTED = (
    "Training was interrupted after {n} epochs: the best weights of these are kept, and the fit "
    "goes on with what follows. A second Ctrl-C ends it."
)
GOES_ON = "Interrupted: the same call goes on from the checkpoint in {path}."


@dataclass(frozen=True)
class TrainingSettings:
    """How to train; names as in `MutualInfoClassifier`."""

    learning_rate_init: float
    alpha: float
    batch_size: int
    max_iter: int
    n_iter_no_change: int
    tol: float
    optimizer: type = torch.optim.AdamW
    optimizer_params: dict = field(default_factory=dict)
    callbacks: list = field(default_factory=list)
    verbose: int = 0
    augment: object = None  # of a batch of images and a generator
    bounds: object = None  # of what an adversary may make of a batch
    batches: object = MemberBatches  # what makes those of an epoch


@dataclass
class Training:
    """What `train` takes, on how many threads, and callbacks of ours that look on."""

    module: nn.Module
    losses: list
    data: object
    settings: list
    seed: int
    n_threads: int
    checkpoint: object = None
    watchers: list = field(default_factory=list)

    def run(self):
        """Train these members alone; gives what `train` does."""
        what = self.module, self.losses, self.data, self.settings, self.seed
        with torch_threads(self.n_threads):
            return train(*what, self.checkpoint, self.watchers)


class MemberSum(nn.Module):
    """skorch criterion: the sum over the members of their losses."""

    def __init__(self, loss):
        super().__init__()
        self.loss = loss

    def forward(self, scores, target):
        return self.loss(scores, *target).sum()


def train(module, losses, data, settings, seed, checkpoint=None, watchers=()):
    """Train the members on each of `losses` in turn, the later from where the former ended.

    Parameters
    ----------
    module : nn.Module
        Takes (M, B, d) to (M, B, K); every tensor of its state has a leading member axis.
    losses : list of Loss
        The last one is what is fitted, those before it are its warm start.
    data : MemberData
    settings : list of TrainingSettings
        One for each loss.
    seed : int
    checkpoint : Checkpoint, default=None
        Where to begin, and where to keep how things stand.
    watchers : list of (str, Callback)
        They see the end of an epoch after all others.

    Returns
    -------
    net : NeuralNet
        The net of the last loss, its module holding each member's best weights.
    stopping : CrossFittedStopping
        With the held-out scores of the last loss.
    n_iter : int
        Epochs in all.
    """
    stopping, start = None, copy.deepcopy(module.state_dict())
    first, n_iter = checkpoint.start(losses) if checkpoint else (0, 0)
    with seeded(seed, data.X.device) as generator, noted_interrupt() as interrupt:
        for number in range(first, len(losses)):
            loss, stage = losses[number], settings[number]
            if loss.needs_noise_matrix and number > first:
                before = losses[number - 1], stopping.scores_
                loss.set_noise_matrix(estimate_noise_matrix(module, *before, data))
                if not interrupt.noted:
                    module.load_state_dict(start)
            stopping = CrossFittedStopping(stage.n_iter_no_change, stage.tol)
            saving = checkpoint and Saving(checkpoint, generator, number, n_iter)
            seeing = [*watchers, *([("saving", saving)] if saving else [])]
            net = make_net(
                module, loss, stage, stopping, generator, data.X.device, seeing, interrupt
            )
            _fit(net, data, stopping, interrupt, saving)
            net.iterator_train__adversary = None  # else a stored net would carry its bounds
            net.optimizer_.state.clear()  # and two numbers for each weight
            if not np.isfinite(stopping.curve_).all():
                warn(NOT_FINITE, ConvergenceWarning)
            module.load_state_dict(stopping.best_)
            stopping.forget()
            n_iter += len(net.history)
    if interrupt.noted:
        warn(INTERRUPTED.format(n=n_iter), ConvergenceWarning)
    if loss.fits_class_model:
        each = score_training_rows(module, data)
        loss.fit_class_model([(scores, *data.target(rows)) for scores, rows in each])
    return net, stopping, n_iter


def _fit(net, data, stopping, interrupt, saving):
    """`net.fit(data)` or what of it is left, except that no interrupt is swallowed unsaid.

    A skorch callback ends training by raising a KeyboardInterrupt itself at the end of an epoch.
    """
    if interrupt.noted:
        _leave(saving)
    net.initialize()
    net.notify("on_train_begin", X=data, y=None)
    ended = bool(saving and saving.begin(net)) or stopping.stopped_ or interrupt.noted
    try:
        net.fit_loop(data, epochs=0 if ended else net.max_epochs - len(net.history))
    except Interrupted:
        _leave(saving)
        net.history.pop()  # the epoch that was begun
    except KeyboardInterrupt as stop:
        if traceback.extract_tb(stop.__traceback__)[-1].name != "on_epoch_end":
            raise
    except (KeyError, SkorchException) as error:
        if "not found in history" not in str(error):
            raise
        raise ValueError(
            NOT_WATCHED.format(error=str(error).strip("'\""), found=_watched(net))
        ) from error
    if saving:
        saving.end(net)
    net.notify("on_train_end", X=data, y=None)


def _leave(saving):
    """Raise what the user asked for, where a file knows how to go on."""
    if saving:
        path = saving.checkpoint.path
        text = [GOES_ON.format(path=path)] if path.exists() else []  # for it may be too early
        raise KeyboardInterrupt(*text)


def _watched(net):
    return ", ".join(name for name in net.history[-1] if name != "batches")


def make_net(module, loss, settings, stopping, generator, device, watchers=(), interrupt=None):
    """A skorch net around the members."""
    bounds = settings.bounds
    adversary = None if bounds is None else Adversary(module, loss, bounds)
    return MemberNet(
        module,
        MemberSum(loss),
        optimizer=settings.optimizer,
        lr=settings.learning_rate_init,
        max_epochs=settings.max_iter,
        batch_size=settings.batch_size,
        iterator_train=settings.batches,
        iterator_train__generator=generator,
        iterator_train__augment=settings.augment,
        iterator_train__adversary=adversary,
        train_split=None,
        callbacks=[
            *_schedule(loss, settings),
            ("stopping", stopping),
            *settings.callbacks,
            *watchers,
            ("end", EndOfTraining(stopping, interrupt)),
        ],
        callbacks__print_log=PrintLog() if settings.verbose else None,
        verbose=settings.verbose,
        device=device,
        **{f"optimizer__{name}": value for name, value in optimizer_options(settings).items()},
    )


def _schedule(loss, settings):
    """How the learning rate goes, unless the user brings a schedule."""
    if brings_schedule(settings.callbacks):
        return []
    schedule = OwnSchedule(CosineAnnealingLR, T_max=settings.max_iter)
    return [("schedule", schedule), *([("warm_up", WarmUp())] if loss.warms_up else [])]


def optimizer_options(settings):
    """What the user asks for; weight decay and the fused implementation, where there are such."""
    accepted = inspect.signature(settings.optimizer).parameters
    asked = {**getattr(settings.optimizer, "keywords", {}), **settings.optimizer_params}
    usual = {"weight_decay": settings.alpha, "fused": True}
    if asked.keys() & {"foreach", "differentiable"}:
        del usual["fused"]  # torch refuses both
    options = {k: v for k, v in usual.items() if k in accepted} | settings.optimizer_params
    _check_options(settings, {k: v for k, v in options.items() if k != "param_groups"})
    return options


def _check_options(settings, options):
    try:
        settings.optimizer(
            [nn.Parameter(torch.zeros(1))], lr=settings.learning_rate_init, **options
        )
    except Exception as error:
        name = getattr(settings.optimizer, "__name__", repr(settings.optimizer))
        accepted = list(inspect.signature(settings.optimizer).parameters)[1:]
        raise ValueError(
            f"optimizer={name} cannot be made with optimizer_params={settings.optimizer_params!r} "
            f"and the learning rate {settings.learning_rate_init:g}: {error}. It takes "
            f"{', '.join(accepted)}."
        ) from error
