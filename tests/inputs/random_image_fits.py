"""Images of random pixels, quick fits to them, and what a refusal has to say."""

import numpy as np
import pytest

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.modules import ConvNet


def small(n_channels, n_classes):
    return ConvNet(n_channels, n_classes, stages=(4,))


def fit(X, y, **params):
    usual = {"module": small, "max_iter": 1, "cv": None, "random_state": 0}
    return MutualInfoClassifier(**usual | params).fit(X, y)


def refuses(call, *said, error=ValueError):
    """Assert an error that says all of `said`."""
    with pytest.raises(error) as raised:
        call()
    message = str(raised.value)
    assert not [words for words in said if words not in message], message


def random_images(n=40, shape=(3, 8, 6), seed=0):
    return np.random.default_rng(seed).random((n, *shape), dtype=np.float32)


IMAGES, LABELS = random_images(), np.arange(40) % 2
