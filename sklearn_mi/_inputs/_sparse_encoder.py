"""Turn rows of a sparse matrix into what the members of a fit see."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.extmath import randomized_svd
from sklearn.utils.validation import check_is_fitted

from ..modules import ScoreEncoding, encoded_rows
from ._sparse_rows import SparseRows
from ._table_encoder import center_and_scale

SWEEPS = 2  # of the randomised search for components


class SparseEncoder(BaseEstimator):
    """Components of a truncated singular value decomposition, for networks and trees.

    Columns are not centred, so that the matrix stays sparse, as in latent semantic analysis.
    Components and scales of each network are those of its own training rows. They are kept in
    half precision, and rows are projected on them as they are kept.

    Parameters
    ----------
    n_components : int, default=100
        At most so many for each network; 0 for none, where only those learn that take the matrix.
    random_state : int, default=0

    Attributes
    ----------
    n_features_in_ : int
    unit_ : float
        Root mean square of the lengths of rows, by which rows are compared with those of the fit.
    components_ : float16 ndarray of shape (M, d, k)
    center_, scale_ : float32 ndarrays of shape (M, k)

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> rows = SparseRows(csr_array([[1.0, 0, 0], [2, 0, 0], [0, 1, 0], [0, 3, 0]]))
    >>> encoder = SparseEncoder(n_components=2).fit(rows)
    >>> encoder.read(rows).scores.round(2)
    array([[0., 1.],
           [0., 2.],
           [1., 0.],
           [3., 0.]], dtype=float32)
    """

    def __init__(self, n_components=100, random_state=0):
        self.n_components = n_components
        self.random_state = random_state

    def fit(self, X, train_rows=None):
        """Learn from rows.

        Parameters
        ----------
        X : SparseRows
        train_rows : list of M int arrays, default=None
            The rows that each network trains on; None is one network and all rows.
        """
        train_rows = [np.arange(len(X))] if train_rows is None else train_rows
        self.n_features_in_ = X.shape[1]
        self.unit_ = float(np.sqrt((X.matrix.data**2).sum() / len(X))) or 1.0
        k = min(self.n_components, X.shape[1], *map(len, train_rows))
        self.components_ = np.zeros((len(train_rows), X.shape[1], k), np.float16)
        self.center_, self.scale_ = np.zeros((2, len(train_rows), k), np.float32)
        for member, rows in enumerate(train_rows if k else []):
            own = X.matrix[rows]
            self.components_[member] = self._directions(own, k)
            scores = self._scores(own, member)
            fitted = np.array([center_and_scale(column) for column in scores.T])
            self.center_[member], self.scale_[member] = 4 * fitted.T  # which speak of quarters
        self.scale_[self.scale_ == 0] = np.inf
        return self

    def read(self, X, check=True):
        """The rows with their scores on the components of all networks, (n, M * k)."""
        check_is_fitted(self)
        scores = [self._scores(X.matrix, member) for member in range(len(self.components_))]
        return SparseRows(X.matrix, np.concatenate(scores, axis=1))

    @property
    def encoding(self):
        """What the networks see of rows that are read."""
        return ScoreEncoding(self.center_, self.scale_)

    def _directions(self, matrix, k):
        search = {"n_iter": SWEEPS, "random_state": self.random_state}
        return randomized_svd(matrix, k, **search)[2].T

    def _scores(self, matrix, member):
        scores = matrix @ self.components_[member].astype(np.float32)
        return scores.astype(np.float32, copy=False)


def seen_rows(encoding, X, tensor, member, rows=slice(None)):
    """Some rows as the companions of one network see them.

    Parameters
    ----------
    encoding : module of what networks see
    X : ndarray or SparseRows
        As an encoder reads them.
    tensor : Tensor
        What networks see of these.
    member : int
    rows : index, default=slice(None)

    Returns
    -------
    seen : float32 ndarray, or SparseRows
    """
    if not isinstance(X, SparseRows):
        return encoded_rows(encoding, tensor, member, rows)
    matrix = X.matrix[rows]
    if encoding.idle:
        return SparseRows(matrix, np.zeros((matrix.shape[0], 1), np.float32))
    return SparseRows(matrix, encoded_rows(encoding, tensor, member, rows))
