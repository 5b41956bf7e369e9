"""How a classifier of images is fitted: weights, splits, warm starts, scikit-learn's tools."""

import pickle

import numpy as np
import pytest
from image_fits import Own, by_place, every_loss, make_quadrants
from image_fits import fit as _fit
from image_fits import same as _same
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
    cross_val_score,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from torch import nn

from sklearn_mi.datasets import make_label_noise
from sklearn_mi.inspection import label_quality
from sklearn_mi.metrics import mutual_info_scorer
from sklearn_mi.model_selection import compare_mutual_info

brief = pytest.mark.usefixtures("brief_searches")

# --- weights, groups, splits, warm start --------------------------------------------------------


@brief
@pytest.mark.parametrize("loss", ["ce", "pc_softmax", "dmi"])
@pytest.mark.parametrize("cv", [3, None])
def test_images_of_weight_zero_might_as_well_be_dropped(digits, loss, cv):
    X, y = digits
    keep = np.arange(240) % 3 > 0
    spoilt = np.where(keep[:, None, None, None], X, 1e3)
    params = {"loss": loss, "cv": cv, "max_iter": 2}
    clf = _fit(spoilt, y, sample_weight=keep, **params)
    dropped = _fit(X[keep], y[keep], sample_weight=keep[keep], **params)
    assert_allclose(clf.mutual_info_score_, dropped.mutual_info_score_, rtol=1e-6)
    assert_allclose(clf.predict_proba(X), dropped.predict_proba(X), rtol=1e-5)
    assert np.isnan(clf.oof_pointwise_mutual_info_[~keep]).all()


def test_weights_count_in_frequencies_and_score(digits):
    weight = np.random.RandomState(0).uniform(0.5, 2, 240)
    clf = _fit(*digits, sample_weight=weight)
    assert_allclose(clf.class_prior_, np.bincount(digits[1], weights=weight) / weight.sum())
    mean = np.average(clf.oof_pointwise_mutual_info_, weights=weight)
    assert_allclose(clf.mutual_info_score_, mean)
    assert clf.loss_curve_ != _fit(*digits).loss_curve_


@pytest.mark.parametrize("loss", ["ce", "pc_softmax"])
def test_class_weight_moves_decisions_and_not_probabilities(loss):
    X, y = make_quadrants(600, visible=0.5, n_classes=2)
    params = {"loss": loss, "module": by_place, "max_iter": 10, "learning_rate_init": 0.03}
    plain, weighted = (_fit(X, y, class_weight=w, **params) for w in (None, {0: 10}))
    difference = plain.predict_proba(X) - weighted.predict_proba(X)
    assert np.abs(difference).mean() < 0.06
    assert abs(plain.mutual_info_score_ - weighted.mutual_info_score_) < 0.06
    assert (weighted.predict(X) == 0).mean() > (plain.predict(X) == 0).mean() + 0.1


def test_groups_are_kept_together():
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(60), 4)
    X, y = rng.normal(size=(60, 1, 6, 6))[group], (np.arange(60) % 2)[group]
    network = {"module": lambda c, k: nn.Sequential(nn.Flatten(), nn.Linear(36, k))}
    params = network | {"max_iter": 20, "learning_rate_init": 0.03}
    assert _fit(X, y, **params).mutual_info_score_ > 0.15  # it knows the image again
    assert _fit(X, y, groups=group, **params).mutual_info_score_ < 0.1
    for cv in (3, None):
        members = _fit(X, y, groups=group, cv=cv, **network, max_iter=1)._members
        for part, rows in enumerate(members.part_rows):
            assert not np.isin(
                group[rows], group[members.train_rows[members.part_member[part]]]
            ).any()
            assert not np.isin(group[rows], group[members.entry_row[members.parts[part][1]]]).any()


@pytest.mark.parametrize(
    "cv, n_members",
    [(None, 1), (2, 2), (KFold(4, shuffle=True, random_state=0), 4),
     (StratifiedShuffleSplit(2, test_size=0.2, random_state=0), 2)],
    ids=["one", "two", "k-fold", "shuffled"],
)  # fmt: skip
def test_each_split_has_a_network_that_scores_what_it_holds_out(digits, cv, n_members):
    clf = _fit(*digits, cv=cv, max_iter=1)
    assert clf.net_.module_.n_members == n_members
    scored = np.isfinite(clf.oof_pointwise_mutual_info_)
    held = np.unique(np.concatenate(clf._members.part_rows))
    assert_array_equal(np.flatnonzero(scored), held)
    assert_allclose(clf.predict_proba(digits[0]).sum(axis=1), 1)


