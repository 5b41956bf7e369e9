"""Warnings have the categories by which users filter them."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline

from sklearn_mi import MutualInfoClassifier, exceptions
from sklearn_mi.exceptions import (
    CheckpointWarning,
    ColumnWarning,
    DataWarning,
    LeakageWarning,
    RareClassWarning,
)

rng = np.random.default_rng(0)
PLAIN = pd.DataFrame(rng.normal(size=(80, 2)), columns=["a", "b"])
LABELS = np.tile(["u", "v"], 40)
DATES = pd.date_range("2020-01-01", periods=80).astype(str)
CASES = {
    "copies": (pd.concat([PLAIN, PLAIN]), np.tile(LABELS, 2), LeakageWarning),
    "an index": (PLAIN.reset_index(), LABELS, LeakageWarning),
    "dates as text": (PLAIN.assign(day=DATES), LABELS, ColumnWarning),
    "a name each": (PLAIN.assign(name=[f"n{i}x" for i in range(80)]), LABELS, ColumnWarning),
    "a class of one": (PLAIN, ["w", *LABELS[1:]], RareClassWarning),
}


def brief(**params):
    return MutualInfoClassifier(cv=2, max_iter=1, estimators=None, random_state=0, **params)


@pytest.mark.parametrize("X, y, category", CASES.values(), ids=CASES.keys())
def test_what_is_odd_about_a_table_has_a_category(X, y, category):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        make_pipeline(brief()).fit(X, y)
    assert {warning.category for warning in told} == {category}
    assert {warning.filename for warning in told} == {__file__}, "the line of the user"


def test_a_plain_table_brings_none():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        brief().fit(PLAIN, LABELS)


def test_what_a_checkpoint_does_not_keep_has_a_category(tmp_path):
    clf = brief(checkpoint=tmp_path)
    with pytest.warns(CheckpointWarning, match="keeps nothing of partial_fit"):
        clf.partial_fit(PLAIN, LABELS, classes=["u", "v"])


def test_filters_of_data_leave_others():
    ours = [getattr(exceptions, name) for name in exceptions.__all__]
    assert all(issubclass(category, UserWarning) for category in ours)
    of_data = {category for category in ours if issubclass(category, DataWarning)}
    assert of_data == {*ours} - {CheckpointWarning}
