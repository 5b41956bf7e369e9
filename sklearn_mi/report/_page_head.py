"""The top of a page: how much of the label is told, in one sentence and one bar."""

from ._page_parts import bar, count, data, name, nats, paragraph, share, table


def head_of(report, told, sections):
    """Headline, bar, figures and the way to the sections."""
    best = next(each for each in told["losses"] if each["loss"] == report.best.loss)
    links = "".join(f'<li><a href="#{name}">{title}</a></li>' for name, title, _ in sections)
    return "\n".join(
        [
            f'<p class="eyebrow">Mutual information with {name(report.target, 40)}</p>',
            f"<h1>{_headline(report, best)}</h1>",
            _scale(report, told, best),
            _figures(report, told, best),
            _losses(told) if len(told["losses"]) > 1 else "",
            f'<nav aria-label="Sections"><ul>{links}</ul></nav>',
        ]
    )


def _headline(report, best):
    what = "table" if told_of_columns(report) else "images"
    tell = "tells" if told_of_columns(report) else "tell"
    target = name(report.target, 40)
    if report.best.interval[0] <= 0:
        return f"No sign that the {what} {tell} anything about {target}"
    told = share(best["mutual_info"]["share"], 0)
    return f"The {what} {tell} {told} of what there is to know about {target}"


def told_of_columns(report):
    """Whether there are columns, as images have none."""
    return len(report.columns) > 0


def _scale(report, told, best):
    """H(Y) as a track, filled as far as the table tells, and the same in figures."""
    interval, entropy = best["interval"], told["label_entropy"]
    low, high = interval["low"], interval["high"]
    ends = min(0.0, low["nats"]), max(entropy["nats"], high["nats"])
    track = bar(ends, best["mutual_info"]["nats"], low["nats"], high["nats"], "total")
    bits = [data(each["bits"], f"{each['bits']:z.3f}") for each in (best["mutual_info"], entropy)]
    level = share(interval["confidence_level"], 0)
    told_of_h = f"<strong>{nats(best['mutual_info'])} of {nats(entropy)} nats</strong>,"
    lead = paragraph(told_of_h, f"{level} interval {nats(low)} to {nats(high)}.", kind="lead")
    return f'<div aria-hidden="true">{track}</div>{lead}' + paragraph(
        f"H = {nats(entropy)} nats is the entropy of {name(report.target, 40)}, all there is to "
        f"know. In bits it is {bits[0]} of {bits[1]}. Each row is scored by what never saw it.",
        kind="soft",
    )


def _figures(report, told, best):
    commonest = report.classes[report.shares.argmax()]
    usual = told["most_frequent_class_accuracy"]
    left_out = told["n_rows_left_out"]
    without = f"and {count(left_out)} without a label, left out" if left_out else ""
    figures = [
        ("Rows", count(told["n_rows"]), without),
        ("Columns", count(told["n_columns"]), "") if told_of_columns(report) else None,
        ("Classes", count(len(told["classes"])), ""),
        (
            "Rows told right",
            share(best["accuracy"]),
            f"{share(usual)} by always saying {name(commonest, 24)}",
        ),
        (
            "Balanced accuracy",
            share(best["balanced_accuracy"]),
            "the mean over the classes",
        ),
    ]
    items = "".join(
        f"<div><dt>{term}</dt><dd>{figure}<small>{about}</small></dd></div>"
        for term, figure, about in filter(None, figures)
    )
    return f'<dl class="figures">{items}</dl>'


def _losses(told):
    rows = [
        [
            name(each["loss"]),
            f"{nats(each['mutual_info'])} <small>± {nats(each['standard_error'])}</small>",
            f"{nats(each['behind_highest'])} "
            f"<small>± {nats(each['behind_highest_standard_error'])}</small>",
            f"{share(each['accuracy'])} <small>balanced {share(each['balanced_accuracy'])}</small>",
        ]
        for each in told["losses"]
    ]
    heads = ["Loss", "Nats", "Behind", "Accuracy"]
    return table("By loss, with standard errors; the headline is of the highest", heads, rows)
