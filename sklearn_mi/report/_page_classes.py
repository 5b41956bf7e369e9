"""The classes, with what they are mixed up, and the labels to doubt, as sections of a page."""

import numpy as np

from ._page_parts import count, counted, data, name, nats, paragraph, share, table, with_bar

CLASSES_SHOWN = 100
MATRIX_UP_TO = 20
LEVEL_HEADS = 5  # more are written upright
CONFUSIONS_SHOWN = 3
LEAST_CONFUSION = 0.01


def classes_section(report, told):
    """A table of the classes, the commonest first, and the matrix where it is small."""
    details = told["details"]
    order = np.argsort(-report.shares, kind="stable")[:CLASSES_SHOWN]
    best = next(each for each in told["losses"] if each["loss"] == report.best.loss)
    rows = [_row(told, best, k) for k in order]
    heads = ["Class", "Rows", "Recall"]
    heads += ["Told of its rows"] if details else []
    parts = [_about(told, details), table("Classes", heads, rows, "bars classes")]
    if details and 2 < len(told["classes"]) <= MATRIX_UP_TO:
        parts.append(_matrix(report, told, order))
    return "\n".join(parts)


def _about(told, details):
    if not details:
        return ""
    return paragraph(
        "<em>Recall</em> is the share of the rows of a class that are told right. <em>Told of its "
        "rows</em> is what is told of their label, in nats and on the mean, of all that there is "
        "to tell: the rarer a class, the more."
    )


def _row(told, best, k):
    one, details = told["classes"][k], told["details"]
    recall = best["recall"][k]
    cells = [
        name(one["label"], 40) + (_mixed_up(told, k) if details else ""),
        f"{count(one['count'])} <small>{share(one['share'])}</small>",
        with_bar(share(recall, 0), (0.0, 1.0), recall),
    ]
    if details:
        of_class = details["classes"][k]
        told_nats, most = of_class["mutual_info"]["nats"], of_class["most"]["nats"]
        scale = (min(0.0, told_nats), max(most, told_nats))
        figure = f"{nats(of_class['mutual_info'])} <small>of {nats(of_class['most'])}</small>"
        cells.append(with_bar(figure, scale, told_nats, kind="beyond"))
    return cells


def _mixed_up(told, k):
    """What the rows of a class are taken for, where it is not itself."""
    taken = told["details"]["confusion"][k]
    wrong = [j for j in np.argsort(taken)[::-1] if j != k and taken[j] > 0]
    wrong = [j for j in wrong if taken[j] >= LEAST_CONFUSION * sum(taken)][:CONFUSIONS_SHOWN]
    if not wrong:
        return ""
    parts = ", ".join(f"{name(told['classes'][j]['label'], 32)} {count(taken[j])}" for j in wrong)
    return f"<small>taken for {parts}</small>"


def _matrix(report, told, order):
    """Held-out rows of each class by what they were taken for."""
    labels = [name(told["classes"][k]["label"], 16) for k in order]
    rows = []
    for k, label in zip(order, labels, strict=True):
        taken = told["details"]["confusion"][k]
        total = max(1, sum(taken))
        cells = [_cell(taken[j], taken[j] / total, "hit" if j == k else "miss") for j in order]
        rows.append([label, *cells])
    caption = "Held-out rows of each class (down) by the class that they were taken for (across)"
    kind = "matrix upright" if len(rows) > LEVEL_HEADS else "matrix"
    heads = [f"<span>{label}</span>" for label in labels]
    return table(caption, ["", *heads], rows, kind, sortable=False)


def _cell(taken, of_class, kind):
    level = min(9, int(np.ceil(10 * of_class))) if taken else 0
    shown = count(taken) if taken else '<data value="0" class="none">·</data>'
    return f'<span class="{kind} level{level}">{shown}</span>'


def labels_section(report, told):
    """The rows whose label is most surprising."""
    labels = (told["details"] or {}).get("labels")
    if not labels:
        return ""
    if not labels["n_doubted"]:
        return paragraph("Every row seems to have the label that it has.")
    rows = [
        [
            _row_label(each["row"]),
            name(each["label"], 32),
            f"{name(each['suggestion'], 32)} "
            f"<small>{share(each['probability_of_suggestion'], 0)}</small>",
            with_bar(share(each["probability"]), (0.0, 1.0), each["probability"]),
        ]
        for each in labels["most_doubted"]
    ]
    heads = [
        "Row",
        "Label",
        "Seems to be",
        "Its label is right" if labels["noise_aware"] else "Probability of its label",
    ]
    return _about_labels(labels, len(rows)) + table(
        "Labels, the most doubtful first", heads, rows, "bars labels"
    )


def _row_label(row):
    return data(row, str(row)) if isinstance(row, int) else name(row)


def _about_labels(labels, n_shown):
    doubted = counted(labels["n_doubted"], "row")
    if labels["noise_aware"]:
        about = (
            f"The loss {name(labels['judge'])} tells the true class from the label. For {doubted} "
            "another class is more probable, given both the row and its label."
        )
    else:
        about = (
            f"For {doubted} another class is more probable than the label, by classifiers that "
            "never saw the row. Where classes overlap most of these labels are right: look at the "
            "first. The losses <code>dmi</code> and <code>forward</code> tell overlap and mistakes "
            "apart."
        )
    shown = (
        f"The {count(n_shown)} most doubtful are shown." if n_shown < labels["n_doubted"] else ""
    )
    return paragraph(about, shown)
