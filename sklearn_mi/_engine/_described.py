"""Parameters and rows as plain things whose digest is the same in every process."""

from functools import partial

import joblib
import numpy as np
import pandas as pd
from scipy.sparse import issparse

from .._inputs._frames import as_pandas
from ._digest import digest

AS_IT_IS = np.ndarray | np.generic | str | bytes | bool | int | float | complex | None


def digests(**values):
    """The digest of each value as `described`."""
    return {name: digest(described(value)) for name, value in values.items()}


def described(value):
    """A parameter by what can be compared: values, names of functions, parameters of estimators.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> described({"C": [1.0], "of": LogisticRegression})["C"]
    [1.0]
    >>> described(LogisticRegression(C=2.0))[1]["C"]
    2.0
    """
    if isinstance(value, dict):
        return {str(key): described(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [described(item) for item in value]
    if isinstance(value, partial):
        return [described(part) for part in ("partial", value.func, value.args, value.keywords)]
    if hasattr(value, "get_params") and not isinstance(value, type):
        return [type(value), described(value.get_params(deep=False))]
    if isinstance(value, AS_IT_IS) or hasattr(value, "__qualname__"):
        return value
    return [type(value), _pickled(value)]


def _pickled(value):
    try:
        return joblib.hash(value)
    except Exception:  # of what refuses to be pickled, of which the class has to do
        return None


def described_rows(X):
    """A table, or labels, by what its cells are and not where they lie."""
    if issparse(X):
        X = X.tocsr()
        return [X.shape, X.data, X.indices, X.indptr]
    if X is None or isinstance(X, np.ndarray):
        return X
    X = as_pandas(X)
    if isinstance(X, pd.DataFrame):
        return [[str(name), str(X[name].dtype), _cells(X[name])] for name in X.columns]
    return np.asarray(X)


def _cells(column):
    try:
        return pd.util.hash_pandas_object(column, index=False).to_numpy()
    except TypeError:  # of cells that cannot be hashed
        return list(map(repr, column))
