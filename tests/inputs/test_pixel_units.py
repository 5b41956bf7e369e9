"""Pixels mean what they meant in the fit, in whatever type they come, or are refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from random_image_fits import IMAGES, images, refuses

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._inputs._image_encoder import ImageEncoder

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


@pytest.mark.parametrize("high", [1.01, 127.5, 254, 256, 65_000, 66_000])
def test_images_that_nearly_fill_a_usual_range_are_in_their_own_units(high):
    X = np.array([[[[0.0, high]]]])
    encoder = ImageEncoder().fit(X)
    assert_allclose(encoder.transform(X), (X - encoder.mean_) / encoder.scale_, rtol=1e-5)


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
