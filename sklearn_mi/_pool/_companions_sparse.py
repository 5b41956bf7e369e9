"""Linear classifiers of sparse rows: cheap, and on text mostly all that there is to say."""

import numpy as np
from scipy.special import log_softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

STRENGTH = 5.0
SMOOTHING = {"naive_bayes": 1.0, "naive_bayes_rare": 0.1}  # less, for words as rare as they come
TWO_CLASSES = {"solver": "liblinear", "tol": 0.1}
MORE_CLASSES = {"solver": "newton-cg", "tol": 1e-3}


def sparse_estimators():
    """A pool of them, as (name, classifier)."""
    naive = [(name, SparseNaiveBayes(alpha)) for name, alpha in SMOOTHING.items()]
    return [("logistic", SparseLogistic()), *naive]


class _SparseLinear(ClassifierMixin, BaseEstimator):
    """Log odds of each class against the first, linear in the row; kept in single precision.

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
    coef_ : float32 ndarray of shape (d, K - 1)
    intercept_ : float32 ndarray of shape (K - 1,)
    """

    def predict_proba(self, X):
        """Posterior of each class, (n, K)."""
        odds = X @ self.coef_ + self.intercept_
        return np.exp(log_softmax(np.hstack([np.zeros((len(odds), 1)), odds]), axis=1))

    def _keep(self, classes, coef, intercept):
        """Keep scores of all classes, (K, d) and (K,), as differences from the first."""
        self.classes_ = classes
        self.coef_ = np.ascontiguousarray((coef[1:] - coef[:1]).T, np.float32)
        self.intercept_ = np.float32(intercept[1:] - intercept[0])
        return self

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class SparseLogistic(_SparseLinear):
    """Logistic regression whose penalty knows how long rows are.

    The same classifier comes of rows in whatever unit: they are divided by the root mean square of
    their lengths. Two classes by a trust region, more by Newton steps, which need few passes; both
    end early, for the pool that follows has a weight of its own.

    Parameters
    ----------
    strength : float, default=5.0
        C for rows of that length.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> X, y = csr_array([[1.0, 0], [0, 1], [1, 1], [0, 2]]), [0, 1, 0, 1]
    >>> one, other = SparseLogistic().fit(X, y), SparseLogistic().fit(X * 8, y)
    >>> np.allclose(one.coef_, other.coef_ * 8, rtol=1e-5)
    True
    """

    def __init__(self, strength=STRENGTH):
        self.strength = strength

    def fit(self, X, y, sample_weight=None):
        """Fit to sparse rows (n, d) and labels (n,)."""
        classes = np.unique(y)
        length = np.sqrt((X.data.astype(np.float64) ** 2).sum() / X.shape[0]) or 1.0
        solver = TWO_CLASSES if len(classes) == 2 else MORE_CLASSES
        model = LogisticRegression(C=self.strength, **solver).fit(X / length, y, sample_weight)
        coef, intercept = model.coef_ / length, model.intercept_
        if len(classes) == 2:
            coef, intercept = np.vstack([0 * coef, coef]), np.r_[0, intercept]
        return self._keep(classes, coef, intercept)


class SparseNaiveBayes(_SparseLinear):
    r"""Multinomial naive Bayes: each unit of a cell is a word drawn by the class.

    .. math::
        q(k|x) \propto p_k \prod_j \Big( \frac{\alpha + \sum_{i \in k} x_{ij}}
        {\alpha d + \sum_{i \in k, l} x_{il}} \Big)^{x_j}

    Overconfident, since words of a text are not independent; the pool gives it the weight that it
    deserves. Negative cells count for nothing in training.

    Parameters
    ----------
    alpha : float, default=1.0
        What every cell is thought to have been seen before.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> X, y = csr_array([[2.0, 0], [0, 1]]), [0, 1]
    >>> SparseNaiveBayes().fit(X, y).predict_proba(csr_array([[1.0, 0]])).round(3)
    array([[0.692, 0.308]])
    """

    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def fit(self, X, y, sample_weight=None):
        """Fit to sparse rows (n, d) and labels (n,)."""
        classes, codes = np.unique(y, return_inverse=True)
        weight = np.ones(len(codes)) if sample_weight is None else np.asarray(sample_weight)
        n_cells, (n_classes, d) = np.diff(X.indptr), (len(classes), X.shape[1])
        places = np.repeat(d * codes, n_cells) + X.indices
        cells = np.repeat(weight, n_cells) * np.maximum(X.data, 0)
        seen = np.bincount(places, cells, n_classes * d).reshape(n_classes, d) + self.alpha
        coef = np.log(seen) - np.log(seen.sum(axis=1, keepdims=True))
        return self._keep(classes, coef, np.log(np.bincount(codes, weight)))
