"""Images of random pixels, also as hypothesis draws them, quick fits, and what a refusal says."""

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

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
DTYPES = ["uint8", "int16", "int64", "bool", "float16", "float32", "float64"]


@st.composite
def images(draw, dtypes=tuple(DTYPES)):
    """Images of moderate numbers, of any shape, for which `image_shape` is not needed."""
    n, channels, height, width = draw(st.tuples(*[st.integers(1, 9)] * 4))
    width = width if channels <= 4 else width + 4  # else one would think of channels last
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    elements = {"b": st.booleans(), "u": st.integers(0, 255), "i": st.integers(-300, 300)}
    elements = elements.get(dtype.kind, st.integers(-300, 300).map(lambda value: value / 4))
    return draw(arrays(dtype, (n, channels, height, width), elements=elements))
