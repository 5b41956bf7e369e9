"""Groups and splits of odd types: the answer of the usual ones, or an error that says why not."""

import numpy as np
import pandas as pd
import pytest
from odd_arguments import N, X, Y, assert_refused, cases, changed, make, refusal
from sklearn.model_selection import GroupKFold, StratifiedKFold
from sklearn.naive_bayes import GaussianNB

from sklearn_mi.inspection import label_quality
from sklearn_mi.model_selection import cross_val_mutual_info

# --- groups -------------------------------------------------------------------------------------


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


# --- splits -------------------------------------------------------------------------------------


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
