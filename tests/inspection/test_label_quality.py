"""The quality of labels: Bayes' rule on known joints."""

import numpy as np
import pytest
from judged_labels import UNEVEN, Fitted, by_hand, rows

from sklearn_mi.datasets import make_label_noise
from sklearn_mi.inspection import label_quality


def test_formula_on_a_joint_that_is_computed_by_hand():
    clf = Fitted([[0.5, 0.5], [0.8, 0.2], [0.8, 0.2]], UNEVEN)
    result = label_quality(clf, rows(3), [0, 1, 0])
    np.testing.assert_allclose(result.quality, [7 / 8, 3 / 7, 28 / 29])
    np.testing.assert_allclose(
        result.posterior, [[7 / 8, 1 / 8], [4 / 7, 3 / 7], [28 / 29, 1 / 29]]
    )
    np.testing.assert_array_equal(result.suggested_labels, [0, 0, 0])
    np.testing.assert_array_equal(result.noise_matrix, UNEVEN)
    np.testing.assert_array_equal(result.classes, [0, 1])


def test_labels_without_noise_are_right_whatever_the_classifier_believes():
    proba = [[0.5, 0.5], [1 - 1e-300, 1e-300]]
    own = label_quality(Fitted(proba, np.eye(2)), rows(2), [0, 1])
    given = label_quality(Fitted(proba, UNEVEN), rows(2), [0, 1], noise_matrix=np.eye(2))
    for result in (own, given):
        np.testing.assert_array_equal(result.quality, 1)
        np.testing.assert_array_equal(result.noise_matrix, np.eye(2))


def test_perfect_posteriors_find_exactly_the_wrong_labels():
    y = np.arange(300) % 3
    observed, matrix = make_label_noise(y, 0.4, return_noise_matrix=True, random_state=0)
    result = label_quality(Fitted(np.eye(3)[y], matrix), rows(300), observed)
    assert 0 < (observed != y).mean() < 0.4
    np.testing.assert_array_equal(result.quality, observed == y)
    np.testing.assert_array_equal(result.suggested_labels, y)


def test_quality_is_the_share_of_right_labels_among_rows_of_that_quality():
    rng = np.random.default_rng(0)
    proba = rng.dirichlet([0.6, 0.6, 0.6], 40_000)
    matrix = np.array([[0.6, 0.4, 0.0], [0.1, 0.8, 0.1], [0.2, 0.1, 0.7]])
    y = (rng.random((40_000, 1)) > proba.cumsum(axis=1)).sum(axis=1)
    observed = (rng.random((40_000, 1)) > matrix[y].cumsum(axis=1)).sum(axis=1)
    result = label_quality(Fitted(proba, matrix), rows(40_000), observed)
    for lowest in np.arange(0, 1, 0.1):
        chosen = (result.quality >= lowest) & (result.quality < lowest + 0.1)
        right = (observed == y)[chosen]
        assert abs(right.mean() - result.quality[chosen].mean()) < 3 * 0.5 / np.sqrt(len(right))
    better = (result.suggested_labels == y).mean() - (observed == y).mean()
    assert better > 0.1


def test_without_a_noise_matrix_quality_is_the_probability_of_the_label():
    proba = np.array([[0.2, 0.8], [0.6, 0.4]])
    result = label_quality(Fitted(proba), rows(2), [0, 1])
    np.testing.assert_allclose(result.quality, [0.2, 0.4])
    np.testing.assert_allclose(result.posterior, proba)
    np.testing.assert_array_equal(result.suggested_labels, [1, 0])
    assert result.noise_matrix is None


def test_noise_given_to_a_classifier_of_observed_labels_is_taken_out_of_its_probabilities():
    rng = np.random.default_rng(0)
    proba = 0.1 + 0.7 * rng.dirichlet([1, 1, 1], 50)
    matrix = 0.7 * np.eye(3) + 0.3 * rng.dirichlet([1, 1, 1], 3)
    y = np.arange(50) % 3
    result = label_quality(Fitted(proba @ matrix), rows(50), y, noise_matrix=matrix)
    np.testing.assert_allclose(result.posterior, by_hand(proba, matrix, y), atol=1e-6)


def test_noise_of_nearly_half_of_the_labels_is_taken_out_too():
    proba = np.column_stack([np.linspace(0.05, 0.95, 19), np.linspace(0.95, 0.05, 19)])
    matrix, y = np.array([[0.55, 0.45], [0.45, 0.55]]), np.arange(19) % 2
    result = label_quality(Fitted(proba @ matrix), rows(19), y, noise_matrix=matrix)
    np.testing.assert_allclose(result.posterior, by_hand(proba, matrix, y), atol=0.005)


def test_probabilities_that_no_true_class_explains_are_ranked_all_the_same():
    observed = np.array([[0.99, 0.01], [0.9, 0.1], [0.8, 0.2], [0.5, 0.5]])
    matrix = np.array([[0.7, 0.3], [0.3, 0.7]])
    quality = label_quality(Fitted(observed), rows(4), [1, 1, 1, 0], noise_matrix=matrix).quality
    assert (quality[:3] > 0).all() and (np.diff(quality) > 0).all()
    assert quality[2] < 1e-3 and quality[3] == pytest.approx(0.7)


def test_impossible_label_says_nothing_of_the_true_class():
    matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.5, 0.5]]
    result = label_quality(Fitted([[0.6, 0.4, 0.0]] * 3, matrix), rows(3), [0, 1, 2])
    np.testing.assert_allclose(result.posterior, [[1, 0, 0], [0, 1, 0], [0.6, 0.4, 0]])
    np.testing.assert_allclose(result.quality, [1, 1, 0])


def test_rows_that_nobody_held_out_keep_their_labels():
    proba = [[0.1, 0.9], [np.nan, np.nan], [0.1, 0.9], [np.nan, np.nan]]
    for matrix, given in [(None, None), (UNEVEN, None), (None, UNEVEN)]:
        result = label_quality(Fitted(proba, matrix), rows(4), [0, 0, 0, 1], noise_matrix=given)
        np.testing.assert_array_equal(np.isnan(result.quality), [False, True, False, True])
        np.testing.assert_array_equal(np.isnan(result.posterior).all(axis=1), [0, 1, 0, 1])
        np.testing.assert_array_equal(result.suggested_labels, [1, 0, 1, 1])


@pytest.mark.parametrize(
    "y",
    [
        np.array(["b", "a", "c"]),
        np.array(["b", "a", "c"], dtype=object),
        np.array([2.0, 1.0, 4.0]),
        np.array([3, 1, 9], dtype=np.int8),
    ],
)
def test_suggested_labels_are_of_the_type_of_y(y):
    shifted = np.roll(np.eye(3), 1, axis=1)
    result = label_quality(Fitted(shifted, classes=np.unique(y)), rows(3), y)
    assert result.suggested_labels.dtype == result.classes.dtype == y.dtype
    np.testing.assert_array_equal(result.suggested_labels, np.unique(y)[[1, 2, 0]])
