"""Gaussian classes: the information that they promise, their shares and their centers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_mi.datasets import make_gaussian_classes
from sklearn_mi.metrics import variational_mutual_info_score

IMBALANCED = np.array([5, 10, 15, 20, 25]) / 75


@pytest.mark.parametrize(
    ("n_features", "class_prior", "truth"),
    [
        (1, None, 1.0318),
        (2, None, 1.3014),
        (5, None, 1.5544),
        (10, None, 1.6057),
        (1, IMBALANCED, 1.0222),
        (2, IMBALANCED, 1.2384),
        (5, IMBALANCED, 1.4454),
        (10, IMBALANCED, 1.4864),
    ],
)
def test_gaussian_mutual_information_agrees_with_the_verified_figures(
    n_features, class_prior, truth
):
    data = make_gaussian_classes(
        n_features=n_features,
        class_prior=class_prior,
        return_X_y=False,
        n_monte_carlo=400_000,
        random_state=0,
    )
    error = np.hypot(data.mutual_info_stderr, 7e-4)
    assert abs(data.mutual_info - truth) < 4 * error
    assert data.mutual_info_stderr < 1.2e-3


def test_two_gaussians_agree_with_quadrature():
    data = make_gaussian_classes(centers=(-1, 1), n_features=1, return_X_y=False, random_state=0)
    # log p(x|1) / p(x) = log 2 - log(1 + exp(-2x)) with x ~ N(1, 1), and likewise for the other.
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    loss = np.logaddexp(0, -2 * (nodes + 1))
    truth = np.log(2) - weights @ loss / weights.sum()
    assert abs(data.mutual_info - truth) < 4 * data.mutual_info_stderr


def test_standard_error_is_the_spread_over_seeds():
    runs = [
        make_gaussian_classes(20, n_monte_carlo=1000, return_X_y=False, random_state=seed)
        for seed in range(200)
    ]
    spread = np.std([run.mutual_info for run in runs])
    assert np.mean([run.mutual_info_stderr for run in runs]) == pytest.approx(spread, rel=0.2)


def test_the_exact_posterior_scores_the_truth():
    data = make_gaussian_classes(
        20_000, 3, class_prior=IMBALANCED, return_X_y=False, random_state=0
    )
    squared = np.sum((data.X[:, np.newaxis] - data.centers) ** 2, axis=2)
    density = data.class_prior * np.exp(-squared / 2)
    posterior = density / density.sum(axis=1, keepdims=True)
    score = variational_mutual_info_score(data.y, posterior)
    assert score == pytest.approx(data.mutual_info, abs=0.02)


def test_gaussian_class_counts_are_exact():
    _, y = make_gaussian_classes(75_000, 1, class_prior=IMBALANCED, random_state=0)
    np.testing.assert_array_equal(np.bincount(y), [5000, 10_000, 15_000, 20_000, 25_000])


@given(n_samples=st.integers(1, 200), seed=st.integers(0, 1000), n_classes=st.integers(2, 6))
@settings(max_examples=40, deadline=None)
def test_counts_are_the_shares_rounded(n_samples, seed, n_classes):
    prior = np.random.default_rng(seed).dirichlet(np.ones(n_classes))
    X, y = make_gaussian_classes(
        n_samples, centers=np.arange(n_classes), class_prior=prior, random_state=seed
    )
    counts = np.bincount(y, minlength=n_classes)
    assert X.shape == (n_samples, 2)
    assert counts.sum() == n_samples
    assert np.abs(counts - prior * n_samples).max() < 1


def test_gaussian_rows_lie_around_their_centers():
    centers = np.array([[0, 5, 1], [-3, 0, 2]])
    X, y = make_gaussian_classes(10_000, 3, centers=centers, random_state=0)
    for k, center in enumerate(centers):
        np.testing.assert_allclose(X[y == k].mean(axis=0), center, atol=0.08)
        np.testing.assert_allclose(np.cov(X[y == k].T), np.eye(3), atol=0.1)


def test_unshuffled_classes_are_sorted():
    _, y = make_gaussian_classes(100, shuffle=False)
    assert (np.diff(y) >= 0).all()
    _, y = make_gaussian_classes(100, random_state=0)
    assert (np.diff(y) < 0).any()


def test_a_class_without_a_share_has_no_rows_and_no_information():
    options = {"return_X_y": False, "random_state": 0}
    three = make_gaussian_classes(centers=(0, 2, 9), class_prior=[0.5, 0.5, 0], **options)
    two = make_gaussian_classes(centers=(0, 2), **options)
    assert set(three.y) == {0, 1}
    error = np.hypot(three.mutual_info_stderr, two.mutual_info_stderr)
    assert abs(three.mutual_info - two.mutual_info) < 4 * error


def test_the_truth_does_not_depend_on_the_number_of_rows():
    few, many = (
        make_gaussian_classes(n, return_X_y=False, random_state=3).mutual_info for n in (10, 500)
    )
    assert few == many


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"centers": [1.0]}, "at least two"),
        ({"centers": np.zeros((3, 4))}, "got shape \\(3, 4\\); set n_features"),
        ({"centers": [0, np.inf]}, "centers contains infinity"),
        ({"class_prior": [0.5, 0.5]}, "expected \\(5,\\)"),
        ({"class_prior": [5, 10, 15, 20, 25]}, "divide counts by their sum"),
        ({"n_monte_carlo": 9, "return_X_y": False}, "n_monte_carlo == 9, must be >= 10"),
    ],
)
def test_bad_gaussian_parameters(options, message):
    with pytest.raises(ValueError, match=message):
        make_gaussian_classes(**options)
