"""What networks see of sparse rows: scores on components of their own training rows."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array, random_array

from sklearn_mi._inputs._sparse_encoder import SparseEncoder, seen_rows
from sklearn_mi._inputs._sparse_rows import SparseRows
from sklearn_mi.modules import encoded_rows

SPLITS = [np.arange(30), np.arange(10, 40)]


def some_rows(n=40, d=60, density=0.2, seed=0):
    rng = np.random.default_rng(seed)
    return SparseRows(csr_array(random_array((n, d), density=density, rng=rng)))


def test_components_are_orthonormal_and_those_of_the_training_rows():
    X = some_rows()
    encoder = SparseEncoder(n_components=5).fit(X, SPLITS)
    for own, rows in zip(encoder.components_.astype(float), SPLITS, strict=True):
        np.testing.assert_allclose(own.T @ own, np.eye(5), atol=5e-3)
        kept = np.linalg.norm(X.matrix[rows] @ own) ** 2
        most = (np.linalg.svd(X.matrix[rows].toarray(), compute_uv=False)[:5] ** 2).sum()
        assert 0.97 * most < kept < 1.005 * most


def test_scores_of_low_rank_rows_keep_all_distances():
    rng = np.random.default_rng(0)
    X = SparseRows(csr_array(rng.random((40, 3)) @ (rng.random((3, 60)) < 0.3)))
    scores = SparseEncoder(n_components=3).fit(X).read(X).scores
    np.testing.assert_allclose(scores @ scores.T, (X.matrix @ X.matrix.T).toarray(), rtol=5e-3)


def test_each_network_sees_its_own_scores_bounded():
    X = some_rows()
    encoder = SparseEncoder(n_components=5).fit(X, SPLITS)
    read, encoding = encoder.read(X), encoder.encoding
    assert read.scores.shape == (40, 10) and read.scores.dtype == np.float32
    both = encoding(torch.as_tensor(read.scores).expand(2, -1, -1)).numpy()
    for member, rows in enumerate(SPLITS):
        alone = encoded_rows(encoding, torch.as_tensor(read.scores), member)
        np.testing.assert_array_equal(alone, both[member])
        assert (abs(alone) < 3).all()
        np.testing.assert_allclose(np.median(alone[rows], axis=0), 0, atol=0.05)


def test_held_out_rows_have_no_say_in_what_a_network_sees():
    X, other = some_rows(), some_rows(seed=1)
    changed = X.matrix.tolil()
    changed[30:] = other.matrix[30:].tolil()
    encoders = [SparseEncoder(5).fit(rows, SPLITS) for rows in (X, SparseRows(csr_array(changed)))]
    for name in ("components_", "center_", "scale_"):
        one, two = (getattr(encoder, name) for encoder in encoders)
        np.testing.assert_array_equal(one[0], two[0])
        assert not np.array_equal(one[1], two[1])


def test_without_components_networks_see_zeros_and_estimators_the_matrix():
    X = some_rows()
    encoder = SparseEncoder(n_components=0).fit(X, SPLITS)
    read = encoder.read(X)
    seen = seen_rows(encoder.encoding, read, torch.as_tensor(read.scores), 1, np.arange(7))
    np.testing.assert_array_equal(seen.scores, np.zeros((7, 1)))
    assert (seen.matrix != X.matrix[:7]).nnz == 0
    assert encoder.encoding.idle and encoder.encoding.width == 1


@pytest.mark.parametrize("n_components", [0, 5])
def test_a_row_is_read_alike_in_whatever_company(n_components):
    X = some_rows()
    encoder = SparseEncoder(n_components).fit(X, SPLITS)
    together, alone = encoder.read(X).scores[7:8], encoder.read(X[7:8]).scores
    np.testing.assert_array_equal(together, alone)
