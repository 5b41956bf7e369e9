"""MutualInfoClassifier on images: known information, forms of X, losses, scikit-learn's tools."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
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
from small_fits import CPU, apart, assert_same_state, make_loss, make_settings, state_of
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._callbacks import CrossFittedStopping
from sklearn_mi._members import Members
from sklearn_mi._scoring import score_held_out, score_rows
from sklearn_mi._training import MemberData, make_net
from sklearn_mi.datasets import make_label_noise
from sklearn_mi.inspection import info_cam, label_quality
from sklearn_mi.losses import LOSSES, Loss
from sklearn_mi.metrics import mutual_info_scorer
from sklearn_mi.model_selection import compare_mutual_info
from sklearn_mi.modules import ConvNet, ModuleStack

every_loss = pytest.mark.parametrize("loss", sorted(LOSSES))


def small(n_channels, n_classes):
    return ConvNet(n_channels, n_classes, stages=(8, 8))


def tiny(n_channels, n_classes):
    network = ConvNet(n_channels, n_classes, stages=(3, 4))
    nn.init.normal_(network.linear.weight, std=0.3)
    return network


def _fit(X, y, *, sample_weight=None, groups=None, **params):
    usual = {"module": small, "max_iter": 4, "cv": 3, "random_state": 0}
    usual |= {"learning_rate_init": 0.02, "batch_size": 20}
    clf = MutualInfoClassifier(**usual | params)
    return clf.fit(X, y, sample_weight=sample_weight, groups=groups)


def _same(first, second, X=None, second_X=None, rtol=0.0):
    """Two fits are one and the same."""
    assert_allclose(first.loss_curve_, second.loss_curve_, rtol=rtol)
    assert_allclose(first.mutual_info_score_, second.mutual_info_score_, rtol=rtol)
    assert_allclose(first.oof_log_proba_, second.oof_log_proba_, rtol=rtol)
    if X is not None:
        other = X if second_X is None else second_X
        assert_allclose(first.predict_proba(X), second.predict_proba(other), rtol=rtol)


@pytest.fixture(scope="module")
def digits():
    data = load_digits(n_class=4)
    return data.images[:240, None] / 16, data.target[:240]


# --- known information --------------------------------------------------------------------------


def make_quadrants(n=320, visible=1.0, n_classes=4, seed=0):
    """Noise, with one quadrant brighter in a share of the images: which one is the label."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, 1, 8, 8)).astype(np.float32), np.arange(n) % n_classes
    for image, label, shown in zip(X[:, 0], y, rng.random(n) < visible, strict=True):
        top, left = 4 * (label // 2), 4 * (label % 2)
        image[top : top + 4, left : left + 4] += 3 * shown
    return X, y


def by_place(n_channels, n_classes):
    """Convolutions and a layer that tells places apart."""
    layers = [nn.Conv2d(n_channels, 4, 4, stride=4), nn.SiLU(), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(16, n_classes))


@every_loss
def test_a_visible_label_is_all_information(loss):
    X, y = make_quadrants()
    clf = _fit(X, y, loss=loss, module=by_place, max_iter=8, learning_rate_init=0.03)
    assert np.log(4) - 0.1 < clf.mutual_info_score_ <= np.log(4)
    assert clf.score(*make_quadrants(seed=1)) > 0.97
    assert_allclose(clf.label_entropy_, np.log(4))


@pytest.mark.parametrize("loss", ["ce", "pc_softmax", "dmi"])
@pytest.mark.parametrize("module", [small, by_place])
def test_noise_is_no_information(loss, module):
    X, y = make_quadrants(visible=0)
    clf = _fit(X, y, loss=loss, module=module, max_iter=8, learning_rate_init=0.03)
    assert abs(clf.mutual_info_score_) < 0.03
    assert clf.mutual_info_interval()[0] <= 0


@pytest.mark.parametrize("visible", [0.25, 0.5, 0.75])
def test_what_is_visible_in_a_share_of_images_is_that_share(visible):
    X, y = make_quadrants(800, visible, n_classes=2)
    clf = _fit(X, y, module=by_place, max_iter=8, learning_rate_init=0.03)
    error, truth = clf.mutual_info_stderr_, visible * np.log(2)
    assert truth - 0.08 < clf.mutual_info_score_ < truth + 3 * error and error < 0.02


def test_the_default_network_reads_digits(digits):
    X, y = digits
    params = {"module": "auto", "learning_rate_init": "auto", "max_iter": 6}
    clf = _fit(X, y, **params)
    assert clf.mutual_info_score_ > 0.8 * np.log(4)
    assert clf.estimators_ == {} and list(clf.pool_weights_) == ["networks"]
    assert clf.image_shape_ == (1, 8, 8) and clf.n_features_in_ == 1
    assert isinstance(clf.net_.module_.member(2), ConvNet)


def test_rows_of_pixels_are_a_table_unless_their_shape_is_given(digits):
    X, y = digits
    clf = _fit(X.reshape(240, -1), y, module="auto", estimators=None, max_iter=1)
    assert clf.image_shape_ is None and clf.n_features_in_ == 64


# --- forms of X ---------------------------------------------------------------------------------


@every_loss
def test_images_rows_and_tables_of_pixels_are_the_same(digits, loss):
    X, y = digits
    params = {"loss": loss, "module": tiny, "batch_size": "auto", "max_iter": 2}
    rows, expected = X.reshape(240, -1), _fit(X, y, **params)
    assert np.ptp(expected.predict_proba(X), axis=0).min() > 0.01
    table = pd.DataFrame(rows).add_prefix("pixel")
    for form, shape in [(rows, (1, 8, 8)), (table, (8, 8)), (rows.tolist(), [8, 8])]:
        clf = _fit(form, y, image_shape=shape, **params)
        _same(clf, expected, form, X)
        assert clf.image_shape_ == (1, 8, 8) and clf.n_features_in_ == 64
        assert hasattr(clf, "feature_names_in_") == (form is table)
    _same(_fit(X, y, image_shape=(1, 8, 8), **params), expected, X)


def test_bytes_tensors_and_any_memory_are_the_same_images(digits):
    X, y = digits
    pixels, params = (X * 255).astype(np.uint8), {"module": tiny, "max_iter": 2}
    expected = _fit(pixels, y, **params)
    parts = pixels / np.float32(255)
    _same(_fit(parts, y, **params), expected, parts, pixels)
    _same(_fit(torch.tensor(pixels), y, **params), expected, pixels)
    last = np.ascontiguousarray(np.moveaxis(np.repeat(parts, 2, axis=1), 1, -1))
    first = np.ascontiguousarray(np.moveaxis(last, -1, 1))
    for augmentation in (None, ["shift", "flip"]):
        strided, plain = (
            _fit(form, y, augmentation=augmentation, **params)
            for form in (np.moveaxis(last, -1, 1), first)
        )
        _same(strided, plain, np.moveaxis(last, -1, 1), first)


def test_brightness_and_contrast_do_not_matter(digits):
    X, y = digits
    darker = 0.125 * X - 4
    params = {"module": tiny, "max_iter": 1}
    _same(_fit(darker, y, **params), _fit(X, y, **params), darker, X, rtol=1e-3)


def test_channels_are_seen(digits):
    _, y = digits
    colour = np.zeros((240, 3, 8, 8), dtype=np.float32)
    colour[np.arange(240), y % 3] = 1  # of the whole image; the classes 0 and 3 share one
    clf = _fit(colour, y, max_iter=8)
    shares = np.bincount(y % 3) / 240
    assert clf.mutual_info_score_ == pytest.approx(-shares @ np.log(shares), abs=0.06)
    grey = colour.sum(axis=1, keepdims=True)
    assert abs(_fit(grey, y, max_iter=8).mutual_info_score_) < 0.01


def test_an_image_may_be_a_single_pixel():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(120, 1, 1, 1)), np.arange(120) % 2
    assert _fit(X + 8 * y[:, None, None, None], y, max_iter=20).mutual_info_score_ > 0.6


