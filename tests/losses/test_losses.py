"""Losses: the contract that every entry of LOSSES keeps, then what each is known to equal."""

import copy
import math
import pickle

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy, one_hot

from sklearn_mi.losses import LOSSES, Loss

PRIOR = [0.5, 0.3, 0.2]

every_loss = pytest.mark.parametrize("name", LOSSES)
proper = pytest.mark.parametrize("name", ["ce", "pc_softmax"])


def make_loss(name, prior=PRIOR, **params):
    """A loss in double precision as it scores, with class frequencies and a noise matrix."""
    loss = LOSSES[name](**params).set_class_prior(prior)
    if loss.needs_noise_matrix:
        loss.set_noise_matrix(0.7 * np.eye(len(prior)) + 0.3 / len(prior))
    return loss.double().eval()


def make_batch(*shape, n_classes=3, seed=0):
    """Scores (*shape, K), labels (*shape,) among which every class occurs, weights (*shape,)."""
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(*shape, n_classes, generator=generator, dtype=torch.double)
    target = torch.rand(shape, generator=generator).argsort(-1) % n_classes
    weight = 0.1 + torch.rand(shape, generator=generator, dtype=torch.double)
    return scores, target, weight


def warm_starts(loss):
    """Names of the losses that come before, the next one first; a circle would never end."""
    names = []
    while loss.warm_start is not None and len(names) < len(LOSSES):
        names.append(loss.warm_start)
        loss = LOSSES[loss.warm_start]()
    return names


def gradient(loss, scores, *target):
    scores = scores.clone().requires_grad_()
    loss(scores, *target).sum().backward()
    return scores.grad


# The contract


@every_loss
@pytest.mark.parametrize("weighted", [False, True])
def test_gradient_is_that_of_the_value(name, weighted):
    scores, target, weight = make_batch(2, 12)
    loss = make_loss(name)
    arguments = (target, weight) if weighted else (target,)
    assert torch.autograd.gradcheck(lambda f: loss(f, *arguments), scores.requires_grad_())


@every_loss
@pytest.mark.parametrize("shape", [(9,), (4, 9), (2, 3, 9)])
def test_one_value_per_member(name, shape):
    scores, target, weight = make_batch(*shape)
    assert make_loss(name)(scores, target).shape == shape[:-1]
    assert make_loss(name)(scores, target, weight).shape == shape[:-1]


@every_loss
def test_batched_equals_looped(name):
    batch = make_batch(5, 12)
    loss = make_loss(name)
    looped = [loss(*member) for member in zip(*batch, strict=True)]
    torch.testing.assert_close(loss(*batch), torch.stack(looped))


@every_loss
def test_members_do_not_feel_each_other(name):
    scores, target, weight = make_batch(3, 12)
    loss = make_loss(name)
    looped = [gradient(loss, *member) for member in zip(scores, target, weight, strict=True)]
    torch.testing.assert_close(gradient(loss, scores, target, weight), torch.stack(looped))


@every_loss
def test_integer_weights_repeat_rows(name):
    scores, target, _ = make_batch(12)
    times = torch.arange(12) % 4
    loss = make_loss(name)
    repeated = loss(scores.repeat_interleave(times, 0), target.repeat_interleave(times))
    torch.testing.assert_close(loss(scores, target, times.double()), repeated)


@every_loss
def test_scale_of_the_weights_does_not_matter(name):
    scores, target, weight = make_batch(2, 12)
    loss = make_loss(name)
    torch.testing.assert_close(loss(scores, target, weight), loss(scores, target, 1e3 * weight))
    torch.testing.assert_close(loss(scores, target), loss(scores, target, 7 + 0 * weight))


@every_loss
def test_order_of_the_rows_does_not_matter(name):
    scores, target, weight = make_batch(12)
    order, loss = torch.randperm(12), make_loss(name)
    reordered = loss(scores[order], target[order], weight[order])
    torch.testing.assert_close(loss(scores, target, weight), reordered)


