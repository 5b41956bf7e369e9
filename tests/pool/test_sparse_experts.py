"""Linear classifiers of sparse rows: known formulas, and what they do not depend on."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.preprocessing import normalize

from sklearn_mi._pool._companions_sparse import (
    STRENGTH,
    SparseLogistic,
    SparseNaiveBayes,
    sparse_estimators,
)


def counted_words(n_classes, n=120, d=40):
    """Counts whose frequencies follow the class."""
    rng = np.random.default_rng(0)
    y = rng.integers(n_classes, size=n)
    return csr_array(rng.poisson(rng.exponential(0.5, (n_classes, d))[y]).astype(float)), y


every_number_of_classes = pytest.mark.parametrize("n_classes", [2, 5])


@every_number_of_classes
@pytest.mark.parametrize("alpha", [0.1, 1.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_naive_bayes_is_that_of_scikit_learn(n_classes, alpha, weighted):
    X, y = counted_words(n_classes)
    weight = np.random.default_rng(1).random(len(y)) if weighted else None
    expected = MultinomialNB(alpha=alpha).fit(X, y, weight).predict_proba(X)
    found = SparseNaiveBayes(alpha).fit(X, y, weight).predict_proba(X)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_negative_cells_teach_naive_bayes_nothing():
    X, y = counted_words(2)
    signed = X - csr_array(np.where(X.toarray() == 0, 3.0, 0.0))
    one, other = SparseNaiveBayes().fit(X, y), SparseNaiveBayes().fit(signed, y)
    np.testing.assert_array_equal(one.coef_, other.coef_)


@every_number_of_classes
def test_logistic_regression_is_that_of_scikit_learn_on_rows_of_length_one(n_classes):
    X, y = counted_words(n_classes)
    X = csr_array(normalize(X))
    penalty = {"solver": "liblinear"} if n_classes == 2 else {}
    exact = LogisticRegression(C=STRENGTH, tol=1e-6, max_iter=1000, **penalty).fit(X, y)
    found = SparseLogistic().fit(X, y).predict_proba(X)
    np.testing.assert_allclose(found, exact.predict_proba(X), atol=0.03)


@every_number_of_classes
def test_units_of_rows_do_not_matter_to_logistic_regression(n_classes):
    X, y = counted_words(n_classes)
    one, other = SparseLogistic().fit(X, y), SparseLogistic().fit(1000 * X, y)
    np.testing.assert_allclose(one.predict_proba(X), other.predict_proba(1000 * X), atol=1e-4)


@pytest.mark.parametrize("estimator", [own for _, own in sparse_estimators()])
def test_classes_keep_their_names_and_empty_rows_have_a_posterior(estimator):
    X, y = counted_words(3)
    fitted = estimator.fit(X, np.array([2, 5, 9])[y])
    assert fitted.classes_.tolist() == [2, 5, 9]
    assert fitted.coef_.shape == (40, 2) and fitted.coef_.dtype == np.float32
    np.testing.assert_allclose(fitted.predict_proba(csr_array((4, 40))).sum(axis=1), 1)


@pytest.mark.parametrize("estimator", [own for _, own in sparse_estimators()])
def test_a_matrix_of_zeros_teaches_the_frequencies(estimator):
    y = np.arange(90) % 3 % 2
    proba = estimator.fit(csr_array((90, 7)), y).predict_proba(csr_array((1, 7)))
    np.testing.assert_allclose(proba[0], [2 / 3, 1 / 3], atol=0.02)
