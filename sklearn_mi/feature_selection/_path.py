"""The way of a greedy selection: one column in, or one column out, after the other."""

from dataclasses import dataclass, field

import numpy as np

from ._candidates import to_add, to_drop


@dataclass
class Path:
    """Columns in the order in which they entered or left, and what each step told.

    Attributes
    ----------
    order : list of int
    pointwise : list of ndarrays of shape (n,)
        Of the columns after each step; in backward selection of all columns first.
    """

    order: list = field(default_factory=list)
    pointwise: list = field(default_factory=list)

    def step(self, column, pointwise):
        self.order.append(int(column))
        self.pointwise.append(pointwise)


def forward(ask, mean, screen, most, n_candidates, enough):
    """Add columns, one or a pair at a time, until there are `most` or `enough` says so.

    Parameters
    ----------
    ask : callable
        From a list of subsets to what they tell, pointwise (S, n), and their posteriors (S, n, K).
    mean : callable
        From pointwise values (S, n) to what they come to, (S,).
    screen : Screen
    most : int
    n_candidates : int or None
    enough : callable
        From a path to whether it has gone far enough.

    Returns
    -------
    path : Path
    """
    path, before, told = Path(), 0.0, screen.prior
    while len(path.order) < most and not enough(path):
        added = to_add(screen, told, path.order, n_candidates, most - len(path.order))
        pointwise, posteriors = ask([(*path.order, *new) for new in added])
        won = _best_addition(added, mean(pointwise - before))
        before, told = pointwise[won], posteriors[won]
        if len(added[won]) == 2:
            first, half = _better_half(ask, mean, path.order, added[won])
            path.step(first, half)
        path.step(*set(added[won]).difference(path.order), before)
    return path


def _best_addition(added, gains):
    """The number of the best column, or of the best pair if it gains more than twice as much."""
    single = np.array([len(new) == 1 for new in added])
    best = np.argmax(np.where(single, gains, -np.inf))
    best_pair = np.argmax(np.where(single, -np.inf, gains))
    ahead = not single.all() and gains[best_pair] > 2 * max(gains[best], 0)
    return best_pair if ahead else best


def _better_half(ask, mean, chosen, pair):
    """The column of a pair that tells more without the other, and what it tells."""
    pointwise, _ = ask([(*chosen, j) for j in pair])
    better = np.argmax(mean(pointwise))
    return pair[better], pointwise[better]


def backward(ask, mean, n_columns, fewest, n_candidates, enough):
    """Drop columns, the cheapest first, until there are `fewest` or `enough` says so.

    Parameters and result are as of `forward`.
    """
    columns, path, costs, asked = list(range(n_columns)), Path(), {}, {}
    path.pointwise.append(ask([tuple(columns)])[0][0])
    while len(columns) > fewest and not enough(path):
        looked_at = to_drop(columns, costs, asked, n_candidates)
        pointwise, _ = ask([tuple(k for k in columns if k != j) for j in looked_at])
        cost = mean(path.pointwise[-1] - pointwise)
        costs |= dict(zip(looked_at, cost, strict=True))
        asked |= dict.fromkeys(looked_at, len(path.order))
        cheapest = np.argmin(cost)
        columns.remove(looked_at[cheapest])
        path.step(looked_at[cheapest], pointwise[cheapest])
    return path
