"""Rows, a small fit, and what the refusal of an odd argument has to be.

An odd argument gets a right answer, or an error of ours or of scikit-learn that says what is wrong:
never a plain error of NumPy, torch, pandas or SciPy, and never NaN in silence. A case is what is
passed, and the words that the error has to say.
"""

import traceback
from pathlib import Path

import numpy as np
import pytest
import sklearn

import sklearn_mi
from sklearn_mi import MutualInfoClassifier

N = 40
RNG = np.random.RandomState(0)
Y = np.tile([0, 1], N // 2)
X = RNG.standard_normal((N, 2)) + Y[:, None]
PROBA = RNG.dirichlet([1, 1], size=N)
HOMES = [str(Path(module.__file__).parent) for module in (sklearn, sklearn_mi)]


def make(**params):
    small = {"estimators": None, "max_iter": 1, "hidden_layer_sizes": 2, "cv": 2, "random_state": 0}
    return MutualInfoClassifier(**small | params)


def refusal(call):
    """The message of the error that a call raises, which has to be ours or scikit-learn's."""
    with pytest.raises((ValueError, TypeError)) as raised:
        call()
    last = traceback.extract_tb(raised.tb)[-1]
    assert any(last.filename.startswith(home) for home in HOMES), f"{last}: {raised.value}"
    assert last.line.startswith("raise"), f"{last}: {raised.value}"  # what is compiled has no frame
    assert len(str(raised.value)) > 30
    return str(raised.value)


def assert_refused(call, words):
    message = refusal(call)
    missing = [word for word in words if word not in message]
    assert not missing, (missing, message)


def cases(table):
    return [pytest.param(value, words, id=name) for name, (value, *words) in table.items()]


def changed(values, row, value, dtype=object):
    values = np.array(values, dtype=dtype)
    values[row] = value
    return values
