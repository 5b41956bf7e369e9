"""Periodic embeddings in training: memory is used again, derivatives are those of autograd."""

import copy
import math
import pickle

import pytest
import torch

from sklearn_mi.modules._layers import PeriodicEmbedding

MEMBERS, ROWS, COLUMNS, WAVES, SUMS = 3, 7, 4, 6, 2


@pytest.fixture
def layer():
    return PeriodicEmbedding(MEMBERS, COLUMNS, WAVES, SUMS, scale=0.5)


@pytest.fixture
def x():
    return torch.randn(MEMBERS, ROWS, COLUMNS, requires_grad=True)


def by_the_formula(layer, x):
    waves = torch.sin(
        torch.einsum("mbn,mnw->mbnw", 2 * math.pi * x, layer.frequency[:, :, 0])
        + layer.phase[:, None, :, 0]
    )
    return torch.einsum("mbnw,mnwe->mbne", waves, layer.weight).flatten(-2)


def gradients(layer, x, answer):
    weight = torch.linspace(-1, 1, answer.numel()).view_as(answer)
    return torch.autograd.grad((answer * weight).sum(), [x, *layer.parameters()])


def test_values_and_derivatives_are_those_of_the_formula(layer, x):
    expected = by_the_formula(layer, x)
    slopes = gradients(layer, x, expected)
    for _ in range(2):  # the second time in memory that was used
        answer = layer.train()(x)
        torch.testing.assert_close(answer, expected)
        torch.testing.assert_close(gradients(layer, x, answer), slopes)


def test_answers_are_the_same_in_training_and_evaluation(layer, x):
    """Up to rounding: sums are taken in another order."""
    in_training = layer.train()(x)
    with torch.no_grad():
        torch.testing.assert_close(layer(x), in_training)
    in_evaluation = layer.eval()(x)
    torch.testing.assert_close(in_evaluation, in_training)
    slopes = gradients(layer, x, by_the_formula(layer, x))
    torch.testing.assert_close(gradients(layer, x, in_evaluation), slopes)


def test_what_was_overwritten_is_refused_by_backward(layer, x):
    first, second = layer.train()(x), layer(x)
    gradients(layer, x, second)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        gradients(layer, x, first)


def test_answers_of_evaluation_share_no_memory(layer, x):
    """Several threads may ask one network."""
    layer.eval()
    first = layer(x)
    before = first.detach().clone()
    layer(x + 1)
    assert torch.equal(first, before)
    torch.testing.assert_close(
        gradients(layer, x, first), gradients(layer, x, by_the_formula(layer, x))
    )


def test_the_memory_is_neither_stored_nor_copied(layer, x):
    plain = len(pickle.dumps(layer))
    layer.train()(x.expand(MEMBERS, ROWS, COLUMNS).repeat(1, 500, 1))
    assert len(pickle.dumps(layer)) == plain
    assert copy.deepcopy(layer)._kept_room == (None, [])
