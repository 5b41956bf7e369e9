"""Images made of pixels as floats, in the form of the images of a fit."""

import numpy as np


class ImageForm:
    """The shape, type and units of images.

    Parameters
    ----------
    shape : tuple of int
        Channels, height, width.
    flat : bool
        Whether they came as rows of pixels.
    units : PixelUnits
    """

    def __init__(self, shape, flat, units):
        self.shape, self.flat = shape, flat
        self.dtype, self.divided = units.dtype, units.divided

    def restore(self, numbers, levels):
        """Images of pixels (n, channels * height * width)."""
        pixels = numbers * 255 if self.divided else numbers
        if self.dtype.kind in "iub":
            pixels = np.round(pixels)
        pixels = pixels.astype(self.dtype)
        return pixels if self.flat else pixels.reshape(len(pixels), *self.shape)
