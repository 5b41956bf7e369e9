"""Weights of rows and classes, and splits: which rows count, and who scores whom."""

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import t
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import recall_score
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    RepeatedStratifiedKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
)
from witnesses import witness

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_gaussian_classes
from sklearn_mi.losses import LOSSES

SHARES = [0.1, 0.15, 0.2, 0.25, 0.3]
POOL = {"estimators": "auto"}
LABEL_LOSSES = [name for name, loss in LOSSES.items() if not loss.models_label_noise]


def _fit(X, y, *, sample_weight=None, groups=None, **params):
    usual = {"estimators": None, "hidden_layer_sizes": (32,), "max_iter": 10, "random_state": 0}
    clf = MutualInfoClassifier(**usual | params)
    return clf.fit(X, y, sample_weight=sample_weight, groups=groups)


@pytest.fixture(scope="module")
def rows():
    return make_gaussian_classes(300, class_prior=SHARES, random_state=0)


# --- weights ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("params", [*({"loss": loss} for loss in LABEL_LOSSES), POOL], ids=str)
def test_class_weight_moves_decisions_and_not_probabilities(params):
    X, y = make_gaussian_classes(1500, class_prior=[0.05, 0.2, 0.2, 0.25, 0.3], random_state=0)
    params = {"max_iter": 40, "batch_size": 128, "cv": 3, **params}
    plain, weighted = _fit(X, y, **params), _fit(X, y, class_weight={0: 10}, **params)
    difference = plain.predict_proba(X) - weighted.predict_proba(X)
    assert np.abs(difference).mean() < 0.01
    assert_allclose(difference.mean(axis=0), 0, atol=0.01)
    assert abs(plain.mutual_info_score_ - weighted.mutual_info_score_) < 0.02
    recall = [recall_score(y, clf.predict(X), average=None)[0] for clf in (plain, weighted)]
    assert recall[1] > recall[0] + 0.03


def test_balanced_class_weight_decides_under_uniform_priors(rows):
    clf = _fit(*rows, class_weight="balanced")
    own = clf.decision_function(rows[0])
    assert_allclose(clf.set_params(priors="uniform").decision_function(rows[0]), own)


def test_balanced_weights_decide_as_pc_softmax_does_by_itself(rows):
    balanced, plain = (_fit(*rows, loss="pc_softmax", class_weight=w) for w in ("balanced", None))
    uniform = balanced.set_params(priors="uniform").decision_function(rows[0])
    assert_allclose(balanced.set_params(priors=None).decision_function(rows[0]), uniform)
    assert (uniform.argmax(axis=1) == plain.predict(rows[0])).mean() > 0.9


@pytest.fixture(scope="module")
def categories():
    """A table without numbers, whose encoding does not depend on how many rows there are."""
    rng = np.random.RandomState(0)
    y = rng.randint(3, size=240)
    right = rng.random_sample((240, 2)) < 0.6
    levels = np.where(right, y[:, None], rng.randint(3, size=(240, 2)))
    return pd.DataFrame({"a": list("xyz"), "b": list("uvw")}).to_numpy()[levels, [0, 1]], y


@pytest.mark.usefixtures("few_trees", "brief_searches")
@pytest.mark.parametrize("params", [*({"loss": loss} for loss in LOSSES), POOL], ids=str)
@pytest.mark.parametrize("cv", [3, None])
def test_rows_of_weight_zero_might_as_well_be_dropped(categories, params, cv):
    X, y = categories
    keep = np.arange(240) % 2 == 0
    scrambled = np.where(keep, y, (y + 1) % 3)
    params = {"cv": cv, "validation_fraction": 0.4, **params}
    clf = _fit(X, scrambled, sample_weight=keep, **params)
    dropped = _fit(X[keep], y[keep], sample_weight=keep[keep], **params)
    assert_allclose(clf.mutual_info_score_, dropped.mutual_info_score_, rtol=1e-9)
    assert_allclose(clf.predict_proba(X), dropped.predict_proba(X), rtol=1e-9)
    assert np.isnan(clf.oof_log_proba_[~keep]).all()
    assert np.isnan(clf.oof_pointwise_mutual_info_[~keep]).all()
    assert_allclose(clf.oof_log_proba_[keep], dropped.oof_log_proba_, rtol=1e-9)


def test_a_splitter_leaves_rows_of_weight_zero_out(categories):
    X, y = categories
    keep = np.arange(240) % 3 > 0
    clf = _fit(X, y, sample_weight=keep, cv=StratifiedKFold(3))
    assert_array_equal(np.isfinite(clf.oof_pointwise_mutual_info_), keep)


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("params", [{}, POOL], ids=str)
def test_weights_count_in_frequencies_and_score_by_their_ratios(rows, params):
    weight = np.random.RandomState(0).uniform(0.5, 2, len(rows[0]))
    clf = _fit(*rows, sample_weight=weight, **params)
    totals = np.bincount(rows[1], weights=weight)
    assert_allclose(clf.class_prior_, totals / weight.sum())
    mean = np.average(clf.oof_pointwise_mutual_info_, weights=weight)
    assert_allclose(clf.mutual_info_score_, mean)
    four_fold = _fit(*rows, sample_weight=4 * weight, **params)
    assert_allclose(four_fold.mutual_info_score_, clf.mutual_info_score_, rtol=1e-6)


