"""Small files of rows, and fits to them that take little time."""

import numpy as np
import pandas as pd

from sklearn_mi import MutualInfoClassifier

BRIEF = {"estimators": None, "hidden_layer_sizes": 32, "max_iter": 12, "random_state": 0}


def brief_fit(path, y="y", groups=None, sample_weight=None, **params):
    return MutualInfoClassifier(**{**BRIEF, **params}).fit(path, y, sample_weight, groups)


def gaussian_rows(n_rows, seed=0):
    """Three columns, of which two tell of the label."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n_rows)
    X = rng.normal(size=(n_rows, 3))
    X[:, :2] += y[:, None]
    return pd.DataFrame(X, columns=list("abc")).assign(y=np.array(["no", "yes"])[y])


def write(frame, path, rows_of_group=250):
    frame.to_parquet(path, row_group_size=rows_of_group)
    return path
