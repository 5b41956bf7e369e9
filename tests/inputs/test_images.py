"""Images on their way into a network: what may go in, standardised channels."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from random_image_fits import IMAGES, LABELS, fit, random_images, refuses
from sklearn.base import BaseEstimator

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._inputs._image_encoder import ImageEncoder
from sklearn_mi._inputs._images import check_image_shape, check_images, is_images

DTYPES = ["uint8", "int16", "int64", "bool", "float16", "float32", "float64"]


# --- what may go in -----------------------------------------------------------------------------


@st.composite
def images(draw, dtypes=tuple(DTYPES)):
    """Images of moderate numbers, of any shape, for which `image_shape` is not needed."""
    n, channels, height, width = draw(st.tuples(*[st.integers(1, 9)] * 4))
    width = width if channels <= 4 else width + 4  # else one would think of channels last
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    elements = {"b": st.booleans(), "u": st.integers(0, 255), "i": st.integers(-300, 300)}
    elements = elements.get(dtype.kind, st.integers(-300, 300).map(lambda value: value / 4))
    return draw(arrays(dtype, (n, channels, height, width), elements=elements))


@given(X=images())
@settings(max_examples=50, deadline=None)
def test_images_pass_unchanged_and_rows_of_pixels_become_them(X):
    rows, shape = X.reshape(len(X), -1), X.shape[1:]
    forms = [(X, None), (X, shape), (rows, shape), (rows.tolist(), shape), (torch.tensor(X), None)]
    forms += [(pd.DataFrame(rows), np.array(shape)), (X.tolist(), list(shape))]
    for form, image_shape in forms:
        assert is_images(form, image_shape)
        out = check_images(BaseEstimator(), form, image_shape, reset=True)
        assert_array_equal(out, X)
        assert isinstance(out, np.ndarray) and out.dtype.kind in "biuf"


@given(shape=st.tuples(*[st.integers(1, 7)] * 3))
@settings(max_examples=40, deadline=None)
def test_images_of_the_shape_that_was_named_are_never_refused(shape):
    X = random_images(2, shape)
    assert_array_equal(check_images(BaseEstimator(), X, shape, reset=True), X)


def test_height_and_width_are_of_images_with_one_channel():
    assert check_image_shape((28, 20)) == (1, 28, 20)
    assert check_image_shape([3, 28, 20]) == (3, 28, 20)
    assert all(type(size) is int for size in check_image_shape(np.array([3, 28, 20])))
    out = check_images(BaseEstimator(), np.arange(12.0).reshape(2, 6), (2, 3), reset=True)
    assert_array_equal(out, np.arange(12.0).reshape(2, 1, 2, 3))


def test_a_table_is_no_image():
    for table in (np.zeros((4, 6)), pd.DataFrame({"a": [1]}), [[1, 2], [3, 4]]):
        assert not is_images(table, None)


@pytest.mark.parametrize(
    "image_shape",
    [(1.0, 28, 28), (28,), (1, 1, 28, 28), (0, 28, 28), (-1, 28, 28), (), [[28, 28]], ("a", "b")],
    ids=str,
)
def test_image_shapes_that_are_none_are_refused(image_shape):
    words = f"image_shape={image_shape!r}", "three positive whole numbers", "(1, 28, 28)"
    refuses(lambda: check_image_shape(image_shape), *words)
    refuses(lambda: fit(np.zeros((40, 784)), LABELS, image_shape=image_shape), *words)


@pytest.mark.parametrize("image_shape", [28, "28x28", {28}])
def test_an_image_shape_that_is_no_array_is_refused(image_shape):
    refuses(lambda: fit(np.zeros((40, 784)), LABELS, image_shape=image_shape), "image_shape")


WITH_NAN = np.where(np.arange(40)[:, None, None, None] == 3, np.float32(np.nan), IMAGES)
BAD_IMAGES = {
    "three axes": (IMAGES[:, 0], None, "dim 3", "(40, 8, 6)", "X[:, None]"),
    "three axes, shape given": (IMAGES[:, 0], (8, 6), "dim 3", "X[:, None]"),
    "five axes": (IMAGES[None], None, "dim 5"),
    "channels last": (np.zeros((40, 8, 6, 3)), None, "(40, 8, 6, 3)", "np.moveaxis(X, -1, 1)"),
    "channels last, shape given": (np.zeros((40, 8, 6, 3)), (3, 8, 6), "(40, 8, 6, 3)"),
    "other shape": (IMAGES, (3, 8, 8), "(40, 3, 8, 6)", "(3, 8, 8)", "Change image_shape"),
    "other channels": (IMAGES, (8, 6), "(40, 3, 8, 6)", "(1, 8, 6)", "Change image_shape"),
    "too few pixels": (IMAGES[:, 0].reshape(40, -1), (3, 8, 6), "(40, 48)", "(40, 144)"),
    "one axis": (np.zeros(40), (3, 8, 6), "(40,)", "(40, 144)"),
    "NaN": (WITH_NAN, None, "NaN", "1 image(s)", "image 3", "np.nan_to_num"),
    "five axes in lists": (IMAGES[None].tolist(), None, "dim 5"),
    "NaN in rows of pixels": (WITH_NAN.reshape(40, -1), (3, 8, 6), "NaN"),
    "infinite": (np.where(IMAGES > 0.999, np.inf, IMAGES), None, "infinity"),
    "text": (np.full((40, 3, 8, 6), "a"), None, "numeric"),
    "complex": (IMAGES + 1j, None, "Complex"),
    "too few images": (IMAGES[:6], None, "6 sample(s)", "minimum of 10"),
}


@pytest.mark.parametrize("X, image_shape, said", [(x, s, w) for x, s, *w in BAD_IMAGES.values()],
                         ids=BAD_IMAGES)  # fmt: skip
def test_what_are_no_images_is_refused(X, image_shape, said):
    refuses(lambda: fit(X, LABELS[: len(X)], image_shape=image_shape), *said)


@pytest.fixture(scope="module")
def fitted():
    return fit(IMAGES, LABELS)


BAD_LATER = {
    "other size": (IMAGES[..., :5], "(3, 8, 5)", "(3, 8, 6)", "Crop, pad or resize"),
    "three axes": (IMAGES[:, 0], "dim 3", "X[:, None]"),
    "channels last": (np.moveaxis(IMAGES, 1, -1), "(40, 8, 6, 3)", "np.moveaxis"),
    "NaN": (WITH_NAN, "NaN"),
    "a table": (np.zeros((5, 3)), "(5, 3)", "images of shape (3, 8, 6)", "image_shape"),
    "rows of pixels": (IMAGES.reshape(40, -1), "(40, 144)", "images of shape", "image_shape"),
    "no images": (IMAGES[:0], "0 sample(s)"),
}


@pytest.mark.parametrize("X, said", [(x, w) for x, *w in BAD_LATER.values()], ids=BAD_LATER)
@pytest.mark.parametrize("method", ["predict", "pointwise_mutual_info"])
def test_other_images_than_those_of_the_fit_are_refused(fitted, X, said, method):
    refuses(lambda: getattr(fitted, method)(X), *said)


def test_images_may_be_nested_lists(fitted):
    assert_allclose(fitted.predict_proba(IMAGES.tolist()), fitted.predict_proba(IMAGES), rtol=1e-5)


BYTES = (IMAGES * 255).astype(np.uint8)
UNITS = {
    "bytes, then numbers up to 255": (BYTES, BYTES / 1.0, "float64", "up to 25", "X / 255"),
    "bytes, then integers": (BYTES, BYTES.astype(int), "int64", "divided by 255"),
    "numbers up to 255, then bytes": (BYTES / 1.0, BYTES, "uint8", "from 0 to 25", "astype"),
    "standardised, then bytes": (IMAGES * 4 - 2, BYTES, "uint8", "units of the fit"),
    "numbers up to 1, then up to 255": (IMAGES, BYTES / 1.0, "up to 25", "Pass floats in [0, 1]"),
    "the other way round": (BYTES / 1.0, IMAGES, "up to 0.99", "units of the fit"),
    "divided, then divided twice": (BYTES / 255, BYTES / 255**2, "up to 0.0039", "from 0 to 0.99"),
    "small whole numbers, then their share": (BYTES // 16, IMAGES, "float32", "uint8"),
    "as it came, then standardised": (IMAGES, (IMAGES - 0.5) / 0.3, "from -1.6", "from 0.00"),
    "standardised, then as it came": ((IMAGES - 0.5) / 0.3, IMAGES, "up to 0.99", "from -1.6"),
    "bytes, then a mask of bytes": (BYTES, BYTES // 128, "up to 1", "divided by 255"),
    "a mask, then several levels": (BYTES // 128, BYTES // 64, "up to 3", "images of 0 and 1"),
    "zero is grey, then black": (IMAGES - 0.5, 0 * BYTES, "uint8 pixels from 0 up to 0", "-0.49"),
}


@pytest.mark.parametrize("X, later, said", [(x, z, w) for x, z, *w in UNITS.values()], ids=UNITS)
def test_pixels_in_other_units_than_those_of_the_fit_are_refused(X, later, said):
    encoder = ImageEncoder().fit(X)
    encoder.transform(X)
    refuses(lambda: encoder.transform(later), *said)


def test_pixels_in_the_same_units_are_taken_in_any_type():
    for X in (BYTES, BYTES / 255):
        encoder = ImageEncoder().fit(X)
        for later in (BYTES, BYTES // 20, BYTES / 255, BYTES / np.float32(255), BYTES / 2550):
            encoder.transform(later)
    ImageEncoder().fit(BYTES // 8).transform(BYTES / 255)
    ImageEncoder().fit(BYTES / 1.0).transform(BYTES.astype(int))


# One picture or one mask as people hold it: what is on a line is one and the same.
BLACK_AND_WHITE = BYTES // 128
SAME_PIXELS = [
    [BYTES, BYTES / 255, BYTES / np.float32(255), (BYTES / 255).astype(np.float16)],
    [BYTES.astype(int), BYTES / 1.0, BYTES.astype(np.uint16), BYTES.astype(np.float16)],
    [BYTES / 255 - 0.5, (BYTES / np.float32(255) - np.float32(0.5))],
    [BYTES / 127.5 - 1],
    [BYTES.astype(np.int16) - 128, BYTES - 128.0],
    [BYTES.astype(np.uint16) * 257, BYTES * 257.0],
    [(BYTES / 255 - 0.5) / 0.2],
    [BYTES / 255**2],
]
SAME_MASKS = [
    [BLACK_AND_WHITE.astype(t) for t in (bool, "uint8", int, float, np.float16)]
    + [BLACK_AND_WHITE * np.uint8(255)],
    [BLACK_AND_WHITE.astype(int) * 255, BLACK_AND_WHITE * 255.0],
    [BLACK_AND_WHITE - 0.5],
    [BLACK_AND_WHITE * 2.0 - 1],
    [BLACK_AND_WHITE / 255],
]


def _held_ways(pictures):
    """Number of a line, and of one of its arrays."""
    return st.sampled_from([(i, j) for i, line in enumerate(pictures) for j in range(len(line))])


@pytest.mark.parametrize("pictures", [SAME_PIXELS, SAME_MASKS], ids=["grey", "masks"])
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_pixel_means_what_it_meant_or_is_refused(pictures, data):
    (line, i), (other, j) = (data.draw(_held_ways(pictures)) for _ in range(2))
    X, later = pictures[line][i], pictures[other][j]
    rows = data.draw(st.sampled_from([slice(None), slice(3, 5)]))
    encoder = ImageEncoder().fit(X)
    expected = encoder.transform(X)
    try:
        found = encoder.transform(later[rows])
    except ValueError as error:
        assert line != other, str(error)
        assert "another shade" in str(error) and "Pass" in str(error)
    else:
        assert_allclose(found, expected[rows], atol=2e-2)


@given(X=images(), data=st.data())
@settings(max_examples=100, deadline=None)
def test_no_images_of_the_fit_are_in_other_units(X, data):
    scale = data.draw(st.sampled_from([1, 1 / 75, 1 / 300, 1 / 255, 1 / 255**2]))
    X = X if scale == 1 else (X * scale).astype(data.draw(st.sampled_from([float, np.float32])))
    rows = data.draw(st.lists(st.integers(0, len(X) - 1), min_size=1, unique=True))
    encoder = ImageEncoder().fit(X)
    assert_array_equal(encoder.transform(X[rows]), encoder.transform(X)[rows])


@pytest.mark.parametrize("X", [BYTES, BYTES / 1.0, IMAGES, IMAGES > 0.5, BYTES // 128])
def test_black_images_are_black_in_any_unit(X):
    encoder = ImageEncoder().fit(X)
    black = encoder.transform(np.zeros((2, *X.shape[1:])))
    assert_allclose(black, np.broadcast_to(-encoder.mean_ / encoder.scale_, black.shape), rtol=1e-6)
    for kind in (bool, "uint8", int, np.float16):
        assert_array_equal(encoder.transform(np.zeros((2, *X.shape[1:]), kind)), black)


@pytest.mark.parametrize("first", [bool, float, "int64", "uint8"])
def test_masks_are_told_apart_in_any_type(first):
    y = np.arange(60) % 2
    X = np.random.RandomState(0).random_sample((60, 1, 4, 4)) < 0.2 + 0.6 * y[:, None, None, None]
    clf = MutualInfoClassifier(cv=None, max_iter=3, random_state=0).fit(X.astype(first), y)
    expected = clf.predict_proba(X.astype(first))
    for later in (bool, float, "int64", "uint8"):
        assert_allclose(clf.predict_proba(X.astype(later)), expected, rtol=1e-5)
    assert_allclose(clf.predict_proba(X * np.uint8(255)), expected, rtol=1e-5)


def test_images_after_a_table_are_refused():
    clf = MutualInfoClassifier(estimators=None, max_iter=1, cv=None)
    clf.fit(np.random.default_rng(0).random((40, 5)), LABELS)
    refuses(lambda: clf.predict(IMAGES), "(40, 3, 8, 6)", "tables of 5 columns", "image_shape")


# --- standardised channels ----------------------------------------------------------------------


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