@every_loss
@pytest.mark.parametrize("scale", [1, 1e4])
def test_log_proba_is_normalised(name, scale):
    log_proba = make_loss(name).log_proba(scale * make_batch(2, 12)[0])
    assert log_proba.shape == (2, 12, 3)
    torch.testing.assert_close(log_proba.logsumexp(-1), torch.zeros(2, 12, dtype=torch.double))


@every_loss
def test_set_class_prior_returns_the_loss(name):
    loss = LOSSES[name]()
    assert isinstance(loss, Loss)
    assert loss.set_class_prior(np.array(PRIOR)) is loss
    torch.testing.assert_close(loss.log_prior.exp(), torch.tensor(PRIOR))


@every_loss
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_give_the_same_values(name, duplicate):
    batch = make_batch(2, 12)
    loss = make_loss(name)
    copied = duplicate(loss)
    assert torch.equal(copied(*batch), loss(*batch))
    assert torch.equal(copied.log_proba(batch[0]), loss.log_proba(batch[0]))


@every_loss
def test_a_copy_takes_class_frequencies_of_its_own(name):
    original = LOSSES[name]()
    copy.deepcopy(original).set_class_prior(PRIOR)
    assert original.log_prior is None


@every_loss
def test_finite_without_rows_of_a_class(name):
    scores, target, _ = make_batch(2, 12)
    loss, target = make_loss(name), target.clamp(max=1)
    assert loss(scores, target).isfinite().all()
    assert gradient(loss, scores, target).isfinite().all()


@every_loss
@pytest.mark.parametrize("extreme", [1e-12, 1e12])
def test_finite_for_extreme_weights(name, extreme):
    scores, target, weight = (t.float() if t.is_floating_point() else t for t in make_batch(2, 12))
    weight[:, 0] = extreme
    loss = make_loss(name).float()
    assert loss(scores, target, weight).isfinite().all()
    assert gradient(loss, scores, target, weight).isfinite().all()


@every_loss
@pytest.mark.parametrize("scale", [0, 1e4])
def test_finite_for_extreme_scores(name, scale):
    scores, target, _ = make_batch(2, 12)
    loss, scores = make_loss(name).float(), scale * scores.float()
    assert loss(scores, target).isfinite().all()
    assert gradient(loss, scores, target).isfinite().all()


@every_loss
def test_warm_start_and_priors_name_what_exists(name):
    loss = LOSSES[name]()
    assert len(warm_starts(loss)) < len(LOSSES)
    assert loss.warm_start or not loss.needs_noise_matrix
    assert loss.default_priors in ("empirical", "uniform")
    assert loss.learning_rate_factor > 0
    batch_size = loss.auto_batch_size(1000, 3)
    assert batch_size is None or 1 <= batch_size <= 1000


# Truths of a small joint table, all of whose cells (x, y) are the rows


def joint_table(n_values=6, n_classes=3, seed=0):
    cells = np.random.default_rng(seed).dirichlet(np.full(n_values * n_classes, 0.7))
    return torch.as_tensor(cells).reshape(n_values, n_classes)


def population(scores, joint):
    """Scores (x, K) as rows, one for each cell of the joint, weighted by its probability."""
    n_values, n_classes = joint.shape
    target = torch.arange(n_classes).repeat(n_values)
    return scores.repeat_interleave(n_classes, 0), target, joint.flatten()


def pointwise_mutual_info(joint):
    return (joint / joint.sum(1, keepdim=True) / joint.sum(0)).log()


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


# Probability-corrected softmax


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


# Determinant-based mutual information

NOISE = torch.tensor([[0.4, 0.6, 0.0], [0.1, 0.8, 0.1], [0.2, 0.0, 0.8]], dtype=torch.double)


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


# Generalised cross-entropy


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


# Forward correction


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
