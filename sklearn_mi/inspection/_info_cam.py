"""Where in an image the information about a label is."""

from numbers import Integral

import numpy as np
from scipy.ndimage import uniform_filter, zoom
from sklearn.pipeline import Pipeline
from sklearn.utils import Bunch
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions, validate_params
from sklearn.utils.validation import check_is_fitted

from ._labels import check_labels, encode

CHUNK = 256  # images asked about at a time, which bounds the memory of the maps of all classes


@validate_params(
    {
        "estimator": [HasMethods(["predict"])],
        "y": ["array-like", None],
        "kind": [StrOptions({"cam", "info_cam", "info_cam_plus"})],
        "region_size": [Interval(Integral, 1, None, closed="left"), None],
    },
    prefer_skip_nested_validation=True,
)
def info_cam(estimator, X, y=None, *, kind="info_cam", region_size=None):
    r"""Maps of the information that each place of an image carries about a label.

    This is infoCAM [1]_ [2]_. In a network that ends in global average pooling and a linear layer,
    the score of class y is the mean over the places u of a map :math:`M_y(u)`. Differences of
    scores are differences of pointwise mutual information, so that differences of maps say where
    this information is:

    ============== ===================================================
    kind           map
    ============== ===================================================
    cam            :math:`M_y`
    info_cam       :math:`M_y - \frac{1}{K-1} \sum_{j \ne y} M_j`
    info_cam_plus  :math:`M_y - M_j`, j the other class of the lowest score
    ============== ===================================================

    The first is the class activation map [3]_. What all classes share, which says nothing of y, is
    in it too, and cancels in the other two. With two classes these are the same.

    Parameters
    ----------
    estimator : classifier
        A :class:`~sklearn_mi.MutualInfoClassifier` fitted on images; or a pipeline that ends in
        one, or a search that found one. Its `module` may be any that ends in global average pooling
        and a linear layer.

    X : array-like of shape (n, channels, height, width)
        Images, or rows of pixels, as the estimator takes them.

    y : array-like of shape (n,), default=None
        The label that each map speaks of, any of the estimator's classes; None for what the
        estimator predicts.

    kind : {"cam", "info_cam", "info_cam_plus"}, default="info_cam"

    region_size : int, default=None
        Side of a square window on the grid of the network, often a fourth of the image's. Each
        value is then the sum over the window around it, the nats of a region; None for pixels.

    Returns
    -------
    result : :class:`~sklearn.utils.Bunch`
        maps : ndarray of shape (n, height, width)
            Nats, interpolated linearly from the coarser grid of the network. Without `region_size`,
            nats per pixel.
        labels : ndarray of shape (n,)
            What the maps speak of.
        scores : ndarray of shape (n, n_classes)
            What the networks contribute to the log posterior of each class beyond its frequency, in
            nats, up to a number that is the same for all classes: differences are differences of
            pointwise mutual information. Calibrated; the mean over the folds' networks.
        offsets : ndarray of shape (n,)
            Nats that belong to no place, from the biases of the last layer. Without `region_size`,
            the sum of a map and its offset is the score of its label less the mean of the others
            ("info_cam"), less the lowest of them ("info_cam_plus"), or that score itself ("cam").

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    TypeError
        If it is of a class that has no maps.
    ValueError
        If the estimator was not fitted on images, its network does not end as above, a label is
        none of its classes, or X is not of the images' shape.

    See Also
    --------
    bounding_boxes : Boxes around the high regions of the maps.
    InfoCAMDisplay : Images, maps and boxes side by side.

    Notes
    -----
    A map tells what the network reads off a place, and its receptive field reaches beyond the
    place. Classifiers of other kinds in the pool (`estimators`) have no part in it.

    References
    ----------
    .. [1] Z. Qin, D. Kim and T. Gedeon, "Rethinking softmax with cross-entropy: neural network
       classifier as mutual information estimator", arXiv 1911.10688, 2019.
    .. [2] Z. Qin, D. Kim and T. Gedeon, "Informative class activation maps", arXiv 2106.10472,
       2021.
    .. [3] B. Zhou, A. Khosla, A. Lapedriza, A. Oliva and A. Torralba, "Learning deep features for
       discriminative localization", CVPR 2016.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_mi import MutualInfoClassifier
    >>> from sklearn_mi.inspection import info_cam
    >>> digits = load_digits(n_class=2)
    >>> X = digits.images[:, None]  # one channel
    >>> clf = MutualInfoClassifier(max_iter=3, cv=None, random_state=0).fit(X, digits.target)
    >>> result = info_cam(clf, X[:5])
    >>> result.maps.shape
    (5, 8, 8)
    >>> information = result.maps.sum(axis=(1, 2)) + result.offsets
    >>> bool(np.allclose(information, abs(result.scores[:, 0] - result.scores[:, 1])))
    True
    """
    estimator, X = _last_step(estimator, X)
    check_is_fitted(estimator)
    labels = estimator.predict(X) if y is None else check_labels(y, X, of="image")
    codes = encode(labels, estimator, "or y=None for what it predicts")
    chunks = [slice(start, start + CHUNK) for start in range(0, max(1, len(codes)), CHUNK)]
    found = [_maps_of(estimator, X[rows], codes[rows], kind, region_size) for rows in chunks]
    maps, scores, offsets = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Bunch(maps=maps, labels=labels, scores=scores, offsets=offsets)


