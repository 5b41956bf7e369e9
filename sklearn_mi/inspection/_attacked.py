"""The classifier that is attacked, and what of its rows may be moved."""

from numbers import Integral, Real

import numpy as np
import pandas as pd

from .._adversary._attacks import margins
from .._adversary._threats import ImageThreat, TableThreat, column_spread, numeric_columns
from .._inputs._arrays import read_array, read_numbers
from ..metrics._validation import check_probabilities

TINY = np.finfo(float).tiny


class Attacked:
    """A fitted classifier as attacks ask it, and as its answers are judged.

    Parameters
    ----------
    estimator : classifier
    unit : ndarray of shape (d,) or float
        How far a move of one goes.
    """

    def __init__(self, estimator, unit):
        self.estimator, self.unit = estimator, unit
        self.has_slopes = has_slopes(estimator)

    def values(self, X):
        """Decisions (n, K) on the log scale."""
        if self.has_slopes:
            return self.estimator._under_priors(self.estimator.predict_log_proba(X))
        return np.log(np.maximum(self._proba(X)[0], TINY))

    def slope(self, X, codes, objective):
        """Values (n,) of an objective, and its derivatives in the moves."""
        return self.estimator._input_slope(X, codes, objective, self.unit)

    def judge(self, X, codes):
        """Log posterior of the label, margin, and whether `predict` is right; each (n,)."""
        own = np.arange(len(codes)), codes
        if self.has_slopes:
            log_proba = self.estimator.predict_log_proba(X)
            decision = self.estimator._under_priors(log_proba)
            return log_proba[own], margins(decision, codes), decision.argmax(axis=1) == codes
        proba, eps = self._proba(X)
        log_proba = np.log(np.maximum(proba[own], eps))
        margin = margins(np.log(np.maximum(proba, TINY)), codes)
        right = np.asarray(self.estimator.predict(X)) == self.estimator.classes_[codes]
        return log_proba, margin, right

    def _proba(self, X):
        proba = read_array(self.estimator.predict_proba(X), "predict_proba", "probabilities")
        if not np.isfinite(proba).all():
            raise ValueError(
                f"predict_proba of {type(self.estimator).__name__} gave values that are not "
                "finite, where probabilities are expected. Mend the classifier, or choose smaller "
                "eps, should it fail on rows far from its training rows."
            )
        name = f"predict_proba of {type(self.estimator).__name__}"
        return check_probabilities(proba, len(X), name=name)


def has_slopes(estimator):
    """Whether the classifier tells how its posterior changes with the rows."""
    return hasattr(estimator, "_input_slope")


def make_threat(estimator, X, norm, feature_scale, frozen):
    """How the rows of X may be moved.

    Parameters
    ----------
    estimator : classifier
    X : DataFrame or ndarray
    norm, feature_scale, frozen
        As in :func:`~sklearn_mi.inspection.adversarial_robustness`.

    Returns
    -------
    threat : TableThreat or ImageThreat
    """
    image_shape = getattr(estimator, "image_shape_", None)
    image_shape = X.shape[1:] if X.ndim == 4 else image_shape
    if image_shape is not None:
        _check_image_options(feature_scale, frozen)
        threat = ImageThreat(X, norm, feature_scale, image_shape)
    else:
        frozen = _frozen_columns(X, frozen)
        scale = _scale_of_columns(X, feature_scale, frozen)
        threat = TableThreat(X, norm, scale, frozen)
    if not (threat.mobile.any() or threat.n_levels.any()):
        raise ValueError(
            "Nothing in X can be moved: all of it is frozen, missing, constant, or of scale 0. "
            "Name fewer columns in frozen (columns of text, categories, booleans and dates move "
            "only under a list, such as frozen=[]), or pass a feature_scale."
        )
    return threat


def _check_image_options(feature_scale, frozen):
    if frozen is not None:
        raise ValueError(
            f"frozen={frozen!r} names columns of a table, but X holds images. Leave it out."
        )
    if feature_scale is not None and not isinstance(feature_scale, Real):
        raise ValueError(
            f"feature_scale={feature_scale!r} has to be one number for images, in units of their "
            "pixels; or None for the width of the range of pixels."
        )


def _names(X):
    return list(X.columns) if isinstance(X, pd.DataFrame) else list(range(X.shape[1]))


def _frozen_columns(X, frozen):
    """Whether each column stays, bool (d,)."""
    if frozen is None:
        return ~numeric_columns(X)
    names, mask = _names(X), np.zeros(X.shape[1], dtype=bool)
    for name in list(frozen):
        mask[_position(name, names)] = True
    return mask


def _position(name, names):
    if name in names:
        return names.index(name)
    whole = isinstance(name, Integral) and not isinstance(name, bool)
    if whole and -len(names) <= name < len(names):
        return int(name)
    raise ValueError(
        f"frozen holds {name!r}, which is no column of X; these are {names}. Pass names among "
        "them, or integer positions."
    )


def _scale_of_columns(X, feature_scale, frozen):
    """How far eps = 1 lets each column go, (d,)."""
    if feature_scale is None:
        return column_spread(X)
    if isinstance(feature_scale, (dict, pd.Series)):
        scale = _scale_by_name(dict(feature_scale), X, numeric_columns(X) & ~frozen)
    else:
        scale = [feature_scale] * X.shape[1] if np.isscalar(feature_scale) else feature_scale
    expected = "one number for each column"
    scale = read_numbers(scale, "feature_scale", expected, finite=False).astype(float)
    if scale.shape != (X.shape[1],):
        raise ValueError(
            f"feature_scale has shape {scale.shape}, but X has {X.shape[1]} columns. Pass one "
            "number for each of them, or a dict of numbers by name."
        )
    bad = np.flatnonzero(~(np.isfinite(scale) & (scale >= 0)))
    if len(bad):
        raise ValueError(
            f"feature_scale is {scale[bad[0]]} for column {_names(X)[bad[0]]!r}, but has to be "
            "finite and not negative. Pass 0, or name the column in frozen, if it is to stay."
        )
    return scale


def _scale_by_name(scales, X, needed):
    names = _names(X)
    missing = [name for name, need in zip(names, needed, strict=True) if need > (name in scales)]
    unknown = [name for name in scales if name not in names]
    if missing or unknown:
        which = f"lacks column {missing[0]!r}" if missing else f"names {unknown[0]!r}"
        raise ValueError(
            f"feature_scale {which}, but the columns of X are {names}. Give each numeric one a "
            "number, except those in frozen."
        )
    return [scales.get(name, 0.0) for name in names]
