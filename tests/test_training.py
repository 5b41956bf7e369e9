"""Training: a stack learns what its members would learn alone, and stops for them honestly."""

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning
from skorch.callbacks import Callback, EarlyStopping
from torch import nn

from sklearn_mi._members import Members
from sklearn_mi._training import (
    CrossFittedStopping,
    MemberData,
    TrainingSettings,
    make_net,
    score_held_out,
    train,
)
from sklearn_mi.losses import LOSSES
from sklearn_mi.modules import ModuleStack, StackedMLP

CPU = torch.device("cpu")
every_loss = pytest.mark.parametrize("name", LOSSES)


def apart(n_members, n_train, n_held):
    """Members on rows of their own; training rows come first, held-out ones last."""
    train = np.arange(n_members * n_train).reshape(n_members, n_train)
    held = n_members * n_train + np.arange(n_members * n_held).reshape(n_members, n_held)
    return Members(list(train), list(held), np.arange(n_members))


def make_data(members, *, informative=True, n_features=4, dtype=torch.float32, weighted=False):
    """Three classes that three of the columns speak of, with noise."""
    n = 1 + max(rows.max() for rows in [*members.train_rows, *members.part_rows])
    X, y = torch.randn(n, n_features, dtype=dtype), torch.arange(n) % 3
    if informative:
        X[:, :3] += nn.functional.one_hot(y, 3)
    weight = 0.5 + torch.rand(n, dtype=dtype) if weighted else None
    return MemberData(X, y, weight, members)


def make_settings(**changes):
    usual = dict(learning_rate_init=0.01, alpha=0.01, batch_size=16, max_iter=8)
    return TrainingSettings(**{**usual, "n_iter_no_change": 50, "tol": 0.0, **changes})


def make_loss(name):
    return LOSSES[name]().set_class_prior([1 / 3, 1 / 3, 1 / 3])


def make_mlp(n_members, n_features=4, **changes):
    return StackedMLP(n_members, n_features, 3, **{"hidden_layer_sizes": (8,), **changes})


def norm_network(n_features, n_classes):
    return nn.Sequential(nn.Linear(n_features, 8), nn.BatchNorm1d(8), nn.Linear(8, n_classes))


def state_of(module):
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def assert_same_state(first, second, member=slice(None)):
    for name, value in first.items():
        torch.testing.assert_close(value[member], second[name][member], msg=name)


# A batched fit equals a looped one


def last_and_average_state(module, loss, data, options):
    """After the last epoch, whichever was best: the members compared share no held-out rows."""
    stopping = CrossFittedStopping(options.n_iter_no_change, options.tol)
    net = make_net(module, loss, options, stopping, torch.Generator(), CPU).fit(data)
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
    module, single, loss = module.double(), single.double(), make_loss(name).double()
    # All rows in one batch, so that the order in which they are drawn does not matter.
    options = make_settings(batch_size=24, optimizer=optimizer)
    start = state_of(module)
    *states, curve = last_and_average_state(module, loss, data, options)
    curves = []
    for m in range(3):
        single.load_state_dict({name: value[m : m + 1] for name, value in start.items()})
        two_halves = [members.part_rows[m][:3], members.part_rows[m][3:]]
        own = Members([members.train_rows[m]], two_halves, np.zeros(2, int))
        rows = MemberData(data.X, data.y, data.weight, own)
        *alone, own_curve = last_and_average_state(single, loss, rows, options)
        curves.append(own_curve)
        for together, apart_ in zip(states, alone, strict=True):
            assert_same_state({k: v[m : m + 1] for k, v in together.items()}, apart_)
    np.testing.assert_allclose(curve, np.sum(curves, axis=0))
    assert any(not torch.equal(start[name], states[0][name]) for name in start)


# Stopping


def fit(name="ce", members=None, data=None, module=None, **changes):
    members = members or apart(3, n_train=40, n_held=15)
    data = data or make_data(members)
    module = module or make_mlp(members.n_members)
    net, stopping, n_iter = train(module, [make_loss(name)], data, [make_settings(**changes)], 0)
    return net, stopping, n_iter, data


