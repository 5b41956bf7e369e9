"""Buffers bring each row once a pass, and to each network only rows that it does not hold out."""

import gc
import warnings
import weakref

import numpy as np
import pandas as pd
import pytest
import torch

from sklearn_mi._engine import _row_stream
from sklearn_mi._engine._batches import TrainingRows
from sklearn_mi._engine._row_stream import RowReader, RowStream, StreamedBatches
from sklearn_mi._inputs._open_rows import open_source
from sklearn_mi._inputs._reservoir import sketch_rows
from sklearn_mi._inputs._table_encoder import TableEncoder

N_ROWS, FOLDS = 700, 3
CLASSES = np.array(["u", "v"], dtype=object)


@pytest.fixture(scope="module")
def frame():
    x = np.random.default_rng(0).permutation(N_ROWS) + 0.5
    return pd.DataFrame({"x": x, "y": CLASSES[(x > 200).astype(int)]})


@pytest.fixture
def make_stream(frame, tmp_path, monkeypatch):
    def make_stream(window, buffer=100, class_weight=(1.0, 1.0), rows=frame):
        rows.to_parquet(tmp_path / "rows.parquet", row_group_size=60)
        source = open_source(tmp_path / "rows.parquet", "y")
        sketch = sketch_rows(source, FOLDS, seed=0)
        source.size, source.n_open = buffer, 4
        monkeypatch.setattr(_row_stream, "WINDOW_CELLS", window)
        encoder = TableEncoder().fit(sketch.cells, [np.arange(N_ROWS)] * FOLDS)
        reader = RowReader(source, encoder, CLASSES, sketch.folds)
        weight, device = np.array(class_weight), torch.device("cpu")
        prior = np.array([200, N_ROWS - 200]) / N_ROWS
        read = encoder.read(sketch.cells), np.zeros(N_ROWS, int), sketch.sample_folds
        sample = *read, np.ones(N_ROWS)
        return RowStream(reader, encoder.encoding, prior, weight, N_ROWS, sample, device)

    return make_stream


def drawn(stream, n_rows):
    """The column of so many rows of a stream, or a few more."""
    cells = []
    for _, buffer in stream.buffers():
        cells.append(buffer.X[:, 0].numpy())
        if sum(map(len, cells)) >= n_rows:
            return np.concatenate(cells)


def test_a_window_with_room_for_all_rows_brings_each_once_a_pass(make_stream, frame):
    cells = drawn(make_stream(window=10_000), 2 * N_ROWS)
    one, two = np.split(cells, 2)
    np.testing.assert_array_equal(np.sort(one), np.sort(frame["x"]))
    np.testing.assert_array_equal(np.sort(two), np.sort(frame["x"]))
    assert not np.array_equal(one, two), "passes differ in their order"


def test_no_row_is_lost_between_windows(make_stream):
    cells = drawn(make_stream(window=250), 4 * N_ROWS)
    counts = pd.Series(cells).value_counts()
    assert len(counts) == N_ROWS
    assert counts.min() >= 3, "the last window of a pass has rows of the next"
    assert counts.max() <= 6


