"""Scores of predicted boxes: their overlap with true ones, and the share of objects they find."""

from numbers import Real

import numpy as np

from .._inputs._arrays import read_numbers
from ._validation import check_labels, check_weights

NEEDED = "a box is four finite numbers (top, left, bottom, right), or (0, 0, 0, 0) if there is none"


def box_iou(boxes_true, boxes_pred):
    r"""Intersection over union of paired boxes.

    With :math:`|\cdot|` the area,

    .. math::
        \operatorname{IoU}(A, B) = \frac{|A \cap B|}{|A| + |B| - |A \cap B|}.

    Boxes are paired: the first with the first, the second with the second. This differs from
    ``torchvision.ops.box_iou``, which gives the matrix of all pairs; for that matrix pass
    ``boxes_true[:, np.newaxis]``.

    Parameters
    ----------
    boxes_true : array-like of shape (..., 4)
        Boxes (top, left, bottom, right) in rows and columns of pixels. Bottom and right are not
        part of the box, as in ``skimage.measure.regionprops``. Where they do not exceed top and
        left, as in (0, 0, 0, 0), the box has no area and overlaps nothing.

    boxes_pred : array-like of shape (..., 4)
        As many boxes, or a shape that broadcasts.

    Returns
    -------
    iou : ndarray of shape (...)
        From 0 for disjoint boxes to 1 for equal ones; 0 also for two boxes without area.

    Raises
    ------
    ValueError
        If the last axis does not hold four finite numbers, or the shapes do not broadcast.

    See Also
    --------
    localization_accuracy_score : The share of images whose boxes overlap enough.

    Notes
    -----
    Annotations (x, y, width, height) become (y, x, y + height, x + width). Add 1 to bottom and
    right if they name the last pixel inside.

    Examples
    --------
    >>> from sklearn_mi.metrics import box_iou
    >>> box_iou([[0, 0, 2, 2], [0, 0, 2, 2]], [[0, 1, 2, 3], [5, 5, 6, 6]])
    array([0.33333333, 0.        ])
    """
    boxes_true = _check_boxes(boxes_true, "boxes_true")
    boxes_pred = _check_boxes(boxes_pred, "boxes_pred")
    _check_broadcast(boxes_true, boxes_pred)
    top_left = np.maximum(boxes_true[..., :2], boxes_pred[..., :2])
    bottom_right = np.minimum(boxes_true[..., 2:], boxes_pred[..., 2:])
    intersection = _area(top_left, bottom_right)
    areas = [_area(boxes[..., :2], boxes[..., 2:]) for boxes in (boxes_true, boxes_pred)]
    union = areas[0] + areas[1] - intersection
    return intersection / np.where(union > 0, union, 1)


def localization_accuracy_score(
    boxes_true, boxes_pred, *, y_true=None, y_pred=None, iou_threshold=0.5, sample_weight=None
):
    """Share of images whose predicted box overlaps the true one enough.

    Without labels a box counts if its intersection over union with the true box is at least
    `iou_threshold`. This is GT-known localisation, if each predicted box comes from the map of the
    true label. With labels the predicted one must be right as well: top-1 localisation [1]_. There
    it does not matter whether boxes come from maps of true or of predicted labels, as they are the
    same wherever the box can count.

    Parameters
    ----------
    boxes_true : array-like of shape (n_samples, 4)
        The true box of each image, (top, left, bottom, right) as in :func:`box_iou`.

    boxes_pred : array-like of shape (n_samples, 4) or (n_thresholds, n_samples, 4)
        Predicted boxes, in pixels of the same image, of one or several thresholds of the maps, as
        :func:`sklearn_mi.inspection.bounding_boxes` gives them. An image without a box has
        (0, 0, 0, 0), which never counts.

    y_true : array-like of shape (n_samples,), default=None
        True labels; only together with `y_pred`.

    y_pred : array-like of shape (n_samples,), default=None
        Predicted labels; only together with `y_true`.

    iou_threshold : float, default=0.5
        The least overlap that counts, in (0, 1].

    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights. A whole number means as much as that many copies of the image.

    Returns
    -------
    score : float or ndarray of shape (n_thresholds,)
        In [0, 1]; one value a threshold if `boxes_pred` has that axis. Without labels the largest
        of them is MaxBoxAcc [2]_. It is optimistic, since the threshold was chosen on the images
        that it scores; choose the threshold on other images for a fair value.

    Raises
    ------
    ValueError
        If the shapes or lengths disagree, there is no image, boxes or weights are not finite,
        only one of `y_true` and `y_pred` is given, or `iou_threshold` is not in (0, 1].
    TypeError
        If the labels are of types that cannot be compared, for example strings and numbers.

    See Also
    --------
    box_iou : The overlap of each pair.
    sklearn_mi.inspection.bounding_boxes : Boxes from maps.

    References
    ----------
    .. [1] O. Russakovsky et al., "ImageNet large scale visual recognition challenge",
       International Journal of Computer Vision, 2015.
    .. [2] J. Choe et al., "Evaluating weakly supervised object localization methods right",
       CVPR 2020.

    Examples
    --------
    >>> from sklearn_mi.metrics import localization_accuracy_score
    >>> boxes_true = [[0, 0, 4, 4], [2, 2, 6, 6]]
    >>> boxes_pred = [[0, 0, 4, 3], [2, 2, 6, 6]]
    >>> localization_accuracy_score(boxes_true, boxes_pred)
    1.0
    >>> localization_accuracy_score(boxes_true, boxes_pred, y_true=[3, 7], y_pred=[3, 1])
    0.5
    """
    boxes_true = _check_boxes(boxes_true, "boxes_true")
    boxes_pred = _check_boxes(boxes_pred, "boxes_pred")
    _check_pairs(boxes_true, boxes_pred)
    _check_iou_threshold(iou_threshold)
    weight = check_weights(sample_weight, len(boxes_true))
    right = _right_labels(y_true, y_pred, len(boxes_true))
    found = box_iou(boxes_true, boxes_pred) >= iou_threshold
    score = np.average(found & right, axis=-1, weights=weight)
    return float(score) if score.ndim == 0 else score


