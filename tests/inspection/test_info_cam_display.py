"""The pictures of maps and boxes: they show what they are given, where it is, and say the nats."""

import sys

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection import InfoCAMDisplay, bounding_boxes, info_cam

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")

DIGITS = load_digits(n_class=3)
ROWS = DIGITS.data
IMAGES = ROWS.reshape(-1, 1, 8, 8)
RNG = np.random.default_rng(0)
MAPS = RNG.normal(size=(3, 5, 7))
PLAIN = {"images": RNG.uniform(size=(3, 5, 7)), "maps": MAPS}
TWO_KINDS = {"cam": MAPS, "mine": 4 * MAPS}
BOXES, BOXES_TRUE = np.array([[0, 1, 2, 4], [1, 0, 5, 7], [0, 0, 0, 0]]), [[2, 3, 4, 6]] * 3


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def make_classifier(**params):
    usual = {"max_iter": 3, "cv": None, "n_threads": 1, "random_state": 0}
    return MutualInfoClassifier(**{**usual, **params})


@pytest.fixture(scope="module")
def clf():
    return make_classifier().fit(IMAGES, DIGITS.target)


@pytest.fixture(scope="module")
def of_rows():
    return make_classifier(image_shape=(8, 8)).fit(ROWS, DIGITS.target)


def display_of(**changes):
    return InfoCAMDisplay(**{**PLAIN, **changes})


def texts(figure):
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text)]


def shown(ax):
    """The topmost array of an axes."""
    return np.asarray(ax.images[-1].get_array())


def limits(display):
    return np.array([[ax.images[-1].get_clim() for ax in row[1:]] for row in display.axes_])


def boxes_in(ax):
    """(top, left, bottom, right) of the rectangles, those of dashed lines last."""
    found = [(p.get_linestyle() != "-", p.get_bbox()) for p in ax.patches]
    edges = [(dashed, (b.y0, b.x0, b.y1, b.x1)) for dashed, b in found]
    return [(np.array(box) + 0.5).tolist() for _, box in sorted(edges)]


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


# --- colours --------------------------------------------------------------------------------------


def test_zero_is_in_the_middle_of_colours_that_a_row_shares():
    display = display_of(maps=TWO_KINDS).plot()
    peaks = 4 * abs(MAPS).max(axis=(1, 2))
    np.testing.assert_allclose(limits(display)[..., 1], np.column_stack([peaks, peaks]))
    np.testing.assert_array_equal(limits(display)[..., 0], -limits(display)[..., 1])
    assert len(display.colorbars_) == 3


def test_each_map_may_have_its_own_colours():
    display = display_of(maps=TWO_KINDS).plot(limit="map")
    peaks = abs(MAPS).max(axis=(1, 2))
    np.testing.assert_allclose(limits(display)[..., 1], np.column_stack([peaks, 4 * peaks]))
    assert len(display.colorbars_) == 6
    units = [bar.ax.get_ylabel() for bar in display.colorbars_]
    assert units == ["", "nats per pixel"] * 3


def test_all_maps_may_share_their_colours():
    display = display_of(maps=TWO_KINDS).plot(limit=2.5)
    assert np.unique(limits(display)).tolist() == [-2.5, 2.5]


def test_maps_of_zeros_are_drawn():
    display = display_of(maps=np.zeros_like(MAPS)).plot()
    display.figure_.canvas.draw()
    assert display.axes_[0, 1].get_xlabel() == "0 nats"


@pytest.mark.parametrize(
    ("total", "text"),
    [(9.26, "9.3 nats"), (-1.5, "−1.5 nats"), (0.034, "0.03 nats")],
)
def test_sums_are_written_below_the_maps(total, text):
    display = display_of(images=np.zeros((1, 2, 2)), maps=np.full((1, 2, 2), total / 4)).plot()
    assert display.axes_[0, 1].get_xlabel() == text


def test_the_image_shows_through_a_map():
    ax = display_of(images=RNG.uniform(size=(3, 3, 5, 7))).plot(alpha=0.4).axes_[0, 1]
    assert [np.shape(image.get_array()) for image in ax.images] == [(5, 7), (5, 7)]


