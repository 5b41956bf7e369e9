"""Adversarial training: what networks learn by it, what it goes with, and what is refused."""

import pickle

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from rows_to_move import every_loss, mixed_table, pixels, tiny
from scipy.stats import norm
from sklearn.naive_bayes import GaussianNB
from small_fits import apart, fit, make_data, make_mlp, make_settings, norm_network, state_of
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._engine._adversarial_training import TableBounds
from sklearn_mi._engine._training import train
from sklearn_mi.losses import LOSSES

pytestmark = pytest.mark.usefixtures("few_trees", "brief_searches")

# --- training -----------------------------------------------------------------------------------


class Counting:
    """Bounds that count the batches they were asked for."""

    def __init__(self, rows):
        self.rows, self.asked = rows, 0

    def __call__(self, X, rows):
        self.asked += 1
        assert torch.equal(X, self.rows[rows])
        return X, X + 1


@pytest.mark.parametrize("names", [["ce"], ["ce", "dmi"], ["ce", "dmi", "forward"]])
def test_every_training_batch_of_every_loss_is_moved(names):
    data, module = make_data(apart(2, n_train=40, n_held=15)), make_mlp(2)
    bounds = Counting(data.X)
    settings = make_settings(max_iter=3, batch_size=20, bounds=bounds)
    losses = [LOSSES[name]().set_class_prior([1 / 3] * 3) for name in names]
    net, *_ = train(module, losses, data, [settings] * len(losses), 0)
    assert bounds.asked == 2 * 3 * len(losses)
    assert net.iterator_train__adversary is None


def test_training_in_a_box_of_no_width_is_plain_training():
    # All rows in one batch and no dropout, so that their order does not matter.
    data = make_data(apart(3, n_train=16, n_held=8))
    modules = [make_mlp(3, dropout=0) for _ in range(2)]
    modules[1].load_state_dict(modules[0].state_dict())
    for module, bounds in zip(modules, (None, lambda X, rows: (X, X)), strict=True):
        fit(data=data, module=module, bounds=bounds)
    first, second = map(state_of, modules)
    for name, value in first.items():
        torch.testing.assert_close(value, second[name], rtol=1e-4, atol=1e-5)


def make_fragile(seed, n=600):
    """The difference of two columns tells the label, by little; a third by much, with noise."""
    rng = np.random.default_rng(seed)
    y, common = np.arange(n) % 2, rng.normal(size=n)
    sign = 2 * y - 1
    return np.c_[common + 0.1 * sign, common - 0.1 * sign, 2 * sign + rng.normal(size=n)], y


def accuracies(clf, X, y, eps):
    """Of the first network, which is linear: on the rows, and on the worst of their boxes."""
    linear, shift = clf.net_.module_.member(0), eps * X.std(axis=0)
    way = np.sign(linear.weight.detach().diff(dim=0).numpy())
    for rows in (X, X - shift * way * (2 * y[:, None] - 1)):
        with torch.no_grad():
            scores = linear(torch.as_tensor(clf._encoder.transform(rows)))
        yield (scores.argmax(-1).numpy() == y).mean()


def test_networks_learn_to_rely_on_what_holds():
    found, eps = {None: [], 0.3: []}, 0.3
    for seed in range(2):
        X, y = make_fragile(seed)
        for trained, values in found.items():
            params = {"adversarial_training": trained, "random_state": seed}
            params |= {"learning_rate_init": 0.1, "max_iter": 40, "cv": None, "alpha": 0}
            params["device"] = "cpu"  # for `accuracies`
            clf = MutualInfoClassifier(module=nn.Linear, **params).fit(X, y)
            values.append([*accuracies(clf, *make_fragile(10 + seed), eps)])
    plain, robust = (np.mean(values, axis=0) for values in found.values())
    # The third column alone says norm.cdf(2); its deviation of sqrt(5) is what an attack costs.
    best = norm.cdf(2), norm.cdf(2 - eps * np.sqrt(5))
    assert_allclose(robust, best, atol=0.02)
    assert plain[0] > best[0] + 0.01 and plain[1] < best[1] - 0.15
    first, second, third = clf.net_.module_.member(0).weight.detach().diff(dim=0)[0].abs()
    assert max(first, second) < 0.01 * third


def make_skewed(n_rows, seed):
    """Columns of which a tenth of the standard deviation is more than most of the rows span."""
    rng = np.random.RandomState(seed)
    X = np.exp(2 * rng.normal(size=(n_rows, 4)))
    return X, (np.log(X[:, 0]) + 0.5 * rng.normal(size=n_rows) > 0).astype(int)


@pytest.mark.parametrize("loss", ["ce", "gccs"])
def test_labels_are_not_learnt_from_how_rows_were_moved(loss):
    X, y = make_skewed(800, seed=0)
    usual = {"loss": loss, "cv": 2, "max_iter": 25, "estimators": None, "random_state": 0}
    usual["device"] = "cpu"  # random numbers of which the share below is known
    plain, trained = (
        MutualInfoClassifier(adversarial_training=eps, **usual).fit(X, y) for eps in (None, 0.3)
    )
    assert trained.mutual_info_score_ > 0.6 * plain.mutual_info_score_ > 0.1


def small_fit(X, y, *, sample_weight=None, groups=None, **params):
    usual = {"hidden_layer_sizes": (8,), "max_iter": 2, "cv": 3, "random_state": 0}
    usual |= {"adversarial_training": 0.2, "batch_size": 20}
    clf = MutualInfoClassifier(**usual | params)
    return clf.fit(X, y, sample_weight=sample_weight, groups=groups)


def labelled(n=60):
    table = mixed_table(n)
    return table, (table["age"] > 40).to_numpy().astype(int) + (table["yes"] & (table["age"] > 50))


