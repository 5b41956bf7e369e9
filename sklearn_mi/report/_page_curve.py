"""Information against rows, as a drawing and in figures."""

import math

from ._page_parts import count, nats, paragraph, share, table

WIDTH, HEIGHT = 480, 270
LEFT, RIGHT, TOP, BOTTOM = 58, 20, 18, 46
LINE = 17  # between two texts
SPACE = "\N{NARROW NO-BREAK SPACE}"
NO_LAW = (
    "<strong>No power law goes through these dots</strong>, so that what it says of more rows "
    "means little: look at the dots."
)
ENDLESS = 1.6  # where the asymptote stands, in units of the last size that is drawn


def curve_section(report, told):
    """What more rows would tell, with the curve and its asymptote."""
    if not told["details"] or not (curve := told["details"]["curve"]):
        return ""
    doubled, asymptote = curve["doubled"], curve["asymptote"]
    about = paragraph(
        f"With twice as many rows about <strong>{nats(doubled['mutual_info'])} nats</strong> would "
        f"be told ({_interval(doubled)}), with ever more of them about "
        f"<strong>{nats(asymptote['mutual_info'])} nats</strong> ({_interval(asymptote)}), "
        f"{share(asymptote['mutual_info']['share'], 0)} of H."
    )
    if not curve["is_power_law"]:
        about = paragraph(NO_LAW) + about
    about += paragraph(
        "The curve is a power law through what was told after training on so many rows. Beyond the "
        "last dot it is an extrapolation, of this kind of classifier and these columns: better "
        "columns may tell more.",
        kind="soft",
    )
    rows = [
        [count(point["n_rows"]), nats(point["mutual_info"]), _interval(point)]
        for point in curve["points"]
    ]
    heads = ["Rows to train on", "Nats", "Interval"]
    drawing = _drawing(report.details.curve, curve["points"], told["label_entropy"]["nats"])
    return about + drawing + table("Information against rows", heads, rows)


def _interval(figures):
    return f"{nats(figures['low'])} to {nats(figures['high'])}"


class _Plane:
    """Places on the drawing: rows on a logarithmic scale, information from 0 or less up to H."""

    def __init__(self, curve, entropy):
        self.first, self.last = curve.fitted_sizes[0], ENDLESS * curve.fitted_sizes[-1]
        most = max(*curve.mutual_info_high, curve.asymptote_high)
        self.ceiling = most > 0.4 * entropy
        self.top = entropy if self.ceiling else 1.25 * most
        self.least = min(0.0, *curve.mutual_info_low)

    def x(self, n):
        share = math.log(n / self.first) / math.log(self.last / self.first)
        return f"{LEFT + 10 + (WIDTH - LEFT - RIGHT - 10) * share:.1f}"

    def y(self, value):
        share = (value - self.least) / (self.top - self.least)
        return f"{HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(1.0, max(0.0, share)):.1f}"

    def line(self, sizes, values):
        return "L".join(f"{self.x(n)} {self.y(v)}" for n, v in zip(sizes, values, strict=True))


def _drawing(curve, points, entropy):
    plane, sizes = _Plane(curve, entropy), curve.fitted_sizes
    low, high = (
        plane.line(sizes[::-1], curve.fitted_low[::-1]),
        plane.line(sizes, curve.fitted_high),
    )
    end = f"M{LEFT} {{}}H{WIDTH - RIGHT}".format
    parts = [
        f'<path class="band" d="M{high}L{low}Z"/>',
        f'<path class="axis" d="{end(plane.y(0))}"/>',
        f'<path class="ceiling" d="{end(plane.y(entropy))}"/>' if plane.ceiling else "",
        f'<path class="line" d="M{plane.line(sizes, curve.fitted)}"/>',
    ]
    for point in points:
        parts += _dot(
            plane, point["n_rows"], *(point[k]["nats"] for k in ("mutual_info", "low", "high"))
        )
    ends = (curve.asymptote, curve.asymptote_low, curve.asymptote_high)
    parts += _dot(plane, plane.last, *ends, kind="beyond")
    parts += _texts(plane, curve, points, entropy)
    label = "Information in nats against rows to train on, with its asymptote"
    options = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}"'
    return f'<svg class="curve" {options}>{"".join(parts)}</svg>'


def _dot(plane, n, value, low, high, kind=""):
    x = plane.x(n)
    yield f'<path class="whisker {kind}" d="M{x} {plane.y(low)}V{plane.y(high)}"/>'
    yield f'<circle class="dot {kind}" cx="{x}" cy="{plane.y(value)}" r="4"/>'


def _texts(plane, curve, points, entropy):
    """Rows under the first dot, the last and the asymptote; 0, H and the last estimate beside."""
    edge, foot = LEFT - 8, HEIGHT - BOTTOM + 19
    last = points[-1]["mutual_info"]["nats"]
    yield _text("end", edge, float(plane.y(0)) + 4, "0")
    below = float(plane.y(entropy)) + LINE if plane.ceiling else 0.0
    yield _text("end", edge, max(below, float(plane.y(last))) + 4, f"{last:.3f}", last)
    if plane.ceiling:
        yield _text("end", edge, float(plane.y(entropy)) + 4, "H")
    for point in (points[0], points[-1]):
        n = point["n_rows"]
        yield _text("middle", plane.x(n), foot, f"{n:,}".replace(",", SPACE), n)
    yield _text("middle", plane.x(plane.last), foot, "∞")
    yield _text("middle", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "rows to train on")


def _text(kind, x, y, shown, value=None):
    data = "" if value is None else f' data-value="{value!r}"'
    return f'<text class="{kind}" x="{float(x):.1f}" y="{y:.1f}"{data}>{shown}</text>'
