"""Members that are subsets of the columns: what each sees, and who decides for whom."""

import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine._members import make_members
from sklearn_mi._engine._subsets import SubsetEncoder, SubsetMembers, seen_by_folds, share_out
from sklearn_mi._inputs._table_encoder import TableEncoder
from sklearn_mi.datasets import make_xor
from sklearn_mi.inspection import feature_mutual_info

SUBSETS = [(0, 1, 2, 3), (1, 3), (2,), (3,)]


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "size": rng.standard_normal(60),
            "age": np.where(rng.random(60) < 0.3, np.nan, rng.standard_normal(60)),
            "same": 1.0,
            "colour": rng.choice(["red", "green", "blue"], 60),
        }
    )


@pytest.fixture(scope="module")
def members():
    return make_members(np.arange(60) % 2, cv=3, validation_fraction=None)


def encoded(encoder, rows):
    M = encoder.encoding.columns.shape[0]
    tensor = torch.as_tensor(rows)
    return encoder.encoding(tensor.expand(M, *tensor.shape)).numpy()


def test_each_member_sees_what_an_encoder_of_its_columns_alone_says(table, members):
    whole = TableEncoder().fit(table, members.train_rows)
    found = encoded(SubsetEncoder(whole, 3, SUBSETS), whole.read(table))
    for number, subset in enumerate(SUBSETS):
        own = table.iloc[:, list(subset)]
        alone = TableEncoder().fit(own, members.train_rows)
        expected = seen_by_folds(alone.encoding, alone.read(own), 3)
        for fold in range(3):
            seen = found[3 * number + fold]
            varying = seen[:, np.abs(seen).max(axis=0) > 0]
            expected_varying = expected[fold][:, np.abs(expected[fold]).max(axis=0) > 0]
            np.testing.assert_array_equal(varying, expected_varying)


def test_nothing_of_an_absent_column_is_seen(table, members):
    whole = TableEncoder().fit(table, members.train_rows)
    encoder, spoilt = SubsetEncoder(whole, 3, SUBSETS), table.copy()
    spoilt["size"], spoilt["age"] = 99.0, np.nan
    before, after = (encoded(encoder, whole.read(X)) for X in (table, spoilt))
    changed = (before != after).any(axis=(1, 2)).reshape(len(SUBSETS), 3)
    np.testing.assert_array_equal(changed.all(axis=1), [True, True, False, False])
    np.testing.assert_array_equal(changed.any(axis=1), [True, True, False, False])


def test_a_subset_of_constant_columns_sees_zeros(table, members):
    whole = TableEncoder().fit(table, members.train_rows)
    encoder = SubsetEncoder(whole, 3, [(2,)])
    assert encoder.encoding.width == 1
    assert not encoded(encoder, whole.read(table)).any()


def test_numbers_come_first_as_embeddings_want_them(table, members):
    whole = TableEncoder().fit(table, members.train_rows)
    encoder = SubsetEncoder(whole, 3, SUBSETS)
    numeric = encoder.encoding.columns[:, : encoder.encoding.n_numeric].numpy()
    assert (
        np.isin(numeric, range(whole.encoding.n_numeric)) | (numeric == whole.encoding.width)
    ).all()


def test_parts_are_tuned_on_rows_outside_them_of_their_own_subset(members):
    stack = SubsetMembers.of(members, 2)
    assert (stack.n_members, stack.n_parts) == (6, 6)
    for part in range(6):
        outside = stack.outside(part)
        assert (stack.entry_member[outside] // 3 == part // 3).all()
        rows = stack.entry_row[outside]
        np.testing.assert_array_equal(
            np.sort(rows), np.setdiff1d(np.arange(60), members.part_rows[part % 3])
        )


def test_halves_of_a_single_split_stay_apart():
    members = make_members(np.arange(60) % 2, cv=None, validation_fraction=0.4)
    stack = SubsetMembers.of(members, 3)
    np.testing.assert_array_equal(stack.part_member, [0, 0, 1, 1, 2, 2])
    other_half_of_the_same_subset = stack.entry_part == 3
    np.testing.assert_array_equal(stack.outside(2), other_half_of_the_same_subset)


def test_every_subset_is_in_one_stack(table, members):
    whole = TableEncoder().fit(table, members.train_rows)
    stacks = share_out(SUBSETS * 5, whole, 3)
    np.testing.assert_array_equal(np.sort(np.concatenate(stacks)), np.arange(20))
    assert max(map(len, stacks)) * 3 <= 20


@pytest.fixture(scope="module")
def quick():
    return MutualInfoClassifier(max_iter=20, random_state=0, n_threads=1)


def test_all_columns_tell_what_a_fit_finds(quick, few_trees):
    X, y = make_xor(600, 3, random_state=0)
    result = feature_mutual_info(X, y, estimator=quick, kind="conditional")
    clf = clone(quick).fit(X, y)
    assert abs(result.total - clf.mutual_info_score_) < 2 * result.total_stderr
    assert (result.conditional[:2] > 0.35).all()
    assert abs(result.conditional[2]) < 2 * result.conditional_stderr[2] + 0.01
    assert not hasattr(quick, "classes_")


def test_a_table_of_all_kinds_with_weights_groups_and_seeds(quick, table, forked):
    y = np.where(table["colour"] == "red", "a", "b")
    options = {
        "estimator": clone(quick).set_params(device="cpu"),
        "sample_weight": np.r_[np.zeros(5), np.full(55, 2.0)],
        "groups": np.arange(60) // 2,
        "cv": 3,
    }
    first, second = (
        feature_mutual_info(table, y, random_state=0, n_jobs=n, **options) for n in (None, 2)
    )
    assert first.names == ["size", "age", "same", "colour"]
    np.testing.assert_allclose([first.marginal[2], first.conditional[2]], 0, atol=0.01)
    assert first.marginal[3] > 0.3 > first.marginal[0]
    np.testing.assert_allclose(first.marginal, second.marginal, atol=1e-9)
    np.testing.assert_allclose(first.conditional, second.conditional, atol=1e-9)


def test_rows_of_pixels_are_refused_with_a_remedy(quick):
    pixels = MutualInfoClassifier(image_shape=(1, 4, 4))
    with pytest.raises(ValueError, match=r"X is images .*expected a dense table"):
        feature_mutual_info(np.zeros((40, 16)), np.arange(40) % 2, estimator=pixels, cv=2)


def test_the_null_label_gives_no_alarm(quick):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((200, 2)), np.arange(200) % 2
    result = feature_mutual_info(X, y, estimator=quick)
    assert (np.r_[result.total_low, result.marginal_low, result.conditional_low] <= 0).all()


@pytest.mark.parametrize("loss", ["pc_softmax", "dmi", "forward", "gce", "gccs"])
def test_every_loss_tells_a_column_that_is_the_label_from_one_that_is_noise(loss):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((120, 2)), np.arange(120) % 2
    X[:, 0] = y
    clf = MutualInfoClassifier(loss, max_iter=15, estimators=None, n_threads=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = feature_mutual_info(X, y, estimator=clf, cv=2, random_state=0)
    assert result.marginal[0] > 0.3 > 0.1 > result.marginal[1]
