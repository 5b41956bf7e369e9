"""Networks for images in the classifier: any will do, companions, and each learns as if alone."""

import copy

import numpy as np
import pytest
import torch
from image_fits import Own, by_place, small, tiny
from image_fits import fit as _fit
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from small_fits import CPU, apart, assert_same_state, make_loss, make_settings, state_of
from torch import nn
from witnesses import witness

from sklearn_mi._engine._batches import MemberData
from sklearn_mi._engine._callbacks import CrossFittedStopping
from sklearn_mi._engine._members import Members
from sklearn_mi._engine._scoring import score_held_out
from sklearn_mi._engine._training import make_net
from sklearn_mi.losses import LOSSES, Loss
from sklearn_mi.modules import ModuleStack

# --- networks and companions --------------------------------------------------------------------


NETWORKS = {"class": Own, "function": small, "instance": Own(1, 4), "by place": by_place}


@pytest.mark.parametrize("module", NETWORKS.values(), ids=NETWORKS.keys())
@pytest.mark.parametrize("loss", ["ce", "dmi"])
@pytest.mark.usefixtures("brief_searches")
def test_any_network_can_be_trained(digits, module, loss):
    X, y = digits
    state = copy.deepcopy(module.state_dict()) if isinstance(module, nn.Module) else {}
    epochs = {"ce": 8, "dmi": 16}[loss]  # of "instance" any start will do
    clf = _fit(X, y, module=module, loss=loss, max_iter=epochs, learning_rate_init=0.04)
    assert clf.mutual_info_score_ > 0.2
    assert clf.estimators_ == {}
    for name, value in state.items():
        assert torch.equal(module.state_dict()[name], value)


def test_a_network_for_other_channels_is_refused_with_a_remedy(digits):
    with pytest.raises(ValueError, match=r"batch of shape \(2, 1, 8, 8\).*adapt its first layer"):
        _fit(*digits, module=Own(3, 4))


def test_other_channels_than_those_of_the_fit_are_refused(digits):
    clf = _fit(*digits, max_iter=1)
    with pytest.raises(ValueError, match=r"\(3, 8, 8\).*\(1, 8, 8\)"):
        clf.predict(np.repeat(digits[0], 3, axis=1))


def test_companions_get_rows_of_standardised_pixels(digits):
    X, y = digits
    bayes = witness(GaussianNB)
    estimators = [("nb", bayes), ("line", LogisticRegression())]
    clf = _fit(X, y, estimators=estimators, n_threads=1)
    assert list(clf.pool_weights_) == ["networks", "nb", "line"]
    learnt = [*clf._members.train_rows, np.arange(240)]
    for train, own in zip(learnt, bayes.fitted, strict=True):
        mean, spread = X[train].mean(), X[train].std()
        rows = ((X - mean) / spread).astype(np.float32).reshape(240, -1)
        assert_allclose(own.rows_, rows[train], atol=1e-5)
        expected = GaussianNB().fit(rows[train], y[train]).predict_proba(rows)
        assert_allclose(own.predict_proba(rows), expected, atol=1e-3)
    assert clf.estimators_["nb"] is bayes.fitted[-1]
    alone = _fit(X, y)
    assert clf.mutual_info_score_ > alone.mutual_info_score_ + 0.05
    assert (clf.predict_proba(X) != alone.predict_proba(X)).any()


def test_companions_of_channels_get_all_of_them(digits):
    X, y = digits
    bayes = witness(GaussianNB)
    _fit(np.repeat(X, 3, axis=1), y, estimators=[("nb", bayes)], max_iter=1)
    assert {own.rows_.shape for own in bayes.fitted} == {(160, 192), (240, 192)}


# --- a stack learns what its networks would learn alone -----------------------------------------


def last_state(module, name, data, options):
    stopping = CrossFittedStopping(options.n_iter_no_change, options.tol)
    net = make_net(module, make_loss(name).double(), options, stopping, torch.Generator(), CPU)
    net.fit(data)
    return state_of(net.module_), state_of(stopping.average_), net.history[:, "train_loss"]


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("build", [tiny, Own])
def test_a_stack_learns_what_its_members_learn_alone(name, build):
    members = apart(5, n_train=15, n_held=6)
    X = torch.randn(105, 2, 6, 6, dtype=torch.double)
    data = MemberData(X, torch.arange(105) % 3, 0.5 + torch.rand(105).double(), members)
    kind = build if build is tiny else lambda c, k: without_dropout(build(c, k))
    module = ModuleStack(kind, 5, (2, 6, 6), 3).double()
    single = ModuleStack(kind, 1, (2, 6, 6), 3).double()
    # All rows in one batch, so that the order in which they are drawn does not matter.
    options = make_settings(batch_size=15, max_iter=4)
    start = state_of(module)
    *states, curve = last_state(module, name, data, options)
    curves = []
    for m in range(5):
        single.load_state_dict({key: value[m : m + 1] for key, value in start.items()})
        two_halves = [members.part_rows[m][:3], members.part_rows[m][3:]]
        own = Members([members.train_rows[m]], two_halves, np.zeros(2, int))
        *alone, own_curve = last_state(
            single, name, MemberData(data.X, data.y, data.weight, own), options
        )
        curves.append(own_curve)
        for together, apart_ in zip(states, alone, strict=True):
            assert_same_state({k: v[m : m + 1] for k, v in together.items()}, apart_)
    np.testing.assert_allclose(curve, np.mean(curves, axis=0))
    assert any(not torch.equal(start[key], states[0][key]) for key in start)


def without_dropout(network):
    network.drop = nn.Identity()
    return network


def test_every_image_is_scored_by_the_network_that_holds_it_out():
    members = apart(3, n_train=8, n_held=5)
    data = MemberData(torch.randn(39, 2, 6, 6), torch.arange(39) % 3, None, members)
    stack = ModuleStack(tiny, 3, (2, 6, 6), 3)
    scores = score_held_out(stack, data)
    for m, rows in enumerate(members.part_rows):
        expected = stack.member(m)(data.X[rows])
        torch.testing.assert_close(scores[members.entry_part == m], expected, atol=1e-5, rtol=1e-5)


class Sum(Loss):
    """A loss of one's own: cross-entropy, written out."""

    def forward(self, scores, target, weight=None):
        values = scores.logsumexp(-1) - scores.gather(-1, target.unsqueeze(-1)).squeeze(-1)
        return values.mean(-1) if weight is None else (weight * values).sum(-1) / weight.sum(-1)

    def log_proba(self, scores):
        return scores.log_softmax(-1)


def test_a_loss_of_ones_own_takes_images(digits):
    own, usual = _fit(*digits, loss=Sum()), _fit(*digits)
    assert_allclose(own.loss_curve_, usual.loss_curve_, rtol=1e-4)
    assert_allclose(own.mutual_info_score_, usual.mutual_info_score_, atol=1e-2)
