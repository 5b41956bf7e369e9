"""Odd arguments get a right answer, or an error of ours or of scikit-learn that says what is wrong.

Never a plain error of NumPy, torch, pandas or SciPy, and never NaN in silence. A case is what is
passed, and the words that the error has to say; None where it has to be like the usual argument.
"""

import datetime
import traceback
import warnings
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sklearn
import torch
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GroupKFold, StratifiedKFold
from sklearn.naive_bayes import GaussianNB

import sklearn_mi
from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_label_noise
from sklearn_mi.inspection import adversarial_robustness, label_quality
from sklearn_mi.metrics import (
    box_iou,
    determinant_mutual_info_score,
    localization_accuracy_score,
    mutual_info_scorer,
    variational_mutual_info_score,
)
from sklearn_mi.model_selection import compare_mutual_info, cross_val_mutual_info

N = 40
RNG = np.random.RandomState(0)
Y = np.tile([0, 1], N // 2)
X = RNG.standard_normal((N, 2)) + Y[:, None]
PROBA = RNG.dirichlet([1, 1], size=N)
HOMES = [str(Path(module.__file__).parent) for module in (sklearn, sklearn_mi)]


def make(**params):
    small = {"estimators": None, "max_iter": 1, "hidden_layer_sizes": 2, "cv": 2, "random_state": 0}
    return MutualInfoClassifier(**small | params)


def refusal(call):
    """The message of the error that a call raises, which has to be ours or scikit-learn's."""
    with pytest.raises((ValueError, TypeError)) as raised:
        call()
    last = traceback.extract_tb(raised.tb)[-1]
    assert any(last.filename.startswith(home) for home in HOMES), f"{last}: {raised.value}"
    assert last.line.startswith("raise"), f"{last}: {raised.value}"  # what is compiled has no frame
    assert len(str(raised.value)) > 30
    return str(raised.value)


def assert_refused(call, words):
    message = refusal(call)
    missing = [word for word in words if word not in message]
    assert not missing, (missing, message)


def cases(table):
    return [pytest.param(value, words, id=name) for name, (value, *words) in table.items()]


def changed(values, row, value, dtype=object):
    values = np.array(values, dtype=dtype)
    values[row] = value
    return values


# --- labels -------------------------------------------------------------------------------------

NAMES = np.array(["no", "yes"])[Y]
SAME_LABELS = {
    "list": Y.tolist(),
    "tuple": tuple(Y.tolist()),
    "list of NumPy's": list(Y),
    "list of tensors": list(torch.as_tensor(Y)),
    "tensor": torch.as_tensor(Y),
    "series": pd.Series(Y, index=np.arange(N) + 100),
    "objects in a series": pd.Series(Y, dtype=object),
    "Int64": pd.Series(Y, dtype="Int64"),
    "boolean": pd.Series(Y.astype(bool), dtype="boolean"),
    "float16": Y.astype(np.float16),
    "longdouble": Y.astype(np.longdouble),
    "negative zero": np.where(Y, 1.0, -0.0),
    "huge": [2**63 + v for v in Y.tolist()],
    "strings": NAMES,
    "list of strings": NAMES.tolist(),
    "string": pd.Series(NAMES, dtype="string"),
    "StringDType": NAMES.astype(np.dtypes.StringDType()),
    "categories": pd.Categorical(NAMES, categories=["maybe", "no", "yes"]),
    "ordered": pd.Series(pd.Categorical(NAMES, categories=["yes", "no"], ordered=True)),
    "dates": np.array(["2020-01-01", "2021-01-01"], dtype="M8[D]")[Y],
    "durations": np.array([1, 5], dtype="m8[s]")[Y],
    "column": Y[:, None],
}
ODD_LABELS = {
    "none": (None, "None"),
    "number": (3, "y"),
    "text": ("01" * 20, "str", "label"),
    "set": ({0, 1}, "set"),
    "dict": (dict(enumerate(Y.tolist())), "dict"),
    "generator": ((v for v in Y), "generator"),
    "length": (Y[:-1], "X has 40, y has 39"),
    "empty": (Y[:0], "X has 40, y has 0"),
    "two columns": (np.c_[Y, Y], "(40, 2)"),
    "lists": ([[0, 1]] * N, "(40, 2)"),
    "ragged": ([[0], [0, 1]] * 20, "y", "array"),
    "tuples": ([(0, 1), (1, 0)] * 20, "(40, 2)"),
    "dicts": ([{}, {1: 1}] * 20, "dict"),
    "number and text": ([1, "1"] * 20, "int", "str"),
    "array of number and text": (np.array([1, "1"], dtype=object)[Y], "int", "str"),
    "text and None": (["a", None] * 20, "20 label(s) are missing"),
    "text and NaN": (["a", np.nan] * 20, "20 label(s) are missing"),
    "NaN": (changed(Y, 3, np.nan, float), "row 3"),
    "infinity": (changed(Y, 3, np.inf, float), "infinity"),
    "NA": (pd.Series(Y, dtype="Int64").where(Y > 0), "20 label(s)"),
    "NA of strings": (pd.Series(NAMES, dtype="string").where(Y > 0), "20 label(s)"),
    "NA of categories": (pd.Categorical.from_codes(Y - 1, ["a"]), "20 label(s)"),
    "NaT": (changed(np.array(["2020", "2021"], dtype="M8[D]")[Y], 5, "NaT", "M8[D]"), "row 5"),
    "masked": (np.ma.array(Y, mask=np.arange(N) == 7), "row 7", "masked"),
    "continuous": (X[:, 0], "continuous"),
    "complex": (Y + 1j, "complex"),
    "bytes": (np.array([b"a", b"b"])[Y], "bytes", "decode"),
    "list of bytes": ([b"a", b"b"] * 20, "bytes", "decode"),
    "records": (np.zeros(N, dtype=[("a", int)]), "records"),
    "decimals": ([Decimal(1), Decimal(2)] * 20, "Decimal", "str"),
    "fractions": ([Fraction(1, 2), Fraction(1, 3)] * 20, "Fraction", "str"),
    "date objects": ([datetime.date(2020, 1, d) for d in (1, 2)] * 20, "date", "str"),
    "longer than 64 bits": ([2**70, 2**70 + 1] * 20, "int", "str"),
    "periods": (pd.Series(pd.period_range("2020", periods=2))[Y], "Period", "str"),
    "one class": (np.zeros(N), "one class"),
}


@pytest.fixture(scope="module")
def usual():
    return make().fit(X, Y)


@pytest.mark.parametrize("y", SAME_LABELS.values(), ids=SAME_LABELS)
@pytest.mark.filterwarnings("ignore:A column-vector y was passed")
def test_labels_that_differ_in_type_only(usual, y):
    clf = make().fit(X, y)
    assert clf.mutual_info_score_ == usual.mutual_info_score_
    np.testing.assert_array_equal(clf.oof_log_proba_, usual.oof_log_proba_)
    np.testing.assert_array_equal(clf.predict(X) == clf.classes_[1], usual.predict(X))
    assert mutual_info_scorer(clf, X, y) == mutual_info_scorer(usual, X, Y)
    assert variational_mutual_info_score(y, PROBA) == variational_mutual_info_score(Y, PROBA)
    np.testing.assert_array_equal(label_quality(clf, X, y).posterior, np.exp(usual.oof_log_proba_))


@pytest.mark.parametrize("y, words", cases(ODD_LABELS))
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:The number of unique classes is greater:UserWarning")
def test_odd_labels_of_a_fit(y, words):
    assert_refused(lambda: make().fit(X, y), words)


@pytest.mark.parametrize(
    "call",
    [
        lambda y: cross_val_mutual_info(GaussianNB(), X, y),
        lambda y: compare_mutual_info({"a": GaussianNB()}, X, y),
        lambda y: label_quality(GaussianNB(), X, y, cv=2),
    ],
    ids=["cross_val", "compare", "quality"],
)
@pytest.mark.parametrize("y", [y for y, *_ in ODD_LABELS.values()], ids=ODD_LABELS)
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:The number of unique classes is greater:UserWarning")
def test_odd_labels_of_any_classifier(call, y):
    refusal(lambda: call(y))


ODD_FOR_METRICS = [
    "none", "number", "text", "set", "dict", "generator", "length", "empty", "two columns", "lists",
    "ragged", "tuples", "dicts", "number and text", "array of number and text", "text and None",
    "text and NaN", "NaN", "infinity", "NA", "NA of strings", "NA of categories", "NaT", "masked",
    "continuous", "complex", "bytes", "list of bytes", "records",
]  # fmt: skip


@pytest.mark.parametrize("name", ODD_FOR_METRICS)
@pytest.mark.parametrize("score", [variational_mutual_info_score, determinant_mutual_info_score])
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
def test_odd_labels_of_a_metric(score, name):
    refusal(lambda: score(ODD_LABELS[name][0], PROBA))
    if name not in ("lists", "tuples"):  # which are probabilities
        refusal(lambda: determinant_mutual_info_score(Y, ODD_LABELS[name][0]))


def test_dates_of_other_units_are_the_same_labels():
    dates = SAME_LABELS["dates"]
    score = variational_mutual_info_score(dates, PROBA, labels=np.unique(dates).astype("M8[ns]"))
    assert score == variational_mutual_info_score(Y, PROBA)


# --- groups and splits --------------------------------------------------------------------------

GROUPS = np.repeat(np.arange(10), 4)
SAME_GROUPS = {
    "list": GROUPS.tolist(),
    "categories": pd.Categorical(GROUPS),
    "mixed": [g if g < 5 else str(g) for g in GROUPS.tolist()],
    "text": np.array(list("abcdefghij"))[GROUPS],
    "dates": GROUPS.astype("M8[D]"),
}
ODD_GROUPS = {
    "number": (3, "groups"),
    "text": ("a", "groups"),
    "two columns": (np.c_[GROUPS, GROUPS], "(40, 2)"),
    "tuples": ([(1, 2)] * N, "(40, 2)"),
    "length": (GROUPS[1:], "groups has 39", "40 rows"),
    "NaN": (changed(GROUPS, 4, np.nan, float), "groups", "row 4"),
    "None": (changed(GROUPS, 4, None), "groups", "row 4"),
    "one": (np.zeros(N), "groups"),
    "generator": ((g for g in GROUPS), "groups", "generator"),
}


@pytest.mark.parametrize("groups", SAME_GROUPS.values(), ids=SAME_GROUPS)
def test_groups_that_differ_in_type_only(groups):
    first, same = (make(cv=GroupKFold(2)).fit(X, Y, groups=g) for g in (GROUPS, groups))
    assert len(np.unique(same._groups)) == 10
    for fitted in first, same:
        held = np.zeros(N, int)
        held[fitted._members.part_rows[0]] = 1
        assert all(len(set(held[g == GROUPS])) == 1 for g in range(10))
    one, other = (cross_val_mutual_info(GaussianNB(), X, Y, groups=g) for g in (GROUPS, groups))
    assert one.score == pytest.approx(other.score, abs=0.2) and np.isfinite(other.score)


@pytest.mark.parametrize("groups, words", cases(ODD_GROUPS))
def test_odd_groups(groups, words):
    assert_refused(lambda: make().fit(X, Y, groups=groups), words)
    assert_refused(lambda: cross_val_mutual_info(GaussianNB(), X, Y, groups=groups), words)


class Splits:
    """A splitter of given splits."""

    def __init__(self, *splits):
        self.splits = splits

    def split(self, X, y=None, groups=None):
        yield from self.splits

    def get_n_splits(self, *_):
        return len(self.splits)


MASK = np.arange(N) % 4 < 2  # rows of both classes
EVEN, ODD = np.flatnonzero(MASK), np.flatnonzero(~MASK)
SAME_SPLITS = {
    "arrays": [(EVEN, ODD), (ODD, EVEN)],
    "lists": [(EVEN.tolist(), ODD.tolist()), [ODD.tolist(), EVEN.tolist()]],
    "masks": [(MASK, ~MASK), (~MASK, MASK)],
    "counted from the end": [(EVEN - N, ODD), (ODD, EVEN - N)],
    "splitter": Splits((EVEN, ODD), (ODD, EVEN)),
    "generator": ((EVEN, ODD), (ODD, EVEN)),
    "small integers": [(EVEN.astype(np.uint8), ODD), (ODD, EVEN)],
}
ODD_SPLITS = {
    "float": (2.0, "cv", "2.0"),
    "0": (0, "cv", "0"),
    "1": (1, "cv", "1"),
    "-1": (-1, "cv", "-1"),
    "bool": (True, "cv"),
    "text": ("five", "cv", "five"),
    "more than rows": (41, "41"),
    "number that is not finite": (float("nan"), "cv"),
    "none": ([], "split"),
    "used-up": (iter([]), "list"),
    "empty training rows": ([([], EVEN), (EVEN, ODD)], "0 training"),
    "empty held-out rows": (Splits((EVEN, []), (EVEN, ODD)), "0 held-out"),
    "overlap": (Splits((EVEN, EVEN), (EVEN, ODD)), "trains on", "disjoint"),
    "out of range": (Splits((EVEN, [40]), (EVEN, ODD)), "row 40", "40 rows"),
    "out of range below": ([(EVEN, [-41]), (EVEN, ODD)], "row -41", "40 rows"),
    "floats": ([(EVEN * 1.0, ODD), (ODD, EVEN)], "float64", "whole numbers"),
    "texts": ([(["a"], ODD), (ODD, EVEN)], "dtype", "whole numbers"),
    "short mask": ([(MASK[1:], ODD), (ODD, EVEN)], "39", "40"),
    "matrix": ([(EVEN[:, None], ODD), (ODD, EVEN)], "shape", "whole numbers"),
    "ragged": ([([[1], [1, 2]], ODD), (ODD, EVEN)], "whole numbers"),
    "triples": ([(EVEN, ODD, ODD)], "pair"),
    "words": (["ab", "cd"], "pair"),
    "numbers": ([1, 2], "pair"),
    "None": ([None, None], "pair"),
}


@pytest.mark.parametrize("cv", SAME_SPLITS.values(), ids=SAME_SPLITS)
def test_splits_that_differ_in_type_only(cv):
    expected = make(cv=SAME_SPLITS["arrays"]).fit(X, Y)
    assert make(cv=cv).fit(X, Y).mutual_info_score_ == expected.mutual_info_score_
    one, other = (
        cross_val_mutual_info(GaussianNB(), X, Y, cv=c) for c in (cv, SAME_SPLITS["arrays"])
    )
    assert one.score == other.score


@pytest.mark.parametrize("cv, words", cases(ODD_SPLITS))
def test_odd_splits(cv, words):
    assert_refused(lambda: make(cv=cv).fit(X, Y), words)
    refusal(lambda: cross_val_mutual_info(GaussianNB(), X, Y, cv=cv))
    refusal(lambda: label_quality(GaussianNB(), X, Y, cv=cv))


def test_a_generator_of_splits_is_good_for_one_fit():
    clf = make(cv=StratifiedKFold(2).split(X, Y)).fit(X, Y)
    assert np.isfinite(clf.mutual_info_score_)
    assert_refused(lambda: clf.fit(X, Y), ["generator", "once", "list(...)"])
    assert clf.get_params()["cv"] is clf.cv


# --- weights ------------------------------------------------------------------------------------

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


# --- class weights and priors -------------------------------------------------------------------

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


# --- the other parameters -----------------------------------------------------------------------

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


# --- probabilities ------------------------------------------------------------------------------

ODD_PROBABILITIES = {
    "text": (PROBA.astype(str), "y_p"),
    "list of texts": ([["a", "b"]] * N, "y_p"),
    "word": ("half", "y_p"),
    "None": (None, "y_p"),
    "number": (0.5, "y_p"),
    "ragged": ([[0.5], [0.5, 0.5]] * 20, "y_p"),
    "complex": (PROBA + 0j, "y_p", "omplex"),
    "three axes": (PROBA[None], "dim 3"),
    "length": (PROBA[1:], "39 rows", "40"),
    "no columns": (PROBA[:, :0], "y_p"),
    "NaN": (changed(PROBA, (4, 1), np.nan, float), "y_p", "row 4", "column 1"),
    "infinity": (changed(PROBA, (4, 1), np.inf, float), "y_p", "row 4"),
    "scores": (10 * PROBA, "probabilities lie in"),
    "logarithms": (np.log(PROBA), "probabilities lie in"),
    "sum": (PROBA / 2, "sum to 1"),
    "sum in float16": ((PROBA * 0.95).astype(np.float16), "sum to 1"),
    "dict": ({0: PROBA}, "dict"),
    "dates": (np.zeros((N, 2), dtype="M8[D]"), "y_p"),
    "masked": (np.ma.array(PROBA, mask=PROBA > 0.9), "masked"),
}


@pytest.mark.parametrize("proba, words", cases(ODD_PROBABILITIES))
@pytest.mark.parametrize("score", [variational_mutual_info_score, determinant_mutual_info_score])
def test_odd_probabilities(score, proba, words):
    assert_refused(lambda: score(Y, proba), words)


class Answering(DummyClassifier):
    """A classifier whose answer is `answer`, whatever it is asked."""

    answer = None

    def predict_proba(self, X):
        return self.answer[: len(X)] if isinstance(self.answer, (list, np.ndarray)) else self.answer


@pytest.mark.parametrize(
    "answer", [proba for name, (proba, *_) in ODD_PROBABILITIES.items() if name != "length"],
    ids=[name for name in ODD_PROBABILITIES if name != "length"],
)  # fmt: skip
def test_classifiers_that_answer_oddly(answer):
    odd = type("Odd", (Answering,), {"answer": answer})()
    refusal(lambda: cross_val_mutual_info(odd, X, Y, cv=2))
    refusal(lambda: mutual_info_scorer(odd.fit(X, Y), X, Y))


@pytest.mark.parametrize("labels", [[0], [0, 0], [0, None], [0, "1"], "ab", 3, [[0, 1]], [0.5, 1]])
def test_odd_names_of_columns(labels):
    refusal(lambda: variational_mutual_info_score(Y, PROBA, labels=labels))
    refusal(lambda: determinant_mutual_info_score(Y, PROBA, labels=labels))


# --- of functions -------------------------------------------------------------------------------

BOXES = np.tile([0.0, 0.0, 2.0, 2.0], (N, 1))
ODD_BOXES = [None, "box", 3, {}, [["a"] * 4] * N, [[1], [1, 2]], BOXES + 1j, BOXES * np.nan]
ODD_CALLS = [
    *[("eps", ({"eps": eps},)) for eps in (["a"], [[1]], [[1], [1, 2]], -1, np.nan, {}, [], None)],
    *[
        ("feature_scale", ({"eps": 0.1, "feature_scale": scale},))
        for scale in (["a", "b"], [1], [[1, 2]], [1, -1], [1, np.nan], {0: 1}, {0: 1, 1: "a"}, [])
    ],
    *[("frozen", ({"eps": 0.1, "frozen": frozen},)) for frozen in ([5], [None], [[0]], ["a"])],
    *[("attacks", ({"eps": 0.1, "attacks": names},)) for names in ([3], [[1]], [], "spin")],
]


@pytest.mark.parametrize("name, options", [(n, o) for n, (o,) in ODD_CALLS], ids=repr)
def test_odd_options_of_attacks(usual, name, options):
    assert name in refusal(lambda: adversarial_robustness(usual, X[:4], Y[:4], **options))


@pytest.mark.parametrize("boxes", ODD_BOXES, ids=lambda boxes: repr(boxes)[:15])
def test_odd_boxes(boxes):
    assert_refused(lambda: box_iou(BOXES, boxes), ["boxes_pred", "box"])
    assert_refused(lambda: localization_accuracy_score(BOXES, boxes), ["boxes_pred", "box"])


@pytest.mark.parametrize("threshold", ["a", None, [0.5], np.nan, 0, 2, 1j])
def test_odd_thresholds(threshold):
    refusal(lambda: localization_accuracy_score(BOXES, BOXES, iou_threshold=threshold))


@pytest.mark.parametrize("noise", ["a", None, 2, [0.1, 0.2], np.nan, 1j, [["a"]], [[1], [1, 2]]])
def test_odd_noise(noise):
    assert "noise" in refusal(lambda: make_label_noise(Y, noise))
    assert len(make_label_noise(Y, np.float16(0.1))) == N


ODD_MATRICES = ["a", 3, [["a", "b"]] * 2, [[1], [1, 2]], np.eye(2) * 2, -np.eye(2), np.eye(2) + 0j]


@pytest.mark.parametrize("matrix", [*ODD_MATRICES, np.eye(3), np.eye(2) * np.nan], ids=repr)
def test_odd_noise_matrices(usual, matrix):
    assert "noise_matrix" in refusal(lambda: label_quality(usual, X, Y, noise_matrix=matrix))


@pytest.mark.parametrize("n_jobs", [0, 1.5, "all"])
def test_odd_numbers_of_jobs(n_jobs):
    refusal(lambda: cross_val_mutual_info(GaussianNB(), X, Y, n_jobs=n_jobs))
    refusal(lambda: compare_mutual_info({"a": GaussianNB()}, X, Y, n_jobs=n_jobs))
    refusal(lambda: label_quality(GaussianNB(), X, Y, cv=2, n_jobs=n_jobs))


@pytest.mark.parametrize("estimators", [3, [3], {}, {"a": 3}, [("a",)], {"a": None}, "ab", None])
def test_odd_classifiers_to_compare(estimators):
    refusal(lambda: compare_mutual_info(estimators, X, Y))


@pytest.mark.parametrize("estimator", [None, 3, GaussianNB, "a"], ids=repr)
def test_odd_classifiers(estimator):
    for call in cross_val_mutual_info, label_quality, mutual_info_scorer:
        refusal(lambda call=call: call(estimator, X, Y))


def test_no_warning_stands_in_for_an_error():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make().fit(X, Y, sample_weight=np.full(N, 1e308))
        variational_mutual_info_score(Y, PROBA, sample_weight=np.full(N, 1e-320))
