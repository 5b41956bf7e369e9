"""The adversary of training: what it finds, what it leaves as it was, and how far rows may move."""

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from rows_to_move import every_loss, mixed_table, pixels, tiny
from small_fits import apart, make_loss, make_mlp, norm_network, state_of
from torch import nn

from sklearn_mi._engine._adversarial_training import Adversary, log_odds_against
from sklearn_mi._engine._batches import MemberBatches, MemberData
from sklearn_mi._engine._bounds import make_bounds
from sklearn_mi._engine._members import Members
from sklearn_mi._inputs._augmentation import Augmentation
from sklearn_mi._inputs._image_encoder import ImageEncoder
from sklearn_mi._inputs._table_encoder import TableEncoder
from sklearn_mi.losses import CrossEntropyLoss
from sklearn_mi.losses._base import observed
from sklearn_mi.modules import ModuleStack


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def box(X, width=0.5):
    """Bounds of rows of which some columns move, to both sides by different amounts."""
    reach = width * torch.arange(X.shape[-1]).to(X.dtype)
    return between(X - reach, X + 2 * reach)


def between(low, high):
    """Bounds of rows by their numbers."""
    return lambda X, rows: (low[rows], high[rows])


def small_batch(n_members=3, n_rows=7, n_features=4, dtype=torch.float32):
    X = torch.randn(n_members * n_rows, n_features, dtype=dtype)
    rows = torch.randperm(len(X)).view(n_members, n_rows)
    return X, rows, torch.randint(3, rows.shape)


def lively_mlp(n_members=3, **changes):
    module = make_mlp(n_members, **changes)
    nn.init.normal_(module[-1].weight)
    return module


def bounds_of(X, eps=0.4, keep=slice(None)):
    """Encoder, rows as a network that trains on them sees them, and bounds, as a fit finds them."""
    images = np.ndim(X) == 4
    rows = np.arange(len(X))
    members = Members([rows[keep]], [rows], np.zeros(1, int))
    encoder = (ImageEncoder() if images else TableEncoder()).fit(X, members.train_rows)
    read = torch.as_tensor(encoder.read(X))
    data = MemberData(read, torch.zeros(len(X)), None, members, encoder.encoding)
    shape = X.shape[1:] if images else None
    return encoder, data.inputs(rows[None])[0], make_bounds(eps, shape, encoder, data, members)


def limits_of(X, **options):
    """Least and largest that rows may become, encoded."""
    _, encoded, bounds = bounds_of(X, **options)
    return [bound[0] for bound in bounds(encoded[None], torch.arange(len(X))[None])]


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
    assert (found >= before).all() and (found >= at_first).float().mean() > 0.9


def test_of_a_linear_network_it_is_the_worst_corner():
    X, rows, target = small_batch(dtype=torch.double)
    linear = ModuleStack(nn.Linear, 3, 4, 2).double()
    target, bounds, eps = target % 2, between(X - 0.3, X + 0.3), 0.3
    adversary = Adversary(linear, CrossEntropyLoss().set_class_prior([0.5, 0.5]), bounds)
    weight = torch.cat([linear.member(m).weight.diff(dim=0) for m in range(3)])
    sign = 2 * target.unsqueeze(-1) - 1
    expected = X[rows] - eps * weight.sign().unsqueeze(1) * sign
    for seed in range(3):  # wherever it starts
        out = adversary(X[rows], rows, target, seeded(seed))
        torch.testing.assert_close(out, expected, rtol=0, atol=1e-15)


class Peak(nn.Module):
    """Log odds of 0 against class 0 at x = 1, and less all around."""

    def __init__(self, n_features, n_classes):
        super().__init__()
        self.width = nn.Parameter(torch.ones(()))

    def forward(self, x):
        height = (x - self.width).square().sum(-1, keepdim=True)
        return torch.cat([height, torch.zeros_like(height)], -1)


def test_rows_that_are_harder_as_they_are_stay_as_they_are():
    X, rows = torch.tensor([[1.0], [5.0]]), torch.tensor([[0, 1]])
    module, bounds = ModuleStack(Peak, 1, 1, 2), between(X - 0.3, X + 0.3)
    adversary = Adversary(module, CrossEntropyLoss(), bounds)
    out = adversary(X[rows], rows, torch.zeros_like(rows), seeded())
    torch.testing.assert_close(out, torch.tensor([[[1.0], [4.7]]]), rtol=0, atol=0)


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
    stack, single, loss = stack.eval(), single.eval(), loss.eval()
    together = Adversary(stack, loss, None).ascend(X, low, high, target)
    assert (together != X).any()
    for m in range(3):
        own = slice(m, m + 1)
        single.load_state_dict({name: value[own] for name, value in stack.state_dict().items()})
        alone = Adversary(single, loss, None).ascend(X[own], low[own], high[own], target[own])
        torch.testing.assert_close(together[own], alone)


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
    before, before_X, before_loss = state_of(module), X.clone(), pickle.dumps(loss)
    with torch_left_alone():
        out = Adversary(module, loss, box(X))(X[rows], rows, target, seeded())
    assert module.training is loss.training is training
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert all((value.grad == number).all() for number, value in enumerate(module.parameters()))
    assert all(value.requires_grad for value in module.parameters())
    assert pickle.dumps(loss) == before_loss and not out.requires_grad
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


