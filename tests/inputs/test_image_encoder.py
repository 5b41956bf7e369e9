"""The encoder of images standardises channels by the images that a network trains on."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from numpy.testing import assert_allclose, assert_array_equal
from random_image_fits import IMAGES, images, random_images, refuses

from sklearn_mi._inputs._image_encoder import ImageEncoder


@given(X=images())
@settings(max_examples=50, deadline=None)
def test_every_channel_has_mean_zero_and_spread_one(X):
    encoder = ImageEncoder().fit(X)
    out = encoder.transform(X)
    assert out.dtype == np.float32 and out.shape == X.shape
    assert encoder.image_shape_ == X.shape[1:]
    for own, channel in zip(np.moveaxis(out, 1, 0), np.moveaxis(X, 1, 0), strict=True):
        varies = (channel != channel.flat[0]).any()
        # The mean is a float32: it is off by its rounding, in units of the spread.
        channel = channel.astype(float)
        rounding = 1e-4 + 1e-7 * np.abs(channel).max() / (channel.std() or 1)
        assert_allclose(own.mean(dtype=float), 0, atol=rounding)
        assert_allclose(own.std(dtype=float), varies, atol=rounding)


@given(X=images(dtypes=("uint8",)))
@settings(max_examples=40, deadline=None)
def test_bytes_are_the_same_images_as_their_255th_parts(X):
    assume(X.max() > 1)  # 0 and 1 alone are a mask, in which 1 is white
    parts = X.astype(np.float32) / 255
    encoder = ImageEncoder().fit(X)
    assert_array_equal(encoder.transform(X), ImageEncoder().fit(parts).transform(parts))
    assert_array_equal(encoder.transform(X), encoder.transform(parts))


def test_every_byte_is_its_255th_part():
    X = np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16)
    encoder = ImageEncoder().fit(X)
    expected = np.arange(256) / 255
    assert_allclose(encoder.mean_.ravel(), expected.mean(), rtol=1e-6)
    assert_allclose(encoder.scale_.ravel(), expected.std(), rtol=1e-6)
    expected = (expected - expected.mean()) / expected.std()
    assert_allclose(encoder.transform(X).ravel(), expected, atol=1e-6)


def test_channels_are_standardised_apart_and_pixels_together():
    X = random_images(50)
    encoder = ImageEncoder().fit(X)
    out = encoder.transform(X)
    brighter = X * np.float32([1, 10, 0.1])[:, None, None] + np.float32([0, 5, -3])[:, None, None]
    assert_allclose(ImageEncoder().fit(brighter).transform(brighter), out, atol=1e-3)
    expected = (X - X.mean(axis=(0, 2, 3), keepdims=True)) / X.std(axis=(0, 2, 3), keepdims=True)
    assert_allclose(out, expected, atol=1e-5)
    moved = np.roll(X, 3, axis=2)[::-1]
    assert_allclose(ImageEncoder().fit(moved).mean_, encoder.mean_, rtol=1e-6)


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3, 255.0])
def test_a_constant_channel_is_zero(value):
    X = random_images(30)
    X[:, 1] = value
    encoder = ImageEncoder().fit(X)
    out = encoder.transform(X)
    assert not out[:, 1].any() and out[:, 0].any()
    assert encoder.scale_.ravel()[1] == 1
    X[:, 1] += 0.5
    assert_allclose(encoder.transform(X)[:, 1], 0.5, rtol=1e-4)


def test_new_images_are_scaled_by_those_of_the_fit():
    first, second = 3 * random_images(30), 5 + 3 * random_images(7, seed=1)
    encoder = ImageEncoder().fit(first)
    assert_allclose(
        encoder.transform(second) * encoder.scale_[0] + encoder.mean_[0], second, rtol=1e-5
    )
    assert encoder.transform(second).mean() > 5


def test_images_that_a_network_does_not_train_on_have_no_say_in_what_it_sees():
    X = random_images(20)
    other = X.copy()
    other[12:] = 100 + 9 * other[12:]
    rows = [np.arange(12), np.arange(8, 20)]
    first, second = (ImageEncoder().fit(x, rows) for x in (X, other))
    assert_array_equal(first.mean_[0], second.mean_[0])
    assert_array_equal(first.scale_[0], second.scale_[0])
    assert (first.mean_[1] != second.mean_[1]).all()
    assert_array_equal(first.mean_[1], ImageEncoder().fit(X[8:]).mean_[0])


def test_images_of_another_shape_are_not_encoded():
    encoder = ImageEncoder().fit(IMAGES)
    for other in (IMAGES[:, :1], IMAGES[:, :, :4], np.swapaxes(IMAGES, 2, 3)):
        refuses(lambda other=other: encoder.transform(other), str(other.shape[1:]), "(3, 8, 6)")


def test_images_are_left_as_they_were():
    for X in (random_images(), (255 * random_images()).astype(np.uint8)):
        before = X.copy()
        ImageEncoder().fit(X).transform(X)
        assert_array_equal(X, before)
