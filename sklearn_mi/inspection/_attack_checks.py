"""Checks of what a user passes to `adversarial_robustness`."""

import numpy as np
import pandas as pd
import scipy.sparse

from .._adversary._worst_case import ATTACKS
from .._inputs._arrays import read_numbers
from .._inputs._frames import as_pandas
from ._attacked import has_slopes

FEW = 256  # images that are read twice


def unwrap(estimator):
    """The classifier that a search found, if it is one whose slopes can be used."""
    inner = estimator
    while hasattr(inner, "best_estimator_"):
        inner = inner.best_estimator_
    return inner if has_slopes(inner) else estimator


def check_rows(X):
    """A DataFrame as it is, else an array."""
    if scipy.sparse.issparse(X):
        raise TypeError(
            f"Sparse data of shape {X.shape} was passed for X, but a dense table is required, "
            "whose zeros can move too. Pass X.toarray()."
        )
    X = as_pandas(X)
    X = X if isinstance(X, pd.DataFrame) else np.asarray(X)
    if X.ndim not in (2, 4) or len(X) < 2:
        raise ValueError(
            f"X has shape {X.shape}, but at least 2 rows of a table are expected, (n, n_features), "
            "or of images, (n, channels, height, width): a standard error needs two. Pass more "
            "rows, or reshape X."
        )
    return X


def check_eps(eps):
    """Radii as an array."""
    radii = [eps] if np.isscalar(eps) else eps
    radii = read_numbers(radii, "eps", "one radius, or a list of them", finite=False).astype(float)
    if radii.ndim != 1 or not radii.size or not (np.isfinite(radii) & (radii >= 0)).all():
        raise ValueError(
            f"eps={eps!r} must be one radius, or a list of them, finite and not negative; such as "
            "[0, 0.1, 0.2]."
        )
    return radii


def check_attacks(attacks, estimator):
    """Names of the attacks, in order."""
    usable = ATTACKS if has_slopes(estimator) else ("square",)
    names = list(usable) if attacks == "auto" else list(attacks)
    if not names or any(name not in ATTACKS for name in names):
        raise ValueError(
            f'attacks={attacks!r} must be "auto" or a list of names among {list(ATTACKS)}.'
        )
    names = list(dict.fromkeys(names))
    blind = [name for name in names if name not in usable]
    if blind:
        raise ValueError(
            f"The attack {blind[0]!r} needs slopes, which only a MutualInfoClassifier has, or a "
            f"search that found one; this is {type(estimator).__name__}. Use attacks=['square'], "
            "or pass the classifier itself, with X as it takes it."
        )
    return names


def check_same_reading(model, X, threat):
    """Refuse a classifier to which images in [0, 1] are other images than those of uint8."""
    if len(threat.shape) == 2 or np.asarray(X[:1]).dtype != np.uint8:
        return
    few = slice(0, FEW)
    before, after = model.values(X[few]), model.values(threat.of(few).apply(0.0))
    if not np.allclose(before, after, atol=1e-3):
        raise ValueError(
            f"X holds uint8 images, which an adversary moves as floats in [0, 1], but "
            f"{type(model.estimator).__name__} reads them differently. Pass X in floats, as the "
            "last step takes it, and that step."
        )
