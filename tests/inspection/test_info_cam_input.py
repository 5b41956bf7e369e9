"""Labels, images and estimators of maps of information, and what is refused."""

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from striped_images import KINDS, fit, pixelwise
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection import info_cam

# --- labels and images --------------------------------------------------------------------------


def assert_same(result, expected, tolerance=0):
    assert_array_equal(result.labels, expected.labels)
    for name in ("maps", "scores", "offsets"):
        assert_allclose(result[name], expected[name], atol=tolerance, rtol=0)


def test_without_labels_maps_speak_of_what_is_predicted(images, fitted):
    X, _ = images
    result = info_cam(fitted, X)
    assert_array_equal(result.labels, fitted.predict(X))
    assert_same(info_cam(fitted, X, fitted.predict(X)), result)
    assert_same(info_cam(fitted, X, fitted.predict(X).tolist()), result)


@pytest.mark.parametrize("chunk", [1, 7, 89, 90])
def test_images_may_come_in_any_portions(images, fitted, chunk, monkeypatch):
    X, y = images
    whole = info_cam(fitted, X, y)
    monkeypatch.setattr("sklearn_mi.inspection._info_cam.CHUNK", chunk)
    assert_same(info_cam(fitted, X, y), whole, 1e-6)
    monkeypatch.setattr("sklearn_mi._engine._ensemble.scoring_rows", lambda X: 3)
    assert_same(info_cam(fitted, X, y), whole, 1e-6)
    assert_same(info_cam(fitted, X[40:43], y[40:43]), take(whole, slice(40, 43)), 1e-6)


def take(result, rows):
    return type(result)(**{name: values[rows] for name, values in result.items()})


NAMES = np.array(["cat", "dog", "ant"])


@pytest.mark.parametrize("kind", [np.array, pd.Series, list, lambda y: pd.Categorical(y)])
def test_labels_may_be_of_any_type(images, fitted, kind):
    X, y = images
    named = fit(X, NAMES[y])
    expected = info_cam(fit(X, np.argsort(np.argsort(NAMES))[y]), X)
    result = info_cam(named, X)
    assert_array_equal(result.labels, named.predict(X))
    assert_array_equal(result.maps, expected.maps)
    given = info_cam(named, X, kind(NAMES[y]))
    assert_array_equal(given.labels, NAMES[y])
    assert_array_equal(given.maps, info_cam(named, X, NAMES[y].astype(object)).maps)


def test_images_in_any_form_have_the_same_maps(images):
    X, y = images
    rows, table = X.reshape(90, -1), pd.DataFrame(X.reshape(90, -1)).add_prefix("pixel")
    expected = info_cam(fit(X, y), X, y)
    for form in (rows, rows.tolist(), table):
        clf = fit(form, y, image_shape=(1, 8, 8))
        assert_same(info_cam(clf, form, y), expected, 1e-6)


def test_bytes_have_the_maps_of_their_255th_parts(images):
    X, y = images
    pixels = (255 * X / X.max()).astype(np.uint8)
    parts = pixels / np.float32(255)
    assert_same(info_cam(fit(pixels, y), pixels, y), info_cam(fit(parts, y), parts, y))


# --- what an estimator may be -------------------------------------------------------------------


def as_images(X):
    return X.reshape(len(X), 1, 8, 8)


def test_the_last_step_of_a_pipeline_is_asked(images, fitted):
    X, y = images
    expected = info_cam(fitted, X, y)
    steps = make_pipeline(FunctionTransformer(as_images), fitted)
    assert_same(info_cam(steps, X.reshape(90, -1), y), expected)
    assert_same(info_cam(make_pipeline(fitted), X, y), expected)
    assert_same(info_cam(Pipeline([("nothing", "passthrough"), ("clf", fitted)]), X, y), expected)
    assert_array_equal(info_cam(steps, X.reshape(90, -1)).labels, steps.predict(X.reshape(90, -1)))


