"""Maps of information: they add up to the scores, these are information, and they point right."""

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection import info_cam
from sklearn_mi.losses import LOSSES, CrossEntropyLoss
from sklearn_mi.modules import ConvNet

KINDS = ["cam", "info_cam", "info_cam_plus"]
# Posteriors that are a softmax of the scores and a constant; "gccs" is none, see below.
ADDITIVE = [name for name, loss in LOSSES.items() if not loss.fits_class_model]
LABEL_LOSSES = [name for name in ADDITIVE if not LOSSES[name].models_label_noise]
every_kind = pytest.mark.parametrize("kind", KINDS)
every_loss = pytest.mark.parametrize("loss", ADDITIVE)


def pixelwise(n_channels, n_classes):
    """Maps of the size of the images, so that nothing is interpolated."""
    layers = [nn.Conv2d(n_channels, 6, 3, padding=1), nn.SiLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, n_classes))


def halved(n_channels, n_classes):
    network = ConvNet(n_channels, n_classes, stages=(4, 6))
    nn.init.normal_(network.linear.weight)  # else the best epoch might be that of no information
    return network


def fit(X, y, **params):
    usual = {"module": pixelwise, "max_iter": 3, "cv": 3, "learning_rate_init": 0.03}
    return MutualInfoClassifier(**usual | {"random_state": 0} | params).fit(X, y)


def make_images(n=90, size=(8, 8), n_classes=3, n_channels=1, seed=0):
    """Noise, and a bright stripe for each class."""
    rng = np.random.default_rng(seed)
    X, y = rng.random((n, n_channels, *size), dtype=np.float32), np.arange(n) % n_classes
    X[np.arange(n), :, 1 + 2 * y] += 0.5
    return X, y


@pytest.fixture(scope="module")
def images():
    return make_images()


@pytest.fixture(scope="module")
def fitted(images):
    return fit(*images)


def contrast(scores, codes, kind):
    """The score of a label less what it is compared with, one image after the other."""
    values = []
    for row, code in zip(scores, codes, strict=True):
        others = np.delete(row, code)
        less = {"cam": 0, "info_cam": others.mean(), "info_cam_plus": others.min()}[kind]
        values.append(row[code] - less)
    return np.array(values)


def assert_adds_up(result, classes, kind, tolerance=1e-5):
    codes = np.searchsorted(classes, result.labels)
    explained = result.maps.sum(axis=(1, 2)) + result.offsets
    assert_allclose(explained, contrast(result.scores, codes, kind), atol=tolerance)
    assert np.ptp(result.maps) * result.maps[0].size > 0.01  # there is something to add up


# --- maps add up to scores ----------------------------------------------------------------------


@every_loss
@every_kind
def test_map_and_offset_are_the_contrast_of_scores(images, loss, kind):
    clf = fit(*images, loss=loss)
    assert_adds_up(info_cam(clf, images[0], kind=kind), clf.classes_, kind)
    y = (images[1] + 1) % 3
    assert_adds_up(info_cam(clf, images[0], y, kind=kind), clf.classes_, kind)


@pytest.mark.parametrize("size", [(8, 8), (12, 16), (30, 30), (9, 11), (7, 9), (15, 8)])
@pytest.mark.parametrize("module", [pixelwise, halved])
def test_maps_add_up_whether_or_not_the_grid_divides_the_image(size, module):
    X, y = make_images(60, size, n_channels=2)
    clf = fit(X, y, module=module, max_iter=1)
    for kind in KINDS:
        result = info_cam(clf, X[:7], kind=kind)
        assert result.maps.shape == (7, *size)
        assert result.scores.shape == (7, 3) and result.offsets.shape == (7,)
        assert_adds_up(result, clf.classes_, kind)


