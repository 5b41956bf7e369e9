"""The adversary of training: what it finds, and what it leaves as it was."""

import pickle

import pytest
import torch
from bounded_rows import between, box, lively_mlp, seeded, small_batch
from numpy.testing import assert_allclose, assert_array_equal
from rows_to_move import every_loss, tiny
from small_fits import make_loss, make_mlp, norm_network, state_of
from torch import nn

from sklearn_mi._engine._adversarial_training import Adversary, log_odds_against
from sklearn_mi.losses import CrossEntropyLoss
from sklearn_mi.losses._base import observed
from sklearn_mi.modules import ModuleStack

# --- what it finds --------------------------------------------------------------------------------


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


# --- what it leaves as it was ---------------------------------------------------------------------


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
