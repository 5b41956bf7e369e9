"""Layers and the default network: M members side by side equal M members alone."""

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import nn

from sklearn_mi.modules import (
    ACTIVATIONS,
    EmbeddedLinear,
    FastDropout,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    StackedLinear,
    StackedMLP,
    quantile_edges,
)

EDGES = torch.tensor([[-2.0, 0.0, 1.0, 4.0], [0.0, 1.0, torch.inf, torch.inf]])
SHAPES = [
    {},
    {"hidden_layer_sizes": ()},
    {"hidden_layer_sizes": (), "n_numeric": 2, "edges": EDGES},
    {"n_numeric": 2},
    {"n_numeric": 2, "edges": EDGES, "hidden_layer_sizes": (8, 7)},
    {"n_numeric": 2, "edges": EDGES, "dropout": 0.5},
]
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


def make_mlp(n_members, *, randomised=True, **shape):
    """A small network on four columns and three classes, all of whose parameters count."""
    network = StackedMLP(n_members, 4, 3, **{"hidden_layer_sizes": (8,), **shape})
    if randomised:  # the last layer is zero at the start and would hide what comes before it
        for parameter in network.parameters():
            nn.init.normal_(parameter, std=0.5)
    return network.eval()


# Layers


def test_stacked_linear_equals_single_layers():
    stack, x = StackedLinear(3, 5, 2), torch.randn(3, 7, 5)
    for weight, bias, rows, out in zip(stack.weight, stack.bias, x, stack(x), strict=True):
        torch.testing.assert_close(out, nn.functional.linear(rows, weight.T, bias[0]))


def test_stacked_linear_starts_within_the_usual_bounds():
    stack = StackedLinear(3, 25, 200)
    for parameter in stack.parameters():
        assert 0.18 < parameter.abs().max() <= 0.2
        assert not torch.equal(parameter[0], parameter[1])


@pytest.mark.parametrize("bins", [None, PiecewiseLinearEmbedding(EDGES)])
def test_embedded_linear_equals_one_layer_on_all_views(bins):
    periodic = PeriodicEmbedding(3, 2, n_waves=5, n_outputs=4, scale=1.0)
    layer = EmbeddedLinear(3, 6, 8, n_numeric=2, periodic=periodic, bins=bins)
    x = torch.randn(3, 7, 6)
    numeric = x[..., :2]
    views = [x] if bins is None else [x, bins(numeric)]
    weight = torch.cat([layer.fixed.weight, layer.weight], 1)
    expected = torch.cat([*views, periodic(numeric)], -1) @ weight + layer.fixed.bias
    torch.testing.assert_close(layer(x), expected)


def test_periodic_embedding_equals_its_formula():
    layer, x = PeriodicEmbedding(3, 2, n_waves=5, n_outputs=4, scale=1.0), torch.randn(3, 7, 2)
    out = layer(x).unflatten(-1, (2, 4))
    for member in range(3):
        for column in range(2):
            place = (member, column)
            angle = 2 * np.pi * x[member, :, column, None] * layer.frequency[place]
            waves = torch.sin(angle + layer.phase[place])
            torch.testing.assert_close(out[member, :, column], waves @ layer.weight[place])


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_piecewise_linear_embedding_equals_its_formula(seed):
    rng = np.random.default_rng(seed)
    edges = np.cumsum(rng.uniform(0.1, 1, size=(2, 5)), axis=1) - 1.5
    edges[1, 3:] = np.inf  # the second column has two bins
    x = rng.uniform(-3, 3, size=(4, 7, 2))
    lower, upper = edges[:, :-1], edges[:, 1:]
    with np.errstate(invalid="ignore"):
        expected = np.clip((x[..., None] - lower) / (upper - lower), 0, 1)
    expected[..., 1, 2:] = 0  # what is not used
    embedding = PiecewiseLinearEmbedding(torch.as_tensor(edges))
    out = embedding(torch.as_tensor(x))
    assert out.shape[-1] == embedding.width == 8
    np.testing.assert_allclose(out.unflatten(-1, (2, 4)), expected, atol=1e-12)