# --- answers ------------------------------------------------------------------------------------


@every_loss
def test_posteriors_are_distributions(digits, loss):
    X, y = digits
    clf = _fit(X, y, loss=loss)
    assert clf.predict_proba(X).shape == (240, 4)
    assert_allclose(clf.predict_proba(X).sum(axis=1), 1)
    assert np.isfinite(clf.oof_log_proba_).all()
    assert_allclose(np.exp(clf.oof_log_proba_).sum(axis=1), 1)
    assert clf.mutual_info_score_ == pytest.approx(clf.oof_pointwise_mutual_info_.mean())
    assert clf.mutual_info_score_ > 0.1
    pointwise = clf.pointwise_mutual_info(X)
    assert_allclose(np.exp(pointwise) @ clf.class_prior_, 1)
    assert len(clf.loss_curve_) == 4


@pytest.mark.parametrize("cv", [3, None])
def test_answers_do_not_depend_on_the_images_beside_it(digits, cv, monkeypatch):
    X, y = digits
    clf = _fit(X, y, cv=cv, estimators=[("bayes", GaussianNB())])
    whole = clf.predict_proba(X)
    for rows in (slice(0, 1), slice(17, 40), np.arange(239, 0, -7)):
        assert_allclose(clf.predict_proba(X[rows]), whole[rows], rtol=1e-4, atol=1e-7)
        assert_array_equal(clf.predict(X[rows]), clf.predict(X)[rows])
    monkeypatch.setattr("sklearn_mi._scoring.SCORING_PIXELS", 64 * 7)
    assert_allclose(clf.predict_proba(X), whole, rtol=1e-4, atol=1e-7)


