"""Information against rows, as a drawing and in figures."""

from ._page_parts import count, nats, paragraph, share, table

WIDTH, HEIGHT = 480, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 18, 44
LINE = 17  # between two texts


def curve_section(report, told):
    """What more rows would tell, with the curve and its asymptote."""
    curve = (told["details"] or {}).get("curve")
    if not curve:
        return ""
    asymptote = curve["asymptote"]
    about = paragraph(
        f"With ever more rows like these the estimate would rise to about "
        f"<strong>{nats(asymptote['mutual_info'])} nats</strong>, "
        f"{share(asymptote['mutual_info']['share'], 0)} of H; interval {nats(asymptote['low'])} to "
        f"{nats(asymptote['high'])}. It is the asymptote of a curve through what was told after "
        "training on so many rows, and goes beyond what was seen."
    )
    rows = [
        [count(point["n_rows"]), nats(point["mutual_info"]), nats(point["standard_error"])]
        for point in curve["points"]
    ]
    heads = ["Rows to train on", "Nats", "Standard error"]
    return about + _drawing(told, curve) + table("Information against rows", heads, rows)


def _drawing(told, curve):
    points = [
        (p["n_rows"], p["mutual_info"]["nats"], p["standard_error"]["nats"])
        for p in curve["points"]
    ]
    low, value, high = (curve["asymptote"][key]["nats"] for key in ("low", "mutual_info", "high"))
    entropy = told["label_entropy"]["nats"]
    most = max([high, *(v + 2 * e for _, v, e in points)])
    top = entropy if most > 0.4 * entropy else 1.25 * most
    least = min([0.0, *(v - 2 * e for _, v, e in points)])
    last = points[-1][0] * 1.08

    def x(n):
        return LEFT + (WIDTH - LEFT - RIGHT) * n / last

    def y(v):
        share = (v - least) / (top - least)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(1.0, max(0.0, share))

    line = "M" + "L".join(f"{x(n):.1f} {y(v):.1f}" for n, v, _ in points)
    band = f'<rect class="band" x="{LEFT}" width="{WIDTH - LEFT - RIGHT}" '
    parts = [
        f'{band}y="{y(high):.1f}" height="{y(low) - y(high):.1f}"/>',
        f'<path class="asymptote" d="M{LEFT} {y(value):.1f}H{WIDTH - RIGHT}"/>',
        f'<path class="axis" d="M{LEFT} {y(0):.1f}H{WIDTH - RIGHT}"/>',
        f'<path class="line" d="{line}"/>',
    ]
    for n, v, error in points:
        parts.append(
            f'<path class="whisker" d="M{x(n):.1f} {y(v - 2 * error):.1f}V{y(v + 2 * error):.1f}"/>'
        )
        parts.append(f'<circle class="dot" cx="{x(n):.1f}" cy="{y(v):.1f}" r="4"/>')
    parts += _labels(points, value, entropy, top, x, y)
    label = "Information in nats against rows to train on, with its asymptote"
    options = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}"'
    return f'<svg class="curve" {options}>{"".join(parts)}</svg>'


def _labels(points, asymptote, entropy, top, x, y):
    """The first and the last number of rows, and the asymptote and H, at their places."""
    edge, foot = LEFT - 8, HEIGHT - BOTTOM + 18
    yield _label("end", edge, y(0) + 4, "0")
    below = y(entropy) + LINE if top == entropy else 0.0
    yield _label("end", edge, max(below, y(asymptote)) + 4, f"{asymptote:.3f}", asymptote)
    if top == entropy:
        yield f'<path class="ceiling" d="M{LEFT} {y(entropy):.1f}H{WIDTH - RIGHT}"/>'
        yield _label("end", edge, y(entropy) + 4, "H")
    for n in (points[0][0], points[-1][0]):
        yield _label("middle", x(n), foot, f"{n:,}", n)
    yield _label("middle", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "rows to train on")


def _label(kind, x, y, shown, value=None):
    data = "" if value is None else f' data-value="{value!r}"'
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{data}>{shown}</text>'
