"""The report as text."""

import math

from ..inspection._names import NAME_WIDTH, shorten

COLUMNS_SHOWN = 10
CLASSES_SHOWN = 20


def to_text(report):
    """The report for people, at most 80 characters wide.

    Parameters
    ----------
    report : Report

    Returns
    -------
    text : str
        Without a newline at the end.
    """
    parts = [_classes(report), _information(report), _decisions(report)]
    parts += [_columns(report)] if len(report.columns) else []
    return "\n\n".join("\n".join(lines) for lines in parts)


def _classes(report):
    target, entropy = shorten(report.target), report.label_entropy
    yield (
        f"{_counted(report.n_rows, 'row')}, {_counted(len(report.columns), 'column')}, "
        f"{_counted(len(report.classes), 'class', 'classes')} of {target}:"
    )
    by_count = sorted(
        zip(report.classes, report.counts, report.shares, strict=True), key=lambda row: -row[1]
    )
    for label, count, share in by_count[:CLASSES_SHOWN]:
        yield f"  {shorten(label):{NAME_WIDTH}}{count:9,}{share:9.1%}"
    if len(by_count) > CLASSES_SHOWN:
        rest = by_count[CLASSES_SHOWN:]
        name = f"{len(rest)} rarer ones"
        yield f"  {name:{NAME_WIDTH}}{sum(r[1] for r in rest):9,}{sum(r[2] for r in rest):9.1%}"
    yield ""
    bits = entropy / math.log(2)
    yield f"H({target}) = {entropy:.3f} nats = {bits:.3f} bits, all there is to know"


def _information(report):
    yield f"I(table; {shorten(report.target)}), estimated on held-out rows"
    yield f"  {'loss':11}{'nats':>8}{'s.e.':>8}{'95% interval':>17}{'bits':>8}{'of H':>8}  behind"
    for result in report.losses:
        low, high = result.interval
        yield (
            f"  {result.loss:11}{result.mutual_info:8.3f}{result.standard_error:8.3f}"
            f"{f'{low:.3f} to {high:.3f}':>17}{result.mutual_info / math.log(2):8.3f}"
            f"{report.share(result.mutual_info):8.1%}  {_behind(report, result)}"
        ).rstrip()
    if len(report.losses) > 1:
        yield "  behind: nats below the highest, +- standard error over the same rows."
        yield "  The highest of several estimates is optimistic, but only within its error."


def _behind(report, result):
    if result is report.best:
        return ""
    return f"{result.behind:.3f} +- {result.behind_standard_error:.3f}"


def _decisions(report):
    yield "Decisions on held-out rows"
    yield f"  {'loss':28}{'accuracy':>10}{'balanced':>10}{'epochs':>10}{'seconds':>10}"
    for result in report.losses:
        yield (
            f"  {result.loss:28}{result.accuracy:10.1%}{result.balanced_accuracy:10.1%}"
            f"{result.n_iter:10}{result.seconds:10.1f}"
        )
    always = f"always {shorten(report.classes[report.shares.argmax()], 20)}"
    yield f"  {always:28}{report.shares.max():10.1%}{1 / len(report.classes):10.1%}"


def _columns(report):
    table = report.strongest_columns.head(COLUMNS_SHOWN)
    of = f"of {len(report.columns)} " if len(report.columns) > len(table) else ""
    yield f"Strongest {of}columns, each alone (they overlap and do not add up)"
    yield f"  {'column':{NAME_WIDTH}}{'nats':>10}{'s.e.':>10}{'of H':>10}"
    for name, row in table.iterrows():
        yield (
            f"  {shorten(name):{NAME_WIDTH}}{row.mutual_info:10.3f}{row.standard_error:10.3f}"
            f"{report.share(row.mutual_info):10.1%}"
        )


def _counted(number, singular, plural=None):
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
