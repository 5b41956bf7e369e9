"""Images as a classifier takes them: what may go in, and the float32 array that a network reads."""

import math
from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from ._pixel_units import PixelUnits

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
        _check_same_shape(X, estimator.image_shape_)
    if image_shape is not None and X.ndim == 4:
        X = X.reshape(len(X), -1)  # one and the same as rows of pixels
    options = {"allow_nd": True, "dtype": "numeric", "ensure_all_finite": False}
    X = validate_data(estimator, X, reset=reset, **options)
    _check_pixels(X)
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


def _check_same_shape(X, shape):
    if X.shape[1:] != shape:
        raise ValueError(
            f"X has images of shape {X.shape[1:]}, but those of the fit had {shape}: channels, "
            "height, width. Crop, pad or resize them, or choose their channels."
        )


def _check_pixels(X):
    if X.dtype == np.uint8:
        return
    bad = np.flatnonzero(~np.isfinite(X.reshape(len(X), -1)).all(axis=1))
    if len(bad):
        raise ValueError(
            f"X contains NaN or infinity in {len(bad)} image(s), the first of them image {bad[0]}; "
            "every pixel must be finite. Fill the pixels, for example by "
            "np.nan_to_num(X, posinf=1), or drop the images."
        )
    largest = float(np.abs(X).max(initial=0))
    if largest > LARGEST:
        raise ValueError(
            f"X has values up to {largest:g}, too large for pixels; at most {LARGEST:g} is "
            "expected. Scale the images, for example to [0, 1]."
        )


class ImageEncoder(BaseEstimator):
    """Pixels as floats, and the mean and standard deviation of each channel.

    Those of each network of a fit are over its own training images, and applied by
    :class:`~sklearn_mi.modules.ImageEncoding`.

    uint8 images are divided by 255 first, so that they and images in [0, 1] are one and the same.
    Images in other units than those of the fit are refused.

    Attributes
    ----------
    image_shape_ : tuple of int
        Channels, height, width.
    mean_, scale_ : ndarrays of shape (M, channels, 1, 1)
    units_ : PixelUnits
        What a pixel of the fit meant.

    Examples
    --------
    >>> pixels = np.array([0, 255], dtype=np.uint8).reshape(2, 1, 1, 1)
    >>> ImageEncoder().fit(pixels).transform(pixels).ravel()
    array([0.,  1.], dtype=float32)
    """

    def fit(self, X, train_rows=None):
        """Learn from images (n, channels, height, width).

        Parameters
        ----------
        X : ndarray of shape (n, channels, height, width)
        train_rows : list of M int arrays, default=None
            The images that each network trains on; None is one network and all images.
        """
        train_rows = [np.arange(len(X))] if train_rows is None else train_rows
        used = np.unique(np.concatenate(train_rows))
        self.image_shape_ = X.shape[1:]
        self.units_ = PixelUnits(X if len(used) == len(X) else X[used])
        X = self.transform_own(X)
        mean, scale = zip(*(_mean_and_spread(X[rows]) for rows in train_rows), strict=True)
        self.mean_, self.scale_ = np.stack(mean), np.stack(scale)
        return self

    def transform(self, X):
        """Float32 images of the same shape."""
        check_is_fitted(self)
        _check_same_shape(X, self.image_shape_)
        return self.units_.to_float(X)

    def transform_own(self, X):
        """The same for the images of the fit; those without weight may be in any units."""
        return self.units_.to_float(X, check=False)


def _mean_and_spread(X):
    """Of each channel, (channels, 1, 1); the spread of one that is constant is 1."""
    over = {"axis": (0, 2, 3), "dtype": np.float64, "keepdims": True}
    mean = X.mean(**over)[0].astype(np.float32)
    spread = np.sqrt(np.square(X - mean).mean(**over)[0]).astype(np.float32)
    return mean, np.where(spread > 0, spread, np.float32(1))