def test_a_window_holds_rows_of_several_places(make_stream, frame):
    place = pd.Index(frame["x"]).get_indexer(drawn(make_stream(window=250), 250))
    assert len(np.unique(place // 60)) >= 4


def test_rows_in_the_order_of_their_labels_are_warned_of(make_stream, frame):
    ordered = frame.sort_values("x")
    with pytest.warns(UserWarning, match="Write the rows in random order"):
        drawn(make_stream(window=100, rows=ordered), 20 * N_ROWS)


def test_rows_in_random_order_are_not(make_stream):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn(make_stream(window=250), 4 * N_ROWS)


def test_labels_and_folds_are_those_of_the_rows(make_stream):
    stream = make_stream(10_000, buffer=10_000)
    _, buffer = next(stream.buffers())
    torch.testing.assert_close(buffer.y, (buffer.X[:, 0] > 200).long())
    held = np.stack([~np.isin(np.arange(N_ROWS), own) for own in map(own_rows(buffer), range(3))])
    assert (held.sum(axis=0) == 1).all(), "each row is held out by one member"
    sketch = stream.reader.folds
    _, again = next(make_stream(10_000, buffer=10_000).buffers())
    torch.testing.assert_close(again.train_rows, buffer.train_rows)
    assert sketch.n_folds == FOLDS


def own_rows(buffer):
    return lambda m: buffer.train_rows[m][~buffer.padding[m]].numpy()


def test_weights_of_classes_go_with_the_labels(make_stream):
    assert next(make_stream(1000).buffers())[1].weight is None
    _, buffer = next(make_stream(1000, class_weight=(3.0, 1.0)).buffers())
    torch.testing.assert_close(buffer.weight, torch.where(buffer.y == 0, 3.0, 1.0))


def test_epochs_go_on_in_the_stream(make_stream):
    stream = make_stream(10_000, buffer=10_000)
    sample = TrainingRows(torch.zeros(300, 1), torch.zeros(300), None, [np.arange(300)] * FOLDS)
    batches = StreamedBatches(sample, 64, torch.Generator().manual_seed(0), stream=stream)
    epochs = [[X for X, _ in batches] for _ in range(3)]
    assert [len(epoch) for epoch in epochs] == [5, 5, 5]
    assert {X.shape[0] for epoch in epochs for X in epoch} == {FOLDS}
    first = torch.cat([*epochs[0], *epochs[1][:2]], dim=1)[0, :, 0]
    assert len(first.unique()) == len(first), "a pass has no row twice"


def add_noise(X, generator):
    return X + torch.rand(X.shape, generator=generator)


def begin(stream, start=None, state=None):
    sample = TrainingRows(torch.zeros(300, 1), torch.zeros(300), None, [np.arange(300)] * FOLDS)
    generator, stream.start = torch.Generator().manual_seed(0), start
    if state is not None:
        generator.set_state(state)
    return StreamedBatches(sample, 64, generator, add_noise, stream=stream), generator


@pytest.mark.parametrize("window", [250, 10_000])
def test_batches_go_on_where_a_checkpoint_left_them(make_stream, window):
    stream, epochs, left = make_stream(window, buffer=150), [], []
    whole, generator = begin(stream)
    for _ in range(3):
        left.append((stream.place, generator.get_state()))
        epochs.append([X for X, _ in whole])
    for (start, state), epoch in zip(left[1:], epochs[1:], strict=True):
        again, _ = begin(make_stream(window, buffer=150), start, state)
        for X, (other, _) in zip(epoch, again, strict=True):
            torch.testing.assert_close(X, other, rtol=0, atol=0)


@pytest.mark.parametrize("window", [250, 10_000])
def test_rows_are_let_go_of_with_the_batches(make_stream, window):
    batches, _ = begin(make_stream(window, buffer=150))
    next(iter(batches))
    kept = weakref.ref(batches.batches)
    gc.disable()
    try:
        del batches
        assert kept() is None, "no cycle that waits for the garbage collector"
    finally:
        gc.enable()


def test_windows_take_the_room_of_those_before(make_stream):
    windows = make_stream(window=250)._windows(np.random.RandomState(0))
    cells = [next(windows)[0] for _ in range(4)]
    assert all(np.shares_memory(cells[0], own) for own in cells[1:])


def test_where_a_buffer_is_of_one_fold_its_network_gets_rows_of_the_sample(make_stream):
    stream = make_stream(250, buffer=100)
    folds = np.full(100, 1)
    folds[:3] = 0
    rows = np.zeros((100, 1), np.float32), np.zeros(100, int), folds, np.ones(100)
    buffer = stream._buffer(rows, 0)
    assert len(buffer.X) == 200, "a buffer, and as many of the sample"
    assert (buffer.n_train >= 60).all()
    held = set(stream.sample[0][stream.sample[2] == 1].ravel().tolist())
    own = buffer.X[own_rows(buffer)(1)].ravel().tolist()
    assert not held & set(own), "none that it holds out"
