"""From a table and its label to the report on them."""

import math
import warnings
from dataclasses import replace
from time import perf_counter

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from .._classifier import MutualInfoClassifier
from .._inputs._checks import check_labels
from .._inputs._images import is_images
from ..losses import LOSSES, Loss
from ..metrics._estimate import mean_and_standard_error
from ._columns import ESTIMATE, as_columns, column_information
from ._make_details import decisions, make_details, name_of
from ._notes import warnings_told
from ._questions import splits_of
from ._report import CONFIDENCE, LossReport, Report


def make_report(
    X,
    y,
    *,
    losses=("ce",),
    cv="auto",
    groups=None,
    random_state=None,
    callbacks=None,
    details=False,
):
    """Report how much a table tells about a label, and how much each column tells alone.

    For each loss a :class:`~sklearn_mi.MutualInfoClassifier` is fitted, and its estimate of
    I(X; Y), accuracy and recall of held-out rows are taken down. Each column alone is cut into
    bins, and scored by their class frequencies, out of fold.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_samples, n_features)
        A table; see :class:`~sklearn_mi.MutualInfoClassifier` for what its columns may hold. Or
        images, of shape (n_samples, channels, height, width), which have no columns to ask.

    y : array-like of shape (n_samples,)
        Labels, none missing. The name of a Series becomes the name of the target.

    losses : sequence of str or Loss, default=("ce",)
        As the `loss` of :class:`~sklearn_mi.MutualInfoClassifier`, each once.

    cv : int, cross-validation splitter or "auto", default="auto"
        An int stands for that many shuffled stratified folds, "auto" for what
        :class:`~sklearn_mi.MutualInfoClassifier` takes it for, and for five where columns are asked
        one by one.

    groups : array-like of shape (n_samples,), default=None
        Rows of a group stay together, and standard errors are over groups.

    random_state : int or None, default=None
        With an int, all losses share their folds.

    callbacks : list of skorch callbacks, default=None
        For all fits, such as a display of progress.

    details : bool, default=False
        Whether to ask all that the page of :meth:`Report.to_html` shows: what each column tells
        beyond the others, which pairs need or repeat each other, with what each class is mixed up,
        what more rows would tell, which labels seem wrong. Takes several times as long as the
        estimate itself; columns are asked of at most 5,000 rows, and of more than 40 columns the
        20 strongest.

    Returns
    -------
    report : Report
        With `to_text`, `to_frame`, `to_dict`, `to_json`, `to_html` and `plot`.

    Raises
    ------
    ValueError
        If `losses` is empty or names one twice, or if X, y or groups cannot be used.

    See Also
    --------
    sklearn_mi.MutualInfoClassifier : The estimator behind it.

    Notes
    -----
    The values of the columns do not add up to that of the table: what two columns both say counts
    twice, and what they tell only together is not counted at all. From a file, the command
    ``python -m sklearn_mi report table.csv --target NAME`` makes such a report, by default with
    "ce" and "pc_softmax" and seed 0, without the rows that have no label.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_mi.report import make_report
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> report = make_report(X, y, cv=2, random_state=0)
    >>> print(report.to_text())
    150 rows, 4 columns, 3 classes of target:
    ...
    >>> report.to_frame()["mutual_info"].idxmax()
    ('table', 'ce')
    """
    target, notes = getattr(y, "name", None), []
    with warnings_told(notes):
        fits = [
            _fit(loss, X, y, cv=cv, groups=groups, random_state=random_state, callbacks=callbacks)
            for loss in _check_losses(losses)
        ]
    codes = check_labels(y, len(fits[0][0].oof_log_proba_))[1]
    results = _ranked([_loss_report(clf, codes, seconds) for clf, seconds in fits])
    options = {"cv": cv, "groups": groups, "random_state": random_state}
    frame = None if is_images(X, None) else as_columns(X)
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # the fits have told it
        columns = _columns(frame, y, codes, **options)
        options = Bunch(**options, callbacks=callbacks, confidence=CONFIDENCE)
        found = _details(fits, results, X, y, codes, frame, columns, options) if details else None
    clf = fits[0][0]
    return Report(
        target="y" if target is None else str(target),
        n_rows=len(codes),
        classes=tuple(clf.classes_),
        counts=tuple(np.bincount(codes)),
        label_entropy=clf.label_entropy_,
        losses=results,
        columns=columns,
        notes=tuple(notes),
        details=found,
    )


def _fit(loss, X, y, groups, **options):
    """A fitted classifier, and how long it took."""
    start = perf_counter()
    clf = MutualInfoClassifier(loss, **options).fit(X, y, groups=groups)
    return clf, perf_counter() - start


def _columns(frame, y, codes, cv, **options):
    if frame is None:
        return pd.DataFrame(columns=ESTIMATE, dtype=float)
    cv = splits_of(cv, codes, options["groups"])
    return column_information(frame, y, cv=cv, **options)


def _details(fits, results, *arguments):
    best = int(np.argmax([result.mutual_info for result in results]))
    return make_details([clf for clf, _ in fits], best, *arguments)


def _check_losses(losses):
    losses = [losses] if isinstance(losses, (str, Loss)) else list(losses)
    if not losses or any(losses.count(loss) > 1 for loss in losses):
        raise ValueError(
            f"losses={losses!r} must have at least one loss, and each once; known by name are "
            f"{', '.join(map(repr, LOSSES))}."
        )
    return losses


def _loss_report(clf, codes, seconds):
    scored, taken_for = decisions(clf)
    labels = codes[scored]
    hit = taken_for == labels
    totals = np.bincount(labels, minlength=len(clf.classes_))
    recall = np.bincount(labels, weights=hit, minlength=len(totals)) / np.maximum(totals, 1)
    return LossReport(
        loss=name_of(clf),
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
