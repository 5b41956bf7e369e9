"""Estimates and comparisons that were killed fit what is missing, with the same result."""

import os

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from sklearn_mi.model_selection import compare_mutual_info, cross_val_mutual_info

Y = np.arange(60) % 3
X = np.random.RandomState(0).normal(size=(60, 3)) + Y[:, None]
CV = RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0)


class Killed(BaseException):
    """In the place of a signal that no process survives."""


class Mortal(DecisionTreeClassifier):
    """Dies in a fit if that is one too many; says 0 in single precision."""

    fits, most = 0, np.inf

    def fit(self, X, y, sample_weight=None):
        if Mortal.fits == Mortal.most:
            raise Killed
        Mortal.fits += 1
        return super().fit(X, y, sample_weight)

    def predict_proba(self, X):
        return super().predict_proba(X).astype(np.float32)


TREE = Mortal(max_depth=2, random_state=0)
TREES = {"small": TREE, "large": Mortal(max_depth=4, random_state=0)}


@pytest.fixture(autouse=True)
def alive(monkeypatch):
    monkeypatch.setattr(Mortal, "fits", 0)
    monkeypatch.setattr(Mortal, "most", np.inf)


def estimate(estimator=TREE, X=X, y=Y, cv=CV, **options):
    result = cross_val_mutual_info(estimator, X, y, cv=cv, **options)
    return [result.pointwise, result.proba, result.score, result.interval]


def comparison(estimators=TREES, cv=CV, **options):
    result = compare_mutual_info(estimators, X, Y, cv=cv, **options)
    of_rows = [own[key] for own in result.results.values() for key in ("pointwise", "proba")]
    return [result.summary, result.differences, *of_rows]


def fits_of(ask, **options):
    """What was answered, and after how many fits."""
    Mortal.fits = 0
    return ask(**options), Mortal.fits


def killed_after(ask, number, **options):
    Mortal.fits, Mortal.most = 0, number
    with pytest.raises(Killed):
        ask(**options)
    Mortal.most = np.inf


def assert_same(first, second):
    for one, other in zip(first, second, strict=True):
        assert_array_equal(one, other)


@pytest.mark.parametrize("ask, n_fits", [(estimate, 6), (comparison, 12)])
def test_what_was_fitted_is_not_fitted_again(tmp_path, ask, n_fits):
    whole = ask()
    killed_after(ask, 2, checkpoint=tmp_path)
    killed_after(ask, 2, checkpoint=tmp_path)
    again, fits = fits_of(ask, checkpoint=tmp_path)
    assert fits == n_fits - 4
    assert_same(again, whole)
    assert os.listdir(tmp_path) == ["lock"]
    assert fits_of(ask, checkpoint=tmp_path)[1] == n_fits


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"X": X + 1e-9}, "X"),
        ({"y": Y[::-1]}, "y"),
        ({"y": 2 * Y}, "y"),
        ({"cv": 3}, "cv"),
        ({"cv": list(CV.split(X, Y)), "groups": np.arange(60)}, "groups"),
        ({"estimator": TREES["large"]}, "estimator"),
        ({"params": {"sample_weight": np.arange(1, 61)}}, "params"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_another_estimate_is_refused(tmp_path, changes, words):
    killed_after(estimate, 1, checkpoint=tmp_path)
    remedy = f"another question, which differs in {words}. .* delete .*cross_val to start"
    with pytest.raises(ValueError, match=remedy):
        estimate(checkpoint=tmp_path, **changes)


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"estimators": dict(reversed(TREES.items()))}, "estimators"),
        ({"params": {"large": {"sample_weight": np.arange(1, 61)}}}, "params"),
    ],
)
def test_another_comparison_is_refused(tmp_path, changes, words):
    killed_after(comparison, 7, checkpoint=tmp_path)
    with pytest.raises(ValueError, match=f"differs in {words}. .*comparison to start"):
        comparison(checkpoint=tmp_path, **changes)


def test_what_is_done_with_probabilities_may_change(tmp_path):
    later = {"calibrate": True, "proba_prior": "uniform", "confidence_level": 0.5, "n_jobs": 1}
    whole = estimate(**later)
    killed_after(estimate, 4, checkpoint=tmp_path)
    again, fits = fits_of(estimate, checkpoint=tmp_path, **later)
    assert fits == 2
    assert_same(again, whole)


@pytest.mark.parametrize("ask", [estimate, comparison])
def test_a_folder_that_cannot_be_made_is_an_error_before_the_work(tmp_path, ask):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"file.* cannot be used: .*Choose a folder"):
        ask(checkpoint=tmp_path / "file" / "folder")
    assert Mortal.fits == 0
