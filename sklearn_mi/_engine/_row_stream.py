"""Batches of rows that do not fit into memory, through a buffer in which they are shuffled."""

import itertools
import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from .._inputs._row_hash import Folds
from .._inputs._row_source import RowSource
from ._batches import MemberBatches, TrainingRows
from ._resources import to_device

STRIPS = 8  # that make a buffer
WINDOW_CELLS = 2**24
MOST_APART = 0.1  # of class frequencies of a window and of all rows, half the sum of differences
SORTED = (
    "Rows that stand together in X have labels of their own: in {n:,} rows that were shuffled "
    "together the frequencies of classes are {apart:.0%} away from those of all. Networks learn "
    "less so, and the estimate is lower than it could be. Write the rows in random order."
)


def warn_if_sorted(labels, class_prior):
    """Warn of rows that come in the order of their labels."""
    shares = np.bincount(labels, minlength=len(class_prior)) / len(labels)
    apart = np.abs(shares - class_prior).sum() / 2
    if apart > MOST_APART + np.sqrt(len(class_prior) / len(labels)):
        warnings.warn(SORTED.format(n=len(labels), apart=apart), stacklevel=2)


class RowReader(NamedTuple):
    """What makes numbers of rows as a source has them.

    Attributes
    ----------
    source : RowSource
    encoder : TableEncoder
    classes : ndarray of shape (K,)
    folds : Folds
    """

    source: RowSource
    encoder: object
    classes: np.ndarray
    folds: Folds

    def read(self, rows):
        """Rows as an encoder reads them, (n, p), encoded labels (n,) and folds (n,)."""
        labels = pd.Index(self.classes).get_indexer(rows.labels)
        if (labels < 0).any():
            label = rows.labels[int(np.argmin(labels))]
            raise ValueError(
                f"The label {label!r} was not found again among those of the first pass. Write y "
                "as text or whole numbers; and leave files alone while they are read."
            )
        folds = self.folds.of(rows.hashes, rows.places)
        return self.encoder.read(rows.cells, check=False), labels, folds


class RowStream:
    """Buffers of rows without end, pass after pass, each in another order of the pieces.

    Rows are shuffled in windows, as many as have room, which several pieces in turn fill: all rows,
    if there is room for them. A buffer is a random part of a window.

    Parameters
    ----------
    reader : RowReader
    encoding : TableEncoding
        What the members see.
    class_prior, class_weight : ndarrays of shape (K,)
    n_rows : int
        Of the source.
    device : torch.device
    """

    def __init__(self, reader, encoding, class_prior, class_weight, n_rows, device):
        self.reader, self.device = reader, device
        self.encoding = encoding.to(device)
        self.class_prior = class_prior
        self.class_weight = None if np.ptp(class_weight) == 0 else class_weight
        self.size = min(reader.source.size, n_rows)
        self.strip = -(-self.size // STRIPS)
        room = WINDOW_CELLS // max(1, len(reader.encoder.columns_))
        self.window, self.holds_all = min(n_rows, max(room, self.size)), n_rows <= room

    def __iter__(self):
        rng = np.random.RandomState(self.reader.folds.seed)
        for X, labels, folds in self._windows(rng):
            order = rng.permutation(len(labels))
            for some in np.array_split(order, -(-len(order) // self.size)):
                yield self._buffer(X[some], labels[some], folds[some])

    def _windows(self, rng):
        source = self.reader.source
        n_open = min(source.n_open, source.n_pieces)
        if self.holds_all:
            window = self._fill(source.strips(range(source.n_pieces), self.strip))
            yield from itertools.repeat(window)
        orders = (rng.permutation(source.n_pieces) for _ in itertools.count())
        strips = source.strips(itertools.chain.from_iterable(orders), self.strip, n_open)
        while True:
            window = self._fill(strips)
            warn_if_sorted(window[1], self.class_prior)
            yield window

    def _fill(self, strips):
        """Rows as they are read, encoded labels and folds of the next strips."""
        n_rows, held = 0, None
        for rows in strips:
            read, start = self.reader.read(rows), n_rows
            n_rows += len(rows.labels)
            if held is None:
                room = self.window + self.strip
                held = [np.empty((room, *part.shape[1:]), part.dtype) for part in read]
            for whole, part in zip(held, read, strict=True):
                whole[start:n_rows] = part
            if n_rows >= self.window:
                break
        return [whole[:n_rows] for whole in held]

    def _buffer(self, X, labels, folds):
        train_rows = [np.flatnonzero(folds != m) for m in range(self.reader.folds.n_folds)]
        weight = None
        if self.class_weight is not None:
            weight = torch.as_tensor(self.class_weight[labels], dtype=torch.float32)
            weight = weight.to(self.device)
        X, y = to_device(X, self.device), torch.as_tensor(labels, device=self.device)
        return TrainingRows(X, y, weight, train_rows, self.encoding)


class StreamedBatches:
    """The batches of an epoch, from a stream that goes on where the last epoch has ended.

    Parameters
    ----------
    dataset : MemberData
        A sample of the rows, which says how many batches make an epoch.
    batch_size : int
    generator : torch.Generator
    augment, adversary : None
    stream : RowStream
    """

    def __init__(self, dataset, batch_size, generator, augment=None, adversary=None, stream=None):
        self.n_batches = -(-len(dataset) // batch_size)
        buffers = (MemberBatches(rows, batch_size, generator, augment) for rows in stream)
        self.batches = itertools.chain.from_iterable(buffers)

    def __iter__(self):
        return itertools.islice(self.batches, self.n_batches)
