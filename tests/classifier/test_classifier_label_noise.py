"""Losses for wrong labels inside the classifier: the true class, the noise, the information."""

import warnings

import numpy as np
import pytest
from scipy.special import entr
from sklearn.base import clone
from sklearn.datasets import load_digits

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_gaussian_classes, make_label_noise
from sklearn_mi.exceptions import DataWarning
from sklearn_mi.losses import LOSSES

NOISY = [name for name, loss in LOSSES.items() if loss.models_label_noise]
FINDS_NOISE = ["dmi", "forward"]
every_noisy_loss = pytest.mark.parametrize("loss", NOISY)


def fit(X, y, loss, **params):
    small = {"hidden_layer_sizes": (32,), "cv": 3, "estimators": None, "random_state": 0}
    return MutualInfoClassifier(loss, **small | params).fit(X, y)


def right(clf, y):
    """Accuracy out of fold."""
    return (clf.classes_[clf.oof_log_proba_.argmax(axis=1)] == y).mean()


@pytest.fixture(scope="module")
def gaussians():
    """Three Gaussian classes that hardly overlap; 60 % of the first have the label of the next."""
    drawn = make_gaussian_classes(1500, 4, centers=(0, 2, -2), return_X_y=False, random_state=0)
    y, noise = make_label_noise(drawn.y, 0.6, return_noise_matrix=True, random_state=0)
    return drawn, y, noise


@pytest.fixture(scope="module")
def fits(gaussians):
    drawn, y, _ = gaussians
    # On one device, for other random numbers find a matrix as good, but another.
    return {loss: fit(drawn.X, y, loss, device="cpu") for loss in ["ce", *NOISY]}


# --- what they find -----------------------------------------------------------------------------


@pytest.mark.parametrize("loss", FINDS_NOISE)
def test_true_classes_are_found_where_wrong_labels_are_the_majority(fits, gaussians, loss):
    drawn, _, _ = gaussians
    assert right(fits[loss], drawn.y) > 0.95 > 0.85 > right(fits["ce"], drawn.y)


@pytest.mark.parametrize("loss", FINDS_NOISE)
def test_noise_matrix_is_found(fits, gaussians, loss):
    assert abs(fits[loss].noise_matrix_ - gaussians[2]).mean() < 0.015


@pytest.mark.parametrize("loss", FINDS_NOISE)
def test_information_is_that_of_the_true_class_and_of_the_label(fits, gaussians, loss):
    drawn, y, noise = gaussians
    clf = fits[loss]
    prior = np.exp(clf.oof_log_proba_).mean(axis=0)
    known = clf.oof_log_proba_[np.arange(1500), drawn.y] - np.log(prior)[drawn.y]
    assert clf.clean_mutual_info_score_ == pytest.approx(known.mean(), abs=0.05)
    assert 0 < clf.clean_mutual_info_stderr_ < 0.07
    assert 0.85 * drawn.mutual_info < clf.clean_mutual_info_score_ < drawn.mutual_info + 0.05
    # The classes hardly overlap, so that what X tells of the label is what the class tells of it.
    most = entr(np.bincount(y) / len(y)).sum() - entr(noise).sum(axis=1) @ (
        np.bincount(drawn.y) / len(y)
    )
    assert 0.85 * most < clf.mutual_info_score_ < most + 3 * clf.mutual_info_stderr_


@pytest.mark.parametrize("loss", FINDS_NOISE)
def test_class_prior_of_decisions_is_that_of_the_true_class(fits, gaussians, loss):
    share = np.bincount(fits[loss].predict(gaussians[0].X)) / 1500
    np.testing.assert_allclose(share, np.bincount(gaussians[0].y) / 1500, atol=0.03)


def test_a_known_noise_matrix_is_taken(gaussians):
    drawn, y, noise = gaussians
    clf = fit(drawn.X, y, "forward", loss_params={"noise_matrix": noise})
    assert right(clf, drawn.y) > 0.95
    assert clf.n_iter_ <= 100  # no warm start
    free, drawn_towards = clf._ensemble.pool_candidates
    assert free.noise_matrix is None
    np.testing.assert_array_equal(drawn_towards.noise_matrix, noise)


@pytest.mark.parametrize("noise", [[[1, 0], [0.6, 0.4]], [[1, 0], [0.8, 0.2]]])
def test_a_rare_class_keeps_its_name(noise):
    """Swapped names would agree with more labels than right ones."""
    X, y = make_gaussian_classes(2000, 4, centers=(0, 3), class_prior=(0.1, 0.9), random_state=0)
    clf = fit(X, make_label_noise(y, noise, random_state=0), "dmi", max_iter=15)
    assert right(clf, y) > 0.94
    assert abs(clf.noise_matrix_ - noise).max() < 0.1


def test_companions_learn_labels_and_speak_of_true_classes(gaussians):
    drawn, y, _ = gaussians
    clf = fit(drawn.X, y, "dmi", estimators="auto", module="auto", max_iter=40)
    assert right(clf, drawn.y) > 0.95
    assert sum(clf.pool_weights_.values()) > clf.pool_weights_["networks"]


def test_without_noise_dmi_is_a_classifier_like_others(gaussians):
    drawn, _, _ = gaussians
    ce, dmi = (fit(drawn.X, drawn.y, loss, max_iter=15) for loss in ("ce", "dmi"))
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


