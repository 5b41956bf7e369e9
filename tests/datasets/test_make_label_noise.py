"""Label noise follows its matrix, and leaves labels and their type as they were."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import normalize

from sklearn_mi.datasets import make_label_noise


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
