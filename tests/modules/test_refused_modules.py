"""Modules that cannot be trained, and what they are told."""

import warnings

import numpy as np
import pytest
import torch
from own_modules import Centred, OnLinear, X, fit, giving, wrapped
from torch import nn

from sklearn_mi.modules import ModuleStack


class Remembers(OnLinear):
    """The state of Centred, where nobody finds it."""

    def set_up(self, n_features):
        self.mean = torch.zeros(n_features)

    forward = Centred.forward
    count = 0


class Anneals(OnLinear):
    """Scores that depend on how often it was called in training."""

    steps = 0

    def forward(self, x):
        self.steps += self.training
        return self.linear(x) / (1 + self.steps)


class Grows(OnLinear):
    """A buffer that takes its shape from a batch."""

    def set_up(self, n_features):
        self.register_buffer("mean", None)

    def forward(self, x):
        self.mean = x.detach().mean(0)
        return self.linear(x)


class Replaces(OnLinear):
    def forward(self, x):
        self.linear.weight.data = self.linear.weight.data.clamp(-0.1, 0.1)
        return self.linear(x)


WRONG = {
    "state in an attribute": (Remembers, "attribute.*register_buffer"),
    "number of calls": (Anneals, "attribute.*register_buffer"),
    "buffer without shape": (Grows, "'mean'.*Register it as a buffer of the shape"),
    "data replaced": (Replaces, "'linear.weight'.*in place under torch.no_grad"),
    "tuple": (giving(lambda s, x: (s.linear(x), x)), "a tuple, expected one tensor.*Return the sc"),
    "dict": (giving(lambda s, x: {"logits": s.linear(x)}), "a dict, expected one tensor"),
    "complex": (giving(lambda s, x: s.linear(x) * 1j), "complex64, expected floats"),
    "integers": (giving(lambda s, x: s.linear(x).long()), "int64, expected floats"),
    "detached": (giving(lambda s, x: s.linear(x).detach()), "depend on parameters that learn"),
    "two arguments": (giving(lambda s, x, mask: s.linear(x)), "missing 1 required .* 'mask'"),
    "NaN": (giving(lambda s, x: s.linear(x) * torch.nan), "for 90 of 90 held-out rows"),
    "NaN in some rows": (
        giving(lambda s, x: torch.where(x[:, :1] > 1, torch.nan, s.linear(x))),
        r"not finite before any training, for \d+ of 90",
    ),
    "NaN in training": (
        giving(lambda s, x: s.linear(x) * (torch.nan if s.training else 1)),
        "finite in evaluation mode, but not in training",
    ),
    "nothing to learn": (wrapped(lambda m: nn.AdaptiveAvgPool1d(2)), "0 parameters.*add a layer"),
    "all frozen": (wrapped(lambda m: m.requires_grad_(False)), "all are frozen: call requires_g"),
    "half": (nn.Linear(3, 2).half(), r"parameters of torch.float16: pass module.float\(\)"),
    "double": (nn.Linear(3, 2).double(), r"parameters of torch.float64: pass module.float\(\)"),
    "meta": (nn.Linear(3, 2, device="meta"), "meta device.*to_empty"),
    "scripted": (wrapped(torch.jit.script), "neither scripted nor wrapped"),
    "other depths": (
        lambda d, k: nn.Sequential(*[nn.Linear(d, d)] * torch.randint(9, ()), nn.Linear(d, k)),
        "other parameters than the first.*same network",
    ),
}


@pytest.mark.filterwarnings("ignore:.*torch.jit|The .grad attribute")
@pytest.mark.parametrize("module, words", WRONG.values(), ids=WRONG)
def test_what_cannot_be_trained_is_told_in_a_sentence(module, words):
    with pytest.raises(ValueError, match=words):
        fit(module)


@pytest.mark.parametrize("arguments", ["self", "self, n_features", "self, *, width"])
def test_arguments_that_do_not_fit(arguments):
    space = {}
    exec(f"def make({arguments}): raise AssertionError", space)
    with pytest.raises(TypeError, match="called with the numbers of input columns or channels, 3,"):
        fit(type("Made", (nn.Linear,), {"__init__": space["make"]}))


def test_rows_without_finite_scores_are_refused_later():
    far = np.where(np.arange(90)[:, None] == 7, 2 * X.max(), X)
    encoder = fit(nn.Linear)._encoder
    limit = (encoder.transform(X)[:, 0].max() + encoder.transform(far)[7, 0]) / 2
    clf = fit(giving(lambda s, x: torch.where(x[:, :1] > limit, torch.nan, s.linear(x))))
    with pytest.raises(ValueError, match=r"1 row\(s\), the first of them row 7"):
        clf.predict_proba(far)


@pytest.mark.parametrize("last, words", [(nn.Softmax, "a softmax"), (nn.LogSoftmax, "log_softmax")])
def test_a_softmax_at_the_end_is_told(last, words):
    with pytest.warns(UserWarning, match=f"as of {words}|{words}.*Leave it out"):
        ModuleStack(lambda d, k: nn.Sequential(nn.Linear(d, k), last(-1)), 2, 3, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ModuleStack(nn.Linear, 2, 3, 2)
