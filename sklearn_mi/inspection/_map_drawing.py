"""Images, maps and boxes on axes of matplotlib."""

import textwrap
from numbers import Real

import numpy as np

from ._names import literal

HEADS = {"cam": "CAM", "info_cam": "infoCAM", "info_cam_plus": "infoCAM+"}
PANEL = 1.5  # inches, the width of an image
MOST_INCHES = 200  # of height, so that the figure of very many images can still be saved
FRAME, EDGE = "#8C8C8C", "#222222"
FOUND = {"label": "box found", "color": "#FFC20A", "linewidth": 1.5}
TRUE = {"label": "true box", "color": "#00D68F", "linewidth": 1.5, "linestyle": (0, (2.2, 1.6))}


def figure_size(images, n_columns, n_bars):
    """Inches of a figure in which each image is one panel wide."""
    n, height, width = images.shape[:3]
    row = PANEL * height / width + 0.27
    return (PANEL + 0.1) * n_columns + 0.9 * n_bars, min(n * row + 0.35, MOST_INCHES)


def color_limits(maps, limit):
    """Nats at the upper end of the colours of each map, (n, n_kinds)."""
    peaks = np.column_stack([np.abs(values).max(axis=(1, 2)) for values in maps.values()])
    if isinstance(limit, Real) and 0 < limit < np.inf:
        return np.full(peaks.shape, limit)
    if not isinstance(limit, str) or limit not in ("row", "map"):
        raise ValueError(
            f"limit={limit!r} must be 'row', 'map' or a positive number of nats; 'row' lets the "
            "maps of an image share their colours."
        )
    if limit == "row":
        peaks[:] = peaks.max(axis=1, keepdims=True)
    return np.where(peaks > 0, peaks, 1.0)


def draw_images(column, images, labels):
    """Images from the top down, each with its label at its side."""
    upright = max(map(len, labels)) <= 3
    style = {"rotation": 0, "ha": "right", "va": "center"} if upright else {"rotation": 90}
    column[0].set_title("image", fontsize="medium")
    for ax, image, label in zip(column, images, labels, strict=True):
        ax.imshow(image, cmap="gray", vmin=0, vmax=1)
        ax.set_ylabel(literal(textwrap.fill(label, 20)), **style)
        _frame(ax)


def draw_maps(axes, maps, images, limits, cmap, alpha):
    """A column of maps for each kind, over the images in grey."""
    grey = images if images.ndim == 3 else images[..., :3].mean(axis=-1)
    for column, (name, values), bounds in zip(axes.T, maps.items(), limits.T, strict=True):
        column[0].set_title(literal(HEADS.get(name, name)), fontsize="medium")
        for ax, image, row, bound in zip(column, grey, values, bounds, strict=True):
            if alpha < 1:
                ax.imshow(image, cmap="gray", vmin=0, vmax=1)
            ax.imshow(row, cmap=cmap, vmin=-bound, vmax=bound, alpha=alpha)
            _frame(ax)


def _frame(ax):
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(color=FRAME, linewidth=0.6)


def write_sums(axes, maps):
    """The nats of each map in all, below it."""
    for column, values in zip(axes.T, maps.values(), strict=True):
        for ax, total in zip(column, values.sum(axis=(1, 2)), strict=True):
            text = f"{total:.1f}" if abs(total) >= 0.95 else f"{total:.1g}"
            ax.set_xlabel(f"{text} nats".replace("-", "\N{MINUS SIGN}"), fontsize="small")


def draw_boxes(axes, found, true):
    """True boxes everywhere, found ones on their maps, and on the images if of a single kind."""
    for column, boxes in zip(axes.T, [found[0] if len(found) == 1 else None, *found], strict=True):
        _draw_rectangles(column, boxes, FOUND)
        _draw_rectangles(column, true, TRUE)
    styles = [FOUND] * any(boxes is not None for boxes in found) + [TRUE] * (true is not None)
    if styles:
        _draw_legend(axes[-1, 0], styles)


def _draw_rectangles(column, boxes, style):
    from matplotlib.patches import Rectangle

    for ax, (top, left, bottom, right) in zip(column, [] if boxes is None else boxes, strict=False):
        if top < bottom and left < right:
            corner, size = (left - 0.5, top - 0.5), (right - left, bottom - top)
            line = {**style, "path_effects": _edges(), "zorder": 3}
            ax.add_patch(Rectangle(corner, *size, fill=False, clip_on=False, **line))


def _draw_legend(ax, styles):
    """Below the last image, where no nats stand."""
    from matplotlib.lines import Line2D

    lines = [Line2D([], [], path_effects=_edges(), **style) for style in styles]
    place = {"loc": "upper left", "bbox_to_anchor": (0, 0), "borderpad": 0, "borderaxespad": 0.4}
    ax.legend(handles=lines, frameon=False, fontsize="small", **place)


def _edges():
    """Dark edges of a line, which set it off from pale maps."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2.7, foreground=EDGE)]


def draw_colorbar(ax):
    """The colours of the last thing drawn, at the right of the axes."""
    bar = ax.figure.colorbar(ax.images[-1], cax=ax.inset_axes((1.06, 0, 0.06, 1)))
    bar.outline.set(edgecolor=FRAME, linewidth=0.6)
    bar.ax.tick_params(labelsize="small", color=FRAME)
    bar.ax.locator_params(nbins=5)
    bar.ax.yaxis.offsetText.set_fontsize("small")
    return bar
