"""The pictures of an estimator's maps are those of the functions; what does not fit is refused."""

import sys

import numpy as np
import pytest
from drawn_maps import BOXES, MAPS, TWO_KINDS, boxes_in, display_of, plt, shown, texts
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection import InfoCAMDisplay, bounding_boxes, info_cam

pytestmark = pytest.mark.usefixtures("closed_figures")

DIGITS = load_digits(n_class=3)
ROWS = DIGITS.data
IMAGES = ROWS.reshape(-1, 1, 8, 8)


def make_classifier(**params):
    usual = {"max_iter": 3, "cv": None, "n_threads": 1, "random_state": 0}
    return MutualInfoClassifier(**{**usual, **params})


@pytest.fixture(scope="module")
def clf():
    return make_classifier().fit(IMAGES, DIGITS.target)


@pytest.fixture(scope="module")
def of_rows():
    return make_classifier(image_shape=(8, 8)).fit(ROWS, DIGITS.target)


# --- from an estimator ----------------------------------------------------------------------------


def test_it_shows_what_the_functions_give(clf):
    display = InfoCAMDisplay.from_estimator(clf, IMAGES[:3], threshold=0.6)
    result = info_cam(clf, IMAGES[:3])
    np.testing.assert_array_equal(display.maps["info_cam"], result.maps)
    boxes = bounding_boxes(result.maps, 0.6)
    for row in range(3):
        np.testing.assert_array_equal(shown(display.axes_[row, 1]), result.maps[row])
        assert boxes_in(display.axes_[row, 0]) == [boxes[row].tolist()]
        assert boxes_in(display.axes_[row, 1]) == [boxes[row].tolist()]
        assert display.axes_[row, 0].get_ylabel() == str(result.labels[row])


def test_one_column_for_each_kind_and_all_of_the_same_label(clf):
    kinds = ["cam", "info_cam", "info_cam_plus"]
    display = InfoCAMDisplay.from_estimator(clf, IMAGES[:2], [2, 2], kind=kinds)
    assert display.axes_.shape == (2, 4)
    assert display.labels.tolist() == [2, 2]
    heads = [ax.get_title() for ax in display.axes_[0]]
    assert heads == ["image", "CAM", "infoCAM", "infoCAM+"]
    for kind in kinds:
        maps = info_cam(clf, IMAGES[:2], [2, 2], kind=kind).maps
        np.testing.assert_array_equal(display.maps[kind], maps)
        np.testing.assert_array_equal(display.boxes[kind], bounding_boxes(maps))


def test_options_reach_the_plot(clf):
    axes = plt.subplots(1, 2)[1]
    display = InfoCAMDisplay.from_estimator(
        clf, IMAGES[:1], threshold=None, boxes_true=[[1, 2, 3, 4]], axes=axes, cmap="PuOr",
        alpha=0.5, limit=7, colorbar=False,
    )  # fmt: skip
    drawn = axes[1].images[-1]
    assert (drawn.get_cmap().name, drawn.get_alpha(), drawn.get_clim()) == ("PuOr", 0.5, (-7, 7))
    assert boxes_in(axes[1]) == [[1, 2, 3, 4]]
    assert display.boxes is None and display.colorbars_ == []
    figure = InfoCAMDisplay.from_estimator(clf, IMAGES[:1], figsize=(5, 2)).figure_
    assert figure.get_size_inches().tolist() == [5, 2]


def test_rows_of_pixels_are_shown_as_images(of_rows):
    display = InfoCAMDisplay.from_estimator(of_rows, ROWS[:2])
    np.testing.assert_array_equal(display.images, IMAGES[:2])
    InfoCAMDisplay.from_estimator(of_rows, ROWS[:2].tolist())


@pytest.mark.parametrize("image_shape", [None, (8, 8)])
def test_what_goes_into_a_pipeline_is_shown_if_it_has_the_size_of_the_maps(image_shape):
    X = IMAGES if image_shape is None else ROWS
    first = FunctionTransformer(np.negative) if image_shape is None else StandardScaler()
    pipeline = make_pipeline(first, make_classifier(image_shape=image_shape))
    search = GridSearchCV(pipeline, {"mutualinfoclassifier__max_iter": [1]}, cv=2)
    display = InfoCAMDisplay.from_estimator(search.fit(X, DIGITS.target), X[:2])
    np.testing.assert_array_equal(display.images, IMAGES[:2])


