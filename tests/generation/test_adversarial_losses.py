"""What generator and discriminator are trained for, where the answer is known."""

import math

import pytest
import torch

from sklearn_mi.generation._losses import missing_information, pairing_loss, slope_penalty


def test_equal_scores_cost_log_two():
    assert pairing_loss(torch.zeros(5), torch.zeros(5)).item() == pytest.approx(math.log(2))


def test_only_the_difference_of_a_pair_counts():
    better, worse = torch.randn(2, 6, generator=torch.Generator().manual_seed(0))
    shifted = pairing_loss(better + 3, worse + 3)
    assert shifted.item() == pytest.approx(pairing_loss(better, worse).item(), rel=1e-5)


def test_the_slope_of_a_linear_score_is_its_coefficients():
    x = torch.randn(7, 2, generator=torch.Generator().manual_seed(0)).requires_grad_()
    unused = torch.zeros(7, 0, requires_grad=True)
    assert slope_penalty(3 * x[:, 0] - x[:, 1], [x, unused]).item() == pytest.approx(10)


def test_missing_information_is_the_difference_of_two_log_losses():
    codes = torch.tensor([0, 1])
    rows, drawn = torch.log(torch.eye(2) * 0.6 + 0.2), torch.zeros(2, 2)
    expected = math.log(2) + math.log(0.8)
    assert missing_information(drawn, rows, codes).item() == pytest.approx(expected)


def test_no_more_than_rows_tell_is_asked_for():
    codes = torch.tensor([0, 1])
    drawn = torch.log(torch.eye(2) * 0.6 + 0.2).requires_grad_()
    missing = missing_information(drawn, torch.zeros(2, 2), codes)
    missing.backward()
    assert missing.item() == 0
    assert not drawn.grad.any()
