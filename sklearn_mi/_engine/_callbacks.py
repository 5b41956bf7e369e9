"""What follows a training of the members: its rate at first, what is kept of it, and its end."""

import copy
import math

import numpy as np
import torch
from skorch.callbacks import Callback, LRScheduler

from ._interrupts import Interrupted
from ._scoring import score_held_out
from ._told_progress import SeldomTold

NO_SCORES = (
    "The scores of the module are not finite before any training, for {n_bad} of {n} held-out "
    "rows. Return finite numbers from its forward, one for each class, such as the output of a "
    "linear layer."
)

TO_GO_ON = (
    "best_",
    "curve_",
    "lowest_",
    "n_steps_",
    "reference_",
    "scores_",
    "stopped_",
    "waited_",
)


class CrossFittedStopping(Callback):
    """Keep of each member its best averaged weights, chosen on rows that it does not score.

    What is scored after every epoch is not the last weights but their running average over about
    the last tenth of all steps, which does in any epoch what a falling learning rate does in the
    last ones [1]_. The epoch kept for a part of the held-out rows is the one at which the loss
    over the rows *outside* it is lowest, so that its own rows have no say in when its member
    stopped. A part whose criterion has not improved by `tol` for `patience` epochs is closed;
    training ends when all are.

    Attributes
    ----------
    scores_ : Tensor of shape (N, K)
        Of every held-out entry, the scores at the epoch kept for its part.
    curve_ : list of float
        The mean criterion of the parts after each epoch.
    stopped_ : bool
        Whether all parts were closed before the last epoch.

    References
    ----------
    .. [1] B. T. Polyak and A. B. Juditsky, "Acceleration of stochastic approximation by
       averaging", SIAM Journal on Control and Optimization, 1992.
    """

    def __init__(self, patience, tol):
        self.patience = patience
        self.tol = tol

    def on_train_begin(self, net, X=None, **kwargs):
        self.average_, self.n_steps_ = copy.deepcopy(net.module_), 0
        # Listed once: walking through a module costs as much as averaging its weights.
        self.weights_ = [p.detach() for p in net.module_.parameters()]
        self.averages_ = [p.detach() for p in self.average_.parameters()]
        self.begin(X, self.average_, net.criterion_.loss)

    def begin(self, X, average, loss):
        """Look at what networks say of held-out rows before they train; `average` will change."""
        n_parts = len(X.part_member)
        self.data_, self.loss_ = X, loss
        self.best_ = {name: value.clone() for name, value in average.state_dict().items()}
        self.watch(average)
        self.scores_ = score_held_out(average, X)
        known = _known_entries(X, self.scores_.shape[1])
        outside = [rows[known[rows]] if known[rows].any() else rows for rows in X.outside]
        self.outside_ = [(rows, X.target(X.entry_row[rows])) for rows in outside]
        if n_bad := int((~self.scores_.isfinite()).any(-1).sum()):
            raise ValueError(NO_SCORES.format(n_bad=n_bad, n=len(self.scores_)))
        # The start counts as an epoch: it may be all that there is to know.
        self.lowest_ = self._criteria()
        self.reference_ = self.lowest_.clone()
        self.waited_ = torch.zeros(n_parts, dtype=torch.long, device=X.X.device)
        self.curve_, self.stopped_ = [], False

    def watch(self, average):
        """Keep from now on what stands in the tensors of this module."""
        self.state_ = list(average.state_dict().values())

    def state_dict(self):
        """What it would need to go on, see `load_state_dict`."""
        kept = {name: getattr(self, name) for name in TO_GO_ON}
        return {**kept, "average_": self.average_.state_dict()}

    def load_state_dict(self, state):
        """Go on, after `on_train_begin`, where another has told its `state_dict`."""
        self.average_.load_state_dict(state["average_"])
        vars(self).update({name: state[name] for name in TO_GO_ON})

    def on_batch_end(self, net, **kwargs):
        share = 9 / (9 + self.n_steps_)
        self.n_steps_ += 1
        torch._foreach_lerp_(self.averages_, self.weights_, share)

    def on_epoch_end(self, net, **kwargs):
        for mean, value in zip(self.average_.buffers(), net.module_.buffers(), strict=True):
            mean.copy_(value)
        self.consider(score_held_out(self.average_, self.data_))
        net.history.record("valid_loss", self.curve_[-1])
        net.history.record("valid_loss_best", self.curve_[-1] == min(self.curve_))

    def forget(self):
        """Let go of the table and the weights, so that a stored net does not carry them."""
        for name in ["data", "loss", "outside", "average", "averages", "weights", "state", "best"]:
            vars(self).pop(f"{name}_", None)

    def consider(self, scores):
        """Keep the weights of an epoch where its scores (N, K) of held-out entries are the best."""
        open_, before = self.waited_ < self.patience, self.scores_
        self.scores_ = scores
        criteria = self._criteria()
        better = open_ & (criteria < self.lowest_)
        self.scores_ = torch.where(better[self.data_.entry_part, None], self.scores_, before)
        self.lowest_ = torch.where(better, criteria, self.lowest_)
        if better.any():
            self._keep_weights(torch.unique(self.data_.part_member[better]))
        progress = open_ & (criteria < self.reference_ - self.tol)
        self.reference_ = torch.where(progress, criteria, self.reference_)
        self.waited_ = torch.where(progress, 0, self.waited_ + 1)
        self.curve_.append(criteria.mean().item())
        self.stopped_ = bool((self.waited_ >= self.patience).all())

    @torch.no_grad()
    def _criteria(self):
        """Loss over the entries outside each part, (P,)."""
        loss, member = self.loss_.eval(), self.data_.part_member.tolist()
        # A matrix that knows no label of the part, as no other does that is held out.
        differ = loss.needs_noise_matrix or loss.differs_by_member
        own = [loss.of_member(m) if differ else loss for m in member]
        outside = zip(own, self.outside_, strict=True)
        return torch.stack([of(self.scores_[i], *target) for of, (i, target) in outside])

    def _keep_weights(self, members):
        if len(self.data_.n_train) == 1:  # whose tensors need no axis of members
            members = ...
        for best, value in zip(self.best_.values(), self.state_, strict=True):
            best[members] = value[members]