@pytest.mark.parametrize(
    "params",
    [
        {"cv": None},
        {"cv": 5},
        {"class_weight": {0: 3}},
        {"priors": [0.6, 0.2, 0.2]},
        {"estimators": [("bayes", GaussianNB())]},
        {"loss": "dmi", "estimators": [("bayes", GaussianNB())]},
    ],
    ids=str,
)
def test_maps_add_up_whatever_the_fit(images, params):
    clf = fit(*images, **params)
    for kind in KINDS:
        assert_adds_up(info_cam(clf, images[0], kind=kind), clf.classes_, kind)


@every_loss
def test_with_two_classes_both_contrasts_are_the_same(loss):
    X, y = make_images(n_classes=2)
    y[::5] = 0  # so that class 0 is predicted for images that speak of class 1
    clf = fit(X, y, loss=loss)
    for labels in (None, y, 1 - y):
        one, other = (info_cam(clf, X, labels, kind=kind) for kind in KINDS[1:])
        assert_allclose(one.maps, other.maps, atol=1e-12)
        assert_allclose(one.offsets, other.offsets, atol=1e-12)
    opposite = info_cam(clf, X, 1 - y)
    assert_allclose(info_cam(clf, X, y).maps, -opposite.maps, atol=1e-12)


def test_contrasts_are_differences_of_class_maps(images, fitted):
    X, y = images
    cam = np.stack([info_cam(fitted, X, np.full(90, k), kind="cam").maps for k in range(3)], 1)
    result = info_cam(fitted, X, y)
    rows = np.arange(90)
    mean_of_others = (cam.sum(axis=1) - cam[rows, y]) / 2
    assert_allclose(result.maps, cam[rows, y] - mean_of_others, atol=1e-12)
    highest = result.scores.argmax(axis=1)
    plus = info_cam(fitted, X, highest, kind="info_cam_plus")
    lowest = plus.scores.argmin(axis=1)
    assert_allclose(plus.maps, cam[rows, highest] - cam[rows, lowest], atol=1e-12)


# --- scores are information ---------------------------------------------------------------------


def standardised(X):
    return (X - X.mean(axis=(0, 2, 3), keepdims=True)) / X.std(axis=(0, 2, 3), keepdims=True)


def scores_of_networks(clf, X):
    """What each network of a fit says of the images that it was fitted on, (M, n, K)."""
    stack = clf.net_.module_.eval()
    x = torch.as_tensor(standardised(X), dtype=torch.float32)
    with torch.no_grad():
        return stack(x.expand(stack.n_members, *x.shape)).double().numpy()


def differences(values):
    """Between all pairs of classes, in the last axis."""
    return values[..., :, None] - values[..., None, :]


@pytest.mark.parametrize("loss", LABEL_LOSSES)
@pytest.mark.parametrize("cv", [None, 3])
@pytest.mark.parametrize("class_weight", [None, {0: 2, 1: 5}])
def test_differences_are_those_of_weighted_pointwise_information(loss, cv, class_weight):
    X, y = make_images()
    y[::7] = 0  # class frequencies that differ
    clf = fit(X, y, loss=loss, cv=cv, class_weight=class_weight)
    log_ratio = scores_of_networks(clf, X).mean(axis=0)
    if loss == "ce":  # whose scores are of the posterior under the weights
        weights = [class_weight.get(k, 1) for k in range(3)] if class_weight else np.ones(3)
        log_ratio = log_ratio - np.log(clf.class_prior_) - np.log(weights)
    expected = clf.pool_weights_["networks"] * differences(log_ratio)
    assert np.ptp(expected) > 0.1
    assert_allclose(differences(info_cam(clf, X).scores), expected, atol=1e-4)


def test_differences_are_those_of_the_answers_of_the_classifier():
    X, y = make_images()
    y[::7] = 0
    for loss in LABEL_LOSSES:
        clf = fit(X, y, loss=loss, cv=None)
        ignorance = clf._ensemble.calibration.ignorance_
        ratio = (np.exp(clf.pointwise_mutual_info(X)) - ignorance) / (1 - ignorance)
        scores = info_cam(clf, X).scores
        assert_allclose(differences(scores), differences(np.log(ratio)), atol=1e-4)


