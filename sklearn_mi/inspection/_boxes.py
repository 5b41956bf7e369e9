"""Boxes around what maps point at."""

import numpy as np
from scipy import ndimage


def bounding_boxes(maps, threshold=0.2):
    r"""Box around the largest region in which a map is high, for each map.

    A pixel of map m belongs to a region if

    .. math::
        m_{ij} > 0 \quad \text{and} \quad m_{ij} \ge \text{threshold} \cdot \max m,

    and two pixels that share an edge belong to the same one. The box is the bounding rectangle of
    the region of most pixels; of regions of the same size, the one that comes first row by row.
    This is the rule of [1]_, who take 20 % of the maximum.

    Maps are taken as they are, in units in which 0 means nothing. Shifting them to a minimum of 0
    first, as is common for maps without a zero of their own, gives other boxes.

    Parameters
    ----------
    maps : array-like of shape (n_maps, height, width)
        Real and finite, of any sign and scale.

    threshold : float or array-like of shape (n_thresholds,), default=0.2
        Share of the maximum of each map, in [0, 1). With 0 every positive pixel belongs to a
        region.

    Returns
    -------
    boxes : ndarray of int, shape (n_maps, 4) or (n_thresholds, n_maps, 4)
        (top, left, bottom, right) in rows and columns of the map. Bottom and right are not part of
        the box, as in ``skimage.measure.regionprops``. A map that is nowhere positive has
        (0, 0, 0, 0). For boxes in pixels of the image, multiply by its size over that of the map,
        or resize the map before.

    Raises
    ------
    ValueError
        If `maps` is not of three dimensions, has no pixels, holds values that are not real and
        finite, or a threshold is not in [0, 1).

    See Also
    --------
    sklearn_mi.metrics.localization_accuracy_score : The share of boxes that find their object.

    References
    ----------
    .. [1] B. Zhou, A. Khosla, A. Lapedriza, A. Oliva and A. Torralba, "Learning deep features for
       discriminative localization", CVPR 2016.

    Examples
    --------
    >>> from sklearn_mi.inspection import bounding_boxes
    >>> one_map = [[0, 1, 3, 0], [0, 0, 2, 0], [5, 0, 0, -4]]
    >>> bounding_boxes([one_map])
    array([[0, 1, 2, 3]])
    >>> bounding_boxes([one_map], threshold=[0.2, 0.5])
    array([[[0, 1, 2, 3]],
           [[0, 2, 1, 3]]])
    """
    maps = _check_maps(maps)
    thresholds = _check_thresholds(threshold)
    boxes = np.zeros((thresholds.size, len(maps), 4), dtype=int)
    for i, values in enumerate(maps):
        values = values.astype(np.float64)
        for k, share in enumerate(thresholds.flat):
            boxes[k, i] = _largest_region(values, share * values.max())
    return boxes if thresholds.ndim else boxes[0]


def _largest_region(values, level):
    regions, n_regions = ndimage.label((values > 0) & (values >= level))
    if n_regions == 0:
        return 0, 0, 0, 0
    inside = regions == 1 + np.bincount(regions.ravel())[1:].argmax()
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return rows[0], columns[0], rows[-1] + 1, columns[-1] + 1


def _check_maps(maps):
    maps = np.asarray(maps)
    if maps.dtype.kind not in "buif":
        raise ValueError(f"maps has dtype {maps.dtype}, expected real numbers; pass floats.")
    if maps.ndim != 3 or 0 in maps.shape[1:]:
        remedy = "pass maps[None] for a single map" if maps.ndim == 2 else "pass one map per image"
        raise ValueError(
            f"maps has shape {maps.shape}, expected (n_maps, height, width); {remedy}."
        )
    for i, values in enumerate(maps):
        if not np.isfinite(values).all():
            raise ValueError(
                f"maps[{i}] holds {values[~np.isfinite(values)][0]}, expected finite values; drop "
                "that image or find out why its map has none."
            )
    return maps


def _check_thresholds(threshold):
    thresholds = np.asarray(threshold, dtype=np.float64)
    if thresholds.ndim > 1:
        raise ValueError(
            f"threshold has shape {thresholds.shape}, expected a number or a 1-D array; pass "
            "threshold.ravel()."
        )
    outside = thresholds[~((thresholds >= 0) & (thresholds < 1))]
    if outside.size:
        raise ValueError(
            f"threshold holds {outside[0]:.4g}, expected values in [0, 1); pass a share of the "
            "maximum of each map, for example 0.2."
        )
    return thresholds
