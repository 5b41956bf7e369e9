"""From the rows and what was fitted on them to the details of a report."""

import platform
import warnings
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import combinations
from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from .. import inspection
from .._classifier import MutualInfoClassifier
from .._engine._members import usual_folds
from .._inputs._cells import read_kinds
from .._inputs._checks import check_groups
from .._inputs._repeated_rows import number_rows
from .._version import __version__
from ..metrics._estimate import class_frequencies
from ..model_selection._cross_val import estimate
from ._details import Details
from ._progress import watch
from ._sample import stratified_rows

MOST_ROWS = 5000  # of which columns and curve are asked
MOST_COLUMNS = 40
N_STRONGEST = 20  # of more columns than that, so many are asked
N_PAIRED = 6
FOLDS = 5
SHARES = (0.1, 0.18, 0.32, 0.56, 1.0)  # of the training rows, which the curve goes through
LEAST_FOR_CURVE = 100  # rows; of fewer, a tenth is nothing to learn from
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
        classes=_classes(fits[best], codes, groups, options.confidence),
        labels=_doubted(judge, X, y, frame),
        judge=name_of(judge),
        noise_aware=bool(noisy),
        n_repeated_rows=repeated,
        n_contradicting_rows=contradicting,
        columns=_ask_columns(frame, y, codes, groups, alone, options),
        curve=_ask_curve(fits[best], X, y, codes, groups, options),
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


def _classes(clf, codes, groups, confidence):
    """What the table tells about the rows of each class, and the most that there is to tell."""
    pointwise = clf.oof_pointwise_mutual_info_
    found = []
    for k in range(len(clf.classes_)):
        rows = (codes == k) & np.isfinite(pointwise)
        of_class = None if groups is None else groups[rows]
        some = rows.any()
        found.append(estimate(pointwise[rows], of_class, confidence)[:2] if some else (np.nan,) * 2)
    table = pd.DataFrame(found, columns=["mutual_info", "standard_error"])
    return table.assign(most=-np.log(class_frequencies(codes, len(clf.classes_))))


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


def _ask_columns(frame, y, codes, groups, alone, options):
    """What columns tell beyond the others and in pairs, of some rows and columns if many."""
    if frame is None:
        return None
    rows = stratified_rows(codes, MOST_ROWS, options.random_state)
    order = np.argsort(-alone["mutual_info"].to_numpy(), kind="stable")
    every, sampled = frame.shape[1] <= MOST_COLUMNS, len(rows) < len(codes)
    places = [[int(j)] for j in np.sort(order if every else order[:N_STRONGEST])]
    asked = _Asked(frame.iloc[rows], codes[rows], rows, groups, places, options, sampled)
    n_subsets = 1 + len(places) * (2 if frame.shape[1] > 2 else 1)
    title = "columns" if every else f"the {len(places)} strongest columns"
    found = asked(title, n_subsets, kind=("marginal", "conditional"))
    strongest = np.argsort(-np.maximum(found.marginal, found.conditional), kind="stable")
    pairs = list(combinations(np.sort(strongest[:N_PAIRED]).tolist(), 2))
    if pairs:
        n_subsets = 1 + len(strongest[:N_PAIRED]) + len(pairs)
        told = asked("pairs of columns", n_subsets, kind="interaction", pairs=pairs)
        found |= {name: told[name] for name in told if name.startswith(("interaction", "pairs"))}
    names = [str(frame.columns[j]) for (j,) in places]
    kinds = [kind for j, kind in enumerate(read_kinds(frame)) if [j] in places]
    return Bunch(**found | dict(names=names, kinds=kinds, n_rows=len(rows), n_columns=len(alone)))


class _Asked:
    """Questions to columns, of the same rows and splits."""

    def __init__(self, X, y, rows, groups, places, options, sampled):
        self.X, self.y, self.places, self.options = X, y, places, options
        self.groups = None if groups is None else groups[rows]
        self.cv = splits_of(options.cv, y, self.groups, sampled)

    def __call__(self, title, n_subsets, **question):
        options = self.options
        learnt = n_subsets * rows_learnt(self.cv, len(self.y))
        with quietly(), watch(options.callbacks, title, learnt) as callbacks:
            return inspection.feature_mutual_info(
                self.X,
                self.y,
                estimator=MutualInfoClassifier(callbacks=callbacks),
                feature_groups=self.places,
                cv=self.cv,
                groups=self.groups,
                confidence_level=options.confidence,
                random_state=options.random_state,
                **question,
            )


def _ask_curve(clf, X, y, codes, groups, options):
    """Information against rows, by the loss with the highest estimate; None where rows are few."""
    if len(codes) < LEAST_FOR_CURVE:
        return None
    cv = splits_of(options.cv, codes, groups)
    learnt = sum(SHARES) * rows_learnt(cv, len(codes))
    with quietly(), watch(options.callbacks, "more rows", learnt) as callbacks:
        return inspection.mutual_info_curve(
            MutualInfoClassifier(clf.loss, callbacks=callbacks),
            X,
            y,
            train_sizes=SHARES,
            cv=cv,
            groups=groups,
            confidence_level=options.confidence,
            random_state=options.random_state,
        )


@contextmanager
def quietly():
    """Without the warnings that the fits have given, and those of classes that parts lack."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def splits_of(cv, codes, groups, sampled=False):
    """Those of the report, but "auto" and a list of splits that a sample has not are five folds.

    Or as many as there are groups.
    """
    known = isinstance(cv, Integral) or cv is None or hasattr(cv, "split") or not sampled
    if isinstance(cv, str) or not known:
        return min(FOLDS, usual_folds(codes, groups))
    return cv


def rows_learnt(cv, n_rows):
    """How many rows the networks of a cross-validation learn from, each counted for itself."""
    return ((cv if isinstance(cv, Integral) else FOLDS) - 1) * n_rows


def _made(options):
    versions = {"sklearn-mi": __version__, "python": platform.python_version()}
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "random_state": options.random_state,
        "cv": options.cv if isinstance(options.cv, (int, str)) else type(options.cv).__name__,
        "versions": versions | {name: version(name) for name in LIBRARIES},
    }
