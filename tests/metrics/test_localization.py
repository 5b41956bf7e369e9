"""Overlap of boxes against masks of pixels, and the share of images whose box is found."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_mi.metrics import box_iou, localization_accuracy_score

SIDE = 12

# Corners in any order: some of the boxes have no area.
BOX = arrays(int, 4, elements=st.integers(0, SIDE))


def pixels(box):
    """The mask of a box, pixel by pixel."""
    rows, columns = np.indices((SIDE, SIDE))
    top, left, bottom, right = box
    return (top <= rows) & (rows < bottom) & (left <= columns) & (columns < right)


def random_boxes(seed, *shape):
    """Boxes with area, of random corners."""
    rng = np.random.default_rng(seed)
    top_left = rng.integers(0, 8, size=(*shape, 2))
    return np.concatenate([top_left, top_left + rng.integers(1, 8, size=(*shape, 2))], axis=-1)


def noisy_boxes(seed, n_samples=40):
    """True boxes, and predicted ones off by up to two pixels a side."""
    boxes = random_boxes(seed, n_samples)
    return boxes, boxes + np.random.default_rng(seed).integers(-2, 3, size=boxes.shape)


# Overlap


@given(a=BOX, b=BOX)
@settings(max_examples=200, deadline=None)
def test_iou_counts_pixels(a, b):
    union = (pixels(a) | pixels(b)).sum()
    expected = (pixels(a) & pixels(b)).sum() / union if union else 0
    assert box_iou(a, b) == expected


@given(a=BOX, b=BOX, shift=st.tuples(st.integers(-99, 99), st.integers(-99, 99)))
@settings(max_examples=100, deadline=None)
def test_iou_is_symmetric_and_does_not_see_translations_or_units(a, b, shift):
    iou = box_iou(a, b)
    shift = np.array(shift * 2)
    assert box_iou(b, a) == iou
    assert box_iou(a + shift, b + shift) == iou
    assert box_iou(0.25 * a, 0.25 * b) == iou
    assert box_iou(a[[1, 0, 3, 2]], b[[1, 0, 3, 2]]) == iou


@given(corners=arrays(float, (2, 4), elements=st.floats(-1e6, 1e6)))
@settings(max_examples=100, deadline=None)
def test_iou_of_fractions_of_pixels_is_in_the_unit_interval(corners):
    assert 0 <= box_iou(*corners) <= 1


def test_iou_of_a_box_with_itself_is_one():
    boxes = random_boxes(0, 50)
    np.testing.assert_array_equal(box_iou(boxes, boxes), 1)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([0, 0, 2, 2], [0, 1, 2, 3], 1 / 3),
        ([0, 0, 4, 4], [1, 1, 3, 3], 1 / 4),
        ([0, 0, 10, 2], [8, 0, 10, 20], 1 / 14),
        ([0, 0, 2, 2], [0, 2, 2, 4], 0),  # they touch
        ([0, 0, 1, 1], [5, 5, 7, 7], 0),
        ([0, 0, 1, 9], [5, 0, 6, 9], 0),  # same columns, other rows
        ([0, 0, 5, 5], [0, 0, 0, 0], 0),
        ([0, 0, 5, 5], [4, 4, 1, 1], 0),  # inside out
        ([4, 4, 1, 1], [4, 4, 1, 1], 0),
        ([0, 0, 0, 0], [0, 0, 0, 0], 0),
    ],
)
def test_iou_of_known_pairs(a, b, expected):
    assert box_iou(a, b) == expected


def test_iou_broadcasts_to_the_matrix_of_all_pairs():
    a, b = random_boxes(1, 5), random_boxes(2, 7)
    matrix = box_iou(a[:, np.newaxis], b)
    assert matrix.shape == (5, 7)
    np.testing.assert_array_equal(matrix[3], box_iou(a[3], b))
    np.testing.assert_array_equal(matrix[:, 4], [box_iou(box, b[4]) for box in a])


def test_iou_of_no_boxes_is_empty():
    assert box_iou(np.empty((0, 4)), np.empty((0, 4))).shape == (0,)


def test_iou_of_small_integers_does_not_wrap_around():
    a, b = np.array([0, 0, 200, 200], dtype=np.uint8), np.array([0, 100, 200, 250], dtype=np.uint8)
    assert box_iou(a, b) == 0.4


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ([0, 0, np.nan, 1], "boxes_pred holds no boxes .*NaN.*four finite numbers"),
        ([0, 0, np.inf, 1], "boxes_pred holds no boxes .*infinity.*four finite numbers"),
        (np.array([0, 0, 1j, 1]), "boxes_pred holds no boxes .*complex"),
        ([0, 0, 1], r"boxes_pred has shape \(3,\), expected \(\.\.\., 4\)"),
        (1.0, r"boxes_pred is 1.0, expected four numbers for each box"),
        (np.zeros((3, 4)), r"\(3, 4\), which do not broadcast; .*np.newaxis"),
    ],
)
def test_iou_refuses_what_is_no_box(boxes, message):
    with pytest.raises(ValueError, match=message):
        box_iou(np.zeros((2, 4)), boxes)


# Accuracy


def test_accuracy_of_true_boxes_is_one_at_every_threshold():
    boxes = random_boxes(0, 30)
    for threshold in (0.1, 0.5, 1.0, 1):
        assert localization_accuracy_score(boxes, boxes, iou_threshold=threshold) == 1


def test_accuracy_is_the_share_of_overlaps_that_reach_the_threshold():
    truth = [[0, 0, 2, 2]] * 4
    boxes = [[0, 0, 2, 2], [0, 0, 1, 2], [0, 0, 1, 1], [0, 0, 0, 0]]  # 1, 1/2, 1/4, 0
    shares = [
        localization_accuracy_score(truth, boxes, iou_threshold=threshold)
        for threshold in (1e-9, 0.25, 0.3, 0.5, 0.6, 1.0)
    ]
    assert shares == [0.75, 0.75, 0.5, 0.5, 0.25, 0.25]
    assert isinstance(shares[0], float)
    assert localization_accuracy_score(truth, boxes) == 0.5


def test_no_box_never_counts_even_where_there_is_no_object():
    assert localization_accuracy_score([[0, 0, 0, 0]], [[0, 0, 0, 0]], iou_threshold=1e-9) == 0


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_accuracy_falls_with_the_threshold_and_with_labels(seed):
    truth, boxes = noisy_boxes(seed)
    y_true, y_pred = np.random.default_rng(seed).integers(3, size=(2, len(truth)))
    known = [
        localization_accuracy_score(truth, boxes, iou_threshold=t) for t in np.linspace(0.05, 1, 20)
    ]
    assert (np.diff(known) <= 0).all()
    top_1 = localization_accuracy_score(truth, boxes, y_true=y_true, y_pred=y_pred)
    right = y_true == y_pred
    assert top_1 <= min(localization_accuracy_score(truth, boxes), right.mean())
    hits = box_iou(truth, boxes) >= 0.5
    assert top_1 == pytest.approx((hits & right).mean())


def test_right_labels_change_nothing_and_wrong_ones_leave_nothing():
    truth, boxes = noisy_boxes(0)
    names = np.array(["cat", "dog"])[np.arange(len(truth)) % 2]
    known = localization_accuracy_score(truth, boxes)
    assert 0 < known < 1
    assert localization_accuracy_score(truth, boxes, y_true=names, y_pred=names) == known
    assert localization_accuracy_score(truth, truth, y_true=names, y_pred=names[::-1]) == 0


def test_several_thresholds_of_maps_equal_a_loop():
    truth, boxes = noisy_boxes(0)
    several = np.stack([boxes, truth, boxes[::-1]])
    y_true, y_pred = np.random.default_rng(0).integers(3, size=(2, len(truth)))
    options = {
        "y_true": y_true,
        "y_pred": y_pred,
        "iou_threshold": 0.3,
        "sample_weight": np.arange(len(truth)),
    }
    scores = localization_accuracy_score(truth, several, **options)
    loop = [localization_accuracy_score(truth, one, **options) for one in several]
    assert scores.shape == (3,)
    np.testing.assert_array_equal(scores, loop)


@given(seed=st.integers(0, 10_000), labelled=st.booleans())
@settings(max_examples=20, deadline=None)
def test_whole_weights_equal_repetition(seed, labelled):
    truth, boxes = noisy_boxes(seed)
    rng = np.random.default_rng(seed)
    repeats = rng.integers(0, 4, size=len(truth))
    repeats[0] += 1
    labels = dict(zip(("y_true", "y_pred"), rng.integers(2, size=(2, len(truth))), strict=True))
    labels = labels if labelled else {}
    weighted = localization_accuracy_score(truth, boxes, sample_weight=repeats, **labels)
    repeated = localization_accuracy_score(
        np.repeat(truth, repeats, axis=0),
        np.repeat(boxes, repeats, axis=0),
        **{name: np.repeat(y, repeats) for name, y in labels.items()},
    )
    assert weighted == pytest.approx(repeated)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"boxes_true": [0, 0, 1, 1]}, r"boxes_true has shape \(4,\), expected \(n_samples, 4\)"),
        ({"boxes_true": np.empty((0, 4))}, "at least one image"),
        ({"boxes_true": [[0, 0, np.nan, 1]] * 3}, "boxes_true holds no boxes"),
        ({"boxes_pred": np.zeros((1, 4))}, r"\(1, 4\), expected \(3, 4\)"),
        ({"boxes_pred": np.zeros((3, 2, 4))}, r"\(n_thresholds, 3, 4\)"),
        ({"boxes_pred": np.zeros((2, 1, 3, 4))}, r"\(2, 1, 3, 4\), expected"),
        ({"boxes_pred": np.zeros((3, 5))}, r"boxes_pred has shape \(3, 5\)"),
        ({"boxes_pred": [[0, 0, np.inf, 1]] * 3}, "boxes_pred holds no boxes"),
        ({"y_true": [0, 1, 2]}, "y_true is given but y_pred is None; pass both"),
        ({"y_pred": [0, 1, 2]}, "y_pred is given but y_true is None; pass both"),
        ({"y_true": [0, 1], "y_pred": [0, 1, 2]}, "y_true has 2 labels but boxes_true has 3"),
        ({"y_true": [0, 1, 2], "y_pred": [0]}, "y_pred has 1 labels but boxes_true has 3"),
        ({"y_true": [0, 1, 2], "y_pred": [0.2, 0.1, 0.7]}, "y_pred must hold class labels"),
        ({"y_true": [0, 1, 2], "y_pred": np.eye(3)}, "should be a 1d array"),
        ({"iou_threshold": 0}, r"iou_threshold=0 is not in \(0, 1\]"),
        ({"iou_threshold": 50}, r"iou_threshold=50 is not in \(0, 1\].*for example 0.5"),
        ({"iou_threshold": np.nan}, "iou_threshold=nan is not in"),
        ({"sample_weight": [1, 1]}, r"expected \(3,\)"),
        ({"sample_weight": [1, 1, -1]}, "must not be negative"),
    ],
)
def test_accuracy_refuses_what_does_not_fit(options, message):
    given = {"boxes_true": np.zeros((3, 4)), "boxes_pred": np.zeros((3, 4))} | options
    with pytest.raises(ValueError, match=message):
        localization_accuracy_score(**given)


def test_labels_of_different_types_are_refused_and_not_called_wrong():
    boxes = random_boxes(0, 2)
    with pytest.raises(TypeError, match=r"y_true with y_pred mixes types.*use one type"):
        localization_accuracy_score(boxes, boxes, y_true=["0", "1"], y_pred=[0, 1])