def test_what_the_last_step_is_given_is_shown_if_a_pipeline_crops():
    pipeline = make_pipeline(
        FunctionTransformer(lambda X: X[:, 8:].reshape(-1, 1, 7, 8)), make_classifier(max_iter=1)
    ).fit(ROWS, DIGITS.target)
    display = InfoCAMDisplay.from_estimator(pipeline, ROWS[:2])
    np.testing.assert_array_equal(display.images, IMAGES[:2, :, 1:])


def test_nats_of_regions_do_not_add_up(clf):
    pixels = InfoCAMDisplay.from_estimator(clf, IMAGES[:2])
    total = info_cam(clf, IMAGES[:2]).maps.sum(axis=(1, 2))
    assert pixels.axes_[0, 1].get_xlabel() == f"{total[0]:.1f} nats"
    assert "nats per pixel" in texts(pixels.figure_)
    regions = InfoCAMDisplay.from_estimator(clf, IMAGES[:2], region_size=2)
    assert regions.axes_[0, 1].get_xlabel() == ""
    assert "nats per region" in texts(regions.figure_)


# --- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": MAPS[0]}, r"shape \(5, 7\).*pass images\[None\]"),
        ({"images": MAPS[:0], "maps": MAPS[:0]}, r"shape \(0, 5, 7\).*none of them 0"),
        ({"images": np.ones((3, 2, 5, 7))}, "2 channels, expected 1, 3 or 4"),
        ({"images": np.ones((3, 5, 7, 3))}, r"5 channels.*np.moveaxis\(images, -1, 1\)"),
        ({"images": np.full((3, 5, 7), np.nan)}, "images holds nan"),
        ({"images": np.full((3, 5, 7), "a")}, "images has dtype <U1"),
        ({"maps": MAPS[:2]}, r"maps has shape \(2, 5, 7\).*ask for \(3, 5, 7\)"),
        ({"maps": {"cam": MAPS, "b": MAPS[:, 1:]}}, r"maps\['b'\] has shape \(3, 4, 7\)"),
        ({"maps": np.full((3, 5, 7), np.inf)}, "maps holds inf"),
        ({"maps": {}}, "maps has no entries"),
        ({"labels": [1, 2]}, "labels has 2 of them, but there are 3 images"),
        ({"boxes": BOXES[:2]}, r"boxes has shape \(2, 4\), expected \(3, 4\)"),
        ({"boxes": {"cam": BOXES}}, "boxes is a dict, but maps is an array"),
        ({"boxes": BOXES, "maps": TWO_KINDS}, "boxes is an array, but maps is a dict"),
        ({"boxes": {"own": BOXES}, "maps": TWO_KINDS}, r"'own', but maps has \['cam', 'mine'\]"),
        ({"boxes": {"cam": BOXES[:2]}, "maps": TWO_KINDS}, r"boxes\['cam'\] has shape \(2, 4\)"),
        ({"boxes_true": [[0, 0, 2, 8]] * 3}, r"boxes_true\[0\] is .* within an image of 5 x 7"),
        ({"boxes_true": [[3, 0, 2, 7]] * 3}, r"boxes_true\[0\].*\(top, left, bottom, right\)"),
        ({"boxes_true": [[-1, 0, 2, 7]] * 3}, r"boxes_true\[0\]"),
    ],
)
def test_what_does_not_fit_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        display_of(**changes).plot()
    assert not plt.get_fignums()


@pytest.mark.parametrize("limit", ["column", None, 0, -1.0, np.inf, np.nan])
def test_limit_must_say_whose_colours(limit):
    with pytest.raises(ValueError, match=f"limit={limit!r} must be 'row', 'map' or a positive"):
        display_of().plot(limit=limit)


def test_axes_must_be_as_many_as_panels():
    with pytest.raises(ValueError, match=r"axes has 4 of them, expected 3 x 2.*subplots\(3, 2\)"):
        display_of().plot(axes=plt.subplots(2, 2)[1])


def test_errors_of_the_functions_come_through(clf):
    with pytest.raises(ValueError, match="'kind' parameter of info_cam"):
        InfoCAMDisplay.from_estimator(clf, IMAGES[:2], kind=["cam", "grad_cam"])
    with pytest.raises(ValueError, match=r"threshold holds 2.*\[0, 1\)"):
        InfoCAMDisplay.from_estimator(clf, IMAGES[:2], threshold=2)


def test_without_matplotlib_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"needs matplotlib: pip install \"sklearn-mi\[plot\]\""):
        display_of().plot()
    with pytest.raises(ImportError, match="needs matplotlib"):
        InfoCAMDisplay.from_estimator(None, None)  # before anything is computed
