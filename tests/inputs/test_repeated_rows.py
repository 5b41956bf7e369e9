"""Rows that stand in a table more than once: told, but for those that repeat by chance."""

import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, vstack
from sklearn.datasets import load_digits, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._inputs._row_chance import chance_explains
from sklearn_mi.exceptions import LeakageWarning
from sklearn_mi.inspection import label_quality
from sklearn_mi.model_selection import (
    compare_mutual_info,
    cross_val_mutual_info,
    group_repeated_rows,
)

SAID = "stand in the training rows of their split too"


def fit(X, y, groups=None, weight=None, **options):
    """The fit of few steps, and whether it spoke of repeated rows."""
    options = {"estimators": None, "max_iter": 2, "hidden_layer_sizes": (8,), **options}
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        clf = MutualInfoClassifier(random_state=0, **options).fit(X, y, weight, groups)
    found = [w for w in raised if SAID in str(w.message)]
    assert all(w.filename == __file__ and w.category is LeakageWarning for w in found)
    return clf, found


def warns(X, **options):
    X = X if isinstance(X, pd.DataFrame) else np.asarray(X)
    return len(fit(X, np.arange(len(X)) % 2, **options)[1]) == 1


def drawn(rng, n, n_draws):
    return rng.integers(n, size=n_draws)


RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(size=(100, 5))
DRAWN = drawn(RNG, 100, 200)
LEVELS = RNG.integers(6, size=(100, 12))


# --- copies ---------------------------------------------------------------------------------------


COPIED = {
    "bootstrap": NUMBERS[DRAWN],
    "one column": NUMBERS[DRAWN, :1],
    "twice": np.vstack([NUMBERS, NUMBERS]),
    "a part": np.vstack([NUMBERS, NUMBERS[:8]]),
    "rare class oversampled": np.vstack([NUMBERS[:90], NUMBERS[90:].repeat(9, axis=0)]),
    "a measurement beside levels": np.column_stack([NUMBERS[:, 0], LEVELS[:, :3]])[DRAWN],
    "rounded": NUMBERS.round(1)[DRAWN],
    "many columns of levels": pd.DataFrame(LEVELS).map("level {}".format).iloc[DRAWN],
    "missing cells": np.where(RNG.random((100, 5)) < 0.3, np.nan, NUMBERS)[DRAWN],
    "times": pd.DataFrame(
        {
            "at": (pd.Timestamp("2020") + pd.to_timedelta(NUMBERS[:, 0].cumsum(), "D"))[DRAWN],
            "sex": LEVELS[DRAWN, 0],
        }
    ),
}


@pytest.mark.parametrize("name", COPIED)
def test_copies_are_told(name):
    X = COPIED[name]
    assert warns(X)
    groups = group_repeated_rows(X)
    assert not warns(X, groups=groups)
    assert not warns(X, groups=groups, cv=None)
    distinct = np.unique(groups, return_index=True)[1]
    assert not warns(X.iloc[distinct] if isinstance(X, pd.DataFrame) else X[distinct])


def test_copies_of_images_are_told():
    images = RNG.integers(256, size=(60, 1, 4, 4), dtype=np.uint8)[np.arange(80) % 60]
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.LazyLinear(2))
    assert warns(images, module=module, cv=2)
    assert not warns(images, module=module, cv=2, groups=group_repeated_rows(images))


def test_the_warning_names_share_count_and_remedy():
    (warning,) = fit(np.vstack([NUMBERS, NUMBERS[:20]]), np.arange(120) % 2)[1]
    text = str(warning.message)
    assert "of 120 held-out rows (" in text
    assert "groups=sklearn_mi.model_selection.group_repeated_rows(X)" in text
    n_known = int(text.split()[0])
    assert 20 <= n_known <= 40
    assert f"({n_known / 120:.0%})" in text


def test_the_example_of_the_fault_certifies_nothing_once_copies_are_held_together():
    rng = np.random.RandomState(0)
    X, y, rows = rng.normal(size=(100, 5)), rng.randint(2, size=100), rng.randint(100, size=400)
    copied, found = fit(X[rows], y[rows], max_iter=30)
    assert found
    assert copied.mutual_info_interval()[0] > 0.02
    grouped, found = fit(X[rows], y[rows], group_repeated_rows(X[rows]), max_iter=30)
    assert not found
    assert grouped.mutual_info_interval()[0] < 0


def test_groups_that_do_not_hold_copies_together_do_not_silence_it():
    X = np.vstack([NUMBERS, NUMBERS])
    groups = np.arange(200) // 2
    (warning,) = fit(X, np.arange(200) % 2, groups)[1]
    assert "group_repeated_rows(X, groups)" in str(warning.message)
    assert not warns(X, groups=group_repeated_rows(X, groups))
    assert not warns(X, groups=group_repeated_rows(X), cv=GroupKFold(3))


def test_copies_without_weight_do_not_count():
    X = np.vstack([NUMBERS, NUMBERS])
    weight = np.r_[np.ones(100), np.zeros(100)]
    assert not warns(X, weight=weight)
    assert warns(X, weight=weight + 0.5)


def test_copies_on_one_side_of_the_split_do_not_count():
    X = np.vstack([NUMBERS, NUMBERS])
    rows = np.r_[:50, 100:150]
    splits = [(rows, rows + 50), (rows + 50, rows)]
    assert not warns(X, cv=splits)


