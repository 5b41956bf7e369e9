"""From a table and its label to the report on them."""

import math
import warnings
from dataclasses import replace
from time import perf_counter

import numpy as np

from .._classifier import MutualInfoClassifier
from .._inputs._checks import check_labels
from ..losses import LOSSES, Loss
from ..metrics._estimate import mean_and_standard_error
from ._columns import column_information
from ._report import CONFIDENCE, LossReport, Report


def make_report(X, y, *, losses=("ce",), cv=5, groups=None, random_state=None, callbacks=None):
    """Report how much a table tells about a label, and how much each column tells alone.

    For each loss a :class:`~sklearn_mi.MutualInfoClassifier` is fitted, and its estimate of
    I(X; Y), accuracy and recall of held-out rows are taken down. Each column alone is cut into
    bins, and scored by their class frequencies, out of fold.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_samples, n_features)
        A table; see :class:`~sklearn_mi.MutualInfoClassifier` for what its columns may hold.

    y : array-like of shape (n_samples,)
        Labels, none missing. The name of a Series becomes the name of the target.

    losses : sequence of str or Loss, default=("ce",)
        As the `loss` of :class:`~sklearn_mi.MutualInfoClassifier`, each once.

    cv : int or cross-validation splitter, default=5
        An int stands for that many shuffled stratified folds.

    groups : array-like of shape (n_samples,), default=None
        Rows of a group stay together, and standard errors are over groups.

    random_state : int or None, default=None
        With an int, all losses share their folds.

    callbacks : list of skorch callbacks, default=None
        For all fits, such as a display of progress.

    Returns
    -------
    report : Report
        With `to_text`, `to_frame`, `to_dict`, `to_json` and `plot`.

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
    >>> report = make_report(X, y, random_state=0)
    >>> print(report.to_text())
    150 rows, 4 columns, 3 classes of target:
    ...
    >>> report.to_frame()["mutual_info"].idxmax()
    ('table', 'ce')
    """
    results, target = [], getattr(y, "name", None)
    for loss in _check_losses(losses):
        clf = MutualInfoClassifier(loss, cv=cv, random_state=random_state, callbacks=callbacks)
        start = perf_counter()
        clf.fit(X, y, groups=groups)
        codes = check_labels(y, len(clf.oof_log_proba_))[1]
        results.append(_loss_report(clf, codes, perf_counter() - start))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the fits have told it
        columns = column_information(X, y, cv=cv, groups=groups, random_state=random_state)
    return Report(
        target="y" if target is None else str(target),
        n_rows=len(codes),
        classes=tuple(clf.classes_),
        counts=tuple(np.bincount(codes)),
        label_entropy=clf.label_entropy_,
        losses=_ranked(results),
        columns=columns,
    )


def _check_losses(losses):
    losses = [losses] if isinstance(losses, (str, Loss)) else list(losses)
    if not losses or any(losses.count(loss) > 1 for loss in losses):
        raise ValueError(
            f"losses={losses!r} must have at least one loss, and each once; known by name are "
            f"{', '.join(map(repr, LOSSES))}."
        )
    return losses


def _loss_report(clf, codes, seconds):
    scored = np.isfinite(clf.oof_log_proba_).any(axis=1)
    labels = codes[scored]
    hit = clf._under_priors(clf.oof_log_proba_[scored]).argmax(axis=1) == labels
    totals = np.bincount(labels, minlength=len(clf.classes_))
    recall = np.bincount(labels, weights=hit, minlength=len(totals)) / np.maximum(totals, 1)
    return LossReport(
        loss=clf.loss if isinstance(clf.loss, str) else type(clf.loss).__name__,
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
