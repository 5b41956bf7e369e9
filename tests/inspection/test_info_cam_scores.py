"""The scores behind maps of information are pointwise information, whatever the loss."""

import pickle

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from sklearn.datasets import load_digits
from striped_images import ADDITIVE, KINDS, every_loss, fit, make_images, standardised

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection import info_cam
from sklearn_mi.losses import LOSSES, CrossEntropyLoss

LABEL_LOSSES = [name for name in ADDITIVE if not LOSSES[name].models_label_noise]


def scores_of_networks(clf, X):
    """What each network of a fit says of the images that it was fitted on, (M, n, K)."""
    stack = clf.net_.module_.eval()
    x = torch.stack([standardised(clf, X, member) for member in range(stack.n_members)])
    with torch.no_grad():
        return stack(x).double().numpy()


def differences(values):
    """Between all pairs of classes, in the last axis."""
    return values[..., :, None] - values[..., None, :]


@pytest.mark.parametrize("loss", LABEL_LOSSES)
@pytest.mark.parametrize("cv", [None, 3])
@pytest.mark.parametrize("class_weight", [None, {0: 2, 1: 5}])
def test_differences_are_those_of_weighted_pointwise_information(loss, cv, class_weight):
    X, y = make_images()
    y[::7] = 0  # class frequencies that differ
    clf = fit(X, y, loss=loss, cv=cv, class_weight=class_weight)
    log_ratio = scores_of_networks(clf, X).mean(axis=0)
    if loss == "ce":  # whose scores are of the posterior under the weights
        weights = [class_weight.get(k, 1) for k in range(3)] if class_weight else np.ones(3)
        log_ratio = log_ratio - np.log(clf.class_prior_) - np.log(weights)
    expected = clf.pool_weights_["networks"] * differences(log_ratio)
    assert np.ptp(expected) > 0.1
    assert_allclose(differences(info_cam(clf, X).scores), expected, atol=1e-4)


def test_differences_are_those_of_the_answers_of_the_classifier():
    X, y = make_images()
    y[::7] = 0
    for loss in LABEL_LOSSES:
        clf = fit(X, y, loss=loss, cv=None)
        ignorance = clf._ensemble.calibration.ignorance_
        ratio = (np.exp(clf.pointwise_mutual_info(X)) - ignorance) / (1 - ignorance)
        scores = info_cam(clf, X).scores
        assert_allclose(differences(scores), differences(np.log(ratio)), atol=1e-4)


@every_loss
@pytest.mark.parametrize("class_weight", [None, {0: 3}])
def test_what_scores_leave_of_the_posterior_are_class_frequencies(loss, class_weight):
    X, y = make_images()
    y[::7] = 0
    clf = fit(X, y, loss=loss, cv=None, class_weight=class_weight)
    posterior, calibration = clf.predict_proba(X), clf._ensemble.calibration
    if loss in LABEL_LOSSES:
        frequencies, ignorance = clf.class_prior_, calibration.ignorance_
        posterior = (posterior - ignorance * frequencies) / (1 - ignorance)
    else:  # those of the true class, as the networks see them
        frequencies = np.exp(calibration.log_center_)
    scores = info_cam(clf, X).scores
    assert np.ptp(scores, axis=0).min() > 0.01
    rest = differences(np.log(posterior) - scores)
    expected = differences(np.log(frequencies))
    assert_allclose(rest, np.broadcast_to(expected, rest.shape), atol=1e-4)


def maps_of_networks(clf, X, codes, weights):
    """Nats per pixel of each network of `pixelwise`, by hand, (M, n, H, W)."""
    maps = []
    for number in range(clf.net_.module_.n_members):
        first, act, *_, last = clf.net_.module_.member(number)
        with torch.no_grad():
            features = act(first(standardised(clf, X, number))).double().numpy()
            weight = last.weight.double().numpy()
        maps.append(np.einsum("nk,kc,nchw->nhw", weights[codes], weight, features))
    return clf.pool_weights_["networks"] * np.array(maps) / X[0, 0].size


def test_a_map_is_the_mean_of_those_of_the_folds(images, fitted):
    X, y = images
    result = info_cam(fitted, X, y)
    weights = 1.5 * np.eye(3) - 0.5  # the class less the mean of the two others
    by_member = maps_of_networks(fitted, X, y, weights)
    assert len(by_member) == 3 and by_member.std(axis=0).max() > 1e-3
    assert_allclose(result.maps, by_member.mean(axis=0), atol=1e-6)
    cam = info_cam(fitted, X, y, kind="cam")
    assert_allclose(cam.maps, maps_of_networks(fitted, X, y, np.eye(3)).mean(axis=0), atol=1e-6)


def test_outputs_that_speak_of_another_class_are_put_in_order(images):
    """Renamed outputs of a loss that is blind to names change nothing."""
    X, y = images
    clf = fit(X, y, loss="dmi")
    before = info_cam(clf, X, y)
    order = np.array([2, 0, 1])
    with torch.no_grad():
        for name, value in clf.net_.module_.named_parameters():
            if name.startswith("4__"):
                value[1] = value[1, order]
    clf._ensemble.order[1] = np.argsort(order)[clf._ensemble.order[1]]
    after = info_cam(clf, X, y)
    assert_allclose(after.maps, before.maps, atol=1e-6)
    assert_allclose(after.scores, before.scores, atol=1e-5)


@every_loss
def test_what_all_classes_share_cancels(images, loss):
    X, y = images
    clf = pickle.loads(pickle.dumps(fit(X, y, loss=loss)))
    before = {kind: info_cam(clf, X, y, kind=kind) for kind in KINDS}
    last = clf.net_.module_.get_parameter("4__weight")
    shared = 0.3 * torch.randn(last.shape[0], 1, last.shape[2])
    with torch.no_grad():  # adds a function of x to the scores of all classes
        last.add_(shared)
        clf.net_.module_.get_parameter("4__bias").add_(0.7)
    after = {kind: info_cam(clf, X, y, kind=kind) for kind in KINDS}
    for kind in KINDS[1:]:
        assert_allclose(after[kind].maps, before[kind].maps, atol=1e-5)
        assert_allclose(after[kind].offsets, before[kind].offsets, atol=1e-5)
    assert np.abs(after["cam"].maps - before["cam"].maps).max() > 1e-3
    assert_allclose(differences(after["cam"].scores), differences(before["cam"].scores), atol=1e-4)


class Tempered(CrossEntropyLoss):
    """Posteriors are a softmax of twice the scores."""

    def log_proba(self, scores):
        return (2 * scores).log_softmax(-1)


@pytest.mark.parametrize("loss", [Tempered(), "gccs"])
def test_scores_that_are_no_log_posteriors_are_refused(loss):
    digits = load_digits(n_class=3)
    X, y = digits.images[:120, None], digits.target[:120]
    clf = MutualInfoClassifier(loss, cv=None, max_iter=3, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match="no differences of log posteriors"):
        info_cam(clf, X[:5])
