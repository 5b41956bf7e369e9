"""What the frozen first part of the networks gives of the images of a fit, computed once."""

import math

import torch

from ..exceptions import warn
from ..modules import FrozenFront, of_member
from ._resources import resolve_threads, torch_threads
from ._scoring import scoring_rows

MOST_BYTES = 2**31  # of all features, where the images themselves do not take more

TOO_MANY = (
    "What the frozen first part of the networks gives of {n} images, {shape} numbers each, takes "
    "{size:.1f} GiB, more than the {most:.1f} GiB that are kept. It is computed anew in every "
    "epoch. Let a pooling layer follow it, or freeze more of what does."
)


def keep_features(data, module, settings, n_threads):
    """Keep the features of all images with them, where training sees no other images.

    The frozen part has learnt nothing from these images, so that those that a member holds out may
    pass through it beside the others.

    Parameters
    ----------
    data : MemberData
    module : nn.Module
    settings : TrainingSettings
        With augmentation, or an adversary, images change from batch to batch.
    n_threads : int or "auto"

    Returns
    -------
    trained : nn.Module
        What of the networks every batch goes through.
    """
    if not isinstance(module, FrozenFront):
        return module
    changing = settings.augment is not None or settings.bounds is not None
    if changing or not module.tells_features or not _has_room(data, module.feature_shape):
        return module.front
    n_rows = scoring_rows(data.X)
    with torch_threads(resolve_threads(n_threads, module.front, n_rows)):
        data.features = _features(data, module, n_rows)
    return module.heads


def _has_room(data, shape):
    n_bytes = 4 * len(data.X) * math.prod(shape)
    most = max(MOST_BYTES, data.X.nbytes)
    if n_bytes > most:
        sizes = n_bytes / 2**30, most / 2**30
        text = TOO_MANY.format(n=len(data.X), shape=shape, size=sizes[0], most=sizes[1])
        warn(text)
    return n_bytes <= most


@torch.no_grad()
def _features(data, module, n_rows):
    encoding = of_member(data.encoding, 0)  # for all members the same
    blocks = data.X.split(n_rows)
    return torch.cat([module.features(encoding(block[None])[0]) for block in blocks])
