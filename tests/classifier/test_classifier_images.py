"""MutualInfoClassifier on images: known information, forms of X, and answers."""

import numpy as np
import pandas as pd
import pytest
import torch
from image_fits import by_place, every_loss, make_quadrants, small, tiny
from image_fits import fit as _fit
from image_fits import same as _same
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.naive_bayes import GaussianNB
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine._scoring import score_rows
from sklearn_mi.inspection import info_cam
from sklearn_mi.modules import ConvNet, ModuleStack

# --- known information --------------------------------------------------------------------------


@every_loss
def test_a_visible_label_is_all_information(loss):
    X, y = make_quadrants()
    clf = _fit(X, y, loss=loss, module=by_place, max_iter=8, learning_rate_init=0.03)
    assert np.log(4) - 0.1 < clf.mutual_info_score_ <= np.log(4)
    assert clf.score(*make_quadrants(seed=1)) > 0.97
    assert_allclose(clf.label_entropy_, np.log(4))


@pytest.mark.parametrize("loss", ["ce", "pc_softmax", "dmi"])
@pytest.mark.parametrize("module", [small, by_place])
def test_noise_is_no_information(loss, module):
    X, y = make_quadrants(visible=0)
    clf = _fit(X, y, loss=loss, module=module, max_iter=5, learning_rate_init=0.03)
    assert abs(clf.mutual_info_score_) < 0.03
    assert clf.mutual_info_interval()[0] <= 0


@pytest.mark.parametrize("visible", [0.25, 0.5, 0.75])
def test_what_is_visible_in_a_share_of_images_is_that_share(visible):
    X, y = make_quadrants(800, visible, n_classes=2)
    clf = _fit(X, y, module=by_place, max_iter=8, learning_rate_init=0.03, device="cpu")
    error, truth = clf.mutual_info_stderr_, visible * np.log(2)
    assert truth - 0.08 < clf.mutual_info_score_ < truth + 3 * error and error < 0.02


def test_the_default_network_reads_digits(digits):
    X, y = digits
    params = {"module": "auto", "learning_rate_init": "auto", "max_iter": 6}
    clf = _fit(X, y, **params)
    assert clf.mutual_info_score_ > 0.8 * np.log(4)
    assert clf.estimators_ == {} and list(clf.pool_weights_) == ["networks"]
    assert clf.image_shape_ == (1, 8, 8) and clf.n_features_in_ == 1
    assert isinstance(clf.net_.module_.member(2), ConvNet)


def test_rows_of_pixels_are_a_table_unless_their_shape_is_given(digits):
    X, y = digits
    clf = _fit(X.reshape(240, -1), y, module="auto", estimators=None, max_iter=1)
    assert clf.image_shape_ is None and clf.n_features_in_ == 64


def test_the_default_network_finds_small_objects_in_noise():
    # Networks without normalisation learn nothing here in so few steps.
    rng = np.random.RandomState(0)
    cross, frame = np.zeros((2, 7, 7))
    cross[3] = cross[:, 3] = frame[[0, -1]] = frame[:, [0, -1]] = 1
    X, y = 0.4 * rng.standard_normal((400, 1, 24, 24)), rng.randint(2, size=400)
    for image, label, (top, left) in zip(X[:, 0], y, rng.randint(17, size=(400, 2)), strict=True):
        image[top : top + 7, left : left + 7] += [cross, frame][label]
    clf = MutualInfoClassifier(cv=None, max_iter=5, batch_size=32, random_state=0).fit(X, y)
    assert clf.mutual_info_score_ > 0.3


# --- forms of X ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("brief_searches")
@every_loss
def test_images_rows_and_tables_of_pixels_are_the_same(digits, loss):
    X, y = digits
    params = {"loss": loss, "module": tiny, "batch_size": "auto", "max_iter": 2, "cv": None}
    rows, expected = X.reshape(240, -1), _fit(X, y, **params)
    assert np.ptp(expected.predict_proba(X), axis=0).min() > 0.01
    table = pd.DataFrame(rows).add_prefix("pixel")
    for form, shape in [(rows, (1, 8, 8)), (table, (8, 8)), (rows.tolist(), [8, 8])]:
        clf = _fit(form, y, image_shape=shape, **params)
        _same(clf, expected, form, X)
        assert clf.image_shape_ == (1, 8, 8) and clf.n_features_in_ == 64
        assert hasattr(clf, "feature_names_in_") == (form is table)
    _same(_fit(X, y, image_shape=(1, 8, 8), **params), expected, X)


def test_bytes_tensors_and_any_memory_are_the_same_images(digits):
    X, y = digits
    pixels, params = (X * 255).astype(np.uint8), {"module": tiny, "max_iter": 2}
    expected = _fit(pixels, y, **params)
    parts = pixels / np.float32(255)
    _same(_fit(parts, y, **params), expected, parts, pixels)
    _same(_fit(torch.tensor(pixels), y, **params), expected, pixels)
    last = np.ascontiguousarray(np.moveaxis(np.repeat(parts, 2, axis=1), 1, -1))
    first = np.ascontiguousarray(np.moveaxis(last, -1, 1))
    for augmentation in (None, ["shift", "flip"]):
        strided, plain = (
            _fit(form, y, augmentation=augmentation, **params)
            for form in (np.moveaxis(last, -1, 1), first)
        )
        _same(strided, plain, np.moveaxis(last, -1, 1), first)


