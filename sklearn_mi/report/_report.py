"""The report: what there is to know about a label, and how much of it a table tells."""

import json
import math
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np
import pandas as pd

from .._classifier import MutualInfoClassifier
from ..metrics._estimate import mean_and_standard_error
from ._columns import column_information
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
    """H(Y), I(X; Y) by each loss, and the information of single columns; all in nats.

    `notes` are what the user was told of the table, `n_rows_left_out` had no label.
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

    def to_dict(self):
        """All of the report as numbers, strings, lists and dicts that JSON knows."""
        return {
            "target": self.target,
            "n_rows": self.n_rows,
            "n_rows_left_out": self.n_rows_left_out,
            "notes": list(self.notes),
            "n_columns": len(self.columns),
            "classes": [
                {"label": _native(label), "count": int(count), "share": float(share)}
                for label, count, share in zip(self.classes, self.counts, self.shares, strict=True)
            ],
            "label_entropy": self._in_units(self.label_entropy),
            "most_frequent_class_accuracy": float(self.shares.max()),
            "losses": [self._loss_to_dict(result) for result in self.losses],
            "columns": [
                {
                    "column": str(name),
                    "mutual_info": self._in_units(row.mutual_info),
                    "standard_error": self._in_units(row.standard_error),
                }
                for name, row in self.strongest_columns.iterrows()
            ],
        }

    def to_json(self):
        """:meth:`to_dict` as JSON text; a number that is not finite becomes null."""
        return json.dumps(_finite(self.to_dict()), indent=2, allow_nan=False, ensure_ascii=False)

    def to_text(self):
        """The report for people, at most 80 characters wide."""
        return to_text(self)

    def _loss_to_dict(self, result):
        low, high = map(self._in_units, result.interval)
        return {
            "loss": result.loss,
            "mutual_info": self._in_units(result.mutual_info),
            "standard_error": self._in_units(result.standard_error),
            "interval": {"confidence_level": CONFIDENCE, "low": low, "high": high},
            "behind_highest": self._in_units(result.behind),
            "behind_highest_standard_error": self._in_units(result.behind_standard_error),
            "accuracy": result.accuracy,
            "balanced_accuracy": result.balanced_accuracy,
            "recall": list(result.recall),
            "n_iter": result.n_iter,
            "seconds": result.seconds,
        }

    def _in_units(self, nats):
        return {
            "nats": float(nats),
            "bits": float(nats / math.log(2)),
            "share": float(self.share(nats)),
        }


def make_report(X, y, *, losses=("ce",), cv=5, random_state=None, callbacks=None):
    """Estimate the mutual information of a table and a label, with one loss or several.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_samples, n_features)
    y : array-like of shape (n_samples,)
        Labels, none missing. The name of a Series becomes the name of the target.
    losses : sequence of str, default=("ce",)
        As the `loss` of :class:`~sklearn_mi.MutualInfoClassifier`.
    cv : int or cross-validation splitter, default=5
    random_state : int or None, default=None
        With an int, all losses share their folds.
    callbacks : list of skorch callbacks, default=None
        For all fits, such as a display of progress.

    Returns
    -------
    report : Report
    """
    results = []
    for loss in losses:
        clf = MutualInfoClassifier(loss, cv=cv, random_state=random_state, callbacks=callbacks)
        start = perf_counter()
        clf.fit(X, y)
        results.append(_loss_report(clf, y, perf_counter() - start))
    counts = np.unique(np.asarray(y), return_counts=True)[1]
    target = getattr(y, "name", None)
    return Report(
        target="y" if target is None else str(target),
        n_rows=len(y),
        classes=tuple(clf.classes_),
        counts=tuple(counts),
        label_entropy=clf.label_entropy_,
        losses=_ranked(results),
        columns=column_information(X, y, cv=cv, random_state=random_state),
    )


def _loss_report(clf, y, seconds):
    scored = np.isfinite(clf.oof_log_proba_).any(axis=1)
    labels = np.searchsorted(clf.classes_, np.asarray(y))[scored]
    hit = clf._under_priors(clf.oof_log_proba_[scored]).argmax(axis=1) == labels
    totals = np.bincount(labels, minlength=len(clf.classes_))
    recall = np.bincount(labels, weights=hit, minlength=len(totals)) / np.maximum(totals, 1)
    return LossReport(
        loss=clf.loss,
        mutual_info=clf.mutual_info_score_,
        standard_error=clf.mutual_info_stderr_,
        interval=clf.mutual_info_interval(CONFIDENCE),
        accuracy=float(hit.mean()),
        balanced_accuracy=float(recall[totals > 0].mean()),
        recall=tuple(recall.tolist()),
        n_iter=clf.n_iter_,
        seconds=seconds,
        pointwise=clf.oof_pointwise_mutual_info_[scored],
    )


def _ranked(results):
    """The results in their order, each with its distance from the highest over the same rows."""
    best = max(results, key=lambda result: result.mutual_info)
    return tuple(
        result
        if result is best
        else replace(
            result,
            behind=best.mutual_info - result.mutual_info,
            behind_standard_error=_paired_error(best.pointwise, result.pointwise),
        )
        for result in results
    )


def _paired_error(first, second):
    if first.shape != second.shape:  # random splits of their own
        return math.hypot(*(mean_and_standard_error(values)[1] for values in (first, second)))
    return mean_and_standard_error(first - second)[1]


def _native(label):
    """A label as JSON knows it."""
    label = label.item() if isinstance(label, np.generic) else label
    return label if isinstance(label, (str, int, float, bool)) else str(label)


def _finite(value):
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
