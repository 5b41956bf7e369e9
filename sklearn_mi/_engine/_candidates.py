"""Candidates of a search that are trained together, each as it would be alone."""

import copy
import math
from itertools import groupby

import joblib
import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning

from ..exceptions import warn
from ..losses import CrossEntropyLoss, GeneralizedCrossEntropyLoss, ProbabilityCorrectedSoftmaxLoss
from ..losses._stored import stored_loss
from ..modules import StackedMLP
from ..modules._candidates import stack_candidates
from ._batches import MemberBatches
from ._callbacks import CrossFittedStopping
from ._grouped_optimizer import GroupedOptimizer
from ._net import trained_net
from ._resources import random_state, seeded, set_random_state, torch_threads
from ._scoring import score_by_candidates
from ._training import NOT_FINITE, MemberSum, optimizer_options

# Losses of a row of numbers for each member, without a memory, and in one stage.
LOSSES = CrossEntropyLoss, ProbabilityCorrectedSoftmaxLoss, GeneralizedCrossEntropyLoss
# Optimisers that take each number by itself, so that groups of parameters go their own ways.
OPTIMIZERS = {
    torch.optim.Adagrad,
    torch.optim.Adam,
    torch.optim.Adamax,
    torch.optim.AdamW,
    torch.optim.NAdam,
    torch.optim.RAdam,
    torch.optim.RMSprop,
    torch.optim.SGD,
}
# Of a stack, whose activations take memory; and multiply-adds of its step, beyond which networks
# keep a processor busy alone, and fill its cache.
MOST_MEMBERS, MOST_WORK = 80, 100_000_000
FIRST_EPOCHS = 2  # of all candidates, where only some go on


def stack_key(training, description):
    """What candidates of one stack have in common, as a text; None for one that trains alone.

    They may differ in learning rate, weight decay, dropout, loss, patience and tolerance. All else
    sets how many numbers are drawn at random, and for what, or the shape of a product.
    """
    settings, losses, data = training.settings[-1], training.losses, training.data
    other = settings.callbacks, settings.verbose, settings.augment, settings.bounds
    alone = (
        type(training.module) is not StackedMLP
        or len(losses) > 1
        or type(losses[0]) not in LOSSES
        or settings.optimizer not in OPTIMIZERS
        or "param_groups" in settings.optimizer_params
        or any(other)
    )
    if alone:
        return None
    network = {**description, "params": {**description["params"], "dropout": None}}
    steps = settings.batch_size, settings.max_iter, settings.optimizer, settings.optimizer_params
    machine = training.seed, training.n_threads, str(data.X.device)
    return joblib.hash([network, rows_key(data), *_arrays([data.weight]), *steps, *machine])


