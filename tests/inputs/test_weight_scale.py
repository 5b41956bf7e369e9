"""The scale of sample weights has no say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.metrics import (
    determinant_mutual_info_score,
    localization_accuracy_score,
    mutual_info_scorer,
    variational_mutual_info_score,
)
from sklearn_mi.metrics._estimate import class_frequencies, mean_and_standard_error

N = 60
RNG = np.random.RandomState(0)
Y, PROBA = np.arange(N) % 2, RNG.dirichlet([1, 1], size=N)
X = RNG.standard_normal((N, 2)) + Y[:, None]
BOXES = RNG.rand(N, 4)
BOXES = np.c_[BOXES[:, :2], BOXES[:, :2] + BOXES[:, 2:]]
TYPES = [bool, np.uint8, np.int64, np.uint64, np.float16, np.float32, np.float64, np.longdouble]
TYPES += [object]


def figures(weight):
    """All that metrics make of weights."""
    return [
        variational_mutual_info_score(Y, PROBA, sample_weight=weight),
        variational_mutual_info_score(Y, PROBA, sample_weight=weight, normalize=True),
        determinant_mutual_info_score(Y, PROBA, sample_weight=weight),
        determinant_mutual_info_score(Y, Y[::-1], sample_weight=weight, normalize=True),
        localization_accuracy_score(BOXES, BOXES + 0.1, sample_weight=weight),
        *class_frequencies(Y, 2, weight),
        *mean_and_standard_error(PROBA[:, 0], weight),
    ]


def fit(weight, X=X, **params):
    small = {"estimators": None, "hidden_layer_sizes": 4, "max_iter": 2, "cv": 2, "random_state": 0}
    return MutualInfoClassifier(**small | params).fit(X, Y, sample_weight=weight)


@given(seed=st.integers(0, 10_000), exponent=st.integers(-1000, 1010))
@settings(max_examples=40, deadline=None)
def test_powers_of_two_change_no_digit_of_a_metric(seed, exponent):
    weight = np.random.default_rng(seed).integers(0, 2**13, N) / 8 + np.eye(N)[0]
    assert figures(np.ldexp(weight, exponent)) == figures(weight)


@pytest.mark.parametrize("exponent", [-1000, -500, 3, 1000])
def test_powers_of_two_change_no_digit_of_a_fit(exponent):
    weight = RNG.randint(1, 5, N)
    expected, scaled = fit(weight), fit(np.ldexp(weight * 1.0, exponent))
    assert scaled.mutual_info_score_ == expected.mutual_info_score_
    assert scaled.mutual_info_stderr_ == expected.mutual_info_stderr_
    assert_array_equal(scaled.predict_proba(X), expected.predict_proba(X))
    weights = [np.ldexp(weight * 1.0, e) for e in (0, exponent)]
    assert len({mutual_info_scorer(expected, X, Y, sample_weight=w) for w in weights}) == 1


LARGE = np.finfo(np.longdouble).max
EQUAL = [1e308, 1e-320, 5e-324, 3, 0.1, np.float16(6e4), np.float16(6e-8), True, 2**63, LARGE]


@pytest.mark.parametrize("value", EQUAL, ids=repr)
def test_equal_weights_are_as_none(value):
    weight = np.full(N, value)
    assert figures(weight) == figures(None)
    expected, equal = fit(None), fit(weight, class_weight="balanced")
    assert equal.mutual_info_score_ == expected.mutual_info_score_
    assert_array_equal(equal.predict_proba(X), expected.predict_proba(X))


@pytest.mark.parametrize("dtype", TYPES)
def test_weights_of_any_type(dtype):
    weight = RNG.randint(2, size=N)
    assert figures(weight.astype(dtype)) == figures(weight.astype(float))
    assert figures(weight.astype(dtype).tolist()) == figures(weight.astype(float))
    expected, other = fit(weight.astype(float)), fit(weight.astype(dtype))
    assert other.mutual_info_score_ == expected.mutual_info_score_


def test_weights_that_differ_very_much():
    weight = np.where(np.arange(N) < 40, 1e300, 1e-300)
    for call in (lambda: figures(weight), lambda: fit(weight)):
        with pytest.raises(ValueError, match=r"sample_weight.*largest.*Use 0 to leave"):
            call()
    weight[weight < 1] = 1e280
    assert np.isfinite(figures(weight)).all()
    clf = fit(weight)
    left_out = fit(np.where(np.arange(N) < 40, 1.0, 0.0))
    assert clf.mutual_info_score_ == pytest.approx(left_out.mutual_info_score_, abs=0.5)
    assert np.isfinite(clf.predict_proba(X)).all()


@pytest.mark.parametrize("loss", ["ce", "pc_softmax", "dmi", "forward", "gce", "gccs"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_class_of_next_to_no_weight(loss):
    weight = np.where(Y, 1e29, 1.0)
    for class_weight in None, "balanced", {0: 1e-25, 1: 1e4}:
        clf = fit(weight, loss=loss, class_weight=class_weight)
        assert np.isfinite(clf.predict_proba(X)).all()
        assert np.isfinite(clf.decision_function(X)).all()
        assert np.isfinite([clf.mutual_info_score_, clf.mutual_info_stderr_]).all()
