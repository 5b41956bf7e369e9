"""Codes of rows, and the distributions that a generator starts from."""

import numpy as np
import pytest
import torch

from sklearn_mi.generation._codes import learn_codes
from sklearn_mi.generation._mixture import fit_mixture, whitened
from sklearn_mi.generation._networks import Generator


@pytest.fixture
def rows():
    rng = np.random.RandomState(0)
    labels = np.repeat([0, 1, 2], [300, 60, 12])
    return rng.standard_normal((372, 3)) @ rng.standard_normal((3, 3)) + 5 * labels[:, None], labels


def codes_of(points, labels, n_codes, weight=None):
    weight = np.ones(len(points)) if weight is None else weight
    return learn_codes(points, labels, weight, n_codes, np.random.RandomState(0))


def test_each_code_is_of_one_class_and_rare_classes_have_some(rows):
    points, labels = rows
    codes = codes_of(points, labels, 24)
    assert (codes.class_of[codes.of_rows] == labels).all()
    assert np.bincount(codes.class_of).tolist() == [15, 6, 1]
    assert codes.frequency.sum() == pytest.approx(1)


def test_frequencies_are_those_of_the_weights(rows):
    points, labels = rows
    codes = codes_of(points, labels, 3, weight=np.where(labels == 2, 10.0, 1.0))
    of_classes = np.bincount(codes.class_of, weights=codes.frequency)
    assert of_classes.tolist() == pytest.approx([300 / 480, 60 / 480, 120 / 480])


def test_a_constant_class_has_one_code():
    codes = codes_of(np.ones((50, 2)), np.zeros(50, dtype=int), 8)
    assert codes.centers.tolist() == [[1, 1]]
    assert codes.spread > 0


def test_whitened_rows_have_no_covariance_and_are_placed_where_they_were(rows):
    points, labels = rows
    points = points[labels == 0]
    codes = codes_of(points, labels[labels == 0], 1)
    mixture = fit_mixture(points, np.zeros((300, 0)), codes, np.ones(300))
    white = whitened(points, codes.of_rows, mixture)
    np.testing.assert_allclose(np.cov(white.T, bias=True), np.eye(3), atol=1e-3)
    tensors = [torch.as_tensor(part, dtype=torch.float32) for part in mixture]
    generator = Generator(*tensors, [], 2, (4,))
    placed = generator.place(torch.as_tensor(white).float(), torch.as_tensor(codes.of_rows))
    np.testing.assert_allclose(placed.numpy(), points, atol=1e-4)


def test_shares_of_levels_are_those_of_the_rows_of_each_code():
    levels = np.eye(2)[np.r_[np.zeros(90, int), np.ones(10, int), np.ones(100, int)]]
    labels = np.repeat([0, 1], 100)
    codes = codes_of(np.zeros((200, 1)), labels, 2)
    share = np.exp(fit_mixture(np.zeros((200, 1)), levels, codes, np.ones(200)).log_share)
    np.testing.assert_allclose(share, [[0.9, 0.1], [0, 1]], atol=0.01)
    np.testing.assert_allclose(share.sum(1), 1, atol=0.001)
    assert (share > 0).all()
