"""How far adversarial training may move the rows of each network."""

from collections import Counter

import numpy as np

from .._adversary._threats import column_spread, image_range
from ._adversarial_training import ImageBounds, TableBounds
from ._resources import to_device


def make_bounds(eps, image_shape, encoder, data, members):
    """What an adversary may make of the rows of a fit; None where there is none."""
    if eps is None:
        return None
    find = _table_bounds if image_shape is None else _image_bounds
    X = data.X.cpu().numpy()
    own = (X[rows] for rows in members.train_rows)  # one at a time, for they may be images
    return find(eps, encoder, data, own)


def _table_bounds(eps, encoder, data, own):
    """Numbers move by a share of their spread in the rows that a member trains on."""
    moves = encoder.kinds_[encoder.columns_] == "number"
    spread = np.stack([column_spread(rows) for rows in own]) * moves
    if not (spread > 0).any():
        kinds = Counter(encoder.kinds_.tolist()).items()
        kinds = ", ".join(f"{n} of kind {kind!r}" for kind, n in kinds)
        raise ValueError(
            f"adversarial_training={eps!r} moves numeric columns that vary, but X has none: its "
            f"columns are {kinds}. Pass None, or convert columns, booleans for example, to floats."
        )
    return TableBounds(data, to_device(eps * spread[:, None], data.X.device))


def _image_bounds(eps, encoder, data, own):
    """How far pixels move, and the limits of their range, for each channel."""
    low, high = np.reshape([image_range(images) for images in own], (-1, 2, 1, 1, 1)).swapaxes(0, 1)
    if (high == low).any():
        raise ValueError(
            f"adversarial_training={eps!r} is in units of the range of pixels, but all are "
            f"{low[0].item()}. Pass None, or images that differ."
        )
    mean, scale = encoder.mean_[: len(low)], encoder.scale_[: len(low)]
    reach = eps * (high - low) / scale
    limits = [(value - mean) / scale for value in (low, high)]
    arrays = (value[:, None].astype(np.float32) for value in (reach, *limits))
    return ImageBounds(*(to_device(value, data.X.device) for value in arrays))
