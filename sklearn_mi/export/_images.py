"""Pixels to what each network sees of them."""

import numpy as np

from ._tables import MATRIX, ROWS


def encoded_images(graph, encoder, flat):
    """Add the input and the encoding; gives images (M, n, channels, height, width) in float32.

    Parameters
    ----------
    graph : Graph
    encoder : ImageEncoder
    flat : bool
        Whether images come as rows of pixels.
    """
    shape, units = encoder.image_shape_, encoder.units_
    dtype = np.uint8 if units.dtype == np.uint8 else np.float32
    given = [int(np.prod(shape))] if flat else shape
    pixels = graph.input(MATRIX, dtype, [ROWS, *given], "pixels in the units of the fit")
    if flat:
        pixels = graph("Reshape", pixels, np.array([-1, *shape]))
    pixels = graph.cast(np.float32, pixels)
    if units.divided:
        pixels = graph("Div", pixels, np.float32(255))
    encoding = encoder.encoding
    return graph("Div", graph("Sub", pixels, encoding.mean), encoding.scale)
