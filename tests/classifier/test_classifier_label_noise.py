"""Losses for wrong labels inside the classifier: the true class, the noise, the information."""

import warnings

import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import sem
from sklearn.base import clone
from sklearn.datasets import load_digits

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_gaussian_classes, make_label_noise
from sklearn_mi.exceptions import DataWarning
from sklearn_mi.losses import LOSSES

NOISY = [name for name, loss in LOSSES.items() if loss.models_label_noise]
FITS = [*NOISY, "told"]  # "forward" with its noise matrix
every_noisy_loss = pytest.mark.parametrize("loss", NOISY)
every_fit = pytest.mark.parametrize("name", FITS)
QUICK = {"hidden_layer_sizes": (16,), "batch_size": 512, "max_iter": 10, "learning_rate_init": 0.03}
FEW = {"hidden_layer_sizes": (16,), "max_iter": 10}
N_ROWS, EVERY = 4000, np.arange(4000)
CENTERS = (0, 2, -2)


def fit(X, y, loss, **params):
    small = {"hidden_layer_sizes": (32,), "cv": 3, "estimators": None, "random_state": 0}
    return MutualInfoClassifier(loss, **small | params).fit(X, y)


def right(clf, y):
    """Accuracy out of fold."""
    return (clf.classes_[clf.oof_log_proba_.argmax(axis=1)] == y).mean()


def hidden_by(clf, gaussians):
    """Share of rows that the posterior that is right gets right, beyond those of the classifier."""
    drawn, posterior = gaussians
    return (posterior.argmax(axis=1) == drawn.y).mean() - right(clf, drawn.y)


def told_by(log_proba, y):
    """What a posterior certifies of each of these classes."""
    return (log_proba - np.log(np.exp(log_proba).mean(axis=0)))[np.arange(len(y)), y]


@pytest.fixture(scope="module")
def gaussians():
    """Three Gaussian classes that hardly overlap, and the posterior that is right."""
    drawn = make_gaussian_classes(N_ROWS, 4, centers=CENTERS, return_X_y=False, random_state=0)
    distance = ((drawn.X[:, None] - drawn.centers) ** 2).sum(axis=2)
    return drawn, softmax(-distance / 2, axis=1)


@pytest.fixture(scope="module")
def noise(gaussians):
    """Labels and noise matrix: 60 % of the first class have the label of the next.

    With "gce" 30 %, for beyond half of a class the wrong label wins.
    """
    y, options = gaussians[0].y, {"return_noise_matrix": True, "random_state": 1}
    share = {name: 0.6 for name in ["ce", *FITS]} | {"gce": 0.3}
    return {name: make_label_noise(y, share[name], **options) for name in share}


@pytest.fixture(scope="module")
def fits(gaussians, noise):
    # On one device, for other random numbers find a matrix as good, but another.
    params = {"device": "cpu"} | QUICK
    fitted = {name: fit(gaussians[0].X, noise[name][0], name, **params) for name in ["ce", *NOISY]}
    y, matrix = noise["told"]
    told = fit(gaussians[0].X, y, "forward", loss_params={"noise_matrix": matrix}, **params)
    return fitted | {"told": told}


# --- what they find -----------------------------------------------------------------------------


@every_fit
def test_true_classes_are_found(fits, gaussians, name):
    assert hidden_by(fits[name], gaussians) < hidden_by(fits["ce"], gaussians) / 2
    assert hidden_by(fits["ce"], gaussians) > 0.2  # most of a third, and what is hidden of others


@every_fit
def test_noise_matrix_is_found(fits, noise, name):
    assert abs(fits[name].noise_matrix_ - noise[name][1]).mean() < 0.04


@every_fit
def test_information_is_that_of_the_true_class_and_of_the_label(fits, gaussians, noise, name):
    """Nearly that of the posterior that is right, on the same rows, and by chance alone more."""
    drawn, posterior = gaussians
    clf, (y, matrix) = fits[name], noise[name]
    own = told_by(clf.oof_log_proba_, drawn.y)
    assert abs(clf.clean_mutual_info_score_ - own.mean()) < 4 * clf.clean_mutual_info_stderr_ < 0.4
    less = np.log(3 * posterior[EVERY, drawn.y]) - own
    assert -4 * sem(less) < less.mean() < 0.2
    of_label = np.log((posterior @ matrix)[EVERY, y]) - np.log(clf.class_prior_)[y]
    less = of_label - clf.oof_pointwise_mutual_info_
    assert -4 * sem(less) < less.mean() < 0.1


@every_fit
def test_class_prior_of_decisions_is_that_of_the_true_class(fits, gaussians, name):
    share = np.bincount(fits[name].predict(gaussians[0].X)) / N_ROWS
    np.testing.assert_allclose(share, 1 / 3, atol=0.03)