def _known_entries(data, n_classes):
    """Which held-out entries have a class that their member trains on, bool (N,).

    The others cost the more the longer it trains, and would end it where it begins to learn.
    """
    seen = torch.zeros(len(data.train_rows), n_classes, dtype=torch.bool, device=data.y.device)
    seen.scatter_(1, data.y[data.train_rows], True)
    return seen[data.part_member[data.entry_part], data.y[data.entry_row]]


class EndOfTraining(Callback):
    """End the training that `stopping` calls stopped, after all callbacks have seen the epoch.

    Or, after any batch, one of which the user has had enough. The log hears of one that goes on.
    """

    def __init__(self, stopping, interrupt=None):
        self.stopping, self.interrupt, self.log = stopping, interrupt, SeldomTold()

    def on_batch_end(self, net, **kwargs):
        if self.interrupt is not None and self.interrupt.noted:
            raise Interrupted

    def on_epoch_end(self, net, **kwargs):
        if self.stopping.stopped_:
            raise KeyboardInterrupt  # how a skorch callback ends training
        self.log.tell("networks: epoch %d of at most %d", len(net.history), net.max_epochs)


class Saving(Callback):
    """Keep how things stand after an epoch, for a process may be killed.

    Parameters
    ----------
    checkpoint : Checkpoint
    generator : torch.Generator
    stage : int
        The number of the loss.
    n_iter : int
        Epochs before it.
    """

    def __init__(self, checkpoint, generator, stage, n_iter):
        self.checkpoint, self.generator = checkpoint, generator
        self.place = {"stage": stage, "n_iter": n_iter}

    def begin(self, net):
        """Go to where another process was; gives whether the training of this loss was over."""
        return self.checkpoint.begin(net, self.generator)

    def on_epoch_end(self, net, **kwargs):
        self.checkpoint.save(net, self.generator, ended=False, **self.place)

    def end(self, net):
        """Keep the end, so that what follows may be killed as well."""
        self.checkpoint.save(net, self.generator, ended=True, **self.place)
        self.checkpoint = self.generator = None


class EpochTasks(Callback):
    """Tell others of every epoch; they end the training by what they answer.

    Parameters
    ----------
    begin : callable
        Gives what stands for an epoch.
    end : callable
        Takes that and the net; whether to stop.
    """

    def __init__(self, begin, end):
        self.begin, self.end = begin, end

    def on_epoch_begin(self, net, **kwargs):
        self.epoch_ = self.begin()

    def on_epoch_end(self, net, **kwargs):
        if self.end(self.epoch_, net):
            raise KeyboardInterrupt


class OwnSchedule(LRScheduler):
    """A schedule that stands back as soon as anybody else sets the learning rate.

    Be it another callback, or an optimiser that changes its rate or has a scheduler of its own.
    """

    def on_train_begin(self, net, **kwargs):
        if not any("initial_lr" in group for group in net.optimizer_.param_groups):
            super().on_train_begin(net, **kwargs)
        self.rates_ = _rates(net)

    def on_epoch_end(self, net, **kwargs):
        if self.lr_scheduler_ is None or not np.allclose(self.rates_, _rates(net), atol=0):
            self.lr_scheduler_ = None
            return
        super().on_epoch_end(net, **kwargs)
        self.rates_ = _rates(net)

    def on_train_end(self, net, **kwargs):
        self.lr_scheduler_ = None  # which holds the optimiser


def _rates(net):
    return [float(group["lr"]) for group in net.optimizer_.param_groups]


class WarmUp(Callback):
    """Let the learning rate climb to its value over the batches of the first epoch.

    For losses whose first gradients are as large as they are alike for all rows: at full rate these
    carry units so far that some never answer again. It stands back as `OwnSchedule` does.
    """

    def on_train_begin(self, net, X=None, **kwargs):
        self.n_batches_, self.n_begun_ = math.ceil(len(X) / net.batch_size), 0
        self.rates_ = _rates(net)

    def on_batch_begin(self, net, training=False, **kwargs):
        if not training or self.n_begun_ == self.n_batches_:
            return
        if not np.allclose(self.rates_, _rates(net), atol=0):
            self.n_begun_ = self.n_batches_
            return
        self.n_begun_ += 1
        for group in net.optimizer_.param_groups:
            group["lr"] = net.lr * self.n_begun_ / self.n_batches_
        self.rates_ = _rates(net)
