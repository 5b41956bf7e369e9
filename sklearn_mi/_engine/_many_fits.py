"""Many fits of one classifier: to subsets of the columns, or with other settings of training."""

import copy

import joblib
import numpy as np
from sklearn.utils.parallel import delayed

from .._inputs._checks import check_labels, check_table, check_weights
from ._kept_answers import NOTHING_KEPT
from ._rare_classes import unknown_classes
from ._resources import repeatable, resolve_device, trainable
from ._subset_pool import SubsetTask, pool_subsets
from ._subsets import (
    SubsetEncoder,
    SubsetMembers,
    check_has_columns,
    seen_by_folds,
    share_out,
)
from ._told_progress import run_and_tell

# Parameters that only say how networks are made and trained, and nothing of rows and folds.
OF_TRAINING = {
    "activation",
    "alpha",
    "batch_size",
    "dropout",
    "hidden_layer_sizes",
    "learning_rate_init",
    "n_iter_no_change",
    "optimizer",
    "optimizer_params",
    "tol",
}


class ManyFitsMixin:
    """Where many are fitted to the same rows, these are read, divided and encoded once."""

    def _preparation_key(self):
        """What those have in common that see the same rows in the same way; None if nobody else."""
        if self.random_state is None or self.warm_start or self.module != "auto":
            return None
        params = self.get_params(deep=False)
        try:
            return joblib.hash({k: v for k, v in params.items() if k not in OF_TRAINING})
        except Exception:  # of objects of the user that cannot be pickled
            return None

    def _prepare_as(self, like, prepared):
        """What `_prepare` would give, from that of a classifier with the same key."""
        params = like.get_params(deep=False)
        vars(self).update({k: v for k, v in vars(like).items() if k not in params})
        data, (_, _, _, rows, labels, weight) = prepared.training.data, prepared
        encoding = None
        if self.image_shape_ is None:
            encoding = self._encoder.encoding.of_members(slice(self._members.n_members))
        networks = self._make_networks(encoding, rows, data.X.device)
        with trainable(), repeatable(data.X.device):
            return self._make_training(*networks, rows, labels, weight, False, data)

    def _information_of_subsets(
        self,
        X,
        y,
        subsets,
        members,
        sample_weight=None,
        n_jobs=None,
        of_all_classes=False,
        kept=NOTHING_KEPT,
    ):
        """Pointwise information (S, n) of labels and each subset of the columns of a table.

        Or that of all classes, (S, n, K).

        What a fit to these columns alone would find in these splits. Networks of several subsets
        are one stack; companions and pool are of each. What is `kept` of stacks is not made again.
        Leaves the classifier unfitted.
        """
        if self.checkpoint is not None:
            raise ValueError(
                f"checkpoint={self.checkpoint!r} is for a fit, but many are made here. Give the "
                "folder to the function that asks for them, and None to the classifier."
            )
        table = check_table(self, X, reset=True)
        classes, labels = check_labels(y, len(table))
        weight = check_weights(sample_weight, table, labels, classes)
        self._start(table, classes, labels, weight, going_on=False)
        check_has_columns(table)
        encoder = self._make_encoder(table).fit(table, members.train_rows)
        rows, n_folds = encoder.read(table, check=False), members.n_members
        seen = seen_by_folds(encoder.encoding, rows, n_folds)
        unknown = unknown_classes(labels, members, len(classes))
        task = SubsetTask(seen, labels, weight, members, unknown, of_all_classes)
        stacks = share_out(subsets, encoder, n_folds)
        parts = [[subsets[s] for s in own] for own in stacks]
        of_stacks = [SubsetEncoder(encoder, n_folds, own) for own in parts]
        inside = n_jobs if len(stacks) == 1 else None
        calls = (
            delayed(kept.call)(
                [part, of_all_classes],
                copy.copy(self)._information_of_stack,
                *(own, rows, task, inside),
            )
            for part, own in zip(parts, of_stacks, strict=True)
        )
        outside = n_jobs if inside is None else None
        found = run_and_tell(calls, len(stacks), "stacks of subsets of columns", outside)
        return np.concatenate(found)[np.argsort(np.concatenate(stacks))]

    def _information_of_stack(self, encoder, rows, task, n_jobs):
        """The same for subsets that are one stack."""
        self._encoder, n_subsets = encoder, len(encoder.outputs)
        self._members = SubsetMembers.of(task.members, n_subsets)
        device = resolve_device(self.device)
        networks = self._make_networks(encoder.encoding, rows, device)
        with trainable(), repeatable(device):
            prepared = self._make_training(*networks, rows, task.labels, task.weight, False)
            net, stopping, _ = prepared.training.run()
            ensemble = self._make_ensemble(prepared, net)
        log_proba = ensemble.held_out_log_proba(stopping.scores_, self._members.entry_member)
        each = np.split(log_proba, n_subsets)
        pooled = ensemble.companions, ensemble.pool_candidates
        return pool_subsets(each, encoder.outputs, *pooled, task, n_jobs)
