"""The report as a picture."""

import math

import numpy as np

from ..inspection._names import literal, shorten

# Okabe and Ito's palette, told apart with any colour vision; the shapes say it again in print.
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
MARKERS = ["o", "D", "^", "s", "v", "P"]
N_DARK = 3  # of the colours; white reads well on these and they on white, the others need ink
INK, SOFT, TRACK, GRID, BAR = "#222222", "#6B6B6B", "#E2E2E2", "#EEEEEE", "#8A99A8"
STYLE = {
    "font.size": 9.5,
    "font.family": "sans-serif",
    "axes.edgecolor": SOFT,
    "axes.labelcolor": SOFT,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "xtick.color": SOFT,
    "ytick.color": INK,
    "ytick.major.size": 0,
    "text.color": INK,
    "svg.fonttype": "none",
}
Z_95 = 1.96
COLUMNS_SHOWN = (10, 20)  # at least and at most; between them as many as there are classes
CLASSES_SHOWN = 20
WIDTH = 9.6  # inches, as are the heights
HEAD, LOSS_HEIGHT, GAP, ROW_HEIGHT, FOOT = 1.02, 0.42, 1.12, 0.27, 0.42
CLASS_HEIGHT = 0.5  # the most for a class where there are few
BAR_HEIGHT = 0.16
MARK_SPACING = (0.065, 0.11)  # at least and at most, between the marks of a class
CLASS_GAP = 1.4  # of these spacings, from the last mark of a class to the first of the next
MARGIN, MIDDLE = 0.025, 0.535  # where the texts of the lower panels start


