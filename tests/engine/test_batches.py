"""The rows of each member: how batches draw them, and how members score them."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from sklearn_mi._engine import _batches, _scoring
from sklearn_mi._engine._batches import MemberBatches, MemberData
from sklearn_mi._engine._members import Members
from sklearn_mi._engine._scoring import (
    answering_rows,
    joint_of_members,
    score_held_out,
    score_rows,
)
from sklearn_mi._inputs._table_encoder import TableEncoder
from sklearn_mi.modules import ModuleStack, StackedMLP


def ragged(sizes):
    bounds = np.cumsum([0, *sizes])
    train = [np.arange(low, high) for low, high in pairwise(bounds)]
    return Members(train, [np.array([0])] * len(sizes), np.arange(len(sizes)))


def numbered_data(members):
    """Data whose only column and whose weight is the number of the row."""
    n = 1 + max(rows.max() for rows in members.train_rows)
    X = torch.arange(n, dtype=torch.float32)[:, None]
    return MemberData(X, torch.arange(n) % 5, X[:, 0], members)


@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=4), batch_size=st.integers(1, 50))
@settings(max_examples=50, deadline=None)
def test_an_epoch_shows_every_member_its_own_rows(sizes, batch_size):
    data = numbered_data(ragged(sizes))
    batches = list(MemberBatches(data, batch_size, torch.Generator().manual_seed(0)))
    assert len(batches) == -(-max(sizes) // batch_size)
    assert len({X.shape for X, _ in batches}) == 1
    assert batches[0][0].shape[1] <= batch_size
    shown = torch.cat([X for X, _ in batches], 1)[..., 0].int().numpy()
    for rows, own in zip(shown, ragged(sizes).train_rows, strict=True):
        values, counts = np.unique(rows, return_counts=True)
        np.testing.assert_array_equal(values, own)
        assert counts.max() - counts.min() <= 1


def test_labels_and_weights_come_with_their_rows():
    for X, (y, weight) in MemberBatches(numbered_data(ragged([9, 4])), 4, torch.Generator()):
        assert torch.equal(y, X[..., 0].long() % 5)
        assert torch.equal(weight, X[..., 0])


def test_the_generator_alone_draws_the_batches():
    data = numbered_data(ragged([30, 20]))

    def draw(seed):
        batches = MemberBatches(data, 8, torch.Generator().manual_seed(seed))
        return [torch.cat([X for X, _ in batches], 1) for _ in range(2)]

    first, again, other = draw(0), draw(0), draw(1)
    assert torch.equal(first[0], again[0]) and torch.equal(first[1], again[1])
    assert not torch.equal(first[0], first[1])  # the epochs differ
    assert not torch.equal(first[0], other[0])


# Scores


def random_data(members):
    n = 1 + max(rows.max() for rows in [*members.train_rows, *members.part_rows])
    return MemberData(torch.randn(n, 4), torch.arange(n) % 3, None, members)


def as_it_is(X):
    return X


def random_mlp(n_members):
    """A small network with three scores that differ from row to row."""
    network = StackedMLP(n_members, 4, 3, hidden_layer_sizes=(8,))
    nn.init.normal_(network[-1].weight)
    return network


def test_every_entry_is_scored_by_the_member_that_holds_it_out():
    members = Members(
        [np.arange(5), np.arange(7)],
        [np.array([7, 5]), np.array([9, 8, 7]), np.array([8])],
        np.array([0, 1, 0]),
    )
    data, module = random_data(members), ModuleStack(nn.Linear, 2, 4, 3)
    scores = score_held_out(module, data)
    for entry, (row, part) in enumerate(zip(members.entry_row, members.entry_part, strict=True)):
        by_members = module(data.X[row].expand(2, 1, 4))
        torch.testing.assert_close(scores[entry], by_members[members.part_member[part], 0])


@pytest.mark.parametrize("kind", ["default", "other"])
def test_scores_of_a_row_do_not_depend_on_the_rows_beside_it(kind):
    """To the bit, alone, in one block and in several, at whatever place."""
    module = random_mlp(3) if kind == "default" else ModuleStack(nn.Linear, 3, 4, 3)
    n = 2 * answering_rows(module, torch.empty(1, 4)) + 3
    X = torch.randn(n, 4)
    scores = score_rows(module, as_it_is, X, 3)
    assert scores.shape == (3, n, 3) and scores.dtype == torch.float32
    for some in ([0], [n // 2], [n - 1], [n - 1, 3, 0], range(5), range(n)[::-1], range(1, n)):
        assert torch.equal(score_rows(module, as_it_is, X[list(some)], 3), scores[:, list(some)])


@pytest.mark.parametrize("n", [1, 3, 8, 9])
def test_a_block_is_filled_up_with_rows_that_are_not_answered(n, monkeypatch):
    monkeypatch.setattr(_scoring, "ANSWERING_ROWS", {True: 4, False: 4})
    module, X, sizes = random_mlp(3), torch.randn(n, 4), []

    def encode(X):
        sizes.append(X.shape[1])
        return X

    scores = score_rows(module, encode, X, 3)
    torch.testing.assert_close(scores, module(X.expand(3, n, 4)))
    assert sizes == [4] * -(-n // 4)


@pytest.mark.parametrize("sizes", [[30, 30], [6, 30]])
def test_joint_of_members_counts_every_training_row_once(sizes):
    members = ragged(sizes)
    data, module = random_data(members), random_mlp(2)
    joint = joint_of_members(module, data, 3)
    for m, rows in enumerate(members.train_rows):
        proba = module(data.X[rows].expand(2, -1, -1))[m].softmax(-1)
        expected = nn.functional.one_hot(data.y[rows], 3).float().T @ proba / len(rows)
        torch.testing.assert_close(joint[m], expected.detach())


@pytest.mark.parametrize("n_members", [1, 3])
def test_rows_kept_encoded_are_those_encoded_batch_by_batch(n_members, monkeypatch):
    rng = np.random.RandomState(0)
    table = np.c_[rng.normal(size=(5000, 3)), rng.randint(2, size=5000)]
    train = [np.arange(k, 5000 - k) for k in range(n_members)]
    members = Members(train, [np.array([0])] * n_members, np.arange(n_members))
    encoder = TableEncoder().fit(table, train)
    arguments = torch.as_tensor(encoder.read(table)), torch.zeros(5000), None, members
    kept = MemberData(*arguments, encoder.encoding)
    monkeypatch.setattr(_batches, "MOST_BYTES_OF_ROWS", 0)
    anew = MemberData(*arguments, encoder.encoding)
    assert kept.encoded is not None and anew.encoded is None
    batches = [MemberBatches(data, 700, torch.Generator().manual_seed(0)) for data in (kept, anew)]
    for (X, y), (other, y_of_other) in zip(*batches, strict=True):
        assert torch.equal(X, other) and torch.equal(y[0], y_of_other[0])
