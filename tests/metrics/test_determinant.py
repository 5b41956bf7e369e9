"""The determinant score: noise multiplies it, names do not matter, and hard labels will do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joint_tables import joint_table, population, random_rows
from sklearn.exceptions import UndefinedMetricWarning

from sklearn_mi.metrics import determinant_mutual_info_score
from sklearn_mi.metrics._estimate import class_frequencies


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


def test_one_dimensional_probabilities_are_no_labels():
    with pytest.raises(ValueError, match="For probabilities, pass all columns"):
        determinant_mutual_info_score([0, 1], [0.2, 0.7])
    with pytest.raises(ValueError, match="y_pred has 3 rows"):
        determinant_mutual_info_score([0, 1], [0, 1, 1])
