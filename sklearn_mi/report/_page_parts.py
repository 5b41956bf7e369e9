"""Pieces of a page: texts that cannot break out, figures with all their digits, bars, tables."""

import html
import math
import unicodedata
from numbers import Integral

from ..inspection._names import shorten

WIDTH_OF_NAMES = 60
NOTHING = "–"


def text(value):
    """Any text as a page shows it, whatever it holds.

    Examples
    --------
    >>> print(text('<b onclick="x">'))
    &lt;b onclick=&quot;x&quot;&gt;
    """
    shown = "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in ("Cc", "Cs") else c
        for c in " ".join(str(value).split())
    )
    return html.escape(shown, quote=True)


def name(value, width=WIDTH_OF_NAMES):
    """The name of a column or class, its direction of writing kept to itself; shortened if long."""
    full, short = " ".join(str(value).split()), shorten(value, width)
    title = f' title="{text(full)}"' if short != full else ""
    return f"<bdi{title}>{text(short) or NOTHING}</bdi>"


def data(value, shown):
    """A figure as it is shown, with all its digits for machines."""
    if not math.isfinite(value):
        return NOTHING
    value = int(value) if isinstance(value, Integral) else float(value)
    return f'<data value="{value!r}">{shown.replace("-", "−")}</data>'


def nats(units):
    """Information in nats, from a dict of units."""
    return data(units["nats"], f"{units['nats']:z.3f}")


def share(value, digits=1):
    """A share in percent."""
    return data(value, f"{value:z.{digits}%}".replace("%", "\N{NARROW NO-BREAK SPACE}%"))


def count(value):
    """A whole number."""
    return data(value, f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}"))


def counted(value, singular, plural=None):
    """A whole number of things."""
    return f"{count(value)} {singular if value == 1 else plural or singular + 's'}"


def bar(scale, value, low=None, high=None, kind=""):
    """A bar from 0 to a value with its interval; `scale` are both ends of the track."""
    if not math.isfinite(value):
        return ""
    start, end = sorted((_place(0, scale), _place(value, scale)))
    parts = [
        '<rect class="track" width="100" height="10"/>',
        f'<rect class="fill" x="{start:.2f}" width="{end - start:.2f}" height="10"/>',
    ]
    if scale[0] < 0:
        parts.append(f'<path class="zero" d="M{_place(0, scale):.2f} 0V10"/>')
    if low is not None and math.isfinite(low + high):
        line = f'd="M{_place(low, scale):.2f} 5H{_place(high, scale):.2f}"'
        parts += [f'<path class="halo" {line}/>', f'<path class="interval" {line}/>']
    options = 'viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"'
    return f'<svg class="bar {kind}" {options}>{"".join(parts)}</svg>'


def with_bar(figure, *of_bar, **kind):
    """A figure beside its bar, or over it where there is no room; see :func:`bar`."""
    return f'<div class="measure"><span>{figure}</span>{bar(*of_bar, **kind)}</div>'


def bar_of(figures, scale, kind=""):
    """A figure in nats with its bar, from the dicts of its value and interval."""
    value, low, high = (figures[end]["nats"] for end in ("mutual_info", "low", "high"))
    return with_bar(nats(figures["mutual_info"]), scale, value, low, high, kind=kind)


def scale_of(figures):
    """Both ends of a track that holds all intervals and 0."""
    low = [f["low"]["nats"] for f in figures if math.isfinite(f["low"]["nats"])]
    high = [f["high"]["nats"] for f in figures if math.isfinite(f["high"]["nats"])]
    least, most = min([0.0, *low]), max([0.0, *high])
    return (least, most) if most > least else (0.0, 1.0)


def _place(value, scale):
    share = (value - scale[0]) / (scale[1] - scale[0])
    return 100 * min(1.0, max(0.0, share))


def table(caption, heads, rows, kind="", sortable=True):
    """A table with a name for readers aloud; the first cell of a row heads it.

    Parameters
    ----------
    caption : str
    heads : list of str
        HTML.
    rows : iterable of lists of str
        HTML.
    """
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    body = "\n".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        for first, *cells in rows
    )
    kind = " ".join(filter(None, [kind, "sortable" if sortable else ""]))
    return (
        f'<div class="wide" role="region" aria-label="{text(caption)}" tabindex="0">'
        f'<table class="{kind}"><caption>{text(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def paragraph(*sentences, kind=""):
    """Sentences of HTML."""
    kind = f' class="{kind}"' if kind else ""
    return f"<p{kind}>{' '.join(filter(None, sentences))}</p>"
