"""Reports that are written down instead of fitted, and a reader of pages."""

from html.parser import HTMLParser

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from sklearn_mi.report import Report
from sklearn_mi.report._details import Details
from sklearn_mi.report._report import LossReport

VOID = {"meta", "link", "rect", "path", "circle"}


def made_report(columns=("a", "b", "c"), classes=("no", "yes", "maybe"), target="y", **changes):
    """A report on 100 rows with odd figures, so that no two of them are the same by chance."""
    rng = np.random.RandomState(0)
    estimates = rng.rand(len(columns), 4)
    n_classes = len(classes)
    counts = tuple(np.diff([0, *(10 + 5 * k for k in range(n_classes - 1)), 100]).tolist())
    given = {
        "target": target,
        "n_rows": 100,
        "classes": classes,
        "counts": counts,
        "label_entropy": 0.987654,
        "losses": (_loss("ce", 0.43218, n_classes), _loss("pc_softmax", 0.41111, n_classes)),
        "columns": pd.DataFrame(
            estimates, columns, ["mutual_info", "standard_error", "low", "high"]
        ),
        "details": made_details(columns, classes),
    }
    return Report(**given | changes)


def _loss(name, value, n_classes):
    interval = (value - 0.0711, value + 0.0722)
    recall = tuple(np.linspace(0.7123, 0.9234, n_classes))
    options = {"n_iter": 7, "seconds": 1.25, "behind": 0.43218 - value}
    return LossReport(name, value, 0.03617, interval, 0.8123, 0.7654, recall, **options)


def made_details(columns, classes, **changes):
    rng = np.random.RandomState(1)
    n_classes, n_columns = len(classes), len(columns)
    labels = pd.DataFrame(
        {
            "row": [31, 47],
            "label": [classes[0], classes[1]],
            "suggestion": [classes[1], classes[0]],
            "probability": [0.0123, 0.2468],
            "probability_of_suggestion": [0.9531, 0.7135],
        }
    )
    given = {
        "confusion": rng.randint(1, 90, (n_classes, n_classes)),
        "classes": pd.DataFrame(
            rng.rand(n_classes, 3), columns=["mutual_info", "standard_error", "most"]
        ),
        "labels": labels,
        "judge": "ce",
        "noise_aware": False,
        "n_repeated_rows": 17,
        "n_contradicting_rows": 13,
        "columns": made_columns(columns, rng) if n_columns else None,
        "curve": made_curve(),
        "made": {"command": "sklearn-mi report <t>.csv", "versions": {"numpy": "2.0.1"}},
    }
    return Details(**given | changes)


def made_columns(names, rng):
    pairs = np.array([(0, 1), (1, 2)])
    found = Bunch(names=list(names), kinds=["number"] * len(names), n_rows=60, n_columns=len(names))
    for kind, size in [("marginal", len(names)), ("conditional", len(names)), ("interaction", 2)]:
        value = rng.rand(size) - 0.5
        found[kind] = value
        found[f"{kind}_stderr"] = np.full(size, 0.011)
        found[f"{kind}_low"], found[f"{kind}_high"] = value - 0.021, value + 0.021
    found |= dict(total=0.4567, total_stderr=0.0345, total_low=0.3456, total_high=0.5678)
    return Bunch(**found, pairs=pairs)


def made_curve():
    curve = Bunch(train_sizes=np.array([10, 33, 66]), label_entropy=0.987654, is_power_law=True)
    values = {
        "mutual_info": np.array([0.1111, 0.2222, 0.3333]),
        "doubled": 0.4444,
        "asymptote": 0.5555,
        "fitted": np.array([0.1212, 0.2323, 0.3434, 0.4545]),
    }
    for name, value in values.items():
        curve |= {name: value, f"{name}_stderr": 0.0202 + 0 * value}
        curve |= {f"{name}_low": value - 0.0313, f"{name}_high": value + 0.0313}
    return Bunch(**curve, fitted_sizes=np.array([10.0, 33.0, 66.0, 264.0]))


class Page(HTMLParser):
    """What a browser makes of a page: its tags, attributes, figures and texts."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.attributes, self.figures, self.texts = [], [], [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, key, value) for key, value in attrs]
        given = dict(attrs)
        if tag == "data":
            self.figures.append([float(given["value"]), ""])
        if "data-value" in given:
            self.figures.append([float(given["data-value"]), ""])
        if tag not in VOID:
            self.open.append((tag, "data-value" in given))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag, f"</{tag}> closes nothing"

    def handle_data(self, text):
        within = [tag for tag, _ in self.open]
        if "data" in within or any(figure for _, figure in self.open):
            self.figures[-1][1] += text
        else:
            self.texts.append((within, text))

    def text_of(self, tag):
        """All text within a kind of element."""
        return [text for within, text in self.texts if tag in within]
