"""Truths about the estimate: known information, none where there is none, and what losses add."""

import copy

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.special import xlogy
from scipy.stats import entropy
from sklearn.datasets import load_digits
from sklearn.feature_selection import mutual_info_classif
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.model_selection import train_test_split

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_gaussian_classes, make_label_noise, make_xor
from sklearn_mi.metrics import mutual_info_scorer, normalized_mutual_info_scorer

EQUAL, SKEWED = None, np.arange(1, 6) / 15
CENTERS = np.array([0, 2, -2, 4, -4])
ALONE = {"estimators": None}
BRIEF = {"max_iter": 12}  # a schedule of so few epochs ends where 100 with patience do
SMALL = BRIEF | {"hidden_layer_sizes": (64,)}
MORE = {"max_iter": 20, "learning_rate_init": 0.02, "hidden_layer_sizes": (64,)}
FITS = {"pool": {}, "pc_softmax": {"loss": "pc_softmax"} | ALONE}


def _fit(X, y, loss="ce", **params):
    return MutualInfoClassifier(loss, **{"cv": 3, "random_state": 0} | params).fit(X, y)


def _assert_close_and_not_above(clf, truth, truth_stderr=0.0, slack=0.02):
    """The estimate is a lower bound of the truth, and not by much."""
    error = np.hypot(clf.mutual_info_stderr_, truth_stderr)
    assert truth - 3 * error - slack < clf.mutual_info_score_ < truth + 3 * error


# --- where the information is known -------------------------------------------------------------


@pytest.fixture(scope="module", params=[(2, SKEWED), (5, EQUAL)])
def gaussians(request):
    d, prior = request.param
    return make_gaussian_classes(
        1200, d, centers=CENTERS, class_prior=prior, return_X_y=False, random_state=0
    )


@pytest.fixture(scope="module")
def on_gaussians(gaussians):
    return {name: _fit(gaussians.X, gaussians.y, **BRIEF, **FITS[name]) for name in FITS}


@pytest.mark.parametrize("name", FITS)
def test_gaussian_classes(gaussians, on_gaussians, name):
    truth, error = gaussians.mutual_info, gaussians.mutual_info_stderr
    _assert_close_and_not_above(on_gaussians[name], truth, error)


def test_parity_that_no_single_column_reveals(few_trees):
    data = make_xor(1000, return_X_y=False, random_state=0)
    for params in ({}, ALONE):
        clf = _fit(data.X, data.y, **BRIEF, **params)
        assert 0.40 <= clf.mutual_info_score_ <= data.mutual_info + 3 * clf.mutual_info_stderr_
    assert mutual_info_classif(data.X, data.y, random_state=0).max() < 0.05
    assert _fit(data.X[:, :1], data.y).mutual_info_score_ < 0.01


@pytest.fixture(scope="module")
def contingency():
    """Two categorical columns with a known joint table; and the information in both, and in one."""
    joint = np.random.RandomState(0).dirichlet(np.full(24, 0.5)).reshape(4, 2, 3)
    cell = np.random.RandomState(1).choice(24, size=2000, p=joint.ravel())
    a, b, y = np.unravel_index(cell, joint.shape)
    X = pd.DataFrame({"a": np.array(["u", "v", "w", None], dtype=object)[a], "b": b.astype(bool)})
    return X, y, _information(joint.reshape(8, 3)), _information(joint.sum(axis=1))


def _information(joint):
    """Mutual information of the rows and columns of a joint table."""
    independent = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
    return xlogy(joint, joint / independent).sum()


@pytest.mark.parametrize("params", FITS.values(), ids=FITS.keys())
def test_a_table_of_categories(contingency, params):
    X, y, both, one = contingency
    _assert_close_and_not_above(_fit(X, y, **MORE, **params), both, slack=0.01)
    _assert_close_and_not_above(_fit(X[["a"]], y, **MORE, **params), one, slack=0.01)
    assert both > one + 0.1


def test_a_label_that_the_columns_determine():
    X = np.random.RandomState(0).choice(list("abc"), size=(600, 1))
    clf = _fit(X, X[:, 0])
    assert_allclose(clf.mutual_info_score_, clf.label_entropy_, atol=0.01)
    assert clf.mutual_info_score_ <= clf.label_entropy_


def test_fresh_rows_agree_with_the_estimate(gaussians, on_gaussians):
    clf = on_gaussians["pool"]
    X, y = make_gaussian_classes(
        10_000, gaussians.X.shape[1], class_prior=gaussians.class_prior, random_state=1
    )
    fresh = clf.pointwise_mutual_info(X)[np.arange(len(y)), y].mean()
    assert abs(fresh - clf.mutual_info_score_) < 4 * clf.mutual_info_stderr_


def test_normalised_score_is_the_share_of_the_entropy(gaussians, on_gaussians):
    clf = on_gaussians["pc_softmax"]
    nats = mutual_info_scorer(clf, gaussians.X, gaussians.y)
    share = normalized_mutual_info_scorer(clf, gaussians.X, gaussians.y)
    assert_allclose(share, nats / clf.label_entropy_)


# --- where there is none ------------------------------------------------------------------------


DRAWS = [(params, seed) for params in FITS.values() for seed in range(2)]


