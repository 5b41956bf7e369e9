"""The sample of the first pass is uniform, knows every class, and folds can be found again."""

import numpy as np
import pandas as pd
import pytest

from sklearn_mi._inputs import _reservoir
from sklearn_mi._inputs._open_rows import open_source
from sklearn_mi._inputs._reservoir import LEAST_OF_CLASS, sketch_rows
from sklearn_mi._inputs._row_hash import chosen_rows, find_folds, hash_cells

N_ROWS, SIZE = 4000, 1000


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    file = tmp_path_factory.mktemp("rows") / "rows.parquet"
    labels = np.where(np.arange(N_ROWS) % 3, "a", "b").astype(object)
    labels[[5, 3000]], labels[100:150] = "rare", "few"
    x = np.arange(N_ROWS) / N_ROWS
    frame = pd.DataFrame({"x": x, "text": labels, "label": labels})
    frame.to_parquet(file, row_group_size=300)
    return file


def sketch(file, size_of_strip=300, seed=0):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_reservoir, "SAMPLE_ROWS", SIZE)
        source = open_source(file, "label")
        source.size = size_of_strip
        return sketch_rows(source, 5, seed)


def test_counts_are_of_all_rows(file):
    assert sketch(file).n_rows == N_ROWS
    assert sketch(file).counts == pd.read_parquet(file)["label"].value_counts().to_dict()


def test_every_class_is_in_the_sample(file):
    counts = pd.Series(sketch(file).labels).value_counts()
    assert counts["rare"] == 2
    assert counts["few"] >= LEAST_OF_CLASS
    assert SIZE <= len(sketch(file).labels) <= SIZE + LEAST_OF_CLASS + 2


def test_the_sample_is_uniform_and_in_order(file):
    x = sketch(file).cells["x"].to_numpy()
    assert (np.diff(x) > 0).all()
    assert abs(x.mean() - 0.5) < 4 * np.sqrt(1 / 12 / SIZE)
    counts = np.histogram(x, 10, (0, 1))[0]
    assert counts.min() > 60, "about 100 of each tenth"


def test_it_is_the_same_for_one_seed_and_strips_of_any_size(file):
    one, other = sketch(file), sketch(file, size_of_strip=17)
    pd.testing.assert_frame_equal(one.cells, other.cells)
    np.testing.assert_array_equal(one.sample_folds, other.sample_folds)
    assert not one.cells["x"].isin(sketch(file, seed=1).cells["x"]).all()


def test_text_is_read_as_levels(file):
    assert isinstance(sketch(file).cells["text"].dtype, pd.CategoricalDtype)


def divide(cells, grouped=False):
    hashes, places = hash_cells(cells), np.arange(len(cells), dtype=np.uint64)
    folds = find_folds(cells, hashes, 5, 0, grouped)
    return folds.of(hashes, places)


def test_folds_are_of_about_one_size():
    counts = np.bincount(divide(np.random.default_rng(0).normal(size=(5000, 3))))
    assert len(counts) == 5
    assert abs(counts - 1000).max() < 5 * np.sqrt(800)


def test_copies_are_held_out_together():
    rows = np.random.default_rng(0).normal(size=(500, 3))
    folds = divide(np.tile(rows, (4, 1))).reshape(4, 500)
    assert (folds == folds[0]).all()


def test_rows_that_repeat_by_nature_are_not():
    rng = np.random.default_rng(0)
    cells = pd.DataFrame(rng.integers(0, 2, size=(4000, 3)), columns=list("abc"))
    folds = divide(cells)
    counts = np.bincount(4 * cells["a"] + 2 * cells["b"] + cells["c"] + 8 * folds, minlength=40)
    assert counts.min() > 60, "about 100 of each row in each fold"


def test_nor_is_a_row_of_zeros_among_others():
    cells = np.random.default_rng(0).normal(size=(2000, 3))
    cells[::2] = 0
    assert abs(np.bincount(divide(cells)[::2]) - 200).max() < 5 * np.sqrt(160)


def test_groups_stay_together_whatever_their_cells():
    groups = pd.DataFrame({"group": np.arange(4000) % 8})
    folds = pd.Series(divide(groups, grouped=True)).groupby(groups["group"])
    assert (folds.nunique() == 1).all()


def test_a_share_of_rows_is_chosen():
    places = np.arange(20_000, dtype=np.uint64)
    assert chosen_rows(places, 1.5, 0).all()
    chosen = chosen_rows(places, 0.2, 0)
    assert abs(chosen.mean() - 0.2) < 0.02
    assert 0.1 < chosen[chosen_rows(places, 0.2, 1)].mean() < 0.3, "apart from other seeds"
