"""Adversarial training: what the adversary may do, what it finds, and what networks learn by it."""

import pickle
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm
from sklearn.naive_bayes import GaussianNB
from small_fits import (
    CPU,
    apart,
    fit,
    make_data,
    make_loss,
    make_mlp,
    make_settings,
    norm_network,
    state_of,
)
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._adversarial_training import Adversary, TableBounds, log_odds_against
from sklearn_mi._augmentation import Augmentation
from sklearn_mi._encoding import TableEncoder
from sklearn_mi._images import ImageEncoder
from sklearn_mi._recipe import make_bounds
from sklearn_mi._training import MemberBatches, MemberData, train
from sklearn_mi.losses import LOSSES, CrossEntropyLoss
from sklearn_mi.losses._base import observed
from sklearn_mi.modules import ConvNet, ModuleStack

every_loss = pytest.mark.parametrize("name", LOSSES)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def box(X, width=0.5):
    """Bounds of rows of which some columns move, to both sides by different amounts."""
    reach = width * torch.arange(X.shape[-1]).to(X.dtype)
    return TableBounds(X - reach, X + 2 * reach)


def small_batch(n_members=3, n_rows=7, n_features=4, dtype=torch.float32):
    X = torch.randn(n_members * n_rows, n_features, dtype=dtype)
    rows = torch.randperm(len(X)).view(n_members, n_rows)
    return X, rows, torch.randint(3, rows.shape)


def lively_mlp(n_members=3, **changes):
    module = make_mlp(n_members, **changes)
    nn.init.normal_(module[-1].weight)
    return module


def bounds_of(X, eps=0.4, weight=None):
    """Encoded rows and their bounds, as a fit finds them."""
    X, images = (X, True) if np.ndim(X) == 4 else (X, False)
    encoder = (ImageEncoder() if images else TableEncoder()).fit(X)
    clf = SimpleNamespace(adversarial_training=eps, image_shape_=X.shape[1:] if images else None)
    return encoder, make_bounds(clf, encoder, X, weight, CPU)


# --- what it finds ------------------------------------------------------------------------------


def log_loss_of_rows(module, loss, X, target):
    with torch.no_grad():
        return -observed(loss.log_proba(module.eval()(X)), target)


@every_loss
@pytest.mark.parametrize("n_numeric", [0, 4])
def test_rows_stay_in_their_box_and_are_harder(name, n_numeric):
    X, rows, target = small_batch()
    module, loss, bounds = lively_mlp(n_numeric=n_numeric, dropout=0.5), make_loss(name), box(X)
    out = Adversary(module.train(), loss.train(), bounds)(X[rows], rows, target, seeded())
    low, high = bounds(X[rows], rows)
    assert ((low <= out) & (out <= high)).all()
    assert torch.equal(out[..., 0], X[rows][..., 0]) and (out != X[rows])[..., 1:].any()
    start = low + torch.rand(low.shape, generator=seeded()) * (high - low)
    found, before, at_first = (
        log_loss_of_rows(module, loss, x, target) for x in (out, X[rows], start)
    )
    assert found.mean() > before.mean() + 0.1
    assert (found >= at_first).float().mean() > 0.9


def test_of_a_linear_network_it_is_the_worst_corner():
    X, rows, target = small_batch(dtype=torch.double)
    linear = ModuleStack(nn.Linear, 3, 4, 2).double()
    target, bounds, eps = target % 2, TableBounds(X - 0.3, X + 0.3), 0.3
    adversary = Adversary(linear, CrossEntropyLoss().set_class_prior([0.5, 0.5]), bounds)
    weight = torch.cat([linear.member(m).weight.diff(dim=0) for m in range(3)])
    sign = 2 * target.unsqueeze(-1) - 1
    expected = X[rows] - eps * weight.sign().unsqueeze(1) * sign
    for seed in range(3):  # wherever it starts
        out = adversary(X[rows], rows, target, seeded(seed))
        torch.testing.assert_close(out, expected, rtol=0, atol=1e-15)


def test_where_there_is_no_slope_rows_stay_where_they_start():
    X, rows, target = small_batch()
    low, high = box(X)(X[rows], rows)
    for module in (make_mlp(3), ModuleStack(Blind, 3, 4, 3)):  # which begin with zero scores
        adversary = Adversary(module, make_loss("ce"), box(X))
        assert torch.equal(adversary.ascend(X[rows], low, high, target), X[rows])
        start = low + torch.rand(low.shape, generator=seeded()) * (high - low)
        assert torch.equal(adversary(X[rows], rows, target, seeded()), start)


