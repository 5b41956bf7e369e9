"""Known truths of floors, priors, weights and rates that a small wrong in one place would break."""

import copy

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from quick_fits import fit
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from small_fits import apart, make_data, make_mlp, state_of
from small_fits import make_settings as settings_of

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine._members import Members
from sklearn_mi._engine._scoring import class_order, score_training_rows
from sklearn_mi._engine._training import train
from sklearn_mi._pool._log_linear import LogLinearPool
from sklearn_mi._recipe import make_losses, make_settings
from sklearn_mi.datasets import make_gaussian_classes
from sklearn_mi.losses import LOSSES, DeterminantMutualInfoLoss
from sklearn_mi.losses._dmi import joint_matrix
from sklearn_mi.metrics._estimate import mean_and_standard_error, means_of_groups
from sklearn_mi.model_selection import cross_val_mutual_info

EVEN = np.full(2, 0.5)


# --- decisions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["ce", "pc_softmax"])
def test_a_class_of_weight_two_counts_as_twice_as_frequent_in_decisions(loss):
    X, y = make_gaussian_classes(120, class_prior=[0.2, 0.3, 0.5], centers=(0, 1, 2))
    clf = fit(X, y, loss=loss, class_weight={0: 2, 1: 1, 2: 0.5})
    log_proba = clf.predict_log_proba(X)
    base = log_proba if loss == "ce" else log_proba - np.log(clf.class_prior_)
    assert_allclose(clf.decision_function(X), log_softmax(base + np.log([2, 1, 0.5]), axis=1))
    clf.set_params(priors="empirical")  # what is said of priors goes before weights
    assert_allclose(clf.decision_function(X), log_proba)


# --- the joint of dmi -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n_rows", "n_classes", "size"), [(5000, 2, 512), (300, 2, 300), (5000, 20, 1280)]
)
def test_dmi_asks_for_batches_of_64_rows_a_class_and_512_at_least(n_rows, n_classes, size):
    assert DeterminantMutualInfoLoss().auto_batch_size(n_rows, n_classes) == size


def test_the_joint_of_dmi_rests_on_512_rows_at_least():
    loss = DeterminantMutualInfoLoss().set_class_prior(EVEN).train()
    first, second = torch.arange(128) % 2, torch.arange(128) % 4 // 3
    scores = torch.randn(128, 2)
    loss(scores, first)
    before = loss.running.clone()
    loss(scores, second)
    share = 128 / 512
    moved = (1 - share) * before + share * joint_matrix(scores.softmax(-1), second)
    torch.testing.assert_close(loss.running, moved)


def test_no_class_is_missing_in_the_joint_of_dmi_before_its_first_row():
    loss = DeterminantMutualInfoLoss().set_class_prior(EVEN).train()
    loss(torch.randn(16, 2), torch.zeros(16, dtype=torch.long))
    assert torch.linalg.det(loss.running) > 0.01
    assert torch.linalg.det(joint_matrix(torch.rand(16, 2), torch.zeros(16, dtype=int))) == 0


# --- rates and epochs -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_trains_at_its_share_of_the_rate_and_for_its_epochs(name):
    clf = MutualInfoClassifier(name, learning_rate_init=0.01)
    clf.image_shape_ = None
    for loss in make_losses(name, None, EVEN):
        settings = make_settings(clf, loss, 1000, 2)
        assert settings.learning_rate_init == pytest.approx(0.01 * loss.learning_rate_factor)
        assert settings.max_iter == 100 * loss.max_iter_factor
    assert LOSSES["dmi"].learning_rate_factor < 1 < LOSSES["gccs"].max_iter_factor


def test_weights_of_rows_train_as_weights_of_classes_do():
    X, y = make_gaussian_classes(120, class_prior=[0.3, 0.7], centers=(0, 1), random_state=0)
    options = {"max_iter": 3, "learning_rate_init": 0.02}
    by_row = fit(X, y, sample_weight=np.array([5.0, 1.0])[y], **options)
    by_class = fit(X, y, class_weight={0: 5, 1: 1}, **options)
    assert_allclose(by_row.loss_curve_, by_class.loss_curve_, rtol=1e-5)
    assert not np.allclose(by_row.loss_curve_, fit(X, y, **options).loss_curve_, rtol=1e-2)


def test_training_with_the_noise_that_was_found_begins_anew():
    members = apart(2, n_train=40, n_held=15)
    data, module = make_data(members), make_mlp(2)
    start, alone = state_of(module), copy.deepcopy(module)
    losses = make_losses("forward", None, [1 / 3] * 3)
    still = settings_of(max_iter=1, learning_rate_init=1e-12, alpha=0)
    moving = settings_of(max_iter=4)
    train(alone, losses[:2], data, [moving, moving], 0)
    assert not torch.equal(state_of(alone)["0.weight"], start["0.weight"])
    train(module, losses, data, [moving, moving, still], 0)
    for name, value in state_of(module).items():
        torch.testing.assert_close(value, start[name], atol=1e-6, rtol=0)


def test_each_member_scores_its_own_training_rows_once():
    members = Members([np.arange(9), np.arange(4)], [np.arange(9, 12)] * 2, np.arange(2))
    data, module = make_data(members), make_mlp(2)
    torch.nn.init.normal_(module[-1].weight)
    found = score_training_rows(module, data)
    everywhere = module.eval()(data.X.expand(2, -1, -1))
    for member, (scores, rows) in enumerate(found):
        np.testing.assert_array_equal(rows, members.train_rows[member])
        torch.testing.assert_close(scores, everywhere[member, rows])


