"""Odd weights of rows and classes, and odd priors."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from odd_arguments import PROBA, N, X, Y, assert_refused, cases, changed, make
from sklearn.naive_bayes import GaussianNB

from sklearn_mi.metrics import (
    determinant_mutual_info_score,
    mutual_info_scorer,
    variational_mutual_info_score,
)
from sklearn_mi.model_selection import cross_val_mutual_info

ODD_WEIGHTS = {
    "text": (["1"] * N, "sample_weight", "U1"),
    "word": ("balanced", "sample_weight"),
    "negative": (changed(np.ones(N), 3, -2, float), "row 3", "-2.0"),
    "minus infinity": (changed(np.ones(N), 3, -np.inf, float), "row 3", "inf"),
    "NaN": (changed(np.ones(N), 3, np.nan, float), "row 3", "NaN"),
    "None": (changed(np.ones(N), 3, None), "row 3", "NaN"),
    "infinity": (changed(np.ones(N), 3, np.inf, float), "row 3", "infinity"),
    "length": (np.ones(N + 1), "(41,)", "(40,)"),
    "column": (np.ones((N, 1)), "(40, 1)", "(40,)"),
    "complex": (np.ones(N) + 0j, "sample_weight", "omplex"),
    "dates": (np.ones(N, dtype="M8[D]"), "sample_weight"),
    "zero": (np.zeros(N), "sample_weight", "zero"),
    "too long": ([10**400] * N, "sample_weight", "too large"),
    "dict": (dict.fromkeys(range(N), 1), "sample_weight", "dict"),
    "generator": ((1 for _ in Y), "sample_weight", "generator"),
    "too far apart": (np.where(Y, 1e308, 1e-320), "sample_weight", "largest"),
    "masked": (np.ma.array(np.ones(N), mask=np.arange(N) == 7), "row 7", "masked"),
}


@pytest.mark.parametrize("weight, words", cases(ODD_WEIGHTS))
def test_odd_weights(usual, weight, words):
    assert_refused(lambda: make().fit(X, Y, sample_weight=weight), words)
    for score in variational_mutual_info_score, determinant_mutual_info_score:
        assert_refused(lambda score=score: score(Y, PROBA, sample_weight=weight), words)
    assert_refused(lambda: mutual_info_scorer(usual, X, Y, sample_weight=weight), words)


ODD_CLASS_WEIGHTS = {
    "word": ("auto", "'auto'"),
    "list": ([1, 2], "class_weight"),
    "unknown": ({0: 1, 2: 3}, "{0: 1, 2: 3}", "no class of y"),
    "other type": ({"0": 1, "1": 3}, "'0'", "no class of y"),
    "negative": ({0: -1}, "-1", "positive"),
    "zero": ({0: 0}, "{0: 0}", "positive"),
    "NaN": ({0: np.nan}, "nan", "finite"),
    "infinity": ({0: np.inf}, "inf", "finite"),
    "None": ({0: None}, "None", "positive"),
    "text": ({0: "2"}, "'2'", "positive"),
    "complex": ({0: 1j}, "1j", "positive"),
    "too far apart": ({0: 1e300, 1: 1e-300}, "class_weight", "largest"),
}


@pytest.mark.parametrize("class_weight, words", cases(ODD_CLASS_WEIGHTS))
def test_odd_class_weights(class_weight, words):
    assert_refused(lambda: make(class_weight=class_weight).fit(X, Y), words)


def test_class_weights_count_relative_to_each_other():
    def decide(class_weight):
        return make(class_weight=class_weight).fit(X, Y).decision_function(X)

    expected = decide({0: 1, 1: 2})
    for class_weight in {1: 2}, {0: 2.0**900, 1: 2.0**901}, {0: 1, 1: 2, 7: 5}, {0: Fraction(1, 2)}:
        np.testing.assert_array_equal(decide(class_weight), expected)


ODD_PRIORS = {
    "word": ("balanced", "'balanced'"),
    "number": (0.5, "priors"),
    "dict": ({0: 0.5, 1: 0.5}, "dict"),
    "length": ([0.2, 0.3, 0.5], "(3,)", "(2,)"),
    "matrix": ([[0.5, 0.5]], "(1, 2)", "(2,)"),
    "sum": ([1, 2], "sum"),
    "negative": ([-1, 2], "-1", "positive"),
    "NaN": ([np.nan, 1], "priors", "NaN"),
    "text": (["a", "b"], "priors"),
    "None": ([None, None], "priors"),
    "ragged": ([[1], [1, 2]], "priors"),
    "complex": ([0.5j, 0.5], "priors"),
    "empty": ([], "(0,)", "(2,)"),
}


@pytest.mark.parametrize("priors, words", cases(ODD_PRIORS))
def test_odd_priors(usual, priors, words):
    assert_refused(lambda: make(priors=priors).fit(X, Y), words)
    if not isinstance(priors, (str, float)):  # which are checked in fit
        clf = make().fit(X, Y).set_params(priors=priors)
        assert_refused(lambda: clf.predict(X), words)
        assert_refused(lambda: clf.decision_function(X), words)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
def test_priors_of_any_float_type(usual, dtype):
    clf = make().fit(X, Y)
    expected = clf.set_params(priors=[0.1, 0.9]).decision_function(X)
    found = clf.set_params(priors=np.array([0.1, 0.9], dtype=dtype)).decision_function(X)
    np.testing.assert_allclose(found, expected, atol=4 * np.finfo(dtype).eps + 1e-12)


@pytest.mark.parametrize("prior", [[0.5], ["a", "b"], [np.nan, 1], [2, 3], [0, 1], [[1], [1, 2]]])
def test_odd_priors_of_others(prior):
    assert_refused(
        lambda: variational_mutual_info_score(Y, PROBA, class_prior=prior), ["class_prior"]
    )
    assert_refused(
        lambda: cross_val_mutual_info(GaussianNB(), X, Y, proba_prior=prior), ["proba_prior"]
    )


def test_no_warning_stands_in_for_an_error():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make().fit(X, Y, sample_weight=np.full(N, 1e308))
        variational_mutual_info_score(Y, PROBA, sample_weight=np.full(N, 1e-320))
