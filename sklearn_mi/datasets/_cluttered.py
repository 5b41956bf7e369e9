"""Images of one object among distracting fragments, to test where a classifier looks."""

from numbers import Integral, Real

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.utils import check_random_state, check_scalar

from ..metrics._validation import check_labels

VISIBLE = 0.1  # of full scale; fainter pixels do not count for the box


def make_cluttered_images(
    objects,
    y,
    *,
    n_samples=None,
    image_size=(56, 56),
    n_fragments=8,
    fragment_size=8,
    noise=0.1,
    random_state=None,
):
    """Hide objects, for example digits, at random places among fragments of one another.

    Each image is a black canvas with one object, squares cut out of random objects, and noise.
    The label is that of the whole object. Fragments say nothing about it: they come from any
    object, whatever its class, and lie anywhere, on the object too, where the brighter pixel of
    the two is kept. Each is cut around a random pixel brighter than half of its object's maximum,
    and shifted to lie inside its object, so that no fragment is black.

    Parameters
    ----------
    objects : array-like of shape (n_objects, height, width) or \
            (n_objects, n_channels, height, width)
        Bright objects on black: uint8 from 0 to 255, or floats in [0, 1].

    y : array-like of shape (n_objects,)
        The label of each object.

    n_samples : int, default=None
        Number of images, whose objects are drawn at random with replacement; None makes one image
        of each object, in their order.

    image_size : pair of int, default=(56, 56)
        Height and width of the images.

    n_fragments : int, default=8
        Number of fragments in each image.

    fragment_size : int, default=8
        Side of the fragments in pixels, at most that of the objects; without fragments, ignored.

    noise : float, default=0.1
        Standard deviation of the Gaussian noise that is added to all pixels, where full scale is
        1. The sum is clipped to [0, 1].

    random_state : int, RandomState instance or None, default=None
        Fixes the images. Objects are drawn and placed first, so that other `n_fragments`,
        `fragment_size` or `noise` leave them where they are.

    Returns
    -------
    X : ndarray of float32, shape (n_samples, n_channels, height, width)
        Images in [0, 1], of one channel if the objects have no channels.

    y : ndarray of shape (n_samples,)
        Labels of the objects in them, with the dtype of `y`.

    boxes : ndarray of int, shape (n_samples, 4)
        Rows `(top, left, bottom, right)`: ``X[i, :, top:bottom, left:right]`` is the smallest
        rectangle with all pixels of the object above 0.1 of full scale.

    Raises
    ------
    TypeError
        If a count or size is no integer, `noise` is no number, or `objects` is neither uint8 nor
        float.

    ValueError
        If `objects` has the wrong shape, is empty, holds NaN, floats outside [0, 1] or a black
        object, `y` does not go with it, the objects are larger than the images or smaller than
        the fragments, a count or size is too small, or `noise` is negative or not finite.

    References
    ----------
    .. [1] V. Mnih, N. Heess, A. Graves and K. Kavukcuoglu, "Recurrent Models of Visual
       Attention", Advances in Neural Information Processing Systems, 2014, arXiv:1406.6247.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_mi.datasets import make_cluttered_images
    >>> digits = load_digits()
    >>> X, y, boxes = make_cluttered_images(
    ...     digits.images / 16, digits.target, image_size=(16, 16), fragment_size=3, random_state=0
    ... )
    >>> X.shape
    (1797, 1, 16, 16)
    >>> top, left, bottom, right = boxes[0]
    >>> X[0, :, top:bottom, left:right].shape
    (1, 8, 6)
    """
    objects = _check_objects(objects)
    y = _check_one_label_each(y, len(objects))
    image_size = _check_image_size(image_size, objects.shape[2:])
    _check_clutter(n_fragments, fragment_size, noise, objects.shape[2:])
    boxes = _visible_boxes(objects)
    rng = check_random_state(random_state)
    chosen = _choose(len(objects), n_samples, rng)
    X, corners = _place(objects[chosen], image_size, rng)
    if n_fragments:
        _add_fragments(X, objects, n_fragments, fragment_size, rng)
    if noise:
        _add_noise(X, float(noise), rng)
    return X, y[chosen], boxes[chosen] + np.tile(corners, 2)


def _check_objects(objects):
    """Return `objects` as float32 in [0, 1], of shape (n_objects, n_channels, height, width)."""
    objects = np.asarray(objects)
    if objects.ndim not in (3, 4):
        raise ValueError(
            f"objects has shape {objects.shape}, expected (n_objects, height, width) or "
            "(n_objects, n_channels, height, width); reshape flat rows, for example with "
            "objects.reshape(-1, 28, 28)."
        )
    if objects.size == 0:
        raise ValueError(f"objects is empty, of shape {objects.shape}; pass at least one image.")
    objects = _scale(objects)
    return objects if objects.ndim == 4 else objects[:, np.newaxis]