@brief
@every_loss
def test_a_warm_start_goes_on_from_the_last_networks(digits, loss):
    X, y = digits
    clf = _fit(X, y, loss=loss, warm_start=True)
    first, before, n_iter = clf.loss_curve_[0], clf.mutual_info_score_, clf.n_iter_
    clf.set_params(learning_rate_init=0.002).fit(X, y)
    assert clf.loss_curve_[0] < first - 0.05 and clf.n_iter_ == n_iter
    assert clf.mutual_info_score_ > before - 0.02
    with pytest.raises(ValueError, match="X or y changed"):
        clf.fit(X[::-1], y[::-1])
    assert clf.predict(X).shape == (240,)


OTHERS = {"table": (7,), "channels": (2, 8, 8), "size": (1, 6, 6)}


@pytest.mark.parametrize("shape", OTHERS.values(), ids=OTHERS.keys())
def test_a_warm_start_refuses_other_images_and_stays_what_it_was(digits, shape):
    X, y = digits
    clf = _fit(X, y, warm_start=True, max_iter=1)
    before = clf.predict_proba(X)
    with pytest.raises(ValueError, match=r"\(1, 8, 8\)|X or y changed"):
        clf.fit(np.zeros((240, *shape)), y)
    assert_array_equal(clf.predict_proba(X), before)


def test_wrong_labels_of_images_are_found():
    X, y = make_quadrants(400)
    observed, noise = make_label_noise(y, 0.3, return_noise_matrix=True, random_state=0)
    params = {"module": by_place, "max_iter": 15, "learning_rate_init": 0.03}
    clf = _fit(X, observed, loss="dmi", **params)
    result = label_quality(clf, X, observed)
    assert (result.suggested_labels == y).mean() > 0.95 > (observed == y).mean() + 0.05
    assert_allclose(clf.noise_matrix_, noise, atol=0.1)
    assert clf.clean_mutual_info_score_ > clf.mutual_info_score_ + 0.2


# --- scikit-learn's tools -----------------------------------------------------------------------


def as_images(X):
    return X.reshape(len(X), 1, 8, 8)


def test_it_ends_a_pipeline(digits):
    X, y = digits
    steps = make_pipeline(FunctionTransformer(as_images), clone(_fit(X, y)))
    steps.fit(X.reshape(240, -1), y)
    assert_array_equal(steps.predict_proba(X.reshape(240, -1)), _fit(X, y).predict_proba(X))


def test_cross_validation_by_information(digits):
    X, y = digits
    clf = clone(_fit(X, y, max_iter=1)).set_params(max_iter=8, cv=None)
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    scores = cross_val_score(clf, X, y, cv=folds, scoring=mutual_info_scorer)
    assert scores.shape == (3,) and (scores > 0.5).all() and (scores < 1.05 * np.log(4)).all()
    clf.set_params(max_iter=1)
    comparison = compare_mutual_info({"first": clf, "again": clf}, X, y, cv=3)
    assert_allclose(comparison.summary.loc["first"], comparison.summary.loc["again"])


def test_a_search_over_losses(digits, brief_searches):
    X, y = digits
    clf = clone(_fit(X, y, max_iter=1)).set_params(max_iter=3, cv=None)
    losses = ["ce", "pc_softmax", "gce"]
    search = GridSearchCV(clf, {"loss": losses}, scoring=mutual_info_scorer, cv=2).fit(X, y)
    assert search.best_params_["loss"] in losses
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.predict(X).shape == (240,)
    assert search.best_score_ == search.cv_results_["mean_test_score"].max()


def test_clones_give_the_same_fit(digits):
    X, y = digits
    clf = _fit(X, y, image_shape=(1, 8, 8), augmentation=["shift"], loss="pc_softmax")
    twin = clone(clf)
    assert twin.get_params() == clf.get_params()
    assert not hasattr(twin, "image_shape_")
    _same(twin.fit(X, y), clf, X)
    other = clone(clf).set_params(random_state=1).fit(X, y)
    assert other.mutual_info_score_ != clf.mutual_info_score_


@pytest.mark.parametrize("module", ["auto", Own])
def test_stored_classifiers_give_the_same_answers(digits, module):
    X, y = digits
    params = {"module": module, "max_iter": 1, "warm_start": True}
    clf = _fit(X, y, estimators=[("nb", GaussianNB())], **params)
    restored = pickle.loads(pickle.dumps(clf))
    assert_array_equal(restored.predict_proba(X), clf.predict_proba(X))
    assert restored.image_shape_ == (1, 8, 8)
    assert restored.fit(X, y).mutual_info_score_ > -1


def test_a_stored_classifier_does_not_carry_the_images(digits):
    X, y = digits
    sizes = [len(pickle.dumps(_fit(X[:n], y[:n], max_iter=1))) for n in (120, 240)]
    assert sizes[1] - sizes[0] < 0.5 * X[:120].astype(np.float32).nbytes


def test_torch_is_left_as_it_was(digits, torch_left_alone):
    with torch_left_alone():
        clf = _fit(*digits, max_iter=1, augmentation=["shift", "flip"])
        clf.predict(digits[0])
