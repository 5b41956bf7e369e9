"""What a page asks beyond the fits: of columns, of pairs of columns, and of more rows."""

import warnings
from contextlib import contextmanager
from itertools import combinations
from numbers import Integral

import numpy as np
from sklearn.utils import Bunch

from .. import inspection
from .._classifier import MutualInfoClassifier
from .._engine._members import usual_folds
from .._inputs._cells import read_kinds
from ._progress import watch
from ._sample import stratified_rows

MOST_ROWS = 5000  # of which columns are asked
MOST_COLUMNS = 40
N_STRONGEST = 20  # of more columns than that, so many are asked
N_PAIRED = 6
FOLDS = 5
SHARES = (0.1, 0.18, 0.32, 0.56, 1.0)  # of the training rows, which the curve goes through
LEAST_FOR_CURVE = 100  # rows; of fewer, a tenth is nothing to learn from


def ask_columns(frame, y, codes, groups, alone, options):
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


def ask_curve(clf, X, y, codes, groups, options):
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
