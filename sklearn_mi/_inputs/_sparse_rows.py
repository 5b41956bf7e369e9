"""Rows of a sparse matrix, and what may go into a fit of them."""

import numpy as np
from scipy.sparse import csr_array, issparse
from sklearn.utils import get_tags
from sklearn.utils.validation import validate_data

from ._frames import as_pandas

MOST_DENSE_COLUMNS = 300  # up to which a sparse matrix is read as the table that it is


class SparseRows:
    """Rows of a sparse matrix and, once an encoder has read them, what networks see of them.

    Parameters
    ----------
    matrix : csr_array of shape (n, d)
        In canonical form.
    scores : float32 ndarray of shape (n, M * k), default=None
        Of the rows on the components of M networks.
    """

    ndim = 2

    def __init__(self, matrix, scores=None):
        self.matrix, self.scores = matrix, scores

    @property
    def shape(self):
        return self.matrix.shape

    def __len__(self):
        return self.matrix.shape[0]

    def __getitem__(self, rows):
        scores = None if self.scores is None else self.scores[rows]
        return SparseRows(self.matrix[rows], scores)

    def for_estimator(self, estimator):
        """The matrix, or the scores for a classifier that takes none."""
        return self.matrix if takes_sparse(estimator) else self.scores


def takes_sparse(estimator):
    """Whether a classifier says that it takes sparse matrices."""
    return get_tags(estimator).input_tags.sparse


def of_networks(rows):
    """What networks see of rows that an encoder has read, as an array."""
    return rows.scores if isinstance(rows, SparseRows) else rows


def refuse_adversary(eps):
    """Refuse to move cells of sparse rows by `eps`."""
    if eps is not None:
        raise ValueError(
            f"adversarial_training={eps!r} moves cells, but X is sparse: what is zero in it would "
            "stay so. Pass None, or a dense table."
        )


def check_sparse(estimator, X, *, reset):
    """Check a sparse matrix, or dense rows for a classifier that was fitted on one.

    Returns
    -------
    X : ndarray of shape (n, d) or SparseRows
        As the fit has it; for a fit, an array where there are few columns.
    """
    _refuse_images(estimator, X, reset)
    was_sparse = not reset and estimator._fitted_on_sparse
    numeric = None if issparse(X) and not was_sparse else [np.float64, np.float32]
    X = X if issparse(X) else as_pandas(X)
    X = validate_data(
        estimator, X, reset=reset, accept_sparse="csr", dtype=numeric, ensure_all_finite=False
    )
    dense = X.shape[1] <= MOST_DENSE_COLUMNS if reset else not was_sparse
    return X.toarray() if dense else SparseRows(_canonical(X))


def _refuse_images(estimator, X, reset):
    shape = estimator.image_shape if reset else estimator.image_shape_
    if shape is not None:
        raise TypeError(
            f"Sparse data of shape {X.shape} was passed for X with image_shape={tuple(shape)}, but "
            "images are dense. Pass X.toarray()."
        )


def _canonical(X):
    """As a csr_array of finite floats with sorted indices, no duplicates and no stored zeros."""
    matrix = csr_array(X if issparse(X) else np.asarray(X))
    if matrix.dtype not in (np.float32, np.float64):
        matrix = matrix.astype(np.float64)
    if not matrix.has_canonical_format or not matrix.data.all():
        matrix = matrix.copy()
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
    if max(matrix.nnz, *matrix.shape) <= np.iinfo(np.int32).max:
        parts = (part.astype(np.int32, copy=False) for part in (matrix.indices, matrix.indptr))
        matrix = csr_array((matrix.data, *parts), shape=matrix.shape)
    bad = np.flatnonzero(~np.isfinite(matrix.data))
    if len(bad):
        row = np.searchsorted(matrix.indptr, bad[0], side="right") - 1
        raise ValueError(
            f"X contains NaN or infinity in {len(bad)} cell(s) of {matrix.shape[1]} sparse "
            f"columns, the first in row {row}. Fill them or drop the rows; missing cells are "
            f"welcome in dense tables, and in sparse ones of up to {MOST_DENSE_COLUMNS} columns."
        )
    return matrix
