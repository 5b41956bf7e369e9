"""Random changes of training images that leave their labels as they are."""

import torch

SHIFT = 14  # images move by at most one part in so many of their height and width


class Augmentation:
    """Shift and flip images at random, each on its own.

    Parameters
    ----------
    kinds : iterable of {"shift", "flip"}
        "shift" moves an image by up to a fourteenth of its height and width, and at least up to one
        pixel, its border repeated; "flip" mirrors left and right in half of the cases.
    """

    def __init__(self, kinds):
        self.kinds = frozenset(kinds)

    def __call__(self, images, generator):
        """Images (..., C, H, W) to the same shape, with draws from a torch generator."""
        x = images.flatten(0, -4)
        for kind, change in [("shift", _shift), ("flip", _flip)]:
            if kind in self.kinds:
                x = change(x, generator)
        return x.view(images.shape)


def _shift(x, generator):
    """Move each image of (N, C, H, W)."""
    for axis in (2, 3):
        size = x.shape[axis]
        most = max(1, size // SHIFT)
        options = {"generator": generator, "device": x.device}
        step = torch.randint(-most, most + 1, (len(x), 1), **options)
        place = (torch.arange(size, device=x.device) + step).clamp(0, size - 1)
        place = place.view(len(x), 1, *((size, 1) if axis == 2 else (1, size)))
        x = x.gather(axis, place.expand(x.shape))
    return x


def _flip(x, generator):
    mirrored = torch.rand(len(x), 1, 1, 1, generator=generator, device=x.device) < 0.5
    return torch.where(mirrored, x.flip(3), x)


def make_augmentation(changes, image_shape):
    """What changes training images at random, or None."""
    if not changes:
        return None
    unknown = [change for change in changes if change not in ("shift", "flip")]
    if unknown:
        raise ValueError(
            f"augmentation={changes!r} has {unknown[0]!r}, expected 'shift' or 'flip'. "
            "Leave it out, or change the images before the fit."
        )
    if image_shape is None:
        raise ValueError(
            f"augmentation={changes!r} is for images, but X is a table. Pass None, or "
            "images: X of shape (n, channels, height, width), or image_shape."
        )
    return Augmentation(changes)
