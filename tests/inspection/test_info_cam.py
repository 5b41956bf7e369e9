"""Maps of information: they add up to the scores, also over regions, and they point right."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits
from sklearn.naive_bayes import GaussianNB
from striped_images import ADDITIVE, KINDS, every_loss, fit, make_images, pixelwise, standardised
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection import info_cam
from sklearn_mi.modules import ConvNet

every_kind = pytest.mark.parametrize("kind", KINDS)


def halved(n_channels, n_classes):
    network = ConvNet(n_channels, n_classes, stages=(4, 6))
    nn.init.normal_(network.linear.weight)  # else the best epoch might be that of no information
    return network


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


@pytest.fixture(scope="module", params=ADDITIVE)
def fitted_by_loss(images, request):
    return fit(*images, loss=request.param)


@every_kind
def test_map_and_offset_are_the_contrast_of_scores(images, fitted_by_loss, kind):
    clf = fitted_by_loss
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


@pytest.fixture(scope="module")
def oblong():
    X, y = make_images(30, (7, 9))
    return fit(X, y, cv=None), X, y


@every_kind
@pytest.mark.parametrize("size", [1, 2, 3, 4, 7])
def test_regions_are_sums_over_windows(oblong, kind, size):
    clf, X, y = oblong
    pixels, regions = (info_cam(clf, X, y, kind=kind, region_size=s) for s in (None, size))
    assert_allclose(regions.maps, window_sums(pixels.maps, size), atol=1e-9)
    assert_array_equal(regions.scores, pixels.scores)
    assert_array_equal(regions.offsets, pixels.offsets)


def cells_of_network(clf, X, codes):
    """Nats per cell of the only network of a fit of `halved`, by hand, (n, h, w)."""
    member = clf.net_.module_.member(0)
    with torch.no_grad():
        features = member.features(standardised(clf, X)).double()
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
    clf = fit(X, y, module=halved, cv=None, device="cpu")
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