@every_loss
def test_labels_of_a_part_have_no_say_in_what_is_kept_for_it(name):
    members = apart(3, n_train=40, n_held=15)
    data, module = make_data(members), make_mlp(3)

    def kept(flipped=None):
        y = data.y.clone()
        if flipped is not None:
            rows = members.part_rows[flipped]
            y[rows] = (y[rows] + 1) % 3
        flipped_data = MemberData(data.X, y, None, members)
        options = dict(max_iter=40, n_iter_no_change=10, learning_rate_init=0.02)
        fitted = fit(name, members, flipped_data, copy.deepcopy(module), **options)
        return state_of(fitted[0].module_), fitted[1].scores_

    weights, scores = kept()
    has_a_say = False
    for part in range(3):
        other_weights, other_scores = kept(flipped=part)
        assert_same_state(weights, other_weights, member=part)
        own = members.entry_part == part
        assert torch.equal(scores[own], other_scores[own])
        has_a_say |= not torch.equal(scores[~own], other_scores[~own])
    assert has_a_say  # in what is kept for the other parts


def test_labels_of_one_half_have_no_say_in_its_scores():
    members = Members([np.arange(60)], [np.arange(60, 80), np.arange(80, 100)], np.zeros(2, int))
    data, module = make_data(members), make_mlp(1)
    y = torch.where(torch.arange(100) < 80, data.y, (data.y + 1) % 3)
    options = dict(max_iter=40, n_iter_no_change=10)
    before = fit("ce", members, data, copy.deepcopy(module), **options)[1].scores_
    flipped = MemberData(data.X, y, None, members)
    after = fit("ce", members, flipped, copy.deepcopy(module), **options)[1].scores_
    assert torch.equal(before[20:], after[20:])
    assert not torch.equal(before[:20], after[:20])


class ScoresOfEpochs(Callback):
    """Keeps the scores of all held-out entries, from before the first epoch to after the last."""

    def on_train_begin(self, net, X=None, **kwargs):
        self.scores_ = []

    def on_epoch_begin(self, net, dataset_train=None, **kwargs):
        stopping = dict(net.callbacks_)["stopping"]
        self.scores_.append(score_held_out(stopping.average_, dataset_train))

    def on_train_end(self, net, X=None, **kwargs):
        self.on_epoch_begin(net, dataset_train=X)


def kept_epochs(criteria, patience, tol):
    """The epoch kept for each part, from the criteria (epochs, P) that start with epoch 0."""
    kept = []
    for part in np.transpose(criteria):
        best = reference = waited = 0
        for epoch in range(1, len(part)):
            best = epoch if part[epoch] < part[best] else best
            waited = 0 if part[epoch] < part[reference] - tol else waited + 1
            reference = epoch if waited == 0 else reference
            if waited == patience:
                break
        kept.append(best)
    return kept


class ScriptedStopping(CrossFittedStopping):
    """With criteria that are given instead of computed."""

    def __init__(self, criteria, patience, tol):
        super().__init__(patience, tol)
        self.script = iter(torch.tensor(criteria, dtype=torch.float32))

    def _criteria(self, net):
        return next(self.script)


@given(st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=9, max_size=9))
@settings(max_examples=25, deadline=None)
def test_a_part_is_closed_after_its_patience(criteria):
    """What comes later is not for it, even while the other parts are still open."""
    stopping = ScriptedStopping(criteria, patience=2, tol=0.5)
    options = make_settings(callbacks=[ScoresOfEpochs()])
    net = make_net(make_mlp(3), make_loss("ce"), options, stopping, torch.Generator(), CPU)
    net.fit(make_data(apart(3, 20, 2)))
    scores = dict(net.callbacks_)["ScoresOfEpochs"].scores_
    for part, epoch in enumerate(kept_epochs(criteria, patience=2, tol=0.5)):
        own = slice(2 * part, 2 * part + 2)
        assert torch.equal(stopping.scores_[own], scores[epoch][own])


