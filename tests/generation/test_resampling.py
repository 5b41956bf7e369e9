"""How many rows of each class are made."""

import numpy as np
import pytest

from sklearn_mi.generation._resampling import rows_to_make

LABELS = np.repeat(["a", "b", "c"], [10, 4, 2])


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("auto", {"a": 0, "b": 6, "c": 8}),
        ("not majority", {"a": 0, "b": 6, "c": 8}),
        ("all", {"a": 0, "b": 6, "c": 8}),
        ("minority", {"a": 0, "b": 0, "c": 8}),
        ("not minority", {"a": 0, "b": 6, "c": 0}),
        ({"b": 9}, {"a": 0, "b": 5, "c": 0}),
        (lambda y: {"c": int((y == "c").sum()) + 3}, {"a": 0, "b": 0, "c": 3}),
    ],
)
def test_rows_that_are_made(strategy, expected):
    assert rows_to_make(strategy, LABELS) == expected


def test_a_ratio_of_two_classes():
    assert rows_to_make(0.5, LABELS[:14]) == {"a": 0, "b": 1}


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        (0.5, "has 3"),
        ({"d": 9}, "'d'"),
        ({"a": 3}, "dropped"),
        ("most", "'most'"),
        (lambda y: "most", "'most'"),
    ],
)
def test_what_cannot_be_made_is_named(strategy, message):
    with pytest.raises(ValueError, match=message):
        rows_to_make(strategy, LABELS)


def test_a_ratio_below_that_of_the_rows_is_refused():
    with pytest.raises(ValueError, match=r"from 0\.4 to 1"):
        rows_to_make(0.1, LABELS[:14])
