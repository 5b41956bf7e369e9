"""Sparse matrices in whatever format: what they hold counts, and what cannot be is told."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy.sparse import csr_array

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._inputs._sparse_rows import MOST_DENSE_COLUMNS

RNG = np.random.default_rng(0)
D = MOST_DENSE_COLUMNS + 50
X = csr_array(RNG.integers(1, 3, (60, D)) * (RNG.random((60, D)) < 0.05 * RNG.random((60, 1)) * 2))
Y = RNG.integers(2, size=60)
WIDE, NARROW = X.astype(float), X[:, :40].astype(float)


def fit(X, y=Y, **parameters):
    quick = {"estimators": None, "max_iter": 2} if X.shape[1] < D else {}
    return MutualInfoClassifier(cv=2, random_state=0, **quick, **parameters).fit(X, y)


def with_duplicates(X):
    """Each cell in two halves, rows not in order, and zeros that are stored."""
    X = X.tocoo()
    row, col = np.r_[X.row, X.row, 0, 1], np.r_[X.col, X.col, 2, 3]
    data = np.r_[X.data / 2, X.data / 2, 0, 0]
    order = np.random.default_rng(1).permutation(len(data))
    return sp.coo_array((data[order], (row[order], col[order])), X.shape)


def with_long_indices(X):
    X = X.copy()
    X.indices, X.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
    return X


def unsorted(X):
    X = X.copy()
    for start, end in zip(X.indptr, X.indptr[1:], strict=False):
        X.indices[start:end] = X.indices[start:end][::-1].copy()
        X.data[start:end] = X.data[start:end][::-1].copy()
    X.has_sorted_indices = False
    return X


SAME = {
    **{name: getattr(sp, name) for name in ("csr_matrix", "csc_array", "bsr_matrix", "lil_array")},
    "dia_array": lambda X: sp.dia_array(X.toarray()),
    "dok_matrix": sp.dok_matrix,
    "coo_array": sp.coo_array,
    "int64 cells": lambda X: X.astype(np.int64),
    "uint8 cells": lambda X: X.astype(np.uint8),
    "long double cells": lambda X: X.astype(np.longdouble),
    "int64 indices": with_long_indices,
    "unsorted": unsorted,
    "duplicates and zeros": with_duplicates,
}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
@pytest.mark.parametrize("matrix", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_same_cells_give_the_same_fit(change, matrix):
    other = change(matrix)
    np.testing.assert_array_equal(fit(matrix).oof_log_proba_, fit(other).oof_log_proba_)


def test_booleans_are_ones():
    assert fit(WIDE > 0).mutual_info_score_ == fit((WIDE > 0).astype(float)).mutual_info_score_


def test_what_was_passed_stays_as_it_was():
    for made in (with_duplicates(WIDE).tocsr(), unsorted(WIDE), with_long_indices(WIDE)):
        before = [part.copy() for part in (made.data, made.indices, made.indptr)]
        fit(made).predict(made)
        for part, old in zip((made.data, made.indices, made.indptr), before, strict=True):
            assert part.dtype == old.dtype
            np.testing.assert_array_equal(part, old)


@pytest.mark.parametrize("matrix", [WIDE, NARROW], ids=["wide", "narrow"])
def test_dense_rows_are_answered_as_sparse_ones(matrix):
    clf = fit(matrix)
    expected = clf.predict_proba(matrix)
    frame = pd.DataFrame.sparse.from_spmatrix(matrix)
    for rows in [matrix.toarray(), matrix.toarray().tolist(), sp.coo_matrix(matrix), frame]:
        np.testing.assert_array_equal(clf.predict_proba(rows), expected)


def test_a_narrow_matrix_is_a_table():
    sparse, dense = fit(NARROW), fit(NARROW.toarray())
    np.testing.assert_array_equal(sparse.oof_log_proba_, dense.oof_log_proba_)
    np.testing.assert_array_equal(
        dense.predict_proba(NARROW), dense.predict_proba(NARROW.toarray())
    )
    gaps = NARROW.copy()
    gaps.data[:9] = np.nan
    assert np.isfinite(fit(gaps).predict_proba(gaps)).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_cells_that_are_no_numbers(value):
    bad = WIDE.copy()
    bad.data[70] = value
    said = rf"NaN or infinity in 1 cell.*first in row {bad.tocoo().coords[0][70]}\. Fill"
    with pytest.raises(ValueError, match=said):
        fit(bad)
    with pytest.raises(ValueError, match=said):
        fit(WIDE).predict(bad)


def test_negative_cells_are_numbers_like_others():
    assert np.isfinite(fit(-WIDE).mutual_info_score_)


@pytest.mark.parametrize("matrix", [WIDE, NARROW], ids=["wide", "narrow"])
def test_other_widths_and_no_rows(matrix):
    clf = fit(matrix)
    with pytest.raises(ValueError, match=rf"X has {matrix.shape[1] - 1} features"):
        clf.predict(matrix[:, 1:])
    with pytest.raises(ValueError, match=r"0 sample\(s\)"):
        clf.predict(matrix[:0])
    with pytest.raises(ValueError, match=r"9 sample\(s\)"):
        fit(matrix[:9], Y[:9])


def test_images_are_dense():
    with pytest.raises(TypeError, match=r"image_shape=\(4, 10\), but images are dense"):
        fit(NARROW, image_shape=(4, 10))


def test_complex_cells():
    with pytest.raises(ValueError, match="Complex data"):
        fit(WIDE.astype(complex))


def test_a_matrix_without_cells_tells_nothing():
    assert fit(csr_array(WIDE.shape)).mutual_info_score_ == pytest.approx(0, abs=0.02)
