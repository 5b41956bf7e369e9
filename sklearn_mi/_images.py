"""Images as a classifier takes them: what may go in, and the float32 array that a network reads."""

import math

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

MOST_CHANNELS = 4  # of an image whose last axis is taken for that of the channels


def is_images(X, image_shape):
    """Whether X is to be read as images: by its four axes, or since their shape is given."""
    return image_shape is not None or getattr(X, "ndim", 2) in (3, 4)


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
    X = validate_data(estimator, X, reset=reset, allow_nd=True, dtype="numeric")
    return X if X.ndim == 4 else X.reshape(len(X), *image_shape)


def check_image_shape(image_shape):
    """Three positive whole numbers: channels, height, width; two are height and width of one."""
    shape = np.atleast_1d(np.asarray(image_shape))
    if shape.dtype.kind not in "iu" or shape.shape not in [(2,), (3,)] or (shape < 1).any():
        raise ValueError(
            f"image_shape={image_shape!r} must be (channels, height, width), three positive whole "
            "numbers, or (height, width) of images with one channel; such as (1, 28, 28)."
        )
    return (1,) * (3 - len(shape)) + tuple(shape.tolist())


def _check_axes(X, image_shape):
    shape = tuple(X.shape)
    if len(shape) == 3:
        raise ValueError(
            f"Found array with dim 3, of shape {shape}, while dim <= 2 is expected of a table and "
            "dim 4 of images, (n, channels, height, width). For images of one channel pass "
            "X[:, None]."
        )
    if len(shape) == 4 and shape[3] <= MOST_CHANNELS < shape[1]:
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


class ImageEncoder(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):
    """Standardise each channel by its mean and standard deviation over all images and pixels.

    uint8 images are divided by 255 first, so that they and images in [0, 1] are one and the same.

    Attributes
    ----------
    image_shape_ : tuple of int
        Channels, height, width.
    mean_, scale_ : ndarrays of shape (channels, 1, 1)

    Examples
    --------
    >>> pixels = np.array([0, 255], dtype=np.uint8).reshape(2, 1, 1, 1)
    >>> ImageEncoder().fit(pixels).transform(pixels).ravel()
    array([-1.,  1.], dtype=float32)
    """

    n_numeric_ = 0  # columns for embeddings of numbers, of which images have none

    def fit(self, X, y=None):
        """Learn shape, mean and spread of images (n, channels, height, width)."""
        self.image_shape_ = X.shape[1:]
        X = _as_float(X)
        over = {"axis": (0, 2, 3), "dtype": np.float64, "keepdims": True}
        self.mean_ = X.mean(**over)[0].astype(np.float32)
        spread = np.sqrt(np.square(X - self.mean_).mean(**over)[0]).astype(np.float32)
        self.scale_ = np.where(spread > 0, spread, np.float32(1))
        return self

    def transform(self, X):
        """Standardised float32 images of the same shape."""
        check_is_fitted(self)
        if X.shape[1:] != self.image_shape_:
            raise ValueError(
                f"X has images of shape {X.shape[1:]}, but those of the fit had "
                f"{self.image_shape_}: channels, height, width. Crop, pad or resize them."
            )
        return (_as_float(X) - self.mean_) / self.scale_


def _as_float(X):
    return X / np.float32(255) if X.dtype == np.uint8 else X.astype(np.float32, copy=False)
