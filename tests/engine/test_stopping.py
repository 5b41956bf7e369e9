"""Stopping: what is kept for a part is the best by the rows outside it, and by nothing else."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from skorch.callbacks import Callback
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

from sklearn_mi._engine._batches import MemberData
from sklearn_mi._engine._callbacks import CrossFittedStopping
from sklearn_mi._engine._members import Members
from sklearn_mi._engine._scoring import score_held_out
from sklearn_mi._engine._training import make_net
from sklearn_mi.losses import LOSSES
from sklearn_mi.modules import ModuleStack

every_loss = pytest.mark.parametrize("name", LOSSES)


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

    def _criteria(self):
        return next(self.script)


@given(st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=9, max_size=9))
@example([[epoch] * 3 for epoch in (5, 4, 4, 3, 3, 2, 2, 1, 1)])  # each step forgives the last wait
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