class Blind(nn.Linear):
    """A network that looks at no row."""

    def forward(self, x):
        return super().forward(torch.zeros_like(x))


def tiny(n_channels, n_classes):
    network = ConvNet(n_channels, n_classes, stages=(3, 4))
    nn.init.normal_(network.linear.weight)
    return network


STACKS = {
    "mlp": (lambda n: lively_mlp(n, n_numeric=2), (4,)),
    "linear": (lambda n: ModuleStack(nn.Linear, n, 4, 3), (4,)),
    "norm": (lambda n: ModuleStack(norm_network, n, 4, 3), (4,)),
    "images": (lambda n: ModuleStack(tiny, n, (2, 5, 5), 3), (2, 5, 5)),
}


@every_loss
@pytest.mark.parametrize("build, shape", STACKS.values(), ids=STACKS)
def test_of_a_stack_it_finds_what_it_finds_of_each_member(name, build, shape):
    X, target = torch.randn(3, 6, *shape).double(), torch.randint(3, (3, 6))
    low, high = X - torch.rand_like(X), X + torch.rand_like(X)
    stack, single, loss = build(3).double(), build(1).double(), make_loss(name).double()
    together = Adversary(stack, loss, None).ascend(X, low, high, target)
    assert (together != X).any()
    for m in range(3):
        own = slice(m, m + 1)
        single.load_state_dict({name: value[own] for name, value in stack.state_dict().items()})
        alone = Adversary(single, loss, None).ascend(X[own], low[own], high[own], target[own])
        torch.testing.assert_close(together[own], alone)


# --- what it leaves as it was -------------------------------------------------------------------


class Dropping(nn.Sequential):
    def __init__(self, n_features, n_classes):
        super().__init__(norm_network(n_features, n_classes), nn.Dropout(0.5))


@every_loss
@pytest.mark.parametrize("training", [True, False])
def test_it_leaves_networks_and_loss_as_they_were(name, training, torch_left_alone):
    X, rows, target = small_batch()
    module, loss = ModuleStack(Dropping, 3, 4, 3).train(training), make_loss(name).train(training)
    for number, value in enumerate(module.parameters()):
        value.grad = torch.full_like(value, number)
    before, before_X = state_of(module), X.clone()
    with torch_left_alone():
        out = Adversary(module, loss, box(X))(X[rows], rows, target, seeded())
    assert module.training is loss.training is training
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert all((value.grad == number).all() for number, value in enumerate(module.parameters()))
    assert all(value.requires_grad for value in module.parameters())
    assert getattr(loss, "running", None) is None and not out.requires_grad
    assert torch.equal(X, before_X)


class Watching(nn.Linear):
    def forward(self, x):
        assert not self.training
        return super().forward(x)


class WatchingLoss(CrossEntropyLoss):
    def log_proba(self, scores):
        assert not self.training
        return super().log_proba(scores)


def test_networks_and_loss_do_not_train_on_the_way():
    X, rows, target = small_batch()
    module, loss = Watching(4, 3), WatchingLoss()
    Adversary(module, loss, box(X))(X[rows], rows, target, seeded())
    assert module.training and loss.training


def test_a_network_that_fails_is_in_training_again():
    class Failing(nn.Linear):
        def forward(self, x):
            raise RuntimeError("as it does")

    X, rows, target = small_batch()
    module = Failing(4, 3)
    with pytest.raises(RuntimeError, match="as it does"):
        Adversary(module, make_loss("ce"), box(X))(X[rows], rows, target, seeded())
    assert module.training


# --- bounds of tables ---------------------------------------------------------------------------


def mixed_table(n=40):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"size": rng.normal(5, 3, n), "age": rng.integers(20, 60, n)})
    table.loc[::7, "size"] = np.nan
    table["word"] = np.where(rng.random(n) < 0.5, "short", "long")
    table["kind"] = pd.Categorical(rng.integers(0, 3, n))
    table["yes"] = rng.random(n) < 0.5
    table["day"] = pd.date_range("2020-01-01", periods=n)
    table["same"] = 7.5
    table.loc[::11, "word"] = None
    return table


