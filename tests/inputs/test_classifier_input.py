"""Bad input is refused by an error that names the value and the remedy."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.model_selection import GroupKFold
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.losses import CrossEntropyLoss

RNG = np.random.RandomState(0)
X = pd.DataFrame(RNG.standard_normal((60, 3)), columns=["a", "b", "c"])
Y = np.tile([0, 1, 2], 20)


def _fit(X=X, y=Y, *, sample_weight=None, groups=None, **params):
    clf = MutualInfoClassifier(**{"estimators": None, "max_iter": 2, "random_state": 0} | params)
    return clf.fit(X, y, sample_weight=sample_weight, groups=groups)


def _changed(values, row, value):
    """A float copy with one entry replaced."""
    values = np.array(values, dtype=float)
    values[row] = value
    return values


def _refuses(call, *said, error=ValueError):
    """Assert an error that says all of `said`."""
    with pytest.raises(error) as raised:
        call()
    message = str(raised.value)
    assert not [words for words in said if words not in message], message


def _cases(named):
    """Parameters for pytest from {name: (what is bad, words of the message, ...)}."""
    return [pytest.param(bad, said, id=name) for name, (bad, *said) in named.items()]


# --- parameters ---------------------------------------------------------------------------------

BAD_PARAMETERS = [
    ({"loss": "mse"}, "Got 'mse'", "'pc_softmax'"),
    ({"loss": CrossEntropyLoss}, "Got <class", "an instance of"),
    ({"device": "tpu9"}, "device='tpu9'", 'Use "auto", "cpu"'),
    ({"cv": 61}, "cv=61", "60 rows", "Use cv=5"),
    ({"cv": 1}, "Got 1", "[2, inf)"),
    ({"cv": []}, "cv=[]", "split"),
    ({"loss": "dmi", "loss_params": {"rigde": 1}}, "{'rigde': 1}", "DeterminantMutualInfoLoss"),
    ({"loss_params": {"q": 1}}, "{'q': 1}", "CrossEntropyLoss"),
    ({"loss": CrossEntropyLoss(), "loss_params": {"q": 1}}, "{'q': 1}", "when you make it"),
    ({"class_weight": {0: 0}}, "{0: 0}", "must be positive"),
    ({"class_weight": {0: -1}}, "{0: -1}", "must be positive"),
    ({"class_weight": "even"}, "Got 'even'", "'balanced'"),
    ({"priors": "balanced"}, "Got 'balanced'", "'uniform'"),
    ({"hidden_layer_sizes": (0,)}, "hidden_layer_sizes", "0", "positive"),
    ({"hidden_layer_sizes": (-3,)}, "hidden_layer_sizes", "-3", "positive"),
    ({"hidden_layer_sizes": ("wide",)}, "hidden_layer_sizes", "wide"),
    ({"hidden_layer_sizes": (12.7,)}, "hidden_layer_sizes", "12.7"),
    ({"hidden_layer_sizes": ((3, 4),)}, "hidden_layer_sizes", "(3, 4)"),
    ({"hidden_layer_sizes": "128"}, "Got '128'", "array-like"),
    ({"validation_fraction": 0}, "Got 0", "(0.0, 1.0)"),
    ({"validation_fraction": 1.5}, "Got 1.5", "(0.0, 1.0)"),
    ({"cv": None, "validation_fraction": 0.01}, "0.01", "validation_fraction"),
    ({"cv": None, "validation_fraction": 0.99}, "0.99", "validation_fraction"),
    ({"max_iter": 0}, "Got 0", "[1, inf)"),
    ({"dropout": 1}, "Got 1", "[0.0, 1.0)"),
    ({"optimizer": "adam"}, "Got 'adam'", "callable"),
    ({"module": nn.Linear(3, 2)}, "(2, 2)", "as many outputs as there are classes"),
    ({"module": nn.Linear(7, 3)}, "(2, 3)", "7x3", "adapt its first layer"),
    ({"module": 3}, "Got 3", "Module"),
]


@pytest.mark.parametrize(
    "params, said", [pytest.param(p, said, id="-".join(p)) for p, *said in BAD_PARAMETERS]
)
def test_bad_parameter(params, said):
    _refuses(lambda: _fit(**params), *said)


def test_module_that_is_none():
    said = ["gave a int", "pass an instance, or a class or function"]
    _refuses(lambda: _fit(module=lambda n_columns, n_classes: 3), *said, error=TypeError)


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_cuda_where_there_is_none():
    _refuses(lambda: _fit(device="cuda"), "device='cuda' is not available", 'Use "auto", "cpu"')


BAD_PRIORS = [
    ({0: 0.5, 1: 0.5}, "is a dict", "one probability per class"),
    ([0.5, 0.5], "(2,)", "one probability per class"),
    ([0.5, 0.5, 0.5], "sum 1.5", "Divide by the sum"),
    ([1.2, -0.1, -0.1], "-0.1", "must be positive"),
    ([0.5, 0.5, 0], "0.5, 0]", "must be positive"),
]


@pytest.mark.parametrize("priors, value, remedy", BAD_PRIORS)
def test_bad_priors_are_refused_in_decisions(priors, value, remedy):
    clf = _fit().set_params(priors=priors)
    _refuses(lambda: clf.predict(X), value, remedy)
    assert clf.predict_proba(X).shape == (60, 3)


@pytest.mark.parametrize("priors, value, remedy", BAD_PRIORS)
def test_bad_priors_are_refused_before_the_training(priors, value, remedy):
    _refuses(lambda: _fit(priors=priors), value, remedy)


# --- labels -------------------------------------------------------------------------------------

BAD_LABELS = {
    "nan": (_changed(Y, 3, np.nan), "row 3", "Drop the rows"),
    "None": (np.where(Y == 1, None, "b"), "20 label(s)", "Drop the rows"),
    "NA": (pd.Series(Y, dtype="Int64").where(Y > 0), "20 label(s)", "Drop the rows"),
    "one class": (np.full(60, "a"), "'a'", "at least 2 classes"),
    "length": (Y[:50], "X has 60, y has 50", "one label for each row"),
    "missing": (None, "None", "requires y"),
    "table": (np.c_[Y, Y], "(60, 2)", "1d array"),
    "numbers": (RNG.standard_normal(60), "continuous", "discrete classes"),
    "identifiers": (np.arange(60), "60 classes", "single row", "pandas.qcut"),
    "objects": (Y.astype(object), "Unknown label type", "object", "int", "y.astype(str)"),
    "intervals": (pd.qcut(np.arange(60), 3), "Unknown label type", "Interval", "y.astype(str)"),
}


@pytest.mark.parametrize("y, said", _cases(BAD_LABELS))
@pytest.mark.filterwarnings("ignore:The number of unique classes is greater:UserWarning")
def test_bad_labels(y, said):
    _refuses(lambda: _fit(y=y), *said)


@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
def test_infinite_labels():
    _refuses(lambda: _fit(y=_changed(Y, 3, np.inf)), "y contains infinity")


def test_labels_that_cannot_be_sorted():
    mixed = np.array(["a", 1, 2], dtype=object)[Y]
    _refuses(lambda: _fit(y=mixed), "label", "int", "str", error=(TypeError, ValueError))


# --- weights and splits -------------------------------------------------------------------------

BAD_WEIGHTS = {
    "negative": (_changed(np.ones(60), 5, -2), "-2.0 in row 5", "Use 0 to leave a row out"),
    "zero": (np.zeros(60), "weight", "non-zero"),
    "class without": ((Y != 1).astype(float), "leaves class", "1", "Drop the class"),
    "nan": (_changed(np.ones(60), 5, np.nan), "sample_weight contains NaN"),
    "length": (np.ones(50), "(50,)", "(60,)"),
}


@pytest.mark.parametrize("weight, said", _cases(BAD_WEIGHTS))
def test_bad_weights(weight, said):
    _refuses(lambda: _fit(sample_weight=weight), *said)


def test_splits_without_rows():
    every = np.arange(60)
    _refuses(lambda: _fit(cv=[(every, every[:0])]), "60 training and 0 held-out", "fewer splits")
    _refuses(lambda: _fit(cv=GroupKFold(3)), "groups", "None")


def test_a_split_of_one_held_out_row():
    every = np.arange(60)
    _refuses(lambda: _fit(cv=[(every[:-1], every[-1:])]), "1", "held-out")


# --- tables -------------------------------------------------------------------------------------

BAD_TABLES = {
    "infinite": (X.assign(b=_changed(X["b"], 4, np.inf)), "'b' has inf in row 4", "make it NaN"),
    "infinite array": (_changed(X, (4, 1), -np.inf), "'x1' has -inf in row 4", "make it NaN"),
    "repeated name": (X.set_axis(["a", "b", "a"], axis=1), "'a'", "Rename or drop one"),
    "one dimension": (X["a"].to_numpy(), "got 1D array", "reshape"),
    "series": (X["a"], "Series", "DataFrame"),
    "three dimensions": (np.zeros((60, 3, 2)), "dim 3", "dim <= 2"),
    "no columns": (X[[]], "(60, 0)", "minimum of 1"),
    "no rows": (X[:0], "0 sample(s)", "minimum of 10"),
    "complex": (X + 1j, "omplex", "'a'"),
}


@pytest.mark.parametrize("table, said", _cases(BAD_TABLES))
def test_bad_table(table, said):
    _refuses(lambda: _fit(table), *said)


def test_too_few_rows():
    _refuses(lambda: _fit(X[:9], Y[:9]), "9 sample(s)", "minimum of 10", "Collect more rows")
    assert np.isfinite(_fit(X[:10], Y[:10] % 2, cv=2).mutual_info_score_)


@pytest.mark.parametrize(
    "change, said",
    [
        ({"columns": {"b": "z"}}, ["unseen at fit time:\n- z", "now missing:\n- b"]),
        ({"columns": {"a": "b", "b": "a"}}, ["same order as they were in fit"]),
    ],
)
def test_other_columns_at_prediction(change, said):
    _refuses(lambda: _fit().predict(X.rename(**change)), *said)


def test_narrow_array_at_prediction():
    clf = _fit(X.to_numpy())
    _refuses(lambda: clf.predict(X.to_numpy()[:, :2]), "X has 2 features", "expecting 3")


def test_missing_column_or_rows_at_prediction():
    clf = _fit()
    _refuses(lambda: clf.predict(X[["a", "c"]]), "now missing:\n- b")
    _refuses(lambda: clf.predict(X[:0]), "0 sample(s)", "at least 1")
