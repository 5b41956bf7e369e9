"""Images as points of a space in which networks draw, and back."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA

from ._pixel_units import PixelUnits

MOST_COMPONENTS = 128
KEPT = 0.99  # of the variance


class ImageSpace(BaseEstimator):
    """Images as their principal components, the first of unit scale; and back.

    Attributes
    ----------
    mean_, components_ : ndarrays of shape (pixels,) and (p, pixels)
    scale_ : float
    lowest_, highest_ : ndarrays of shape (pixels,)
        Between which pixels are kept.

    Examples
    --------
    >>> images = np.random.RandomState(0).randint(256, size=(20, 1, 4, 4)).astype(np.uint8)
    >>> space = ImageSpace().fit(images)
    >>> coordinates, levels = space.to_points(images, None)
    >>> space.from_points(coordinates, levels, None).dtype
    dtype('uint8')
    """

    n_levels = ()

    def fit(self, X, sample_weight=None):
        """Learn from images (n, channels, height, width); weights do not count here."""
        self.units_ = PixelUnits(X)
        pixels = self.units_.to_float(X, check=False).reshape(len(X), -1).astype(float)
        n_most = min(MOST_COMPONENTS, len(X) - 1, pixels.shape[1])
        found = PCA(n_most, svd_solver="full" if len(X) < 1000 else "covariance_eigh").fit(pixels)
        kept = np.cumsum(found.explained_variance_ratio_) < KEPT
        n_kept = min(kept.sum() + 1, n_most)
        self.mean_, self.components_ = found.mean_, found.components_[:n_kept].astype(np.float32)
        self.scale_ = float(np.sqrt(found.explained_variance_[0])) or 1.0
        self.lowest_, self.highest_ = pixels.min(0), pixels.max(0)
        self.image_shape_, self.template_ = X.shape[1:], X.dtype
        return self

    def to_points(self, X, rng):
        """Coordinates (n, p) and no levels (n, 0).

        Raises
        ------
        ValueError
            If pixels are in other units than those of the fit.
        """
        pixels = self.units_.to_float(X).reshape(len(X), -1) - self.mean_
        return pixels @ self.components_.T / self.scale_, np.zeros((len(X), 0), dtype=int)

    def from_points(self, coordinates, codes, rng):
        """Images (n, channels, height, width) of the type of the fit."""
        pixels = coordinates * self.scale_ @ self.components_ + self.mean_
        pixels = np.clip(pixels, self.lowest_, self.highest_)
        pixels = pixels * 255 if self.units_.divided else pixels
        pixels = np.rint(pixels) if self.template_.kind in "iub" else pixels
        return pixels.reshape(len(coordinates), *self.image_shape_).astype(self.template_)
