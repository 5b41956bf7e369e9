"""The default network for tables: all members as batched products of matrices."""

import math

import numpy as np
from torch import nn

from ..modules import (
    EmbeddedLinear,
    FastDropout,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    StackedLinear,
)


def mlp_scores(graph, stack, rows):
    """Add a `StackedMLP`: scores (M, n, K) of rows (M, n, width)."""
    for layer in stack:
        rows = _add(graph, layer, rows)
    return rows


def _add(graph, layer, x):
    return LAYERS[type(layer)](graph, layer, x)


def _linear(graph, layer, x):
    return graph("Add", graph("MatMul", x, layer.weight), layer.bias)


def _embedded(graph, layer, x):
    numeric = graph("Slice", x, np.array([0]), np.array([layer.n_numeric]), np.array([2]))
    if layer.bins is not None:
        x = graph("Concat", x, _add(graph, layer.bins, numeric), axis=-1)
    waves = graph("MatMul", _add(graph, layer.periodic, numeric), layer.weight)
    return graph("Add", _add(graph, layer.fixed, x), waves)


def _bins(graph, layer, x):
    x = graph("Unsqueeze", x, np.array([-1]))
    reach = graph("Add", layer.offset, graph("Mul", x, layer.slope))
    reach = graph("Clip", reach, np.float32(0), np.float32(1))
    return graph("Reshape", reach, np.array([0, 0, layer.width]))


def _waves(graph, layer, x):
    by_column = graph("Transpose", graph("Unsqueeze", x, np.array([-1])), perm=[0, 2, 1, 3])
    angle = graph("Mul", graph("Mul", by_column, np.float32(2 * math.pi)), layer.frequency)
    waves = graph("Sin", graph("Add", layer.phase, angle))
    sums = graph("Transpose", graph("MatMul", waves, layer.weight), perm=[0, 2, 1, 3])
    return graph("Reshape", sums, np.array([0, 0, layer.width]))


def _same(graph, layer, x):
    return x


def _relu(graph, layer, x):
    return graph("Relu", x)


def _tanh(graph, layer, x):
    return graph("Tanh", x)


def _silu(graph, layer, x):
    return graph("Mul", x, graph("Sigmoid", x))


def _mish(graph, layer, x):
    return graph("Mul", x, graph("Tanh", graph("Softplus", x)))


def _gelu(graph, layer, x):
    below = graph("Erf", graph("Div", x, np.float32(math.sqrt(2))))
    return graph("Mul", graph("Mul", x, np.float32(0.5)), graph("Add", below, np.float32(1)))


LAYERS = {
    StackedLinear: _linear,
    EmbeddedLinear: _embedded,
    PiecewiseLinearEmbedding: _bins,
    PeriodicEmbedding: _waves,
    FastDropout: _same,
    nn.ReLU: _relu,
    nn.Tanh: _tanh,
    nn.SiLU: _silu,
    nn.Mish: _mish,
    nn.GELU: _gelu,
}
