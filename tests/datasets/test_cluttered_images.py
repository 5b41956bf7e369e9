"""Cluttered images: where the objects lie, channels, noise and types, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from objects_to_hide import CLEAN, grey_squares, sparse_objects

from sklearn_mi.datasets import make_cluttered_images

# --- objects --------------------------------------------------------------------------------------


@given(
    seed=st.integers(0, 1000),
    shape=st.sampled_from([(9, 7), (1, 1), (3, 4, 5)]),
    margin=st.tuples(st.integers(0, 9), st.integers(0, 9)),
)
@settings(max_examples=30, deadline=None)
def test_boxes_are_the_tightest_around_the_visible_object(seed, shape, margin):
    objects = sparse_objects(shape=shape, seed=seed)
    image_size = tuple(np.add(shape[-2:], margin))
    X, _, boxes = make_cluttered_images(
        objects, np.arange(20), image_size=image_size, random_state=seed, **CLEAN
    )
    assert X.shape == (20, shape[0] if len(shape) == 3 else 1, *image_size)
    for image, box in zip(X, boxes, strict=True):
        _, row, column = np.nonzero(image > 0.1)
        np.testing.assert_array_equal(
            box, [row.min(), column.min(), row.max() + 1, column.max() + 1]
        )


@pytest.mark.parametrize("shape", [(9, 7), (2, 9, 7)])
def test_images_hold_the_whole_object_and_nothing_else(shape):
    objects = sparse_objects(shape=shape)
    X, _, boxes = make_cluttered_images(objects, np.arange(20), random_state=0, **CLEAN)
    for image, original, (top, left, bottom, right) in zip(X, objects / 255, boxes, strict=True):
        original = original.reshape(-1, 9, 7)
        _, row, column = np.nonzero(original > 0.1)
        np.testing.assert_allclose(
            image[:, top:bottom, left:right],
            original[:, row.min() : row.max() + 1, column.min() : column.max() + 1],
            rtol=1e-6,
        )
        assert image.sum() == pytest.approx(original.sum(), rel=1e-5)
        assert (image[:, top:bottom, left:right] > 0.1).sum() == (image > 0.1).sum()


def test_canvas_of_the_size_of_the_objects_leaves_one_place():
    objects = sparse_objects()
    X, _, _ = make_cluttered_images(objects, np.arange(20), image_size=(9, 7), **CLEAN)
    np.testing.assert_allclose(X[:, 0], objects / 255, rtol=1e-6)


def test_objects_lie_everywhere_equally_often():
    _, _, boxes = make_cluttered_images(
        grey_squares(1, side=3), [0], n_samples=2400, image_size=(5, 6), random_state=0, **CLEAN
    )
    corners, counts = np.unique(boxes[:, :2], axis=0, return_counts=True)
    np.testing.assert_array_equal(corners, np.argwhere(np.ones((3, 4))))
    np.testing.assert_allclose(counts, 200, atol=5 * np.sqrt(200))
    np.testing.assert_array_equal(boxes[:, 2:], boxes[:, :2] + 3)


def test_each_object_gets_an_image_in_order():
    X, y, _ = make_cluttered_images(grey_squares(8), np.arange(8) * 7, random_state=0, **CLEAN)
    np.testing.assert_array_equal(y, np.arange(8) * 7)
    np.testing.assert_array_equal(X.max(axis=(1, 2, 3)), np.arange(1, 9) / 8)


def test_drawn_objects_keep_their_labels_and_are_all_drawn():
    X, y, boxes = make_cluttered_images(
        grey_squares(5), np.arange(5), n_samples=1000, random_state=0, **CLEAN
    )
    assert X.shape == (1000, 1, 56, 56)
    assert boxes.shape == (1000, 4)
    np.testing.assert_allclose(X.max(axis=(1, 2, 3)), (y + 1) / 5, rtol=1e-6)
    np.testing.assert_allclose(np.bincount(y), 200, atol=5 * np.sqrt(200))


# --- channels, noise and types --------------------------------------------------------------------


def test_channels_stay_together():
    grey = sparse_objects() / 255
    coloured = np.stack([grey, grey / 2, 0 * grey], axis=1)
    X, _, _ = make_cluttered_images(
        coloured, np.arange(20), fragment_size=4, noise=0, random_state=0
    )
    np.testing.assert_allclose(X[:, 1], X[:, 0] / 2, rtol=1e-6)
    assert not X[:, 2].any()


def test_objects_without_channels_are_those_of_one():
    objects = sparse_objects()
    for ours, theirs in zip(
        make_cluttered_images(objects, np.arange(20), fragment_size=4, random_state=0),
        make_cluttered_images(objects[:, None], np.arange(20), fragment_size=4, random_state=0),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_noise_has_its_standard_deviation_in_every_channel():
    objects = np.full((5, 2, 100, 100), 0.5)
    X, _, _ = make_cluttered_images(
        objects, np.arange(5), image_size=(100, 100), n_fragments=0, noise=0.1, random_state=0
    )
    noise = X.swapaxes(0, 1).reshape(2, -1) - 0.5
    np.testing.assert_allclose(np.cov(noise), 0.01 * np.eye(2), atol=3e-4)
    np.testing.assert_allclose(noise.mean(axis=1), 0, atol=2e-3)


def test_noise_is_clipped_and_leaves_objects_and_fragments_where_they_are():
    objects, y = sparse_objects(), np.arange(20)
    options = {"fragment_size": 4, "random_state": 0}
    noiseless, _, boxes = make_cluttered_images(objects, y, noise=0, **options)
    faint, _, same_boxes = make_cluttered_images(objects, y, noise=1e-6, **options)
    loud, _, _ = make_cluttered_images(objects, y, noise=3, **options)
    np.testing.assert_allclose(faint, noiseless, atol=1e-5)
    np.testing.assert_array_equal(boxes, same_boxes)
    assert loud.min() == 0
    assert loud.max() == 1


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_bytes_and_fractions_give_the_same_images(dtype):
    objects = np.arange(256, dtype=np.uint8).reshape(4, 8, 8)
    X, _, boxes = make_cluttered_images(objects, np.arange(4), random_state=0)
    fractions = objects.astype(dtype) / dtype(255)
    same, _, same_boxes = make_cluttered_images(fractions, np.arange(4), random_state=0)
    np.testing.assert_array_equal(X, same)
    np.testing.assert_array_equal(boxes, same_boxes)
    assert X.dtype == same.dtype == np.float32


@pytest.mark.parametrize(
    "y", [np.arange(20, dtype=np.int8), np.array([f"{k}" for k in range(20)]), np.arange(20) > 9]
)
def test_labels_keep_their_type(y):
    _, labels, boxes = make_cluttered_images(sparse_objects(), y, n_samples=5, fragment_size=4)
    assert labels.dtype == y.dtype
    assert set(labels) <= set(y)
    assert boxes.dtype.kind == "i"


@pytest.mark.parametrize("objects", [sparse_objects(), sparse_objects() / np.float32(255)])
def test_inputs_are_not_changed(objects):
    kept, y = objects.copy(), np.arange(20)
    objects.flags.writeable = y.flags.writeable = False
    X, labels, _ = make_cluttered_images(objects, y, image_size=(9, 7), fragment_size=4)
    X[:], labels[:] = 0.5, -1
    np.testing.assert_array_equal(objects, kept)
    np.testing.assert_array_equal(y, np.arange(20))


@pytest.mark.parametrize("n_samples", [None, 30])
def test_seed_fixes_images(n_samples):
    first, again, other = (
        make_cluttered_images(
            sparse_objects(), np.arange(20), n_samples=n_samples, fragment_size=4, random_state=seed
        )
        for seed in (0, 0, 1)
    )
    for ours, theirs in zip(first, again, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not np.array_equal(first[0], other[0])


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("objects", "error", "message"),
    [
        (np.ones((2, 64)), ValueError, r"shape \(2, 64\), expected .* reshape flat rows"),
        (np.ones((0, 8, 8)), ValueError, r"empty, of shape \(0, 8, 8\); pass at least one"),
        (np.ones((3, 8, 8)), ValueError, "y has 2 labels but objects has 3 images; pass one"),
        (np.full((2, 8, 8), np.nan), ValueError, "objects holds NaN; replace missing"),
        (np.full((2, 8, 8), 255.0), ValueError, "from 255 to 255, .* divide .* by 255, or pass"),
        (np.full((2, 8, 8), -0.5), ValueError, r"from -0\.5 to -0\.5, expected \[0, 1\]"),
        (np.full((2, 8, 8), np.inf), ValueError, "from inf to inf"),
        (np.ones((2, 8, 8), dtype=int), TypeError, "dtype int64, expected uint8 .* convert"),
        (np.ones((2, 8, 60)), ValueError, "width of 56, but the objects have 60; pass at least"),
        (np.ones((2, 60, 8)), ValueError, r"height of 56.*at least \(60, 8\), or smaller objects"),
        (np.ones((2, 8, 8, 3)), ValueError, r"fragment_size=8 exceeds .* \(8, 3\); .* Channels"),
        (
            np.array([1, 0.1])[:, np.newaxis, np.newaxis] * np.ones((8, 8), dtype=np.float32),
            ValueError,
            "1 of 2 images are black; row 1 has no pixel above 0.1 of full scale; drop",
        ),
    ],
)
def test_bad_objects(objects, error, message):
    with pytest.raises(error, match=message):
        make_cluttered_images(objects, [0, 1])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n_samples": 0}, ValueError, "n_samples == 0, must be >= 1"),
        ({"n_samples": 2.5}, TypeError, "n_samples must be an instance of int"),
        ({"image_size": 56}, ValueError, r"must be a pair \(height, width\), got 56; pass"),
        ({"image_size": (3, 56, 56)}, ValueError, r"must be a pair .*, got \(3, 56, 56\)"),
        ({"image_size": (56, 56.0)}, TypeError, "width of image_size must be an instance of int"),
        ({"image_size": (56, 7)}, ValueError, r"image_size=\(56, 7\) has a width of 7, but .* 8"),
        ({"n_fragments": -1}, ValueError, "n_fragments == -1, must be >= 0"),
        ({"n_fragments": 1.0}, TypeError, "n_fragments must be an instance of int"),
        ({"fragment_size": 0}, ValueError, "fragment_size == 0, must be >= 1"),
        ({"fragment_size": 4.0}, TypeError, "fragment_size must be an instance of int"),
        ({"fragment_size": 9}, ValueError, r"fragment_size=9 exceeds .* pass at most 8"),
        ({"noise": -0.1}, ValueError, "noise must be a standard deviation.* got -0.1; pass 0"),
        ({"noise": np.nan}, ValueError, "noise must be a standard deviation.* got nan"),
        ({"noise": np.inf}, ValueError, "noise must be a standard deviation.* got inf"),
        ({"noise": "loud"}, TypeError, "noise must be an instance of"),
    ],
)
def test_bad_cluttering(options, error, message):
    with pytest.raises(error, match=message):
        make_cluttered_images(np.ones((2, 8, 8)), [0, 1], **options)


def test_bad_labels():
    with pytest.raises(ValueError, match="y must hold class labels"):
        make_cluttered_images(np.ones((2, 8, 8)), [0.5, 0.2])


def test_fragment_size_is_ignored_without_fragments():
    X, _, _ = make_cluttered_images(np.ones((2, 4, 4)), [0, 1], n_fragments=0)
    assert X.shape == (2, 1, 56, 56)
