"""Which columns a step of a selection looks at."""

import numpy as np

from ._screen import MOST_PAIRED

MOST_PAIRS = 2  # that are looked at in a step
OLDEST = 2  # columns that have not been looked at for longest


def to_add(screen, told, chosen, n_candidates, room):
    """Columns, and pairs of columns, that might add most to those that are chosen.

    A column promises what it adds alone or in one table with a column that is chosen already; those
    that promise no more than chance would are left out. If that is all, the column that tells most
    by itself is the candidate, which is better than the luckiest. A pair is one whose table
    promises more than both columns alone.

    On rows that a table has not seen, the likelihood by a table of nothing is c times that of what
    is known with a probability of at most 1/c. So the best of m such tables promises log(m) nats in
    all, and what is beyond that is taken for more than chance.

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
    alone, n_rows = screen.alone(told), screen.weight.sum()
    others = np.setdiff1d(np.argsort(-alone, kind="stable")[:MOST_PAIRED], chosen)
    tables = screen.of_pairs(told, np.r_[others, np.array(chosen, int)])
    forecast = alone.copy()
    forecast[others] = np.maximum(alone[others], _with_chosen(tables, len(others)))
    forecast[chosen] = -np.inf
    singles = [
        (int(j),) for j in _best_columns(forecast, screen.first, chosen, n_candidates, n_rows)
    ]
    if room < 2 or len(others) < 2:
        return singles
    tables = tables[: len(others), : len(others)]
    pairs = _pairs_beyond_chance(tables, alone[others], n_rows)
    return singles + [tuple(sorted(others[pair].tolist())) for pair in pairs]


def _with_chosen(tables, n_others):
    """What each of the first columns adds in its best table with one of the last, if any."""
    known = np.maximum(np.diag(tables)[n_others:], 0)
    return (tables[:n_others, n_others:] - known).max(axis=1, initial=-np.inf)


def _best_columns(forecast, first, chosen, n_candidates, n_rows):
    best = np.argsort(-forecast, kind="stable")[: len(forecast) - len(chosen)]
    if n_candidates is None:
        return best
    n_beyond = (forecast * n_rows > np.log(1 + len(chosen))).sum()
    return best[: min(n_beyond, n_candidates)] if n_beyond else best[[np.argmax(first[best])]]


def _pairs_beyond_chance(tables, alone, n_rows):
    """The pairs that promise most beyond both columns alone, int (P, 2)."""
    single = np.maximum(alone, 0)
    synergy = tables - single - single[:, None]
    pairs = np.transpose(np.triu_indices(len(tables), 1))
    synergy = synergy[tuple(pairs.T)]
    top = np.argsort(-synergy, kind="stable")[:MOST_PAIRS]
    return pairs[top[synergy[top] * n_rows > np.log(len(pairs))]]


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
