"""Questions about columns as sums and differences of what subsets of them tell."""

from itertools import combinations
from math import factorial

import numpy as np

ROUNDED = 1e-12  # coefficients that sum to 0
MOST_TO_ENUMERATE = 5  # groups, whose 32 subsets are all asked


def without(columns, all_columns):
    """All columns but some."""
    return tuple(j for j in all_columns if j not in set(columns))


def marginal(groups):
    """v(j) of each group, as {subset: coefficient}."""
    return [{group: 1.0} for group in groups]


def conditional(groups, all_columns):
    """v(all) - v(all without j)."""
    return [_difference(all_columns, without(group, all_columns)) for group in groups]


def interaction(pairs, groups):
    """v(ij) - v(i) - v(j) of each pair of numbers of groups."""
    found = []
    for i, j in pairs:
        contrast = {groups[i]: -1.0}
        _add(contrast, groups[j], -1.0)
        _add(contrast, _union(groups[i], groups[j]), 1.0)
        found.append(contrast)
    return found


def shapley(groups, rng, n_permutations):
    """Of each group its mean gain over some orders, and the same for each order by itself.

    Few groups are enumerated; then the orders are all of them, and have no error.

    Returns
    -------
    contrasts : list of dict
    orders : list of list of dict
        For each pair of an order and its reverse; empty where all subsets are asked.
    """
    if len(groups) <= MOST_TO_ENUMERATE:
        return [_enumerated(j, groups) for j in range(len(groups))], []
    orders = []
    for _ in range(n_permutations):
        order = rng.permutation(len(groups))
        orders.append(_mean([_gains(order, groups), _gains(order[::-1], groups)]))
    return _mean(orders), orders


def _enumerated(j, groups):
    others, n, contrast = [k for k in range(len(groups)) if k != j], len(groups), {}
    for size in range(n):
        share = factorial(size) * factorial(n - size - 1) / factorial(n)
        for some in combinations(others, size):
            before = _union(*(groups[k] for k in some))
            _add(contrast, _union(before, groups[j]), share)
            _add(contrast, before, -share)
    return contrast


def _gains(order, groups):
    """What each group adds to those before it."""
    contrasts, before = [None] * len(groups), ()
    for j in order:
        after = _union(before, groups[j])
        contrasts[j] = _difference(after, before)
        before = after
    return contrasts


def _mean(orders):
    means = []
    for contrasts in zip(*orders, strict=True):
        mean = {}
        for contrast in contrasts:
            for subset, coefficient in contrast.items():
                _add(mean, subset, coefficient / len(orders))
        means.append(mean)
    return means


def _difference(first, second):
    contrast = {first: 1.0}
    _add(contrast, second, -1.0)
    return contrast


def _union(*groups):
    return tuple(sorted(set().union(*groups)))


def _add(contrast, subset, coefficient):
    if subset:  # no column tells nothing
        contrast[subset] = contrast.get(subset, 0.0) + coefficient


def reduced(contrast, idle):
    """The same where the columns `idle` tell nothing: subsets without them, each asked once."""
    kept = {}
    for subset, coefficient in contrast.items():
        _add(kept, without(idle, subset), coefficient)
    return {
        subset: coefficient for subset, coefficient in kept.items() if abs(coefficient) > ROUNDED
    }


def matrix_of(contrasts, subsets):
    """Coefficients (Q, S) of contrasts in a list of subsets."""
    number = {subset: s for s, subset in enumerate(subsets)}
    matrix = np.zeros((len(contrasts), len(subsets)))
    for row, contrast in zip(matrix, contrasts, strict=True):
        for subset, coefficient in contrast.items():
            row[number[subset]] = coefficient
    return matrix
