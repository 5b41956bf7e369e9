"""Buffers bring each row once a pass, and to each network only rows that it does not hold out."""

import itertools

import numpy as np
import pandas as pd
import pytest
import torch

from sklearn_mi._engine._batches import TrainingRows
from sklearn_mi._engine._row_stream import RowReader, RowStream, StreamedBatches
from sklearn_mi._inputs._reservoir import sketch_rows
from sklearn_mi._inputs._row_source import open_source
from sklearn_mi._inputs._table_encoder import TableEncoder

N_ROWS, FOLDS = 700, 3
CLASSES = np.array(["u", "v"], dtype=object)


@pytest.fixture(scope="module")
def frame():
    x = np.random.default_rng(0).permutation(N_ROWS) + 0.5
    return pd.DataFrame({"x": x, "y": CLASSES[(x > 200).astype(int)]})


@pytest.fixture
def make_stream(frame, tmp_path):
    def make_stream(buffer, class_weight=(1.0, 1.0)):
        frame.to_parquet(tmp_path / "rows.parquet", row_group_size=60)
        source = open_source(tmp_path / "rows.parquet", "y")
        sketch = sketch_rows(source, FOLDS, seed=0)
        source.size = buffer
        encoder = TableEncoder().fit(sketch.cells, [np.arange(N_ROWS)] * FOLDS)
        reader = RowReader(source, encoder, CLASSES, sketch.folds)
        weight, device = np.array(class_weight), torch.device("cpu")
        return RowStream(reader, encoder.encoding, weight, N_ROWS, device)

    return make_stream


def test_a_buffer_of_all_rows_is_a_pass(make_stream, frame):
    one, two = itertools.islice(make_stream(10_000), 2)
    expected = np.sort(frame["x"])
    for rows in (one, two):
        np.testing.assert_array_equal(np.sort(rows.X[:, 0]), expected)
    assert not torch.equal(one.X, two.X), "passes differ in their order"


def test_no_row_is_lost_between_buffers(make_stream):
    rows, n_passes = [], 3
    for buffer in make_stream(160):
        rows.append(buffer.X[:, 0].numpy())
        if sum(map(len, rows)) >= n_passes * N_ROWS:
            break
    counts = pd.Series(np.concatenate(rows)[: n_passes * N_ROWS]).value_counts()
    assert len(counts) == N_ROWS
    assert (counts == n_passes).all()


def test_a_buffer_holds_rows_of_several_places(make_stream, frame):
    buffer = next(iter(make_stream(160)))
    place = pd.Index(frame["x"]).get_indexer(buffer.X[:, 0].numpy())
    assert len(np.unique(place // 60)) == 8


def test_labels_and_folds_are_those_of_the_rows(make_stream):
    stream = make_stream(10_000)
    buffer = next(iter(stream))
    torch.testing.assert_close(buffer.y, (buffer.X[:, 0] > 200).long())
    held = np.stack([~np.isin(np.arange(N_ROWS), own) for own in map(own_rows(buffer), range(3))])
    assert (held.sum(axis=0) == 1).all(), "each row is held out by one member"
    sketch = stream.reader.folds
    again = next(iter(make_stream(10_000)))
    torch.testing.assert_close(again.train_rows, buffer.train_rows)
    assert sketch.n_folds == FOLDS


def own_rows(buffer):
    return lambda m: buffer.train_rows[m][~buffer.padding[m]].numpy()


def test_weights_of_classes_go_with_the_labels(make_stream):
    assert next(iter(make_stream(100))).weight is None
    buffer = next(iter(make_stream(100, class_weight=(3.0, 1.0))))
    torch.testing.assert_close(buffer.weight, torch.where(buffer.y == 0, 3.0, 1.0))


def test_epochs_go_on_in_the_stream(make_stream):
    stream = make_stream(10_000)
    sample = TrainingRows(torch.zeros(300, 1), torch.zeros(300), None, [np.arange(300)] * FOLDS)
    batches = StreamedBatches(sample, 64, torch.Generator().manual_seed(0), stream=stream)
    epochs = [[X for X, _ in batches] for _ in range(3)]
    assert [len(epoch) for epoch in epochs] == [5, 5, 5]
    assert {X.shape[0] for epoch in epochs for X in epoch} == {FOLDS}
    first = torch.cat([*epochs[0], *epochs[1][:2]], dim=1)[0, :, 0]
    assert len(first.unique()) == len(first), "a pass has no row twice"
