"""A fit to rows that do not fit into memory: a sample of them, and passes over all."""

import copy
import math
from dataclasses import replace
from functools import partial
from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._inputs._checks import check_labels, check_table
from .._inputs._open_rows import is_source, labels_of, open_cells, open_source
from .._inputs._reservoir import LEAST_OF_CLASS, sketch_rows
from ._checkpoint import checkpoint_of
from ._fit_tasks import begin_tasks
from ._members import FOLDS, Members
from ._passes import HeldOutScores, score_in_passes
from ._rare_classes import leave_unknown_classes_open, warn_of_rare_classes
from ._resources import repeatable, resolve_device, torch_threads, trainable
from ._row_stream import RowReader, RowStream, StreamedBatches
from ._told_progress import LOG

DRAWN = "Folds of files are drawn by a hash, which may put all their rows into one."
UNIFORM = 0.9  # least weight of rows of a sample without surplus rows of a class


class NotKept:
    """An attribute that a fit in memory sets, and one in passes does not; which says so."""

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, clf, owner=None):
        if clf is None:
            return self
        if not clf._n_rows_in_passes:
            kind = type(clf).__name__
            raise AttributeError(f"{kind!r} object has no attribute {self.name!r}")
        raise AttributeError(
            f"{self.name} is not kept where X does not fit into memory: rows were scored in "
            "passes. Ask pointwise_mutual_info or predict_log_proba about rows that had no part in "
            "the fit, or fit to a sample in memory."
        )


