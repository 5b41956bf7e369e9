"""The digest of a state: the same for what is the same, another for anything else."""

import pickle

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from sklearn_mi._engine._digest import digest

VALUES = [
    None, True, False, 0, 1, -1, 0.0, -0.0, 1.0, np.nan, "", "a", "1", b"a", [], (), {}, set(),
    [1], (1,), {"a": 1}, {"b": 1}, {1: "a"}, [[1], 2], [[1, 2]], [1, 2], {"a"}, int, float,
    np.float64(1), np.float32(1), np.int64(1), np.zeros(2), np.zeros((2, 1)), np.zeros((1, 2)),
    np.zeros(2, np.float32), np.zeros(2, int), np.array(["a"]), np.array(["a"], dtype=object),
    np.array([None]), np.zeros(0), csr_array(np.eye(2)), csr_array(np.eye(3)),
    LogisticRegression(), LogisticRegression(C=2),
]  # fmt: skip


def test_what_differs_has_another_digest():
    found = [digest(value) for value in VALUES]
    assert len(set(found)) == len(VALUES)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_what_was_stored_in_between_has_the_same(value):
    assert digest(pickle.loads(pickle.dumps(value))) == digest(value)


def test_memory_and_what_lies_between_fields_do_not_count():
    array = np.arange(6.0).reshape(2, 3)
    assert digest(np.asfortranarray(array)) == digest(array) == digest(array[:, :].copy())
    fields = np.dtype({"names": ["a", "b"], "formats": ["i1", "f8"], "offsets": [0, 8]})
    first, second = np.zeros(2, fields), np.frombuffer(b"\xff" * 32, fields).copy()
    second["a"], second["b"] = 0, 0
    assert digest(first) == digest(second)
    second["b"][1] = 1
    assert digest(first) != digest(second)


def test_the_order_of_a_list_counts_and_that_of_a_set_does_not():
    assert digest([1, 2]) != digest([2, 1])
    assert digest({"shift", "flip"}) == digest({"flip", "shift"})


def test_estimators_may_be_left_out():
    first, other = (LogisticRegression(C=c).fit([[0], [1]], [0, 1]) for c in (1, 2))
    assert digest([first], estimators=False) == digest([other], estimators=False)
    assert digest([first]) != digest([other])


def test_what_holds_itself_has_a_digest():
    estimator = LogisticRegression()
    estimator.me = estimator
    assert digest(estimator)
