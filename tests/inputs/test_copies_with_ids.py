"""Copies are told whatever ids stand beside them; rows that repeat by nature still are not."""

import warnings
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from sklearn_mi._inputs._row_chance import chance_explains
from sklearn_mi._inputs._row_hash import find_folds, hash_cells
from sklearn_mi.model_selection import cross_val_mutual_info, group_repeated_rows

N = 200
COLUMNS = {
    "numbers": lambda rng: rng.normal(size=N),
    "hundredths": lambda rng: rng.normal(size=N).round(2),
    "tenths": lambda rng: rng.exponential(50, size=N).round(1),
    "ages": lambda rng: rng.integers(18, 80, size=N),
    "levels": lambda rng: rng.choice([*"abcdef"], N),
    "bits": lambda rng: rng.integers(2, size=N),
}
IDS = {
    "whole": lambda rng: rng.permutation(N) + 1000,
    "with gaps": lambda rng: rng.choice(20 * N, N, replace=False),
    "float": lambda rng: rng.permutation(N) + 0.5,
    "uuid": lambda rng: [str(UUID(bytes=rng.bytes(16))) for _ in range(N)],
    "second": lambda rng: pd.Timestamp("2024") + pd.to_timedelta(rng.permutation(N), "s"),
    "some missing": lambda rng: np.where(rng.random(N) < 0.2, np.nan, rng.permutation(N)),
}
HUNDREDTHS = ["hundredths"] * 2


def make(kinds, made, seed):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({f"{kind} {j}": made[kind](rng) for j, kind in enumerate(kinds)})


def is_told(table):
    return not chance_explains([table.iloc[:, j] for j in range(table.shape[1])])


def said(X):
    """What is said of copies in a cross-validation."""
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        cross_val_mutual_info(_Blind(), X, np.arange(len(X)) % 2)
    return [str(w.message) for w in raised if "stand in the training rows" in str(w.message)]


class _Blind(LogisticRegression):
    """Looks at no cell."""

    def fit(self, X, y):
        return super().fit(np.zeros((len(X), 1)), y)

    def predict_proba(self, X):
        return super().predict_proba(np.zeros((len(X), 1)))


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("kind", IDS)
def test_an_id_that_is_copied_with_its_row_hides_nothing(kind, first):
    beside, ids = make(HUNDREDTHS, COLUMNS, seed=0), make([kind], IDS, seed=1)
    table = pd.concat([ids, beside] if first else [beside, ids], axis=1)
    twice = pd.concat([table, table], ignore_index=True)
    (text,) = said(twice)
    assert "equal in every column, more" in text
    assert not said(table)


@given(
    kinds=st.lists(st.sampled_from([*COLUMNS]), min_size=1, max_size=5),
    ids=st.lists(st.sampled_from([*IDS]), min_size=1, max_size=3),
    draw=st.sampled_from(["twice", "drawn"]),
    seed=st.integers(0, 999),
)
@settings(max_examples=40, deadline=None)
def test_what_is_told_without_ids_is_told_with_them(kinds, ids, draw, seed):
    beside, ids = make(kinds, COLUMNS, seed), make(ids, IDS, seed + 1)
    rng = np.random.default_rng(seed)
    rows = np.tile(np.arange(N), 2) if draw == "twice" else rng.integers(N, size=N)
    table = pd.concat([beside, ids], axis=1).sample(frac=1, axis=1, random_state=seed)
    assert is_told(table.iloc[rows]) >= is_told(beside.iloc[rows])
    assert not said(table), "none comes twice"


@given(n_columns=st.integers(1, 3), seed=st.integers(0, 999))
@settings(max_examples=20, deadline=None)
def test_a_level_that_has_others_above_it_is_no_id(n_columns, seed):
    place = np.random.default_rng(seed).integers(60, size=N)
    table = pd.DataFrame({f"c{j}": place // 4**j for j in range(n_columns + 1)}).astype(str)
    assert not said(table)


# --- an id of its own for each copy --------------------------------------------------------------


@pytest.mark.parametrize("kind", ["whole", "float", "uuid"])
def test_copies_that_were_numbered_afterwards_are_told(kind):
    beside = make(HUNDREDTHS, COLUMNS, seed=0)
    twice = pd.concat([beside, beside], ignore_index=True)
    ids = pd.concat([make([kind], IDS, seed=seed) for seed in (1, 2)], ignore_index=True)
    if kind != "uuid":
        ids = ids // 1 + N * (ids.index.to_numpy()[:, None] >= N)
    table = twice.assign(id=ids)
    (text,) = said(table)
    assert "but what gives each row a number or name of its own ('id'), more" in text
    assert "group_repeated_rows(X.drop(columns=['id']))" in text
    assert len(set(group_repeated_rows(table.drop(columns=["id"])))) < 1.1 * N
    if kind != "uuid":
        (text,) = said(table.to_numpy())
        assert "group_repeated_rows(numpy.delete(X, [2], axis=1))" in text


@pytest.mark.parametrize("beside", [["levels", "bits"], ["ages"], ["hundredths"]])
def test_numbered_rows_of_few_levels_are_not(beside):
    assert not said(make(beside, COLUMNS, seed=0).assign(id=np.arange(N)))


def test_measurements_and_texts_are_no_numbers_of_rows():
    sites = make(["numbers", "numbers"], COLUMNS, seed=0).iloc[np.arange(N) // 10]
    sites = sites.reset_index(drop=True)
    assert not said(sites.assign(x=np.random.default_rng(0).normal(size=N)))
    assert not said(sites.assign(x=[f"note {j}" for j in range(N)]))


# --- folds of rows that are read in passes -------------------------------------------------------


@pytest.mark.parametrize("kind", IDS)
def test_copies_with_ids_are_held_out_together(kind):
    table = pd.concat([make([kind], IDS, 0), make(HUNDREDTHS, COLUMNS, 1)], axis=1)
    twice = pd.concat([table, table], ignore_index=True)
    hashes, places = hash_cells(twice), np.arange(2 * N, dtype=np.uint64)
    folds = find_folds(twice, hashes, 5, 0, grouped=False)
    first, second = folds.of(hashes, places).reshape(2, N)
    np.testing.assert_array_equal(first, second)
