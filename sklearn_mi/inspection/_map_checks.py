"""What a display of maps can draw, and what is said of the rest."""

import math

import numpy as np


def check_images(images):
    """Floats in [0, 1], (n, height, width), or (n, height, width, channels) of 3 or 4 channels."""
    images = np.asarray(images)
    if images.ndim not in (3, 4) or 0 in images.shape:
        raise ValueError(
            f"images has shape {images.shape}, expected (n, height, width) or (n, channels, "
            "height, width), none of them 0; pass images[None] for a single grey image."
        )
    if images.ndim == 4 and images.shape[1] not in (1, 3, 4):
        raise ValueError(
            f"images has shape {images.shape}, of {images.shape[1]} channels, expected 1, 3 or 4 "
            "of them, before the height; pass np.moveaxis(images, -1, 1) if they come last, or a "
            "selection of them."
        )
    images = _stretch(images, _check_numbers("images", images))
    if images.ndim == 3 or images.shape[1] == 1:
        return images.reshape(len(images), *images.shape[-2:])
    return np.moveaxis(images, 1, -1)


def _stretch(given, images):
    """To [0, 1], unless they are shown as they are."""
    if given.dtype == np.uint8:
        return images / 255
    low, high = images.min(), images.max()
    if low >= 0 and high <= 1:
        return images
    return (images - low) / (high - low if high > low else 1)


def check_maps(maps, shape):
    """Floats of the shape of the images, by name."""
    named = maps if isinstance(maps, dict) else {"map": maps}
    if not named:
        raise ValueError("maps has no entries, expected one for each kind; pass at least one.")
    checked = {}
    for name, values in named.items():
        what = f"maps[{name!r}]" if named is maps else "maps"
        checked[name] = _check_numbers(what, values)
        if checked[name].shape != shape:
            raise ValueError(
                f"{what} has shape {checked[name].shape}, but the images ask for {shape}: n, "
                "height, width. Pass a map for each image, resized to it."
            )
    return checked


def check_found(boxes, maps, by_name, shape):
    """Boxes (n, 4), or None, for each of the maps."""
    if boxes is None:
        return [None] * len(maps)
    if isinstance(boxes, dict) != by_name:
        kinds = ["an array", "a dict"]
        raise ValueError(
            f"boxes is {kinds[not by_name]}, but maps is {kinds[by_name]}; pass two arrays, or two "
            "dicts with the same names."
        )
    if not by_name:
        return [check_boxes("boxes", boxes, shape)]
    unknown = [name for name in boxes if name not in maps]
    if unknown:
        raise ValueError(
            f"boxes has the name {unknown[0]!r}, but maps has {list(maps)}; pass boxes of these."
        )
    return [check_boxes(f"boxes[{name!r}]", boxes.get(name), shape) for name in maps]


def check_boxes(name, boxes, shape):
    """Boxes (n, 4) within the images, or None."""
    if boxes is None:
        return None
    boxes, size = _check_numbers(name, boxes), shape[1:]
    if boxes.shape != (shape[0], 4):
        raise ValueError(
            f"{name} has shape {boxes.shape}, expected {(shape[0], 4)}; pass one (top, left, "
            "bottom, right) for each image."
        )
    low, high = boxes[:, :2], boxes[:, 2:]
    wrong = np.flatnonzero(((low < 0) | (low > high) | (high > size)).any(axis=1))
    if wrong.size:
        raise ValueError(
            f"{name}[{wrong[0]}] is {boxes[wrong[0]].tolist()}, expected (top, left, bottom, "
            f"right) in pixels, within an image of {size[0]} x {size[1]}; clip or scale it."
        )
    return boxes


def check_labels(labels, n):
    """A text for each image."""
    if labels is None:
        return [""] * n
    labels = [str(label) for label in np.asarray(labels).ravel().tolist()]
    if len(labels) != n:
        raise ValueError(
            f"labels has {len(labels)} of them, but there are {n} images; pass one for each."
        )
    return labels


def check_axes(axes, shape):
    """Axes in rows and columns."""
    axes = np.asarray(axes, dtype=object)
    if axes.size != math.prod(shape):
        raise ValueError(
            f"axes has {axes.size} of them, expected {shape[0]} x {shape[1]}, a row for each image "
            f"with one for it and one for each kind; pass plt.subplots({shape[0]}, {shape[1]})[1]."
        )
    return axes.reshape(shape)


def _check_numbers(name, values):
    """Floats, none of them NaN or infinite."""
    values = np.asarray(values)
    if values.dtype.kind not in "buif":
        raise ValueError(f"{name} has dtype {values.dtype}, expected real numbers; pass floats.")
    values = values.astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError(
            f"{name} holds {values[~np.isfinite(values)][0]}, expected finite values; leave that "
            "image out or replace them."
        )
    return values
