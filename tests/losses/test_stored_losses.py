"""Losses as plain things, and back: they say the same of scores, to the bit."""

import numpy as np
import pytest
import torch

from sklearn_mi.losses import LOSSES, GaussianSimplexLoss
from sklearn_mi.losses._stored import restored_loss, stored_loss

GENERATOR = torch.Generator().manual_seed(0)
SCORES, TARGET = torch.randn(3, 20, 3, generator=GENERATOR), torch.arange(20)
MADE = {
    **{name: loss() for name, loss in LOSSES.items()},
    "forward, given": LOSSES["forward"](np.eye(3) * 0.7 + 0.1),
    "gccs, full": GaussianSimplexLoss(covariance="full", ridge=0.1),
}


def fitted(loss):
    loss = loss.set_class_prior([0.2, 0.3, 0.5])
    if loss.needs_noise_matrix:
        loss.set_noise_matrix(np.stack([np.eye(3) * 0.7 + 0.1] * 3))
    if loss.fits_class_model:
        loss.fit_class_model([(scores, TARGET % 3) for scores in SCORES])
    return loss


def again(loss):
    return restored_loss(type(loss), **stored_loss(loss))


@pytest.mark.parametrize("name", MADE)
def test_a_fitted_loss_says_the_same(name):
    loss = fitted(MADE[name])
    target = (TARGET % 3).expand(3, -1)
    loss.train()(SCORES, target)  # what is remembered between batches is not stored
    loss.eval()
    stored = again(loss).eval()
    assert torch.equal(stored.log_proba(SCORES), loss.log_proba(SCORES))
    assert torch.equal(stored(SCORES, target), loss(SCORES, target))
    for member in range(3):
        own = [each.of_member(member).log_proba(SCORES[member]) for each in (stored, loss)]
        assert torch.equal(*own)


@pytest.mark.parametrize("name", MADE)
def test_a_loss_that_is_not_fitted_has_its_parameters(name):
    loss = MADE[name]
    stored = stored_loss(again(type(loss)(**stored_loss(loss)["params"])))
    assert repr(stored["params"]) == repr(stored_loss(loss)["params"])
    assert stored["arrays"] == {}


@pytest.mark.parametrize("name", MADE)
def test_what_is_stored_is_plain(name):
    arrays = stored_loss(fitted(MADE[name]))["arrays"]
    assert arrays and all(type(array) is np.ndarray for array in arrays.values())
