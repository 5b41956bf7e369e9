"""Which output speaks of which class, and the noise matrix that held-out scores tell."""

import numpy as np
import pytest

from sklearn_mi._engine._scoring import class_order
from sklearn_mi.datasets import make_label_noise


@pytest.mark.parametrize("kind", ["asymmetric", "symmetric"])
@pytest.mark.parametrize("n_classes", [2, 5, 10])
def test_class_order_undoes_a_renaming_of_the_outputs(kind, n_classes):
    _, noise = make_label_noise(
        np.arange(n_classes), 0.6 if n_classes > 2 else 0.4, kind=kind, return_noise_matrix=True
    )
    joint = noise.T / n_classes  # of observed label and true class
    rng = np.random.default_rng(0)
    renamed = np.stack([joint[:, rng.permutation(n_classes)] for _ in range(4)])
    order = class_order(renamed)
    for member, member_order in zip(renamed, order, strict=True):
        np.testing.assert_allclose(member[:, member_order], joint)


@pytest.mark.parametrize("noise", [[[1, 0], [0.6, 0.4]], [[0.2, 0.8], [0, 1]]])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_two_classes_are_named_by_the_sign_of_the_determinant(noise, share):
    """Also where swapped names would agree with more labels than right ones."""
    joint = (np.array([[share], [1 - share]]) * noise).T
    assert class_order(np.stack([joint, joint[:, ::-1]])).tolist() == [[0, 1], [1, 0]]