@every_loss
def test_every_loss_trains_with_it(name, monkeypatch):
    (X, y), asked, bounds = labelled(), [], TableBounds.__call__
    monkeypatch.setattr(TableBounds, "__call__", lambda *args: asked.append(0) or bounds(*args))
    params = {"loss": name, "batch_size": 60}  # which is one batch an epoch
    clf, plain = (small_fit(X, y, adversarial_training=eps, **params) for eps in (0.2, None))
    assert len(asked) == clf.n_iter_
    assert np.isfinite(clf.mutual_info_score_) and np.isfinite(clf.loss_curve_).all()
    assert clf.loss_curve_ != plain.loss_curve_
    assert clf.n_iter_ == plain.n_iter_


CASES = {
    "one network": {"cv": None},
    "weights": {"sample_weight": np.arange(60) % 4},
    "class weights": {"class_weight": "balanced"},
    "groups": {"groups": np.arange(60) // 3},
    "another module": {"module": norm_network},
    "an instance": {"module": nn.Sequential(nn.LazyLinear(5), nn.ReLU(), nn.Linear(5, 3))},
    "numbers": {"numbers": True},
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_goes_with_other_parameters(case, torch_left_alone):
    X, y = labelled()
    X = X[["size", "age"]].to_numpy() if case.get("numbers") else X
    case = {key: value for key, value in case.items() if key != "numbers"}
    with torch_left_alone():
        first, again = (small_fit(X, y, **case) for _ in range(2))
    assert first.loss_curve_ == again.loss_curve_
    assert_array_equal(first.predict_proba(X), again.predict_proba(X))
    assert np.isfinite(first.mutual_info_score_)
    assert first.loss_curve_ != small_fit(X, y, **case, adversarial_training=None).loss_curve_


@pytest.mark.parametrize("name", ["ce", "dmi"])
def test_images_train_with_it(name):
    X, y = pixels(48), np.arange(48) % 3
    params = {"module": tiny, "loss": name, "augmentation": ["shift"], "max_iter": 2}
    first, second = (small_fit(form, y, **params) for form in (X, X / np.float32(255)))
    assert first.loss_curve_ == second.loss_curve_
    rows = small_fit(X.reshape(48, -1), y, image_shape=(2, 5, 5), **params)
    assert first.loss_curve_ == rows.loss_curve_
    nearer = small_fit(X, y, **params, adversarial_training=0.1)
    assert first.loss_curve_ != nearer.loss_curve_


def test_a_warm_start_goes_on_with_it():
    X, y = labelled()
    clf = small_fit(X, y, warm_start=True, adversarial_training=None, estimators=None)
    before, plain = clf.loss_curve_[-1], pickle.loads(pickle.dumps(clf)).fit(X, y)
    clf.set_params(adversarial_training=0.5).fit(X, y)
    assert clf.loss_curve_ != plain.loss_curve_ and clf.loss_curve_[-1] < before + 0.5


def test_companions_stay_only_if_they_are_asked_for():
    X, y = labelled()
    assert small_fit(X, y).estimators_ == {}
    named = small_fit(X[["age"]], y, estimators=[("bayes", GaussianNB())])
    assert list(named.pool_weights_) == ["networks", "bayes"]
    assert list(small_fit(X, y, adversarial_training=None).estimators_)


def test_a_stored_classifier_does_not_carry_the_bounds():
    X = np.random.default_rng(0).normal(size=(400, 20))
    y = np.arange(400) % 2
    params = {"estimators": None, "max_iter": 1}
    plain, clf = (small_fit(X, y, adversarial_training=eps, **params) for eps in (None, 0.1))
    assert len(pickle.dumps(clf)) < len(pickle.dumps(plain)) + 1000
    restored = pickle.loads(pickle.dumps(clf))
    assert_array_equal(restored.predict_proba(X), clf.predict_proba(X))


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("eps", [0, -0.1, "0.1", np.nan, np.inf, [0.1]])
def test_what_is_no_distance_is_refused(eps):
    with pytest.raises(ValueError, match=r"'adversarial_training' .* must be a float .*0\.0"):
        small_fit(*labelled(), adversarial_training=eps)


@pytest.mark.parametrize("columns", [["word", "yes"], ["day"], ["same"], ["same", "kind"]])
def test_a_table_in_which_nothing_moves_is_refused(columns):
    X, y = labelled()
    with pytest.raises(ValueError, match=r"adversarial_training=0.2 .* of kind '.* Pass None, or"):
        small_fit(X[columns], y)
    assert np.isfinite(small_fit(X[columns], y, adversarial_training=None).mutual_info_score_)


def test_images_of_one_value_are_refused():
    X, y = np.full((30, 1, 5, 5), 7.0), np.arange(30) % 2
    with pytest.raises(ValueError, match=r"adversarial_training=0.2 .* all are 7.0. Pass None, or"):
        small_fit(X, y, module=tiny)


def test_a_refusal_leaves_a_fitted_classifier_as_it_was():
    X, y = labelled()
    clf = small_fit(X[["word"]], y, warm_start=True, adversarial_training=None, estimators=None)
    before = clf.predict_proba(X[["word"]])
    with pytest.raises(ValueError, match="adversarial_training"):
        clf.set_params(adversarial_training=0.1).fit(X[["word"]], y)
    assert_array_equal(clf.predict_proba(X[["word"]]), before)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", LOSSES)
def test_it_runs_on_cuda(name):
    X, y = labelled()
    clf = small_fit(X, y, loss=name, device="cuda")
    assert next(clf.net_.module_.parameters()).is_cuda and np.isfinite(clf.mutual_info_score_)
    images = small_fit(pixels(48), np.arange(48) % 3, module=tiny, loss=name, device="cuda")
    assert np.isfinite(images.mutual_info_score_)
