"""Data sets: the figures they promise, and noise that follows its matrix."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import normalize

from sklearn_mi.datasets import (
    make_gaussian_classes,
    make_label_noise,
    make_mixed_table,
    make_xor,
)
from sklearn_mi.datasets._mixed import _mutual_info
from sklearn_mi.metrics import variational_mutual_info_score

IMBALANCED = np.array([5, 10, 15, 20, 25]) / 75
GENERATORS = [make_gaussian_classes, make_xor]


# Gaussians


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


@pytest.mark.parametrize("generator", [*GENERATORS, make_mixed_table])
def test_seed_fixes_rows_with_or_without_the_truth(generator):
    X, y = generator(50, random_state=7)
    data = generator(50, return_X_y=False, random_state=7)
    np.testing.assert_array_equal(X, data.X)
    np.testing.assert_array_equal(y, data.y)
    assert not np.array_equal(X, generator(50, random_state=8)[0])


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n_samples": 0}, ValueError, "n_samples == 0"),
        ({"n_features": 0}, ValueError, "n_features == 0"),
        ({"n_samples": 2.5}, TypeError, "n_samples must be an instance of int"),
    ],
)
def test_bad_counts(generator, options, error, message):
    with pytest.raises(error, match=message):
        generator(**options)


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


# Exclusive or


@pytest.mark.parametrize(
    ("flip_y", "truth"), [(0, np.log(2)), (0.05, 0.4946), (0.5, 0), (1, 0.6931)]
)
def test_xor_mutual_information_is_exact(flip_y, truth):
    data = make_xor(flip_y=flip_y, return_X_y=False)
    assert data.mutual_info == pytest.approx(truth, abs=1e-4)
    assert data.mutual_info_stderr == 0


@pytest.mark.parametrize("n_informative", [1, 2, 3])
def test_xor_labels_are_the_parity_of_signs_with_flips(n_informative):
    X, y = make_xor(20_000, 4, n_informative=n_informative, random_state=0)
    sign = np.prod(np.sign(X[:, :n_informative]), axis=1) * (-1) ** n_informative
    flipped = np.mean((sign < 0) != y)
    assert flipped == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 20_000))
    assert y.mean() == pytest.approx(0.5, abs=0.015)


def test_xor_posterior_scores_the_truth():
    data = make_xor(20_000, 3, return_X_y=False, random_state=0)
    positive = np.where(data.X[:, 0] * data.X[:, 1] < 0, 0.95, 0.05)
    assert variational_mutual_info_score(data.y, positive) == pytest.approx(
        data.mutual_info, abs=0.02
    )


def test_no_single_xor_input_tells_the_label():
    X, y = make_xor(20_000, random_state=0)
    for feature in X.T:
        assert np.mean(y[feature > 0]) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("flip_y", [-0.1, 1.5, np.nan])
def test_bad_flip_probability(flip_y):
    with pytest.raises(ValueError, match="flip_y must be a probability"):
        make_xor(flip_y=flip_y)


def test_xor_needs_as_many_features_as_it_informs():
    with pytest.raises(ValueError, match="n_informative == 3, must be <= 2"):
        make_xor(n_informative=3)


# Strings and numbers


def mixed_posterior(data, columns):
    """P(y | columns of a mixed table), by Bayes' rule from densities written out here."""
    y, colour = np.arange(3), np.searchsorted(["blue", "green", "red"], data.X["colour"])
    square = np.array([0.2, 0.5, 0.8])
    shape = np.where(data.X[["shape"]] == "square", square, 1 - square)
    angles = 2 * np.pi / 3 * (y + np.arange(3)[:, np.newaxis])  # colour, class
    corners = data.class_sep * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    numbers = data.X[["width", "height"]].to_numpy()[:, np.newaxis, np.newaxis]
    density = np.exp(-0.5 * np.sum((numbers - corners) ** 2, axis=-1))  # row, colour, class
    known = density[np.arange(len(colour)), colour] if "colour" in columns else density.mean(axis=1)
    joint = data.class_prior * shape * known
    return joint / joint.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("class_prior", [None, [0.6, 0.3, 0.1]])
def test_mixed_posterior_scores_the_truth(class_prior):
    data = make_mixed_table(40_000, class_prior=class_prior, return_X_y=False, random_state=0)
    score = variational_mutual_info_score(data.y, mixed_posterior(data, data.X.columns))
    assert score == pytest.approx(data.mutual_info, abs=0.015)
    assert data.mutual_info_stderr == 0


def test_mixed_numbers_say_nothing_without_the_colour():
    data = make_mixed_table(40_000, return_X_y=False, random_state=0)
    shape_only = make_mixed_table(1, class_sep=0, return_X_y=False).mutual_info
    score = variational_mutual_info_score(data.y, mixed_posterior(data, ["shape"]))
    assert score == pytest.approx(shape_only, abs=0.015)
    assert data.mutual_info > shape_only + 0.5


def test_mixed_mutual_information_is_between_that_of_the_shape_and_the_entropy():
    # I(shape; Y) = log 2 - mean entropy of the shape given the class, for equal classes.
    some, all_ = 0.8 * np.log(0.8) + 0.2 * np.log(0.2), -np.log(2)
    shape = np.log(2) + (2 * some + all_) / 3
    truths = [
        make_mixed_table(1, class_sep=sep, return_X_y=False).mutual_info for sep in (0, 1, 2, 5)
    ]
    assert truths[0] == pytest.approx(shape, abs=1e-12)
    assert np.all(np.diff(truths) > 0)
    assert truths[-1] == pytest.approx(np.log(3), abs=1e-4)


