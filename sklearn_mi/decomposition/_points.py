"""Points of a map: classes told apart by colour and marker, numbers by a scale of colours."""

import numpy as np

from ._displayed import CLASS_COLORS

# Seven colours, told apart with any colour vision, and ten shapes: 70 pairs before one comes again.
MARKERS = "os^DvPX<>p"
MISSING = "0.75"
MOST_NAMED, IN_COLUMN = 40, 20
APART = 0.05  # of the diagonal: the least distance of names that are written into a map
MANY = 5000  # points, which a vector format is to hold as an image


def draw_points(ax, places, values, order):
    """Draw rows in an order in which no class hides another; gives one PathCollection."""
    n_rows, own = len(order), values.of_rows[order]
    size = float(np.clip(40 * np.sqrt(300 / n_rows), 4, 40))
    style = {"s": size, "linewidths": 0.3 if n_rows < 2000 else 0, "edgecolors": "white"}
    style |= {"alpha": 0.85, "rasterized": n_rows > MANY}
    if values.classes is None:
        colors = {"c": own, "cmap": _scale(), "plotnonfinite": True}
        return ax.scatter(*places[order].T, **style, **colors)
    points = ax.scatter(*places[order].T, **style)
    shapes = _shapes()
    points.set_paths([shapes[k % len(shapes)] for k in own])
    points.set_facecolor([CLASS_COLORS[k % len(CLASS_COLORS)] for k in own])
    return points


def _scale():
    from matplotlib import colormaps

    return colormaps["viridis"].with_extremes(bad=MISSING)


def _shapes():
    """Paths of the markers, all of one area."""
    from matplotlib.markers import MarkerStyle
    from matplotlib.transforms import Affine2D

    styles = map(MarkerStyle, MARKERS)
    paths = [style.get_path().transformed(style.get_transform()) for style in styles]
    return [path.transformed(Affine2D().scale((0.7 / _area(path)) ** 0.5)) for path in paths]


def _area(path):
    x, y = path.to_polygons()[0].T
    return abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2


def class_centres(places, values):
    """Medians (K, 2) of the classes, or None if they are too close for names to stand there."""
    if values.classes is None or len(values.classes) < 2:
        return None
    centres = [np.median(places[values.of_rows == k], axis=0) for k in range(len(values.classes))]
    centres = np.array(centres)
    distance = np.linalg.norm(centres[:, None] - centres, axis=-1)
    np.fill_diagonal(distance, np.inf)
    return centres if distance.min() >= APART * np.linalg.norm(np.ptp(places, axis=0)) else None


def write_names(ax, centres, values):
    """The name of each class at its centre, set off from the points."""
    from matplotlib.patheffects import withStroke

    edge = [withStroke(linewidth=2.5, foreground="white", alpha=0.9)]
    style = {"ha": "center", "va": "center", "fontsize": "small", "fontweight": "bold"}
    return [
        ax.text(x, y, name, color="0.1", path_effects=edge, clip_on=True, **style)
        for (x, y), name in zip(centres, values.classes, strict=True)
    ]


def draw_legend(ax, values, title):
    """To the right of the axes, one entry for each class."""
    from matplotlib.lines import Line2D

    names, style = values.classes[:MOST_NAMED], {"linestyle": "", "markersize": 5.5}
    handles = [
        Line2D(
            [], [], color=CLASS_COLORS[k % len(CLASS_COLORS)], marker=MARKERS[k % len(MARKERS)],
            label=name, **style,
        )
        for k, name in enumerate(names)
    ]  # fmt: skip
    if n_more := len(values.classes) - len(names):
        handles.append(Line2D([], [], label=f"and {n_more} more", **style))
    place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.02), "handletextpad": 0.2}
    n_columns = -(-len(handles) // (IN_COLUMN + 1))
    return ax.legend(
        handles=handles, title=title, ncols=n_columns, frameon=False, fontsize="small", **place
    )