@every_loss
@pytest.mark.parametrize("class_weight", [None, {0: 3}])
def test_what_scores_leave_of_the_posterior_are_class_frequencies(loss, class_weight):
    X, y = make_images()
    y[::7] = 0
    clf = fit(X, y, loss=loss, cv=None, class_weight=class_weight)
    posterior, calibration = clf.predict_proba(X), clf._ensemble.calibration
    if loss in LABEL_LOSSES:
        frequencies, ignorance = clf.class_prior_, calibration.ignorance_
        posterior = (posterior - ignorance * frequencies) / (1 - ignorance)
    else:  # those of the true class, as the networks see them
        frequencies = np.exp(calibration.log_center_)
    scores = info_cam(clf, X).scores
    assert np.ptp(scores, axis=0).min() > 0.01
    rest = differences(np.log(posterior) - scores)
    expected = differences(np.log(frequencies))
    assert_allclose(rest, np.broadcast_to(expected, rest.shape), atol=1e-4)


def maps_of_networks(clf, X, codes, weights):
    """Nats per pixel of each network of `pixelwise`, by hand, (M, n, H, W)."""
    x = torch.as_tensor(standardised(X), dtype=torch.float32)
    maps = []
    for number in range(clf.net_.module_.n_members):
        first, act, *_, last = clf.net_.module_.member(number)
        with torch.no_grad():
            features = act(first(x)).double().numpy()
            weight = last.weight.double().numpy()
        maps.append(np.einsum("nk,kc,nchw->nhw", weights[codes], weight, features))
    return clf.pool_weights_["networks"] * np.array(maps) / X[0, 0].size


def test_a_map_is_the_mean_of_those_of_the_folds(images, fitted):
    X, y = images
    result = info_cam(fitted, X, y)
    weights = 1.5 * np.eye(3) - 0.5  # the class less the mean of the two others
    by_member = maps_of_networks(fitted, X, y, weights)
    assert len(by_member) == 3 and by_member.std(axis=0).max() > 1e-3
    assert_allclose(result.maps, by_member.mean(axis=0), atol=1e-6)
    cam = info_cam(fitted, X, y, kind="cam")
    assert_allclose(cam.maps, maps_of_networks(fitted, X, y, np.eye(3)).mean(axis=0), atol=1e-6)


def test_outputs_that_speak_of_another_class_are_put_in_order(images):
    """Renamed outputs of a loss that is blind to names change nothing."""
    X, y = images
    clf = fit(X, y, loss="dmi")
    before = info_cam(clf, X, y)
    order = np.array([2, 0, 1])
    with torch.no_grad():
        for name, value in clf.net_.module_.named_parameters():
            if name.startswith("4__"):
                value[1] = value[1, order]
    clf._ensemble.order[1] = np.argsort(order)[clf._ensemble.order[1]]
    after = info_cam(clf, X, y)
    assert_allclose(after.maps, before.maps, atol=1e-6)
    assert_allclose(after.scores, before.scores, atol=1e-5)


@every_loss
def test_what_all_classes_share_cancels(images, loss):
    X, y = images
    clf = pickle.loads(pickle.dumps(fit(X, y, loss=loss)))
    before = {kind: info_cam(clf, X, y, kind=kind) for kind in KINDS}
    last = clf.net_.module_.get_parameter("4__weight")
    shared = 0.3 * torch.randn(last.shape[0], 1, last.shape[2])
    with torch.no_grad():  # adds a function of x to the scores of all classes
        last.add_(shared)
        clf.net_.module_.get_parameter("4__bias").add_(0.7)
    after = {kind: info_cam(clf, X, y, kind=kind) for kind in KINDS}
    for kind in KINDS[1:]:
        assert_allclose(after[kind].maps, before[kind].maps, atol=1e-5)
        assert_allclose(after[kind].offsets, before[kind].offsets, atol=1e-5)
    assert np.abs(after["cam"].maps - before["cam"].maps).max() > 1e-3
    assert_allclose(differences(after["cam"].scores), differences(before["cam"].scores), atol=1e-4)


