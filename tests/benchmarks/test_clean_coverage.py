"""The benchmark of what noise-aware losses claim: its noise and its lines."""

import numpy as np
import pytest
from benchmark_modules import load
from scipy.special import log_softmax

crowd, coverage = load("_crowd"), load("clean_coverage")


def rows(n=4000, n_classes=4):
    rng = np.random.default_rng(0)
    known = log_softmax(4 * rng.standard_normal((n, n_classes)), axis=1)
    return known, crowd.draw(np.exp(known), rng), rng


@pytest.mark.parametrize("kind", [*crowd.NOISES])
def test_labels_go_wrong_as_the_matrix_says(kind):
    known, clean, rng = rows()
    observed, matrix = crowd.observe(kind, known, clean, rng)
    np.testing.assert_allclose(matrix.sum(axis=1), 1)
    found = np.array([[np.mean(observed[clean == i] == j) for j in range(4)] for i in range(4)])
    np.testing.assert_allclose(found, matrix, atol=0.06)


@pytest.mark.parametrize("kind", ["guess", "opinion"])
def test_crowds_err_as_often_as_asked(kind):
    known, clean, rng = rows()
    observed, _ = crowd.observe(kind, known, clean, rng)
    assert np.mean(observed != clean) == pytest.approx(crowd.NOISES[kind], abs=0.03)


@pytest.mark.parametrize("kind", crowd.FOLLOWS_X)
def test_errors_follow_x_where_it_is_said(kind):
    known, clean, rng = rows()
    observed, _ = crowd.observe(kind, known, clean, rng)
    clear = known.max(axis=1) > np.log(0.95)
    assert np.mean((observed != clean)[~clear]) > np.mean((observed != clean)[clear]) + 0.1


def test_one_sided_noise_is_in_one_class():
    matrix = crowd.noise_matrix("one-sided", 0.4, 5)
    np.testing.assert_allclose(matrix.diagonal(), [0.6, 1, 1, 1, 1])
    assert crowd.noise_matrix("asymmetric", 0.4, 5).diagonal().tolist() == [0.6, 1, 0.6, 1, 1]


def test_a_line_counts_what_is_covered():
    args = coverage.parse(["pools"])
    runs = [coverage.of_pool(args, "symmetric", 120, 2, seed) for seed in range(2)]
    for run, score in zip(runs, [0.2, 0.9], strict=True):
        run |= {"certified": 0.5, "before_low": score - 0.1, "before_high": score + 0.1}
        run |= {"after_low": score - 0.5, "after_high": score + 0.1}
    line = coverage.line(2, 120, "symmetric", runs).split()
    assert line[:4] == ["2", "120", "symmetric", "0.500"]
    assert line[7:9] == ["0.50", "0.00"] and line[11:13] == ["1.00", "0.50"]
