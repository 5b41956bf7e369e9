"""Searches for the worst move of each row: by the slope of an objective, and by queries alone.

The rows are those of a threat, which knows how they may be moved. The model that is attacked has

- ``values(X)``: decisions (n, K) on the log scale,
- ``slope(X, codes, objective)``: values (n,) of an objective, and its derivatives in the moves.
"""

import math

import numpy as np

MOMENTUM = 0.75
ENOUGH_BETTER = 0.75  # share of the steps between two checkpoints
FIRST_SHARE = 0.8  # of the cells that a query renews
HALVINGS = np.array([10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000]) / 10_000  # of the queries


def margins(values, codes):
    """Decision (n, K) for the label of each row less that for the best other class, (n,)."""
    own = np.arange(len(codes)), codes
    others = np.array(values, dtype=float)
    others[own] = -np.inf
    return values[own] - others.max(axis=1)


# --- by slopes ----------------------------------------------------------------------------------


def gradient_attack(model, threat, codes, start, eps, objective, max_iter):
    """Projected gradient ascent with momentum and steps that are halved where they lead nowhere.

    That is Auto-PGD [1]_. Each row has a step of its own, which starts at 2 eps. At a checkpoint it
    is halved, and the ascent taken up again at the best point, if fewer than three in four steps
    since the last one went up, or if neither the step nor the best point has changed.

    Parameters
    ----------
    model : object with a method `slope`
    threat : TableThreat or ImageThreat
    codes : int ndarray of shape (n,)
    start : ndarray of shape threat.shape
        Moves within the ball.
    eps : float
    objective : {"cross_entropy", "margin"}
    max_iter : int

    Returns
    -------
    moves : ndarray of shape threat.shape
        The highest points that were met.

    References
    ----------
    .. [1] F. Croce and M. Hein, "Reliable evaluation of adversarial robustness with an ensemble of
       diverse parameter-free attacks", ICML 2020, arXiv 2003.01690.
    """
    ascent = _Ascent(lambda moves: model.slope(threat.apply(moves), codes, objective), start, eps)
    last = 0
    for number in range(1, max_iter + 1):
        ascent.step(threat, eps)
        if number in checkpoints(max_iter):
            ascent.check(number - last)
            last = number
    return ascent.best


def checkpoints(max_iter):
    """The iterations after which Auto-PGD may halve its steps."""
    shares = [0.0, 0.22]
    while shares[-1] < 1:
        shares.append(shares[-1] + max(shares[-1] - shares[-2] - 0.03, 0.06))
    return [math.ceil(round(share * max_iter, 9)) for share in shares[1:-1]]


class _Ascent:
    """Where each row is on its way up, and the best place that it has seen."""

    def __init__(self, ask, start, eps):
        self._ask = ask
        self.now = self.before = start
        self.value, self.slope = ask(start)
        self.best, self.best_value = start.copy(), self.value.copy()
        self.best_slope = self.slope.copy()
        self.width = np.full(len(start), 2.0 * eps)
        self._momentum = 1.0  # of the first step there is none
        self._remember()

    def step(self, threat, eps):
        ahead = threat.climb(self.now, self.slope, self.width, eps)
        onwards = 2 * self.now - self.before  # as far again as the last step went
        ahead = self._momentum * ahead + (1 - self._momentum) * onwards
        self.before, self.now = self.now, threat.project(ahead, eps)
        before, self._momentum = self.value, MOMENTUM
        self.value, self.slope = self._ask(self.now)
        self.n_better += self.value > before
        better = self.value > self.best_value
        self.best[better], self.best_value[better] = self.now[better], self.value[better]
        self.best_slope[better] = self.slope[better]

    def check(self, n_steps):
        unchanged = (self.width == self._last_width) & (self.best_value == self._last_best)
        lost = unchanged | (self.n_better < ENOUGH_BETTER * n_steps)
        self._remember()
        self.width[lost] /= 2
        self.now, self.before = self.now.copy(), self.before.copy()
        self.now[lost] = self.before[lost] = self.best[lost]
        self.value[lost], self.slope[lost] = self.best_value[lost], self.best_slope[lost]

    def _remember(self):
        self._last_width, self._last_best = self.width.copy(), self.best_value.copy()
        self.n_better = np.zeros(len(self.width), dtype=int)