def test_unused_bins_stay_zero_for_any_number():
    out = PiecewiseLinearEmbedding(torch.tensor([[5.0, torch.inf, torch.inf]]))
    assert torch.equal(out(torch.tensor([[[-1e30], [0.0], [1e30]]])), torch.zeros(1, 3, 2))


# The edges of the bins


def finite_edges(column, n_bins):
    row = quantile_edges(np.asarray(column)[:, None], n_bins)[0]
    assert len(row) == n_bins + 1
    n_edges = int(row.isfinite().sum())
    assert torch.equal(row[n_edges:], torch.full((n_bins + 1 - n_edges,), torch.inf))
    return row[:n_edges]


numbers = st.floats(-3, 3, width=32) | st.sampled_from([0, 0.1, 0.5, 1])
many_columns = given(column=st.lists(numbers, min_size=1, max_size=50), n_bins=st.integers(2, 40))
tied = example(column=[0] * 10 + [1, 1, 0.5, 0.5], n_bins=13)  # quantiles at and just above 0.5
neighbours = example(column=[2.0, 2 + 2**-22], n_bins=4)  # with no float32 number in between
narrow = example(column=[0.99999, 1], n_bins=11)  # a bin is wide enough, an eleventh of it is not


@many_columns
@tied
@neighbours
@narrow
@settings(max_examples=200, deadline=None)
def test_edges_increase_from_lowest_to_highest(column, n_bins):
    column = np.array(column, dtype=np.float32)
    edges = finite_edges(column, n_bins)
    assert (edges.diff() > 0).all()
    assert edges[0] == column.min()
    assert edges[-1].item() == pytest.approx(column.max(), abs=1e-5)


@many_columns
@tied
@neighbours
@example(column=[0, 1e-40], n_bins=4)  # the slope of such a bin overflows
@settings(max_examples=200, deadline=None)
def test_embedding_of_any_column_is_between_zero_and_one(column, n_bins):
    column = np.array(column, dtype=np.float32)[:, None]
    embedded = PiecewiseLinearEmbedding(quantile_edges(column, n_bins))(torch.as_tensor(column))
    assert ((embedded >= 0) & (embedded <= 1)).all()


def test_bins_hold_equally_many_rows():
    column = np.random.default_rng(0).standard_normal(1000)
    edges = finite_edges(column, 10)
    counts, _ = np.histogram(column, edges.double().numpy())
    assert len(counts) == 10
    assert abs(counts - 100).max() <= 2


def test_each_column_has_edges_of_its_own():
    columns = np.random.default_rng(0).integers([2, 9, 99], size=(50, 3)).astype(float)
    alone = [quantile_edges(column[:, None], 6)[0] for column in columns.T]
    assert torch.equal(quantile_edges(columns, 6), torch.stack(alone))


def test_a_constant_column_has_no_bin():
    edges = quantile_edges(np.full((20, 1), 1.5, dtype=np.float32), 4)
    assert torch.equal(edges, torch.tensor([[1.5] + 4 * [torch.inf]]))
    x = torch.tensor([[[0.0], [1.5], [3.0]]])
    assert torch.equal(PiecewiseLinearEmbedding(edges)(x), torch.zeros(1, 3, 4))


def test_ties_leave_bins_for_the_distinct_values():
    rng = np.random.default_rng(0)
    column = np.r_[np.zeros(900), rng.uniform(1, 2, size=100)].astype(np.float32)
    edges = finite_edges(column, 8)
    assert (edges > 1).sum() >= 4


@pytest.mark.parametrize("n_values", [2, 3, 4])
def test_few_values_are_told_apart(n_values):
    column = np.repeat(np.arange(n_values), 20).astype(np.float32)[:, None]
    embedding = PiecewiseLinearEmbedding(quantile_edges(column, 12))
    embedded = embedding(torch.as_tensor(column)[None])[0]
    assert len(embedded.unique(dim=0)) == n_values


