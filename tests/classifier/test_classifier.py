"""What a fitted classifier says: attributes, the estimate, probabilities, decisions."""

import copy

import brief_fits
import numpy as np
import pandas as pd
import pytest
import skorch
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import log_softmax
from scipy.stats import entropy, sem
from sklearn.metrics import accuracy_score
from sklearn.naive_bayes import GaussianNB

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_gaussian_classes, make_xor
from sklearn_mi.losses import LOSSES
from sklearn_mi.metrics import variational_mutual_info_score

SHARES = [0.1, 0.15, 0.2, 0.25, 0.3]
NAMES = np.array(["ant", "bee", "cat", "dog", "eel"])
LABEL_LOSSES = [name for name, loss in LOSSES.items() if not loss.models_label_noise]


def _fit(X, y, **params):
    return MutualInfoClassifier(**{"max_iter": 10, "random_state": 0} | params).fit(X, y)


def _under(clf, priors):
    """The same classifier, deciding under other priors."""
    return copy.copy(clf).set_params(priors=priors)


@pytest.fixture(scope="module")
def rows():
    X, y = make_gaussian_classes(300, class_prior=SHARES, random_state=0)
    return X, NAMES[y]


@pytest.fixture(scope="module")
def fits(rows):
    """Networks alone, the default companions, and a quick one with each other loss."""
    companions = {"pc_softmax": None, "ce": "auto", "dmi": "auto"}
    quick = [("bayes", GaussianNB())]
    with brief_fits.few_trees():
        return {x: _fit(*rows, loss=x, estimators=companions.get(x, quick)) for x in LOSSES}


@pytest.fixture(params=sorted(LOSSES))
def fitted(fits, request):
    return fits[request.param]


@pytest.fixture(params=sorted(LABEL_LOSSES))
def label_fitted(fits, request):
    return fits[request.param]


# --- attributes ---------------------------------------------------------------------------------


def test_attributes_have_the_documented_shapes(fitted, rows):
    n, k = len(rows[0]), len(NAMES)
    assert_array_equal(fitted.classes_, NAMES)
    assert fitted.class_prior_.shape == (k,)
    assert fitted.oof_log_proba_.shape == (n, k)
    assert fitted.oof_pointwise_mutual_info_.shape == (n,)
    assert fitted.n_features_in_ == 2 and not hasattr(fitted, "feature_names_in_")
    assert isinstance(fitted.net_, skorch.NeuralNet)
    for name in ("mutual_info_score_", "mutual_info_stderr_", "label_entropy_"):
        assert type(getattr(fitted, name)) is float and np.isfinite(getattr(fitted, name))


def test_class_frequencies_and_their_entropy(fitted):
    assert_allclose(fitted.class_prior_, SHARES)
    assert_allclose(fitted.label_entropy_, entropy(SHARES))


def test_curves_have_one_value_per_epoch_of_the_loss(fitted):
    assert len(fitted.loss_curve_) == len(fitted.validation_curve_) == len(fitted.net_.history)
    assert np.isfinite(fitted.loss_curve_).all() and np.isfinite(fitted.validation_curve_).all()
    warmed = LOSSES[fitted.loss].warm_start is not None
    assert 0 < len(fitted.loss_curve_) <= 10
    assert (fitted.n_iter_ > len(fitted.loss_curve_)) == warmed


def test_training_loss_falls(fitted):
    assert fitted.loss_curve_[-1] < fitted.loss_curve_[0]


def test_feature_names_are_those_of_the_table(rows, few_trees):
    clf = _fit(pd.DataFrame(rows[0], columns=["u", "v"]), rows[1], max_iter=1)
    assert_array_equal(clf.feature_names_in_, ["u", "v"])


# --- the estimate -------------------------------------------------------------------------------


def test_score_is_that_of_the_out_of_fold_probabilities(label_fitted, rows):
    proba = np.exp(label_fitted.oof_log_proba_)
    known = {"class_prior": label_fitted.class_prior_, "labels": label_fitted.classes_}
    score = variational_mutual_info_score(rows[1], proba, **known)
    assert_allclose(label_fitted.mutual_info_score_, score, atol=1e-9)


def test_score_and_error_are_those_of_the_pointwise_values(fitted):
    pointwise = fitted.oof_pointwise_mutual_info_
    assert_allclose(fitted.mutual_info_score_, pointwise.mean(), rtol=1e-12)
    assert_allclose(fitted.mutual_info_stderr_, sem(pointwise), rtol=1e-12)


def test_out_of_fold_probabilities_are_distributions(fitted):
    assert_allclose(np.exp(fitted.oof_log_proba_).sum(axis=1), 1)


def test_interval_is_symmetric_up_to_the_entropy_and_widens_with_confidence(fitted):
    score, wide = fitted.mutual_info_score_, 0
    for level in (0.5, 0.9, 0.95, 0.99, 1 - 1e-12):
        low, high = fitted.mutual_info_interval(level)
        assert_allclose(high, min(2 * score - low, fitted.label_entropy_))
        assert score - low > wide
        wide = score - low


