"""Slopes of the posterior: limits of quotients, never lost, and what attacks find by them."""

import copy

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from quick_attacks import attack, clean_figures, fit, make_table
from scipy.special import expit, logit
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._adversary._threats import column_spread
from sklearn_mi._engine._input_gradient import OBJECTIVES, posterior_slope


@pytest.fixture(scope="module")
def rows():
    return make_table()


@pytest.fixture(scope="module")
def clf(rows):
    return fit(*rows)


@pytest.fixture(scope="module")
def fresh():
    return make_table(70, seed=1)


# --- slopes of the posterior --------------------------------------------------------------------


def difference_quotients(ensemble, matrix, codes, objective, tilt, h=1e-5):
    quotients = np.zeros(matrix.shape)
    for j in range(matrix.shape[1]):
        step = h * np.eye(matrix.shape[1])[j]
        up, down = (
            posterior_slope(ensemble, matrix + s, codes, objective, tilt)[0] for s in (step, -step)
        )
        quotients[:, j] = (up - down) / (2 * h)
    return quotients


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(
    "params",
    [
        {"loss": "ce"},
        {"loss": "pc_softmax", "class_weight": {0: 3}},
        {"loss": "dmi"},
        {"loss": "forward"},
        {"loss": "gce", "cv": None},
        {"estimators": [("bayes", GaussianNB())]},
        {"module": nn.Linear},
    ],
    ids=str,
)
def test_slopes_are_limits_of_difference_quotients(rows, fresh, params, objective):
    clf = fit(*rows, **params)
    matrix, codes = clf._encoder.read(fresh[0]), fresh[1]
    clf.net_.module_.double()
    tilt = np.array([0.5, 0, -0.3])
    _, slope = posterior_slope(clf._ensemble, matrix, codes, objective, tilt)
    quotients = difference_quotients(clf._ensemble, matrix, codes, objective, tilt)
    smooth = np.abs(slope - quotients) < 1e-4 * (1 + np.abs(slope))
    assert smooth.mean() > 0.98  # the rest steps over a kink of the embedding or of the maximum
    assert np.abs(slope).max() > 0.01


def without_floor(clf):
    """The same, whose pool knows something of every row: a floor has no slope, and is left out."""
    clf = copy.deepcopy(clf)
    clf._ensemble.calibration.ignorance_ = 1e-300
    return clf


@pytest.mark.parametrize("loss", ["ce", "pc_softmax", "dmi", "gce"])
def test_without_companions_the_networks_are_the_classifier(rows, fresh, loss):
    clf = without_floor(fit(*rows, loss=loss, class_weight={0: 2}))
    X, y = fresh
    own = np.arange(len(y)), y
    value, _ = clf._input_slope(X, y, "cross_entropy", np.ones(3))  # log odds against the label
    assert_allclose(expit(-value), clf.predict_proba(X)[own], atol=1e-6)
    value, _ = clf._input_slope(X, y, "margin", np.ones(3))
    decision = np.sort(clf.decision_function(X))
    own = clf.decision_function(X)[own]
    gap = np.where(own == decision[:, 2], decision[:, 1], decision[:, 2]) - own
    assert_allclose(value, gap / (decision[:, 2] - decision[:, 0]), atol=1e-5)


def test_slopes_in_raw_columns_are_those_of_the_table(clf, fresh):
    X, y = fresh
    clf, unit = without_floor(clf), column_spread(X)
    _, slope = clf._input_slope(X, y, "cross_entropy", unit)
    for j in range(3):
        step = 1e-2 * unit * np.eye(3)[j]
        up, down = (-logit(clf.predict_proba(X + s)[np.arange(70), y]) for s in (step, -step))
        assert np.median(np.abs((up - down) / 2e-2 - slope[:, j])) < 0.02 * np.abs(slope).max()


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_network_that_is_certain_has_slopes(objective, n_classes):
    """Else its certainty would pass for robustness."""
    X, y = make_table(60, n_classes=n_classes)
    clf = fit(X, y, module=nn.Linear, cv=None)
    with torch.no_grad():
        for parameter in clf.net_.module_.parameters():
            parameter.mul_(1e4)
    clf._ensemble.calibration.weights_[:] = 1
    log_odds, _ = clf._input_slope(X, y, "cross_entropy", np.ones(3))
    assert np.median(np.abs(log_odds)) > 100
    _, slope = clf._input_slope(X, y, objective, np.ones(3))
    assert (slope != 0).any(axis=1)[log_odds < 0].all()  # rows that are right


def test_slopes_of_far_cells_keep_their_sign(clf, fresh):
    """Where float32 sees no change of the encoding any more."""
    X = fresh[0].copy()
    X[:, 0] = 1e6
    _, slope = clf._input_slope(X, fresh[1], "cross_entropy", np.ones(3))
    assert np.isfinite(slope).all() and (slope[:, 0] != 0).all()


def test_asking_for_slopes_leaves_no_trace(rows, fresh, torch_left_alone):
    clf = fit(*rows, module=lambda d, k: nn.Sequential(nn.BatchNorm1d(d), nn.Linear(d, k)))
    network = clf.net_.module_
    before = {name: value.clone() for name, value in network.state_dict().items()}
    parameters = list(network.parameters())
    gradients = [parameter.grad.clone() for parameter in parameters]  # training left them
    for mode in (True, False):
        network.train(mode)
        with torch_left_alone():
            clf._input_slope(*fresh, "margin", np.ones(3))
        assert network.training is mode
    assert all(torch.equal(p.grad, grad) for p, grad in zip(parameters, gradients, strict=True))
    assert all(torch.equal(before[k], value) for k, value in network.state_dict().items())


# --- what attacks find by them ------------------------------------------------------------------


def test_what_slopes_find_is_judged_by_the_whole_pool(rows, fresh):
    clf = fit(*rows, estimators=[("tree", DecisionTreeClassifier(max_depth=3, random_state=0))])
    result = attack(clf, *fresh, attacks=["cross_entropy"])
    assert_allclose([result.accuracy[0], result.mutual_info[0]], clean_figures(clf, *fresh))
    assert_allclose(clf.score(result.X_adversarial[2], fresh[1]), result.accuracy[2])
    assert result.accuracy[2] < result.accuracy[0]


def test_a_search_that_found_a_network_is_attacked_by_its_slopes(rows, fresh):
    clf = MutualInfoClassifier(
        max_iter=2, cv=None, estimators=None, hidden_layer_sizes=(8,), random_state=0
    )
    search = GridSearchCV(clf, {"alpha": [0.01]}, cv=2).fit(*rows)
    result = attack(search, *fresh, 0.3)
    assert "margin" in result.attacks
    inner = attack(search.best_estimator_, *fresh, 0.3)
    assert_array_equal(result.X_adversarial[0], inner.X_adversarial[0])
