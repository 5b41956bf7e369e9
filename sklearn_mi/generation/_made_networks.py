"""The networks of a fit: made by their sizes, stored as arrays, and made again."""

import numpy as np
import torch

from .._engine._networks import arrays_of
from .._engine._resources import seeded, trainable
from ._networks import Discriminator, Generator, Recognizer

CPU = torch.device("cpu")


def make_networks(codes, mixture, sizes, n_noise, hidden):
    """Generator, discriminator and recognizer."""
    mean, factor, log_share, centers = map(_tensor, (*mixture, codes.centers))
    generator = Generator(mean, factor, log_share, sizes, n_noise, hidden)
    n_points = 2 * mean.shape[1] + log_share.shape[1]
    discriminator = Discriminator(n_points, len(mean), hidden)
    return generator, discriminator, Recognizer(centers, codes.spread, hidden)


def arrays_to_keep(generator, recognizer):
    """What `networks_again` makes them of."""
    return {"generator": arrays_of(generator), "recognizer": arrays_of(recognizer)}


def networks_again(arrays, sizes, n_noise, hidden, spread):
    """Generator and recognizer with stored arrays, on the CPU."""
    of_generator, of_recognizer = arrays["generator"], arrays["recognizer"]
    start = [torch.tensor(of_generator[name]) for name in ("mean", "factor", "log_share")]
    with trainable(), seeded(0, CPU):
        generator = Generator(*start, sizes, n_noise, hidden)
        recognizer = Recognizer(torch.tensor(of_recognizer["centers"]), spread, hidden)
    for network, own in ((generator, of_generator), (recognizer, of_recognizer)):
        network.load_state_dict({name: torch.tensor(array) for name, array in own.items()})
        network.requires_grad_(False)
    return generator.eval(), recognizer.eval()


def _tensor(array):
    return torch.as_tensor(np.asarray(array), dtype=torch.float32)