# Dropout


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_dropout_keeps_its_share_and_the_mean(p):
    n = 80_001  # no multiple of the eight draws of one random number
    out = FastDropout(p)(torch.ones(n))
    kept = 1 - round(256 * p) / 256
    standard_error = np.sqrt(kept * (1 - kept) / n)
    assert abs((out > 0).float().mean() - kept) < 5 * standard_error
    assert abs(out.mean() - 1) < 5 * standard_error / kept
    torch.testing.assert_close(out.unique(), torch.tensor([0, 1 / kept]))


def test_dropout_treats_all_eight_draws_of_a_number_alike():
    kept = (FastDropout(0.25)(torch.ones(10_000, 8)) > 0).double()
    assert (kept.mean(0) - 0.75).abs().max() < 5 * np.sqrt(0.75 * 0.25 / 10_000)
    correlation = np.corrcoef(kept.numpy().T) - np.eye(8)
    assert abs(correlation).max() < 5 / np.sqrt(10_000)


def test_dropout_is_the_identity_outside_training():
    x = torch.randn(3, 5)
    assert torch.equal(FastDropout(0.5).eval()(x), x)
    assert torch.equal(FastDropout(0.0).train()(x), x)


def test_dropout_gradient_has_the_mask_of_the_output():
    x = torch.ones(4, 33, requires_grad=True)
    out = FastDropout(0.5)(x)
    out.sum().backward()
    assert torch.equal(x.grad, out.detach())
    assert 0 < (x.grad == 0).float().mean() < 1


def test_dropout_masks_of_members_and_calls_are_independent():
    layer, x = FastDropout(0.5), torch.ones(3, 10_000)
    masks = torch.cat([layer(x), layer(x)]).numpy()
    assert abs(np.corrcoef(masks) - np.eye(6)).max() < 5 / np.sqrt(10_000)


# The default network


@every_shape
def test_members_equal_networks_alone(shape):
    stack, x = make_mlp(3, **shape), torch.randn(3, 7, 4)
    outputs = stack(x)
    assert not torch.allclose(outputs[0], stack(x[:1].expand(3, -1, -1))[1])
    for m in range(3):
        alone = make_mlp(1, **shape)
        alone.load_state_dict({k: v[m : m + 1] for k, v in stack.state_dict().items()})
        torch.testing.assert_close(outputs[m], alone(x[m : m + 1])[0])


@every_shape
def test_state_has_a_leading_member_axis(shape):
    state = make_mlp(5, **shape).state_dict()
    assert state and all(len(value) == 5 for value in state.values())


@every_shape
def test_scores_start_at_zero(shape):
    network = make_mlp(2, randomised=False, **shape)
    assert torch.equal(network(torch.randn(2, 7, 4)), torch.zeros(2, 7, 3))


@every_shape
def test_every_parameter_has_a_gradient(shape):
    network = make_mlp(2, **shape)
    network(torch.randn(2, 7, 4)).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad.flatten(1).norm(dim=1).gt(0).all(), name


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activation_is_the_named_one(activation):
    network, x = make_mlp(2, activation=activation), torch.randn(2, 7, 4)
    expected = network[-1](ACTIVATIONS[activation]()(network[0](x)))
    torch.testing.assert_close(network(x), expected)


def test_dropout_acts_in_training_only():
    network, x = make_mlp(2, dropout=0.5), torch.randn(2, 7, 4)
    assert torch.equal(network(x), network(x))
    assert not torch.equal(network.train()(x), network(x))
    assert all(not layer.training for layer in network.eval().modules())


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_of_the_network_give_the_same_scores(duplicate):
    network, x = make_mlp(2, n_numeric=2, edges=EDGES), torch.randn(2, 7, 4)
    assert torch.equal(duplicate(network)(x), network(x))