def test_numbers_of_a_table_move_by_standard_deviations():
    table = mixed_table()
    encoder, _, _ = bounds_of(table)
    limits = limits_of(table)
    for way, bound in zip((-1, 1), limits, strict=True):
        by_hand = table.assign(
            size=table["size"] + way * 0.4 * table["size"].std(ddof=0),
            age=table["age"] + way * 0.4 * table["age"].std(ddof=0),
        )
        assert_allclose(bound, encoder.transform(by_hand), rtol=1e-6)
    spread = (limits[1] - limits[0]).amax(0).numpy()
    numbers = encoder.columns_[encoder.scaled_]
    moving = table.columns[numbers].isin(["size", "age"])
    assert_array_equal(spread[: len(numbers)] > 0, moving)
    assert moving.sum() == 2 and (spread[len(numbers) :] == 0).all()


def test_what_does_not_move_stays_exactly():
    table = mixed_table()
    encoder, X, bounds = bounds_of(table)
    rows = torch.arange(40).view(1, 40)
    module, target = lively_mlp(1, n_features=X.shape[1]), rows % 3
    out = Adversary(module, make_loss("ce"), bounds)(X[rows], rows, target, seeded())[0]
    low, high = limits_of(table)
    assert ((low <= X) & (high >= X)).all()
    names = table.columns[encoder.columns_[encoder.scaled_]]
    assert {"size", "age"} < set(names) or {"size", "age"} == set(names)
    for j in range(X.shape[1]):
        moves = j < len(names) and names[j] in ("size", "age")
        present = table[names[j]].notna() if moves else np.zeros(40, bool)
        assert_array_equal(out[:, j] != X[:, j], present)


@pytest.mark.parametrize("form", ["frame", "float", "float32", "int", "objects"])
def test_all_forms_of_a_table_have_the_same_bounds(form):
    values = np.random.default_rng(0).integers(-9, 9, (30, 3))
    forms = {"frame": pd.DataFrame(values), "float": values.astype(float), "int": values}
    forms |= {"float32": values.astype(np.float32), "objects": values.astype(object)}
    for bound, expected in zip(limits_of(forms[form]), limits_of(forms["float"]), strict=True):
        torch.testing.assert_close(bound, expected)


def test_only_rows_that_a_network_trains_on_have_a_say():
    X = np.random.default_rng(0).normal(size=(30, 2))
    keep = np.arange(30) % 3 > 0
    outlier = X.copy()
    outlier[~keep] *= 1e6
    first, second = (limits_of(x, eps=0.1, keep=keep) for x in (X, outlier))
    assert all(torch.equal(a[keep], b[keep]) for a, b in zip(first, second, strict=True))


# --- bounds of images ---------------------------------------------------------------------------


FORMS = {
    "bytes": (pixels(), 0, 1),
    "parts": (pixels() / 255, 0, 1),
    "dim": (pixels() / 1000, 0, 1),
    "signed": (pixels() / 32.0 - 3, -3, 255 / 32 - 3),
}


@pytest.mark.parametrize("X, least, most", FORMS.values(), ids=FORMS)
def test_pixels_move_by_a_share_of_their_range_and_stay_in_it(X, least, most):
    encoder, encoded, bounds = bounds_of(X, eps=0.1)
    rows, target = torch.arange(12).view(2, 6), torch.arange(12).view(2, 6) % 3
    module = ModuleStack(tiny, 2, (2, 5, 5), 3)
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
    first, second = (bounds_of(X)[2] for X in (pixels(), pixels() / np.float32(255)))
    assert all(torch.equal(value, vars(second)[name]) for name, value in vars(first).items())


def test_augmented_images_have_a_box_of_their_own():
    _, X, bounds = bounds_of(pixels(20), eps=0.05)
    data = MemberData(X, torch.arange(20) % 3, None, apart(2, n_train=7, n_held=3))
    augment, stack = Augmentation(["shift", "flip"]), ModuleStack(tiny, 2, (2, 5, 5), 3)
    adversary = Adversary(stack, make_loss("ce"), bounds)
    # One batch of an epoch, so that both draw the same changes.
    ((plain, _),) = MemberBatches(data, 7, seeded(), augment)
    ((moved, _),) = MemberBatches(data, 7, seeded(), augment, adversary)
    low, high = bounds(plain, None)
    assert ((low <= moved) & (moved <= high)).all()
    assert 0 < (moved - plain).abs().max() <= bounds.reach.max() + 1e-6