# --- splits -------------------------------------------------------------------------------------

SPLITTERS = {
    "k-fold": (StratifiedKFold(4), 4),
    "unstratified": (KFold(3, shuffle=True, random_state=0), 3),
    "repeated": (RepeatedStratifiedKFold(n_splits=2, n_repeats=3, random_state=0), 6),
    "shuffled": (StratifiedShuffleSplit(3, test_size=0.2, random_state=0), 3),
    "one split": (StratifiedShuffleSplit(1, test_size=0.2, random_state=0), 1),
}


@pytest.mark.parametrize("cv, n_members", SPLITTERS.values(), ids=SPLITTERS.keys())
@pytest.mark.parametrize("as_list", [False, True])
def test_exactly_the_held_out_rows_of_a_splitter_are_scored(rows, cv, n_members, as_list):
    held_out = np.unique(np.concatenate([test for _, test in cv.split(*rows)]))
    clf = _fit(*rows, cv=list(cv.split(*rows)) if as_list else cv, max_iter=3)
    scored = np.isfinite(clf.oof_pointwise_mutual_info_)
    assert_array_equal(np.flatnonzero(scored), held_out)
    assert_array_equal(np.isfinite(clf.oof_log_proba_).all(axis=1), scored)
    assert_allclose(clf.mutual_info_score_, np.mean(clf.oof_pointwise_mutual_info_[scored]))
    assert {len(value) for value in clf.net_.module_.parameters()} == {n_members}


def test_without_cross_validation_one_network_is_scored_on_the_share_held_out(rows):
    clf = _fit(*rows, cv=None, validation_fraction=0.3)
    scored = np.isfinite(clf.oof_pointwise_mutual_info_)
    assert scored.sum() == 90
    assert np.isnan(clf.oof_log_proba_[~scored]).all()
    assert {len(value) for value in clf.net_.module_.parameters()} == {1}
    assert np.isfinite(clf.predict_proba(rows[0])).all()


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("params", [{}, POOL], ids=str)
def test_groups_are_kept_together(params):
    rng = np.random.RandomState(0)
    group = np.repeat(np.arange(40), 10)
    X, y = rng.standard_normal((40, 3))[group], rng.permutation(np.arange(40) % 2)[group]
    params = {"max_iter": 40, **params}
    assert _fit(X, y, **params).mutual_info_score_ > 0.3  # it knows the group again
    apart = _fit(X, y, cv=GroupKFold(4), groups=group, **params)
    assert apart.mutual_info_score_ < 0.05


def test_groups_are_what_is_independent(rows):
    """Rows that stand there four times have four times the rows and the same error."""
    X, y = (np.repeat(array, 4, axis=0) for array in rows)
    clf = _fit(X, y, groups=np.repeat(np.arange(300), 4))
    pointwise = clf.oof_pointwise_mutual_info_.reshape(300, 4)
    assert_allclose(np.ptp(pointwise, axis=1), 0, atol=1e-5)
    assert_allclose(clf.mutual_info_stderr_, pointwise[:, 0].std(ddof=1) / 300**0.5, rtol=1e-4)
    low, high = clf.mutual_info_interval()
    expected = t.ppf(0.975, 299) * clf.mutual_info_stderr_
    assert_allclose((high - low) / 2, expected)


BAD_GROUPS = {
    "of more rows than X": (np.arange(400), "400 entries", "300 rows"),
    "of fewer rows": (np.arange(100), "100 entries", "300 rows"),
    "of a row missing": (np.r_[np.nan, np.arange(299)], "NaN", "row 0", "group of its own"),
    "a text missing": ([None, *"ab" * 149, "a"], "NaN", "row 0"),
}


@pytest.mark.parametrize("cv", [None, 3])
@pytest.mark.parametrize("groups, said", [(g, w) for g, *w in BAD_GROUPS.values()], ids=BAD_GROUPS)
def test_groups_that_cannot_be_used(rows, groups, said, cv):
    with pytest.raises(ValueError) as raised:
        _fit(*rows, groups=groups, cv=cv)
    assert all(words in str(raised.value) for words in said)


def test_a_stored_classifier_does_not_carry_the_names_of_groups(rows):
    groups = np.array([f"patient {row // 3}" for row in range(300)])
    assert b"patient" not in pickle.dumps(_fit(*rows, groups=groups, max_iter=2))


def test_groups_may_be_a_column(rows):
    groups = np.arange(300) // 3
    with pytest.warns(UserWarning, match="column-vector"):
        found = _fit(*rows, groups=groups[:, None], max_iter=2)
    assert_allclose(found.oof_log_proba_, _fit(*rows, groups=groups, max_iter=2).oof_log_proba_)


