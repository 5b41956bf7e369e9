"""What both scores share: weights, the order of classes, types of labels, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joint_tables import random_rows

from sklearn_mi.metrics import determinant_mutual_info_score, variational_mutual_info_score

SCORES = [variational_mutual_info_score, determinant_mutual_info_score]


@pytest.mark.parametrize("score", SCORES)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_whole_weights_equal_repetition(score, seed):
    y, proba = random_rows(seed)
    repeats = np.random.default_rng(seed).integers(0, 4, size=len(y))
    repeats[:3] += 1
    weighted = score(y, proba, sample_weight=repeats)
    repeated = score(np.repeat(y, repeats), np.repeat(proba, repeats, axis=0))
    assert weighted == pytest.approx(repeated, rel=1e-6)


@pytest.mark.parametrize("score", SCORES)
def test_a_class_with_no_weight_may_be_left_out_of_the_frequencies(score):
    y, proba = [0, 1, 2], [[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.0, 0.0, 1.0]]
    weighted = score(y, proba, sample_weight=[1, 1, 0])
    assert weighted == pytest.approx(score(y[:2], proba[:2], labels=[0, 1, 2]))


@pytest.mark.parametrize("score", SCORES)
@given(seed=st.integers(0, 10_000), order=st.permutations(range(4)))
@settings(max_examples=15, deadline=None)
def test_columns_follow_labels(score, seed, order):
    y, proba = random_rows(seed, n_classes=4)
    names = np.array(["west", "north", "east", "south"])
    direct = score(y, proba)
    named = score(names[y], proba[:, order], labels=names[list(order)])
    assert named == pytest.approx(direct, rel=1e-6)


@pytest.mark.parametrize("score", SCORES)
def test_labels_may_be_series_categories_strings_or_booleans(score):
    y, proba = random_rows(2, n_classes=2)
    names = np.array(["no", "yes"])[y]
    direct = score(y, proba)
    for labels in (
        y.astype(bool),
        y.astype(float),
        names.astype(object),
        pd.Series(names),
        pd.Series(pd.Categorical(names)),
        names.tolist(),
    ):
        assert score(labels, pd.DataFrame(proba)) == pytest.approx(direct)


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize(
    ("y", "proba", "options", "message"),
    [
        ([0, 1], [[0.5, 0.5]], {}, "1 rows but y_true has 2"),
        ([0, 1], [[0.5, 0.2, 0.3]] * 2, {}, "pass labels="),
        ([0, 1], [[0.5, 0.5]] * 2, {"labels": [0, 1, 2]}, "labels names 3 classes"),
        ([0, 1], [[0.5, 0.5]] * 2, {"labels": [1, 2]}, "holds \\[0\\], not among labels"),
        ([0, 1], [[0.5, 0.5]] * 2, {"labels": ["0", "1"]}, "with the same type"),
        ([0, 1], [[0.5, 0.5]] * 2, {"labels": [0, 0]}, "names a class twice"),
        ([0, 1], [[1.5, -0.5]] * 2, {}, "holds 1.5, but probabilities lie in"),
        ([0, 1], [[0.5, 0.4]] * 2, {}, "row 0 sums to 0.9"),
        ([0, 1], [[0.5, np.nan]] * 2, {}, "contains NaN"),
        ([0, 1], [[[0.5, 0.5]]] * 2, {}, "dim 3"),
        ([], [[0.5, 0.5]], {}, "y_true is empty"),
        ([0.3, 1], [[0.5, 0.5]] * 2, {}, "must hold class labels"),
        ([np.nan, 1], [[0.5, 0.5]] * 2, {}, "missing values"),
        ([[0, 1], [1, 0]], [[0.5, 0.5]] * 2, {}, "should be a 1d array"),
        ([0, 1], [[0.5, 0.5]] * 2, {"sample_weight": [1, -1]}, "must not be negative"),
        ([0, 1], [[0.5, 0.5]] * 2, {"sample_weight": [0, 0]}, "zero"),
        ([0, 1], [[0.5, 0.5]] * 2, {"sample_weight": [1, 1, 1]}, "sample_weight has shape"),
    ],
)
def test_bad_input_names_the_remedy(score, y, proba, options, message):
    with pytest.raises(ValueError, match=message):
        score(y, proba, **options)


@pytest.mark.parametrize("score", SCORES)
def test_labels_of_mixed_types_are_refused(score):
    with pytest.raises(TypeError, match="mixes types or holds missing values"):
        score(np.array(["a", None], dtype=object), [[0.5, 0.5]] * 2)
