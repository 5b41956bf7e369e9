"""Batches of rows that do not fit into memory, through a buffer in which they are shuffled."""

import itertools
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from .._inputs._row_hash import Folds
from .._inputs._row_source import RowSource, as_pixels
from ..exceptions import DataWarning, warn
from ._batches import MemberBatches, TrainingRows
from ._resources import to_device

STRIPS = 8  # that make a buffer
WINDOW_CELLS = 2**24
LEAST_SHARE = 0.1  # of a buffer that each network trains on
MOST_APART = 0.1  # of class frequencies of a window and of all rows, half the sum of differences
SORTED = (
    "Rows that stand together in X have labels of their own: in {n:,} rows that were shuffled "
    "together the frequencies of classes are {apart:.0%} away from those of all. Networks learn "
    "less so, and the estimate is lower than it could be. Write the rows in random order."
)


def warn_if_sorted(labels, weights, class_prior):
    """Warn of rows that come in the order of their labels."""
    shares = np.bincount(labels, weights, minlength=len(class_prior)) / weights.sum()
    apart = np.abs(shares - class_prior).sum() / 2
    if apart > MOST_APART + np.sqrt(len(class_prior) / len(labels)):
        warn(SORTED.format(n=len(labels), apart=apart), DataWarning)


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
        return self._encode(rows.cells), labels, self.folds.of(rows.hashes, rows.places)

    def _encode(self, cells):
        if (shape := getattr(self.encoder, "image_shape_", None)) is None:
            return self.encoder.read(cells, check=False)
        return self.encoder.read(as_pixels(cells).reshape(len(cells), *shape))


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
    sample : tuple of ndarrays
        Some rows as they are read, encoded labels, folds and weights.
    device : torch.device

    Attributes
    ----------
    place, start : dict or None
        Where batches are in it, and where they are to begin: the number of a buffer, how many of
        its batches were drawn, and the generator before the first of these.
    """

    def __init__(self, reader, encoding, class_prior, class_weight, n_rows, sample, device):
        self.reader, self.device, self.place, self.start = reader, device, None, None
        self.encoding = encoding.to(device)
        self.class_prior, self.class_weight = class_prior, class_weight
        self.sample = sample
        self.weighted = reader.source.weighted or np.ptp(class_weight) > 0
        self.size = min(reader.source.size, n_rows)
        self.strip = -(-self.size // STRIPS)
        room = WINDOW_CELLS // max(1, reader.source.n_cells)
        self.window, self.holds_all = min(n_rows, max(room, self.size)), n_rows <= room

    def buffers(self, first=0):
        """Buffers, each after its number; those before the first are not made."""
        rng, number = np.random.RandomState(self.reader.folds.seed), itertools.count()
        for window in self._windows(rng):
            order = rng.permutation(len(window[1]))
            for some in np.array_split(order, -(-len(order) // self.size)):
                if (own := next(number)) >= first:
                    yield own, self._buffer([part[some] for part in window], own)

    def _windows(self, rng):
        source = self.reader.source
        n_open = min(source.n_open, source.n_pieces)
        if self.holds_all:
            window = self._fill(source.strips(range(source.n_pieces), self.strip), [])
            yield from itertools.repeat(window)
        orders = (rng.permutation(source.n_pieces) for _ in itertools.count())
        strips = source.strips(itertools.chain.from_iterable(orders), self.strip, n_open)
        held = []
        while True:
            window = self._fill(strips, held)
            warn_if_sorted(window[1], window[3], self.class_prior)
            yield window

    def _fill(self, strips, held):
        """Rows as they are read, encoded labels, folds and weights of the next strips.

        They take the place of those before in `held`, which is empty at first.
        """
        n_rows = 0
        for rows in strips:
            read, start = (*self.reader.read(rows), rows.weights), n_rows
            n_rows += len(rows.labels)
            if not held:
                room = self.window + self.strip
                held += [np.empty((room, *part.shape[1:]), part.dtype) for part in read]
            for whole, part in zip(held, read, strict=True):
                whole[start:n_rows] = part
            if n_rows >= self.window:
                break
        return [whole[:n_rows] for whole in held]

    def _buffer(self, parts, number):
        X, labels, folds, weights = self._with_rows_for_all(parts, number)
        train_rows = [np.flatnonzero(folds != m) for m in range(self.reader.folds.n_folds)]
        weighted = self.weighted or len(folds) > len(parts[2])
        weight = self._on_device(weights * self.class_weight[labels]) if weighted else None
        X, y = to_device(X, self.device), torch.as_tensor(labels, device=self.device)
        return TrainingRows(X, y, weight, train_rows, self.encoding)

    def _with_rows_for_all(self, parts, number):
        """A buffer, and rows of the sample beside it where nearly all of it is of one fold.

        Else a member that holds out this fold would have none, or a few again and again.
        """
        folds, n_folds = parts[2], self.reader.folds.n_folds
        if len(folds) - np.bincount(folds, minlength=n_folds).max() >= LEAST_SHARE * len(folds):
            return parts
        rng, n_rows = np.random.RandomState([self.reader.folds.seed, number]), len(self.sample[1])
        some = rng.choice(n_rows, min(n_rows, self.size), replace=False)
        both = zip(parts, self.sample, strict=True)
        return [np.concatenate([part, own[some]]) for part, own in both]

    def _on_device(self, weight):
        return torch.as_tensor(weight, dtype=torch.float32, device=self.device)


class StreamedBatches:
    """The batches of an epoch, from a stream that goes on where the last epoch has ended.

    Parameters
    ----------
    dataset : MemberData
        A sample of the rows, which says how many batches make an epoch.
    batch_size : int
    generator : torch.Generator
    augment, adversary : callable or None
        As `MemberBatches` has them.
    stream : RowStream
    """

    def __init__(self, dataset, batch_size, generator, augment=None, adversary=None, stream=None):
        self.n_batches = -(-len(dataset) // batch_size)
        self.batches = _endless(stream, (batch_size, generator, augment), adversary)

    def __iter__(self):
        return itertools.islice(self.batches, self.n_batches)


# Functions, not methods, so that rows are let go of with `StreamedBatches`, which they do not name.
def _endless(stream, options, adversary):
    """All batches without end, or those after the place where a checkpoint left the stream."""
    start, stream.start = stream.start, None
    for number, rows in stream.buffers(start["buffer"] if start else 0):
        own = None if adversary is None else adversary.on(rows)
        yield from _of_buffer(stream, MemberBatches(rows, *options, own), number, start)
        start = rows = own = None  # no room for two buffers


def _of_buffer(stream, batches, number, start):
    generator = batches.generator
    now = generator.get_state()
    before, n_done = (start["generator"], start["batch"]) if start else (now, 0)
    generator.set_state(before)
    drawn = batches.draw()
    if start:
        generator.set_state(now)  # which has seen all that came before the kill
    for batch in batches.of_order(drawn, n_done):
        n_done += 1
        stream.place = {"buffer": number, "batch": n_done, "generator": before}
        yield batch
