"""From rows to a trained generator, and what is kept of it."""

import numpy as np

from .._engine._resources import (
    repeatable,
    resolve_device,
    resolve_threads,
    seeded,
    to_device,
    torch_threads,
    trainable,
)
from ..metrics._estimate import label_entropy
from ._codes import joined_points, learn_codes
from ._generator_base import indicators_of
from ._made_networks import arrays_to_keep, make_networks, networks_again
from ._mixture import fit_mixture, whitened
from ._training import Adversaries, Points

N_LOSSES = 50  # that are kept of the training
N_AUDITED = 2_000  # drawn rows


def train_generator(gan, table, labels, weight, rng):
    """Learn codes, train, and set what a fitted generator has.

    Parameters
    ----------
    gan : MutualInfoGAN
        With its space.
    table : DataFrame or ndarray
        Checked rows of weight above 0.
    labels : int ndarray of shape (n,)
    weight : ndarray of shape (n,)
    rng : RandomState
    """
    coordinates, levels = gan._space.to_points(table, rng)
    indicators = indicators_of(levels, gan._space.n_levels)
    n_codes = gan.n_codes if gan.information_weight > 0 else 1
    codes = learn_codes(joined_points(coordinates, indicators), labels, weight, n_codes, rng)
    mixture = fit_mixture(coordinates, indicators, codes, weight)
    white = whitened(coordinates, codes.of_rows, mixture)
    chance = weight / np.sqrt(np.bincount(labels, weights=weight)[labels])
    rows = white, indicators, codes.of_rows, chance
    hidden = [int(size) for size in np.atleast_1d(gan.hidden_layer_sizes)]
    sizes = [int(size) for size in gan._space.n_levels]
    device = resolve_device(gan.device)
    with trainable(), repeatable(device), seeded(rng.randint(np.iinfo(np.int32).max), device):
        networks = make_networks(codes, mixture, sizes, gan.n_noise, hidden)
        adversaries, losses = _train(gan, [network.to(device) for network in networks], rows)
    gan._description = {"sizes": sizes, "n_noise": gan.n_noise, "hidden": hidden}
    gan._description["spread"] = codes.spread
    gan._arrays = arrays_to_keep(adversaries.average, adversaries.recognizer)
    gan._networks = networks_again(gan._arrays, **gan._description)
    gan._class_of, gan._code_frequency = codes.class_of, codes.frequency
    gan.n_iter_, gan.n_codes_ = gan.max_iter, len(codes.frequency)
    gan.loss_curve_ = [float(part.mean()) for part in np.array_split(losses, N_LOSSES) if len(part)]
    gan.code_entropy_ = float(label_entropy(codes.frequency))
    gan.mutual_info_score_ = _told_by_drawn(gan, rng)


def _train(gan, networks, rows):
    device = next(networks[0].parameters()).device
    white, indicators, codes, chance = rows
    both = [part.astype(np.float32) for part in (white, indicators)]
    points = Points(*(to_device(part, device) for part in (*both, codes, np.cumsum(chance))))
    adversaries = Adversaries(
        *networks,
        information_weight=gan.information_weight,
        slope_weight=gan.slope_weight,
        learning_rate=gan.learning_rate_init,
    )
    with torch_threads(resolve_threads(gan.n_threads, networks[0], gan.batch_size)):
        losses = adversaries.train(points, gan.max_iter, gan.batch_size, gan.verbose)
    return adversaries, losses[:, 1].cpu().numpy()


def _told_by_drawn(gan, rng):
    """H(c) + E[log Q(c | x)] of drawn rows."""
    codes = rng.choice(gan.n_codes_, N_AUDITED, p=gan._code_frequency)
    coordinates, levels = gan._draw(codes, rng)
    found = gan._recognise(coordinates, indicators_of(levels, gan._space.n_levels))
    chosen = np.maximum(found[np.arange(len(codes)), codes], np.finfo(float).tiny)
    return gan.code_entropy_ + float(np.log(chosen).mean())
