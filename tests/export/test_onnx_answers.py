"""The graph says what predict and predict_proba say, whatever the fit was."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from exported import assert_says_the_same, feeds, fit, session_of
from numpy.testing import assert_allclose
from torch import nn

from sklearn_mi.losses import LOSSES
from sklearn_mi.modules import ACTIVATIONS

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def test_networks_and_companions_that_all_have_a_say(fitted, table, tmp_path):
    assert min(fitted.pool_weights_.values()) > 0
    assert_says_the_same(fitted, table[0], tmp_path)


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_every_loss(loss, table, tmp_path):
    X, y = table
    assert_says_the_same(fit(X, y, loss=loss, class_weight="balanced"), X, tmp_path)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_every_activation(activation, iris, tmp_path):
    X, y = iris
    clf = fit(X, y, activation=activation, estimators=None, max_iter=10)
    assert_says_the_same(clf, X, tmp_path, {"X": X})


@pytest.mark.parametrize(
    "params",
    [
        {"cv": None},
        {"hidden_layer_sizes": (8, 8), "module_params": {"n_waves": 3, "embedding_size": 2}},
        {"loss": "gccs", "loss_params": {"covariance": "full"}},
        {"priors": [0.1, 0.2, 0.7]},
        {"class_weight": {"yes": 5}},
        {"loss": "pc_softmax", "priors": "empirical"},
    ],
    ids=str,
)
def test_other_fits(params, table, tmp_path):
    X, y = table
    assert_says_the_same(fit(X, y, estimators=None, **params), X, tmp_path)


def test_priors_set_after_the_fit_count(fitted, table, tmp_path):
    X, given = table[0], feeds(table[0])
    before = session_of(fitted, tmp_path).run(["label"], given)[0]
    try:
        fitted.set_params(priors=[0.01, 0.01, 0.98])
        assert_says_the_same(fitted, X, tmp_path)
        assert (session_of(fitted, tmp_path).run(["label"], given)[0] != before).any()
    finally:
        fitted.set_params(priors=None)


@pytest.mark.parametrize("loss", ["ce", "dmi"])
def test_classes_that_members_do_not_know(loss, table, tmp_path):
    X, y = table[0], table[1].astype(object)
    y[0] = "rare"
    clf = fit(X, y, loss=loss)
    assert clf._ensemble.unknown.any()
    assert_says_the_same(clf, X, tmp_path)


@pytest.mark.parametrize("columns", [["job", "member"], ["age"], ["one"]])
def test_tables_of_one_kind_or_of_none(columns, table, tmp_path):
    X, y = table[0][columns], table[1]
    assert_says_the_same(fit(X, y), X, tmp_path)


def test_numbers_that_single_precision_does_not_hold(tmp_path):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"number": 1e15 + np.round(rng.normal(0, 4, 150))})
    clf = fit(X, np.where(X["number"] > 1e15, "above", "below"), max_iter=30)
    assert clf.score(X, np.where(X["number"] > 1e15, "above", "below")) > 0.9
    assert_says_the_same(clf, X, tmp_path)


def test_networks_of_no_weight(fitted, table, tmp_path):
    weights = fitted._ensemble.calibration.weights_
    kept = weights.copy()
    try:
        weights[0] = 0
        assert_says_the_same(fitted, table[0], tmp_path)
    finally:
        weights[:] = kept


@pytest.mark.parametrize("dtype", [int, bool, float, str])
def test_labels_keep_their_type(dtype, iris, tmp_path):
    X, y = iris
    labels = (y > 0).astype(dtype)
    clf = fit(X, labels, estimators=None)
    found = session_of(clf, tmp_path).run(["label"], {"X": X})[0]
    assert set(found.tolist()) <= set(clf.classes_.tolist())
    assert {type(each) for each in found.tolist()} == {dtype}


# --- modules and images ---------------------------------------------------------------------------


def own_module(n_columns, n_classes):
    first = nn.Sequential(nn.Linear(n_columns, 8), nn.BatchNorm1d(8), nn.Dropout(0.1))
    return nn.Sequential(first, nn.ReLU(), nn.Linear(8, n_classes))


@pytest.mark.parametrize("module", [own_module, own_module(9, 3)], ids=["function", "instance"])
def test_a_module_of_the_users(module, table, tmp_path):
    X, y = table
    assert_says_the_same(fit(X, y, module=module), X, tmp_path)


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 256, (40, 1, 9, 9), dtype=np.uint8), np.repeat([0, 1], 20)
    X[:20, :, :4] = 0
    return X, y


@pytest.mark.parametrize("as_floats", [False, True])
def test_images(as_floats, images, tmp_path):
    X, y = images
    X = (X / 255).astype(np.float32) if as_floats else X
    params = {"cv": 2, "max_iter": 2, "augmentation": ["shift"], "module__stages": (4, 4)}
    assert_says_the_same(fit(X, y, **params), X, tmp_path, {"X": X})


def test_rows_of_pixels(images, tmp_path):
    X, y = images[0].reshape(40, -1), images[1]
    params = {"cv": 2, "max_iter": 2, "image_shape": (9, 9), "module__pooled_size": 3}
    assert_says_the_same(fit(X, y, **params, module__stages=(4,)), X, tmp_path, {"X": X})


# --- alone ----------------------------------------------------------------------------------------

ALONE = """
import sys, numpy as np, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
with np.load(sys.argv[2]) as given:
    np.save(sys.argv[3], session.run(["probabilities"], dict(given))[0])
print(sorted({"torch", "sklearn", "pandas", "sklearn_mi"} & set(sys.modules)))
"""


def test_a_process_without_torch_says_the_same(fitted, table, tmp_path):
    session_of(fitted, tmp_path)
    given = {name: cells.astype(str) if cells.dtype == object else cells
             for name, cells in feeds(table[0]).items()}  # fmt: skip
    np.savez(tmp_path / "given.npz", **given)
    paths = [tmp_path / name for name in ("model.onnx", "given.npz", "proba.npy")]
    said = subprocess.run(
        [sys.executable, "-c", ALONE, *paths], capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["[]"]
    assert_allclose(np.load(paths[2]), fitted.predict_proba(table[0]), atol=1e-6)