def test_large_images_are_scored_a_few_at_a_time():
    seen = []

    class Counting(nn.Linear):
        def forward(self, x):
            seen.append(len(x))
            return super().forward(x.mean((2, 3)))

    stack = ModuleStack(lambda c, k: Counting(c, k), 2, (3, 512, 512), 2)
    seen.clear()
    x = torch.rand(9, 3, 512, 512)
    scores = score_rows(stack, x, 2)
    assert set(seen) == {8, 1} and scores.shape == (2, 9, 2)
    expected = torch.stack([stack.member(m)(x) for m in range(2)])
    torch.testing.assert_close(scores, expected)


def test_decisions_follow_the_priors(digits):
    X, y = digits
    keep = (y != 0) | (np.arange(240) % 4 == 0)
    X, y = X[keep], y[keep]
    clf = _fit(X, y, loss="pc_softmax", max_iter=2)
    log_proba = clf.predict_log_proba(X)
    expected = (log_proba - np.log(clf.class_prior_)).argmax(axis=1)
    assert_array_equal(clf.predict(X), expected)
    clf.set_params(priors="empirical")
    assert_array_equal(clf.predict(X), log_proba.argmax(axis=1))
    clf.set_params(priors=[0.997, 0.001, 0.001, 0.001])
    assert (clf.predict(X) == 0).mean() > (expected == 0).mean()


# --- weights, groups, splits, warm start --------------------------------------------------------


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
    assert {len(value) for value in clf.net_.module_.parameters()} == {n_members}
    scored = np.isfinite(clf.oof_pointwise_mutual_info_)
    held = np.unique(np.concatenate(clf._members.part_rows))
    assert_array_equal(np.flatnonzero(scored), held)
    assert_allclose(clf.predict_proba(digits[0]).sum(axis=1), 1)


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


# --- networks and companions --------------------------------------------------------------------


class Own(nn.Module):
    """Batch normalisation, dropout and a function."""

    def __init__(self, n_channels, n_classes):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(n_channels, 6, 3), nn.BatchNorm2d(6)
        self.drop, self.last = nn.Dropout(0.2), nn.Linear(6, n_classes)

    def forward(self, x):
        return self.last(self.drop(torch.relu(self.norm(self.conv(x))).amax((2, 3))))


NETWORKS = {"class": Own, "function": small, "instance": Own(1, 4), "by place": by_place}


