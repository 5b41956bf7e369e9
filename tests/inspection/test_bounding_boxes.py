"""Boxes around maps: drawn rectangles, blobs of known size, and a search pixel by pixel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from sklearn_mi.inspection import bounding_boxes
from sklearn_mi.metrics import localization_accuracy_score

# Few values: many regions, and many ties among them.
SMALL_MAPS = arrays(float, (3, 6, 7), elements=st.integers(-3, 5))
THRESHOLDS = [0.0, 0.2, 0.5, 0.9]


def drawn(boxes, shape=(20, 30), inside=1.0, outside=0.0):
    """Maps with one rectangle each."""
    maps = np.full((len(boxes), *shape), outside)
    for values, (top, left, bottom, right) in zip(maps, boxes, strict=True):
        values[top:bottom, left:right] = inside
    return maps


def blob(shape, center, width, height=1.0):
    rows, columns = np.indices(shape)
    distance = (rows - center[0]) ** 2 + (columns - center[1]) ** 2
    return height * np.exp(-distance / (2 * width**2))


def smooth_maps(seed, n_maps=4, shape=(20, 20)):
    noise = np.random.default_rng(seed).normal(size=(n_maps, *shape))
    return ndimage.gaussian_filter(noise, (0, 2, 2))


def flood(mask, start):
    """Pixels that can be reached from one by steps to neighbours in the mask."""
    reached, waiting = set(), [start]
    while waiting:
        i, j = waiting.pop()
        if (i, j) in reached or not (0 <= i < mask.shape[0] and 0 <= j < mask.shape[1]):
            continue
        if mask[i, j]:
            reached.add((i, j))
            waiting += [(i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)]
    return reached


def box_by_search(values, threshold):
    mask = (values > 0) & (values >= threshold * values.max())
    if not mask.any():
        return [0, 0, 0, 0]
    # max keeps the first of several, and argwhere goes row by row.
    region = np.array(
        list(max((flood(mask, tuple(start)) for start in np.argwhere(mask)), key=len))
    )
    return [*region.min(axis=0), *region.max(axis=0) + 1]


@given(maps=SMALL_MAPS, threshold=st.sampled_from(THRESHOLDS))
@settings(max_examples=100, deadline=None)
def test_boxes_are_those_of_a_search_pixel_by_pixel(maps, threshold):
    expected = [box_by_search(values, threshold) for values in maps]
    np.testing.assert_array_equal(bounding_boxes(maps, threshold), expected)


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_drawn_rectangles_are_found(threshold):
    boxes = [[0, 0, 1, 1], [3, 5, 9, 7], [0, 0, 20, 30], [19, 29, 20, 30], [2, 0, 3, 30]]
    found = bounding_boxes(drawn(boxes), threshold)
    np.testing.assert_array_equal(found, boxes)
    assert found.dtype.kind == "i"
    assert localization_accuracy_score(boxes, found, iou_threshold=1) == 1


def test_of_two_regions_the_larger_one_wins_not_the_higher_one():
    values = drawn([[1, 1, 4, 4]])
    values[0, 8:10, 8:12] = 5.0
    np.testing.assert_array_equal(bounding_boxes(values, 0.2), [[1, 1, 4, 4]])
    np.testing.assert_array_equal(bounding_boxes(values, 0.5), [[8, 8, 10, 12]])


def test_of_regions_of_the_same_size_the_first_one_wins():
    values = drawn([[1, 9, 3, 11]])
    values[0, 2:4, 2:4] = 2.0
    np.testing.assert_array_equal(bounding_boxes(values), [[1, 9, 3, 11]])


def test_size_is_counted_in_pixels_of_the_region_not_of_its_box():
    values = np.zeros((1, 20, 30))
    values[0, 0:9, 0] = values[0, 8, 0:9] = 1  # 17 pixels, a box of 81
    values[0, 12:17, 12:16] = 1  # 20 pixels
    np.testing.assert_array_equal(bounding_boxes(values), [[12, 12, 17, 16]])


def test_pixels_that_share_a_corner_alone_are_not_connected():
    np.testing.assert_array_equal(bounding_boxes([np.eye(3)]), [[0, 0, 1, 1]])


def test_a_pixel_at_the_threshold_belongs_to_the_region():
    one_map = [[0.0, 1.0, 4.0, 1.5, 0.5]]
    boxes = bounding_boxes([one_map], [0.25, 0.26, 0.375, 0.5])[:, 0]
    np.testing.assert_array_equal(boxes[:, [1, 3]], [[1, 4], [2, 4], [2, 4], [2, 3]])


@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_map_that_is_nowhere_positive_has_no_box(value, threshold):
    maps = drawn([[2, 3, 5, 7]] * 2, inside=value, outside=2 * value)
    maps[1, 4, 4] = 1.0
    np.testing.assert_array_equal(bounding_boxes(maps, threshold), [[0, 0, 0, 0], [4, 4, 5, 5]])


def test_threshold_zero_takes_positive_pixels_alone():
    maps = drawn([[2, 3, 5, 7]] * 2, inside=1e-300, outside=0.0)
    maps[1] -= drawn([[0, 0, 2, 30]])[0]
    np.testing.assert_array_equal(bounding_boxes(maps, 0), [[2, 3, 5, 7]] * 2)


@given(maps=SMALL_MAPS, exponent=st.integers(-60, 60), threshold=st.floats(0, 1, exclude_max=True))
@settings(max_examples=50, deadline=None)
def test_the_scale_of_a_map_does_not_matter(maps, exponent, threshold):
    scaled = bounding_boxes(maps * 2.0**exponent, threshold)
    np.testing.assert_array_equal(scaled, bounding_boxes(maps, threshold))


@given(seed=st.integers(0, 10_000), threshold=st.sampled_from(THRESHOLDS))
@settings(max_examples=30, deadline=None)
def test_boxes_turn_with_the_map(seed, threshold):
    maps = smooth_maps(seed)
    boxes = bounding_boxes(maps, threshold)
    height = maps.shape[1]
    transposed = bounding_boxes(maps.transpose(0, 2, 1), threshold)
    flipped = bounding_boxes(maps[:, ::-1], threshold)
    mask = (maps > 0) & (maps >= threshold * maps.max(axis=(1, 2), keepdims=True))
    for i in range(len(maps)):
        sizes = np.bincount(ndimage.label(mask[i])[0].ravel())[1:]
        if (sizes == sizes.max()).sum() == 1:  # a tie goes to whichever region comes first
            top, left, bottom, right = boxes[i]
            assert transposed[i].tolist() == [left, top, right, bottom]
            assert flipped[i].tolist() == [height - bottom, left, height - top, right]


@given(seed=st.integers(0, 10_000), lower=st.floats(0, 0.9), higher=st.floats(0, 0.9))
@settings(max_examples=50, deadline=None)
def test_a_single_region_holds_the_box_of_every_higher_threshold(seed, lower, higher):
    lower, higher = sorted([lower, higher])
    rng = np.random.default_rng(seed)
    maps = [blob((20, 20), rng.uniform(2, 17, size=2), rng.uniform(1, 4)) for _ in range(4)]
    maps += [values for values in smooth_maps(seed) if _n_regions(values, lower) == 1]
    outer, inner = bounding_boxes(maps, [lower, higher])
    assert (outer[:, :2] <= inner[:, :2]).all()
    assert (outer[:, 2:] >= inner[:, 2:]).all()


def _n_regions(values, threshold):
    return ndimage.label((values > 0) & (values >= threshold * values.max()))[1]


def test_with_several_regions_a_higher_threshold_may_move_the_box():
    wide, narrow = blob((20, 40), (10, 10), 4, height=0.5), blob((20, 40), (10, 32), 1)
    low, high = bounding_boxes([wide + narrow], [0.2, 0.6])[:, 0]
    assert low[3] < high[1]


@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_several_thresholds_equal_a_loop(seed):
    maps = smooth_maps(seed)
    boxes = bounding_boxes(maps, THRESHOLDS)
    assert boxes.shape == (len(THRESHOLDS), len(maps), 4)
    np.testing.assert_array_equal(boxes, [bounding_boxes(maps, t) for t in THRESHOLDS])
    np.testing.assert_array_equal(bounding_boxes(maps, [0.5]), [bounding_boxes(maps, 0.5)])
    np.testing.assert_array_equal(bounding_boxes(maps), bounding_boxes(maps, 0.2))


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float16, np.float32])
def test_dtype_does_not_matter(dtype):
    maps = drawn([[3, 5, 9, 7]]).astype(dtype)
    np.testing.assert_array_equal(bounding_boxes(maps, THRESHOLDS), [[[3, 5, 9, 7]]] * 4)


def test_maps_are_left_as_they_are_and_may_be_none_at_all():
    maps = smooth_maps(0)
    before = maps.copy()
    bounding_boxes(maps, THRESHOLDS)
    np.testing.assert_array_equal(maps, before)
    assert bounding_boxes(np.empty((0, 5, 5))).shape == (0, 4)
    assert bounding_boxes(np.empty((0, 5, 5)), THRESHOLDS).shape == (4, 0, 4)


@pytest.mark.parametrize(
    ("maps", "threshold", "message"),
    [
        (np.ones((5, 6)), 0.2, r"shape \(5, 6\), expected .*pass maps\[None\] for a single map"),
        (np.ones((2, 1, 5, 6)), 0.2, r"shape \(2, 1, 5, 6\), expected .*one map per image"),
        (np.ones((2, 0, 6)), 0.2, r"shape \(2, 0, 6\), expected"),
        ([np.ones((5, 6)), np.full((5, 6), np.nan)], 0.2, r"maps\[1\] holds nan, expected finite"),
        ([np.full((5, 6), -np.inf)], 0.2, r"maps\[0\] holds -inf, expected finite"),
        (np.ones((2, 5, 6), dtype=complex), 0.2, "dtype complex128, expected real numbers"),
        ([[["1"]]], 0.2, "expected real numbers"),
        (np.ones((2, 5, 6)), 1, r"threshold holds 1, expected values in \[0, 1\)"),
        (np.ones((2, 5, 6)), [0.2, -0.1], "threshold holds -0.1"),
        (np.ones((2, 5, 6)), np.nan, "threshold holds nan"),
        (np.ones((2, 5, 6)), [[0.2], [0.3]], r"threshold has shape \(2, 1\).*1-D"),
    ],
)
def test_what_is_no_map_or_threshold_is_refused(maps, threshold, message):
    with pytest.raises(ValueError, match=message):
        bounding_boxes(maps, threshold)
