"""Stored files that are spoilt are refused, or are as they were; a few dozen of each thousand."""

import pytest
from benchmark_modules import load
from sklearn.base import clone

skops_io = pytest.importorskip("skops.io")
stored_files = load("stored_files")


def test_spoilt_skops_files_are_refused_or_equal():
    counts = stored_files.count(70, seed=1)
    assert counts.total() == 70
    assert {outcome for _, outcome in counts} <= {"refused", "equal"}
    refused = {way for way, outcome in counts if outcome == "refused"}
    assert refused == set(stored_files.WAYS)
    head, *rows = stored_files.lines(counts)
    assert "DIFFERENT" in head and len(rows) == len(stored_files.WAYS) + 1


def test_the_fuzzer_knows_a_file_that_is_as_it_was_and_one_that_is_another():
    clf, (X, y) = stored_files.make_classifier(), stored_files.make_rows()
    assert stored_files.outcome_of(skops_io.dumps(clf), clf, X) == "equal"
    other = clone(clf).set_params(max_iter=1).fit(X, y)
    assert stored_files.outcome_of(skops_io.dumps(other), clf, X) == "DIFFERENT"