def _scale(objects):
    if objects.dtype == np.uint8:
        return objects / np.float32(255)
    if objects.dtype.kind != "f":
        raise TypeError(
            f"objects has dtype {objects.dtype}, expected uint8 from 0 to 255 or floats in "
            "[0, 1]; convert it, for example with objects.astype('uint8')."
        )
    lowest, highest = objects.min(), objects.max()
    if np.isnan(lowest):
        raise ValueError("objects holds NaN; replace missing pixels, for example by 0.")
    if lowest < 0 or highest > 1:
        raise ValueError(
            f"objects holds floats from {lowest:.4g} to {highest:.4g}, expected [0, 1]; divide "
            "values up to 255 by 255, or pass them as uint8."
        )
    return objects.astype(np.float32, copy=False)


def _check_one_label_each(y, n_objects):
    y = check_labels(y, name="y")
    if len(y) != n_objects:
        raise ValueError(
            f"y has {len(y)} labels but objects has {n_objects} images; pass one label per object."
        )
    return y


def _check_image_size(image_size, object_size):
    if np.shape(image_size) != (2,):
        raise ValueError(
            f"image_size must be a pair (height, width), got {image_size!r}; pass for example "
            "(56, 56)."
        )
    for name, side, least in zip(("height", "width"), image_size, object_size, strict=True):
        check_scalar(side, f"{name} of image_size", Integral)
        if side < least:
            raise ValueError(
                f"image_size={tuple(image_size)} has a {name} of {side}, but the objects have "
                f"{least}; pass at least {object_size}, or smaller objects."
            )
    return tuple(image_size)


def _check_clutter(n_fragments, fragment_size, noise, object_size):
    check_scalar(n_fragments, "n_fragments", Integral, min_val=0)
    check_scalar(fragment_size, "fragment_size", Integral, min_val=1)
    check_scalar(noise, "noise", Real)
    if n_fragments and fragment_size > min(object_size):
        raise ValueError(
            f"fragment_size={fragment_size} exceeds the objects, whose (height, width) is "
            f"{object_size}; pass at most {min(object_size)}. Channels come before the height."
        )
    if not 0 <= noise < np.inf:
        raise ValueError(
            f"noise must be a standard deviation, 0 or more and finite, got {noise!r}; pass 0 for "
            "no noise."
        )


def _visible_boxes(objects):
    """(top, left, bottom, right) of what is visible of each object."""
    visible = (objects > VISIBLE).any(axis=1)
    black = np.flatnonzero(~visible.any(axis=(1, 2)))
    if black.size:
        raise ValueError(
            f"In objects, {black.size} of {len(objects)} images are black; row {black[0]} has no "
            f"pixel above {VISIBLE} of full scale; drop such rows and their labels."
        )
    (top, bottom), (left, right) = (_extent(visible.any(axis=axis)) for axis in (2, 1))
    return np.column_stack([top, left, bottom, right])


def _extent(flags):
    """First and one past the last true position in each row."""
    return flags.argmax(axis=1), flags.shape[1] - flags[:, ::-1].argmax(axis=1)


def _choose(n_objects, n_samples, rng):
    if n_samples is None:
        return np.arange(n_objects)
    check_scalar(n_samples, "n_samples", Integral, min_val=1)
    return rng.randint(n_objects, size=n_samples)


def _place(objects, image_size, rng):
    """Black images with one object each, and the corners where these lie."""
    n_samples, n_channels, *size = objects.shape
    X = np.zeros((n_samples, n_channels, *image_size), dtype=np.float32)
    corners = rng.randint(np.subtract(image_size, size) + 1, size=(n_samples, 2))
    _windows(X, size)[np.arange(n_samples), :, *corners.T] = objects
    return X, corners


def _add_fragments(X, objects, n_fragments, size, rng):
    """Brighten X, in place, where fragments of the objects fall."""
    sources, targets = (_windows(images, (size, size)) for images in (objects, X))
    rows = np.arange(len(X))
    bright, first, count = _bright_pixels(objects)
    for _ in range(n_fragments):
        # The image's own object too: without it, its class would be rarer in the fragments.
        source = rng.randint(len(objects), size=len(X))
        pixel = bright[first[source] + rng.randint(count[source])]
        center = np.stack(np.unravel_index(pixel, objects.shape[2:]))
        cut = np.clip(center.T - size // 2, 0, np.subtract(objects.shape[2:], size))
        corner = rng.randint(targets.shape[2:4], size=(len(X), 2))
        here = (rows, slice(None), *corner.T)
        targets[here] = np.maximum(targets[here], sources[source, :, *cut.T])


def _bright_pixels(objects):
    """Flat positions in their object of all bright pixels, where each object's begin, how many."""
    half = objects.max(axis=(1, 2, 3), keepdims=True) / 2
    bright = (objects > half).any(axis=1).reshape(len(objects), -1)
    count = bright.sum(axis=1)
    return np.flatnonzero(bright) % bright.shape[1], np.cumsum(count) - count, count


def _windows(images, size):
    """View of shape (n, channels, top, left, *size) on all windows of that size."""
    return sliding_window_view(images, size, axis=(2, 3), writeable=True)


def _add_noise(X, scale, rng):
    # A Generator draws float32, several times as fast as RandomState draws float64.
    rng = np.random.default_rng(rng.randint(2**32, size=4, dtype=np.uint32))
    for image in X:
        image += scale * rng.standard_normal(image.shape, dtype=np.float32)
        np.clip(image, 0, 1, out=image)
