"""Streams of a few chunks for tests of `partial_fit`."""

import numpy as np
import pandas as pd
from quick_fits import classifier

CLASSES = [0, 1, 2]


def chunks_of(X, y, size=80):
    return [(X[i : i + size], y[i : i + size]) for i in range(0, len(y), size)]


def stream(chunks, classes=CLASSES, **params):
    clf = classifier(**params)
    for X, y in chunks:
        clf.partial_fit(X, y, classes=classes)
    return clf


def with_types(X):
    frame = pd.DataFrame(X, columns=[f"x{j}" for j in range(X.shape[1])])
    frame["level"] = np.where(X[:, 0] > 0, "up", "down")
    frame["day"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(len(X)), unit="D")
    return frame.assign(constant=1)
