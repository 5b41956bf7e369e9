"""What a fit to files, Datasets and memory maps takes, keeps and refuses."""

import pickle

import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pytest
from rows_in_files import BRIEF, brief_fit, gaussian_rows, write
from sklearn.base import clone

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._inputs import _open_rows, _reservoir
from sklearn_mi.exceptions import RareClassWarning

N_ROWS = 900


@pytest.fixture(scope="module")
def frame():
    return gaussian_rows(N_ROWS)


@pytest.fixture(scope="module")
def file(frame, tmp_path_factory):
    return write(frame, tmp_path_factory.mktemp("rows") / "rows.parquet", 100)


@pytest.fixture(scope="module")
def clf(file):
    return brief_fit(file, max_iter=5)


def odd_frame():
    rng, frame = np.random.default_rng(0), gaussian_rows(N_ROWS)
    frame["text"] = np.where(frame["y"] == "yes", "u", "v").astype(object)
    frame["when"] = pd.to_datetime("2020-01-01") + pd.to_timedelta(np.arange(N_ROWS), unit="D")
    frame["flag"] = rng.random(N_ROWS) < 0.5
    frame["level"] = pd.Categorical(rng.choice(["k", "l"], N_ROWS))
    frame["constant"] = 1
    frame.loc[::5, ["a", "text", "when"]] = None
    frame.loc[700:705, "text"] = [f"only in row {row}" for row in range(700, 706)]
    return frame


def test_columns_of_all_kinds(tmp_path, monkeypatch):
    monkeypatch.setattr(_reservoir, "SAMPLE_ROWS", 300)
    frame = odd_frame()
    clf = brief_fit(write(frame, tmp_path / "rows.parquet", 90), max_iter=30)
    assert clf.feature_names_in_.tolist() == [name for name in frame if name != "y"]
    assert clf.mutual_info_score_ > 0.4
    levels = clf._encoder.levels_[0]
    assert {"u", "v", None} < set(levels)
    assert sum("only in row" in str(level) for level in levels) < 6, "others are not in the sample"
    assert clf.score(frame.drop(columns="y"), frame["y"]) > 0.9


def test_a_list_of_files_is_all_of_them(tmp_path, frame):
    write(frame, tmp_path / "rows.parquet")
    parts = [write(frame[k::2], tmp_path / f"{k}.parquet") for k in range(2)]
    whole = brief_fit(tmp_path / "rows.parquet", max_iter=1)
    of_parts = brief_fit(parts, max_iter=1)
    assert of_parts._n_rows_in_passes == whole._n_rows_in_passes
    np.testing.assert_array_equal(of_parts.class_prior_, whole.class_prior_)
    with pytest.raises(FileNotFoundError, match=r"'none.parquet' is no file.*a list of paths"):
        brief_fit([*parts, "none.parquet"])


@pytest.mark.filterwarnings("ignore:.*held-out row:RuntimeWarning")
def test_a_class_of_two_rows_far_from_the_sample(tmp_path, monkeypatch):
    monkeypatch.setattr(_reservoir, "SAMPLE_ROWS", 300)
    frame = gaussian_rows(N_ROWS)
    frame.loc[[3, 880], "y"] = "rare"
    with pytest.warns(RareClassWarning, match=r"'rare' \(2 rows\).*by a hash"):
        clf = brief_fit(write(frame, tmp_path / "rows.parquet"), max_iter=5)
    assert clf.classes_.tolist() == ["no", "rare", "yes"]
    assert clf.class_prior_[1] == pytest.approx(2 / N_ROWS)
    assert np.isfinite(clf.mutual_info_score_)


@pytest.mark.parametrize("labels", [[3, 7], [False, True], [1.0, 2.0]])
def test_labels_of_any_type(tmp_path, frame, labels):
    own = frame.assign(y=np.array(labels)[(frame["y"] == "yes").astype(int)])
    clf = brief_fit(write(own, tmp_path / "rows.parquet"), max_iter=2)
    assert clf.classes_.tolist() == labels
    assert clf.score(own[list("abc")], own["y"]) > 0.7


def test_one_seed_gives_one_fit(file, clf, frame):
    again = brief_fit(str(file), max_iter=5)
    X = frame[list("abc")]
    assert again.mutual_info_score_ == clf.mutual_info_score_
    np.testing.assert_array_equal(again.predict_proba(X), clf.predict_proba(X))
    other = brief_fit(file, max_iter=5, random_state=np.random.RandomState(3))
    assert other.mutual_info_score_ != clf.mutual_info_score_


def test_a_dataset_and_a_folder_are_as_the_file(file, clf):
    for X in (ds.dataset(file), file.parent):
        assert brief_fit(X, max_iter=5).mutual_info_score_ == clf.mutual_info_score_


def test_a_large_memory_map(tmp_path, frame, monkeypatch):
    X = np.memmap(tmp_path / "X", dtype=float, mode="w+", shape=(N_ROWS, 3))
    X[:] = frame[list("abc")]
    in_memory = MutualInfoClassifier(**BRIEF).fit(X, frame["y"])
    assert len(in_memory.oof_log_proba_) == N_ROWS
    monkeypatch.setattr(_open_rows, "LARGE", X.nbytes)
    clf = MutualInfoClassifier(**BRIEF).fit(X, frame["y"])
    assert not hasattr(clf, "oof_log_proba_")
    assert clf.mutual_info_score_ == pytest.approx(in_memory.mutual_info_score_, abs=0.03)


def test_it_is_stored_and_cloned(clf, frame):
    again, X = pickle.loads(pickle.dumps(clf)), frame[list("abc")]
    np.testing.assert_array_equal(again.predict_proba(X), clf.predict_proba(X))
    assert again.mutual_info_interval() == clf.mutual_info_interval()
    assert len(pickle.dumps(clf)) < 300_000
    clone(again)


@pytest.mark.parametrize("name", ["oof_log_proba_", "oof_pointwise_mutual_info_"])
def test_what_is_not_kept_says_why(clf, name):
    assert not hasattr(clf, name)
    with pytest.raises(AttributeError, match=f"{name} is not kept .* passes"):
        getattr(clf, name)
    with pytest.raises(AttributeError, match="no attribute 'oof_log_proba_'"):
        MutualInfoClassifier().oof_log_proba_  # noqa: B018


def test_a_fit_in_memory_afterwards_keeps_it(file, frame):
    clf = brief_fit(file, max_iter=2)
    clf.fit(frame[list("abc")], frame["y"])
    assert clf.oof_log_proba_.shape == (N_ROWS, 2)


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"warm_start": True}, "warm_start=True"),
        ({"cv": None}, "cv=None"),
        ({"cv": 700}, "cv=700 folds hold"),
    ],
)
def test_what_takes_all_rows_at_once_is_refused(file, params, text):
    with pytest.raises(ValueError, match=text):
        brief_fit(file, **params)


@pytest.mark.parametrize(
    "params",
    [
        {"loss": "pc_softmax", "class_weight": "balanced"},
        {"loss": "gccs"},
        {"cv": 3},
        {"adversarial_training": 0.1},
    ],
)
def test_what_is_not_refused_works(file, params):
    assert brief_fit(file, **params).mutual_info_score_ > 0.1


def test_a_stream_goes_on_from_it(file, frame):
    clf = brief_fit(file, max_iter=2)
    X = frame[list("abc")]
    clf.partial_fit(X[:100], frame["y"][:100])
    assert clf.n_samples_seen_ == 100
    clf.fit(X, frame["y"])
    assert not hasattr(clf, "mutual_info_history_")
