"""Fits of networks for images whose first part is frozen: every image goes through it once."""

import pickle
import warnings

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine import _frozen_features
from sklearn_mi.inspection import info_cam
from sklearn_mi.modules import FrozenFront

N = 150


@pytest.fixture(scope="module")
def images():
    digits = load_digits(n_class=3)
    return (digits.images[:N] / 16).astype(np.float32)[:, None], digits.target[:N]


def network(frozen=True):
    torch.manual_seed(0)
    first = nn.Sequential(nn.Conv2d(1, 12, 3, stride=2), nn.BatchNorm2d(12), nn.ReLU())
    first = first.eval().requires_grad_(not frozen)
    pooling = [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(first, *pooling, nn.Dropout(0.1), nn.Linear(12, 3))


def fit(images, module=None, **params):
    usual = {"max_iter": 2, "cv": 3, "random_state": 0, "learning_rate_init": 0.03}
    module = network() if module is None else module
    return MutualInfoClassifier(module=module, **usual | params).fit(*images)


@pytest.fixture
def seen(monkeypatch):
    """All images that go through a frozen part."""
    blocks, features = [], FrozenFront.features

    def record(self, images):
        blocks.append(images)
        return features(self, images)

    monkeypatch.setattr(FrozenFront, "features", record)
    return blocks


def n_images(blocks):
    return sum(map(len, blocks))


def no_room(monkeypatch):
    monkeypatch.setattr(_frozen_features, "_has_room", lambda data, shape: False)


@pytest.mark.parametrize("cv", [None, 3])
def test_a_fit_and_a_prediction_take_every_image_once(images, seen, cv):
    clf = fit(images, cv=cv)
    # ... not once for each epoch and network.
    assert n_images(seen) == N
    clf.predict_proba(images[0][:20])
    assert n_images(seen) == N + 20


@pytest.mark.parametrize("cv", [None, 3])
def test_kept_features_make_no_difference(images, monkeypatch, cv):
    kept = fit(images, cv=cv)
    no_room(monkeypatch)
    anew = fit(images, cv=cv)
    np.testing.assert_allclose(kept.oof_log_proba_, anew.oof_log_proba_, atol=1e-4)
    pairs = zip(kept.net_.module_.parameters(), anew.net_.module_.parameters(), strict=True)
    for own, other in pairs:
        torch.testing.assert_close(own, other, atol=1e-5, rtol=1e-4)


def test_images_that_change_are_seen_as_they_come(images, seen):
    fit(images, augmentation=["shift"])
    assert n_images(seen) > 2 * N
    given = {image.tobytes() for image in images[0]}
    assert any(image.numpy().tobytes() not in given for block in seen for image in block)


def test_adversarial_rows_pass_through_the_frozen_part(images, seen):
    clf = fit(images, adversarial_training=0.1, max_iter=1)
    assert n_images(seen) > 2 * N and np.isfinite(clf.mutual_info_score_)


@pytest.mark.parametrize("as_bytes", [False, True])
def test_the_frozen_part_sees_pixels_in_their_units(images, seen, as_bytes):
    X = np.round(255 * images[0]).astype(np.uint8) if as_bytes else images[0]
    fit((X, images[1]), max_iter=1)
    expected = X / np.float32(255) if as_bytes else X
    assert torch.equal(torch.cat(seen), torch.as_tensor(expected))


def test_other_networks_see_standardised_pixels(images):
    clf = fit(images, network(frozen=False), max_iter=1)
    assert np.abs(clf._encoder.mean_).min() > 0


def test_features_without_room_are_told_and_computed_anew(images, monkeypatch, seen):
    monkeypatch.setattr(_frozen_features, "MOST_BYTES", 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(images)  # which take less than the images
    torch.manual_seed(0)
    wide = nn.Sequential(nn.Conv2d(1, 64, 3).requires_grad_(False), nn.Flatten())
    seen.clear()
    with pytest.warns(UserWarning, match="150 images, .64, 6, 6. numbers each.*pooling"):
        fit(images, nn.Sequential(wide[0], nn.Conv2d(64, 3, 6), nn.Flatten()), max_iter=1)
    assert n_images(seen) > N


def test_training_can_go_on(images, seen):
    clf = fit(images, warm_start=True)
    before = clf.validation_curve_[-1]
    clf.fit(*images)
    assert clf.validation_curve_[-1] < before and n_images(seen) == 2 * N


def test_maps_come_from_the_whole_network(images):
    clf = fit(images)
    result = info_cam(clf, images[0][:10], images[1][:10])
    assert result.maps.shape == (10, 8, 8)
    own = result.scores[np.arange(10), images[1][:10]]
    rest = (result.scores.sum(axis=1) - own) / 2
    np.testing.assert_allclose(result.maps.sum((1, 2)) + result.offsets, own - rest, atol=1e-4)


BRIGHTNESS = {"now": 1.0}


def brightened(n_channels, n_classes):
    module = network()
    module[0][0].weight.data.mul_(BRIGHTNESS["now"])
    return module


def test_a_stored_fit_keeps_its_frozen_part(images, monkeypatch):
    clf = fit(images, brightened)
    stored, expected = pickle.dumps(clf), clf.predict_proba(images[0])
    monkeypatch.setitem(BRIGHTNESS, "now", 2.0)
    np.testing.assert_array_equal(pickle.loads(stored).predict_proba(images[0]), expected)


def test_features_that_look_like_images_are_not_taken_for_them(images, seen):
    torch.manual_seed(0)
    first = nn.Conv2d(1, 1, 3, padding=1).requires_grad_(False)
    clf = fit(images, nn.Sequential(first, nn.Conv2d(1, 3, 8), nn.Flatten()), max_iter=1)
    assert n_images(seen) > N
    rows = torch.as_tensor(images[0][:5])
    together = clf.net_.module_.eval()(rows.expand(3, *rows.shape))
    torch.testing.assert_close(together[1], clf.net_.module_.member(1)(rows))