@pytest.mark.parametrize("tol", [0.0, 0.02])
def test_the_best_epoch_by_the_rows_outside_is_kept(tol):
    members, options = apart(3, 40, 15), dict(max_iter=80, n_iter_no_change=6, tol=tol)
    net, stopping, _, data = fit(
        members=members, learning_rate_init=0.03, callbacks=[ScoresOfEpochs()], **options
    )
    scores = dict(net.callbacks_)["ScoresOfEpochs"].scores_
    assert torch.equal(scores[0], torch.zeros(45, 3))
    outside, loss = [members.outside(part) for part in range(3)], make_loss("ce")
    labels = data.y[data.entry_row]
    criteria = [[loss(s[rows], labels[rows]).item() for rows in outside] for s in scores]
    np.testing.assert_allclose(stopping.curve_, np.mean(criteria, axis=1)[1:], rtol=1e-5)
    epochs = kept_epochs(criteria, options["n_iter_no_change"], tol)
    assert 0 < min(epochs) <= max(epochs) < len(scores) - 1
    for part, epoch in enumerate(epochs):
        own = members.entry_part == part
        assert torch.equal(stopping.scores_[own], scores[epoch][own])


@pytest.mark.parametrize("build", [make_mlp, lambda m: ModuleStack(norm_network, m, 4, 3)])
def test_the_weights_at_the_end_are_those_of_the_kept_scores(build):
    module = build(3)
    start = state_of(module)
    options = dict(max_iter=60, n_iter_no_change=5, learning_rate_init=0.1)
    net, stopping, n_iter, data = fit(module=module, **options)
    assert stopping.stopped_ and n_iter < 60
    torch.testing.assert_close(score_held_out(net.module_, data), stopping.scores_)
    assert all(not torch.equal(value, start[name]) for name, value in state_of(module).items())


def test_the_average_lags_by_a_tenth_of_the_steps():
    data, module = make_data(apart(2, 10, 5)), make_mlp(2)
    stopping = CrossFittedStopping(5, 0.0)
    net = make_net(module, make_loss("ce"), make_settings(), stopping, torch.Generator(), CPU)
    net.initialize().notify("on_train_begin", X=data)
    for step in range(1, 201):
        for weight in net.module_.parameters():
            nn.init.constant_(weight, step)
        stopping.on_batch_end(net)
        averages = torch.cat([weight.flatten() for weight in stopping.average_.parameters()])
        torch.testing.assert_close(averages, torch.full_like(averages, step - (step - 1) / 10))


def test_stops_when_no_part_improves():
    members = apart(3, n_train=40, n_held=15)
    data = make_data(members, informative=False)
    _, stopping, n_iter, _ = fit("ce", members, data, max_iter=500, n_iter_no_change=3)
    assert stopping.stopped_ and 3 <= n_iter < 100
    assert len(stopping.curve_) == n_iter


def test_a_larger_tolerance_stops_no_later():
    members = apart(3, n_train=40, n_held=15)
    data, module = make_data(members), make_mlp(3)
    n_iter = [
        fit("ce", members, data, copy.deepcopy(module), max_iter=100, n_iter_no_change=5, tol=t)[2]
        for t in (0.0, 0.05, 10.0)
    ]
    assert n_iter[0] >= n_iter[1] > n_iter[2] == 5


def test_the_start_is_kept_where_training_only_harms():
    members = apart(3, n_train=40, n_held=15)
    data, module = make_data(members, informative=False), make_mlp(3)
    start = state_of(module)
    fit("ce", members, data, module, learning_rate_init=100.0)
    assert_same_state(state_of(module), start)


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
    counts = [callback.epochs for _, callback in net.callbacks_ if isinstance(callback, Counter)]
    assert (counter.epochs, counts) == (0, [3])


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
