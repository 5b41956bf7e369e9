"""The contract that every entry of LOSSES keeps."""

import copy
import pickle

import numpy as np
import pytest
import torch
from loss_values import PRIOR, gradient, make_batch, make_loss

from sklearn_mi.losses import LOSSES, Loss

every_loss = pytest.mark.parametrize("name", LOSSES)


def warm_starts(loss):
    """Names of the losses that come before, the next one first; a circle would never end."""
    names = []
    while loss.warm_start is not None and len(names) < len(LOSSES):
        names.append(loss.warm_start)
        loss = LOSSES[loss.warm_start]()
    return names


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