def test_a_known_noise_matrix_is_taken(fits, noise):
    """Without a warm start; and what is fitted to labels is drawn towards it."""
    clf = fits["told"]
    assert clf.n_iter_ <= QUICK["max_iter"] < fits["forward"].n_iter_
    free, drawn = clf._ensemble.pool_candidates
    assert free.noise_matrix is None and drawn.noise_matrix is noise["told"][1]


def test_a_rare_class_keeps_its_name():
    """Swapped names would agree with more labels than right ones."""
    X, y = make_gaussian_classes(2000, 4, centers=(0, 3), class_prior=(0.1, 0.9), random_state=0)
    noise = np.array([[1, 0], [0.8, 0.2]])
    clf = fit(X, make_label_noise(y, noise, random_state=1), "dmi", max_iter=15)
    assert right(clf, y) > 0.7
    assert (abs(clf.noise_matrix_ - noise) < 4 * np.maximum(clf.noise_matrix_stderr_, 0.005)).all()


def test_companions_learn_labels_and_speak_of_true_classes(fits, gaussians, noise, few_trees):
    clf = fit(gaussians[0].X, noise["dmi"][0], "dmi", **QUICK | {"estimators": "auto"})
    assert hidden_by(clf, gaussians) < hidden_by(fits["ce"], gaussians) / 2
    assert sum(clf.pool_weights_.values()) > 2 * clf.pool_weights_["networks"]


def test_without_noise_dmi_is_a_classifier_like_others(gaussians):
    drawn, _ = gaussians
    ce, dmi = (fit(drawn.X, drawn.y, loss, **QUICK) for loss in ("ce", "dmi"))
    assert right(dmi, drawn.y) > right(ce, drawn.y) - 0.01
    assert abs(dmi.noise_matrix_ - np.eye(3)).mean() < 0.01


# --- what they have and others have not ---------------------------------------------------------


@every_noisy_loss
def test_attributes_of_the_true_class(fits, loss):
    clf = fits[loss]
    np.testing.assert_allclose(clf.noise_matrix_.sum(axis=1), 1)
    assert clf.noise_matrix_.min() > 0
    assert np.isfinite([clf.clean_mutual_info_score_, clf.clean_mutual_info_stderr_]).all()


@pytest.mark.parametrize(
    "name",
    [
        "noise_matrix_",
        "noise_matrix_stderr_",
        "clean_mutual_info_score_",
        "clean_mutual_info_stderr_",
    ],
)
def test_losses_that_take_labels_as_they_are_say_so(fits, name):
    with pytest.raises(AttributeError, match=f"loss='ce' takes labels as they are: no {name}"):
        getattr(fits["ce"], name)


def test_so_does_the_interval(fits):
    with pytest.raises(AttributeError, match="loss='ce' takes labels as they are: no clean_mut"):
        fits["ce"].clean_mutual_info_interval()


# --- what they do not know ------------------------------------------------------------------------


@every_fit
def test_errors_cover_the_noise_matrix_and_what_clean_labels_certify(fits, gaussians, noise, name):
    clf = fits[name]
    off = abs(clf.noise_matrix_ - noise[name][1]) / np.maximum(clf.noise_matrix_stderr_, 0.005)
    assert off.max() < 5
    X, y = make_gaussian_classes(3000, 4, centers=CENTERS, random_state=1)
    prior = np.exp(clf.oof_log_proba_).mean(axis=0)
    certified = (clf.predict_log_proba(X) - np.log(prior))[np.arange(3000), y].mean()
    low, high = clf.clean_mutual_info_interval(0.999)
    assert low < certified < high <= np.log(3)
    assert low < clf.clean_mutual_info_score_ < high


@every_fit
def test_the_error_holds_more_than_that_over_rows_given_the_noise_matrix(fits, name):
    clf = fits[name]
    assert clf.clean_mutual_info_stderr_ > 2 * clf._clean_estimate[1]


def test_a_row_is_told_by_the_networks_that_do_not_hold_it_out(fits, gaussians):
    clf, X = fits["forward"], gaussians[0].X
    ensemble, members = clf._ensemble, clf._members
    matrix = clf._encoder.transform(X)
    said = ensemble._said_by_others(matrix, np.empty((0, N_ROWS, 3)), members)
    every = np.exp(ensemble.calibration.log_posterior(ensemble._experts(matrix)))
    for part, rows in enumerate(members.part_rows):
        others = np.delete(every, members.part_member[part], axis=0)[:, rows].mean(axis=0)
        np.testing.assert_allclose(said[members.entry_part == part], others)


def test_one_network_has_no_others_to_disagree(gaussians):
    clf = fit(gaussians[0].X[:200], gaussians[0].y[:200], "dmi", cv=None, max_iter=3)
    assert clf._noise_error.disagreement == 0


def test_digits_are_certified_within_the_interval():
    """Networks that are sure and wrong of some digits take their own mistakes for noise."""
    X, digit = load_digits(return_X_y=True)
    X, digit = X[:500], digit[:500]
    y = make_label_noise(digit, 0.4, kind="symmetric", random_state=0)
    clf = fit(X, y, "forward", max_iter=15)
    own = np.maximum(told_by(clf.oof_log_proba_, digit), -36).mean()
    assert clf.clean_mutual_info_score_ - clf._noise_error.disagreement < own
    assert clf.clean_mutual_info_interval()[0] < own < clf.clean_mutual_info_interval()[1]


