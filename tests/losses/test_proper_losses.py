"""Cross-entropy and probability-corrected softmax: exact where the posterior is."""

import numpy as np
import pytest
import torch
from loss_values import (
    PRIOR,
    gradient,
    joint_table,
    make_batch,
    make_loss,
    pointwise_mutual_info,
    population,
)
from torch.nn.functional import cross_entropy

proper = pytest.mark.parametrize("name", ["ce", "pc_softmax"])

# --- truths of a small joint table ----------------------------------------------------------------


def exact_scores(name, joint):
    """Scores at which `log_proba` is the posterior of the table, up to a function of x."""
    shift = torch.randn(len(joint), 1, dtype=torch.double)
    information = pointwise_mutual_info(joint) + shift
    return information if name == "pc_softmax" else information + joint.sum(0).log()


@proper
def test_log_proba_at_the_exact_scores_is_the_posterior(name):
    joint = joint_table()
    log_proba = make_loss(name, joint.sum(0)).log_proba(exact_scores(name, joint))
    posterior = joint / joint.sum(1, keepdim=True)
    torch.testing.assert_close(log_proba.exp(), posterior, atol=1e-6, rtol=0)


def test_cross_entropy_at_the_posterior_is_the_conditional_entropy():
    joint = joint_table()
    value = make_loss("ce")(*population(exact_scores("ce", joint), joint))
    conditional = -(joint * (joint / joint.sum(1, keepdim=True)).log()).sum()
    assert value.item() == pytest.approx(conditional.item())


@proper
def test_estimate_at_the_exact_scores_is_the_mutual_information(name):
    joint = joint_table()
    prior = joint.sum(0)
    value = make_loss(name, prior)(*population(exact_scores(name, joint), joint))
    offset = 0 if name == "pc_softmax" else -(prior * prior.log()).sum()
    truth = (joint * pointwise_mutual_info(joint)).sum()
    assert (offset - value).item() == pytest.approx(truth.item(), abs=1e-6)


@proper
def test_exact_scores_are_a_minimum(name):
    joint = joint_table()
    loss, scores = make_loss(name, joint.sum(0)), exact_scores(name, joint)
    lowest = loss(*population(scores, joint))
    slope = gradient(loss, *population(scores, joint)).reshape(*joint.shape, -1).sum(1)
    torch.testing.assert_close(slope, torch.zeros_like(slope), atol=1e-6, rtol=0)
    for _ in range(20):
        assert loss(*population(scores + 0.1 * torch.randn_like(scores), joint)) > lowest


# --- probability-corrected softmax ----------------------------------------------------------------


def test_pc_softmax_has_the_gradient_of_shifted_cross_entropy():
    scores, target, _ = make_batch(12)
    log_prior = torch.tensor(PRIOR, dtype=torch.double).log()
    shifted = gradient(lambda f, y: cross_entropy(f + log_prior, y), scores, target)
    ours = gradient(make_loss("pc_softmax"), scores, target)
    torch.testing.assert_close(ours, shifted, atol=1e-7, rtol=1e-6)


def test_pc_softmax_averages_to_one_under_the_prior():
    scores, loss = make_batch(12)[0], make_loss("pc_softmax")
    # Batches of one row: exp(-loss) is the PC of the class that is put in as the label.
    corrected = [(-loss(scores[:, None], torch.full((12, 1), k))).exp() for k in range(3)]
    mean = sum(p * pc for p, pc in zip(PRIOR, corrected, strict=True))
    torch.testing.assert_close(mean, torch.ones(12, dtype=torch.double), atol=1e-6, rtol=0)


def test_minus_pc_softmax_is_the_mean_pointwise_information():
    scores, target, weight = make_batch(12)
    f, y = scores.numpy(), target.numpy()
    pointwise = f[np.arange(12), y] - np.log(np.exp(f) @ PRIOR)
    loss = make_loss("pc_softmax")
    assert -loss(scores, target).item() == pytest.approx(pointwise.mean(), abs=1e-6)
    weighted = np.average(pointwise, weights=weight.numpy())
    assert -loss(scores, target, weight).item() == pytest.approx(weighted, abs=1e-6)


@pytest.mark.parametrize("level", [-3, 0, 50])
def test_pc_softmax_of_constant_scores_is_zero(level):
    _, target, _ = make_batch(12)
    value = make_loss("pc_softmax")(torch.full((12, 3), level, dtype=torch.double), target)
    assert value.item() == pytest.approx(0, abs=1e-6)
