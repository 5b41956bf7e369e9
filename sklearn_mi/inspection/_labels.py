"""Labels that a user asks about, and where they stand among the classes of an estimator."""

import numpy as np
from sklearn.utils import column_or_1d

from .._inputs._arrays import read_labels


def check_labels(y, X, of="row"):
    """One label for each row, or whatever it is that each is of."""
    y = column_or_1d(read_labels(y, "y"))
    if len(y) != len(X):
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: X has {len(X)}, y has "
            f"{len(y)}. Pass one label for each {of}."
        )
    return y


def encode(labels, estimator, remedy="or leave out the rows of others"):
    """Positions of labels among the classes of the estimator."""
    classes = estimator.classes_.tolist()
    position = {label: code for code, label in enumerate(classes)}
    unknown = [label for label in labels.tolist() if label not in position]
    if unknown:
        raise ValueError(
            f"y holds the label {unknown[0]!r}, which the estimator has never seen; its classes "
            f"are {classes}. Pass labels among these, {remedy}."
        )
    return np.array([position[label] for label in labels.tolist()])
