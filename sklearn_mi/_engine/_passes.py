"""The information in rows that are read once more, each scored by what held out its fold."""

from functools import partial

import numpy as np
import torch

from .._inputs._row_hash import chosen_rows
from .._inputs._sparse_encoder import seen_rows
from .._pool._log_linear import LogLinearPool
from ..metrics._estimate import mean_and_standard_error
from ._batches import padded
from ._rare_classes import leave_unknown_classes_open
from ._resources import to_device

MOST_SCORED = 2**20  # rows
SCORED_AT_ONCE = 2**14
MOST_LOG_PROBA = 2**21  # numbers of one expert
N_BINS = 2**14  # of groups, whose rows are added up


class HeldOutScores:
    """What trained members, companions and pools of the other folds say of any row.

    Parameters
    ----------
    ensemble : MemberEnsemble
        Calibrated on a sample, its companions with what each member's training rows taught them.
    log_proba : ndarray of shape (E, N, K)
        Of the held-out entries of the sample, by each expert.
    labels : int ndarray of shape (N,)
    weight : ndarray of shape (N,) or None
    parts : list of (int ndarray, int ndarray)
        The entries of each fold, and the others.
    """

    def __init__(self, ensemble, log_proba, labels, weight, parts):
        self.ensemble, prior = ensemble, ensemble.class_prior
        self.pools = [
            LogLinearPool().fit(
                log_proba[:, others],
                labels[others],
                prior,
                None if weight is None else weight[others],
            )
            for _, others in parts
        ]
        self.used = np.any([pool.weights_[1:] > 0 for pool in self.pools], axis=0)

    def pointwise(self, X, labels, folds):
        """Pointwise information (n,) of rows and their labels.

        Parameters
        ----------
        X : ndarray of shape (n, p)
            As the encoder reads rows.
        labels, folds : int ndarrays of shape (n,)
        """
        ensemble, prior = self.ensemble, self.ensemble.class_prior
        tensor, unknown = to_device(X, ensemble.device), ensemble.unknown[folds]
        held = [np.flatnonzero(folds == m) for m in range(len(self.pools))]
        networks = self._networks(tensor, folds, held)
        encode = partial(seen_rows, ensemble.encoding, X, tensor)
        experts = np.stack([networks, *self._companions(encode, held, networks.shape)])
        experts = leave_unknown_classes_open(experts, unknown, prior)
        pooled = np.empty_like(networks)
        for own, pool in zip(held, self.pools, strict=True):
            pooled[own] = pool.log_observed(experts[:, own])
        # Again, for the weights of the pool act on the other classes.
        observed = leave_unknown_classes_open(pooled, unknown, prior)
        observed = observed[np.arange(len(labels)), labels]
        # A pool that knows nothing differs from log p by rounding errors, which are no information.
        return np.round(observed - np.log(prior)[labels], 12)

    @torch.no_grad()
    def _networks(self, tensor, folds, held):
        """Log posterior (n, K) of rows, each by the network that holds it out."""
        ensemble = self.ensemble
        of_networks = ensemble.encoding.of_members(slice(ensemble.n_members))
        scores = ensemble.module.eval()(of_networks(tensor[padded(held, tensor.device)])).cpu()
        place = np.empty(len(folds), int)
        for rows in held:
            place[rows] = np.arange(len(rows))
        return ensemble.held_out_log_proba(scores[folds, place], folds)

    def _companions(self, encode, held, shape):
        """The same by each companion; zeros of one that no pool asks."""
        companions = self.ensemble.companions
        for name, used in zip(companions.names, self.used, strict=True):
            said = np.zeros(shape)
            for member, own in enumerate(held if used else ()):
                if len(own):
                    said[own] = companions.said_by_member(name, member, encode(member, own))
            yield said


class RunningMean:
    """Mean and standard error of values that come some at a time, or of groups of these.

    Of groups those that share a bin of their hashes count as one, so that any number has room.

    Parameters
    ----------
    grouped : bool
    """

    def __init__(self, grouped=False):
        self.grouped = grouped
        self.n, self.total, self.squares = 0, 0.0, 0.0
        self.bins = np.zeros((2, N_BINS))

    def add(self, values, hashes):
        self.n += len(values)
        self.total += values.sum()
        self.squares += values @ values
        if self.grouped:
            place = (hashes % np.uint64(N_BINS)).astype(int)
            self.bins += [
                np.bincount(place, minlength=N_BINS),
                np.bincount(place, values, minlength=N_BINS),
            ]

    def result(self):
        """Mean, standard error, and of how many rows or groups."""
        if self.grouped:
            count, total = self.bins[:, self.bins[0] > 0]
            return *mean_and_standard_error(total / count, count), len(count)
        mean = self.total / self.n
        variance = max(self.squares - self.n * mean**2, 0) / (self.n - 1)
        return float(mean), float(np.sqrt(variance / self.n)), self.n


def score_in_passes(scores, reader, n_rows):
    """Mean, standard error and number of units of the information in rows that are held out.

    Parameters
    ----------
    scores : HeldOutScores
    reader : RowReader
    n_rows : int
        Of the source; of more than `MOST_SCORED` about so many are scored, drawn at random.
    """
    mean, share = RunningMean(reader.source.group is not None), MOST_SCORED / n_rows
    at_once = max(2**6, min(SCORED_AT_ONCE, MOST_LOG_PROBA // len(reader.classes)))
    for rows in reader.source.in_order():
        chosen = np.flatnonzero(chosen_rows(rows.places, share, reader.folds.seed + 1))
        for some in np.split(chosen, range(at_once, len(chosen), at_once)):
            if len(some):
                own = rows.take(some)
                mean.add(scores.pointwise(*reader.read(own)), own.hashes)
    return mean.result()
