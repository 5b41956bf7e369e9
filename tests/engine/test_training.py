"""Training: a stack learns what its members would learn alone, and leaves nothing behind."""

import copy
import pickle

import numpy as np
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning
from skorch.callbacks import Callback, EarlyStopping
from small_fits import (
    CPU,
    apart,
    assert_same_state,
    fit,
    make_data,
    make_loss,
    make_mlp,
    make_settings,
    norm_network,
    state_of,
)
from torch import nn

from sklearn_mi._engine import _net
from sklearn_mi._engine._batches import MemberData
from sklearn_mi._engine._callbacks import CrossFittedStopping
from sklearn_mi._engine._members import Members
from sklearn_mi._engine._scoring import score_held_out
from sklearn_mi._engine._training import make_net, train
from sklearn_mi.losses import LOSSES
from sklearn_mi.modules import ModuleStack, StackedMLP

every_loss = pytest.mark.parametrize("name", LOSSES)


# A batched fit equals a looped one


def last_and_average_state(module, name, data, options):
    """After the last epoch, whichever was best: the members compared share no held-out rows."""
    stopping, loss = CrossFittedStopping(options.n_iter_no_change, options.tol), make_loss(name)
    net = make_net(module, loss.double(), options, stopping, torch.Generator(), CPU).fit(data)
    return state_of(net.module_), state_of(stopping.average_), net.history[:, "train_loss"]


@every_loss
@pytest.mark.parametrize("optimizer", [torch.optim.AdamW, torch.optim.SGD])
@pytest.mark.parametrize("build", ["mlp", "stack", "norm"])
def test_a_stack_learns_what_its_members_learn_alone(name, optimizer, build):
    members = apart(3, n_train=24, n_held=6)
    data = make_data(members, dtype=torch.double, weighted=True)
    if build == "mlp":
        module, single = make_mlp(3, dropout=0), make_mlp(1, dropout=0)
        nn.init.normal_(module[-1].weight, std=0.3)
    else:
        kind = nn.Linear if build == "stack" else norm_network
        module, single = ModuleStack(kind, 3, 4, 3), ModuleStack(kind, 1, 4, 3)
    module, single = module.double(), single.double()
    # All rows in one batch, so that the order in which they are drawn does not matter.
    options = make_settings(batch_size=24, optimizer=optimizer, learning_rate_init=1e-3)
    start = state_of(module)
    *states, curve = last_and_average_state(module, name, data, options)
    curves = []
    for m in range(3):
        single.load_state_dict({name: value[m : m + 1] for name, value in start.items()})
        two_halves = [members.part_rows[m][:3], members.part_rows[m][3:]]
        own = Members([members.train_rows[m]], two_halves, np.zeros(2, int))
        rows = MemberData(data.X, data.y, data.weight, own)
        *alone, own_curve = last_and_average_state(single, name, rows, options)
        curves.append(own_curve)
        for together, apart_ in zip(states, alone, strict=True):
            assert_same_state({k: v[m : m + 1] for k, v in together.items()}, apart_)
    np.testing.assert_allclose(curve, np.mean(curves, axis=0))
    assert any(not torch.equal(start[name], states[0][name]) for name in start)


# The course of a fit


class Modes(Callback):
    """Whether networks and loss train, in every batch."""

    seen = ()

    def on_grad_computed(self, net, named_parameters, **kwargs):
        self.seen = [*self.seen, (net.module_.training, net.criterion_.loss.training)]


def test_networks_and_loss_are_in_training_mode_in_every_batch():
    net, *_ = fit("gccs", callbacks=[Modes()], max_iter=3)
    seen = dict(net.callbacks_)["Modes"].seen
    assert len(seen) >= 3 and set(seen) == {(True, True)}
    assert net.criterion_.loss.running is not None


def test_losses_are_the_same_read_after_each_batch_or_all_at_the_end(monkeypatch):
    def history():
        data = make_data(apart(3, n_train=24, n_held=6))
        return train(make_mlp(3), [make_loss("ce")], data, [make_settings(max_iter=3)], 0)[
            0
        ].history

    torch.manual_seed(0)
    at_once = history()
    monkeypatch.setattr(_net, "AT_ONCE", {})
    torch.manual_seed(0)
    at_the_end = history()
    for row in (*at_once, *at_the_end):
        del row["dur"]
    assert at_once == at_the_end
    assert at_once[-1]["batches"][0]["train_loss"] > 0


@every_loss
def test_a_diverging_fit_keeps_finite_scores(name):
    with pytest.warns(ConvergenceWarning, match="Lower learning_rate_init"):
        net, stopping, _, _ = fit(name, learning_rate_init=1e6, optimizer=torch.optim.SGD)
    assert stopping.scores_.isfinite().all()
    assert all(value.isfinite().all() for value in net.module_.state_dict().values())


@every_loss
def test_training_lowers_the_held_out_loss(name):
    module = make_mlp(3)
    nn.init.normal_(module[-1].weight, std=0.1)
    _, stopping, _, data = fit(name, module=module, max_iter=30)
    before = stopping.curve_[0]
    entries = (stopping.scores_, data.y[data.entry_row])
    assert make_loss(name)(*entries) < before


