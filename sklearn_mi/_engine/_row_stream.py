"""Batches of rows that do not fit into memory, through a buffer in which they are shuffled."""

import itertools
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from .._inputs._row_hash import Folds
from .._inputs._row_source import RowSource
from ._batches import MemberBatches, TrainingRows
from ._resources import to_device

OPEN = 8  # pieces of the source that fill a buffer together


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
        folds = self.folds.of(rows.hashes, rows.places)
        return self.encoder.read(rows.cells, check=False), labels, folds


class RowStream:
    """Buffers of rows without end, pass after pass, each in another order of the pieces.

    Parameters
    ----------
    reader : RowReader
    encoding : TableEncoding
        What the members see.
    class_weight : ndarray of shape (K,)
    n_rows : int
        Of the source.
    device : torch.device
    """

    def __init__(self, reader, encoding, class_weight, n_rows, device):
        self.reader, self.device = reader, device
        self.encoding = encoding.to(device)
        self.class_weight = None if np.ptp(class_weight) == 0 else class_weight
        self.size = min(reader.source.size, n_rows)

    def __iter__(self):
        source, n_pending, pending = self.reader.source, 0, []
        rng = np.random.RandomState(self.reader.folds.seed)
        while True:
            order = rng.permutation(source.n_pieces)
            for rows in source.strips(order, -(-self.size // OPEN), OPEN):
                pending.append(self.reader.read(rows))
                n_pending += len(rows.labels)
                if n_pending >= self.size:
                    yield self._buffer(*map(np.concatenate, zip(*pending, strict=True)))
                    n_pending, pending = 0, []

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
