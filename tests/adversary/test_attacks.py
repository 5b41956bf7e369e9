"""Attacks reach the worst points of models whose worst points are known."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_mi._adversary._attacks import checkpoints, gradient_attack, margins, square_attack
from sklearn_mi._adversary._threats import ImageThreat, TableThreat

EPS = 0.4
both_norms = pytest.mark.parametrize("norm", ["inf", "2"])


class Linear:
    """Scores x W of K classes; the objective is the plain margin."""

    def __init__(self, weight, scale=1.0, lift=0.0):
        self.weight, self.scale, self.lift = weight, scale, lift
        self.n_rows = []

    def values(self, X):
        self.n_rows.append(len(X))
        return np.reshape(X, (len(X), -1)) @ self.weight + self.lift

    def slope(self, X, codes, objective):
        values = self.values(X)
        own = np.eye(values.shape[1])[codes]
        rival = np.eye(values.shape[1])[np.where(own > 0, -np.inf, values).argmax(axis=1)]
        slope = (rival - own) @ self.weight.T * self.scale
        return -margins(values, codes), slope.reshape(X.shape)


def worst_margins(model, X, codes, norm):
    """Least margins in the ball, each by the duality of norms."""
    n_classes, order = model.weight.shape[1], 1 if norm == "inf" else 2
    scores, lowest = model.values(X), np.full(len(X), np.inf)
    for rival in range(n_classes):
        for row, own in enumerate(codes):
            if rival != own:
                way = model.weight[:, own] - model.weight[:, rival]
                gap = scores[row, own] - scores[row, rival]
                gap -= EPS * np.linalg.norm(way * model.scale, order)
                lowest[row] = min(lowest[row], gap)
    return lowest


def make_linear(n_classes, n=20, d=6, lift=0.0):
    rng = np.random.default_rng(n_classes)
    X, scale = rng.normal(size=(n, d)), rng.uniform(0.1, 3, size=d)
    model = Linear(rng.normal(size=(d, n_classes)), scale)
    codes = model.values(X).argmax(axis=1)
    return model, X, codes, scale


def table(X, norm, scale):
    return TableThreat(X, norm, scale, np.zeros(X.shape[1], bool))


def test_margin_is_the_lead_over_the_best_other_class():
    values = np.array([[1.0, 3, 2], [0, -np.inf, 5]])
    assert_array_equal(margins(values, np.array([1, 0])), [1, -5])
    assert_array_equal(margins(values, np.array([0, 2])), [-2, 5])


def test_checkpoints_are_those_of_the_paper():
    assert checkpoints(100) == [22, 41, 57, 70, 80, 87, 93, 99]
    assert checkpoints(1) == [1] * len(checkpoints(100))


# --- by slopes ----------------------------------------------------------------------------------


@both_norms
@pytest.mark.parametrize("n_classes", [2, 3])
def test_gradient_attack_finds_the_worst_margin_of_a_linear_model(norm, n_classes):
    model, X, codes, scale = make_linear(n_classes)
    threat, rng = table(X, norm, scale), np.random.RandomState(0)
    starts = [np.zeros(X.shape), *(threat.random(EPS, rng) for _ in range(24))]
    found = [gradient_attack(model, threat, codes, s, EPS, "margin", 50) for s in starts]
    reached = [margins(model.values(threat.apply(moves)), codes) for moves in found]
    worst = worst_margins(model, X, codes, norm)
    assert_allclose(np.min(reached, axis=0), worst, atol=1e-6)
    if n_classes == 2:
        assert_allclose(reached, np.tile(worst, (25, 1)), atol=1e-6)  # from anywhere


def test_gradient_attack_of_images_stops_at_the_range():
    rng = np.random.default_rng(0)
    X, weight = rng.uniform(size=(9, 1, 4, 4)), rng.normal(size=(16, 2))
    model, codes = Linear(weight), np.arange(9) % 2
    threat = ImageThreat(X, "inf", None, (1, 4, 4))
    moves = gradient_attack(model, threat, codes, np.zeros(X.shape), EPS, "margin", 20)
    way = np.where(codes, 1, -1)[:, None] * np.sign(weight[:, 0] - weight[:, 1])
    corner = np.clip(X.reshape(9, -1) + EPS * way, 0, 1)
    assert_allclose(threat.apply(moves).reshape(9, -1), corner)


class Bowl:
    """An objective with its only peak inside the ball, where steps have to become small."""

    peak = np.array([0.07, -0.13, 0.21])

    def slope(self, X, codes, objective):
        return -((X - self.peak) ** 2).sum(axis=1), -2 * (X - self.peak)


@both_norms
def test_steps_are_halved_until_they_fit(norm):
    threat = table(np.zeros((3, 3)), norm, np.ones(3))
    start = threat.random(EPS, np.random.RandomState(0))
    near, far = (gradient_attack(Bowl(), threat, [0] * 3, start, EPS, "", n) for n in (400, 10))
    assert np.abs(near - Bowl.peak).max() < 0.02 < np.abs(far - Bowl.peak).max()


def test_each_row_is_attacked_as_if_alone():
    model, X, codes, scale = make_linear(3)
    threat, start = table(X, "2", scale), np.zeros(X.shape)
    together = gradient_attack(model, threat, codes, start, EPS, "margin", 20)
    for row in range(0, 20, 7):
        part = threat.of([row])
        alone = gradient_attack(model, part, codes[[row]], start[[row]], EPS, "margin", 20)
        assert_allclose(alone[0], together[row], atol=1e-12)


def test_a_gradient_attack_never_ends_below_its_start():
    class Cliff(Bowl):
        def slope(self, X, codes, objective):
            return super().slope(X, codes, objective)[0], X + 1  # leads nowhere

    threat = table(np.zeros((5, 3)), "inf", np.ones(3))
    start = threat.random(EPS, np.random.RandomState(1))
    end = gradient_attack(Cliff(), threat, [0] * 5, start, EPS, "", 30)
    values = [Cliff().slope(threat.apply(moves), None, "")[0] for moves in (start, end)]
    assert (values[1] >= values[0]).all()


# --- by queries ---------------------------------------------------------------------------------


@both_norms
def test_square_attack_comes_to_the_worst_margin_of_a_linear_model(norm):
    model, X, codes, scale = make_linear(2)
    model.lift = 100.0 * np.eye(2)[codes]  # so that no row is given up
    threat, worst = table(X, norm, scale), worst_margins(model, X, codes, norm)
    clean = margins(model.values(X), codes)
    rng = np.random.RandomState(0)
    moves = square_attack(model, threat, codes, np.zeros(X.shape), EPS, 400, rng)
    reached = margins(model.values(threat.apply(moves)), codes)
    assert (reached >= worst - 1e-9).all()
    assert ((clean - reached) / (clean - worst)).min() > (0.9999 if norm == "inf" else 0.98)


@both_norms
def test_square_attack_of_images_comes_near_the_worst_margin(norm):
    """Of a model that sums up the pixels of the left half less those of the right."""
    X = np.full((4, 1, 6, 6), 0.5)
    weight = np.repeat([[1.0, -1]], 36, axis=0) * np.tile([1, 1, 1, -1, -1, -1], 6)[:, None]
    model = Linear(weight, lift=[100.0, 0])
    threat, codes = ImageThreat(X, norm, None, (1, 6, 6)), np.zeros(4, int)
    rng = np.random.RandomState(0)
    moves = square_attack(model, threat, codes, np.zeros(X.shape), EPS, 500, rng)
    reached = margins(model.values(threat.apply(moves)), codes)
    worst = worst_margins(model, X, codes, norm)
    assert (reached >= worst - 1e-9).all()
    assert ((100 - reached) / (100 - worst)).min() > (0.85 if norm == "inf" else 0.7)


def test_square_attack_leaves_rows_that_are_misclassified():
    model, X, codes, scale = make_linear(2)
    codes[:5] = 1 - codes[:5]
    threat = table(X, "inf", scale)
    rng = np.random.RandomState(0)
    moves = square_attack(model, threat, codes, np.zeros(X.shape), 5.0, 200, rng)
    assert not moves[:5].any() and moves[5:].any(axis=1).all()
    assert model.n_rows[2] == 15  # after the answers of `make_linear` and of the clean rows
    assert (np.diff(model.n_rows[2:]) <= 0).all() and len(model.n_rows) < 200


def test_the_first_query_of_images_is_stripes_and_later_ones_are_squares():
    class Spy(Linear):
        def values(self, X):
            self.seen.append(X - 0.5)
            return np.array([[len(self.seen), 0.0]] * len(X))  # nothing is accepted

        seen = []

    X, spy = np.full((2, 3, 8, 8), 0.5), Spy(None)
    threat = ImageThreat(X, "inf", None, (3, 8, 8))
    square_attack(
        spy, threat, np.zeros(2, int), np.zeros(X.shape), 0.1, 60, np.random.RandomState(0)
    )
    _, stripes, *squares = spy.seen
    assert_allclose(np.abs(stripes), 0.1)
    assert_array_equal(stripes, np.broadcast_to(stripes[:, :, :1], stripes.shape))
    areas = [np.count_nonzero(move[0, 0]) for move in squares]
    assert areas == sorted(areas, reverse=True) and areas[0] == 16 and areas[-1] == 1
    for move in squares:
        assert len(np.unique(move[0, 0])) <= 2  # 0 and one of +-eps