def test_frequencies_of_classes_have_no_say_in_which_output_speaks_of_which():
    """P(label | output) finds the names; P(output | label) would swap the first and the last."""
    noise = np.array([[0.4, 0.2, 0.4], [0.2, 0.4, 0.4], [0.4, 0.1, 0.5]])
    joint = (noise * np.array([[0.1], [0.2], [0.7]])).T
    assert class_order(joint[None]).tolist() == [[0, 1, 2]]
    assert class_order(joint[None, :, [2, 0, 1]]).tolist() == [[1, 2, 0]]


def test_held_out_rows_of_gccs_are_judged_by_the_gaussians_of_the_network_that_scores_them():
    X, y = make_gaussian_classes(90, 2, centers=(0, 2, -2), random_state=0)
    ensemble = fit(X, y, loss="gccs", max_iter=2)._ensemble
    scores, member = torch.randn(6, 3), np.array([0, 1, 2, 2, 1, 0])
    found = ensemble.held_out_log_proba(scores, member)
    for own, number, score in zip(found, member, scores, strict=True):
        expected = ensemble.loss.of_member(int(number)).log_proba(score[None])[0]
        assert_allclose(own, expected, rtol=1e-4, atol=1e-6)
    assert not np.allclose(found, ensemble.held_out_log_proba(scores, 0 * member), rtol=1e-2)


# --- priors of the pool ---------------------------------------------------------------------------


@pytest.mark.parametrize("n_rows", [4, 40, 400])
def test_half_a_row_more_is_held_to_be_unknown(n_rows):
    """Of an expert that is always right: n log(1 - e / 2) + log(e) / 2 is highest at this e."""
    y = np.arange(n_rows) % 2
    sure = np.where(np.eye(2)[y] == 1, 0.0, -500.0)[None]
    pool = LogLinearPool().fit(sure, y, EVEN)
    assert pool.ignorance_ == pytest.approx(min(0.5, 1 / (n_rows + 0.5)), rel=1e-3)


@pytest.mark.parametrize("n_experts", [1, 2, 5])
def test_experts_of_whom_nothing_is_known_weigh_the_same(n_experts):
    """They say next to nothing, so that rows do not move the prior of their weights."""
    prior, rng = np.array([0.3, 0.7]), np.random.default_rng(0)
    quiet = np.log(prior) + 1e-5 * rng.normal(size=(n_experts, 20, 2))
    pool = LogLinearPool().fit(quiet, np.arange(20) % 2, prior)
    assert_allclose(pool.weights_, 1 / n_experts, atol=1e-3)


def test_an_expert_that_is_always_wrong_is_not_turned_round():
    y = np.arange(100) % 2
    log_proba = np.log(np.where(np.eye(2)[y] == 1, 0.2, 0.8))[None]
    pool = LogLinearPool().fit(log_proba, y, EVEN)
    assert pool.weights_ == 0
    assert_allclose(pool.log_posterior(log_proba), np.log(0.5))


def test_a_few_rows_say_little_of_weights():
    """Of four rows the prior of the weights keeps the pool nearer to its expert than they ask."""
    log_proba = np.log([[[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]]])
    y = np.array([0, 1, 0, 1])
    few = LogLinearPool().fit(log_proba, y, EVEN).weights_[0]
    many = LogLinearPool().fit(log_proba.repeat(50, axis=1), y.repeat(50), EVEN).weights_[0]
    assert 1 < few < many / 2


def test_weights_of_rows_reach_the_pool():
    """Half of the rows follow from x, the others from nothing; these have next to no weight."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 1))
    y, weight = (X[:, 0] > 0).astype(int), np.ones(300)
    y[150:], weight[150:] = rng.integers(2, size=150), 1e-3
    options = {"max_iter": 30, "learning_rate_init": 0.02}
    weighted, plain = (fit(X, y, sample_weight=w, **options) for w in (weight, None))
    assert weighted._ensemble.calibration.ignorance_ < 0.05
    assert weighted.mutual_info_score_ > 0.5
    assert plain._ensemble.calibration.ignorance_ > 0.2


# --- means over rows and groups -------------------------------------------------------------------


def test_means_of_groups_weigh_rows_and_then_groups():
    means, weight = means_of_groups(np.array([1.0, 2, 6]), np.array([1.0, 1, 3]), ["a", "b", "b"])
    assert_allclose(means, [1, 5])
    assert_allclose(weight, [1, 4])


def test_error_of_a_cross_validation_is_that_of_its_groups():
    X, y = make_gaussian_classes(60, 2, centers=(0, 1), random_state=0)
    groups = np.arange(60) // 5
    result = cross_val_mutual_info(LogisticRegression(), X, y, groups=groups, cv=3)
    of_groups = mean_and_standard_error(result.pointwise.reshape(12, 5).mean(axis=1))
    assert_allclose([result.score, result.standard_error], of_groups)
    assert not np.isclose(mean_and_standard_error(result.pointwise)[1], of_groups[1])


def test_networks_that_know_nothing_say_exactly_nothing():
    """Not 1e-16 in every row, whose standard error would be smaller still."""
    X, y = np.zeros((90, 1)), np.arange(90) % 5  # for five classes the pool rounds
    clf = fit(X, y, loss="pc_softmax", max_iter=1, learning_rate_init=1e-12)
    assert (clf.oof_pointwise_mutual_info_ == 0).all()
    assert clf.mutual_info_interval()[0] == 0
