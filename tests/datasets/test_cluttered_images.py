"""Cluttered images: where the objects lie, what the fragments may do, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from sklearn_mi.datasets import make_cluttered_images

CLEAN = {"n_fragments": 0, "noise": 0}


def sparse_objects(n=20, shape=(9, 7), seed=0):
    """Mostly black uint8 objects with some faint pixels, and one bright one at least."""
    rng = np.random.default_rng(seed)
    objects = rng.integers(256, size=(n, *shape)) * (rng.random((n, *shape)) < 0.1)
    objects.reshape(n, -1)[np.arange(n), rng.integers(np.prod(shape), size=n)] = 255
    return objects.astype(np.uint8)


def grey_squares(n, side=1):
    """Squares of n grey levels: (k + 1) / n."""
    return np.ones((n, side, side)) * np.linspace(0, 1, n + 1)[1:, np.newaxis, np.newaxis]


def without_boxes(X, boxes):
    """Images with the inside of their boxes blackened."""
    X = X.copy()
    for image, (top, left, bottom, right) in zip(X, boxes, strict=True):
        image[:, top:bottom, left:right] = 0
    return X


# Objects


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


# Fragments


def test_fragments_never_darken_a_pixel_and_leave_the_object_where_it_is():
    objects, y = sparse_objects(), np.arange(20)
    clean, _, boxes = make_cluttered_images(objects, y, random_state=0, **CLEAN)
    X, _, same_boxes = make_cluttered_images(objects, y, fragment_size=5, noise=0, random_state=0)
    brightening = X - clean
    assert (brightening >= 0).all()
    assert brightening.any(axis=(1, 2, 3)).all()
    np.testing.assert_array_equal(boxes, same_boxes)


def test_a_fragment_as_large_as_its_object_is_the_object():
    thing = sparse_objects(1, shape=(5, 5))[0] / np.float32(255)
    places = np.zeros((16, 1, 8, 8), dtype=np.float32)
    for place, corner in zip(places, np.ndindex(4, 4), strict=True):
        sliding_window_view(place[0], (5, 5), writeable=True)[corner] = thing
    options = {"image_size": (8, 8), "fragment_size": 5, "noise": 0, "random_state": 0}
    clean, X = (
        make_cluttered_images([thing], [0], n_samples=50, n_fragments=n, **options)[0]
        for n in (0, 1)
    )
    for before, after in zip(clean, X, strict=True):
        assert (np.maximum(places, before) == after).all(axis=(1, 2, 3)).any()
    assert not np.array_equal(X, clean)


@pytest.mark.parametrize("fragment_size", [2, 3, 10])
def test_each_fragment_shows_the_only_pixel_of_its_object(fragment_size):
    objects = np.eye(100).reshape(100, 10, 10)
    X, _, _ = make_cluttered_images(
        objects, np.arange(100), n_fragments=1, fragment_size=fragment_size, noise=0, random_state=0
    )
    n_lit = X.sum(axis=(1, 2, 3))
    assert set(n_lit) <= {1, 2}  # one where the fragment meets the object
    assert (n_lit == 2).mean() > 0.95


def test_fragments_are_cut_around_bright_pixels():
    rng = np.random.default_rng(0)
    objects = rng.random((50, 6, 6)) * rng.random((50, 1, 1))
    objects[:, 0, 0] = 0.2  # so that none is black
    options = {"fragment_size": 1, "noise": 0, "random_state": 0}
    clean, _, _ = make_cluttered_images(objects, np.arange(50), n_fragments=0, **options)
    X, _, _ = make_cluttered_images(objects, np.arange(50), **options)
    bright = objects > objects.max(axis=(1, 2), keepdims=True) / 2
    assert set(X[clean != X]) <= set(objects[bright].astype(np.float32))


def test_all_bright_pixels_are_equally_likely():
    X, _, boxes = make_cluttered_images(
        [[[0.6, 0.8, 1.0]]], [0], n_samples=3000, n_fragments=1, fragment_size=1, noise=0,
        random_state=0,
    )  # fmt: skip
    level = without_boxes(X, boxes).max(axis=(1, 2, 3))
    shares = [np.isclose(level, value).mean() for value in (0.6, 0.8, 1.0)]
    np.testing.assert_allclose(shares, 1 / 3, atol=5 * np.sqrt(2 / 9 / 3000))


def test_fragments_have_their_pixel_in_the_middle():
    thing = np.zeros((7, 7))
    thing[2:5, 2:5] = 0.2
    thing[3, 3] = 1
    X, _, boxes = make_cluttered_images(
        [thing], [0], n_samples=50, n_fragments=1, fragment_size=3, noise=0, random_state=0
    )
    ink = without_boxes(X, boxes).sum(axis=(1, 2, 3))
    assert np.median(ink) == pytest.approx(1 + 8 * 0.2)


def test_fragments_lie_everywhere():
    X, _, _ = make_cluttered_images(
        grey_squares(1), [0], n_samples=2000, image_size=(5, 6), fragment_size=1, noise=0,
        random_state=0,
    )  # fmt: skip
    np.testing.assert_allclose(X.mean(axis=0), 1 - (1 - 1 / 30) ** 9, atol=0.05)


@pytest.mark.parametrize(("n_copies", "n_samples"), [(1, 8000), (2000, None)])
def test_fragments_say_nothing_of_the_label(n_copies, n_samples):
    objects, y = np.tile(grey_squares(4), (n_copies, 1, 1)), np.tile(np.arange(4), n_copies)
    X, y, boxes = make_cluttered_images(
        objects, y, n_samples=n_samples, n_fragments=1, fragment_size=1, noise=0, random_state=0
    )
    level = np.rint(4 * without_boxes(X, boxes).max(axis=(1, 2, 3))).astype(int)
    shares = [np.bincount(level[y == k], minlength=5)[1:] / (y == k).sum() for k in range(4)]
    np.testing.assert_allclose(shares, 1 / 4, atol=5 * np.sqrt(3 / 16 / 1900))


def test_images_do_not_depend_on_the_labels():
    objects = sparse_objects()
    first, second = (
        make_cluttered_images(objects, y, fragment_size=4, random_state=0)[0]
        for y in (np.zeros(20, dtype=int), np.arange(20))
    )
    np.testing.assert_array_equal(first, second)


# Channels, noise and types


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


# What is refused


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
