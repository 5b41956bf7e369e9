"""Stored files that are old, too new, edited or damaged."""

import copy
import pickle
from pathlib import Path

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from stored_fits import assert_says_the_same, fit, make_table
from stored_format import read_answers

from sklearn_mi import TRUSTED_TYPES, MutualInfoClassifier
from sklearn_mi._engine._state import FORMAT

STORED = Path(__file__).parent / "stored"


@pytest.fixture(scope="module")
def clf():
    return fit(*make_table())


def opened(state):
    stored = MutualInfoClassifier.__new__(MutualInfoClassifier)
    stored.__setstate__(state)
    return stored


# --- formats ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(STORED.glob("*.skops")), ids=lambda path: path.stem)
def test_files_of_every_format_are_read(path):
    clf = pytest.importorskip("skops.io").load(path, trusted=TRUSTED_TYPES)
    X, y = make_table()
    with np.load(path.with_suffix(".npz")) as expected:
        for name, value in read_answers(clf, X).items():
            assert_allclose(value, expected[name], rtol=1e-5, atol=1e-6, err_msg=name)
    assert clone(clf).set_params(max_iter=1).fit(X, y).predict(X).shape == y.shape


def test_there_is_a_file_of_the_present_format():
    assert (STORED / f"format_{FORMAT}.skops").is_file()


def test_a_state_says_format_and_versions(clf):
    state = clf.__getstate__()
    assert state["format"] == FORMAT
    assert set(state["versions"]) == {"sklearn_mi", "scikit-learn", "torch", "numpy"}


def test_a_newer_format_is_refused_in_a_sentence(clf):
    state = clf.__getstate__() | {"format": FORMAT + 1}
    state["versions"]["sklearn_mi"] = "9.9"
    words = rf"format {FORMAT + 1} by sklearn_mi 9\.9, but .* up to {FORMAT}: upgrade sklearn_mi\."
    with pytest.raises(ValueError, match=words) as error:
        opened(state)
    assert str(error.value).count(". ") == 0


@pytest.mark.parametrize("state", [{}, {"loss": "ce"}, {"format": "1"}, {"format": True}, None, []])
def test_what_has_no_format_is_refused(state):
    with pytest.raises(ValueError, match=r"without a format.*fit it again"):
        opened(state)


# --- changes ------------------------------------------------------------------------------------


def places(value, path=()):
    """Paths to all arrays, numbers and texts of a state."""
    if isinstance(value, dict | list | tuple):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from places(item, (*path, key))
    elif isinstance(value, np.ndarray | np.generic | str | bool | int | float | None):
        yield path


def another(value):
    if isinstance(value, np.ndarray):
        value = value.copy()
        value.flat[-1] = value.flat[0] if value.dtype == object else value.flat[-1] + 1
        return value
    return value + "x" if isinstance(value, str) else (value or 0) + 1


def changed(state, path):
    """A copy of a state with another value at a place, or None where that is the same."""
    state = copy.deepcopy(state)
    holder = state
    for key in path[:-1]:
        holder = list(holder) if isinstance(holder, tuple) else holder
        holder = holder[key]
    if isinstance(holder, tuple):
        return None
    before, holder[path[-1]] = holder[path[-1]], None
    if (isinstance(before, np.ndarray) and before.dtype.kind not in "fiu") or np.size(before) == 0:
        return None
    holder[path[-1]] = another(before)
    return state


def test_every_change_of_a_state_is_refused(clf):
    state = clf.__getstate__()
    paths = [path for path in places(state) if path[0] in ("content", "versions")]
    assert len(paths) > 100
    n_refused = 0
    for path in paths[:: max(1, len(paths) // 60)]:
        if (other := changed(state, path)) is not None:
            with pytest.raises(ValueError, match="its digest differs"):
                opened(other)
            n_refused += 1
    assert n_refused > 40
    assert_says_the_same(opened(state), clf, make_table()[0])


def test_another_coefficient_of_a_companion_is_refused(clf):
    state = copy.deepcopy(clf.__getstate__())
    linear = state["content"]["_ensemble"]["companions"]["fitted"]["linear"]
    linear.coef_[0, 0] *= 1.001
    with pytest.raises(ValueError, match="its digest differs"):
        opened(state)


@pytest.mark.parametrize("digests", [None, "", [], ["", ""], ["0" * 32] * 2])
def test_a_state_without_its_digests_is_refused(clf, digests):
    with pytest.raises(ValueError, match="its digest differs"):
        opened(clf.__getstate__() | {"digests": digests})


def test_a_refused_state_leaves_no_half_of_a_classifier(clf):
    stored = MutualInfoClassifier.__new__(MutualInfoClassifier)
    with pytest.raises(ValueError):
        stored.__setstate__(clf.__getstate__() | {"format": 99})
    assert vars(stored) == {}


# --- files --------------------------------------------------------------------------------------


def test_a_pickle_that_is_cut_is_refused(clf):
    data = pickle.dumps(clf)
    for share in (0.1, 0.5, 0.99):
        with pytest.raises((pickle.UnpicklingError, EOFError)):
            pickle.loads(data[: int(share * len(data))])


def test_a_mapped_file_is_the_same(clf, tmp_path):
    joblib.dump(clf, tmp_path / "clf")
    X, _ = make_table()
    stored = joblib.load(tmp_path / "clf", mmap_mode="r")
    assert_array_equal(stored.predict_proba(X), clf.predict_proba(X))