@every_noisy_loss
def test_errors_cover_the_noise_matrix_and_what_clean_labels_certify(fits, gaussians, loss):
    _, _, noise = gaussians
    clf = fits[loss]
    off = abs(clf.noise_matrix_ - noise) / np.maximum(clf.noise_matrix_stderr_, 0.005)
    assert off.max() < 1.96
    fresh = make_gaussian_classes(3000, 4, centers=(0, 2, -2), random_state=1)
    prior = np.exp(clf.oof_log_proba_).mean(axis=0)
    log_posterior = clf.predict_log_proba(fresh[0])[np.arange(3000), fresh[1]]
    low, high = clf.clean_mutual_info_interval()
    assert low < (log_posterior - np.log(prior)[fresh[1]]).mean() < high + 0.02
    assert low < clf.clean_mutual_info_score_ <= high <= np.log(3)


@pytest.mark.parametrize("loss", FINDS_NOISE)
def test_the_error_holds_more_than_that_over_rows_given_the_noise_matrix(fits, loss):
    clf = fits[loss]
    assert clf.clean_mutual_info_stderr_ > 2 * clf._clean_estimate[1]


def test_a_row_is_told_by_the_networks_that_do_not_hold_it_out(fits, gaussians):
    clf, X = fits["forward"], gaussians[0].X[:1500]
    ensemble, members = clf._ensemble, clf._members
    matrix = clf._encoder.transform(X)
    said = ensemble._said_by_others(matrix, np.empty((0, 1500, 3)), members)
    every = np.exp(ensemble.calibration.log_posterior(ensemble._experts(matrix)))
    for part, rows in enumerate(members.part_rows):
        others = np.delete(every, members.part_member[part], axis=0)[:, rows].mean(axis=0)
        np.testing.assert_allclose(said[members.entry_part == part], others)


def test_one_network_has_no_others_to_disagree(gaussians):
    clf = fit(gaussians[0].X[:200], gaussians[1][:200], "dmi", cv=None, max_iter=3)
    assert clf._noise_error.disagreement == 0


def test_digits_are_certified_within_the_interval():
    """Networks that are sure and wrong of some digits take their own mistakes for noise."""
    X, digit = load_digits(return_X_y=True)
    some = slice(500)
    y = make_label_noise(digit[some], 0.4, kind="symmetric", random_state=0)
    clf = fit(X[some], y, "forward", max_iter=15)
    prior = np.exp(clf.oof_log_proba_).mean(axis=0)
    own = clf.oof_log_proba_[np.arange(500), digit[some]] - np.log(prior)[digit[some]]
    own = np.maximum(own, -36).mean()
    assert clf.clean_mutual_info_score_ - 1.96 * clf._clean_estimate[1] > own  # given T
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


def test_classes_that_overlap_are_named_and_those_that_are_told_apart_are_not():
    rng = np.random.default_rng(0)
    clean = rng.integers(3, size=400)
    X = np.array([[0, 0], [1, 0], [0, 9]])[clean] + rng.standard_normal((400, 2))
    names = np.array(["ant", "bee", "elk"])
    clf, said = told(X, names[clean], max_iter=20)
    assert len(said) == 1 and "'ant'" in said[0] and "'bee'" in said[0] and "'elk'" not in said[0]
    low, high = clf.clean_mutual_info_interval()
    assert f"from {low:.2f} to {high:.2f} nats" in said[0]
    assert high - low > 0.2
    clearer = 9 * np.array([[0, 0], [1, 0], [0, 1]])[clean] + rng.standard_normal((400, 2))
    clf, said = told(clearer, make_label_noise(clean, 0.3, kind="symmetric", random_state=0))
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


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("params", [{}, {"estimators": "auto", "batch_size": 32}], ids=str)
def test_a_class_of_eight_rows_is_no_failure(params):
    y, gained = np.repeat(np.arange(5), [8, 40, 60, 80, 100]), []
    for seed in range(2):
        rng = np.random.default_rng(seed)
        X = np.eye(5)[y] + 0.5 * rng.standard_normal((288, 5))
        ce, *noisy = (fit(X, y, loss, cv=2, max_iter=40, **params) for loss in ["ce", *NOISY])
        assert all(np.isfinite(clf.oof_log_proba_).all() for clf in noisy)
        gained.append([right(clf, y) - right(ce, y) for clf in noisy])
    assert (np.mean(gained, axis=0) > -0.03).all()


@every_noisy_loss
def test_a_hundred_classes_are_no_failure(loss):
    rng = np.random.default_rng(0)
    y = np.arange(2000) % 100
    X = 4 * rng.standard_normal((100, 10))[y] + rng.standard_normal((2000, 10))
    observed = make_label_noise(y, 0.3, kind="symmetric", random_state=0)
    clf = fit(X, observed, loss, cv=2, batch_size=256, max_iter=20, learning_rate_init=0.03)
    assert np.isfinite(clf.oof_log_proba_).all()
    assert np.isfinite(clf.predict_log_proba(X[:50])).all()
    assert 0 < clf.mutual_info_score_ <= np.log(100)
    assert right(clf, y) > 0.8
    assert np.median(clf.noise_matrix_.diagonal()) == pytest.approx(0.7, abs=0.12)
