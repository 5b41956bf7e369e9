"""What all data sets share, then exclusive or and mixed tables: the information they promise."""

import numpy as np
import pytest

from sklearn_mi.datasets import make_gaussian_classes, make_mixed_table, make_xor
from sklearn_mi.datasets._mixed import _mutual_info
from sklearn_mi.metrics import variational_mutual_info_score

GENERATORS = [make_gaussian_classes, make_xor]


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


# --- exclusive or ---------------------------------------------------------------------------------


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


# --- strings and numbers --------------------------------------------------------------------------


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
