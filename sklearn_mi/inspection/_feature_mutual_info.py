"""Which columns hold the information: alone, beyond the others, and in between."""

from itertools import combinations
from numbers import Integral, Real

import numpy as np
from sklearn.utils import Bunch, check_random_state, indexable
from sklearn.utils._param_validation import HasMethods, Interval, validate_params

from .._inputs._checks import check_weights
from ..metrics._estimate import class_frequencies, label_entropy
from ..model_selection._cross_val import check_classes, draw_splits
from ..model_selection._held_out import N_JOBS
from ._columns import as_table, column_names, read_groups
from ._contrasts import conditional, interaction, marginal, matrix_of, shapley
from ._differences import Rows
from ._subset_information import information_of_subsets

KINDS = ("marginal", "conditional", "shapley", "interaction")
FIGURES = ("", "_stderr", "_low", "_high")


@validate_params(
    {
        "estimator": [HasMethods(["fit", "predict_proba"]), None],
        "kind": [str, list, tuple],
        "feature_groups": [dict, list, tuple, None],
        "pairs": [list, tuple, np.ndarray, None],
        "n_permutations": [Interval(Integral, 2, None, closed="left")],
        "cv": ["cv_object"],
        "groups": ["array-like", None],
        "sample_weight": ["array-like", None],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
        "n_jobs": N_JOBS,
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=False,
)
def feature_mutual_info(
    X,
    y,
    *,
    estimator=None,
    kind=("marginal", "conditional"),
    feature_groups=None,
    pairs=None,
    n_permutations=10,
    cv=5,
    groups=None,
    sample_weight=None,
    confidence_level=0.95,
    n_jobs=None,
    random_state=None,
):
    (X,) = indexable(X)
    X = as_table(X)
    classes, codes = check_classes(y, X)
    weight = check_weights(sample_weight, X, codes, classes)
    kinds = _check_kinds(kind)
    names, columns = read_groups(feature_groups, column_names(X))
    pairs = _check_pairs(pairs, names)
    everything = tuple(range(X.shape[1]))
    rng = check_random_state(random_state)
    asked = {"total": [{everything: 1.0}]}
    orders = []
    if "marginal" in kinds:
        asked["marginal"] = marginal(columns)
    if "conditional" in kinds:
        asked["conditional"] = conditional(columns, everything)
    if "shapley" in kinds:
        _check_partition(columns, names, X.shape[1])
        asked["shapley"], orders = shapley(columns, rng, n_permutations)
    if "interaction" in kinds:
        asked["interaction"] = interaction(pairs, columns)
    subsets = sorted(set().union(*(c for each in asked.values() for c in each)))
    rows = draw_splits(X, y, cv, groups, keep=None if weight is None else weight > 0)
    told = information_of_subsets(estimator, rows, subsets, weight, n_jobs, random_state)
    errors = {"shapley": _error_of_orders(orders, subsets, told)} if orders else {}
    over_rows = Rows(weight, rows.groups, confidence_level)
    result = Bunch(names=names)
    for name, each in asked.items():
        pointwise = matrix_of(each, subsets) @ told
        further = errors.get(name, np.zeros(len(each)))
        found = np.array([over_rows.estimate(*one) for one in zip(pointwise, further)])
        found = found[0] if name == "total" else found
        result |= {name + figure: value for figure, value in zip(FIGURES, found.T, strict=True)}
    return result


def _check_kinds(kind):
    kinds = (kind,) if isinstance(kind, str) else tuple(kind)
    unknown = [each for each in kinds if each not in KINDS]
    if unknown or not kinds:
        raise ValueError(
            f"kind={kind!r} must be one of {KINDS}, or several of them; pass "
            '("marginal", "conditional") for both.'
        )
    return kinds


def _check_pairs(pairs, names):
    if pairs is None:
        return list(combinations(range(len(names)), 2))
    return [tuple(p) for p in pairs]


def _check_partition(columns, names, n):
    pass


def _error_of_orders(orders, subsets, told):
    means = np.nanmean(told, axis=1)
    gains = np.array([matrix_of(order, subsets) @ means for order in orders])
    return gains.std(axis=0, ddof=1) / np.sqrt(len(orders))
