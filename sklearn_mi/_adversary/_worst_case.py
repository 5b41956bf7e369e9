"""Rows under several attacks, at growing radii, and the worst of what was found."""

import numpy as np

from ._attacks import gradient_attack, square_attack

GRADIENT = ("cross_entropy", "margin")
ATTACKS = (*GRADIENT, "square")


class Worst:
    """The worst that was found of each row.

    Parameters
    ----------
    moves : ndarray of shape (n, ...)
    seen : tuple of ndarrays
        What `Attacked.judge` says of them.

    Attributes
    ----------
    information : ndarray of shape (n,)
        The least log posterior of the label.
    right : bool ndarray of shape (n,)
        Whether the decision was right each time.
    moves : ndarray of shape (n, ...)
        Those of the least margin.
    """

    def __init__(self, moves, seen):
        self.moves = moves.copy()
        self.information, self._margin, self.right = (values.copy() for values in seen)

    def consider(self, moves, seen):
        """Take what is worse than all before."""
        information, margin, right = seen
        # `predict` need not agree with the margin, and a row that it gets wrong is the worse one.
        worse = self.right & ~right | (self.right == right) & (margin < self._margin)
        self.moves[worse], self._margin[worse] = moves[worse], margin[worse]
        self.information = np.minimum(self.information, information)
        self.right &= right


def worst_of_attacks(model, threat, codes, radii, names, limits, rng):
    """Attack rows at growing radii, at each from the worst point of the one before.

    Each attack goes on from what it found itself, so that one can be held against another. At last
    the search by queries goes on from the worst that any of them found.

    Parameters
    ----------
    model : Attacked
    threat : TableThreat or ImageThreat
    codes : int ndarray of shape (n,)
    radii : ndarray of shape (n_eps,)
        Increasing.
    names : list of str
        Of attacks.
    limits : tuple of int
        Steps and restarts of a gradient attack, queries of "square".
    rng : RandomState

    Returns
    -------
    information, right : ndarrays of shape (1 + n_attacks, n_eps, n)
        By the worst of all attacks, and by each.
    points : list of n_eps DataFrames or ndarrays
        The rows at the worst moves.
    """
    still = np.zeros(threat.shape)
    records = [Worst(still, model.judge(threat.apply(still), codes)) for _ in ["all", *names]]
    history, points = [], []
    for eps in radii:
        if eps > 0:
            _attack_all(model, threat, codes, eps, names, records, limits, rng)
        history.append([(record.information, record.right.copy()) for record in records])
        points.append(threat.apply(records[0].moves))
    information, right = (
        np.array([[at[k][i] for at in history] for k in range(len(records))]) for i in range(2)
    )
    return information, right, points


def _attack_all(model, threat, codes, eps, names, records, limits, rng):
    """Enter what is found within one radius into the records."""
    worst, *each = records
    for name, record in zip(names, each, strict=True):
        for moves in _attack(model, threat, codes, name, record.moves, eps, limits, rng):
            seen = model.judge(threat.apply(moves), codes)
            record.consider(moves, seen)
            worst.consider(moves, seen)
    if "square" in names and len(names) > 1:
        for moves in _attack(model, threat, codes, "square", worst.moves, eps, limits, rng):
            worst.consider(moves, model.judge(threat.apply(moves), codes))


def _attack(model, threat, codes, name, start, eps, limits, rng):
    """The moves that an attack ends with, each time that it is begun."""
    max_iter, n_restarts, max_queries = limits
    if name == "square":
        yield square_attack(model, threat, codes, start, eps, max_queries, rng)
        return
    yield gradient_attack(model, threat, codes, start, eps, name, max_iter)
    for _ in range(n_restarts):
        first = threat.random(eps, rng)
        yield gradient_attack(model, threat, codes, first, eps, name, max_iter)