@pytest.mark.parametrize("n_channels", [None, 1, 3, 4])
def test_images_in_grey_and_in_colour(n_channels):
    size = (3, 5, 7) if n_channels is None else (3, n_channels, 5, 7)
    images = RNG.integers(0, 256, size=size).astype(np.uint8)
    expected = images[1] / 255
    expected = np.moveaxis(expected, 0, -1).squeeze() if n_channels else expected
    for given in (images, images / 255):
        display = display_of(images=given).plot()
        np.testing.assert_allclose(shown(display.axes_[1, 0]), expected)


def test_other_ranges_are_stretched():
    images = np.arange(-5, 100).reshape(3, 5, 7)
    ax = display_of(images=images).plot().axes_[1, 0]
    np.testing.assert_allclose(shown(ax), (images[1] + 5) / 104)
    assert ax.images[0].get_clim() == (0, 1)
    assert np.isfinite(shown(display_of(images=np.full((3, 5, 7), 9)).plot().axes_[0, 0])).all()


# --- boxes, words and axes ------------------------------------------------------------------------


def test_boxes_lie_around_their_pixels():
    axes = display_of(boxes=BOXES, boxes_true=BOXES_TRUE).plot().axes_
    for column in axes.T:
        assert boxes_in(column[0]) == [[0, 1, 2, 4], [2, 3, 4, 6]]
        assert boxes_in(column[2]) == [[2, 3, 4, 6]]  # an empty one is not drawn


def test_boxes_of_several_kinds_lie_on_their_maps():
    boxes = {"mine": BOXES}
    axes = display_of(maps=TWO_KINDS, boxes=boxes, boxes_true=BOXES_TRUE).plot().axes_
    counts = [len(boxes_in(ax)) for ax in axes[0]]
    assert counts == [1, 1, 2]


@pytest.mark.parametrize(
    ("boxes", "words"),
    [
        ({}, []),
        ({"boxes": BOXES}, ["box found"]),
        ({"boxes_true": BOXES_TRUE}, ["true box"]),
        ({"boxes": BOXES, "boxes_true": BOXES_TRUE}, ["box found", "true box"]),
    ],
)
def test_legend_names_the_boxes_that_are_given(boxes, words):
    axes = display_of(**boxes).plot().axes_
    legend = axes[-1, 0].get_legend()
    assert ([text.get_text() for text in legend.get_texts()] if legend else []) == words


def test_any_axes_may_be_drawn_into():
    figure, axes = plt.subplots(2, 3)
    display = display_of().plot(axes=axes)
    assert display.figure_ is figure
    assert display.axes_.shape == (3, 2)
    assert display.axes_.ravel().tolist() == axes.ravel().tolist()


def test_plot_leaves_what_is_stored_and_can_be_called_again():
    display = display_of(labels=["a", "b", "c"])
    first = display.plot().figure_
    assert display.images is PLAIN["images"] and display.maps is MAPS
    assert display.plot() is display
    assert display.figure_ is not first


@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("limit", ["row", "map"])
@pytest.mark.parametrize("label", ["7", "a wolf spider, of the family Lycosidae"])
def test_everything_is_inside_the_figure(n, limit, label):
    maps = {"cam": 1e-4 * np.ones((n, 6, 6)), "info_cam": np.ones((n, 6, 6))}
    boxes = [[0, 0, 6, 6]] * n
    display = InfoCAMDisplay(
        images=np.ones((n, 6, 6)), maps=maps, labels=[label] * n, boxes_true=boxes
    ).plot(limit=limit)
    display.figure_.canvas.draw()
    box = display.figure_.get_tightbbox()
    width, height = display.figure_.get_size_inches()
    assert min(box.x0, box.y0) >= 0
    assert box.x1 <= width and box.y1 <= height


def test_dollars_in_labels_and_titles_are_drawn_as_they_are(tmp_path):
    names = ["$10-$20", "$x_{$", "$" * 23]
    display = display_of(maps={"$_$": MAPS}, labels=names).plot()
    with plt.rc_context({"svg.fonttype": "none"}):
        display.figure_.savefig(tmp_path / "maps.svg")
    drawn = (tmp_path / "maps.svg").read_text(encoding="utf-8")
    assert all(f">{text}<" in drawn for text in [*names[:2], "$" * 20, "$" * 3, "$_$"])


def test_figures_of_many_images_are_not_too_large_to_save():
    display = InfoCAMDisplay(images=np.ones((3, 900, 2)), maps=np.ones((3, 900, 2)))
    assert display.plot().figure_.get_size_inches()[1] <= 200


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