def test_numbers_of_a_table_move_by_standard_deviations():
    table, spread = mixed_table(), {}
    encoder, bounds = bounds_of(table, eps=0.4)
    for way, bound in [(-1, bounds.low), (1, bounds.high)]:
        by_hand = table.assign(
            size=table["size"] + way * 0.4 * table["size"].std(ddof=0),
            age=table["age"] + way * 0.4 * table["age"].std(ddof=0),
        )
        assert_allclose(bound, encoder.transform(by_hand), rtol=1e-6)
    names = encoder.get_feature_names_out()
    spread = (bounds.high - bounds.low).amax(0).numpy()
    assert set(names[spread > 0]) == {"size", "age"}


def test_what_does_not_move_stays_exactly():
    table = mixed_table()
    encoder, bounds = bounds_of(table)
    X, rows = torch.as_tensor(encoder.transform(table)), torch.arange(40).view(2, 20)
    module, target = lively_mlp(2, n_features=X.shape[1]), torch.arange(40).view(2, 20) % 3
    out = Adversary(module, make_loss("ce"), bounds)(X[rows], rows, target, seeded())
    assert ((bounds.low <= X) & (bounds.high >= X)).all()
    names = encoder.get_feature_names_out()
    for j, name in enumerate(names):
        present = table[name].notna() if name in ("size", "age") else np.zeros(40, bool)
        assert_array_equal((out[..., j] != X[rows][..., j]).flatten(), present)
    assert "size_missing" in names and "word_missing" in names and "yes_True" in names


@pytest.mark.parametrize("form", ["frame", "float", "float32", "int", "objects"])
def test_all_forms_of_a_table_have_the_same_bounds(form):
    values = np.random.default_rng(0).integers(-9, 9, (30, 3))
    forms = {"frame": pd.DataFrame(values), "float": values.astype(float), "int": values}
    forms |= {"float32": values.astype(np.float32), "objects": values.astype(object)}
    _, expected = bounds_of(forms["float"])
    _, bounds = bounds_of(forms[form])
    torch.testing.assert_close(bounds.low, expected.low)
    torch.testing.assert_close(bounds.high, expected.high)


def test_rows_without_weight_have_no_say():
    X = np.random.default_rng(0).normal(size=(30, 2))
    weight = np.arange(30) % 3
    outlier = X.copy()
    outlier[weight == 0] *= 1e6
    encoder, _ = bounds_of(X)
    clf = SimpleNamespace(adversarial_training=0.1, image_shape_=None)
    first, second = (make_bounds(clf, encoder, x, weight, CPU) for x in (X, outlier))
    assert torch.equal(first.low[weight > 0], second.low[weight > 0])


# --- bounds of images ---------------------------------------------------------------------------


def pixels(n=12):
    return np.random.default_rng(0).integers(0, 256, (n, 2, 5, 5), dtype=np.uint8)


FORMS = {
    "bytes": (pixels(), 0, 1),
    "parts": (pixels() / 255, 0, 1),
    "dim": (pixels() / 1000, 0, 1),
    "signed": (pixels() / 32.0 - 3, -3, 255 / 32 - 3),
}


@pytest.mark.parametrize("X, least, most", FORMS.values(), ids=FORMS)
def test_pixels_move_by_a_share_of_their_range_and_stay_in_it(X, least, most):
    encoder, bounds = bounds_of(X, eps=0.1)
    rows, target = torch.arange(12).view(2, 6), torch.arange(12).view(2, 6) % 3
    module, encoded = ModuleStack(tiny, 2, (2, 5, 5), 3), torch.as_tensor(encoder.transform(X))
    adversary = Adversary(module, make_loss("ce"), bounds)
    out = adversary(encoded[rows].float(), rows, target, seeded()).numpy()
    decoded = out * encoder.scale_ + encoder.mean_
    raw = (X / 255 if X.dtype == np.uint8 else X)[rows]
    change, reach = np.abs(decoded - raw), 0.1 * (most - least)
    tiny_error = 1e-5 * (most - least)
    assert change.max() <= reach + tiny_error and change.max() > 0.99 * reach
    assert decoded.min() >= least - tiny_error and decoded.max() <= most + tiny_error
    expected = np.clip(raw - reach, least, None), np.clip(raw + reach, None, most)
    for found, bound in zip(bounds(encoded[rows], rows), expected, strict=True):
        found = found.numpy() * encoder.scale_ + encoder.mean_
        assert_allclose(found, bound, atol=tiny_error)