def _area(top_left, bottom_right):
    return np.maximum(bottom_right - top_left, 0).prod(axis=-1)


def _right_labels(y_true, y_pred, n_samples):
    """Whether each image has the right label; True if labels play no role."""
    if y_true is None and y_pred is None:
        return True
    if y_true is None or y_pred is None:
        given, missing = ("y_pred", "y_true") if y_true is None else ("y_true", "y_pred")
        raise ValueError(
            f"{given} is given but {missing} is None; pass both for top-1 localisation, or "
            "neither for boxes alone."
        )
    y_true = _check_length(check_labels(y_true), n_samples, "y_true")
    y_pred = _check_length(check_labels(y_pred, name="y_pred"), n_samples, "y_pred")
    # Strings never equal numbers: without this check, all labels would count as wrong.
    check_labels(np.concatenate([y_true, y_pred], dtype=object), name="y_true with y_pred")
    return y_true == y_pred


def _check_boxes(boxes, name):
    """Return `boxes` as float64 of shape (..., 4)."""
    try:
        boxes = read_numbers(boxes, name, "four numbers for each box").astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} holds no boxes ({error}); {NEEDED}.") from error
    if boxes.shape[-1:] != (4,):
        raise ValueError(f"{name} has shape {boxes.shape}, expected (..., 4); {NEEDED}.")
    return boxes


def _check_broadcast(boxes_true, boxes_pred):
    try:
        np.broadcast_shapes(boxes_true.shape, boxes_pred.shape)
    except ValueError as error:
        raise ValueError(
            f"boxes_true has shape {boxes_true.shape} but boxes_pred {boxes_pred.shape}, which do "
            "not broadcast; pass one predicted box per true box, or boxes_true[:, np.newaxis] for "
            "all pairs."
        ) from error


def _check_pairs(boxes_true, boxes_pred):
    if boxes_true.ndim != 2 or len(boxes_true) == 0:
        raise ValueError(
            f"boxes_true has shape {boxes_true.shape}, expected (n_samples, 4); pass one box per "
            "image, of at least one image."
        )
    if boxes_pred.ndim not in (2, 3) or boxes_pred.shape[-2:] != boxes_true.shape:
        n_samples = len(boxes_true)
        raise ValueError(
            f"boxes_pred has shape {boxes_pred.shape}, expected ({n_samples}, 4) or (n_thresholds, "
            f"{n_samples}, 4) as boxes_true has {n_samples} boxes; pass one box per image."
        )


def _check_iou_threshold(iou_threshold):
    if not (isinstance(iou_threshold, Real) and 0 < iou_threshold <= 1):
        raise ValueError(
            f"iou_threshold={iou_threshold!r} is not in (0, 1]; pass the least share of overlap "
            "that counts, for example 0.5."
        )


def _check_length(y, n_samples, name):
    if len(y) != n_samples:
        raise ValueError(
            f"{name} has {len(y)} labels but boxes_true has {n_samples} boxes; pass one label per "
            "image."
        )
    return y
