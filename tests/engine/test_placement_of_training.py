"""What a fit does in every epoch mixes no tensor of the CPU into those of another device.

On the device "meta" nothing is computed, and an operation that mixes in another device's tensor
raises: what would fail on a GPU fails here. What reads a number back, as the choice of an epoch
does, has to be on a real device, and is tested there.
"""

import numpy as np
import pytest
import torch
from rows_to_move import mixed_table, pixels, tiny
from small_fits import make_loss
from torch import nn

from sklearn_mi._engine._adversarial_training import Adversary, ImageBounds, TableBounds
from sklearn_mi._engine._batches import MemberBatches, MemberData
from sklearn_mi._engine._members import Members
from sklearn_mi._engine._scoring import joint_of_members, score_held_out, score_rows
from sklearn_mi._inputs._augmentation import Augmentation
from sklearn_mi._inputs._image_encoder import ImageEncoder
from sklearn_mi._inputs._table_encoder import TableEncoder
from sklearn_mi.losses import LOSSES
from sklearn_mi.modules import ModuleStack, StackedMLP

META, K = torch.device("meta"), 3
FOLDS = [np.arange(k, 12, 3) for k in range(3)]
MEMBERS = Members(
    [np.setdiff1d(np.arange(12), held) for held in FOLDS], FOLDS, np.arange(len(FOLDS))
)


def placed(*tensors):
    assert {tensor.device for tensor in tensors} == {META}


def data_on_meta(rows, weighted=True):
    """Rows of a table or images as a fit on another device has them."""
    encoder = (ImageEncoder() if np.ndim(rows) == 4 else TableEncoder()).fit(
        rows, MEMBERS.train_rows
    )
    X = torch.as_tensor(encoder.read(rows)).to(META)
    y = torch.zeros(len(X), dtype=torch.long, device=META)
    weight = torch.ones(len(X), device=META) if weighted else None
    data = MemberData(X, y, weight, MEMBERS, encoder.encoding.to(META))
    data.encoding_width = getattr(encoder.encoding, "width", None)
    return data


def networks_for(data, kind):
    if kind == "images":
        return ModuleStack(tiny, 3, tuple(data.X.shape[1:]), K).to(META)
    build = StackedMLP if kind == "default" else lambda *sizes: ModuleStack(nn.Linear, *sizes)
    return build(3, data.encoding_width, K).to(META)


def rows_of(kind):
    return pixels() if kind == "images" else mixed_table(12)


KINDS = pytest.mark.parametrize("kind", ["default", "module", "images"])


@KINDS
@pytest.mark.parametrize("loss", LOSSES)
def test_an_epoch_stays_where_it_is(kind, loss):
    data = data_on_meta(rows_of(kind))
    module, loss = networks_for(data, kind), make_loss(loss).to(META)
    augment = Augmentation(["shift", "flip"]) if kind == "images" else None
    optimizer = torch.optim.AdamW(module.parameters())
    n_batches = 0
    for X, target in MemberBatches(data, 4, None, augment):
        optimizer.zero_grad()
        of_members = loss(module(X), *target)
        of_members.sum().backward()
        optimizer.step()
        placed(X, *target, of_members)
        n_batches += 1
    assert n_batches == 2


@KINDS
def test_scores_stay_where_they_are(kind):
    data = data_on_meta(rows_of(kind))
    module = networks_for(data, kind)
    placed(score_held_out(module, data), score_rows(module, data.encoding, data.X, 3))
    placed(joint_of_members(module, data, K))


@pytest.mark.parametrize("kind", ["default", "images"])
@pytest.mark.parametrize("loss", ["ce", "gccs"])
def test_adversarial_rows_stay_where_they_are(kind, loss):
    data = data_on_meta(rows_of(kind), weighted=False)
    module, loss = networks_for(data, kind), make_loss(loss).to(META)
    if kind == "images":
        limits = (torch.zeros(3, 1, data.X.shape[1], 1, 1, device=META) for _ in range(3))
        bounds = ImageBounds(*limits)
    else:
        bounds = TableBounds(data, torch.zeros(3, 1, data.X.shape[1], device=META))
    adversary = Adversary(module, loss, bounds)
    for X, _ in MemberBatches(data, 4, None, None, adversary):
        placed(X)
