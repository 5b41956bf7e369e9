"""Bars of what columns tell, and a matrix of their interactions."""

import numpy as np

from ._names import literal, shorten

LABELS = {
    "marginal": "alone",
    "conditional": "beyond all others",
    "shapley": "share of the total (Shapley)",
}
# Okabe and Ito's palette, told apart with any colour vision.
COLORS = {"marginal": "#56B4E9", "conditional": "#D55E00", "shapley": "#009E73"}
MOST_NUMBERS = 12  # columns of a matrix whose cells have room for a number


def draw_bars(ax, result, kinds, order):
    """Bars of each kind for the columns of an order, from top to bottom; gives them by kind."""
    place, height, entropy = np.arange(len(order)), 0.8 / len(kinds), result["label_entropy"]
    ax.barh(place, entropy, height=0.86, color="0.5", alpha=0.1, zorder=0)
    bars = {}
    for number, kind in enumerate(kinds):
        value, low, high = (result[kind + end][order] for end in ("", "_low", "_high"))
        bars[kind] = ax.barh(
            place + (number - (len(kinds) - 1) / 2) * height,
            value,
            height,
            xerr=np.maximum([value - low, high - value], 0),
            color=COLORS[kind],
            label=LABELS[kind],
            error_kw={"elinewidth": 1, "capsize": 2, "ecolor": "0.2"},
        )
    ax.axvline(result["total"], color="0.2", linestyle="--", linewidth=1, label="all columns")
    ax.axvline(0, color="0.2", linewidth=0.8)
    ax.set_yticks(place, [literal(shorten(result["names"][j])) for j in order])
    ax.set_ylim(len(order) - 0.45, -0.55)
    ax.set_xlim(right=1.01 * entropy)
    ax.set_xlabel("mutual information with the label, nats")
    _frame(ax, entropy)
    _legend(ax)
    return bars


def _legend(ax):
    handles, labels = ax.get_legend_handles_labels()
    order = [*range(1, len(labels)), 0]  # the line of the total, which comes first, last
    arguments = [handles[k] for k in order], [labels[k] for k in order]
    ax.legend(*arguments, loc="lower right", framealpha=0.9, edgecolor="none", fontsize="small")


def _frame(ax, entropy):
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    share = ax.secondary_xaxis("top", functions=(lambda v: v / entropy, lambda s: s * entropy))
    share.set_xlabel("share of the entropy H(Y) of the label")
    share.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    share.spines["top"].set_visible(False)


def interaction_matrix(result):
    """Names and a symmetric matrix (d, d) of interactions, NaN where there is none; or None."""
    if "interaction" not in result:
        return None
    used = np.unique(result["pairs"])
    first, second = np.searchsorted(used, result["pairs"]).T
    matrix = np.full((len(used), len(used)), np.nan)
    matrix[first, second] = matrix[second, first] = result["interaction"]
    return [result["names"][j] for j in used], matrix


def draw_matrix(ax, names, matrix):
    """A matrix on a scale that is even on both sides of 0."""
    most = max(np.nanmax(np.abs(matrix)), 1e-3)
    image = ax.imshow(matrix, cmap="PuOr_r", vmin=-most, vmax=most)
    ticks, labels = np.arange(len(names)), [literal(shorten(name)) for name in names]
    ax.set_xticks(ticks, labels, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(ticks, labels)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    if len(names) <= MOST_NUMBERS:
        _write_numbers(ax, matrix, most)
    bar = ax.figure.colorbar(image, ax=ax, location="top", aspect=30)
    bar.set_label("repeat each other  ←  nats  →  need each other")
    bar.outline.set_visible(False)
    return image


def _write_numbers(ax, matrix, most):
    for (i, j), value in np.ndenumerate(matrix):
        if np.isfinite(value):
            color = "white" if abs(value) > 0.6 * most else "black"
            text = f"{value:.2f}".replace("-0.00", "0.00")
            ax.text(j, i, text, ha="center", va="center", color=color, fontsize=8)
