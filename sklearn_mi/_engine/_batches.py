"""The rows of each member on the device, and the batches that are drawn of them."""

import itertools
import math

import numpy as np
import torch
from torch import nn

MOST_BYTES_OF_ROWS = 2**27  # of a table as all members see it, kept for the time of a fit
ENCODED_AT_ONCE = 2**12  # rows


class TrainingRows(torch.utils.data.Dataset):
    """Rows on the device, how each member sees them, and which of them it trains on.

    Parameters
    ----------
    X : Tensor of shape (n, p), or images (n, channels, height, width)
        As encoders read them.
    y : Tensor of shape (n,)
    weight : Tensor of shape (n,) or None
    train_rows : list of M int arrays
    encoding : TableEncoding or ImageEncoding, default=None
        None for rows that all members see as they are.
    """

    def __init__(self, X, y, weight, train_rows, encoding=None):
        self.X, self.y, self.weight = X, y, weight
        self.encoding = nn.Identity() if encoding is None else encoding
        self.n_train = torch.tensor([len(rows) for rows in train_rows], device=X.device)
        self.train_rows = padded(train_rows, X.device)
        self.padding = torch.arange(len(self), device=X.device) >= self.n_train[:, None]
        # What may be kept instead of encoding rows in every batch: (M, n, d), or the same for all.
        self.encoded = self._encode_all() if self._has_room_for_all() else None
        self.features = None
        self.first = torch.arange(len(self.n_train), device=X.device)[:, None] * len(X)

    def _has_room_for_all(self):
        """Whether rows of a table are few enough to keep as all members see them."""
        n_values = len(self.n_train) * len(self.X) * getattr(self.encoding, "width", math.inf)
        return 4 * n_values <= MOST_BYTES_OF_ROWS

    def _encode_all(self):
        blocks = self.X.split(ENCODED_AT_ONCE)
        n_members = len(self.n_train)
        return torch.cat([self.encoding(x.expand(n_members, *x.shape)) for x in blocks], dim=1)

    def __len__(self):
        return self.train_rows.shape[1]

    def inputs(self, rows):
        """Rows (M, B) as each member sees them, (M, B, d); or their features, where kept."""
        if self.features is not None:
            return self.features[rows]
        if self.encoded is None:
            return self.encoding(self.X[rows])
        flat = (rows + self.first).flatten()
        return self.encoded.flatten(0, 1).index_select(0, flat).view(*rows.shape, -1)

    def target(self, rows):
        """What the criterion takes beside the scores: labels and, where there are any, weights."""
        return (self.y[rows],) if self.weight is None else (self.y[rows], self.weight[rows])


class MemberData(TrainingRows):
    """The table on the device, how each member sees it, and the rows of each.

    Parameters
    ----------
    X : Tensor of shape (n, p), or images (n, channels, height, width)
        As encoders read them.
    y : Tensor of shape (n,)
    weight : Tensor of shape (n,) or None
    members : Members
    encoding : TableEncoding or ImageEncoding, default=None
        None for rows that all members see as they are.
    """

    def __init__(self, X, y, weight, members, encoding=None):
        super().__init__(X, y, weight, members.train_rows, encoding)
        held = [
            np.concatenate([members.part_rows[p] for p in np.flatnonzero(members.part_member == m)])
            for m in range(members.n_members)
        ]
        self.held_rows = padded(held, X.device)
        self.entry_index = self._locate_entries(members).to(X.device)
        self.entry_row = torch.as_tensor(members.entry_row, device=X.device)
        self.entry_part = torch.as_tensor(members.entry_part, device=X.device)
        self.part_member = torch.as_tensor(members.part_member, device=X.device)
        self.parts = members.parts
        self.outside = [torch.as_tensor(rows, device=X.device) for _, rows in self.parts]

    def _locate_entries(self, members):
        """Where each held-out entry stands in `held_rows`, flattened."""
        width, index, used = self.held_rows.shape[1], [], np.zeros(members.n_members, int)
        for member, rows in zip(members.part_member, members.part_rows, strict=True):
            index.append(member * width + used[member] + np.arange(len(rows)))
            used[member] += len(rows)
        return torch.as_tensor(np.concatenate(index))


class MemberBatches:
    """Batches sliced from tensors; each member draws its own rows.

    An epoch has ``ceil(n / batch_size)`` batches of equal size. A member with fewer rows than the
    largest one draws some of them twice, so that every batch is full for every member. `augment`,
    where it is not None, changes images at random, and `adversary` moves what comes of it.
    """

    def __init__(self, dataset, batch_size, generator, augment=None, adversary=None):
        self.dataset = dataset
        self.generator = generator
        self.augment = augment
        self.adversary = adversary
        self.n_batches = -(-len(dataset) // batch_size)
        self.batch_size = -(-len(dataset) // self.n_batches)

    def __iter__(self):
        return self.of_order(self.draw())

    def of_order(self, drawn, first=0):
        """The batches of rows in some order, from one of them on."""
        data = self.dataset
        groups = drawn.split(self.batch_size, dim=1)
        if data.encoded is None:
            inputs = map(data.inputs, groups[first:])
        else:  # all of an epoch at once, which take no more than those that are kept
            inputs = data.inputs(drawn).split(self.batch_size, dim=1)[first:]
        target = zip(*(of.split(self.batch_size, dim=1) for of in data.target(drawn)), strict=True)
        target = itertools.islice(target, first, None)
        for rows, X, own in zip(groups[first:], inputs, target, strict=True):
            yield self._changed(X, rows), own

    def _changed(self, X, rows):
        if self.augment is not None:
            X = self.augment(X, self.generator)
        if self.adversary is not None:
            X = self.adversary(X, rows, self.dataset.y[rows], self.generator)
        return X

    def draw(self):
        """A fresh order of each member's rows, (M, n_batches * batch_size)."""
        data, device = self.dataset, self.dataset.X.device
        key = torch.rand(data.train_rows.shape, generator=self.generator, device=device)
        key[data.padding] = 2.0  # goes last
        place = torch.arange(self.n_batches * self.batch_size, device=device)
        wrapped = place % data.n_train[:, None]
        return data.train_rows.gather(1, key.argsort(1).gather(1, wrapped))


def padded(groups, device):
    """Rows of each member as one matrix; shorter ones are filled with their first row, or row 0."""
    width = max(map(len, groups))
    rows = np.stack([np.r_[g, np.full(width - len(g), (*g[:1], 0)[0])] for g in groups])
    return torch.as_tensor(rows, device=device)
