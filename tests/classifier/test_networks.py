"""What can be put in: networks, optimisers and losses of one's own; many and rare classes."""

import copy

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from quick_fits import fit
from seen_optimizer import SeesOptimizer
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from torch import nn

from sklearn_mi.datasets import make_gaussian_classes
from sklearn_mi.losses import LOSSES, DeterminantMutualInfoLoss, Loss

LABEL_LOSSES = sorted(name for name, loss in LOSSES.items() if not loss.models_label_noise)


# --- networks and optimisers --------------------------------------------------------------------


class AsImage(nn.Module):
    """Sees the columns as a picture of one row."""

    def __init__(self, n_features, n_classes):
        super().__init__()
        self.convolution = nn.Conv1d(1, 6, 2)
        self.head = nn.Linear(6 * (n_features - 1), n_classes)

    def forward(self, x):
        return self.head(self.convolution(x.reshape(len(x), 1, -1)).relu().flatten(1))


def _normalised(n_features, n_classes):
    return nn.Sequential(nn.BatchNorm1d(n_features), nn.Linear(n_features, n_classes))


def _with_dropout(n_features, n_classes):
    layers = [nn.Linear(n_features, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, n_classes)]
    return nn.Sequential(*layers)


NETWORKS = {
    "class": nn.Linear,
    "function": _with_dropout,
    "instance": nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)),
    "with buffers": _normalised,
    "convolution": AsImage,
}


@pytest.mark.usefixtures("brief_searches")
@pytest.mark.parametrize("module", NETWORKS.values(), ids=NETWORKS.keys())
@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_any_network_can_be_trained(rows, module, loss):
    state = copy.deepcopy(module.state_dict()) if isinstance(module, nn.Module) else {}
    clf = fit(*rows, module=module, loss=loss, max_iter=10, learning_rate_init=0.04)
    assert clf.mutual_info_score_ > 0.3
    assert_allclose(clf.predict_proba(rows[0]).sum(axis=1), 1)
    one_by_one = np.concatenate([clf.predict_proba(row[None]) for row in rows[0][:5]])
    assert_allclose(one_by_one, clf.predict_proba(rows[0])[:5], rtol=1e-5)
    for name, value in state.items():
        assert torch.equal(module.state_dict()[name], value)  # the instance itself is not trained


def test_an_instance_brings_its_weights(rows):
    trained = nn.Linear(4, 3)
    with torch.no_grad():
        trained.weight.copy_(torch.tensor([[0.0], [1.0], [-1.0]]).expand(3, 4))
    untouched = {"learning_rate_init": 1e-12, "max_iter": 1}
    own = fit(*rows, module=trained, **untouched).mutual_info_score_
    assert own > 0.3
    assert own > fit(*rows, module=nn.Linear, **untouched).mutual_info_score_ + 0.1


def test_frozen_layers_stay_as_they_are(rows):
    network = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    network[0].requires_grad_(False)
    trained = dict(fit(*rows, module=network).net_.module_.named_parameters())
    for name, value in network[0].named_parameters():
        for member in trained[f"0__{name}"]:
            assert torch.equal(member.cpu(), value)
    assert not torch.equal(trained["2__weight"][0], network[2].weight)


class Tied(nn.Module):
    """Uses one layer twice."""

    def __init__(self, n_features, n_classes):
        super().__init__()
        self.first = self.second = nn.Linear(n_features, n_features)
        self.head = nn.Linear(n_features, n_classes)

    def forward(self, x):
        return self.head(self.second(self.first(x).relu()))


def test_a_layer_may_be_used_twice(rows):
    clf = fit(*rows, module=Tied, max_iter=20, learning_rate_init=0.02)
    assert clf.mutual_info_score_ > 0.2
    names = dict(clf.net_.module_.named_parameters())
    assert len(names) == 4


@pytest.mark.parametrize("sizes", [(), (8,), [8, 4], np.array([8])])
@pytest.mark.parametrize("activation", ["relu", "gelu", "mish", "silu", "tanh"])
def test_hidden_layers_have_the_sizes_asked_for(rows, sizes, activation):
    clf = fit(*rows, hidden_layer_sizes=sizes, activation=activation, max_iter=1)
    widths = [value.shape[-1] for name, value in clf.net_.module_.named_parameters()]
    assert {*sizes, 3} <= set(widths)
    assert 128 not in widths


@pytest.mark.parametrize("name, rate", [("SGD", 0.2), ("Adam", 0.005), ("RMSprop", 0.005)])
def test_optimiser_is_that_asked_for(rows, name, rate):
    optimizer = getattr(torch.optim, name)
    params = {"optimizer": optimizer, "learning_rate_init": rate, "alpha": 0.003}
    seen = SeesOptimizer()
    clf = fit(*rows, **params, max_iter=20, callbacks=[seen])
    assert seen.kind is optimizer
    assert {group["weight_decay"] for group in seen.groups} == {0.003}
    assert clf.mutual_info_score_ > 0.3