# --- regions ------------------------------------------------------------------------------------


def window_sums(maps, size):
    """Sums over the square window around each place, as far as it lies inside."""
    _, height, width = maps.shape
    sums = np.zeros(maps.shape)
    for i in range(height):
        for j in range(width):
            top, left = i - size // 2, j - size // 2
            rows = slice(max(top, 0), top + size)
            sums[:, i, j] = maps[:, rows, max(left, 0) : left + size].sum(axis=(1, 2))
    return sums


@every_kind
@pytest.mark.parametrize("size", [1, 2, 3, 4, 7])
def test_regions_are_sums_over_windows(kind, size):
    X, y = make_images(30, (7, 9))
    clf = fit(X, y, cv=None)
    pixels, regions = (info_cam(clf, X, y, kind=kind, region_size=s) for s in (None, size))
    assert_allclose(regions.maps, window_sums(pixels.maps, size), atol=1e-9)
    assert_array_equal(regions.scores, pixels.scores)
    assert_array_equal(regions.offsets, pixels.offsets)


def cells_of_network(clf, X, codes):
    """Nats per cell of the only network of a fit of `halved`, by hand, (n, h, w)."""
    member = clf.net_.module_.member(0)
    with torch.no_grad():
        features = member.features(torch.as_tensor(standardised(X), dtype=torch.float32)).double()
        weight = (1.5 * torch.eye(3) - 0.5)[codes].double() @ member.linear.weight.double()
    maps = torch.einsum("nc,nchw->nhw", weight, features).numpy()
    return clf.pool_weights_["networks"] * maps / maps[0].size


def between(values, size):
    """Linear interpolation of the last axis, from the centres of cells to those of pixels."""
    n_cells = values.shape[-1]
    centres = (np.arange(size) + 0.5) * n_cells / size - 0.5
    return np.apply_along_axis(lambda row: np.interp(centres, range(n_cells), row), -1, values)


def interpolated(maps, size):
    return between(between(maps, size[1]).swapaxes(1, 2), size[0]).swapaxes(1, 2)