def plot_report(report, path=None):
    """Draw a report: the information of the table, of its columns, and the recall of each class.

    Parameters
    ----------
    report : Report
        With at most six losses.
    path : str or path-like, default=None
        Where to save the picture; the suffix names the format.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Not registered with pyplot, so nothing needs closing.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    matplotlib = _import_matplotlib()
    if len(report.losses) > len(COLORS):
        raise ValueError(
            f"The report has {len(report.losses)} losses, but at most {len(COLORS)} can be told "
            "apart in one picture: make a report of fewer."
        )
    with matplotlib.rc_context(STYLE):
        figure, top, left, right = _layout(matplotlib.figure.Figure, report)
        _draw_head(figure, report)
        _draw_losses(top, report)
        _draw_columns(left, report)
        _draw_classes(right, report)
        if path is not None:
            figure.savefig(path, dpi=200)
    return figure


def supported_suffixes():
    """File suffixes that a picture can be saved under, such as "png"."""
    return set(_import_matplotlib().figure.Figure().canvas.get_supported_filetypes())


def _import_matplotlib():
    try:
        import matplotlib.figure
    except ImportError as error:
        raise ImportError(
            'Drawing a report needs matplotlib: pip install "sklearn-mi[plot]".'
        ) from error
    return matplotlib


def _layout(Figure, report):
    """The figure, and its axes for the table, the columns and the classes."""
    n_columns, n_classes = _columns_shown(report), min(len(report.classes), CLASSES_SHOWN)
    least = max(ROW_HEIGHT, MARK_SPACING[0] * (len(report.losses) - 1 + CLASS_GAP))
    upper, lower = len(report.losses) * LOSS_HEIGHT, max(n_columns * ROW_HEIGHT, n_classes * least)
    class_height = np.clip(lower / n_classes, least, CLASS_HEIGHT)
    height = HEAD + upper + GAP + lower + FOOT
    figure = Figure((WIDTH, height), facecolor="white")

    def add(left, right, top, size):
        axes = figure.add_axes((left, 1 - (top + size) / height, right - left, size / height))
        axes.set_facecolor("none")
        return axes

    second = HEAD + upper + GAP
    return (
        figure,
        add(0.165, 0.905, HEAD, upper),
        add(0.215, 0.455, second, n_columns * ROW_HEIGHT),
        add(0.715, 0.965, second, n_classes * class_height),
    )


def _columns_shown(report):
    return min(max(1, len(report.columns)), int(np.clip(len(report.classes), *COLUMNS_SHOWN)))


def _draw_head(figure, report):
    height = figure.get_size_inches()[1]
    about = (
        f"{report.n_rows:,} rows, {len(report.columns)} columns, {len(report.classes)} classes. "
        "Estimated on held-out rows; whiskers are 95% intervals."
    )
    figure.text(MARGIN, 1 - 0.38 / height, _headline(report), fontsize=14, fontweight="bold")
    figure.text(MARGIN, 1 - 0.61 / height, about, color=SOFT)


def _headline(report):
    best, target = report.best, _name(report.target, 24)
    if best.interval[0] <= 0:
        return f"No sign that the table tells anything about {target}"
    share = f"{report.share(best.mutual_info):.0%}"
    return f"The table tells {share} of what there is to know about {target}"


def _draw_losses(axes, report):
    """H(Y) as a track for each loss, filled as far as the table tells."""
    entropy, across = report.label_entropy, axes.get_yaxis_transform()
    for row, result in enumerate(report.losses):
        color, marker = COLORS[row], MARKERS[row]
        axes.barh(row, entropy, height=0.62, color=TRACK)
        axes.barh(row, result.mutual_info, height=0.62, color=color)
        _whiskers(axes, row, *result.interval)
        _write_value(axes, row, result, entropy)
        axes.plot(-0.015, row, marker, color=color, ms=6, transform=across, clip_on=False)
        share = f"{report.share(result.mutual_info):.0%}"
        style = {"fontsize": 13, "fontweight": "bold", "va": "center_baseline"}
        ink = color if row < N_DARK else INK
        axes.text(1.015, row, share, color=ink, transform=across, **style)
    low, high = np.transpose([result.interval for result in report.losses])
    axes.set_xlim(min(0, low.min() * 1.1), max(entropy, high.max()))
    total = f"H({_name(report.target)}) = {entropy:.3f} nats = {entropy / math.log(2):.3f} bits"
    axes.annotate(
        total, (entropy, 1), (0, 5), ("data", "axes fraction"), "offset points", ha="right"
    )
    _name_rows(axes, [result.loss for result in report.losses], pad=18)
    _name_unit(axes)


def _write_value(axes, row, result, entropy):
    """The estimate in figures: on the filled part where it is long enough, else behind it."""
    text = f"{result.mutual_info:.3f} nats  ·  {result.mutual_info / math.log(2):.3f} bits"
    low, high = result.interval
    inside = low > 0.4 * entropy
    x = 0.012 * entropy if inside else max(high, 0) + 0.015 * entropy
    color = "white" if inside and row < N_DARK else INK
    axes.text(x, row, text, color=color, va="center_baseline", fontweight="bold")


def _draw_columns(axes, report):
    """The strongest columns, each alone; of images there are none."""
    if not len(report.columns):
        axes.set_axis_off()
        return
    table = report.strongest_columns.head(_columns_shown(report))
    value, error = table["mutual_info"].to_numpy(), Z_95 * table["standard_error"].to_numpy()
    axes.barh(range(len(table)), value, height=BAR_HEIGHT / ROW_HEIGHT, color=BAR)
    for row in range(len(table)):
        _whiskers(axes, row, value[row] - error[row], value[row] + error[row])
        share = f"{max(0.0, report.share(value[row])):.0%}"
        style = {"va": "center_baseline", "ha": "right"}
        axes.text(1.19, row, share, transform=axes.get_yaxis_transform(), **style)
    axes.set_xlim(min(0, (value - error).min()), 1.03 * (value + error).max() or 1)
    axes.axvline(0, color=SOFT, lw=0.8)
    _name_unit(axes)
    more = "Strongest columns" if len(report.columns) > len(table) else "Columns"
    _title(
        axes,
        f"{more}, each alone",
        "with its share of H; columns overlap and do not add up",
        MARGIN,
    )
    _name_rows(axes, [_name(name, 24) for name in table.index])


def _draw_classes(axes, report):
    """Recall of each class by loss, over the share of the class."""
    order = np.argsort(-report.shares, kind="stable")
    shown = order if len(order) <= CLASSES_SHOWN else np.r_[order[:10], order[-10:]]
    rows = np.arange(len(shown))
    pitch = axes.bbox.height / axes.figure.dpi / len(rows)
    axes.barh(rows, report.shares[shown], height=BAR_HEIGHT / pitch, color=TRACK)
    _mark_recall(axes, report.losses, shown, pitch)
    axes.set_xlim(0, 1)
    axes.grid(axis="x", color=GRID, lw=0.8)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:.0%}")
    what = "Recall of each class"
    if len(shown) < len(order):
        what += f" (10 commonest, 10 rarest of {len(order)})"
    _title(axes, what, "marks: by loss; lines: balanced accuracy; grey: share of the rows", MIDDLE)
    _name_rows(axes, [_name(report.classes[k], 24) for k in shown], pad=9)


def _mark_recall(axes, losses, shown, pitch):
    """A mark for each loss, one below the other in the row of a class, `pitch` inches high."""
    last = len(losses) - 1
    spacing = min(MARK_SPACING[1], pitch / (last + CLASS_GAP))
    style = {"ms": min(5.5, 80 * spacing), "clip_on": False}
    for k, result in enumerate(losses):
        axes.axvline(result.balanced_accuracy, color=COLORS[k], lw=1.2, alpha=0.5, zorder=1)
        heights = np.arange(len(shown)) + (k - last / 2) * spacing / pitch
        axes.plot(np.take(result.recall, shown), heights, MARKERS[k], color=COLORS[k], **style)


def _name(name, *width):
    """The name of a column, a class or the target, short and as it is."""
    return literal(shorten(name, *width))


def _whiskers(axes, row, low, high):
    for width, color in ((2.8, "white"), (1.4, INK)):  # the white one sets it off from the bar
        axes.plot([low, high], [row, row], color=color, lw=width, solid_capstyle="butt", snap=False)


def _title(axes, title, about, x):
    """A bold title over a soft line that says how to read the panel, `x` across the figure."""
    style = {"xycoords": ("figure fraction", "axes fraction"), "textcoords": "offset points"}
    axes.annotate(title, (x, 1), (0, 23), fontsize=11, fontweight="bold", **style)
    axes.annotate(about, (x, 1), (0, 9), fontsize=8.5, color=SOFT, **style)


def _name_unit(axes):
    style = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "top"}
    axes.annotate("nats", (1, 0), (12, -7), color=SOFT, **style)


def _name_rows(axes, labels, pad=6):
    """Name the rows, from the top down."""
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params("y", pad=pad)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.locator_params(axis="x", nbins=6 if axes.bbox.width > 400 else 4)
