"""Small images, maps and boxes, and what is seen in a drawing of them."""

import numpy as np
import pytest

from sklearn_mi.inspection import InfoCAMDisplay

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")

RNG = np.random.default_rng(0)
MAPS = RNG.normal(size=(3, 5, 7))
PLAIN = {"images": RNG.uniform(size=(3, 5, 7)), "maps": MAPS}
TWO_KINDS = {"cam": MAPS, "mine": 4 * MAPS}
BOXES, BOXES_TRUE = np.array([[0, 1, 2, 4], [1, 0, 5, 7], [0, 0, 0, 0]]), [[2, 3, 4, 6]] * 3


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
