"""Metrics: identities with scikit-learn, exact joint tables, noise and errors."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import d2_log_loss_score, log_loss

from sklearn_mi.metrics import determinant_mutual_info_score, variational_mutual_info_score
from sklearn_mi.metrics._estimate import (
    class_frequencies,
    label_entropy,
    mean_and_standard_error,
)

SCORES = [variational_mutual_info_score, determinant_mutual_info_score]


def random_rows(seed, n_samples=60, n_classes=3):
    """Labels that hold every class, and random probabilities."""
    rng = np.random.default_rng(seed)
    y = np.concatenate([np.arange(n_classes), rng.integers(n_classes, size=n_samples - n_classes)])
    return y, rng.dirichlet(np.ones(n_classes), size=n_samples)


def joint_table(seed=0, shape=(6, 3)):
    """A joint distribution P(x, y) over a small table."""
    return np.random.default_rng(seed).dirichlet(np.full(np.prod(shape), 0.3)).reshape(shape)


def population(joint):
    """Every cell (x, y) of a joint table once, with its probability as weight."""
    x, y = (index.ravel() for index in np.indices(joint.shape))
    return x, y, joint.ravel()


def exact_mutual_info(joint):
    product = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    return np.sum(joint * np.log(joint / product))


# The variational score


@given(seed=st.integers(0, 10_000), n_classes=st.integers(2, 6), weighted=st.booleans())
@settings(max_examples=30, deadline=None)
def test_variational_is_entropy_less_log_loss(seed, n_classes, weighted):
    y, proba = random_rows(seed, n_classes=n_classes)
    weight = np.random.default_rng(seed).random(len(y)) + 0.1 if weighted else None
    entropy = label_entropy(class_frequencies(y, n_classes, weight))
    score = variational_mutual_info_score(y, proba, sample_weight=weight)
    assert score == pytest.approx(entropy - log_loss(y, proba, sample_weight=weight))


@given(seed=st.integers(0, 10_000), n_classes=st.integers(2, 6), weighted=st.booleans())
@settings(max_examples=30, deadline=None)
def test_variational_normalized_is_d2_log_loss(seed, n_classes, weighted):
    y, proba = random_rows(seed, n_classes=n_classes)
    weight = np.random.default_rng(seed).random(len(y)) + 0.1 if weighted else None
    score = variational_mutual_info_score(y, proba, normalize=True, sample_weight=weight)
    assert score == pytest.approx(d2_log_loss_score(y, proba, sample_weight=weight))
    assert score <= 1


def test_exact_posterior_over_the_population_gives_the_mutual_information():
    joint = joint_table()
    x, y, weight = population(joint)
    posterior = joint / joint.sum(axis=1, keepdims=True)
    score = variational_mutual_info_score(y, posterior[x], sample_weight=weight)
    assert score == pytest.approx(exact_mutual_info(joint), abs=1e-12)


def test_exact_posterior_on_a_sample_comes_within_its_standard_error():
    joint = joint_table()
    x, y, cell = population(joint)
    rows = np.random.default_rng(1).choice(cell.size, size=20_000, p=cell)
    posterior = joint / joint.sum(axis=1, keepdims=True)
    pointwise = np.log(posterior[x, y] / joint.sum(axis=0)[y])[rows]
    score = variational_mutual_info_score(y[rows], posterior[x[rows]])
    assert abs(score - exact_mutual_info(joint)) < 4 * mean_and_standard_error(pointwise)[1]


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_no_prediction_beats_the_exact_posterior(seed):
    joint = joint_table(seed)
    x, y, weight = population(joint)
    rival = np.random.default_rng(seed).dirichlet(np.ones(3), size=6)
    score = variational_mutual_info_score(y, rival[x], sample_weight=weight)
    assert score <= exact_mutual_info(joint) + 1e-12


def test_predicting_the_class_frequencies_scores_zero():
    y, _ = random_rows(0)
    proba = np.tile(class_frequencies(y, 3), (len(y), 1))
    assert variational_mutual_info_score(y, proba) == pytest.approx(0, abs=1e-12)


def test_certain_and_right_scores_the_entropy():
    y, _ = random_rows(0)
    entropy = label_entropy(class_frequencies(y, 3))
    assert variational_mutual_info_score(y, np.eye(3)[y]) == pytest.approx(entropy)


def test_worse_than_the_frequencies_is_negative():
    assert variational_mutual_info_score([0, 1], [[0.1, 0.9], [0.9, 0.1]]) < 0


def test_class_prior_enters_as_cross_entropy():
    y, proba = random_rows(3)
    prior = np.array([0.5, 0.3, 0.2])
    cross = -np.log(prior[y]).mean()
    score = variational_mutual_info_score(y, proba, class_prior=prior)
    assert score == pytest.approx(cross - log_loss(y, proba))
    share = variational_mutual_info_score(y, proba, class_prior=prior, normalize=True)
    assert share == pytest.approx(score / cross)


def test_class_prior_follows_the_order_of_labels():
    y, proba = random_rows(3)
    prior, order = np.array([0.5, 0.3, 0.2]), [2, 0, 1]
    direct = variational_mutual_info_score(y, proba, class_prior=prior)
    permuted = variational_mutual_info_score(
        y, proba[:, order], class_prior=prior[order], labels=order
    )
    assert permuted == pytest.approx(direct)


def test_one_column_is_the_second_class():
    y, proba = random_rows(5, n_classes=2)
    assert variational_mutual_info_score(y, proba[:, 1]) == pytest.approx(
        variational_mutual_info_score(y, proba)
    )
    swapped = variational_mutual_info_score(y, proba[:, 0], labels=[1, 0])
    assert swapped == pytest.approx(variational_mutual_info_score(y, proba))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_zero_probability_is_clipped_at_machine_epsilon(dtype):
    proba = np.array([[0, 1], [0, 1]], dtype=dtype)
    score = variational_mutual_info_score([0, 1], proba)
    assert score == pytest.approx(np.log(2) + np.log(np.finfo(dtype).eps) / 2)


def test_float32_probabilities_of_many_classes_are_accepted():
    y, _ = random_rows(0, n_samples=2000, n_classes=1000)
    proba = np.random.default_rng(0).dirichlet(np.full(1000, 10.0), size=2000)
    score = variational_mutual_info_score(y, proba.astype(np.float32))
    assert score == pytest.approx(variational_mutual_info_score(y, proba), abs=1e-5)


def test_single_class_scores_zero_at_best_but_has_no_share():
    assert variational_mutual_info_score([1, 1], [[1.0], [1.0]]) == 0
    score = variational_mutual_info_score([1, 1], [[0.5, 0.5]] * 2, labels=[0, 1])
    assert score == pytest.approx(-np.log(2))
    with pytest.raises(ValueError, match="entropy of the labels, which is 0"):
        variational_mutual_info_score([1, 1], [[0.5, 0.5]] * 2, labels=[0, 1], normalize=True)


# The determinant score


def test_noise_multiplies_the_joint_by_the_noise_matrix():
    joint = joint_table()
    noise = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.0, 0.2, 0.8]])
    x, y, weight = population(joint)
    x_noisy, y_noisy, weight_noisy = population(joint @ noise)
    scores = []
    for seed in range(8):
        proba = np.random.default_rng(seed).dirichlet(np.full(3, 0.3), size=6)
        clean = determinant_mutual_info_score(y, proba[x], sample_weight=weight)
        noisy = determinant_mutual_info_score(y_noisy, proba[x_noisy], sample_weight=weight_noisy)
        assert noisy == pytest.approx(abs(np.linalg.det(noise)) * clean)
        scores.append((clean, noisy))
    clean, noisy = np.transpose(scores)
    np.testing.assert_array_equal(np.argsort(clean), np.argsort(noisy))


@given(seed=st.integers(0, 10_000), n_classes=st.integers(2, 6))
@settings(max_examples=30, deadline=None)
def test_determinant_of_probabilities_is_that_of_the_joint(seed, n_classes):
    y, proba = random_rows(seed, n_classes=n_classes)
    joint = np.eye(n_classes)[y].T @ proba / len(y)
    score = determinant_mutual_info_score(y, proba)
    assert score == pytest.approx(abs(np.linalg.det(joint)), rel=1e-6, abs=1e-15)
    share = determinant_mutual_info_score(y, proba, normalize=True)
    frequencies = class_frequencies(y, n_classes)
    assert share * frequencies.prod() == pytest.approx(score, rel=1e-6, abs=1e-15)
    assert 0 <= share <= 1 + 1e-12


def test_determinant_of_perfect_predictions():
    y, _ = random_rows(0)
    share = class_frequencies(y, 3)
    assert determinant_mutual_info_score(y, y) == pytest.approx(share.prod())
    assert determinant_mutual_info_score(y, y, normalize=True) == pytest.approx(1)


def test_determinant_is_blind_to_renamed_predictions():
    y, proba = random_rows(0)
    direct = determinant_mutual_info_score(y, proba)
    assert determinant_mutual_info_score(y, proba[:, [1, 2, 0]]) == pytest.approx(direct)


def test_determinant_of_constant_predictions_is_zero():
    y, _ = random_rows(0)
    assert determinant_mutual_info_score(y, np.full((len(y), 3), 1 / 3)) < 1e-15
    assert determinant_mutual_info_score(y, np.zeros(len(y), dtype=int), labels=[0, 1, 2]) == 0


def test_determinant_of_hard_labels_takes_the_union_of_classes():
    assert determinant_mutual_info_score(["a", "b"], ["a", "c"]) == 0
    one_hot = np.eye(3)[[0, 1, 2, 2]]
    labels = determinant_mutual_info_score([0, 1, 2, 1], [0, 1, 2, 2])
    assert labels == pytest.approx(determinant_mutual_info_score([0, 1, 2, 1], one_hot))


def test_determinant_of_a_hundred_classes_does_not_underflow():
    y = np.repeat(np.arange(100), 3)
    proba = 0.6 * np.eye(100)[y] + 0.4 / 100
    share = determinant_mutual_info_score(y, proba, normalize=True)
    # P(prediction | label) = .6 I + .4 / K has eigenvalues 1 (once) and .6.
    assert np.log(share) == pytest.approx(99 * np.log(0.6))


def test_determinant_without_a_class_is_zero_and_says_so():
    y, proba = [0, 0, 1], np.full((3, 3), 1 / 3)
    assert determinant_mutual_info_score(y, proba, labels=[0, 1, 2]) == 0
    with pytest.warns(UndefinedMetricWarning, match="lacks the class 2"):
        assert determinant_mutual_info_score(y, proba, labels=[0, 1, 2], normalize=True) == 0


# What both scores share


@pytest.mark.parametrize("score", SCORES)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_whole_weights_equal_repetition(score, seed):
    y, proba = random_rows(seed)
    repeats = np.random.default_rng(seed).integers(0, 4, size=len(y))
    repeats[:3] += 1
    weighted = score(y, proba, sample_weight=repeats)
    repeated = score(np.repeat(y, repeats), np.repeat(proba, repeats, axis=0))
    assert weighted == pytest.approx(repeated, rel=1e-6)


@pytest.mark.parametrize("score", SCORES)
def test_a_class_with_no_weight_may_be_left_out_of_the_frequencies(score):
    y, proba = [0, 1, 2], [[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.0, 0.0, 1.0]]
    weighted = score(y, proba, sample_weight=[1, 1, 0])
    assert weighted == pytest.approx(score(y[:2], proba[:2], labels=[0, 1, 2]))


@pytest.mark.parametrize("score", SCORES)
@given(seed=st.integers(0, 10_000), order=st.permutations(range(4)))
@settings(max_examples=15, deadline=None)
def test_columns_follow_labels(score, seed, order):
    y, proba = random_rows(seed, n_classes=4)
    names = np.array(["west", "north", "east", "south"])
    direct = score(y, proba)
    named = score(names[y], proba[:, order], labels=names[list(order)])
    assert named == pytest.approx(direct, rel=1e-6)


@pytest.mark.parametrize("score", SCORES)
def test_labels_may_be_series_categories_strings_or_booleans(score):
    y, proba = random_rows(2, n_classes=2)
    names = np.array(["no", "yes"])[y]
    direct = score(y, proba)
    for labels in (
        y.astype(bool),
        y.astype(float),
        names.astype(object),
        pd.Series(names),
        pd.Series(pd.Categorical(names)),
        names.tolist(),
    ):
        assert score(labels, pd.DataFrame(proba)) == pytest.approx(direct)


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize(
    ("y", "proba", "options", "message"),
    [
        ([0, 1], [[0.5, 0.5]], {}, "1 rows but y_true has 2"),
        ([0, 1], [[0.5, 0.2, 0.3]] * 2, {}, "pass labels="),
        ([0, 1], [[0.5, 0.5]] * 2, {"labels": [0, 1, 2]}, "labels names 3 classes"),
        ([0, 1], [[0.5, 0.5]] * 2, {"labels": [1, 2]}, "holds \\[0\\], not among labels"),
        ([0, 1], [[0.5, 0.5]] * 2, {"labels": ["0", "1"]}, "with the same type"),
        ([0, 1], [[0.5, 0.5]] * 2, {"labels": [0, 0]}, "names a class twice"),
        ([0, 1], [[1.5, -0.5]] * 2, {}, "holds 1.5, but probabilities lie in"),
        ([0, 1], [[0.5, 0.4]] * 2, {}, "row 0 sums to 0.9"),
        ([0, 1], [[0.5, np.nan]] * 2, {}, "contains NaN"),
        ([0, 1], [[[0.5, 0.5]]] * 2, {}, "dim 3"),
        ([], [[0.5, 0.5]], {}, "y_true is empty"),
        ([0.3, 1], [[0.5, 0.5]] * 2, {}, "must hold class labels"),
        ([np.nan, 1], [[0.5, 0.5]] * 2, {}, "missing values"),
        ([[0, 1], [1, 0]], [[0.5, 0.5]] * 2, {}, "should be a 1d array"),
        ([0, 1], [[0.5, 0.5]] * 2, {"sample_weight": [1, -1]}, "must not be negative"),
        ([0, 1], [[0.5, 0.5]] * 2, {"sample_weight": [0, 0]}, "zero"),
        ([0, 1], [[0.5, 0.5]] * 2, {"sample_weight": [1, 1, 1]}, "sample_weight has shape"),
    ],
)
def test_bad_input_names_the_remedy(score, y, proba, options, message):
    with pytest.raises(ValueError, match=message):
        score(y, proba, **options)


@pytest.mark.parametrize("score", SCORES)
def test_labels_of_mixed_types_are_refused(score):
    with pytest.raises(TypeError, match="mixes types or holds missing values"):
        score(np.array(["a", None], dtype=object), [[0.5, 0.5]] * 2)


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        ([0.5, 0.5, 0.0], "expected \\(2,\\)"),
        ([0.5, 0.6], "a sum of 1.1"),
        ([1.5, -0.5], "least share of -0.5"),
        ([np.nan, 1.0], "contains NaN"),
        ([1.0, 0.0], "gives no share to 'b'"),
    ],
)
def test_bad_class_prior(prior, message):
    with pytest.raises(ValueError, match=message):
        variational_mutual_info_score(["a", "b"], [[0.5, 0.5]] * 2, class_prior=prior)


def test_one_dimensional_probabilities_are_no_labels():
    with pytest.raises(ValueError, match="For probabilities, pass all columns"):
        determinant_mutual_info_score([0, 1], [0.2, 0.7])
    with pytest.raises(ValueError, match="y_pred has 3 rows"):
        determinant_mutual_info_score([0, 1], [0, 1, 1])