def test_training_that_diverges_ends_at_no_information(rows):
    with pytest.warns(ConvergenceWarning, match="Lower learning_rate_init"):
        clf = fit(*rows, learning_rate_init=1e8, optimizer=torch.optim.SGD)
    assert abs(clf.mutual_info_score_) < 0.05
    assert np.isfinite(clf.predict_proba(rows[0])).all()


def test_training_that_diverges_leaves_the_companions_what_they_know(rows, few_trees):
    diverging = {"learning_rate_init": 1e8, "optimizer": torch.optim.SGD}
    with pytest.warns(ConvergenceWarning, match="Lower learning_rate_init"):
        clf = fit(*rows, estimators="auto", **diverging)
    assert clf.mutual_info_interval(0.99)[0] > 0.3
    assert np.isfinite(clf.predict_proba(rows[0])).all()


# --- losses -------------------------------------------------------------------------------------


class GeneralizedCrossEntropyLoss(Loss):
    """(1 - p_y^q) / q, as a user would write it."""

    def __init__(self, q=0.7):
        super().__init__()
        self.q = q

    def forward(self, scores, target, weight=None):
        proba = scores.softmax(-1).gather(-1, target.unsqueeze(-1)).squeeze(-1)
        values = (1 - proba**self.q) / self.q
        if weight is None:
            return values.mean(-1)
        return (weight * values).sum(-1) / weight.sum(-1)

    def log_proba(self, scores):
        return scores.log_softmax(-1)


@pytest.mark.parametrize("q", [0.1, 0.7])
def test_a_loss_of_ones_own_works_as_the_built_in_ones(rows, q):
    clf = fit(*rows, loss=GeneralizedCrossEntropyLoss(q), max_iter=30)
    reference = fit(*rows, max_iter=30)
    assert clf.loss.log_prior is None  # the object that was passed is not touched
    error = np.hypot(clf.mutual_info_stderr_, reference.mutual_info_stderr_)
    assert abs(clf.mutual_info_score_ - reference.mutual_info_score_) < 2 * error
    assert clone(clf).loss.q == q
    weighted = fit(*rows, loss=clf.loss, class_weight={0: 2}, sample_weight=np.ones(240))
    assert np.isfinite(weighted.predict_log_proba(rows[0])).all()


def test_parameters_of_a_loss_reach_it_by_name_and_by_object(rows, brief_searches):
    loss = DeterminantMutualInfoLoss(ridge=1e-2)
    by_object = fit(*rows, loss=loss)
    by_name = fit(*rows, loss="dmi", loss_params={"ridge": 1e-2})
    assert by_object._ensemble.loss.ridge == by_name._ensemble.loss.ridge == 1e-2
    assert by_object.loss_curve_ == by_name.loss_curve_
    assert by_object.mutual_info_score_ == by_name.mutual_info_score_
    assert fit(*rows, loss="dmi").loss_curve_ != by_name.loss_curve_


@pytest.mark.parametrize("loss", LABEL_LOSSES)  # the others: test_a_hundred_classes_are_no_failure
def test_a_hundred_classes_can_be_told_apart(loss):
    centers = 6 * np.random.RandomState(0).standard_normal((100, 5))
    X, y = make_gaussian_classes(800, 5, centers=centers, random_state=0)
    clf = fit(X, y, loss=loss, hidden_layer_sizes=(128, 128), max_iter=6, cv=2)
    assert 0 < clf.mutual_info_score_ <= np.log(100)
    assert clf.predict_proba(X).shape == (800, 100)
    assert np.isfinite(clf.predict_log_proba(X)).all()


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_a_class_of_eight_rows_is_enough_for_five_folds(loss):
    prior = np.array([8, 73, 73, 73, 73]) / 300
    X, y = make_gaussian_classes(300, 2, class_prior=prior, random_state=0)
    clf = fit(X, y, loss=loss, cv=5, max_iter=20)
    assert np.bincount(y).min() == 8
    assert clf.mutual_info_score_ > 0.5
    assert np.isfinite(clf.oof_log_proba_).all()


def test_lazy_layers_take_their_width_from_the_table(rows):
    clf = fit(
        *rows, module=lambda d, k: nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.Linear(8, k))
    )
    assert clf.net_.module_.get_parameter("0__weight").shape == (3, 8, 4)


def test_parametrised_layers_learn(rows):
    normed = nn.utils.parametrizations.weight_norm
    options = {"max_iter": 20, "learning_rate_init": 0.02}
    clf = fit(*rows, module=lambda d, k: normed(nn.Linear(d, k)), **options)
    assert clf.mutual_info_score_ > 0.3


def test_one_hidden_layer_may_be_a_number(rows):
    a, b = (fit(*rows, hidden_layer_sizes=sizes) for sizes in (8, (8,)))
    assert a.mutual_info_score_ == b.mutual_info_score_