@pytest.mark.parametrize("size", [(16, 16), (8, 24), (15, 19), (30, 9)])
def test_maps_and_regions_are_interpolated_between_cells(size):
    X, y = make_images(30, size)
    clf = fit(X, y, module=halved, cv=None)
    cells = cells_of_network(clf, X, y)
    assert cells.shape[1:] == (size[0] // 2, size[1] // 2)
    pixels = interpolated(cells, size) * cells[0].size / np.prod(size)
    missing = cells.sum(axis=(1, 2)) - pixels.sum(axis=(1, 2))
    expected = pixels + missing[:, None, None] / np.prod(size)
    assert_allclose(info_cam(clf, X, y).maps, expected, atol=1e-6)
    if size[0] % 2 == size[1] % 2 == 0:
        assert_allclose(missing, 0, atol=1e-9)
    for region in (1, 2, 3):
        expected = interpolated(window_sums(cells, region), size)
        assert_allclose(info_cam(clf, X, y, region_size=region).maps, expected, atol=1e-6)


def test_a_region_of_the_whole_grid_has_all_nats(images, fitted):
    whole = info_cam(fitted, images[0], region_size=8)
    centre = whole.maps[:, 4, 4] + whole.offsets
    codes = np.searchsorted(fitted.classes_, whole.labels)
    assert_allclose(centre, contrast(whole.scores, codes, "info_cam"), atol=1e-5)


def test_regions_larger_than_the_grid_are_refused(images, fitted):
    with pytest.raises(ValueError, match=r"region_size=9 is larger.*8 x 8"):
        info_cam(fitted, images[0], region_size=9)


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
    monkeypatch.setattr("sklearn_mi._ensemble.scoring_rows", lambda X: 3)
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
    layers = [*module.modules(), *module._skeleton[0].modules()]
    assert not any(layer._forward_hooks or layer._forward_pre_hooks for layer in layers)
    assert all(torch.equal(values[k], v) for k, v in module.state_dict().items())
    assert_array_equal(X, before)
    assert_array_equal(clf.predict_proba(X), posterior)


# --- maps point at the right place --------------------------------------------------------------


def make_hidden_bars(n=400, size=(18, 24), seed=0):
    """Noise, and somewhere a bar of five pixels, upright or lying, which is the label."""
    rng = np.random.default_rng(seed)
    X, y = 0.3 * rng.random((n, 1, *size), dtype=np.float32), np.arange(n) % 2
    corner = rng.integers(0, np.subtract(size, 4), size=(n, 2))
    for image, label, (top, left) in zip(X[:, 0], y, corner, strict=True):
        image[top : top + 5, left + 2] += label
        image[top + 2, left : left + 5] += 1 - label
    return X, y, corner


def distance_to_bar(place, corner):
    """In pixels from the square of five by five around the bar; 0 inside, (n,)."""
    outside = np.maximum(np.maximum(corner - place, place - corner - 4), 0)
    return outside.max(axis=1)


@pytest.fixture(scope="module")
def bars():
    X, y, _ = make_hidden_bars()
    params = {"module": lambda c, k: ConvNet(c, k, stages=(8, 16)), "max_iter": 12, "cv": 2}
    clf = fit(X, y, learning_rate_init=0.01, **params)
    fresh = make_hidden_bars(200, seed=1)
    assert clf.score(*fresh[:2]) > 0.97
    return clf, *fresh


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize("region_size", [None, 2])
def test_the_maximum_lies_at_what_the_label_is_about(bars, kind, region_size):
    clf, X, y, corner = bars
    maps = info_cam(clf, X, y, kind=kind, region_size=region_size).maps
    place = np.stack(np.unravel_index(maps.reshape(200, -1).argmax(axis=1), (18, 24)), axis=1)
    assert (distance_to_bar(place, corner) <= 2).mean() > 0.95


def test_the_information_lies_at_what_the_label_is_about(bars):
    """Of the nats of a map, most are on the ninth of the image around the bar."""
    clf, X, y, corner = bars
    result = info_cam(clf, X, y)
    assert (result.maps.sum(axis=(1, 2)) + result.offsets).mean() > 2
    wrong = info_cam(clf, X, 1 - y)
    assert (wrong.maps.sum(axis=(1, 2)) + wrong.offsets).mean() < -2
    inside = np.array([
        values[max(top - 2, 0) : top + 7, max(left - 2, 0) : left + 7].sum()
        for values, (top, left) in zip(result.maps, corner, strict=True)
    ])  # fmt: skip
    total = result.maps.sum(axis=(1, 2))
    assert np.median(inside / total) > 0.5


def test_the_default_network_has_maps():
    digits = load_digits(n_class=3)
    X, y = digits.images[:200, None], digits.target[:200]
    clf = MutualInfoClassifier(max_iter=2, cv=None, random_state=0).fit(X, y)
    assert_adds_up(info_cam(clf, X), clf.classes_, "info_cam")
    assert isinstance(clf.net_.module_.member(0), ConvNet)


class Tempered(CrossEntropyLoss):
    """Posteriors are a softmax of twice the scores."""

    def log_proba(self, scores):
        return (2 * scores).log_softmax(-1)


@pytest.mark.parametrize("loss", [Tempered(), "gccs"])
def test_scores_that_are_no_log_posteriors_are_refused(loss):
    digits = load_digits(n_class=3)
    X, y = digits.images[:120, None], digits.target[:120]
    clf = MutualInfoClassifier(loss, cv=None, max_iter=3, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match="no differences of log posteriors"):
        info_cam(clf, X[:5])
