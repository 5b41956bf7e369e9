"""Nothing that a member learns of the noise comes from labels that it is scored on."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from sklearn_mi._engine._batches import MemberData
from sklearn_mi._engine._callbacks import CrossFittedStopping
from sklearn_mi._engine._members import Members
from sklearn_mi._engine._scoring import estimate_noise_matrix, score_held_out
from sklearn_mi.datasets import make_label_noise
from sklearn_mi.losses import LOSSES
from sklearn_mi.modules import ModuleStack


def folds(n_members, n=150):
    """Each member scores the rows that the others trained on; one alone scores two parts."""
    parts = np.array_split(np.arange(n), max(n_members, 2))
    member = np.arange(len(parts)) % n_members
    train = [np.setdiff1d(np.arange(n), parts[m]) for m in range(n_members)]
    return Members(train, parts, member)


def noisy_data(members, y=None, n=150):
    rng = np.random.default_rng(0)
    clean, X = rng.integers(3, size=n), rng.standard_normal((n, 3))
    X[np.arange(n), clean] += 3
    y = make_label_noise(clean, 0.3, random_state=0) if y is None else y
    return MemberData(torch.as_tensor(X).float(), torch.as_tensor(y), None, members)


def estimated(module, data):
    loss = LOSSES["gce"]().set_class_prior([1 / 3] * 3)
    return estimate_noise_matrix(module, loss, score_held_out(module, data), data)


@pytest.mark.parametrize("n_members", [2, 5])
def test_no_label_tells_the_noise_to_the_member_that_is_scored_on_it(n_members):
    members, module = folds(n_members), torch.nn.Identity()
    data = noisy_data(members)
    before = estimated(module, data)
    assert before.shape == (n_members, 3, 3)
    for part, rows in enumerate(members.part_rows):
        y = data.y.clone()
        y[rows] = (y[rows] + 1) % 3
        changed = abs(estimated(module, noisy_data(members, y)) - before).max(axis=(1, 2)) > 0
        assert np.flatnonzero(~changed).tolist() == [part]


def test_a_single_member_is_told_the_noise_by_all_held_out_labels():
    members, module = folds(1), torch.nn.Identity()
    data = noisy_data(members)
    before = estimated(module, data)
    for rows in members.part_rows:
        y = data.y.clone()
        y[rows] = (y[rows] + 1) % 3
        assert abs(estimated(module, noisy_data(members, y)) - before).max() > 0.01


def test_the_epoch_of_a_part_is_chosen_with_the_noise_matrix_of_its_member():
    members, module = folds(3), ModuleStack(torch.nn.Linear, 3, 3, 3)
    data, matrices = noisy_data(members), np.random.default_rng(0).dirichlet(np.ones(3), (3, 3))
    loss = LOSSES["forward"]().set_class_prior([1 / 3] * 3).set_noise_matrix(matrices)
    stopping = CrossFittedStopping(patience=5, tol=0)
    net = SimpleNamespace(module_=module, criterion_=SimpleNamespace(loss=loss))
    stopping.on_train_begin(net, X=data)
    for part, (_, outside) in enumerate(members.parts):
        own = LOSSES["forward"]().set_class_prior([1 / 3] * 3).set_noise_matrix(matrices[part])
        expected = own(stopping.scores_[outside], data.y[members.entry_row[outside]])
        torch.testing.assert_close(stopping.lowest_[part], expected)