def test_mixed_quadrature_has_converged():
    for sep in (1.5, 3, 5):
        fine = _mutual_info(np.array([0.6, 0.3, 0.1]), sep, n_nodes=180)
        truth = make_mixed_table(
            1, class_sep=sep, class_prior=[0.6, 0.3, 0.1], return_X_y=False
        ).mutual_info
        assert truth == pytest.approx(fine, abs=1e-7)


def test_mixed_columns_are_strings_and_numbers():
    X, y = make_mixed_table(600, class_prior=[0.5, 0.3, 0.2], random_state=0)
    assert X.columns.tolist() == ["colour", "shape", "width", "height"]
    assert set(X["colour"]) == {"blue", "green", "red"}
    assert set(X["shape"]) == {"round", "square"}
    assert X.dtypes[["width", "height"]].eq(float).all()
    np.testing.assert_array_equal(np.bincount(y), [300, 180, 120])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n_samples": 0}, ValueError, "n_samples == 0"),
        ({"n_samples": 2.5}, TypeError, "n_samples must be an instance of int"),
        ({"class_sep": -1}, ValueError, "class_sep == -1, must be >= 0"),
        ({"class_sep": 6}, ValueError, "class_sep == 6, must be <= 5"),
        ({"class_sep": "far"}, TypeError, "class_sep must be an instance of"),
        ({"class_prior": [0.5, 0.5]}, ValueError, "expected \\(3,\\)"),
    ],
)
def test_bad_mixed_parameters(options, error, message):
    with pytest.raises(error, match=message):
        make_mixed_table(**options)


# Label noise


@given(seed=st.integers(0, 1000), n_classes=st.integers(2, 5))
@settings(max_examples=15, deadline=None)
def test_noise_follows_its_matrix(seed, n_classes):
    rng = np.random.default_rng(seed)
    matrix = rng.dirichlet(np.ones(n_classes), size=n_classes)
    y = np.repeat(np.arange(n_classes), 4000)
    noisy, returned = make_label_noise(y, matrix, return_noise_matrix=True, random_state=seed)
    counts = np.zeros_like(matrix)
    np.add.at(counts, (y, noisy), 1)
    np.testing.assert_allclose(returned, matrix)
    np.testing.assert_allclose(counts / 4000, matrix, atol=5 * 0.5 / np.sqrt(4000))


def test_asymmetric_noise_moves_even_classes_to_their_successor():
    y = np.array([10, 20, 30, 40, 50])
    np.testing.assert_array_equal(make_label_noise(y, 1.0), [20, 20, 40, 40, 50])
    _, matrix = make_label_noise(y, 0.3, return_noise_matrix=True)
    expected = np.eye(5)
    expected[0, :2] = expected[2, 2:4] = 0.7, 0.3
    np.testing.assert_allclose(matrix, expected)


def test_symmetric_noise_moves_to_any_other_class():
    y = np.tile(np.arange(4), 50)
    noisy, matrix = make_label_noise(y, 1.0, kind="symmetric", return_noise_matrix=True)
    assert (noisy != y).all()
    np.testing.assert_allclose(matrix, (1 - np.eye(4)) / 3)


@pytest.mark.parametrize("kind", ["asymmetric", "symmetric"])
@given(rate=st.floats(0, 1), n_classes=st.integers(2, 7))
@settings(max_examples=20, deadline=None)
def test_noise_matrices_are_stochastic(kind, rate, n_classes):
    y = np.arange(n_classes)
    _, matrix = make_label_noise(y, rate, kind=kind, return_noise_matrix=True)
    assert matrix.min() >= 0
    np.testing.assert_allclose(matrix, normalize(matrix, norm="l1"))


def test_no_noise_changes_nothing_and_input_is_kept():
    y = np.array([0, 1, 2, 1, 0])
    kept = y.copy()
    np.testing.assert_array_equal(make_label_noise(y, 0.0), y)
    make_label_noise(y, 1.0, random_state=0)
    np.testing.assert_array_equal(y, kept)


@pytest.mark.parametrize(
    "y",
    [
        np.array([0, 1, 1], dtype=np.int8),
        np.array([True, False, True]),
        np.array(["ham", "spam", "spam"]),
        np.array(["ham", "spam", "spam"], dtype=object),
        np.array([1.0, 2.0, 2.0], dtype=np.float32),
    ],
)
def test_noise_keeps_the_type_of_labels(y):
    noisy = make_label_noise(y, 0.5, random_state=0)
    assert noisy.dtype == y.dtype
    assert set(noisy) <= set(y)


def test_noise_takes_a_series():
    noisy = make_label_noise(pd.Series(["a", "b", "b"]), 1.0)
    assert noisy.tolist() == ["b", "b", "b"]


def test_noise_is_fixed_by_its_seed():
    y = np.tile([0, 1, 2], 100)
    first, again, other = (
        make_label_noise(y, 0.5, kind="symmetric", random_state=seed) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("y", "noise", "kind", "message"),
    [
        ([0, 1], 1.2, "asymmetric", "noise must be a probability"),
        ([0, 1], np.nan, "asymmetric", "noise must be a probability"),
        ([0, 1], 0.2, "uniform", "kind must be 'asymmetric' or 'symmetric', got 'uniform'"),
        ([0, 1], np.eye(3), "asymmetric", "shape \\(3, 3\\) but y holds 2 classes"),
        ([0, 1], [[0.5, 0.6], [0, 1]], "asymmetric", "rows that sum to 1"),
        ([0, 1], [[1.5, -0.5], [0, 1]], "asymmetric", "least entry of -0.5"),
        (["a", "a"], 0.2, "asymmetric", "single class 'a'"),
        ([0.5, 0.2], 0.2, "asymmetric", "y must hold class labels"),
    ],
)
def test_bad_noise(y, noise, kind, message):
    with pytest.raises(ValueError, match=message):
        make_label_noise(y, noise, kind=kind)