def test_interval_ends_at_the_entropy_at_the_latest():
    clf = _fit(*make_gaussian_classes(100, centers=(-1.5, 1.5), random_state=0), max_iter=30)
    low, high = clf.mutual_info_interval(1 - 1e-9)
    assert low < clf.mutual_info_score_ < high == clf.label_entropy_


@pytest.mark.parametrize("estimators", [None, "auto"])
def test_where_the_classes_are_told_apart_the_estimate_is_the_entropy(estimators):
    X, y = make_gaussian_classes(100, centers=(-9, 9), random_state=0)
    clf = _fit(X, y, max_iter=30, estimators=estimators)
    low, high = clf.mutual_info_interval()
    assert clf.label_entropy_ - 0.01 < low < clf.mutual_info_score_ <= high <= clf.label_entropy_


@pytest.mark.parametrize("level", [0, 1, -0.5, 95])
def test_interval_refuses_a_confidence_that_is_none(fits, level):
    with pytest.raises(ValueError, match=rf"(?s)strictly between 0 and 1, got {level};.*0\.95"):
        fits["ce"].mutual_info_interval(level)


# --- probabilities and decisions ----------------------------------------------------------------


def test_probabilities_are_distributions(fitted, rows):
    proba = fitted.predict_proba(rows[0])
    assert_allclose(proba.sum(axis=1), 1)
    assert_allclose(np.exp(fitted.predict_log_proba(rows[0])), proba)


@pytest.mark.parametrize("priors", [None, "uniform", "empirical", [0.6, 0.1, 0.1, 0.1, 0.1]])
def test_prediction_is_the_largest_decision(fitted, rows, priors):
    clf = _under(fitted, priors)
    decision = clf.decision_function(rows[0])
    assert decision.shape == (len(rows[0]), len(NAMES))
    assert_array_equal(clf.predict(rows[0]), NAMES[decision.argmax(axis=1)])
    assert_array_equal(clf.predict_proba(rows[0]), fitted.predict_proba(rows[0]))


def test_decisions_replace_the_class_frequencies_by_the_priors(label_fitted, rows):
    log_proba, target = label_fitted.predict_log_proba(rows[0]), np.array([0.4, 0.3, 0.1, 0.1, 0.1])
    expected = log_softmax(log_proba + np.log(target / label_fitted.class_prior_), axis=1)
    assert_allclose(_under(label_fitted, target).decision_function(rows[0]), expected)
    same = _under(label_fitted, label_fitted.class_prior_)
    for clf in (same, _under(label_fitted, "empirical")):
        assert_allclose(clf.decision_function(rows[0]), log_proba)


def test_own_priors_are_uniform_for_pc_softmax_and_else_empirical(fits, fitted, rows):
    own = "uniform" if fitted is fits["pc_softmax"] else "empirical"
    other = {"uniform": "empirical", "empirical": "uniform"}[own]
    decision = fitted.decision_function(rows[0])
    assert_allclose(_under(fitted, own).decision_function(rows[0]), decision)
    assert np.abs(_under(fitted, other).decision_function(rows[0]) - decision).max() > 0.1


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_two_classes_are_decided_by_one_number(loss):
    X, y = make_xor(200, flip_y=0.1, random_state=0)
    params = {"cv": 2, "estimators": [("bayes", GaussianNB())], "priors": "empirical"}
    clf = _fit(X, np.array(["no", "yes"])[y], loss=loss, **params)
    decision, proba = clf.decision_function(X), clf.predict_proba(X)
    assert decision.shape == (200,)
    assert_array_equal(clf.predict(X), np.where(decision > 0, "yes", "no"))
    assert_allclose(decision, np.log(proba[:, 1] / proba[:, 0]))


def test_score_is_accuracy(fitted, rows):
    assert fitted.score(*rows) == accuracy_score(rows[1], fitted.predict(rows[0]))


def test_pointwise_information_is_log_posterior_less_log_frequency(label_fitted, rows):
    expected = label_fitted.predict_log_proba(rows[0]) - np.log(label_fitted.class_prior_)
    assert_allclose(label_fitted.pointwise_mutual_info(rows[0]), expected)


def test_dmi_speaks_of_observed_labels_through_the_noise_matrix(fits, rows):
    clf = fits["dmi"]
    assert clf.noise_matrix_.shape == (5, 5) and (clf.noise_matrix_ >= 0).all()
    assert_allclose(clf.noise_matrix_.sum(axis=1), 1)
    observed = clf.predict_proba(rows[0]) @ clf.noise_matrix_
    assert_allclose(np.exp(clf.pointwise_mutual_info(rows[0])) * clf.class_prior_, observed)
    assert not any(hasattr(fits[loss], "noise_matrix_") for loss in LABEL_LOSSES)
