"""A fit in passes over files is as honest as one in memory, and finds as much."""

import numpy as np
import pandas as pd
import pytest
from rows_in_files import brief_fit, gaussian_rows, write
from sklearn.linear_model import LogisticRegression

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine import _passes, _passes_fit, _row_stream
from sklearn_mi._inputs import _reservoir

N_ROWS = 2000


@pytest.fixture(scope="module")
def frame():
    return gaussian_rows(N_ROWS)


@pytest.fixture(scope="module")
def file(frame, tmp_path_factory):
    return write(frame, tmp_path_factory.mktemp("rows") / "rows.parquet")


@pytest.fixture
def small_sample(monkeypatch):
    monkeypatch.setattr(_reservoir, "SAMPLE_ROWS", 1000)


def test_it_is_that_of_a_fit_in_memory(file, frame, small_sample):
    clf, params = brief_fit(file), {"estimators": None, "hidden_layer_sizes": 32}
    in_memory = MutualInfoClassifier(**params, max_iter=12, cv=5, random_state=0)
    in_memory.fit(frame.drop(columns="y"), frame["y"])
    assert clf.mutual_info_score_ == pytest.approx(in_memory.mutual_info_score_, abs=0.015)
    assert clf.mutual_info_stderr_ == pytest.approx(in_memory.mutual_info_stderr_, rel=0.1)
    assert clf.label_entropy_ == pytest.approx(in_memory.label_entropy_, abs=1e-12)
    np.testing.assert_allclose(clf.class_prior_, in_memory.class_prior_, rtol=1e-12)


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("loss", ["ce", "dmi"])
def test_of_a_sample_of_all_rows_it_is_what_its_held_out_entries_say(file, monkeypatch, loss):
    """So weights, companions cut to the steps of a part, pools and folds are all found again."""
    found, score = [], _passes_fit.score_in_passes
    calibrate = MutualInfoClassifier._calibrate_and_estimate

    def remember(clf, *arguments, **options):
        calibrate(clf, *arguments, **options)
        found.append((clf.mutual_info_score_, clf.mutual_info_stderr_, clf._n_units))

    monkeypatch.setattr(MutualInfoClassifier, "_calibrate_and_estimate", remember)
    monkeypatch.setattr(
        _passes_fit, "score_in_passes", lambda *args: found.append(score(*args)) or found[-1]
    )
    clf = brief_fit(file, loss=loss, estimators="auto", max_iter=3)
    assert set(clf.pool_weights_) == {"networks", "extra_trees", "boosting", "logistic"}
    assert found[1] == pytest.approx(found[0], rel=1e-5)


def test_wrong_labels_are_told_from_true_classes(tmp_path, small_sample):
    frame, rng = gaussian_rows(N_ROWS), np.random.default_rng(1)
    frame["a"] += 4 * (frame["y"] == "yes")
    true, wrong = frame["y"].copy(), rng.random(N_ROWS) < 0.2
    frame.loc[wrong, "y"] = np.where(true[wrong] == "yes", "no", "yes")
    clf = brief_fit(write(frame, tmp_path / "rows.parquet"), loss="dmi", max_iter=20)
    np.testing.assert_allclose(np.diag(clf.noise_matrix_), 0.8, atol=0.05)
    assert (clf.predict(frame[list("abc")]) == true).mean() > 0.97
    assert clf.clean_mutual_info_interval()[0] > 0.3 > clf.mutual_info_score_


@pytest.mark.usefixtures("few_trees")
def test_random_labels_tell_nothing(tmp_path, small_sample):
    frame = gaussian_rows(1200)
    frame["y"] = np.random.default_rng(1).permutation(frame["y"])
    clf = brief_fit(write(frame, tmp_path / "rows.parquet"), estimators="auto", max_iter=5)
    assert clf.mutual_info_score_ < 2 * clf.mutual_info_stderr_ + 1e-3


def test_copies_of_rows_do_not_either(tmp_path):
    frame = gaussian_rows(300)
    frame["y"] = np.random.default_rng(1).permutation(frame["y"])
    copied = pd.concat([frame] * 5).sample(frac=1, random_state=0)
    clf = brief_fit(write(copied, tmp_path / "rows.parquet"))
    assert clf.mutual_info_interval()[0] < 1e-3


