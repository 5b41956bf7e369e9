"""Images on their way into a network: what may go in, and what is refused."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from random_image_fits import IMAGES, LABELS, fit, images, random_images, refuses
from sklearn.base import BaseEstimator

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._inputs._images import check_image_shape, check_images, is_images


@given(X=images())
@settings(max_examples=50, deadline=None)
def test_images_pass_unchanged_and_rows_of_pixels_become_them(X):
    rows, shape = X.reshape(len(X), -1), X.shape[1:]
    forms = [(X, None), (X, shape), (rows, shape), (rows.tolist(), shape), (torch.tensor(X), None)]
    forms += [(pd.DataFrame(rows), np.array(shape)), (X.tolist(), list(shape))]
    for form, image_shape in forms:
        assert is_images(form, image_shape)
        out = check_images(BaseEstimator(), form, image_shape, reset=True)
        assert_array_equal(out, X)
        assert isinstance(out, np.ndarray) and out.dtype.kind in "biuf"


@given(shape=st.tuples(*[st.integers(1, 7)] * 3))
@settings(max_examples=40, deadline=None)
def test_images_of_the_shape_that_was_named_are_never_refused(shape):
    X = random_images(2, shape)
    assert_array_equal(check_images(BaseEstimator(), X, shape, reset=True), X)


def test_height_and_width_are_of_images_with_one_channel():
    assert check_image_shape((28, 20)) == (1, 28, 20)
    assert check_image_shape([3, 28, 20]) == (3, 28, 20)
    assert all(type(size) is int for size in check_image_shape(np.array([3, 28, 20])))
    out = check_images(BaseEstimator(), np.arange(12.0).reshape(2, 6), (2, 3), reset=True)
    assert_array_equal(out, np.arange(12.0).reshape(2, 1, 2, 3))


def test_a_table_is_no_image():
    for table in (np.zeros((4, 6)), pd.DataFrame({"a": [1]}), [[1, 2], [3, 4]]):
        assert not is_images(table, None)


@pytest.mark.parametrize(
    "image_shape",
    [(1.0, 28, 28), (28,), (1, 1, 28, 28), (0, 28, 28), (-1, 28, 28), (), [[28, 28]], ("a", "b")],
    ids=str,
)
def test_image_shapes_that_are_none_are_refused(image_shape):
    words = f"image_shape={image_shape!r}", "three positive whole numbers", "(1, 28, 28)"
    refuses(lambda: check_image_shape(image_shape), *words)
    refuses(lambda: fit(np.zeros((40, 784)), LABELS, image_shape=image_shape), *words)


@pytest.mark.parametrize("image_shape", [28, "28x28", {28}])
def test_an_image_shape_that_is_no_array_is_refused(image_shape):
    refuses(lambda: fit(np.zeros((40, 784)), LABELS, image_shape=image_shape), "image_shape")


WITH_NAN = np.where(np.arange(40)[:, None, None, None] == 3, np.float32(np.nan), IMAGES)
BAD_IMAGES = {
    "three axes": (IMAGES[:, 0], None, "dim 3", "(40, 8, 6)", "X[:, None]"),
    "three axes, shape given": (IMAGES[:, 0], (8, 6), "dim 3", "X[:, None]"),
    "five axes": (IMAGES[None], None, "dim 5"),
    "channels last": (np.zeros((40, 8, 6, 3)), None, "(40, 8, 6, 3)", "np.moveaxis(X, -1, 1)"),
    "channels last, shape given": (np.zeros((40, 8, 6, 3)), (3, 8, 6), "(40, 8, 6, 3)"),
    "other shape": (IMAGES, (3, 8, 8), "(40, 3, 8, 6)", "(3, 8, 8)", "Change image_shape"),
    "other channels": (IMAGES, (8, 6), "(40, 3, 8, 6)", "(1, 8, 6)", "Change image_shape"),
    "too few pixels": (IMAGES[:, 0].reshape(40, -1), (3, 8, 6), "(40, 48)", "(40, 144)"),
    "one axis": (np.zeros(40), (3, 8, 6), "(40,)", "(40, 144)"),
    "NaN": (WITH_NAN, None, "NaN", "1 image(s)", "image 3", "np.nan_to_num"),
    "five axes in lists": (IMAGES[None].tolist(), None, "dim 5"),
    "NaN in rows of pixels": (WITH_NAN.reshape(40, -1), (3, 8, 6), "NaN"),
    "infinite": (np.where(IMAGES > 0.999, np.inf, IMAGES), None, "infinity"),
    "text": (np.full((40, 3, 8, 6), "a"), None, "numeric"),
    "complex": (IMAGES + 1j, None, "Complex"),
    "too few images": (IMAGES[:6], None, "6 sample(s)", "minimum of 10"),
}


@pytest.mark.parametrize("X, image_shape, said", [(x, s, w) for x, s, *w in BAD_IMAGES.values()],
                         ids=BAD_IMAGES)  # fmt: skip
def test_what_are_no_images_is_refused(X, image_shape, said):
    refuses(lambda: fit(X, LABELS[: len(X)], image_shape=image_shape), *said)


@pytest.fixture(scope="module")
def fitted():
    return fit(IMAGES, LABELS)


BAD_LATER = {
    "other size": (IMAGES[..., :5], "(3, 8, 5)", "(3, 8, 6)", "Crop, pad or resize"),
    "three axes": (IMAGES[:, 0], "dim 3", "X[:, None]"),
    "channels last": (np.moveaxis(IMAGES, 1, -1), "(40, 8, 6, 3)", "np.moveaxis"),
    "NaN": (WITH_NAN, "NaN"),
    "a table": (np.zeros((5, 3)), "(5, 3)", "images of shape (3, 8, 6)", "image_shape"),
    "rows of pixels": (IMAGES.reshape(40, -1), "(40, 144)", "images of shape", "image_shape"),
    "no images": (IMAGES[:0], "0 sample(s)"),
}


@pytest.mark.parametrize("X, said", [(x, w) for x, *w in BAD_LATER.values()], ids=BAD_LATER)
@pytest.mark.parametrize("method", ["predict", "pointwise_mutual_info"])
def test_other_images_than_those_of_the_fit_are_refused(fitted, X, said, method):
    refuses(lambda: getattr(fitted, method)(X), *said)


def test_images_may_be_nested_lists(fitted):
    assert_allclose(fitted.predict_proba(IMAGES.tolist()), fitted.predict_proba(IMAGES), rtol=1e-5)


def test_images_after_a_table_are_refused():
    clf = MutualInfoClassifier(estimators=None, max_iter=1, cv=None)
    clf.fit(np.random.default_rng(0).random((40, 5)), LABELS)
    refuses(lambda: clf.predict(IMAGES), "(40, 3, 8, 6)", "tables of 5 columns", "image_shape")
