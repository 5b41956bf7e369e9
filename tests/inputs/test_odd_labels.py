"""Labels of odd types get the answer of the usual ones, or an error that says what is wrong."""

import datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
from odd_arguments import PROBA, N, X, Y, assert_refused, cases, changed, make, refusal
from sklearn.naive_bayes import GaussianNB

from sklearn_mi.inspection import label_quality
from sklearn_mi.metrics import (
    determinant_mutual_info_score,
    mutual_info_scorer,
    variational_mutual_info_score,
)
from sklearn_mi.model_selection import compare_mutual_info, cross_val_mutual_info

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
