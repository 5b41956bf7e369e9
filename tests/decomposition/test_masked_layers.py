"""What is said of a cell depends on the code and on the cells before it, and on nothing else."""

import numpy as np
import pytest
import torch

from sklearn_mi.decomposition._masked_layers import MaskedMLP

N_CODE, SEEN, TOLD = 2, np.array([0, 1, 1, 2]), np.array([0, 0, 1, 2, 3])


@pytest.fixture(scope="module")
def gradients():
    """Of each output by each input, absolute, (n_outputs, n_inputs)."""
    torch.manual_seed(0)
    layers = MaskedMLP(1, N_CODE, SEEN, TOLD, (16, 16), "tanh", 0.0).eval()
    torch.nn.init.normal_(layers[-1].weight)
    x = torch.randn(1, 1, N_CODE + len(SEEN), requires_grad=True)
    outputs = layers(x)[0, 0]
    each = [torch.autograd.grad(out, x, retain_graph=True)[0][0, 0] for out in outputs]
    return torch.stack(each).abs().numpy()


def test_all_outputs_depend_on_the_code(gradients):
    assert (gradients[:, :N_CODE] > 0).all()


def test_outputs_depend_on_cells_before_theirs_alone(gradients):
    before = TOLD[:, None] > SEEN
    np.testing.assert_array_equal(gradients[:, N_CODE:] > 0, before)


def test_few_units_are_shared_out_over_all_cells():
    torch.manual_seed(0)
    layers = MaskedMLP(1, 1, np.arange(20), np.arange(20), (8, 8), "tanh", 0.0).eval()
    torch.nn.init.normal_(layers[-1].weight)
    x = torch.randn(1, 1, 21, requires_grad=True)
    gradient = torch.autograd.grad(layers(x)[0, 0, -1], x)[0][0, 0, 1:]
    assert gradient[:19].abs().min() > 0
    assert gradient[19] == 0


def test_without_cells_there_is_nothing_to_tell():
    none = np.array([], int)
    assert MaskedMLP(2, 1, none, none, (4,), "tanh", 0.0)(torch.zeros(2, 3, 1)).shape == (2, 3, 0)