def test_the_interval_grows_with_its_level(fits):
    narrow, wide = (fits["dmi"].clean_mutual_info_interval(level) for level in (0.5, 0.99))
    assert wide[0] < narrow[0] < narrow[1] <= wide[1]
    with pytest.raises(ValueError, match="confidence_level must lie strictly between 0 and 1"):
        fits["dmi"].clean_mutual_info_interval(95)


def told(X, y, **params):
    """The classifier and what it said of noise and overlap."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        clf = fit(X, y, "forward", **params)
    own = [each for each in caught if "cannot tell noise from overlap" in str(each.message)]
    assert all(each.category is DataWarning for each in own)
    assert all(each.filename == __file__ for each in own), "points at the call of fit"
    return clf, [str(each.message) for each in own]


def test_classes_that_overlap_are_named():
    rng = np.random.default_rng(0)
    clean = rng.integers(3, size=400)
    X = np.array([[0, 0], [0.7, 0], [0, 9]])[clean] + rng.standard_normal((400, 2))
    clf, said = told(X, np.array(["ant", "bee", "elk"])[clean], **FEW)
    assert len(said) == 1 and "'ant'" in said[0] and "'bee'" in said[0] and "'elk'" not in said[0]
    low, high = clf.clean_mutual_info_interval()
    assert f"from {low:.2f} to {high:.2f} nats" in said[0]
    assert low < told_by(clf.oof_log_proba_, clean).mean() < high
    assert high - low > 2 * 2 * 1.96 * clf._clean_estimate[1]  # of rows, given the noise matrix


def test_those_that_are_told_apart_are_not_whatever_the_noise():
    rng = np.random.default_rng(0)
    clean = rng.integers(3, size=1000)
    X = 9 * np.array([[0, 0], [1, 0], [0, 1]])[clean] + rng.standard_normal((1000, 2))
    y = make_label_noise(clean, 0.2, kind="symmetric", random_state=1)
    clf, said = told(X, y, **QUICK | {"batch_size": 256})
    assert not said
    low, high = clf.clean_mutual_info_interval()
    assert high - low < 0.5


def test_rows_that_repeat_in_groups_leave_more_open():
    rng = np.random.default_rng(0)
    clean = rng.integers(3, size=60)
    X = 4 * np.eye(3)[clean] + rng.standard_normal((60, 3))
    y, group = make_label_noise(clean, 0.3, random_state=0), np.repeat(np.arange(60), 5)
    arguments, small = (np.repeat(X, 5, axis=0), np.repeat(y, 5)), {"cv": 3, "max_iter": 5}
    clf = MutualInfoClassifier("dmi", estimators=None, random_state=0, **small)
    alone, grouped = clone(clf).fit(*arguments), clone(clf).fit(*arguments, groups=group)
    effects = [each._noise_error.design_effect for each in (alone, grouped)]
    assert effects[0] == pytest.approx(1, rel=0.01) and 3 < effects[1] < 7


# --- hard cases ---------------------------------------------------------------------------------


AUTO = {"estimators": "auto", "batch_size": 32, "learning_rate_init": 0.03}


@pytest.mark.usefixtures("few_trees", "brief_searches")
@pytest.mark.parametrize("params", [FEW | {"learning_rate_init": 0.05}, FEW | AUTO], ids=str)
def test_a_class_of_eight_rows_is_no_failure(params):
    y, rng = np.repeat(np.arange(5), [8, 40, 60, 80, 100]), np.random.default_rng(0)
    X = np.eye(5)[y] + 0.5 * rng.standard_normal((288, 5))
    ce, *noisy = (fit(X, y, loss, cv=2, **params) for loss in ["ce", *NOISY])
    assert all(np.isfinite(clf.oof_log_proba_).all() for clf in noisy)
    assert min(right(clf, y) - right(ce, y) for clf in noisy) > -0.2


@every_noisy_loss
def test_a_hundred_classes_are_no_failure(loss, brief_searches):
    rng = np.random.default_rng(0)
    y = np.arange(2000) % 100
    X = 8 * rng.standard_normal((100, 10))[y] + rng.standard_normal((2000, 10))
    observed = make_label_noise(y, 0.3, kind="symmetric", random_state=1)
    clf = fit(X, observed, loss, cv=2, batch_size=500, max_iter=10, learning_rate_init=0.05)
    assert np.isfinite(clf.oof_log_proba_).all()
    assert np.isfinite(clf.predict_log_proba(X[:50])).all()
    assert 0 < clf.mutual_info_score_ <= np.log(100)
    assert right(clf, y) > 0.8
    assert np.median(clf.noise_matrix_.diagonal()) == pytest.approx(0.7, abs=0.2)
