"""Pictures of images, of maps of their information, and of boxes around what these point at."""

import math

import numpy as np

from ._boxes import bounding_boxes
from ._info_cam import _last_step, info_cam
from ._map_checks import (
    check_axes,
    check_boxes,
    check_found,
    check_images,
    check_labels,
    check_maps,
)
from ._map_drawing import (
    color_limits,
    draw_boxes,
    draw_colorbar,
    draw_images,
    draw_maps,
    figure_size,
    write_sums,
)
from ._pyplot import import_pyplot


class InfoCAMDisplay:
    """Images, maps of the information in them, and boxes, side by side.

    A row for each image: the image, a map for each kind, and the colours of the row in nats. Zero
    is white; information for the label is red, against it blue. Maps of one row share their
    colours, so that kinds can be compared, unless `limit` of :meth:`plot` says otherwise.

    Create it with :meth:`from_estimator`, which plots at once. All parameters are stored as
    attributes.

    Parameters
    ----------
    images : array-like of shape (n, height, width) or (n, channels, height, width)
        Grey images of 1 channel, or in colour of 3 (RGB) or 4 (RGBA). uint8 from 0 to 255 or floats
        in [0, 1] are shown as they are; else the range of all images is stretched to that.

    maps : array-like of shape (n, height, width), or dict of str to such
        Nats of each pixel, or of the region around it; of any sign. A dict has one map column for
        each entry, under its name.

    labels : array-like of shape (n,), default=None
        What the maps speak of, written beside the rows.

    boxes : array-like of shape (n, 4), or dict of str to such, default=None
        Boxes found, rows (top, left, bottom, right) in pixels; bottom and right are not part of
        the box. A dict if `maps` is one. An empty box is not drawn.

    boxes_true : array-like of shape (n, 4), default=None
        Boxes of the objects, likewise.

    region_size : int, default=None
        With which the maps were made; None for nats per pixel, which add up.

    Attributes
    ----------
    figure_ : matplotlib Figure

    axes_ : ndarray of matplotlib Axes, shape (n, 1 + number of kinds)

    colorbars_ : list of matplotlib Colorbar
        Row by row; empty without colour bars.

    See Also
    --------
    info_cam : The maps.
    bounding_boxes : The boxes.

    Notes
    -----
    The nats under a map are its sum. That of a "cam" map, as its colours, is up to a number that is
    the same for all classes; only "info_cam" and "info_cam_plus" have a zero of their own.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_mi import MutualInfoClassifier
    >>> from sklearn_mi.inspection import InfoCAMDisplay
    >>> digits = load_digits(n_class=2)
    >>> X = digits.images[:, None]  # one channel
    >>> clf = MutualInfoClassifier(max_iter=3, cv=None, random_state=0).fit(X, digits.target)
    >>> display = InfoCAMDisplay.from_estimator(clf, X[:4], kind=["cam", "info_cam"])
    >>> display.axes_.shape
    (4, 3)
    >>> plt.close(display.figure_)
    """

    def __init__(self, *, images, maps, labels=None, boxes=None, boxes_true=None, region_size=None):
        self.images = images
        self.maps = maps
        self.labels = labels
        self.boxes = boxes
        self.boxes_true = boxes_true
        self.region_size = region_size

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y=None,
        *,
        kind="info_cam",
        region_size=None,
        threshold=0.2,
        boxes_true=None,
        axes=None,
        figsize=None,
        cmap="RdBu_r",
        alpha=1.0,
        limit="row",
        colorbar=True,
    ):
        """Ask a classifier for maps and boxes, and plot them.

        Parameters
        ----------
        estimator : classifier
            A :class:`~sklearn_mi.MutualInfoClassifier` fitted on images; or a pipeline that ends
            in one, or a search that found one.

        X : array-like of shape (n, channels, height, width)
            Images, or rows of pixels, as the estimator takes them. Of a pipeline, these are shown;
            if they have not the size of the maps, what its last step is given.

        y : array-like of shape (n,), default=None
            The label that each map speaks of; None for what the estimator predicts.

        kind : {"cam", "info_cam", "info_cam_plus"} or list of these, default="info_cam"
            As in :func:`info_cam`; one column of maps for each.

        region_size : int, default=None
            As in :func:`info_cam`: None for nats per pixel.

        threshold : float, default=0.2
            As in :func:`bounding_boxes`; None for no boxes.

        boxes_true : array-like of shape (n, 4), default=None
            Boxes of the objects, rows (top, left, bottom, right) in pixels.

        axes, figsize, cmap, alpha, limit, colorbar
            As in :meth:`plot`.

        Returns
        -------
        display : InfoCAMDisplay
            Its `maps` and `boxes` are dicts with an entry for each kind.
        """
        import_pyplot(cls.__name__)
        maps, labels = {}, y
        for name in [kind] if isinstance(kind, str) else kind:
            result = info_cam(estimator, X, labels, kind=name, region_size=region_size)
            maps[name], labels = result.maps, result.labels
        boxes = None
        if threshold is not None:
            boxes = {name: bounding_boxes(values, threshold) for name, values in maps.items()}
        display = cls(
            images=_images_of(estimator, X),
            maps=maps,
            labels=labels,
            boxes=boxes,
            boxes_true=boxes_true,
            region_size=region_size,
        )
        return display.plot(
            axes=axes, figsize=figsize, cmap=cmap, alpha=alpha, limit=limit, colorbar=colorbar
        )

    def plot(
        self, *, axes=None, figsize=None, cmap="RdBu_r", alpha=1.0, limit="row", colorbar=True
    ):
        """Draw a row for each image.

        Parameters
        ----------
        axes : array-like of matplotlib Axes, n * (1 + number of kinds) of them, default=None
            To draw into, row by row; None for a new figure. The colours of a row lie to the right
            of its last axes, for which a figure with ``layout="constrained"`` makes room.

        figsize : pair of float, default=None
            Width and height of the new figure in inches; None for panels of 1.5 inches.

        cmap : str or matplotlib Colormap, default="RdBu_r"
            Of the maps. Zero is in its middle.

        alpha : float, default=1.0
            Opacity of the maps, in [0, 1]. Below 1 the image, in grey, shows through.

        limit : {"row", "map"} or float, default="row"
            Nats at the upper end of the colours, and the negative of those at the lower one: the
            largest absolute value of the maps of the row, or of each map by itself, or a number for
            all maps.

        colorbar : bool, default=True
            Whether to draw the colours of each row, or with `limit="map"` of each map, with their
            nats.

        Returns
        -------
        self : InfoCAMDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If shapes do not match, there are no images, or they cannot be shown.
        """
        plt = import_pyplot(type(self).__name__)
        images, maps, labels, found, true = self._check()
        shape, limits = (len(images), 1 + len(maps)), color_limits(maps, limit)
        bars = range(1 if limit == "map" else len(maps), shape[1]) if colorbar else []
        if axes is None:
            figsize = figsize or figure_size(images, shape[1], len(bars))
            axes = plt.figure(figsize=figsize, layout="compressed").subplots(*shape)
        self.axes_ = check_axes(axes, shape)
        self.figure_ = self.axes_[0, 0].figure
        draw_images(self.axes_[:, 0], images, labels)
        draw_maps(self.axes_[:, 1:], maps, images, limits, cmap, alpha)
        if self.region_size is None:
            write_sums(self.axes_[:, 1:], maps)
        draw_boxes(self.axes_, found, true)
        self.colorbars_ = self._draw_colorbars(bars)
        return self

    def _draw_colorbars(self, columns):
        bars = [draw_colorbar(row[column]) for row in self.axes_ for column in columns]
        unit = "nats per pixel" if self.region_size is None else "nats per region"
        for bar in bars[len(columns) - 1 :: len(columns) or 1]:  # the last of each row
            bar.set_label(unit, fontsize="small")
        return bars

    def _check(self):
        """Images, maps by name, labels, the boxes found on each of the maps, and the true ones."""
        images = check_images(self.images)
        shape = images.shape[:3]
        maps = check_maps(self.maps, shape)
        found = check_found(self.boxes, maps, isinstance(self.maps, dict), shape)
        true = check_boxes("boxes_true", self.boxes_true, shape)
        return images, maps, check_labels(self.labels, len(images)), found, true


def _images_of(estimator, X):
    """X as images; if it has not the size of the maps, what the last step of a pipeline is given.

    Returns
    -------
    images : ndarray of shape (n, height, width) or (n, channels, height, width)
    """
    classifier, inner = _last_step(estimator, X)
    shape = classifier.image_shape_
    X = np.asarray(X)
    if X.ndim in (3, 4) and X.shape[-2:] == shape[1:]:
        return X
    if X.shape[1:] != (math.prod(shape),):
        X = np.asarray(inner)
    return X.reshape(len(X), *shape)
