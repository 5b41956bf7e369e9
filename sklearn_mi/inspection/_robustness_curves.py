"""The lines, bands and words of curves against the radius of an adversary."""

import numpy as np

from ._names import literal

DASHES = [(0, (5, 1.5)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)), (0, (5, 1.5, 1, 1.5, 1, 1.5))]
FRAME, GRID = "#8C8C8C", "#EBEBEB"
PANELS = {"accuracy": "accuracy", "mutual_info": "information, nats"}
ROOM = 45  # characters of ticks that fit beneath a panel


def attack_styles(results):
    """The dashes of each attack, by its name."""
    names = list(dict.fromkeys(name for result in results for name in result.get("attacks", {})))
    if not names:
        raise ValueError(
            "No result has attacks, expected figures of each; pass plot_attacks=False, or results "
            "as adversarial_robustness returns them."
        )
    return {name: DASHES[k % len(DASHES)] for k, name in enumerate(names)}


def draw_frames(axes, radius, eps):
    """Axes of accuracy and of information, with their labels and ticks."""
    for ax, label in zip(axes, PANELS.values(), strict=True):
        ax.set(xlabel=radius, ylabel=label)
        ax.spines[["top", "right"]].set_visible(False)
        ax.spines[["left", "bottom"]].set_color(FRAME)
        ax.tick_params(color=FRAME)
        ax.grid(color=GRID, linewidth=0.8)
        ax.set_axisbelow(True)
        _set_ticks(ax, eps)
    axes[0].set_ylim(-0.04, 1.04)
    axes[1].axhline(0, color=FRAME, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)


def _set_ticks(ax, eps):
    """At the radii, if there is room for their labels."""
    labels = [f"{radius:.3g}" for radius in eps]
    closest = np.diff(eps).min() / np.ptp(eps) if len(eps) > 1 else 1
    if closest * ROOM > 1 + max(map(len, labels)):
        ax.set_xticks(eps, labels)


def draw_lines(axes, result, look):
    """The two lines of a model: accuracy and information against the radius."""
    style = {"linewidth": 1.8, "markersize": 4.5, "zorder": 3, **look}
    return _draw_curves(axes, result, result["eps"], style)


def draw_attacks(axes, result, look, styles):
    """Thin lines of each attack by itself, by its name."""
    style = {"linewidth": 1, "color": look["color"], "zorder": 2}
    return {
        name: _draw_curves(axes, figures, result["eps"], {"linestyle": styles[name], **style})
        for name, figures in result.get("attacks", {}).items()
        if name in styles
    }


def _draw_curves(axes, figures, eps, style):
    order = np.argsort(eps)
    return [
        ax.plot(np.take(eps, order), np.take(figures[panel], order), **style)[0]
        for ax, panel in zip(axes, PANELS, strict=True)
    ]


def draw_band(ax, result, look):
    """One standard error to both sides of the information."""
    order = np.argsort(result["eps"])
    eps, mean, stderr = (
        np.take(result[key], order) for key in ("eps", "mutual_info", "mutual_info_stderr")
    )
    return ax.fill_between(
        eps, mean - stderr, mean + stderr, color=look["color"], alpha=0.18, linewidth=0, zorder=2
    )


def draw_legend(ax, lines, names, styles):
    """To the right of the last panel: models, then attacks in grey."""
    from matplotlib.lines import Line2D

    handles = [] if names is None else list(zip(lines, map(literal, names), strict=True))
    if styles:
        grey = {"color": FRAME, "linewidth": 1}
        handles += [(Line2D([], [], linewidth=1.8, color=FRAME), "all attacks")]
        handles += [
            (Line2D([], [], linestyle=d, **grey), literal(name)) for name, d in styles.items()
        ]
    if not handles:
        return None
    place = {"loc": "upper left", "bbox_to_anchor": (1.02, 1.02), "handlelength": 2.6}
    return ax.legend(*zip(*handles, strict=True), frameon=False, **place)
