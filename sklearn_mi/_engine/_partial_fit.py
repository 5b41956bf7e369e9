"""Learning from a stream: each chunk of rows is scored before it is learnt."""

import re
import reprlib
import warnings
from contextlib import contextmanager
from dataclasses import replace
from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.base import _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import PredefinedSplit

from .._inputs._arrays import read_weights
from .._inputs._checks import check_classes, check_labels, check_table
from .._inputs._repeated_rows import warn_of_rows_again
from .._inputs._sparse_rows import SparseRows
from ..exceptions import CheckpointWarning, LeakageWarning, warn
from ..metrics._estimate import label_entropy
from ..metrics._prequential import information_of_chunk, information_of_stream
from ._rare_classes import open_frequencies
from ._recent_rows import Chunk, RecentRows
from ._resources import repeatable, trainable

HISTORY = {"n_samples": int, "mutual_info": float, "stderr": float}
FITTED_BEFORE = (
    "This classifier was fitted by fit, whose rows it does not remember: if some of them come "
    "again, their score, and with it mutual_info_score_, is too high. Pass rows that it has not "
    "seen."
)
NOT_KEPT = (
    "checkpoint={!r} keeps nothing of partial_fit. Store the classifier after a chunk, for example "
    "by pickle, and go on with the next one."
)
NOT_TOLD = "Callbacks of scikit-learn are not told of what partial_fit does."
NUMBERS = re.compile(r"(?<!\w)\d[\d,.%]*")
REPEATED = ConvergenceWarning, RuntimeWarning
OF_STREAMS = "_recent_rows", "_told", "mutual_info_history_", "n_samples_seen_", "_n_rows_in_passes"


