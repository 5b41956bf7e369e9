"""A fit with classes of a few rows: finite, told, and worth nothing where training has none."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, ShuffleSplit, cross_val_score

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection import label_quality
from sklearn_mi.losses import LOSSES
from sklearn_mi.metrics import (
    determinant_mutual_info_scorer,
    mutual_info_scorer,
    normalized_mutual_info_scorer,
    variational_mutual_info_score,
)
from sklearn_mi.model_selection import compare_mutual_info, cross_val_mutual_info

LACKING = "have a class that the training rows"


def small(loss="ce", **options):
    options = {"estimators": None, "max_iter": 3, "hidden_layer_sizes": (8,), **options}
    return MutualInfoClassifier(loss, random_state=0, **options)


def table(*counts, apart=1.0, seed=0):
    """Rows of classes 0, 1, ... in random order, one unit apart."""
    rng = np.random.RandomState(seed)
    y = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    return rng.normal(size=(len(y), 2)) + apart * y[:, None], y


RARE = table(60, 30, 6, 2, 1)


def assert_whole(clf, X, y):
    """Every number is finite, and every class has its column."""
    low, high = clf.mutual_info_interval()
    found = [clf.mutual_info_score_, clf.mutual_info_stderr_, low, high]
    assert np.isfinite(found).all()
    proba = clf.predict_proba(X)
    assert proba.shape == (len(X), len(np.unique(y)))
    assert (proba > 0).all()
    assert_allclose(proba.sum(axis=1), 1)


# --- a fit ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_classes_of_one_two_and_six_rows(loss):
    X, y = RARE
    with pytest.warns(UserWarning, match=r"5 folds of cv: 3 \(2 rows\), 4 \(1 row\)") as raised:
        clf = small(loss).fit(X, y)
    (told,) = (w for w in raised if "folds of cv" in str(w.message))
    assert told.filename == __file__
    assert "1 held-out row(s), of class 4" in str(told.message)
    assert_whole(clf, X, y)
    assert clf.oof_pointwise_mutual_info_[y == 4] == [0.0]
    assert_allclose(np.exp(clf.oof_log_proba_).sum(axis=1), 1)
    if LOSSES[loss].models_label_noise:
        assert_allclose(clf.noise_matrix_.sum(axis=1), 1)
        assert np.isfinite([clf.clean_mutual_info_score_, clf.clean_mutual_info_stderr_]).all()


def test_companions_know_no_more_of_a_class_than_its_frequency():
    X, y = RARE
    with pytest.warns(UserWarning, match="fewer rows"):
        clf = small(estimators=[("linear", LogisticRegression())]).fit(X, y)
    assert clf.oof_pointwise_mutual_info_[y == 4] == [0.0]
    assert_whole(clf, X, y)


def test_names_of_classes_are_named_but_not_all():
    y = np.array([f"c{k:02}" for k in range(8)] + ["much"] * 30)
    with pytest.warns(UserWarning, match=r"8 classes .*'c00' \(1 row\).* and 3 more\. Their rows"):
        small().fit(np.arange(38.0)[:, None], y)


def test_nothing_is_said_where_classes_fill_the_folds():
    X, y = table(20, 5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small().fit(X, y)


def test_a_single_split_trains_on_all_rows_of_a_class_of_one():
    X, y = RARE
    with pytest.warns(UserWarning, match=r"No row is held out of 2 classes: .* 4 \(1 row\)"):
        clf = small(cv=None).fit(X, y)
    assert_whole(clf, X, y)


def test_a_class_of_one_group_tells_nothing():
    X, y = table(40, 40, 20)
    groups = np.where(y == 2, 0, 1 + np.arange(100) // 4)
    with pytest.warns(RuntimeWarning, match=f"20 held-out row.* class 2 .*{LACKING}.*0 nats"):
        clf = small(cv=3).fit(X, y, groups=groups)
    assert_whole(clf, X, y)
    assert (clf.oof_pointwise_mutual_info_[y == 2] == 0).all()


def test_rows_without_weight_make_a_class_rare():
    X, y = table(30, 30, 8)
    weight = np.ones(68)
    weight[np.flatnonzero(y == 2)[1:]] = 0
    with pytest.warns(UserWarning, match=r"2 \(1 row\)"):
        clf = small().fit(X, y, sample_weight=weight)
    assert_whole(clf, X, y)


def test_balanced_weights_of_a_class_of_one():
    X, y = RARE
    with pytest.warns(UserWarning, match="fewer rows"):
        assert_whole(small(class_weight="balanced").fit(X, y), X, y)


@pytest.mark.parametrize("counts", [[1] * 12, [12]])
def test_nothing_to_estimate_is_an_error(counts):
    X, y = table(*counts)
    for cv in (5, None):
        with pytest.raises(ValueError, match=r"single row|one class"):
            small(cv=cv).fit(X, y)
    with pytest.raises(ValueError, match=r"single row|one class"):
        cross_val_mutual_info(LogisticRegression(), X, y)


def test_rare_classes_that_are_independent_of_the_rows_tell_nothing():
    """The mean over tables of estimates of a true 0 is no higher, and little lower."""
    scores, low = [], []
    for seed in range(6):
        X, y = table(60, 40, 2, 1, 1, 1, apart=0.0, seed=seed)
        with pytest.warns(UserWarning, match="fewer rows"):
            clf = small(max_iter=20).fit(X, y)
        scores.append(clf.mutual_info_score_)
        low.append(clf.mutual_info_interval()[0])
    assert -0.1 < np.mean(scores) < 0.02
    assert max(low) < 0


def test_the_row_of_an_unknown_class_does_not_end_training_early():
    """A hundred rows that are told at once, and one that nobody can tell."""
    X, y = table(100, 100, apart=4.0)
    alone = np.r_[y[:-1], 2]
    with pytest.warns(UserWarning, match="fewer rows"):
        rare = small(max_iter=40).fit(X, alone)
    assert rare.mutual_info_score_ > small(max_iter=40).fit(X, y).mutual_info_score_ - 0.05


@given(
    counts=st.lists(st.sampled_from([1, 2, 3, 12]), min_size=2, max_size=5),
    cv=st.sampled_from([2, 5, None, KFold(3), ShuffleSplit(2, test_size=0.4, random_state=0)]),
    grouped=st.booleans(),
    loss=st.sampled_from(sorted(LOSSES.keys() - {"forward"})),
)
@settings(max_examples=25, deadline=None)
def test_any_rare_classes_give_finite_numbers(counts, cv, grouped, loss):
    X, y = table(12, *counts)
    groups = np.arange(len(y)) // 2 if grouped else None
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        clf = small(loss, max_iter=1, cv=cv).fit(X, y, groups=groups)
    assert_whole(clf, X, y)
    said = [str(w.message) for w in raised]
    for k in np.flatnonzero(np.bincount(y) < (cv if isinstance(cv, int) else 0)):
        assert any(f"{k} ({counts[k - 1]} row" in text for text in said)


# --- other ways to the estimate -------------------------------------------------------------------


def test_cross_validation_counts_unknown_classes_for_nothing():
    X, y = RARE
    with pytest.warns(UserWarning, match=r"4 \(1 row\)") as raised:
        result = cross_val_mutual_info(LogisticRegression(), X, y)
    assert len(raised) == 1
    assert result.pointwise[y == 4] == [0.0]
    assert_allclose(result.proba[y == 4, 4], 1 / len(y))
    assert np.isfinite([result.score, result.standard_error]).all()


def test_comparisons_speak_of_rare_classes():
    X, y = RARE
    estimators = {"weak": LogisticRegression(C=0.01), "strong": LogisticRegression()}
    with pytest.warns(UserWarning, match="fewer rows") as raised:
        comparison = compare_mutual_info(estimators, X, y)
    assert np.isfinite(comparison.differences.to_numpy()).all()
    assert len({str(w.message) for w in raised}) == 1
    assert all(w.filename == __file__ for w in raised)


@pytest.mark.parametrize("cv", [None, 5])
def test_labels_of_rare_classes_have_a_quality(cv):
    X, y = RARE
    with pytest.warns(UserWarning, match="fewer rows"):
        clf = small("dmi").fit(X, y)
        result = label_quality(clf, X, y, cv=cv)
    assert ((result.quality >= 0) & (result.quality <= 1)).all()
    assert_allclose(result.posterior.sum(axis=1), 1)


class Knows:
    """A fitted classifier that says the same of every row."""

    def __init__(self, proba, classes):
        self.proba, self.classes_ = np.array(proba), np.array(classes)

    def predict_proba(self, X):
        return np.tile(self.proba, (len(X), 1))

    def predict(self, X):
        return np.repeat(self.classes_[self.proba.argmax()], len(X))


def test_scorer_counts_a_class_that_the_estimator_lacks_for_nothing():
    y, clf = np.array(list("aaabbc")), Knows([0.5, 0.5], ["a", "b"])
    with pytest.warns(UserWarning, match=r"1 of 6 scored row\(s\), of class 'c'") as raised:
        found = mutual_info_scorer(clf, y, y)
    assert raised[0].filename == __file__
    proba = np.tile([5 / 12, 5 / 12, 1 / 6], (6, 1))
    assert found == pytest.approx(variational_mutual_info_score(y, proba))
    # The other rows alone, times their share.
    assert found == pytest.approx(5 / 6 * mutual_info_scorer(clf, y[:5], y[:5]))
    with pytest.warns(UserWarning, match="scored row"):
        assert determinant_mutual_info_scorer(clf, y, y) == 0


def test_scorer_weighs_rows_of_unknown_classes():
    y, clf = np.array([0, 0, 1, 1, 2, 2]), Knows([0.3, 0.7], [0, 1])
    weight = np.array([1, 1, 1, 1, 0, 0])
    with pytest.warns(UserWarning, match="scored row"):
        found = mutual_info_scorer(clf, y, y, sample_weight=weight)
    assert found == pytest.approx(mutual_info_scorer(clf, y[:4], y[:4]))


def test_scorer_still_refuses_labels_of_another_type():
    with pytest.raises(ValueError, match="same type"):
        mutual_info_scorer(Knows([0.5, 0.5], ["0", "1"]), np.zeros(4), np.array([0, 1, 0, 1]))


@pytest.mark.parametrize("scorer", [mutual_info_scorer, normalized_mutual_info_scorer])
def test_outer_folds_have_no_nan(scorer):
    X, y = RARE
    with pytest.warns(UserWarning, match="scored row"):
        scores = cross_val_score(
            small(max_iter=2), X, y, scoring=scorer, cv=KFold(5), error_score="raise"
        )
    assert np.isfinite(scores).all()