def test_classes_that_training_rows_lack_are_told(rows):
    X, y = rows
    order = np.argsort(y, kind="stable")
    with pytest.warns(RuntimeWarning, match="have a class that the training rows of their split"):
        _fit(X[order], y[order], cv=KFold(3), max_iter=2)


def test_rows_that_a_network_trains_on_cannot_be_scored_by_it(rows):
    everything = np.arange(len(rows[0]))
    with pytest.raises(ValueError, match=r"(?i)split 0.*train"):
        _fit(*rows, cv=[(everything, everything)])


def test_balanced_weights_do_not_count_rows_of_weight_zero(categories):
    X, y = categories
    weight = np.where((y == y[0]) & (np.arange(len(y)) % 2 == 0), 0.0, 1.0)
    used = weight > 0
    all_rows = _fit(X, y, sample_weight=weight, class_weight="balanced", cv=None)
    dropped = _fit(X[used], y[used], class_weight="balanced", cv=None)
    assert_allclose(all_rows._class_weight, dropped._class_weight)
    assert_allclose(all_rows._class_weight * all_rows.class_prior_ * len(set(y)), 1)


def test_too_few_rows_with_weight(rows):
    weight = np.r_[np.ones(9), np.zeros(291)]
    with pytest.raises(ValueError, match="weight"):
        _fit(*rows, sample_weight=weight)


def test_rows_of_weight_zero_do_not_shape_the_scaling(rows):
    X, y = rows
    weight = np.r_[np.zeros(20), np.ones(len(y) - 20)]
    far = X.copy()
    far[:20] *= 1e6
    first, second = (_fit(table, y, sample_weight=weight) for table in (X, far))
    assert first.mutual_info_score_ == second.mutual_info_score_


# --- what held-out rows may have a say in ------------------------------------------------------


def _mixed(seed, n=120):
    rng = np.random.default_rng(seed)
    y = rng.integers(2, size=n)
    columns = {
        "number": rng.normal(size=n) + y,
        "gap": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
        "level": rng.choice([*"abcd"], n),
        "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(900, size=n), unit="D"),
    }
    return pd.DataFrame(columns), y


def _odd(n):
    """Rows of the same kinds that are like none of those."""
    day = pd.Timestamp("1990-01-01")
    return pd.DataFrame({"number": 1e6, "gap": -1e9, "level": "a", "day": day}, index=range(n))


@pytest.mark.parametrize("own_labels", [True, False])
def test_what_a_member_learns_and_sees_does_not_depend_on_rows_that_it_holds_out(own_labels):
    """Its companions and how it is shown rows, to the bit, whatever the held-out rows are."""
    (X, y), (fresh, _) = _mixed(0), _mixed(1)
    splits = list(StratifiedKFold(3, shuffle=True, random_state=0).split(X, y))
    held = splits[0][1]
    other, labels = X.copy(), y.copy()
    other.iloc[held] = _odd(len(held)).to_numpy(dtype=object)
    other = other.astype(X.dtypes.to_dict())
    labels[held] = y[held] if own_labels else 1 - y[held]
    seen, said = [], []
    for table, target in [(X, y), (other, labels)]:
        trees = witness(HistGradientBoostingClassifier, max_iter=5, random_state=0)
        pool = {"estimators": [("trees", trees)], "n_threads": 1}
        clf = _fit(table, target, cv=splits, max_iter=1, **pool)
        seen.append(clf._encoder.transform(fresh))
        said.append(trees.fitted[0].predict_proba(seen[-1]))
        edges = clf.net_.module_[0].bins
        seen.append(torch.cat([edges.slope[0], edges.offset[0]]).cpu().numpy())
    assert_array_equal(seen[0], seen[2])
    assert_array_equal(seen[1], seen[3])
    assert_array_equal(said[0], said[1])


def test_a_nearly_unique_column_claims_no_more_than_it_holds():
    """Labels follow from the first letter, which no level of one row can tell of new ones."""
    rng = np.random.default_rng(0)
    site = rng.choice([*"ABCDEFGHIJ"], 1300)
    y = (site >= "I").astype(int)
    ids = [f"{s}{i:06d}" for s, i in zip(site, rng.permutation(1300), strict=True)]
    X = pd.DataFrame({"id": ids, "z": rng.normal(size=1300) + 0.8 * y})
    with pytest.warns(UserWarning, match="'id' has 300 levels in 300 rows: left out"):
        clf = _fit(X[:300], y[:300], **POOL)
    fresh = clf.pointwise_mutual_info(X[300:])[np.arange(1000), y[300:]]
    error = np.hypot(fresh.std() / np.sqrt(1000), clf.mutual_info_stderr_)
    assert abs(clf.mutual_info_score_ - fresh.mean()) < 3 * error
    assert clf.score(X[300:], y[300:]) > max(y[300:].mean(), 1 - y[300:].mean()) - 0.02