class PartialFitMixin:
    """`partial_fit` of a classifier that fits, scores and answers as `MutualInfoClassifier`."""

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Score a chunk of a stream, and then learn from it.

        The latest 50,000 rows are remembered. Networks and companions are trained on them, as
        `fit` does it, whenever a quarter as many are new as were learnt the last time, or a class
        comes for the first time; rows in between are scored and wait. So the work for a row does
        not grow with the stream. That nothing scores what it has seen asks for rows that come
        once: to go over them again makes the estimate too high.

        After every call `mutual_info_score_`, `mutual_info_stderr_` and `label_entropy_` speak of
        the remembered rows: each is scored by the networks that held it out, as by `fit`, and from
        the mean is taken by how much the rows of the latest third told less before they were
        learnt. So it is what is certified of rows to come, even where rows are like those of their
        time. `mutual_info_history_` is a dict of arrays over the chunks, "n_samples", "mutual_info"
        and "stderr" in nats, where a drift shows; in it each chunk stands alone, by what was known
        before it, with the frequencies of its own labels, which makes it too low by about
        (K - 1) / 2n for n rows of K classes. The first chunk is scored by cross-validation.
        `oof_log_proba_` and `oof_pointwise_mutual_info_` are of the rows that were remembered at
        the last training.

        A `checkpoint` has no part in it: store the classifier between two chunks.

        After `fit`, which keeps no rows, the networks stay as they are until as many rows have come
        as it had; from then on they know these alone.

        Parameters
        ----------
        X : DataFrame, array-like or sparse matrix of shape (n_samples, n_features)
            As for `fit`, with the same columns in the same order each time; at least 10 rows on
            the first call.
        y : array-like of shape (n_samples,)
            Of some or all of the classes.
        classes : array-like of shape (n_classes,), default=None
            All that will come, on the first call. One without rows so far has the probability that
            an estimate with half a row more for each class gives it; as long as all rows are of
            one class, so has the standard error.
        sample_weight : array-like of shape (n_samples,), default=None
            On one scale for all calls, unlike `fit`.

        Returns
        -------
        self : MutualInfoClassifier

        Raises
        ------
        ValueError
            If `classes` is missing on the first call or differs on a later one, y has others, or
            the rows cannot be used. The classifier then is as before the call.

        Warns
        -----
        LeakageWarning
            If rows of the chunk are among the remembered ones, more than chance explains.

        Examples
        --------
        >>> from sklearn.datasets import make_classification
        >>> from sklearn_mi import MutualInfoClassifier
        >>> X, y = make_classification(n_samples=400, random_state=0)
        >>> clf = MutualInfoClassifier(cv=2, max_iter=5, estimators=None, random_state=0)
        >>> for rows in range(0, 400, 100):
        ...     chunk = slice(rows, rows + 100)
        ...     clf = clf.partial_fit(X[chunk], y[chunk], classes=[0, 1])
        >>> clf.mutual_info_history_["n_samples"]
        array([100, 100, 100, 100])
        """
        after = self._twin()  # a call that fails leaves all as it was
        after._go_on(X, y, classes, sample_weight)
        vars(self).update(vars(after))
        return self

    def _twin(self):
        twin = object.__new__(type(self))
        vars(twin).update(vars(self))
        return twin

    def _forget_stream(self):
        for name in OF_STREAMS:
            vars(self).pop(name, None)

    def _go_on(self, X, y, classes, sample_weight):
        self._refuse_fixed_splits()
        if getattr(self, "_skl_callbacks", []):
            warn(NOT_TOLD)
        fitted = self.__sklearn_is_fitted__()
        classes = self._classes_of_stream(classes, fitted)
        table = check_table(self, X, reset=not fitted)
        labels = check_labels(y, len(table), classes)[1]
        chunk = _chunk(table, labels, sample_weight)
        if not hasattr(self, "_recent_rows"):
            self._begin_stream(fitted)
        if fitted:
            known = self._known_of(chunk)
            chunk = replace(chunk, before=known, now=known)
        n_before = len(self._recent_rows)
        self._recent_rows = self._recent_rows.and_then(chunk)
        warn_of_rows_again(self._recent_rows.rows, n_before)
        if self._recent_rows.are_due:
            self._told = self._told[:]
            with said_once(self._told):
                self._learn(self._recent_rows, classes)
        self._estimate_stream(self._recent_rows)

    def _begin_stream(self, fitted):
        n_rows = fitted and (self._n_rows_in_passes or len(self.oof_log_proba_))
        known = (n_rows, range(len(self.classes_))) if fitted else ()
        if self.checkpoint is not None:
            warn(NOT_KEPT.format(self.checkpoint), CheckpointWarning)
        if fitted:
            warn(FITTED_BEFORE, LeakageWarning)
        self._recent_rows, self.n_samples_seen_, self._told = RecentRows(*known), 0, []
        self.mutual_info_history_ = {name: np.empty(0, kind) for name, kind in HISTORY.items()}

    def _refuse_fixed_splits(self):
        cv = self.cv
        grows = cv is None or isinstance(cv, (Integral, str)) or hasattr(cv, "split")
        if not grows or isinstance(cv, PredefinedSplit):
            raise ValueError(
                f"cv={reprlib.repr(cv)} has splits of given rows, while those of a stream "
                'grow in number. Pass a number of folds, a splitter, "auto" or None.'
            )

    def _classes_of_stream(self, classes, fitted):
        if not fitted and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        if classes is None:
            return self.classes_
        classes = check_classes(classes)
        if fitted and not np.array_equal(classes, self.classes_):
            raise ValueError(
                f"`classes={classes.tolist()!r}` is not the same as on last call to partial_fit, "
                f"was: {self.classes_.tolist()!r}. Pass all on the first call, and none later."
            )
        return classes

    def _known_of(self, chunk):
        """Log probability (n,) of the labels of a chunk that is not learnt yet."""
        told = self.pointwise_mutual_info(chunk.rows) + np.log(self.class_prior_)
        return told[np.arange(len(chunk.labels)), chunk.labels]

    def _learn(self, rows, classes):
        """As `fit` does it, of all that is remembered."""
        weight = None if (rows.weight == 1).all() else rows.weight
        prepared = self._prepare(rows.rows, classes[rows.labels], weight, classes=classes)
        with trainable(), repeatable(prepared.training.data.X.device):
            self._finish(prepared, prepared.training.run())
        rows.learnt(self.oof_pointwise_mutual_info_ + np.log(self.class_prior_[rows.labels]))

    def _estimate_stream(self, recent):
        """Set every attribute that the stream has and `fit` has not, and its estimate."""
        last, n_classes = recent.chunks[-1], len(self.classes_)
        self.n_samples_seen_ += len(last)
        scored = np.isfinite(last.before)
        of_rows = [values[scored] for values in (last.before, last.labels, last.weight)]
        mean, stderr = information_of_chunk(*of_rows, n_classes)
        told = len(last), mean, np.hypot(stderr, _error_of_one_class(*of_rows[1:], n_classes))
        self.mutual_info_history_ = {
            name: np.append(self.mutual_info_history_[name], value)
            for name, value in zip(HISTORY, told, strict=True)
        }
        *_, labels, weight = scores = recent.scores
        self.mutual_info_score_, stderr = information_of_stream(*scores, n_classes)
        of_labels = _error_of_one_class(labels, weight, n_classes)
        self.mutual_info_stderr_ = float(np.hypot(stderr, of_labels))
        self.label_entropy_ = label_entropy(open_frequencies(labels, n_classes, weight))
        self._n_units = len(labels)


def _error_of_one_class(labels, weight, n_classes):
    """Standard error of the entropy of labels that are all the same, else 0 (others show theirs).

    Rows of one class are alike, whatever is to come: half a row more of each class has a spread.
    """
    if np.ptp(labels) > 0:
        return 0.0
    frequencies = open_frequencies(labels, n_classes, weight)
    surprise = -np.log(frequencies)
    variance = frequencies @ (surprise - frequencies @ surprise) ** 2
    return float(np.sqrt(variance * (weight @ weight)) / weight.sum())


@contextmanager
def said_once(told):
    """Pass warnings on whose texts, but for numbers and examples, are not among those `told`."""
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            yield
    finally:
        for warning in said:
            text = NUMBERS.sub("#", str(warning.message).split("(")[0])
            if text not in told or issubclass(warning.category, REPEATED):
                told.append(text)
                warn(warning.message, warning.category)


def _chunk(table, labels, sample_weight):
    """The rows of positive weight; weights keep the scale in which they came."""
    rows = table.matrix if isinstance(table, SparseRows) else table
    if sample_weight is None:
        return Chunk(rows, labels, np.ones(len(labels)))
    read_weights(sample_weight, len(labels))
    weight = np.asarray(sample_weight, dtype=np.float64)
    used = np.flatnonzero(weight > 0)
    rows = rows.iloc[used] if isinstance(rows, pd.DataFrame) else rows[used]
    return Chunk(rows, labels[used], weight[used])
