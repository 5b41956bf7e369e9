"""A fit in passes that was killed goes on to the same bits."""

import numpy as np
import pandas as pd
import pytest
from killed_fits import Killed, Killer
from quick_fits import assert_same
from rows_in_files import BRIEF, gaussian_rows, write

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine import _checkpoint, _row_stream
from sklearn_mi._engine._kept_files import KeptFolder
from sklearn_mi._inputs import _reservoir

N_ROWS = 700


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Checkpoints whenever they can be; samples and windows that do not hold all rows."""
    monkeypatch.setattr(_checkpoint, "SECONDS_BETWEEN", 0)
    monkeypatch.setattr(_checkpoint, "MOST_SHARE", np.inf)
    monkeypatch.setattr(_reservoir, "SAMPLE_ROWS", 300)
    yield
    Killer.left = np.inf


@pytest.fixture
def file(tmp_path):
    return write(gaussian_rows(N_ROWS), tmp_path / "rows.parquet", 100)


def fit(file, left=np.inf, **params):
    Killer.left = left
    params = BRIEF | {"batch_size": 64, "max_iter": 6, "callbacks": [Killer()]} | params
    return MutualInfoClassifier(**params).fit(file, "y")


@pytest.mark.parametrize("window", [2**24, 1000], ids=["holds all", "holds some"])
def test_it_ends_in_the_same_bits(tmp_path, file, monkeypatch, window):
    monkeypatch.setattr(_row_stream, "WINDOW_CELLS", window)
    whole, folder = fit(file), tmp_path / "kept"
    for left in (5, 9):  # batches before a kill, of four in an epoch
        with pytest.raises(Killed):
            fit(file, left, checkpoint=folder)
    again = fit(file, checkpoint=folder)
    assert_same(again, whole)
    assert again.mutual_info_score_ == whole.mutual_info_score_
    assert not (folder / "fit").exists()


def test_it_goes_on_without_a_random_state(tmp_path, file):
    folder, params = tmp_path / "kept", {"random_state": None}
    with pytest.raises(Killed):
        fit(file, 5, checkpoint=folder, **params)
    with KeptFolder(folder) as kept:
        seed = _checkpoint.Checkpoint(kept).header["seed"]
    assert fit(file, checkpoint=folder, **params)._seed == seed


def test_a_row_that_changed_outside_of_the_sample_is_noticed(tmp_path, file):
    folder = tmp_path / "kept"
    with pytest.raises(Killed):
        fit(file, 5, checkpoint=folder)
    frame = pd.read_parquet(file)
    for row in (N_ROWS - 1, 0):  # of which one at least is in no sample of 300
        changed = frame.copy()
        changed.loc[row, "a"] += 1
        write(changed, file, 100)
        with pytest.raises(ValueError, match=r"another fit, which differs in .*rows of X"):
            fit(file, checkpoint=folder)


def test_a_group_that_changed_is_noticed(tmp_path):
    frame = gaussian_rows(N_ROWS).assign(g=np.arange(N_ROWS) % 100)
    file, folder = write(frame, tmp_path / "rows.parquet", 100), tmp_path / "kept"
    params = BRIEF | {"batch_size": 64, "max_iter": 6, "callbacks": [Killer()]}
    clf = MutualInfoClassifier(**params, checkpoint=folder)
    Killer.left = 5
    with pytest.raises(Killed):
        clf.fit(file, "y", groups="g")
    Killer.left = np.inf
    for row in (2, 350, N_ROWS - 1):
        changed = frame.copy()
        changed.loc[row, "g"] += 1
        write(changed, file, 100)
        with pytest.raises(ValueError, match="another fit, which differs in"):
            clf.fit(file, "y", groups="g")