@pytest.mark.parametrize("module", NETWORKS.values(), ids=NETWORKS.keys())
@pytest.mark.parametrize("loss", ["ce", "dmi"])
def test_any_network_can_be_trained(digits, module, loss):
    X, y = digits
    state = copy.deepcopy(module.state_dict()) if isinstance(module, nn.Module) else {}
    clf = _fit(X, y, module=module, loss=loss, max_iter=12, learning_rate_init=0.03)
    assert clf.mutual_info_score_ > 0.2
    assert clf.estimators_ == {}
    for name, value in state.items():
        assert torch.equal(module.state_dict()[name], value)


def test_a_network_for_other_channels_is_refused_with_a_remedy(digits):
    with pytest.raises(ValueError, match=r"batch of shape \(2, 1, 8, 8\).*adapt its first layer"):
        _fit(*digits, module=Own(3, 4))


def test_other_channels_than_those_of_the_fit_are_refused(digits):
    clf = _fit(*digits, max_iter=1)
    with pytest.raises(ValueError, match=r"(3, 8, 8).*(1, 8, 8)"):
        clf.predict(np.repeat(digits[0], 3, axis=1))


class FlatBayes(GaussianNB):
    """Naive Bayes that writes down the shapes of what it was given."""

    def fit(self, X, y, sample_weight=None):
        self.fitted_on_, self.range_ = X.shape, (X.min(), X.max())
        return super().fit(X, y, sample_weight)


def test_companions_get_rows_of_standardised_pixels(digits):
    X, y = digits
    clf = _fit(X, y, estimators=[("nb", FlatBayes()), ("line", LogisticRegression())])
    assert list(clf.pool_weights_) == ["networks", "nb", "line"]
    assert [len(fitted) for fitted in clf.estimators_.values()] == [3, 3]
    rows = ((X - X.mean()) / X.std()).astype(np.float32).reshape(240, -1)
    for train, own in zip(clf._members.train_rows, clf.estimators_["nb"], strict=True):
        assert own.fitted_on_ == (160, 64)
        assert_allclose(own.range_, (rows[train].min(), rows[train].max()), rtol=1e-5)
        expected = GaussianNB().fit(rows[train], y[train]).predict_proba(rows)
        assert_allclose(own.predict_proba(rows), expected, atol=1e-3)
    alone = _fit(X, y)
    assert clf.mutual_info_score_ > alone.mutual_info_score_ + 0.05
    assert (clf.predict_proba(X) != alone.predict_proba(X)).any()


def test_companions_of_channels_get_all_of_them(digits):
    X, y = digits
    clf = _fit(np.repeat(X, 3, axis=1), y, estimators=[("nb", FlatBayes())], max_iter=1)
    assert {own.fitted_on_ for own in clf.estimators_["nb"]} == {(160, 192)}


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


def test_a_search_over_losses(digits):
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
    clf = _fit(X, y, module=module, max_iter=1, estimators=[("nb", GaussianNB())])
    restored = pickle.loads(pickle.dumps(clf))
    assert_array_equal(restored.predict_proba(X), clf.predict_proba(X))
    assert restored.image_shape_ == (1, 8, 8)
    assert restored.set_params(warm_start=True).fit(X, y).mutual_info_score_ > -1


def test_a_stored_classifier_does_not_carry_the_images(digits):
    X, y = digits
    sizes = [len(pickle.dumps(_fit(X[:n], y[:n], max_iter=1))) for n in (120, 240)]
    assert sizes[1] - sizes[0] < 0.5 * X[:120].astype(np.float32).nbytes


def test_torch_is_left_as_it_was(digits, torch_left_alone):
    with torch_left_alone():
        clf = _fit(*digits, max_iter=1, augmentation=["shift", "flip"])
        clf.predict(digits[0])


# --- a stack learns what its networks would learn alone -----------------------------------------


