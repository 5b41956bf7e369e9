"""Which columns a step of a selection looks at."""

import numpy as np

from ._screen import MOST_PAIRED

MOST_PAIRS = 2  # that are looked at in a step
OLDEST = 2  # columns that have not been looked at for longest


def to_add(screen, told, chosen, n_candidates, room):
    """Columns, and pairs of columns, that might add most to those that are chosen.

    A column is held for what it adds alone or in one table with a column that is chosen already. A
    pair is one whose table promises more than both columns alone, and beyond chance: under
    independence a likelihood on held-out rows exceeds that of what is known by log c with
    probability 1/c, for each of c pairs.

    Parameters
    ----------
    screen : Screen
    told : ndarray of shape (n, K)
        Posterior by the columns that are chosen.
    chosen : list of int
    n_candidates : int or None
        Of single columns; None takes all.
    room : int
        How many columns may still enter.

    Returns
    -------
    candidates : list of tuples of int
    """
    alone = screen.alone(told)
    others = np.setdiff1d(np.argsort(-alone)[:MOST_PAIRED], chosen)
    columns = np.r_[others, np.array(chosen, int)]
    pairs = screen.of_pairs(told, columns)
    known = np.maximum(np.diag(pairs)[len(others) :], 0)
    with_chosen = pairs[: len(others), len(others) :] - known
    forecast = alone.copy()
    forecast[others] = np.maximum(alone[others], with_chosen.max(axis=1, initial=-np.inf))
    forecast[chosen] = -np.inf
    n_left = len(alone) - len(chosen)
    best = np.argsort(-forecast, kind="stable")[: min(n_candidates or n_left, n_left)]
    found = [(int(j),) for j in best]
    if room < 2 or len(others) < 2:
        return found
    synergy = pairs[: len(others), : len(others)] - np.add.outer(*2 * [np.maximum(alone[others], 0)])
    i, j = np.triu_indices(len(others), 1)
    top = np.argsort(-synergy[i, j])[:MOST_PAIRS]
    beyond = synergy[i, j][top] * screen.weight.sum() > np.log(len(i))
    return found + [
        tuple(sorted((int(others[i[p]]), int(others[j[p]])))) for p in top[beyond]
    ]


def to_drop(columns, costs, asked, n_candidates):
    """Columns that may be the cheapest to drop, as they last looked, and some not seen for long.

    Parameters
    ----------
    columns : list of int
        Those that are left.
    costs, asked : dict of {int: float}, {int: int}
        What each cost when it was last asked, and at which step.
    n_candidates : int or None
        None takes all.
    """
    if n_candidates is None or any(j not in asked for j in columns):
        return list(columns)
    cheap = sorted(columns, key=costs.get)[:n_candidates]
    old = sorted(set(columns) - set(cheap), key=lambda j: (asked[j], costs[j]))[:OLDEST]
    return sorted(cheap + old)
