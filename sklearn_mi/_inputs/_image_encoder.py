"""Turn images into the float32 array that a network reads."""

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ..modules import ImageEncoding, encoded_rows
from ._images import check_same_shape
from ._pixel_units import PixelUnits


class ImageEncoder(BaseEstimator):
    """Pixels as floats, and the mean and standard deviation of each channel.

    Those of each network of a fit are over its own training images, and applied by
    :class:`~sklearn_mi.modules.ImageEncoding`.

    uint8 images are divided by 255 first, so that they and images in [0, 1] are one and the same.
    Images in other units than those of the fit are refused.

    Parameters
    ----------
    standardize : bool, default=True
        False leaves pixels as they are, for networks that were trained on such elsewhere.

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
    array([-1.,  1.], dtype=float32)
    """

    def __init__(self, standardize=True):
        self.standardize = standardize

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
        shape = len(train_rows), X.shape[1], 1, 1
        self.mean_, self.scale_ = np.zeros(shape, np.float32), np.ones(shape, np.float32)
        if self.standardize:
            X = self.read(X, check=False)
            each = zip(*(_mean_and_spread(X[rows]) for rows in train_rows), strict=True)
            self.mean_, self.scale_ = map(np.stack, each)
        return self

    def read(self, X, check=True):
        """Float32 images of the same shape.

        Rows of the fit need no check; those without weight may be in any units.
        """
        check_is_fitted(self)
        check_same_shape(X, self.image_shape_)
        return self.units_.to_float(X, check)

    @property
    def encoding(self):
        """What the networks see of images that are read."""
        return ImageEncoding(self.mean_, self.scale_)

    def transform(self, X, member=0):
        """Images as one network sees them, float32 of the same shape."""
        rows = torch.as_tensor(self.read(X))
        return encoded_rows(self.encoding, rows, member)


def _mean_and_spread(X):
    """Of each channel, (channels, 1, 1); the spread of one that is constant is 1."""
    over = {"axis": (0, 2, 3), "dtype": np.float64, "keepdims": True}
    mean = X.mean(**over)[0].astype(np.float32)
    spread = np.sqrt(np.square(X - mean).mean(**over)[0]).astype(np.float32)
    return mean, np.where(spread > 0, spread, np.float32(1))
