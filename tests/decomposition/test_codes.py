"""Labels, numbers and nuisances as classes."""

import numpy as np
import pandas as pd
import pytest

from sklearn_mi.decomposition._codes import (
    classes_to_audit,
    joint_code,
    read_nuisance,
    read_target,
)


@pytest.mark.parametrize(
    "y", [list("abca"), [3, 1, 2, 3], [True, False, True, True], [1.0, 2.0, 5.0, 1.0]]
)
def test_classes_are_the_sorted_labels(y):
    target = read_target(y, 4, 16)
    np.testing.assert_array_equal(target.classes[target.labels], y)
    assert target.edges is None and target.n_classes == len(set(y))


def test_numbers_that_are_not_whole_are_bins_of_equal_size():
    y = np.random.RandomState(0).normal(size=800)
    target = read_target(y, 800, 16)
    assert target.classes is None and target.n_classes == 16
    np.testing.assert_array_equal(np.bincount(target.labels), 50)
    assert all(y[target.labels < k].max() < y[target.labels >= k].min() for k in range(1, 16))


def test_a_number_with_one_frequent_value_has_fewer_bins_and_none_is_empty():
    y = np.r_[np.zeros(700), np.random.RandomState(0).rand(300)]
    target = read_target(y, 1000, 16)
    counts = np.bincount(target.labels, minlength=target.n_classes)
    assert 2 <= target.n_classes < 16 and counts.min() > 0


@pytest.mark.parametrize("y", [None, [0.5, 0.7], [0.5] * 3, [1.5, np.nan, 2.0], list("aaa")])
def test_targets_that_cannot_be_used_are_refused(y):
    with pytest.raises(ValueError):
        read_target(y, 3, 16)


NUMBER = np.random.RandomState(0).rand(200)


@pytest.mark.parametrize(
    "nuisance, n_values",
    [
        (["x", "y"] * 100, [2]),
        (NUMBER, [8]),
        (np.arange(200) % 5, [5]),
        (pd.DataFrame({"site": ["a", None] * 100, "age": NUMBER}), [2, 8]),
        (pd.Series(pd.Categorical(["u", "v", "w", "u"] * 50)), [3]),
        (np.where(NUMBER < 0.1, np.nan, NUMBER), [9]),
        (np.c_[np.arange(200) % 2, NUMBER], [2, 8]),
    ],
)
def test_nuisances_are_levels_and_bins_and_missing_is_a_level(nuisance, n_values):
    codes = read_nuisance(nuisance, 200)
    assert [len(np.unique(own)) for own in codes.T] == n_values
    np.testing.assert_array_equal(codes.max(0), np.array(n_values) - 1)


@pytest.mark.parametrize("nuisance", [["a"] * 10, [0, 1] * 4])
def test_nuisances_without_variation_or_of_another_length_are_refused(nuisance):
    with pytest.raises(ValueError, match="nuisance"):
        read_nuisance(nuisance, 10)


def test_the_joint_code_tells_combinations_apart():
    codes = np.array([[0, 0], [0, 1], [1, 0], [0, 1]])
    np.testing.assert_array_equal(joint_code(codes), [0, 1, 2, 1])


def test_rare_combinations_are_audited_as_one_class_and_many_of_them_column_by_column():
    few = np.c_[np.repeat([0, 1, 2, 3], [40, 50, 4, 6])]
    np.testing.assert_array_equal(np.bincount(*classes_to_audit(few)), [40, 50, 10])
    rng = np.random.RandomState(0)
    many = np.c_[rng.randint(9, size=(200, 2))]
    assert [len(np.unique(own)) for own in classes_to_audit(many)] == [9, 9]
    rare = np.arange(12)[:, None] // 2  # all of them
    np.testing.assert_array_equal(*classes_to_audit(rare), rare[:, 0])