def test_the_best_of_a_search_is_asked(images):
    X, y = images
    search = GridSearchCV(fit(X, y), {"max_iter": [1, 2]}, cv=2).fit(X, y)
    assert_same(info_cam(search, X, y), info_cam(search.best_estimator_, X, y))
    steps = make_pipeline(FunctionTransformer(as_images), fit(X, y))
    steps = GridSearchCV(steps, {"mutualinfoclassifier__max_iter": [1, 2]}, cv=2)
    steps.fit(X.reshape(90, -1), y)
    expected = info_cam(steps.best_estimator_[-1], X, y)
    assert_same(info_cam(steps, X.reshape(90, -1), y), expected)


def two_linear(n_channels, n_classes):
    return nn.Sequential(*pixelwise(n_channels, 6), nn.ReLU(), nn.Linear(6, n_classes))


def refuses(call, *said, error=ValueError):
    """Assert an error that says all of `said`."""
    with pytest.raises(error) as raised:
        call()
    message = str(raised.value)
    assert not [words for words in said if words not in message], message


def test_networks_without_maps_are_refused(images):
    X, y = images
    clf = fit(X, y, module=two_linear, max_iter=1)
    said = "scores of Sequential are no means", "torch.nn.AdaptiveAvgPool2d(1)", "ConvNet"
    refuses(lambda: info_cam(clf, X), *said)
    assert clf.predict(X).shape == (90,)


@pytest.mark.parametrize("y", [None, np.zeros(90, int)], ids=["predicted", "given"])
def test_what_has_no_images_is_refused(images, y):
    X, labels = images
    rows = X.reshape(90, -1)
    clf = MutualInfoClassifier(estimators=None, max_iter=1, cv=None).fit(rows, labels)
    refuses(lambda: info_cam(clf, rows, y), "fitted on a table", "image_shape")
    other = LogisticRegression().fit(rows, labels)
    for estimator in (other, make_pipeline(FunctionTransformer(), other)):
        refuses(lambda e=estimator: info_cam(e, rows, y), "LogisticRegression", error=TypeError)
    with pytest.raises(NotFittedError):
        info_cam(MutualInfoClassifier(), X, y)


def test_labels_that_were_never_seen_are_refused(images, fitted):
    X, y = images
    refuses(lambda: info_cam(fitted, X, np.where(y == 1, 7, y)), "label 7", "[0, 1, 2]", "y=None")
    refuses(lambda: info_cam(fitted, X, ["cat"] * 90), "'cat'", "[0, 1, 2]")
    refuses(lambda: info_cam(fitted, X, y[:-1]), "X has 90", "y has 89", "label for each image")


@pytest.mark.parametrize("y", [None, []], ids=["predicted", "given"])
def test_no_images_are_refused(images, fitted, y):
    refuses(lambda: info_cam(fitted, images[0][:0], y), "0 sample(s)")


@pytest.mark.parametrize(
    "params", [{"kind": "grad_cam"}, {"region_size": 0}, {"region_size": 2.5}], ids=str
)
def test_parameters_that_do_not_exist_are_refused(images, fitted, params):
    ((name, value),) = params.items()
    refuses(lambda: info_cam(fitted, images[0], **params), f"'{name}'", f"Got {value!r}")


def test_images_of_another_shape_are_refused(images, fitted):
    X, y = images
    refuses(lambda: info_cam(fitted, X[..., :6], y), "(1, 8, 6)", "(1, 8, 8)")
    refuses(lambda: info_cam(fitted, X[:, 0], y), "X[:, None]")


def test_the_estimator_is_left_as_it_was(images, torch_left_alone):
    X, y = images
    clf = fit(X, y)
    module = clf.net_.module_
    before, values = X.copy(), {k: v.clone() for k, v in module.state_dict().items()}
    posterior = clf.predict_proba(X)
    with torch_left_alone():
        for kind in KINDS:
            info_cam(clf, X, kind=kind)
    layers = [*module.modules(), *module._modules_of_members[0].modules()]
    assert not any(layer._forward_hooks or layer._forward_pre_hooks for layer in layers)
    assert all(torch.equal(values[k], v) for k, v in module.state_dict().items())
    assert_array_equal(X, before)
    assert_array_equal(clf.predict_proba(X), posterior)