def test_a_warm_start_does_not_say_it_again():
    X, y = np.vstack([NUMBERS, NUMBERS]), np.arange(200) % 2
    clf, found = fit(X, y, warm_start=True)
    assert found
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        clf.fit(X, y)


def test_every_way_to_the_estimate_says_it():
    X, y = np.vstack([NUMBERS, NUMBERS]), np.arange(200) % 3
    linear = LogisticRegression()
    ways = {
        "cross_val": lambda **groups: cross_val_mutual_info(linear, X, y, **groups),
        "compare": lambda **groups: compare_mutual_info({"a": linear, "b": linear}, X, y, **groups),
        "labels": lambda **groups: label_quality(linear, X, y, cv=5, **groups),
    }
    for way in ways.values():
        with pytest.warns(UserWarning, match=SAID) as raised:
            way()
        assert [w.filename for w in raised] == [__file__]
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            way(groups=group_repeated_rows(X))


def texts_of(n_words, n=100):
    """Rows of about so many words of a thousand."""
    rng = np.random.default_rng(0)
    return csr_array(
        (rng.random((n, 1000)) < n_words / 1000 * rng.random((n, 1)) * 2).astype(float)
    )


def test_copied_texts_are_told_and_held_out_together():
    once = texts_of(n_words=30)
    X, y = vstack([once, once]), np.arange(200) % 2
    with pytest.warns(UserWarning, match="stand in the training rows"):
        cross_val_mutual_info(LogisticRegression(), X, y)
    groups = group_repeated_rows(X)
    np.testing.assert_array_equal(groups, group_repeated_rows(X.toarray()))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        cross_val_mutual_info(LogisticRegression(), X, y, groups=groups)


@pytest.mark.parametrize("rows", [texts_of(n_words=3), csr_array(np.ones((100, 12)))])
def test_short_texts_and_sparse_tables_may_repeat(rows):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        cross_val_mutual_info(LogisticRegression(), vstack([rows, rows]), np.arange(200) % 2)


# --- chance ---------------------------------------------------------------------------------------


def dummies(n_levels):
    levels = pd.DataFrame(np.random.default_rng(3).integers(n_levels, size=(150, 2))).astype(str)
    return pd.get_dummies(levels).astype(float)


ZIP = RNG.integers(60, size=200)
NATURAL = {
    "bits": RNG.integers(2, size=(150, 6)),
    "one column of levels": pd.DataFrame({"a": RNG.choice(list("abcdefgh"), size=150)}),
    "ages": RNG.integers(18, 80, size=(200, 1)),
    "logarithms of ages": np.log(RNG.integers(18, 80, size=(200, 1))),
    "counts": RNG.poisson(0.7, size=(200, 5)),
    "dummies": dummies(5),
    "rounded numbers": RNG.normal(size=(200, 2)).round(1),
    "nested levels": pd.DataFrame({"zip": ZIP, "city": ZIP // 4, "state": ZIP // 20}).astype(str),
    "dependent bits": RNG.random((300, 8)) < RNG.choice([0.2, 0.8], size=(300, 1)),
    "a row of zeros": NUMBERS[DRAWN] * 0
    + np.where(np.arange(200) < 80, 0, np.arange(200))[:, None],
    "numbers": NUMBERS,
    "iris": load_iris().data,
    "digits": load_digits().data[:300],
}


@pytest.mark.parametrize("name", NATURAL)
def test_rows_that_repeat_by_nature_are_not_told(name):
    assert not warns(NATURAL[name])


@given(
    n_levels=st.integers(2, 6),
    n_columns=st.integers(1, 5),
    dependence=st.floats(0, 0.6),
    seed=st.integers(0, 999),
)
@settings(max_examples=20, deadline=None)
def test_levels_that_repeat_by_nature_are_not_told_but_copies_of_numbers_are(
    n_levels, n_columns, dependence, seed
):
    rng = np.random.default_rng(seed)
    columns = [rng.integers(n_levels, size=300)]
    for _ in range(n_columns):
        fresh = rng.integers(n_levels, size=300)
        columns.append(np.where(rng.random(300) < dependence, columns[-1], fresh))
    X, y = np.column_stack(columns), np.arange(300) % 2
    linear = LogisticRegression()
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        cross_val_mutual_info(linear, X, y, cv=3)
    X = np.column_stack([X, rng.normal(size=300)])[drawn(rng, 300, 300)]
    with pytest.warns(UserWarning, match=SAID):
        cross_val_mutual_info(linear, X, y, cv=3)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("kind", ["timestamp", "duration"])
def test_times_of_arrow_are_as_those_of_pandas(kind, unit):
    pytest.importorskip("pyarrow")
    hours = np.random.RandomState(0).randint(500, size=300)
    times = pd.to_timedelta(hours, unit="h")
    times = pd.Series(times if kind == "duration" else pd.Timestamp("2021-01-01") + times)
    verdicts = [
        chance_explains([times.astype(dtype)])
        for dtype in (f"{times.dtype.str[1:3]}[{unit}]", f"{kind}[{unit}][pyarrow]")
    ]
    assert verdicts[0] == verdicts[1]