def test_brightness_and_contrast_do_not_matter(digits):
    X, y = digits
    darker = 0.125 * X - 4
    params = {"module": tiny, "max_iter": 1}
    _same(_fit(darker, y, **params), _fit(X, y, **params), darker, X, rtol=1e-3)


def test_channels_are_seen(digits):
    _, y = digits
    colour = np.zeros((240, 3, 8, 8), dtype=np.float32)
    colour[np.arange(240), y % 3] = 1  # of the whole image; the classes 0 and 3 share one
    clf = _fit(colour, y, max_iter=8)
    shares = np.bincount(y % 3) / 240
    assert clf.mutual_info_score_ == pytest.approx(-shares @ np.log(shares), abs=0.06)
    grey = colour.sum(axis=1, keepdims=True)
    assert abs(_fit(grey, y, max_iter=8).mutual_info_score_) < 0.01


def test_an_image_may_be_a_single_pixel():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(120, 1, 1, 1)), np.arange(120) % 2
    assert _fit(X + 8 * y[:, None, None, None], y, max_iter=20).mutual_info_score_ > 0.6


# --- answers ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("brief_searches")
@every_loss
def test_posteriors_are_distributions(digits, loss):
    X, y = digits
    clf = _fit(X, y, loss=loss)
    assert clf.predict_proba(X).shape == (240, 4)
    assert_allclose(clf.predict_proba(X).sum(axis=1), 1)
    assert np.isfinite(clf.oof_log_proba_).all()
    assert_allclose(np.exp(clf.oof_log_proba_).sum(axis=1), 1)
    assert clf.mutual_info_score_ == pytest.approx(clf.oof_pointwise_mutual_info_.mean())
    assert clf.mutual_info_score_ > 0.1
    pointwise = clf.pointwise_mutual_info(X)
    assert_allclose(np.exp(pointwise) @ clf.class_prior_, 1)
    assert len(clf.loss_curve_) == 3


@pytest.mark.parametrize("cv", [3, None])
def test_answers_do_not_depend_on_the_images_beside_it(digits, cv, monkeypatch):
    X, y = digits
    clf = _fit(X, y, cv=cv, estimators=[("bayes", GaussianNB())])
    whole = clf.predict_proba(X)
    for rows in (slice(0, 1), slice(17, 40), np.arange(239, 0, -7)):
        assert_allclose(clf.predict_proba(X[rows]), whole[rows], rtol=1e-4, atol=1e-7)
        assert_array_equal(clf.predict(X[rows]), clf.predict(X)[rows])
    monkeypatch.setattr("sklearn_mi._engine._scoring.SCORING_PIXELS", 64 * 7)
    assert_allclose(clf.predict_proba(X), whole, rtol=1e-4, atol=1e-7)


def test_large_images_are_scored_a_few_at_a_time():
    seen = []

    class Counting(nn.Linear):
        def forward(self, x):
            seen.append(len(x))
            return super().forward(x.mean((2, 3)))

    stack = ModuleStack(lambda c, k: Counting(c, k), 2, (3, 512, 512), 2)
    seen.clear()
    x = torch.rand(9, 3, 512, 512)
    scores = score_rows(stack, lambda x: x, x, 2)
    assert set(seen) == {8, 1} and scores.shape == (2, 9, 2)
    expected = torch.stack([stack.member(m)(x) for m in range(2)])
    torch.testing.assert_close(scores, expected)


def test_decisions_follow_the_priors(digits):
    X, y = digits
    keep = (y != 0) | (np.arange(240) % 4 == 0)
    X, y = X[keep], y[keep]
    clf = _fit(X, y, loss="pc_softmax", max_iter=2)
    log_proba = clf.predict_log_proba(X)
    expected = (log_proba - np.log(clf.class_prior_)).argmax(axis=1)
    assert_array_equal(clf.predict(X), expected)
    clf.set_params(priors="empirical")
    assert_array_equal(clf.predict(X), log_proba.argmax(axis=1))
    clf.set_params(priors=[0.997, 0.001, 0.001, 0.001])
    assert (clf.predict(X) == 0).mean() > (expected == 0).mean()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("augmentation", [None, ["shift", "flip"]])
def test_cuda_agrees_with_the_cpu(digits, augmentation):
    params = {"augmentation": augmentation, "max_iter": 20}
    on_cuda, on_cpu = (_fit(*digits, device=device, **params) for device in ("cuda", "cpu"))
    assert next(on_cuda.net_.module_.parameters()).is_cuda
    difference = abs(on_cuda.mutual_info_score_ - on_cpu.mutual_info_score_)
    by_chance = 0.3 if augmentation else 0  # networks as small as these differ so by their batches
    error = on_cuda.mutual_info_stderr_ + on_cpu.mutual_info_stderr_
    assert difference < 2 * error + by_chance
    result = info_cam(on_cuda, digits[0][:5])
    assert result.maps.shape == (5, 8, 8) and np.isfinite(result.maps).all()
