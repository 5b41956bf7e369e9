"""Generalised cross-entropy and forward correction: what they equal, and what is refused."""

import numpy as np
import pytest
import torch
from loss_values import NOISE, gradient, joint_table, make_batch, make_loss, population

from sklearn_mi.losses import LOSSES

# --- generalised cross-entropy --------------------------------------------------------------------


def test_gce_of_q_one_is_the_probability_of_another_class():
    scores, target, _ = make_batch(12)
    missed = 1 - scores.softmax(-1).gather(1, target[:, None]).mean()
    torch.testing.assert_close(make_loss("gce", q=1.0)(scores, target), missed)


def test_gce_of_a_small_q_is_cross_entropy():
    batch = make_batch(12)
    torch.testing.assert_close(make_loss("gce", q=1e-9)(*batch), make_loss("ce")(*batch))


def test_gradient_of_gce_is_that_of_cross_entropy_times_a_power_of_the_probability():
    scores, target, _ = make_batch(12)
    power = scores.softmax(-1).gather(1, target[:, None]) ** 0.3
    expected = power * gradient(make_loss("ce"), scores, target)
    torch.testing.assert_close(gradient(make_loss("gce", q=0.3), scores, target), expected)


@pytest.mark.parametrize("q", [0, -1, 1.5])
def test_gce_refuses_other_powers(q):
    with pytest.raises(ValueError, match=f'q={q}.*above 0 and at most 1.*loss="ce"'):
        make_loss("gce", q=q)


# --- forward correction ---------------------------------------------------------------------------


def test_forward_without_noise_is_cross_entropy():
    batch = make_batch(12)
    forward = make_loss("forward", noise_matrix=np.eye(3))
    torch.testing.assert_close(forward(*batch), make_loss("ce")(*batch))


def test_forward_is_lowest_at_the_posterior_of_the_true_class():
    clean = joint_table()
    loss = make_loss("forward", noise_matrix=NOISE.tolist())
    posterior = (clean / clean.sum(1, keepdim=True)).log()
    rows = population(posterior, clean @ NOISE)
    slope = gradient(loss, *rows).reshape(*clean.shape, -1).sum(1)
    torch.testing.assert_close(slope, torch.zeros_like(slope), atol=1e-7, rtol=0)
    for _ in range(20):
        other = posterior + 0.1 * torch.randn_like(posterior)
        assert loss(*population(other, clean @ NOISE)) > loss(*rows)


def test_forward_asks_for_a_noise_matrix_only_where_it_has_none():
    assert LOSSES["forward"]().needs_noise_matrix
    given = LOSSES["forward"](NOISE.numpy())
    assert not given.needs_noise_matrix and given.warm_start is None
    taken = make_loss("forward", noise_matrix=NOISE).log_noise.exp()
    torch.testing.assert_close(taken, NOISE, atol=1e-6, rtol=0)


@pytest.mark.parametrize("weighted", [False, True])
def test_forward_takes_a_noise_matrix_for_each_member(weighted):
    scores, target, weight = make_batch(3, 12)
    batch = (scores, target, weight) if weighted else (scores, target)
    matrices = np.random.default_rng(0).dirichlet(np.ones(3), size=(3, 3))
    loss = make_loss("forward").set_noise_matrix(matrices)
    alone = [make_loss("forward", noise_matrix=matrix) for matrix in matrices]
    of_each = zip(alone, *batch, strict=True)
    expected = torch.stack([own(*member) for own, *member in of_each])
    torch.testing.assert_close(loss(*batch), expected)
    members = [loss.of_member(m)(*(t[m] for t in batch)) for m in range(3)]
    torch.testing.assert_close(torch.stack(members), expected)


def test_a_given_noise_matrix_is_that_of_every_member():
    loss, batch = make_loss("forward", noise_matrix=NOISE), make_batch(2, 12)
    assert [loss.of_member(m) for m in range(2)] == [loss, loss]
    assert loss(*batch).shape == (2,)


BAD_NOISE = {
    "wrong shape": ([[0.5, 0.5], [0, 1]], r"\(2, 2\), but there are 3 classes"),
    "no distribution": (np.eye(3) + 0.1, "1.1, 0.1.*each row summing to one"),
    "negative": ([[1.2, -0.2, 0], [0, 1, 0], [0, 0, 1]], "-0.2.*no negative"),
    "not a number": (np.full((3, 3), np.nan), "nan.*distributions"),
    "singular": (np.full((3, 3), 1 / 3), "singular"),
}


@pytest.mark.parametrize("matrix, said", BAD_NOISE.values(), ids=BAD_NOISE)
def test_forward_refuses_what_is_no_noise_matrix(matrix, said):
    with pytest.raises(ValueError, match=f"(?s){said}"):
        make_loss("forward", noise_matrix=matrix)