def last_state(module, name, data, options):
    stopping = CrossFittedStopping(options.n_iter_no_change, options.tol)
    net = make_net(module, make_loss(name).double(), options, stopping, torch.Generator(), CPU)
    net.fit(data)
    return state_of(net.module_), state_of(stopping.average_), net.history[:, "train_loss"]


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("build", [tiny, Own])
def test_a_stack_learns_what_its_members_learn_alone(name, build):
    members = apart(5, n_train=15, n_held=6)
    X = torch.randn(105, 2, 6, 6, dtype=torch.double)
    data = MemberData(X, torch.arange(105) % 3, 0.5 + torch.rand(105).double(), members)
    kind = build if build is tiny else lambda c, k: without_dropout(build(c, k))
    module = ModuleStack(kind, 5, (2, 6, 6), 3).double()
    single = ModuleStack(kind, 1, (2, 6, 6), 3).double()
    # All rows in one batch, so that the order in which they are drawn does not matter.
    options = make_settings(batch_size=15, max_iter=4)
    start = state_of(module)
    *states, curve = last_state(module, name, data, options)
    curves = []
    for m in range(5):
        single.load_state_dict({key: value[m : m + 1] for key, value in start.items()})
        two_halves = [members.part_rows[m][:3], members.part_rows[m][3:]]
        own = Members([members.train_rows[m]], two_halves, np.zeros(2, int))
        *alone, own_curve = last_state(
            single, name, MemberData(data.X, data.y, data.weight, own), options
        )
        curves.append(own_curve)
        for together, apart_ in zip(states, alone, strict=True):
            assert_same_state({k: v[m : m + 1] for k, v in together.items()}, apart_)
    np.testing.assert_allclose(curve, np.sum(curves, axis=0))
    assert any(not torch.equal(start[key], states[0][key]) for key in start)


def without_dropout(network):
    network.drop = nn.Identity()
    return network


def test_every_image_is_scored_by_the_network_that_holds_it_out():
    members = apart(3, n_train=8, n_held=5)
    data = MemberData(torch.randn(39, 2, 6, 6), torch.arange(39) % 3, None, members)
    stack = ModuleStack(tiny, 3, (2, 6, 6), 3)
    scores = score_held_out(stack, data)
    for m, rows in enumerate(members.part_rows):
        expected = stack.member(m)(data.X[rows])
        torch.testing.assert_close(scores[members.entry_part == m], expected, atol=1e-5, rtol=1e-5)


class Sum(Loss):
    """A loss of one's own: cross-entropy, written out."""

    def forward(self, scores, target, weight=None):
        values = scores.logsumexp(-1) - scores.gather(-1, target.unsqueeze(-1)).squeeze(-1)
        return values.mean(-1) if weight is None else (weight * values).sum(-1) / weight.sum(-1)

    def log_proba(self, scores):
        return scores.log_softmax(-1)


def test_a_loss_of_ones_own_takes_images(digits):
    own, usual = _fit(*digits, loss=Sum()), _fit(*digits)
    assert_allclose(own.loss_curve_, usual.loss_curve_, rtol=1e-4)
    assert_allclose(own.mutual_info_score_, usual.mutual_info_score_, atol=1e-2)


def test_the_default_network_finds_small_objects_in_noise():
    # Networks without normalisation learn nothing here in so few steps.
    rng = np.random.RandomState(0)
    cross, frame = np.zeros((2, 7, 7))
    cross[3] = cross[:, 3] = frame[[0, -1]] = frame[:, [0, -1]] = 1
    X, y = 0.4 * rng.standard_normal((400, 1, 48, 48)), rng.randint(2, size=400)
    for image, label, (top, left) in zip(X[:, 0], y, rng.randint(41, size=(400, 2)), strict=True):
        image[top : top + 7, left : left + 7] += [cross, frame][label]
    clf = MutualInfoClassifier(cv=None, max_iter=5, batch_size=32, random_state=0).fit(X, y)
    assert clf.mutual_info_score_ > 0.3


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("augmentation", [None, ["shift", "flip"]])
def test_cuda_agrees_with_the_cpu(digits, augmentation):
    params = {"augmentation": augmentation, "max_iter": 20}
    on_cuda, on_cpu = (_fit(*digits, device=device, **params) for device in ("cuda", "cpu"))
    assert next(on_cuda.net_.module_.parameters()).is_cuda
    difference = abs(on_cuda.mutual_info_score_ - on_cpu.mutual_info_score_)
    assert difference < 2 * (on_cuda.mutual_info_stderr_ + on_cpu.mutual_info_stderr_)
    result = info_cam(on_cuda, digits[0][:5])
    assert result.maps.shape == (5, 8, 8) and np.isfinite(result.maps).all()
