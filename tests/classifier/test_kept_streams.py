"""Streams: what is remembered, for how long, and how it is stored."""

import copy
import pickle

import pytest
import skops.io
from numpy.testing import assert_array_equal
from quick_fits import classifier
from sklearn.base import clone
from small_streams import chunks_of, stream, with_types

from sklearn_mi._engine import _recent_rows


@pytest.fixture
def short_memory(monkeypatch):
    monkeypatch.setattr(_recent_rows, "REMEMBERED", 100)


def test_memory_and_work_stay_bounded(rows, short_memory, monkeypatch):
    X, y = rows
    learnt, learn = [], type(classifier())._learn
    monkeypatch.setattr(
        type(classifier()),
        "_learn",
        lambda self, rows, classes: (learnt.append(len(rows.labels)), learn(self, rows, classes)),
    )
    clf = stream(chunks_of(X, y, 20), max_iter=1)
    assert len(clf._recent_rows) == 100 and len(clf._recent_rows.chunks) == 5
    assert learnt == [20, 40, 60, 80, 100, 100, 100, 100]
    assert clf.n_samples_seen_ == 240


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda clf: pickle.loads(pickle.dumps(clf))])
def test_a_stored_stream_goes_on(rows, copied):
    X, y = rows
    chunks = chunks_of(with_types(X), y)
    whole, half = stream(chunks), copied(stream(chunks[:2])).partial_fit(*chunks[2])
    assert_array_equal(half.predict_proba(chunks[0][0]), whole.predict_proba(chunks[0][0]))
    assert half.mutual_info_score_ == whole.mutual_info_score_


def test_skops_stores_streams_of_arrays_and_says_what_it_cannot(rows):
    X, y = rows
    clf = stream([(X, y)])
    opened = skops.io.loads(
        skops.io.dumps(clf), trusted=["sklearn_mi._classifier.MutualInfoClassifier"]
    )
    assert_array_equal(opened.predict_proba(X), clf.predict_proba(X))
    with pytest.raises(TypeError, match="skops cannot store rows that a stream remembers"):
        skops.io.dumps(stream([(with_types(X), y)]))


def test_the_same_seed_gives_the_same_stream(rows):
    chunks = chunks_of(*rows)
    first, second = stream(chunks), stream(chunks)
    assert first.mutual_info_score_ == second.mutual_info_score_
    assert_array_equal(first.predict_proba(rows[0]), second.predict_proba(rows[0]))
    assert not hasattr(clone(first), "classes_")


def test_warm_start_is_for_fit(rows):
    chunks = chunks_of(*rows)
    warm = stream(chunks, warm_start=True)
    assert warm.mutual_info_score_ == stream(chunks).mutual_info_score_


def test_a_checkpoint_is_for_fit(rows, tmp_path):
    with pytest.warns(UserWarning, match="keeps nothing of partial_fit. Store the classifier"):
        kept = stream(chunks_of(*rows), checkpoint=tmp_path / "folder")
    assert not (tmp_path / "folder").exists()
    assert kept.mutual_info_score_ == stream(chunks_of(*rows)).mutual_info_score_