class PassesMixin:
    """Encoders, companions and pool learn of a sample, networks of all rows, which are scored."""

    _n_rows_in_passes = None  # but for what a fit in passes has found
    oof_log_proba_, oof_pointwise_mutual_info_ = NotKept(), NotKept()

    def _fit_in_passes(self, X, y, sample_weight, groups):
        self._refuse_unusual()
        source = open_source(X, y, groups, sample_weight)
        images = self.image_shape is not None or getattr(X, "ndim", 2) == 4
        tasks = begin_tasks(self, None, None, None)  # who listens could not score what X stands for
        with checkpoint_of(self) as checkpoint:
            n_folds = int(self.cv) if isinstance(self.cv, Integral) else min(FOLDS)
            sketch = sketch_rows(source, n_folds, self._seed_of_start(), images)
            LOG.info("first pass: %s rows, %s classes", sketch.n_rows, len(sketch.counts))
            prepared = self._prepare_sample(sketch, n_folds)
            reader = RowReader(source, self._encoder, self.classes_, sketch.folds)
            training, stream = prepared.training, self._stream_rows(prepared, reader, sketch)
            training.settings = self._settings_of_passes(training, stream, sketch.n_rows)
            if checkpoint is not None:
                checkpoint.join(self, training, stream, sketch.digest)
            with trainable(), repeatable(training.data.X.device):
                prepared.companions.learnt = {}  # for the last pass
                found = tasks.train(prepared)
                LOG.info("networks: trained, %s epochs", found[0][2])
                self._finish_in_passes(prepared, *found, reader, sketch.n_rows)
        LOG.info("last pass: held-out rows scored")
        tasks.end()
        return self

    def _seed_of_start(self):
        """The seed that `_start` will draw, or take from a checkpoint."""
        rng = copy.deepcopy(check_random_state(self.random_state))
        return vars(self).get("_kept_seed", rng.randint(np.iinfo(np.int32).max))

    def _finish_in_passes(self, prepared, trained, done, reader, n_rows):
        """All that comes after training: what a fit in memory does of the sample, and a pass."""
        net, stopping, self.n_iter_ = trained
        self.loss_curve_ = [epoch["train_loss"] for epoch in net.history]
        self.validation_curve_ = list(stopping.curve_)
        ensemble, companions = self._make_ensemble(prepared, net), prepared.companions
        of_rows = prepared.rows, prepared.labels, prepared.weight
        self._calibrate_and_estimate(ensemble, stopping.scores_, *of_rows, done)
        scores = self._held_out_scores(ensemble, stopping.scores_, *of_rows[1:])
        with torch_threads(prepared.training.n_threads):
            found = score_in_passes(scores, reader, n_rows)
        self.mutual_info_score_, self.mutual_info_stderr_, self._n_units = found
        del self.oof_log_proba_, self.oof_pointwise_mutual_info_, companions.learnt
        companions.held_out = None
        self._ensemble, self._n_rows_in_passes = ensemble, n_rows

    def _refuse_unusual(self):
        """Refuse what takes all rows at once."""
        if self.warm_start:
            raise ValueError(_refusal("warm_start=True", "False"))
        if not isinstance(self.cv, (Integral, str)):
            raise ValueError(_refusal(f"cv={self.cv!r}", 'a number of folds, or "auto"'))

    def _prepare_sample(self, sketch, n_folds):
        """All that comes before training, of the sample alone; frequencies are those of all."""
        table = check_table(self, sketch.cells, reset=True)
        classes, labels = check_labels(sketch.labels, len(table))
        totals = np.array([sketch.counts[label] for label in classes.tolist()])
        exact = sketch.weights * (totals / np.bincount(labels, sketch.weights))[labels]
        exact = exact * len(labels) / exact.sum()
        # Of rare classes the sample has more than their share.
        uneven = np.ptp(sketch.weights) > 0 or exact.min() < UNIFORM
        weight = exact if uneven else None
        self._start(table, classes, labels, exact, going_on=False)
        self._groups, self._members = None, _members_of(sketch.sample_folds, n_folds)
        known = n_folds if n_folds <= LEAST_OF_CLASS else None  # of more rows the sample is short
        warn_of_rare_classes(labels, self._members, classes, known, folded=DRAWN)
        device = resolve_device(self.device)
        rows, *networks = self._rows_and_networks(table, False, device)
        self._remember_rows((rows, classes, labels, None, None), False)
        with trainable(), repeatable(device):
            return self._make_training(*networks, rows, labels, weight, False)

    def _stream_rows(self, prepared, reader, sketch):
        encoding = reader.encoder.encoding.of_members(slice(reader.folds.n_folds))
        of_classes, weight = (self.class_prior_, self._class_weight), prepared.weight
        weight = np.ones(len(prepared.labels)) if weight is None else weight
        sample = prepared.rows, prepared.labels, sketch.sample_folds, weight
        device = prepared.training.data.X.device
        return RowStream(reader, encoding, *of_classes, sketch.n_rows, sample, device)

    def _settings_of_passes(self, training, stream, n_rows):
        """An epoch is as many batches as the sample makes; no fewer epochs than make a pass."""
        least, found = math.ceil(n_rows / len(training.data.X)), []
        for settings in training.settings:
            settings = replace(settings, batches=partial(StreamedBatches, stream=stream))
            for name in ("max_iter", "n_iter_no_change"):
                if getattr(self, name) == "auto" and getattr(settings, name):
                    settings = replace(settings, **{name: max(getattr(settings, name), least)})
            found.append(settings)
        return found

    def _held_out_scores(self, ensemble, scores, labels, weight):
        members = self._members
        networks = ensemble.held_out_log_proba(scores, members.entry_member)[None]
        experts = np.concatenate([networks, ensemble.companions.held_out])
        unknown = ensemble.unknown[members.entry_member]
        experts = leave_unknown_classes_open(experts, unknown, self.class_prior_)
        row = members.entry_row
        weight = None if weight is None else weight[row]
        return HeldOutScores(ensemble, experts, labels[row], weight, members.parts)

    def score(self, X, y, sample_weight=None):
        """Accuracy of `predict`, the share of rows that it gets right.

        Parameters
        ----------
        X : DataFrame, array-like or sparse matrix of shape (n_samples, n_features)
            Or a path, Dataset or memory map, as for `fit`.
        y : array-like of shape (n_samples,) or str
            Labels; where X is a path or a Dataset, the name of their column.
        sample_weight : array-like of shape (n_samples,) or str, default=None
            Likewise.

        Returns
        -------
        score : float
        """
        if is_source(X):
            y, sample_weight = labels_of(X, y, sample_weight)
        return super().score(X, y, sample_weight)

    def _ask_some_at_a_time(self, X, question):
        """Put a question about rows of a table, or of files, some of them at a time."""
        if not is_source(X):
            return self._ask(X, question)
        check_is_fitted(self)
        source = open_cells(X, getattr(self, "feature_names_in_", None))
        answers = [self._ask(rows.cells, question) for rows in source.in_order()]
        if not answers:
            raise ValueError(f"Found 0 sample(s) in X={X!r}, expected at least 1.")
        return np.concatenate(answers)


def _refusal(given, expected):
    return (
        f"{given} is not supported where X is a path, a Dataset or a large memory map, whose rows "
        f"are read in passes. Pass {expected}, or a table that fits into memory."
    )


def _members_of(folds, n_folds):
    rows = [np.flatnonzero(folds == k) for k in range(n_folds)]
    if n_folds < 2 or min(map(len, rows)) == 0:
        raise ValueError(
            f"cv={n_folds} folds hold {[len(own) for own in rows]} rows of the sample, where each "
            "needs some: equal rows, and rows of one group, fall into one. Use at least 2 folds, "
            "fewer than there are different rows or groups."
        )
    return Members([np.flatnonzero(folds != k) for k in range(n_folds)], rows, np.arange(n_folds))