def most_together(training):
    """How many candidates a stack is to have; 1 where they are as fast alone."""
    n_parameters = sum(parameter.numel() for parameter in training.module.parameters())
    work = n_parameters * training.settings[-1].batch_size
    most = min(MOST_MEMBERS // len(training.data.train_rows), MOST_WORK // work)
    return max(1, int(most))


def rows_key(data):
    """Who trains on which rows and how each sees them, as a text."""
    rows = data.train_rows, data.padding, data.held_rows, data.part_member, data.entry_part
    return joblib.hash([tuple(data.X.shape), *_arrays([*rows, *data.encoding.buffers()])])


def _arrays(tensors):
    return [None if tensor is None else tensor.cpu().numpy() for tensor in tensors]


class Candidate:
    """The networks of one candidate, their averages, and the best of these."""

    def __init__(self, training, data):
        self.module, self.average = training.module, copy.deepcopy(training.module)
        self.loss, self.settings = training.losses[0], training.settings[0]
        self.kind = joblib.hash([type(self.loss), stored_loss(self.loss)])
        given = self.settings.optimizer_params
        decay = given.get("weight_decay", self.settings.alpha)
        self.rates = self.settings.learning_rate_init, decay
        self.stopping = CrossFittedStopping(self.settings.n_iter_no_change, self.settings.tol)
        self.stopping.begin(data, self.average, self.loss)
        self.history = []

    def end_epoch(self, train_loss, scores):
        """Take the mean loss of an epoch, and the scores (N, K) of held-out entries after it."""
        self.stopping.consider(scores)
        curve = self.stopping.curve_
        figures = {"valid_loss": curve[-1], "valid_loss_best": curve[-1] == min(curve)}
        epoch = {"batches": [], "epoch": len(curve), "train_loss": float(train_loss)}
        self.history.append(epoch | figures)

    def log_likelihood(self, data):
        """Mean over held-out entries at the epoch kept for each."""
        log_proba = self.loss.eval().log_proba(self.stopping.scores_)
        return float(log_proba.gather(-1, data.y[data.entry_row, None]).double().mean())

    def trained(self):
        """The net, the stopping and the number of epochs, as if it had been trained alone."""
        if not np.isfinite(self.stopping.curve_).all():
            warn(NOT_FINITE, ConvergenceWarning)
        own = zip(self.module.parameters(), self.stopping.best_.values(), strict=True)
        for parameter, best in own:  # no longer a view of the stack
            parameter.data, parameter.grad = best, None
        self.stopping.forget()
        net = trained_net(self.module, self.history, [])
        vars(net)["criterion_"] = MemberSum(self.loss)
        return net, self.stopping, len(self.history)


class CandidateStack:
    """Candidates on the same batches, of which each leaves when it has stopped.

    Parameters
    ----------
    trainings : list of C Training
        With the same `stack_key`. Their rows are taken from the first.

    Attributes
    ----------
    candidates, running : lists of Candidate
        All in the order of `trainings`, and those that train.
    """

    def __init__(self, trainings):
        first, settings = trainings[0], trainings[0].settings[0]
        self.data, self.n_threads, self.n_steps = first.data, first.n_threads, 0
        self.n_left = settings.max_iter
        device = self.data.X.device
        with seeded(first.seed, device) as generator:
            self.candidates = [Candidate(training, self.data) for training in trainings]
            self.random_state = random_state(device)
        self.batches = MemberBatches(self.data, settings.batch_size, generator)
        self.running = sorted(self.candidates, key=lambda each: (each.kind, each.rates))
        self._join()
        options = optimizer_options(settings)
        self.optimizer = GroupedOptimizer(
            settings.optimizer, self.parameters, self._runs(), len(self.data.train_rows), options
        )
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
            self.optimizer.optimizer, T_max=settings.max_iter
        )

    def _runs(self):
        """Rates that candidates side by side have in common, and how many members these have."""
        n_members = len(self.data.train_rows)
        runs = groupby(self.running, key=lambda each: (each.kind, each.rates))
        return [(key[1], n_members * len(list(own))) for key, own in runs]

    def _join(self):
        """One network of all that still run, and one of their averages."""
        self.module, self.average = (
            stack_candidates([getattr(candidate, name) for candidate in self.running])
            for name in ("module", "average")
        )
        self.parameters = list(self.module.parameters())
        self.weights = [parameter.detach() for parameter in self.parameters]
        self.averages = [parameter.detach() for parameter in self.average.parameters()]
        for candidate in self.running:
            candidate.stopping.watch(candidate.average)
        n_members = len(self.data.train_rows)
        kinds = groupby(self.running, key=lambda candidate: candidate.kind)
        self.losses = [(own[0].loss, len(own) * n_members) for own in (list(g) for _, g in kinds)]

    def advance(self, n_epochs=math.inf):
        """Train on for so many epochs, or to the end, by random numbers of its own."""
        device, n_epochs = self.data.X.device, min(n_epochs, self.n_left)
        with seeded(0, device), torch_threads(self.n_threads):
            set_random_state(self.random_state, device)
            while n_epochs and self.running:
                self._score(self._train_epoch())
                n_epochs, self.n_left = n_epochs - 1, self.n_left - 1
            self.random_state = random_state(device)

    def leave(self, candidates):
        """Let some of those that run train no further."""
        stay = [candidate not in candidates for candidate in self.running]
        self.running = [each for each, stays in zip(self.running, stay, strict=True) if stays]
        if self.running and not all(stay):
            self._join()
            self.optimizer.keep(np.repeat(stay, len(self.data.train_rows)), self.parameters)

    def _train_epoch(self):
        """One epoch of all, by batches that all of them see; gives their losses, (C * M,)."""
        self.module.train()
        total = 0
        for X, target in self.batches:
            values = self._values(self.module(X), target)
            values.sum().backward()
            self._step()
            total = total + values.detach().double()
        self.schedule.step()
        return total / self.batches.n_batches

    def _values(self, scores, target):
        """Losses of all members, (C * M,)."""
        parts, n_members = scores.split([n for _, n in self.losses]), len(target[0])
        repeated = ([of.repeat(len(part) // n_members, 1) for of in target] for part in parts)
        each = zip(self.losses, parts, repeated, strict=True)
        return torch.cat([loss.train()(part, *own) for (loss, _), part, own in each])

    def _step(self):
        self.optimizer.step()
        torch._foreach_lerp_(self.averages, self.weights, 9 / (9 + self.n_steps))
        self.n_steps += 1

    def _score(self, losses):
        """Score the held-out rows of all, and let go of those that have stopped."""
        scores = score_by_candidates(self.average, self.data)
        losses = losses.view(len(self.running), -1).mean(1)
        for candidate, loss, own in zip(self.running, losses, scores, strict=True):
            candidate.end_epoch(loss, own)
        if stopped := [each for each in self.running if each.stopping.stopped_]:
            self.leave(stopped)


def halve(stacks, factor):
    """Train candidates of several stacks, at first all, then only the best of them.

    After 2 epochs one in `factor` goes on, for `factor` times as many epochs in all, and so forth,
    until so few are left. They are compared by the log likelihood of rows that their networks hold
    out, at the best epoch so far.
    """
    alive, n_done, n_epochs = [(s, each) for s in stacks for each in s.candidates], 0, FIRST_EPOCHS
    while len(alive) > factor and any(stack.running for stack in stacks):
        for stack in stacks:
            stack.advance(n_epochs - n_done)
        alive.sort(key=lambda pair: -pair[1].log_likelihood(pair[0].data))
        alive, out = np.split(np.array(alive, object), [-(-len(alive) // factor)])
        alive = [*map(tuple, alive)]
        for stack in stacks:
            stack.leave([each for own, each in out if own is stack and each in stack.running])
        n_done, n_epochs = n_epochs, n_epochs * factor
    for stack in stacks:
        stack.advance()
