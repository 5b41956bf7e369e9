"""From the rows and what was fitted on them to the details of a report."""

import platform
from datetime import UTC, datetime
from importlib.metadata import version

import numpy as np
import pandas as pd

from .. import inspection
from .._inputs._checks import check_groups
from .._inputs._repeated_rows import number_rows
from .._version import __version__
from ..metrics._estimate import class_frequencies, mean_and_standard_error, means_of_groups
from ._details import Details
from ._questions import ask_columns, ask_curve

LIBRARIES = ("numpy", "pandas", "scikit-learn", "torch")


def make_details(fits, best, X, y, codes, frame, alone, options):
    """Ask all that a page tells beyond the estimate.

    Parameters
    ----------
    fits : list of fitted MutualInfoClassifier
    best : int
        The place of the one with the highest estimate.
    X, y : array-like
        As they were fitted.
    codes : int ndarray of shape (n,)
        Encoded labels.
    frame : DataFrame or None
        X as a table; None of images.
    alone : DataFrame
        What each column tells alone, see `column_information`.
    options : Bunch
        `confidence`, and `cv`, `groups`, `random_state`, `callbacks` of the report.
    """
    groups = check_groups(options.groups, len(codes))
    noisy = [clf for clf in fits if hasattr(clf, "noise_matrix_")]
    judge = max(noisy, key=lambda clf: clf.mutual_info_score_) if noisy else fits[best]
    repeated, contradicting = _repeated(X if frame is None else frame, codes)
    return Details(
        confusion=_confusion(fits[best], codes),
        classes=_classes(fits[best], codes, groups),
        labels=_doubted(judge, X, y, frame),
        judge=name_of(judge),
        noise_aware=bool(noisy),
        n_repeated_rows=repeated,
        n_contradicting_rows=contradicting,
        columns=ask_columns(frame, y, codes, groups, alone, options),
        curve=ask_curve(fits[best], X, y, codes, groups, options),
        made=_made(options),
    )


def name_of(clf):
    """The loss of a classifier, by its name."""
    return clf.loss if isinstance(clf.loss, str) else type(clf.loss).__name__


def decisions(clf):
    """Which rows were held out, and the class that each of them was taken for."""
    scored = np.isfinite(clf.oof_log_proba_).any(axis=1)
    return scored, clf._under_priors(clf.oof_log_proba_[scored]).argmax(axis=1)


def _confusion(clf, codes):
    scored, taken_for = decisions(clf)
    n_classes = len(clf.classes_)
    cells = codes[scored] * n_classes + taken_for
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)


def _classes(clf, codes, groups):
    """What the table tells about the rows of each class, and the most that there is to tell."""
    pointwise = clf.oof_pointwise_mutual_info_
    found = []
    for k in range(len(clf.classes_)):
        rows = (codes == k) & np.isfinite(pointwise)
        found.append(_mean_of(pointwise[rows], None if groups is None else groups[rows]))
    table = pd.DataFrame(found, columns=["mutual_info", "standard_error"])
    return table.assign(most=-np.log(class_frequencies(codes, len(clf.classes_))))


def _mean_of(pointwise, groups):
    """Their mean and its standard error, which a single row or group does not have: NaN."""
    units, weight = means_of_groups(pointwise, None, groups)
    if len(units) < 2:
        return (units[0] if len(units) else np.nan), np.nan
    return mean_and_standard_error(units, weight)


def _doubted(judge, X, y, frame):
    """The rows that seem to have another label, the most surprising first."""
    result = inspection.label_quality(judge, X, y)
    posterior = np.nan_to_num(result.posterior)
    likeliest = posterior.argmax(axis=1)
    own = np.where(np.isnan(result.quality), 1.0, result.quality)
    table = pd.DataFrame(
        {
            "row": np.arange(len(own)) if frame is None else frame.index,
            "label": np.asarray(y),
            "suggestion": judge.classes_[likeliest],
            "probability": own,
            "probability_of_suggestion": posterior.max(axis=1),
        }
    )
    table = table[own < posterior.max(axis=1)]
    return table.sort_values("probability", kind="stable").reset_index(drop=True)


def _repeated(X, codes):
    """How many rows equal one before, and how many equal one with another label."""
    number = number_rows(X)
    labels = pd.Series(codes).groupby(number).transform("nunique")
    return int(len(number) - len(np.unique(number))), int((labels > 1).sum())


def _made(options):
    versions = {"sklearn-mi": __version__, "python": platform.python_version()}
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "random_state": options.random_state,
        "cv": options.cv if isinstance(options.cv, (int, str)) else type(options.cv).__name__,
        "versions": versions | {name: version(name) for name in LIBRARIES},
    }