@pytest.mark.parametrize("kind", ["number", "word"])
def test_copies_that_an_id_tells_apart_do_not_either(tmp_path, kind):
    frame, rng = gaussian_rows(300), np.random.default_rng(1)
    frame["y"] = rng.permutation(frame["y"])
    copied = pd.concat([frame] * 4).sample(frac=1, random_state=0)
    ids = rng.permutation(10_000)[: len(copied)]
    copied.insert(0, "id", ids if kind == "number" else [f"row-{i}" for i in ids])
    clf = brief_fit(write(copied, tmp_path / "rows.parquet"))
    assert clf.mutual_info_interval()[0] < 1e-3


def test_groups_that_stand_together_leave_no_network_without_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(_reservoir, "SAMPLE_ROWS", 600)
    monkeypatch.setattr(_row_stream, "WINDOW_CELLS", 600)
    frame = gaussian_rows(N_ROWS).assign(site=np.arange(N_ROWS) // 400)
    clf = brief_fit(write(frame, tmp_path / "rows.parquet", 100), groups="site", cv=2)
    assert clf.mutual_info_score_ > 0.1


def test_levels_that_repeat_by_nature_are_learnt(tmp_path):
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 2, (2, 1200))
    label = np.where(rng.random(1200) < 0.05, 1 - (a ^ b), a ^ b)
    frame = pd.DataFrame({"a": a, "b": b, "y": label})
    clf = brief_fit(write(frame, tmp_path / "rows.parquet"), max_iter=30)
    assert clf.mutual_info_score_ == pytest.approx(0.495, abs=0.06)


def test_groups_are_held_out_together(tmp_path):
    """Each group has a label of its own and a place of its own, which says nothing of others."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(40), 30)
    x = rng.normal(size=(40, 2))[group] + 0.01 * rng.normal(size=(1200, 2))
    frame = pd.DataFrame(
        {"a": x[:, 0], "b": x[:, 1], "who": group, "y": rng.integers(0, 2, 40)[group]}
    )
    file = write(frame.sample(frac=1, random_state=0), tmp_path / "rows.parquet")
    alone, together = brief_fit(file, max_iter=15), brief_fit(file, groups="who", max_iter=15)
    assert alone.mutual_info_score_ > 0.3
    assert together.mutual_info_score_ < 0.1
    assert list(together.feature_names_in_) == ["a", "b"]
    assert together.mutual_info_stderr_ > alone.mutual_info_stderr_ / 2
    assert together._n_units == 40


def test_of_many_rows_a_share_is_scored(file, monkeypatch, small_sample):
    whole = brief_fit(file)
    monkeypatch.setattr(_passes, "MOST_SCORED", 500)
    some = brief_fit(file)
    assert 400 < some._n_units < 600
    assert whole._n_units == N_ROWS
    gap = some.mutual_info_score_ - whole.mutual_info_score_
    assert abs(gap) < 3 * some.mutual_info_stderr_
    assert some.mutual_info_stderr_ == pytest.approx(2 * whole.mutual_info_stderr_, rel=0.2)


def test_a_rare_class_keeps_its_frequency_though_the_sample_has_more_of_it(tmp_path, monkeypatch):
    monkeypatch.setattr(_reservoir, "SAMPLE_ROWS", 300)
    rng = np.random.default_rng(0)
    cells = pd.DataFrame(rng.normal(size=(6000, 3)), columns=list("abc"))
    labels = (cells["a"] + rng.normal(size=6000) > 0).astype(int)
    labels[:24] = 2
    file = write(cells.assign(y=labels), tmp_path / "rare.parquet")
    logistic = [("logistic", LogisticRegression())]
    clf = MutualInfoClassifier(estimators=logistic, max_iter=2, cv=2, random_state=0)
    proba = clf.fit(file, "y").predict_proba(cells[-2000:])
    assert 0.002 < proba[:, 2].mean() < 0.008  # 24 of 6,000; of the sample 20 of 320 or so


def test_levels_beside_an_id_are_learnt_too(tmp_path):
    rng, n_rows = np.random.default_rng(0), 1500
    a, b = rng.integers(0, 6, n_rows), rng.integers(0, 5, n_rows)
    label = np.where(rng.random(n_rows) < 0.05, 1 - (a + b) % 2, (a + b) % 2)
    frame = pd.DataFrame({"id": rng.permutation(n_rows), "a": a, "b": b, "y": label})
    clf = brief_fit(write(frame, tmp_path / "rows.parquet"), max_iter=30)
    assert clf.mutual_info_score_ > 0.3
