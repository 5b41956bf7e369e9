"""Rows, bounds of how far they may move, and networks to be attacked in training."""

import numpy as np
import torch
from small_fits import make_mlp
from torch import nn

from sklearn_mi._engine._batches import MemberData
from sklearn_mi._engine._bounds import make_bounds
from sklearn_mi._engine._members import Members
from sklearn_mi._inputs._image_encoder import ImageEncoder
from sklearn_mi._inputs._table_encoder import TableEncoder


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def box(X, width=0.5):
    """Bounds of rows of which some columns move, to both sides by different amounts."""
    reach = width * torch.arange(X.shape[-1]).to(X.dtype)
    return between(X - reach, X + 2 * reach)


def between(low, high):
    """Bounds of rows by their numbers."""
    return lambda X, rows: (low[rows], high[rows])


def small_batch(n_members=3, n_rows=7, n_features=4, dtype=torch.float32):
    X = torch.randn(n_members * n_rows, n_features, dtype=dtype)
    rows = torch.randperm(len(X)).view(n_members, n_rows)
    return X, rows, torch.randint(3, rows.shape)


def lively_mlp(n_members=3, **changes):
    module = make_mlp(n_members, **changes)
    nn.init.normal_(module[-1].weight)
    return module


def bounds_of(X, eps=0.4, keep=slice(None)):
    """Encoder, rows as a network that trains on them sees them, and bounds, as a fit finds them."""
    images = np.ndim(X) == 4
    rows = np.arange(len(X))
    members = Members([rows[keep]], [rows], np.zeros(1, int))
    encoder = (ImageEncoder() if images else TableEncoder()).fit(X, members.train_rows)
    read = torch.as_tensor(encoder.read(X))
    data = MemberData(read, torch.zeros(len(X)), None, members, encoder.encoding)
    shape = X.shape[1:] if images else None
    encoded = data.inputs(torch.as_tensor(rows)[None])[0]
    return encoder, encoded, make_bounds(eps, shape, encoder, data, members)


def limits_of(X, **options):
    """Least and largest that rows may become, encoded."""
    _, encoded, bounds = bounds_of(X, **options)
    return [bound[0] for bound in bounds(encoded[None], torch.arange(len(X))[None])]
