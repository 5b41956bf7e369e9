"""Maps and boxes as they are drawn: their colours, where they lie, words, and the axes."""

import numpy as np
import pytest
from drawn_maps import (
    BOXES,
    BOXES_TRUE,
    MAPS,
    PLAIN,
    RNG,
    TWO_KINDS,
    boxes_in,
    display_of,
    limits,
    plt,
    shown,
)

from sklearn_mi.inspection import InfoCAMDisplay

pytestmark = pytest.mark.usefixtures("closed_figures")

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
