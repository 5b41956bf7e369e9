"""Fragments of cluttered images: what they are cut from, where they lie, what they do not tell."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from objects_to_hide import CLEAN, grey_squares, sparse_objects

from sklearn_mi.datasets import make_cluttered_images


def without_boxes(X, boxes):
    """Images with the inside of their boxes blackened."""
    X = X.copy()
    for image, (top, left, bottom, right) in zip(X, boxes, strict=True):
        image[:, top:bottom, left:right] = 0
    return X


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