def _maps_of(estimator, X, codes, kind, region_size):
    """Maps (n, H, W), scores (n, K) and offsets (n,) of some images."""
    class_maps, offset = estimator._class_maps(X)
    scores = class_maps.sum(axis=(2, 3)) + offset
    contrast = _contrast(scores, codes, kind)
    maps = np.einsum("nk,nkhw->nhw", contrast, class_maps)
    maps = _resize(maps, estimator.image_shape_[1:], region_size)
    return maps, scores, contrast @ offset


def _contrast(scores, codes, kind):
    """Weights (n, K) with which the maps of the classes are added up."""
    n_classes = scores.shape[1]
    own = np.eye(n_classes)[codes]
    if kind == "cam":
        return own
    if kind == "info_cam":
        return own - (1 - own) / (n_classes - 1)
    rival = np.where(own, np.inf, scores).argmin(axis=1)
    return own - np.eye(n_classes)[rival]


def _resize(maps, size, region_size):
    """Nats of cells (n, h, w) as nats of pixels, or of the regions around them, (n, H, W)."""
    grid = maps.shape[1:]
    factors = np.divide(size, grid)
    if region_size is not None:
        if region_size > min(grid):
            raise ValueError(
                f"region_size={region_size} is larger than the maps of the network, which are "
                f"{grid[0]} x {grid[1]}. Choose a smaller one."
            )
        regions = region_size**2 * uniform_filter(
            maps, (1, region_size, region_size), mode="constant"
        )
        return _interpolate(regions, factors)
    pixels = _interpolate(maps / factors.prod(), factors)
    # Where a cell is no whole number of pixels, interpolation loses a little at the edges.
    lost = maps.sum(axis=(1, 2)) - pixels.sum(axis=(1, 2))
    return pixels + lost[:, None, None] / np.prod(size)


def _interpolate(maps, factors):
    return zoom(maps, (1, *factors), order=1, mode="nearest", grid_mode=True)


def _last_step(estimator, X):
    """The classifier that a pipeline or a search ends in, and X as it takes it."""
    while isinstance(estimator, Pipeline) or hasattr(estimator, "best_estimator_"):
        if isinstance(estimator, Pipeline):
            X = estimator[:-1].transform(X) if len(estimator) > 1 else X
            estimator = estimator[-1]
        else:
            estimator = estimator.best_estimator_
    if not hasattr(estimator, "_class_maps"):
        raise TypeError(
            f"{estimator!r} has no maps of its classes: info_cam is for a MutualInfoClassifier "
            "fitted on images, or a pipeline that ends in one."
        )
    return estimator, X if hasattr(X, "shape") else np.asarray(X)
