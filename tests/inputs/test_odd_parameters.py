"""Odd parameters of a classifier, and what a fitted one is asked."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from odd_arguments import X, Y, assert_refused, cases, changed, make, refusal
from sklearn.naive_bayes import GaussianNB

from sklearn_mi.model_selection import cross_val_mutual_info

# --- parameters ---------------------------------------------------------------------------------


ODD_PARAMETERS = [
    ("random_state", [-1, 0.5, "seed", np.random.default_rng(0), 2**40]),
    ("device", ["nonsense", "", "cuda:99", "meta", 3, None]),
    ("n_threads", [0, -1, 1.5, "all", None, 10**9]),
    ("hidden_layer_sizes", [0, -1, 2.5, None, "wide", [0], [2.5], [[2]], [None], {"a": 1}]),
    ("batch_size", [0, -1, 2.5, "all", None]),
    ("validation_fraction", [0, 1, -1, np.nan, np.inf, "half", None]),
    ("max_iter", [0, -1, 2.5, None, np.inf]),
    ("n_iter_no_change", [0, 2.5, None]),
    ("tol", [-1, "small", None, np.nan]),
    ("alpha", [-1, "small", None, np.nan]),
    ("learning_rate_init", [0, -1, "fast", None, np.nan]),
    ("dropout", [1, -0.1, "some", None, np.nan]),
    ("verbose", [-1, "loud", None]),
    ("warm_start", ["yes", None, 2]),
    ("activation", ["step", None, max]),
    ("loss", ["mse", None, 3, max]),
    ("loss_params", [3, "q", {"q": 1}, {3: 1}]),
    ("image_shape", [3, "28", (0, 2), (2.5, 1), (1, 1, 1, 1), (7, 7), [None, 2], [[1], [2]]]),
    ("augmentation", ["shift", 3, ["spin"], [["shift"]], ["shift"]]),
    ("adversarial_training", [0, -1, np.nan, "some"]),
    ("estimators", ["some", 3, [3], [("a",)], [("a", 3)], [("a", GaussianNB)], {"a": 1}]),
    ("estimators", [[("networks", GaussianNB())], [("a", GaussianNB()), ("a", GaussianNB())]]),
    ("callbacks", [3, "stop", ["stop"], [None]]),
    ("priors", ["even", 3]),
]
ODD_PARAMETERS = [(name, value) for name, values in ODD_PARAMETERS for value in values]


@pytest.mark.parametrize(
    "name, value", ODD_PARAMETERS, ids=lambda value: repr(value).split(" at 0x")[0][:30]
)
def test_odd_parameters(name, value):
    params = {name: value} | ({"cv": None} if name == "validation_fraction" else {})
    assert name in refusal(lambda: make(**params).fit(X, Y))


@pytest.mark.parametrize(
    "params",
    [
        {"batch_size": 10**6},
        {"batch_size": 1},
        {"hidden_layer_sizes": ()},
        {"hidden_layer_sizes": np.array([3, 2])},
        {"hidden_layer_sizes": np.int8(3)},
        {"cv": None, "validation_fraction": 0.9},
        {"cv": None, "validation_fraction": 0.1},
        {"random_state": np.random.RandomState(0)},
        {"random_state": np.uint8(3)},
        {"device": torch.device("cpu")},
        {"tol": np.float32(0.1)},
        {"alpha": 1e300},
        {"learning_rate_init": 1e-300},
        {"dropout": 0.999},
    ],
    ids=lambda value: repr(value).split(" at 0x")[0],
)
def test_extreme_parameters(params):
    clf = make(**params).fit(X, Y)
    assert np.isfinite(clf.mutual_info_score_)
    np.testing.assert_allclose(clf.predict_proba(X).sum(axis=1), 1)


# --- what is asked of a fitted one --------------------------------------------------------------


ODD_ROWS = {
    "wide": (np.c_[X, X], "4 features", "expecting 2"),
    "narrow": (X[:, :1], "1 features", "expecting 2"),
    "one row": (X[0], "1D"),
    "no rows": (X[:0], "0 sample"),
    "three axes": (X[None], "(1, 40, 2)"),
    "number": (3.0, "scalar"),
    "None": (None, "None"),
    "infinity": (changed(X, (4, 1), np.inf, float), "inf", "row 4"),
    "complex": (X + 1j, "omplex"),
}


@pytest.mark.parametrize("method", ["predict", "predict_proba", "pointwise_mutual_info"])
@pytest.mark.parametrize("rows, words", cases(ODD_ROWS))
def test_odd_rows(usual, method, rows, words):
    assert_refused(lambda: getattr(usual, method)(rows), words)


@pytest.mark.parametrize("level", [0, 1, -1, 95, np.nan, np.inf, "0.95", None, [0.95], 1j, True])
def test_odd_confidence_levels(usual, level):
    assert_refused(lambda: usual.mutual_info_interval(level), ["confidence_level", repr(level)])
    refusal(lambda: cross_val_mutual_info(GaussianNB(), X, Y, confidence_level=level))


@pytest.mark.parametrize("level", [1e-300, np.float32(0.9), 1 - 1e-16, Fraction(1, 2)])
def test_extreme_confidence_levels(usual, level):
    low, high = usual.mutual_info_interval(level)
    assert low <= usual.mutual_info_score_ <= high
