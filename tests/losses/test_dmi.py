"""Determinant-based mutual information: what noise does to it, and what small batches give."""

import math

import numpy as np
import pytest
import torch
from loss_values import NOISE, gradient, joint_table, make_batch, make_loss, population
from torch.nn.functional import one_hot


def test_dmi_shifts_by_the_determinant_of_the_noise():
    clean, loss = joint_table(), make_loss("dmi", ridge=0)
    scores = torch.randn(len(clean), 3, dtype=torch.double)
    shift = loss(*population(scores, clean @ NOISE)) - loss(*population(scores, clean))
    assert shift.item() == pytest.approx(-torch.linalg.slogdet(NOISE).logabsdet.item())


@pytest.mark.parametrize("names", [[1, 0, 2], [2, 0, 1]])
def test_dmi_is_blind_to_the_names_of_the_outputs(names):
    scores, target, weight = make_batch(12)
    loss = make_loss("dmi", ridge=0)
    renamed = loss(scores[:, names], target, weight)
    torch.testing.assert_close(renamed, loss(scores, target, weight))


def test_dmi_is_lowest_for_certain_and_right_outputs():
    _, target, _ = make_batch(12)
    loss = make_loss("dmi", ridge=0)
    lowest = loss(1e3 * one_hot(target, 3).double(), target)
    assert lowest.item() == pytest.approx(-torch.bincount(target).div(12).log().sum().item())
    for seed in range(20):
        assert loss(make_batch(12, seed=seed)[0], target) > lowest


@pytest.mark.parametrize("n_rows", [6400, 256])  # with 256 rows, some classes have none
def test_dmi_of_a_hundred_classes_is_finite(n_rows):
    scores = torch.randn(n_rows, 100)
    target = torch.randint(100, (n_rows,))
    loss = make_loss("dmi", np.full(100, 0.01)).float()
    assert loss(scores, target).isfinite()
    slope = gradient(loss, scores, target)
    assert slope.isfinite().all() and slope.abs().max() > 0


def test_dmi_ridge_hardly_changes_a_regular_value():
    batch = make_batch(300)
    certain = (3 * one_hot(batch[1], 3).double(), batch[1])
    with_ridge, without = make_loss("dmi")(*certain), make_loss("dmi", ridge=0)(*certain)
    assert with_ridge.item() == pytest.approx(without.item(), abs=1e-4)
    assert math.isfinite(without.item())


@pytest.mark.parametrize("n_rows", [640, 64, 8])
def test_dmi_of_small_batches_has_the_gradient_of_a_large_one(n_rows):
    """On average over many batches, whose classes are mostly too few for a determinant."""
    generator = torch.Generator().manual_seed(0)
    target = torch.randint(10, (6400,), generator=generator)
    scores = torch.randn(6400, 10, generator=generator) + 2 * one_hot(target, 10)
    prior = torch.bincount(target) / 6400
    whole = gradient(make_loss("dmi", prior).float(), scores, target)
    loss, mean = make_loss("dmi", prior).float().train(), 0
    for epoch in range(4):  # the first of which brings the running mean in
        parts = torch.randperm(6400, generator=generator).split(n_rows)
        slopes = torch.zeros_like(scores)
        for rows in parts:
            slopes[rows] = gradient(loss, scores[rows], target[rows]) / len(parts)
        mean = mean + (slopes / 3 if epoch else 0)
    cosine = torch.nn.functional.cosine_similarity(mean.flatten(), whole.flatten(), dim=0)
    assert cosine > 0.97
    assert mean.norm() == pytest.approx(whole.norm().item(), rel=0.15)


@pytest.mark.parametrize("n_classes, n_needed", [(2, 512), (3, 512), (8, 512), (10, 640)])
def test_dmi_rests_on_512_rows_at_least(n_classes, n_needed):
    loss = make_loss("dmi", np.full(n_classes, 1 / n_classes)).train()
    assert loss.auto_batch_size(10**6, n_classes) == n_needed
    assert loss.auto_batch_size(100, n_classes) == 100
    target = torch.arange(8 * n_classes) % n_classes
    certain = 100 * one_hot(target, n_classes).double()
    loss(certain, target)
    before = loss.running.clone()
    loss(certain.roll(1, -1), target)  # a joint that is far from the one before
    moved = one_hot(torch.arange(n_classes)).double().roll(1, -1) / n_classes - before
    torch.testing.assert_close(loss.running - before, len(target) / n_needed * moved)


def test_dmi_remembers_batches_in_training_only():
    loss, batch = make_loss("dmi"), make_batch(12)
    value = loss(*batch)
    assert loss.running is None
    loss.train()(*make_batch(12, seed=1))
    assert loss.running is not None
    torch.testing.assert_close(loss.eval()(*batch), value)
