"""The variational score: entropy less log loss, exact where the posterior is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joint_tables import exact_mutual_info, joint_table, population, random_rows
from sklearn.metrics import d2_log_loss_score, log_loss

from sklearn_mi.metrics import variational_mutual_info_score
from sklearn_mi.metrics._estimate import class_frequencies, label_entropy, mean_and_standard_error


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