@pytest.mark.parametrize("params, seed", [*DRAWS, ({"loss": "dmi"} | BRIEF, 0)], ids=str)
def test_labels_independent_of_the_columns(params, seed):
    rng = np.random.RandomState(seed)
    X, y = rng.standard_normal((800, 5)), rng.choice(3, size=800, p=[0.5, 0.3, 0.2])
    clf = _fit(X, y, **params)
    assert abs(clf.mutual_info_score_) <= 0.02
    assert clf.mutual_info_interval(0.99)[0] <= 0


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("loss", ["ce", "pc_softmax", "dmi"])
@pytest.mark.parametrize("params", [{}, ALONE | {"cv": None}], ids=str)
def test_many_columns_do_not_leak_labels(loss, params):
    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((200, 100)), rng.randint(2, size=200)
    clf = _fit(X, y, loss, **params)
    assert clf.mutual_info_score_ <= 0.05
    assert clf.mutual_info_interval(0.99)[0] <= 0


def test_an_identifier_tells_nothing():
    y = np.random.RandomState(0).randint(2, size=300)
    X = pd.DataFrame({"id": [f"row {i}" for i in range(300)], "number": np.arange(300)})
    assert _fit(X, y).mutual_info_score_ <= 0.02


OVERFITS = {"max_iter": 30, "learning_rate_init": 0.02}
UNINFORMED = [
    # As soon overfitted as by 100 epochs: one that stops on the rows it scores is seen as well.
    ((120, 10), {"cv": 5, "n_iter_no_change": 30, **OVERFITS} | ALONE),
    ((200, 100), {"cv": None}),
]


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("shape, params", UNINFORMED, ids=str)
def test_choosing_when_to_stop_and_whom_to_trust_costs_no_honesty(shape, params):
    """Over many tables without information, the mean estimate is not positive beyond its error."""
    scores, false_alarms, small = [], 0, {"hidden_layer_sizes": (32,)}
    for seed in range(12):
        rng = np.random.RandomState(seed)
        clf = _fit(rng.standard_normal(shape), rng.randint(2, size=shape[0]), **small, **params)
        scores.append(clf.mutual_info_score_)
        false_alarms += clf.mutual_info_interval(0.9)[0] > 0
    assert np.mean(scores) < 3 * np.std(scores, ddof=1) / np.sqrt(len(scores))
    assert false_alarms <= 3  # 5 % each: four or more of 12 have a probability of .002


# --- what the losses are for --------------------------------------------------------------------


@pytest.fixture(scope="module")
def wrong_labels():
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, train_size=1000, stratify=y, random_state=0)
    y, noise_matrix = make_label_noise(y, 0.4, return_noise_matrix=True, random_state=0)
    ce, dmi = (_fit(X, y, loss, **SMALL, **ALONE) for loss in ("ce", "dmi"))
    return ce, dmi, X_test, y_test, noise_matrix


def test_dmi_classifies_well_in_spite_of_wrong_labels(wrong_labels):
    ce, dmi, X_test, y_test, _ = wrong_labels
    assert dmi.score(X_test, y_test) >= 0.93
    assert dmi.score(X_test, y_test) > ce.score(X_test, y_test) + 0.03


def test_dmi_finds_the_noise_matrix(wrong_labels):
    _, dmi, _, _, noise_matrix = wrong_labels
    assert np.abs(dmi.noise_matrix_ - noise_matrix).mean() <= 0.03


def test_estimates_stay_below_what_wrong_labels_leave(wrong_labels):
    """Half of the digits become their successor with probability .4, whatever the picture."""
    for clf in wrong_labels[:2]:
        limit = clf.label_entropy_ - entropy([0.4, 0.6]) / 2
        low, score = 0.85 * limit, clf.mutual_info_score_
        assert low < score < limit + 3 * clf.mutual_info_stderr_


@pytest.fixture(scope="module")
def rare():
    """ce and pc_softmax on Gaussian classes of unequal size, and fresh rows."""
    draw = {"n_features": 1, "centers": CENTERS, "class_prior": SKEWED}
    X, y = make_gaussian_classes(2000, **draw, random_state=0)
    clfs = [_fit(X, y, loss, **SMALL, **ALONE) for loss in ("ce", "pc_softmax")]
    return *clfs, *make_gaussian_classes(20_000, **draw, random_state=1)


def test_pc_softmax_does_not_outvote_rare_classes(rare):
    ce, pc_softmax, X, y = rare
    balanced = [balanced_accuracy_score(y, clf.predict(X)) for clf in (ce, pc_softmax)]
    assert balanced[1] > balanced[0] + 0.01


def test_pc_softmax_gives_the_same_probabilities(rare):
    ce, pc_softmax, X, y = rare
    losses = [log_loss(y, clf.predict_proba(X)) for clf in (ce, pc_softmax)]
    assert abs(losses[0] - losses[1]) < 0.02


def test_uniform_priors_give_ce_the_decisions_of_pc_softmax(rare):
    ce, pc_softmax, X, y = rare
    adjusted = copy.copy(ce).set_params(priors="uniform")
    scores = [balanced_accuracy_score(y, clf.predict(X)) for clf in (pc_softmax, adjusted)]
    assert abs(scores[0] - scores[1]) < 0.02