# --- by queries ---------------------------------------------------------------------------------


def square_attack(model, threat, codes, start, eps, max_queries, rng):
    """Random search for a lower margin, in which a query renews a part of the cells [1]_.

    In images this is a square at a random place, of one sign per channel; at first, stripes. In
    tables it is a random group of the columns, also of those that can only be set to other levels.
    The part shrinks. With norm "inf" the cells go all the way, to +eps or -eps; every other query
    of a table goes a random part of it, since what lies between is not always between for a tree.
    With norm "2" a vector that is zero outside the part is added and the sum projected: a plain
    random search, not the scheme of [1]_.

    A query is accepted unless the margin grows. Rows that are misclassified are left alone.

    Parameters
    ----------
    model : object with a method `values`
    threat : TableThreat or ImageThreat
    codes : int ndarray of shape (n,)
    start : ndarray of shape threat.shape
    eps : float
    max_queries : int
    rng : RandomState

    Returns
    -------
    moves : ndarray of shape threat.shape

    References
    ----------
    .. [1] M. Andriushchenko, F. Croce, N. Flammarion and M. Hein, "Square attack: a query-efficient
       black-box adversarial attack via random search", ECCV 2020, arXiv 1912.00049.
    """
    moves, margin = start.copy(), margins(model.values(threat.apply(start)), codes)
    rows, part = np.arange(len(codes)), threat
    for number in range(max_queries):
        standing = margin[rows] >= 0
        if not standing.all():
            rows, part = rows[standing], part.of(standing)
        if not len(rows):
            break
        tried = _propose(part, moves[rows], eps, number, max_queries, rng)
        found = margins(model.values(part.apply(tried)), codes[rows])
        accepted = found <= margin[rows]
        moves[rows[accepted]], margin[rows[accepted]] = tried[accepted], found[accepted]
    return moves


def _propose(threat, moves, eps, number, max_queries, rng):
    """Moves that differ from others in a part of the cells."""
    share = 1.0 if number == 0 else FIRST_SHARE / 2 ** np.sum(HALVINGS * max_queries <= number)
    if len(threat.shape) == 4:
        part, way = _random_squares(threat, share, number == 0, rng)
    else:
        part, way = _random_columns(threat, share, rng)
        if number % 2 and threat.norm == "inf":
            way = way * rng.uniform(size=way.shape)
    if threat.norm == "inf":
        tried = np.where(part, eps * way, moves)
    else:
        length = np.full(len(moves), 2 * eps * math.sqrt(share))
        tried = threat.climb(moves, np.where(part, way, 0.0), length, eps)
    if threat.n_levels.any():
        levels = rng.randint(0, threat.n_levels + 1, size=moves.shape)
        tried = np.where(part & (threat.n_levels > 0), levels, tried)
    return threat.project(tried, eps)


def _random_squares(threat, share, striped, rng):
    """One square in each image, (n, 1, h, w), and signs: of the channels, or of their columns."""
    n, n_channels, height, width = threat.shape
    side = min(max(1, round(math.sqrt(share * height * width))), height, width)
    top = rng.randint(0, height - side + 1, size=(n, 1, 1, 1))
    left = rng.randint(0, width - side + 1, size=(n, 1, 1, 1))
    row, column = np.arange(height)[:, None] - top, np.arange(width) - left
    square = (row >= 0) & (row < side) & (column >= 0) & (column < side)
    way = _signs((n, n_channels, 1, width if striped else 1), rng)
    return square | striped, way


def _random_columns(threat, share, rng):
    """Some cells of each row that can change, (n, d), and signs."""
    able = threat.mobile | (threat.n_levels > 0)
    size = np.maximum(1, np.rint(share * able.sum(axis=1, keepdims=True)))
    lot = np.where(able, rng.uniform(size=able.shape), 2.0)
    return lot.argsort(axis=1).argsort(axis=1) < size, _signs(able.shape, rng)


def _signs(shape, rng):
    return rng.choice([-1.0, 1.0], size=shape)