def test_bytes_and_their_parts_have_the_same_bounds():
    first, second = (bounds_of(X)[1] for X in (pixels(), pixels() / np.float32(255)))
    assert all(torch.equal(value, vars(second)[name]) for name, value in vars(first).items())


def test_augmented_images_have_a_box_of_their_own():
    X = torch.as_tensor(bounds_of(pixels(20))[0].transform(pixels(20)))
    data = MemberData(X, torch.arange(20) % 3, None, apart(2, n_train=7, n_held=3))
    augment, stack = Augmentation(["shift", "flip"]), ModuleStack(tiny, 2, (2, 5, 5), 3)
    bounds = bounds_of(pixels(20), eps=0.05)[1]
    adversary = Adversary(stack, make_loss("ce"), bounds)
    # One batch of an epoch, so that both draw the same changes.
    ((plain, _),) = MemberBatches(data, 7, seeded(), augment)
    ((moved, _),) = MemberBatches(data, 7, seeded(), augment, adversary)
    low, high = bounds(plain, None)
    assert ((low <= moved) & (moved <= high)).all()
    assert 0 < (moved - plain).abs().max() <= bounds.reach.max() + 1e-6


# --- training -----------------------------------------------------------------------------------


class Counting(TableBounds):
    """Bounds that count the batches they were asked for."""

    asked = 0

    def __call__(self, X, rows):
        self.asked += 1
        assert torch.equal(X, self.low[rows])
        return super().__call__(X, rows)


@pytest.mark.parametrize("names", [["ce"], ["ce", "dmi"], ["ce", "dmi", "forward"]])
def test_every_training_batch_of_every_loss_is_moved(names):
    data, module = make_data(apart(2, n_train=40, n_held=15)), make_mlp(2)
    bounds = Counting(data.X, data.X + 1)
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
    for module, bounds in zip(modules, (None, TableBounds(data.X, data.X)), strict=True):
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
    for seed in range(3):
        X, y = make_fragile(seed)
        for trained, values in found.items():
            params = {"adversarial_training": trained, "random_state": seed}
            params |= {"learning_rate_init": 0.1, "max_iter": 40, "cv": None, "alpha": 0}
            clf = MutualInfoClassifier(module=nn.Linear, **params).fit(X, y)
            values.append([*accuracies(clf, *make_fragile(10 + seed), eps)])
    plain, robust = (np.mean(values, axis=0) for values in found.values())
    # The third column alone says norm.cdf(2); its deviation of sqrt(5) is what an attack costs.
    best = norm.cdf(2), norm.cdf(2 - eps * np.sqrt(5))
    assert_allclose(robust, best, atol=0.02)
    assert plain[0] > best[0] + 0.01 and plain[1] < best[1] - 0.15
    first, second, third = clf.net_.module_.member(0).weight.detach().diff(dim=0)[0].abs()
    assert max(first, second) < 0.01 * third


def small_fit(X, y, *, sample_weight=None, groups=None, **params):
    usual = {"hidden_layer_sizes": (8,), "max_iter": 3, "cv": 3, "random_state": 0}
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


def test_the_slope_is_not_lost_where_the_network_is_certain():
    """A margin of 600 nats, of whose log loss float32 sees no slope."""
    network = nn.Linear(1, 2)
    network.weight.data, network.bias.data = torch.tensor([[300.0], [-300.0]]), torch.zeros(2)
    module = ModuleStack(network, 1, (1,), 2)
    X, target = torch.ones(1, 4, 1), torch.zeros(1, 4, dtype=torch.long)
    adversary = Adversary(module, CrossEntropyLoss().set_class_prior([0.5, 0.5]), None)
    assert_array_equal(adversary.ascend(X, X - 0.25, X + 0.25, target), X - 0.25)


def test_log_odds_are_a_function_of_the_log_loss():
    draws = torch.randn(3, 5, 4, dtype=torch.double, generator=seeded())
    log_proba, target = draws.log_softmax(-1), torch.randint(4, (3, 5), generator=seeded())
    loss = -log_proba.gather(-1, target[..., None])[..., 0]
    assert_allclose(log_odds_against(log_proba, target), torch.logit(1 - (-loss).exp()))
