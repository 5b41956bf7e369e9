"""The report: what there is to know about a label, and how much of it a table tells."""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from ._details import Details, details_to_dict, plain
from ._page import to_html
from ._plot import plot_report
from ._text import to_text

CONFIDENCE = 0.95


@dataclass(frozen=True)
class LossReport:
    """What the classifier with one loss found; information in nats.

    `behind` is how far this estimate lies below the highest of the report, with the standard
    error of the difference over the same rows; both are 0 for the highest itself.
    """

    loss: str
    mutual_info: float
    standard_error: float
    interval: tuple
    accuracy: float
    balanced_accuracy: float
    recall: tuple
    n_iter: int
    seconds: float
    behind: float = 0.0
    behind_standard_error: float = 0.0
    pointwise: np.ndarray = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Report:
    """What there is to know about a label, and how much of it a table tells; all in nats.

    Parameters
    ----------
    target : str
        Name of the label.
    n_rows : int
    classes : tuple of length n_classes
    counts : tuple of int
        Rows of each class.
    label_entropy : float
        H(Y), all that there is to know.
    losses : tuple of LossReport
        The estimate of I(X; Y) by each loss, with `mutual_info`, `standard_error`, `interval`,
        `accuracy`, `balanced_accuracy` and `recall` of held-out rows.
    columns : DataFrame of shape (n_columns, 4)
        `mutual_info` of each column alone, its `standard_error`, and the ends `low` and `high` of
        its 95 % interval.
    notes : tuple of str
        What the fits and the command line told of the table and its file.
    n_rows_left_out : int
        Rows without a label, which the command line leaves out.
    details : Details, default=None
        What :meth:`to_html` shows beyond all this, with ``details=True``; ``details.labels`` is a
        frame of all labels to doubt.

    See Also
    --------
    make_report : Makes one.
    """

    target: str
    n_rows: int
    classes: tuple
    counts: tuple
    label_entropy: float
    losses: tuple
    columns: pd.DataFrame
    notes: tuple = ()
    n_rows_left_out: int = 0
    details: Details = field(default=None, repr=False)

    @property
    def shares(self):
        """Share of each class."""
        return np.array(self.counts) / self.n_rows

    @property
    def best(self):
        """The loss with the highest estimate."""
        return max(self.losses, key=lambda result: result.mutual_info)

    @property
    def strongest_columns(self):
        """The columns from the strongest down."""
        return self.columns.sort_values("mutual_info", ascending=False, kind="stable")

    def share(self, nats):
        """Information as a share of H(Y)."""
        return nats / self.label_entropy

    def in_units(self, nats):
        """Information in nats, in bits and as a share of H(Y)."""
        return {
            "nats": float(nats),
            "bits": float(nats / math.log(2)),
            "share": float(self.share(nats)),
        }

    def to_dict(self):
        """All of the report as numbers, strings, lists and dicts that JSON knows."""
        return {
            "target": self.target,
            "n_rows": self.n_rows,
            "n_rows_left_out": self.n_rows_left_out,
            "notes": list(self.notes),
            "n_columns": len(self.columns),
            "classes": [
                {"label": plain(label), "count": int(count), "share": float(share)}
                for label, count, share in zip(self.classes, self.counts, self.shares, strict=True)
            ],
            "label_entropy": self.in_units(self.label_entropy),
            "most_frequent_class_accuracy": float(self.shares.max()),
            "losses": [self._loss_to_dict(result) for result in self.losses],
            "columns": [
                {
                    "column": str(name),
                    "mutual_info": self.in_units(row.mutual_info),
                    "standard_error": self.in_units(row.standard_error),
                }
                for name, row in self.strongest_columns.iterrows()
            ],
            "details": self.details and details_to_dict(self.details, self.in_units),
        }

    def to_json(self):
        """:meth:`to_dict` as JSON text; a number that is not finite becomes null."""
        return json.dumps(_finite(self.to_dict()), indent=2, allow_nan=False, ensure_ascii=False)

    def to_text(self):
        """The report for people, at most 80 characters wide."""
        return to_text(self)

    def to_frame(self):
        """The estimates in nats: of the table by each loss, and of each column.

        Returns
        -------
        frame : DataFrame
            Indexed by `of`, "table" or "column", and `name`, that of the loss or the column, the
            strongest column first. `mutual_info`, its `standard_error` and the ends `low` and
            `high` of its 95 % interval; `share` is `mutual_info` as a share of H(Y).
        """
        of_losses = [(r.mutual_info, r.standard_error, *r.interval) for r in self.losses]
        frames = {
            "table": pd.DataFrame(of_losses, [r.loss for r in self.losses], self.columns.columns),
            "column": self.strongest_columns,
        }
        frame = pd.concat(frames, names=["of", "name"])
        return frame.assign(share=self.share(frame["mutual_info"]))

    def to_html(self, path=None):
        """The report as one page that needs no network: text, tables and bars.

        A report made with ``details=True`` has all of it: columns beyond the others and in pairs,
        classes and with what they are mixed up, information against rows, labels to doubt. Every
        figure of the page is one of :meth:`to_dict`, to all digits in the `value` of a ``<data>``
        element. Texts of the table are escaped, and the page runs no script but its own.

        Parameters
        ----------
        path : str or path-like, default=None
            Where to save the page, in UTF-8.

        Returns
        -------
        page : str
        """
        page = to_html(self)
        if path is not None:
            Path(path).write_text(page, encoding="utf-8", newline="\n")
        return page

    def plot(self, path=None):
        """Draw the information of the table and of its columns, and the recall of each class.

        Parameters
        ----------
        path : str or path-like, default=None
            Where to save the picture; the suffix, such as .png or .svg, names the format.

        Returns
        -------
        figure : matplotlib.figure.Figure
            Not registered with pyplot, so that nothing needs closing.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        return plot_report(self, path)

    def __str__(self):
        return self.to_text()

    def _loss_to_dict(self, result):
        low, high = map(self.in_units, result.interval)
        return {
            "loss": result.loss,
            "mutual_info": self.in_units(result.mutual_info),
            "standard_error": self.in_units(result.standard_error),
            "interval": {"confidence_level": CONFIDENCE, "low": low, "high": high},
            "behind_highest": self.in_units(result.behind),
            "behind_highest_standard_error": self.in_units(result.behind_standard_error),
            "accuracy": result.accuracy,
            "balanced_accuracy": result.balanced_accuracy,
            "recall": list(result.recall),
            "n_iter": result.n_iter,
            "seconds": result.seconds,
        }


def _finite(value):
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
