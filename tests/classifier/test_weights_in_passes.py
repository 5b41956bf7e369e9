"""Weights, and groups of a memory map, in a fit that reads rows in passes."""

import numpy as np
import pytest
from rows_in_files import BRIEF, brief_fit, gaussian_rows, write

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._inputs import _open_rows

N_ROWS = 2000


def weighted_rows():
    """Rows of a third class have no weight; those of "yes" have less."""
    frame, rng = gaussian_rows(N_ROWS), np.random.default_rng(1)
    scale = np.where(frame["y"] == "yes", 0.5, 1.5)
    return frame.assign(w=np.where(rng.random(N_ROWS) < 0.2, 0, scale * rng.exponential(N_ROWS)))


def test_the_estimate_is_that_of_a_fit_in_memory(tmp_path):
    frame = weighted_rows()
    X, y, w = frame[list("abc")], frame["y"], frame["w"]
    params = {**BRIEF, "cv": 5, "max_iter": 20}
    in_memory = MutualInfoClassifier(**params).fit(X, y, sample_weight=w)
    file = write(frame, tmp_path / "rows.parquet")
    clf = MutualInfoClassifier(**params).fit(file, "y", sample_weight="w")
    assert list(clf.feature_names_in_) == list("abc")
    np.testing.assert_allclose(clf.class_prior_, in_memory.class_prior_, rtol=1e-9)
    assert clf._n_units == (w > 0).sum()
    assert clf.mutual_info_score_ == pytest.approx(in_memory.mutual_info_score_, abs=0.02)
    assert clf.mutual_info_stderr_ == pytest.approx(in_memory.mutual_info_stderr_, rel=0.1)


def test_rows_of_weight_zero_leave_no_trace(tmp_path):
    frame = gaussian_rows(600)
    noise = frame.assign(y=frame["y"].to_numpy()[::-1], w=0.0)
    file = write(frame.assign(w=1.0), tmp_path / "one.parquet")
    both = tmp_path / "both"
    both.mkdir()
    write(frame.assign(w=1.0), both / "a.parquet")
    write(noise, both / "b.parquet")
    one, other = (brief_fit(path, sample_weight="w", max_iter=3) for path in (file, both))
    assert one._n_units == other._n_units == 600
    np.testing.assert_allclose(one.class_prior_, other.class_prior_, rtol=1e-12)
    assert one.mutual_info_score_ == pytest.approx(other.mutual_info_score_, abs=0.05)


def test_their_scale_does_not_matter(tmp_path):
    frame = weighted_rows()
    found = [
        brief_fit(write(frame.assign(w=scale * frame["w"]), tmp_path / name), sample_weight="w")
        for name, scale in (("a.parquet", 1), ("b.parquet", 1e-300))
    ]
    assert found[0].mutual_info_score_ == pytest.approx(found[1].mutual_info_score_, abs=1e-6)
    assert found[0].mutual_info_stderr_ == pytest.approx(found[1].mutual_info_stderr_, rel=1e-4)


def test_arrays_beside_a_memory_map(tmp_path, monkeypatch):
    frame, groups = weighted_rows(), np.arange(N_ROWS) // 4
    X = np.memmap(tmp_path / "X", dtype=float, mode="w+", shape=(N_ROWS, 3))
    X[:] = frame[list("abc")]
    monkeypatch.setattr(_open_rows, "LARGE", X.nbytes)
    clf = MutualInfoClassifier(**BRIEF).fit(X, frame["y"], frame["w"].to_numpy(), groups)
    used = np.unique(groups[frame["w"] > 0])
    assert clf._n_units == pytest.approx(len(used), rel=0.05), "some share a bin of hashes"
    assert clf.mutual_info_score_ > 0.1
