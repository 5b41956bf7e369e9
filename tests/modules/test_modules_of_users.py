"""Modules as people write them: what the forward keeps, replaces and gives."""

import copy
import pickle
import warnings

import numpy as np
import pytest
import torch
from own_modules import Centred, OnLinear, X, fit, giving, wrapped
from torch import nn
from torch.nn.utils import parametrizations

from sklearn_mi.modules import ModuleStack, StackedMLP


class Clamped(OnLinear):
    """Weights kept within bounds by the forward."""

    def forward(self, x):
        with torch.no_grad():
            self.linear.weight.clamp_(-0.1, 0.1)
        return self.linear(x)


class Keeps(OnLinear):
    """An activation, a list of all of them, a loss besides and a number of calls."""

    def set_up(self, n_features):
        self.last, self.all, self.calls = None, [], 0

    def forward(self, x):
        self.last = self.linear(x)
        self.all.append(self.last)
        self.penalty = self.last.square().mean()
        self.calls += 1
        return self.last


class Attention(OnLinear):
    """Maps that are kept, columns as tokens."""

    def set_up(self, n_features):
        self.embed = nn.Linear(1, 4)
        self.attend = nn.MultiheadAttention(4, 2, batch_first=True)
        self.head = nn.Linear(4, self.linear.out_features)

    def forward(self, x):
        tokens = self.embed(x.unsqueeze(-1))
        out, self.maps = self.attend(tokens, tokens, tokens)
        return self.head(out.mean(1)) + self.linear(x)


class Recurrent(OnLinear):
    """A layer with lists of its own weights."""

    def set_up(self, n_features):
        self.lstm = nn.LSTM(1, self.linear.out_features, batch_first=True)

    def forward(self, x):
        return self.lstm(x.unsqueeze(-1))[0][:, -1] + self.linear(x)


class InPlace(OnLinear):
    """Changes the rows that it is given."""

    def forward(self, x):
        x -= 1
        x[:, 0] *= 2
        return self.linear(x)


def hooked(n_features, n_classes):
    module, seen = nn.Linear(n_features, n_classes), []
    module.register_forward_hook(lambda layer, inputs, output: seen.append(output.sum().item()))
    return module


def classic_norm(n_features, n_classes):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return nn.Sequential(nn.utils.weight_norm(nn.Linear(n_features, n_classes)))


BUILDERS = {
    "assigned buffers": Centred,
    "clamped weights": Clamped,
    "kept activations": Keeps,
    "attention maps": Attention,
    "recurrent": Recurrent,
    "rows changed in place": InPlace,
    "hook": hooked,
    "weight norm": classic_norm,
    "weight norm, parametrised": wrapped(parametrizations.weight_norm),
    "spectral norm": wrapped(nn.utils.spectral_norm),
    "spectral norm, parametrised": wrapped(parametrizations.spectral_norm),
    "orthogonal": wrapped(parametrizations.orthogonal),
}
every_builder = pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)


def alone(stack):
    """The members, each as a plain module that goes on by itself."""
    return [stack.member(number).train() for number in range(stack.n_members)]


@every_builder
def test_members_train_as_they_would_alone(build):
    torch.manual_seed(0)
    stack, x = ModuleStack(build, 3, 3, 2).train(), torch.rand(4, 3, 8, 3)
    modules = alone(stack)
    optimizer = torch.optim.SGD(stack.parameters(), lr=0.1)
    own = torch.optim.SGD([p for module in modules for p in module.parameters()], lr=0.1)
    for batch in x:
        scores = stack(batch.clone())
        expected = torch.stack([m(rows.clone()) for m, rows in zip(modules, batch, strict=True)])
        torch.testing.assert_close(scores, expected)
        for steps, values in ((optimizer, scores), (own, expected)):
            steps.zero_grad()
            values.square().sum().backward()
            steps.step()
    for number, module in enumerate(modules):
        found = dict(stack.member(number).named_buffers())
        for name, value in module.named_buffers():
            torch.testing.assert_close(found[name], value)


@every_builder
def test_they_fit_and_can_be_copied(build):
    clf = fit(build)
    stack = clf.net_.module_
    rows = torch.as_tensor(clf._encoder.transform(X)).expand(3, *X.shape)
    torch.testing.assert_close(copy.deepcopy(stack)(rows.clone()), stack(rows))
    one_by_one = np.concatenate([clf.predict_proba(row[None]) for row in X[:4]])
    np.testing.assert_allclose(one_by_one, clf.predict_proba(X)[:4], rtol=1e-4)


@pytest.mark.parametrize("build", [Keeps, Attention, Recurrent, Centred])
def test_a_stored_module_does_not_carry_what_it_kept(build):
    stack, x = ModuleStack(build, 2, 3, 2), torch.rand(2, 5000, 3)
    stack(x)
    assert len(pickle.dumps(stack)) < x.nbytes / 2


def test_an_instance_with_a_history_can_be_copied():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        module = nn.utils.weight_norm(nn.Linear(3, 2))
    stack, x = ModuleStack(module, 2, 3, 2).eval(), torch.rand(6, 3)
    torch.testing.assert_close(stack(x.expand(2, 6, 3))[1], module(x))


@pytest.mark.parametrize("way", ["_forward_at_once", "_forward_in_turn"])
def test_rows_are_as_they_were(way):
    stack, x = ModuleStack(InPlace, 2, 3, 2), torch.rand(6, 3)
    before = x.clone()
    getattr(stack, way)(x.expand(2, 6, 3)).sum().backward()
    assert torch.equal(x, before)


def test_building_leaves_buffers_as_they_were():
    class Moves(OnLinear):
        def set_up(self, n_features):
            self.register_buffer("seen", torch.zeros(()))

        def forward(self, x):
            self.seen = self.seen + 1
            return self.linear(x)

    stack = ModuleStack(Moves, 2, 3, 2)
    assert stack.seen.tolist() == [0, 0]
    stack(torch.rand(2, 4, 3))
    assert stack.seen.tolist() == [1, 1]


def test_scores_in_half_precision_are_taken():
    clf = fit(giving(lambda s, x: s.linear(x).to(torch.bfloat16)))
    assert np.isfinite(clf.predict_log_proba(X)).all()


# --- one of them ----------------------------------------------------------------------------------


def test_a_member_of_the_default_network_is_a_module_of_rows():
    edges = torch.tensor([[0.0, 0.5, 1.0], [0.0, 0.2, torch.inf]])
    stack = StackedMLP(3, 4, 2, n_numeric=2, hidden_layer_sizes=(8,), edges=edges)
    nn.init.normal_(stack[-1].weight)
    x = torch.rand(5, 4)
    for number, expected in enumerate(stack.eval()(x.expand(3, 5, 4))):
        member = stack.member(number)
        assert not member.training
        torch.testing.assert_close(member(x), expected)
        member(x).sum().backward()
    assert all(parameter.grad is None for parameter in stack.parameters())


def test_members_of_a_fit_say_what_it_says():
    clf = fit("auto")
    rows = torch.as_tensor(clf._encoder.transform(X))
    together = clf.net_.module_.eval()(rows.expand(3, *rows.shape))
    for number in range(3):
        torch.testing.assert_close(clf.net_.module_.member(number)(rows), together[number])
