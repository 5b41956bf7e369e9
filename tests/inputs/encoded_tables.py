"""Tables through the encoder: what each network, or the first, sees of them."""

import numpy as np
import pytest

from sklearn_mi._inputs._table_encoder import TableEncoder

quiet = pytest.mark.filterwarnings(
    "ignore:Column .* left out:UserWarning", "ignore:Column .* cells :UserWarning"
)


def encoded(encoder, X):
    """What each network sees of rows, (M, n, d)."""
    return np.stack([encoder.transform(X, member) for member in range(len(encoder.center_))])


def read(X):
    return fit_transform(X)[1]


def fit_transform(X, train_rows=None, **params):
    """The encoder, and what the first network sees."""
    encoder = TableEncoder(**params).fit(X, train_rows)
    return encoder, encoded(encoder, X)[0]