def test_the_second_loss_goes_on_from_the_first():
    members = apart(2, n_train=40, n_held=15)
    data, module = make_data(members), make_mlp(2)
    stages = [make_settings(max_iter=20), make_settings(learning_rate_init=1e-12, alpha=0)]
    losses = [make_loss("ce"), make_loss("dmi")]
    alone = copy.deepcopy(module)
    train(alone, losses[:1], data, stages[:1], 0)
    net, _, n_iter = train(module, losses, data, stages, 0)
    assert n_iter == 20 + 8
    assert isinstance(net.criterion_.loss, LOSSES["dmi"])
    for name, value in alone.state_dict().items():
        torch.testing.assert_close(module.state_dict()[name], value, atol=1e-6, rtol=0)


class Rates(Callback):
    """The learning rate of every step."""

    seen = ()

    def on_batch_end(self, net, training=False, **kwargs):
        self.seen = [*self.seen, net.optimizer_.param_groups[0]["lr"]]


@pytest.mark.parametrize(
    "name, first", [("ce", [0.1, 0.1, 0.1, 0.1]), ("gccs", [0.025, 0.05, 0.075, 0.1])]
)
def test_the_rate_climbs_over_the_first_epoch_for_losses_that_ask_for_it(name, first):
    options = {"batch_size": 10, "learning_rate_init": 0.1, "max_iter": 2}
    net, *_ = fit(name, callbacks=[Rates()], **options)  # four batches of 40 rows
    seen = dict(net.callbacks_)["Rates"].seen
    np.testing.assert_allclose(seen, [*first, 0.05, 0.05, 0.05, 0.05])


# Interrupts


class Interrupt(Callback):
    """Raises KeyboardInterrupt in one of its methods, in the given epoch."""

    def __init__(self, where, epoch):
        setattr(self, where, self.maybe)
        self.epoch = epoch

    def maybe(self, net, **kwargs):
        if len(net.history) == self.epoch:
            raise KeyboardInterrupt


@pytest.mark.parametrize("where", ["on_epoch_begin", "on_batch_begin", "on_batch_end"])
@pytest.mark.parametrize("epoch", [1, 4, 8])  # of eight
def test_the_interrupt_of_the_user_ends_the_fit(where, epoch):
    with pytest.raises(KeyboardInterrupt):
        fit(callbacks=[Interrupt(where, epoch)])


def test_an_interrupt_while_scoring_ends_the_fit():
    class Interrupted(StackedMLP):
        scorings = 0

        def forward(self, x):
            self.scorings += not self.training
            if self.scorings == 3:
                raise KeyboardInterrupt
            return super().forward(x)

    with pytest.raises(KeyboardInterrupt):
        fit(module=Interrupted(3, 4, 3, hidden_layer_sizes=(8,)))


def test_a_callback_may_end_training():
    callbacks = [EarlyStopping("train_loss", patience=2, threshold=10, threshold_mode="abs")]
    net, stopping, n_iter, data = fit(callbacks=callbacks)
    assert n_iter == 3
    torch.testing.assert_close(score_held_out(net.module_, data), stopping.scores_)


def test_callbacks_of_the_user_are_copied():
    class Counter(Callback):
        epochs = 0

        def on_epoch_end(self, net, **kwargs):
            self.epochs += 1

    counter = Counter()
    net, *_ = fit(callbacks=[counter], max_iter=3)
    assert counter.epochs == 3
    assert counter in [callback for _, callback in net.callbacks_]


# What a fit leaves behind


def test_the_same_seed_gives_the_same_fit(torch_left_alone):
    data, module = make_data(apart(3, 40, 15)), make_mlp(3, dropout=0.5)
    copies = [copy.deepcopy(module) for _ in range(3)]
    with torch_left_alone():
        for copied, seed in zip(copies, [0, 0, 1], strict=True):
            train(copied, [make_loss("ce")], data, [make_settings()], seed)
    first, again, other = map(state_of, copies)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_a_stored_net_does_not_carry_the_table():
    def stored_and_table(n_train):
        members = apart(2, n_train=n_train, n_held=20)
        data = make_data(members, n_features=50)
        net = fit("ce", members, data, make_mlp(2, 50), batch_size=n_train)[0]
        return len(pickle.dumps(net)), data.X.nbytes

    (small, small_table), (large, large_table) = stored_and_table(40), stored_and_table(1000)
    assert large - small < 0.01 * (large_table - small_table)


def test_a_stored_net_gives_the_same_scores():
    net, stopping, _, data = fit()
    restored = pickle.loads(pickle.dumps(net))
    torch.testing.assert_close(score_held_out(restored.module_, data), stopping.scores_)


def test_a_stored_net_holds_its_weights_once_and_no_state_of_the_optimizer():
    net = fit(module=StackedMLP(3, 4, 3, hidden_layer_sizes=(256, 256)))[0]
    stored, weights = pickle.dumps(net), 4 * sum(p.numel() for p in net.module_.parameters())
    assert weights < len(stored) < 1.1 * weights
    restored = pickle.loads(stored)
    assert restored.module is restored.module_
