"""Probabilities of any float type are taken, and clipped at the epsilon of that type."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.metrics import log_loss
from sklearn.naive_bayes import GaussianNB

from sklearn_mi.inspection import adversarial_robustness
from sklearn_mi.metrics import (
    determinant_mutual_info_score,
    mutual_info_scorer,
    variational_mutual_info_score,
)
from sklearn_mi.metrics._estimate import class_frequencies, label_entropy
from sklearn_mi.model_selection import compare_mutual_info, cross_val_mutual_info

FLOATS = [np.float16, np.float32, np.float64, np.longdouble]
TORCH_FLOATS = [torch.bfloat16, torch.float16, torch.float32, torch.float64]


@st.composite
def rows(draw):
    """Labels that hold every class, and softmax of scores, of any number of classes."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    n_classes, spread = draw(st.integers(2, 40)), draw(st.sampled_from([0.1, 1.0, 5.0]))
    y = np.arange(3 * n_classes) % n_classes
    return y, spread * rng.standard_normal((len(y), n_classes))


@given(rows(), st.sampled_from(FLOATS), st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_score_is_entropy_less_log_loss_in_every_type(rows, dtype, in_half):
    y, scores = rows
    proba = softmax(scores.astype(dtype), axis=1) if in_half else softmax(scores, axis=1)
    proba, eps = proba.astype(dtype), float(np.finfo(dtype).eps)
    entropy = label_entropy(class_frequencies(y, proba.shape[1]))
    score = variational_mutual_info_score(y, proba)
    exact = proba.astype(np.float64) / proba.astype(np.float64).sum(axis=1, keepdims=True)
    own = np.maximum(exact[np.arange(len(y)), y], eps)
    assert score == pytest.approx(entropy + np.log(own).mean(), abs=1e-9)
    if dtype is not np.longdouble and exact[np.arange(len(y)), y].min() > eps:
        rounding = 20 * np.finfo(float).eps  # of both sums, by what they are, which may be 7
        expected = entropy - log_loss(y, proba)
        assert score == pytest.approx(expected, rel=rounding, abs=20 * eps)


@pytest.mark.parametrize("dtype", FLOATS)
def test_what_is_held_impossible_costs_the_epsilon_of_the_type(dtype):
    y = np.arange(30) % 3
    wrong = np.eye(3, dtype=dtype)[(y + 1) % 3]
    least = np.log(3) + np.log(float(np.finfo(dtype).eps))
    assert variational_mutual_info_score(y, wrong) == pytest.approx(least)


@pytest.mark.parametrize("wrong", [np.eye(3, dtype=int), np.eye(3, dtype=bool), np.eye(3).tolist()])
def test_what_is_no_float_counts_as_double_precision(wrong):
    y, least = np.array([1, 2, 0]), np.log(3) + np.log(np.finfo(float).eps)
    assert variational_mutual_info_score(y, wrong) == pytest.approx(least)


@pytest.mark.parametrize("dtype", TORCH_FLOATS, ids=str)
def test_tensors_of_every_type_also_with_a_gradient(dtype):
    y = np.arange(60) % 3
    proba = torch.randn(60, 3).softmax(1).to(dtype).requires_grad_()
    exact = proba.detach().double().numpy()
    exact = exact / exact.sum(axis=1, keepdims=True)
    expected = variational_mutual_info_score(y, exact)
    assert variational_mutual_info_score(y, proba) == pytest.approx(expected, abs=1e-9)
    expected = determinant_mutual_info_score(y, exact)
    assert determinant_mutual_info_score(y, proba) == pytest.approx(expected, rel=1e-9)
    wrong = torch.eye(3, dtype=dtype)[(y + 1) % 3]
    least = np.log(3) + np.log(torch.finfo(dtype).eps)
    assert variational_mutual_info_score(y, wrong) == pytest.approx(least)


class Rounding(GaussianNB):
    """Says what a classifier in another precision would."""

    dtype = np.float16

    def predict_proba(self, X):
        proba = super().predict_proba(X)
        return (np.eye(3)[proba.argmax(axis=1)] if self.dtype is int else proba).astype(self.dtype)


@pytest.fixture(scope="module")
def data():
    rng = np.random.RandomState(0)
    y = np.arange(90) % 3
    return rng.standard_normal((90, 2)) + y[:, None], y


@pytest.mark.parametrize("dtype", FLOATS)
def test_classifiers_in_every_precision(data, dtype):
    X, y = data
    rounding = type("Rounding", (Rounding,), {"dtype": dtype})()
    near = 30 * float(np.finfo(dtype).eps)
    comparison = compare_mutual_info({"own": rounding, "double": GaussianNB()}, X, y)
    exact = comparison.results["double"].score
    assert comparison.results["own"].score == pytest.approx(exact, abs=near)
    calibrated = cross_val_mutual_info(rounding, X, y, calibrate=True)
    assert calibrated.score == pytest.approx(
        cross_val_mutual_info(GaussianNB(), X, y, calibrate=True).score, abs=near
    )
    rounding.fit(X, y)
    exact = mutual_info_scorer(GaussianNB().fit(X, y), X, y)
    assert mutual_info_scorer(rounding, X, y) == pytest.approx(exact, abs=near)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, int])
def test_attacks_on_classifiers_in_every_precision(data, dtype):
    X, y = data
    certain = type("Certain", (Rounding,), {"dtype": dtype})().fit(X, y)
    result = adversarial_robustness(certain, pd.DataFrame(X), y, eps=[0, 0.1], max_queries=3)
    assert np.isfinite(result.mutual_info).all()
    expected = mutual_info_scorer(certain, pd.DataFrame(X), y)
    assert result.mutual_info[0] == pytest.approx(expected, abs=1e-6)
