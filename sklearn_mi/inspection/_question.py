"""What questions to tables have in common: the checks of their parameters, and who answers."""

from importlib import import_module
from numbers import Real

from sklearn.base import clone
from sklearn.ensemble._base import _set_random_states
from sklearn.utils._param_validation import HasMethods, Interval

from .._engine._kept_answers import CHECKPOINT
from ..model_selection._held_out import N_JOBS

CHECKED = {
    "estimator": [HasMethods(["fit", "predict_proba"]), None],
    "cv": ["cv_object"],
    "groups": ["array-like", None],
    "sample_weight": ["array-like", None],
    "confidence_level": [Interval(Real, 0, 1, closed="neither")],
    "n_jobs": N_JOBS,
    "random_state": ["random_state"],
    "checkpoint": CHECKPOINT,
}


def cloned(estimator, random_state):
    """A copy of a classifier, or the default one; `random_state` is set unless it is None."""
    if estimator is None:  # which loads torch, as this package does not
        estimator = import_module(__name__.split(".")[0]).MutualInfoClassifier()
    estimator = clone(estimator)
    if random_state is not None:
        _set_random_states(estimator, random_state)
    return estimator
