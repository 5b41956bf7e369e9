"""What a page tells beyond the estimate, as plain data."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

LABELS_SHOWN = 40
FIGURES = ("", "_stderr", "_low", "_high")
NAMES_OF_FIGURES = ("mutual_info", "standard_error", "low", "high")


@dataclass(frozen=True)
class Details:
    """What a page tells beyond the estimate; information in nats.

    Parameters
    ----------
    confusion : int ndarray of shape (n_classes, n_classes)
        Held-out rows of each class (row) by the class that they were taken for (column), by the
        best loss.
    classes : DataFrame of shape (n_classes, 3)
        `mutual_info`, the mean over the rows of a class of what the table tells about their label,
        its `standard_error`, and `most`, -log of the share of the class.
    labels : DataFrame
        Rows that seem to have another label, the most surprising first: `row`, `label`,
        `suggestion`, `probability` of the label and `probability_of_suggestion`.
    judge : str
        The loss whose probabilities these are.
    noise_aware : bool
        Whether it tells the true class from the label; then `probability` is that the label is
        right, else that a fresh row of this kind would have it.
    n_repeated_rows : int
        Rows that are equal to one before, in every column.
    n_contradicting_rows : int
        Rows that are equal to one with another label, in every column.
    columns : Bunch, default=None
        What :func:`~sklearn_mi.inspection.feature_mutual_info` found, with "marginal",
        "conditional" and maybe "interaction"; and `n_rows`, how many were asked, `n_columns`, of
        how many these are, and their `kinds`.
    curve : Bunch, default=None
        What :func:`~sklearn_mi.inspection.mutual_info_curve` found.
    made : dict, default={}
        How the report was made.
    """

    confusion: np.ndarray
    classes: pd.DataFrame
    labels: pd.DataFrame
    judge: str
    noise_aware: bool
    n_repeated_rows: int = 0
    n_contradicting_rows: int = 0
    columns: Bunch = None
    curve: Bunch = None
    made: dict = field(default_factory=dict)


def details_to_dict(details, in_units):
    """All of it as numbers, strings, lists and dicts.

    Parameters
    ----------
    details : Details
    in_units : callable
        Nats to a dict of units.
    """
    return {
        "confusion": details.confusion.tolist(),
        "classes": [
            {name: in_units(value) for name, value in row.items()}
            for row in details.classes.to_dict("records")
        ],
        "labels": {
            "judge": details.judge,
            "noise_aware": details.noise_aware,
            "n_doubted": len(details.labels),
            "most_doubted": [
                {name: plain(value) for name, value in row.items()}
                for row in details.labels.head(LABELS_SHOWN).to_dict("records")
            ],
        },
        "n_repeated_rows": details.n_repeated_rows,
        "n_contradicting_rows": details.n_contradicting_rows,
        "columns": details.columns and _columns_to_dict(details.columns, in_units),
        "curve": details.curve and _curve_to_dict(details.curve, in_units),
        "made": dict(details.made),
    }


def _columns_to_dict(found, in_units):
    def of(kind, *place):
        return _figures([found[kind + end] for end in FIGURES], place, in_units)

    return {
        "n_rows": found.n_rows,
        "n_columns": found.n_columns,
        "total": of("total"),
        "columns": [
            {
                "column": name,
                "kind": kind,
                "alone": of("marginal", j),
                "beyond_the_others": of("conditional", j),
            }
            for j, (name, kind) in enumerate(zip(found.names, found.kinds, strict=True))
        ],
        "pairs": [
            {"columns": [found.names[j] for j in pair], "interaction": of("interaction", p)}
            for p, pair in enumerate(found.get("pairs", ()))
        ],
    }


def _curve_to_dict(curve, in_units):
    def of(kind, *place):
        return _figures([curve[kind + end] for end in FIGURES], place, in_units)

    return {
        "points": [
            {"n_rows": int(n)} | of("mutual_info", k) for k, n in enumerate(curve.train_sizes)
        ],
        "is_power_law": curve.is_power_law,
        "doubled": of("doubled"),
        "asymptote": of("asymptote"),
    }


def _figures(values, place, in_units):
    values = [value[place] if place else value for value in values]
    return {name: in_units(value) for name, value in zip(NAMES_OF_FIGURES, values, strict=True)}


def plain(value):
    """A number or a label as JSON knows it."""
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, (str, int, float, bool)) else str(value)
