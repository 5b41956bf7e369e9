"""Images as a classifier takes them: what may go in, and what is said when it may not."""

import math
from numbers import Integral

import numpy as np
from sklearn.utils.validation import validate_data

LARGEST = 1e15  # of the values of a pixel, whose squares float32 can still add up
MOST_CHANNELS = 4  # of an image whose last axis is taken for that of the channels


def is_images(X, image_shape):
    """Whether X is to be read as images: by its four axes, or since their shape is given."""
    return image_shape is not None or _n_axes(X) > 2


def _n_axes(X):
    """Axes of an array, of a frame or of nested lists; 2 of lists that are no array."""
    try:
        return X.ndim if hasattr(X, "ndim") else np.asarray(X).ndim
    except ValueError:
        return 2


def check_images(estimator, X, image_shape, *, reset):
    """Check images, or rows of pixels of a given shape; gives (n, channels, height, width).

    Raises
    ------
    ValueError
        If the axes are not those of images, or there are NaN.
    """
    if image_shape is not None:
        image_shape = check_image_shape(image_shape)
    X = X if hasattr(X, "dtype") or hasattr(X, "iloc") else np.asarray(X)
    _check_axes(X, image_shape)
    if not reset and X.ndim == 4:
        check_same_shape(X, estimator.image_shape_)
    if image_shape is not None and X.ndim == 4:
        X = X.reshape(len(X), -1)  # one and the same as rows of pixels
    options = {"allow_nd": True, "dtype": "numeric", "ensure_all_finite": False}
    X = validate_data(estimator, X, reset=reset, **options)
    check_pixels(X)
    # In one order of memory, on which sums depend.
    return np.ascontiguousarray(X if X.ndim == 4 else X.reshape(len(X), *image_shape))


def check_image_shape(image_shape):
    """Three positive whole numbers: channels, height, width; two are height and width of one."""
    shape = tuple(image_shape)
    whole = all(isinstance(n, Integral) and not isinstance(n, bool) and n > 0 for n in shape)
    if not whole or len(shape) not in (2, 3):
        raise ValueError(
            f"image_shape={image_shape!r} must be (channels, height, width), three positive whole "
            "numbers, or (height, width) of images with one channel; such as (1, 28, 28)."
        )
    return (1,) * (3 - len(shape)) + tuple(map(int, shape))


def _check_axes(X, image_shape):
    shape = tuple(X.shape)
    if len(shape) == 3 or len(shape) > 4:
        raise ValueError(
            f"Found array with dim {len(shape)}, of shape {shape}, while dim <= 2 is expected of a "
            "table and dim 4 of images, (n, channels, height, width). For images of one channel "
            "pass X[:, None]."
        )
    if 0 in shape[1:]:
        raise ValueError(
            f"X has shape {shape}: 0 feature(s) where a minimum of 1 is required. Pass images with "
            "pixels."
        )
    if image_shape is None and shape[3] <= MOST_CHANNELS < shape[1]:
        raise ValueError(
            f"X has shape {shape}, with the channels last, it seems; (n, channels, height, width) "
            "is expected. Pass np.moveaxis(X, -1, 1)."
        )
    if image_shape is None:
        return
    expected = image_shape if len(shape) == 4 else (math.prod(image_shape),)
    if shape[1:] != expected:
        raise ValueError(
            f"X has shape {shape}, but image_shape={image_shape} asks for {(len(X), *expected)}. "
            "Change image_shape, which is (channels, height, width), or the images."
        )


def check_same_shape(X, shape):
    """Refuse images of another shape than (channels, height, width) of those of the fit."""
    if X.shape[1:] != shape:
        raise ValueError(
            f"X has images of shape {X.shape[1:]}, but those of the fit had {shape}: channels, "
            "height, width. Crop, pad or resize them, or choose their channels."
        )


def check_pixels(X, first=0):
    """Refuse images with pixels that are no numbers; they are counted from `first` on."""
    if X.dtype == np.uint8:
        return
    bad = np.flatnonzero(~np.isfinite(X.reshape(len(X), -1)).all(axis=1))
    if len(bad):
        raise ValueError(
            f"X contains NaN or infinity in {len(bad)} image(s), the first of them image "
            f"{first + bad[0]}; every pixel must be finite. Fill the pixels, for example by "
            "np.nan_to_num(X, posinf=1), or drop the images."
        )
    largest = float(np.abs(X).max(initial=0))
    if largest > LARGEST:
        raise ValueError(
            f"X has values up to {largest:g}, too large for pixels; at most {LARGEST:g} is "
            "expected. Scale the images, for example to [0, 1]."
        )
