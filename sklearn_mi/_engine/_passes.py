"""The information in rows that are read once more, each scored by what held out its fold."""

from functools import partial

import numpy as np
import torch

from .._inputs._row_hash import chosen_rows
from .._inputs._sparse_encoder import seen_rows
from .._pool._log_linear import calibrations_of_parts
from ..metrics._estimate import mean_and_standard_error
from ._batches import padded
from ._rare_classes import leave_unknown_classes_open
from ._resources import to_device
from ._scoring import scoring_rows

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
        self.ensemble, candidates = ensemble, ensemble.pool_candidates
        of_rows = log_proba, labels, ensemble.class_prior, weight
        self.pools = calibrations_of_parts(candidates, *of_rows, parts)
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
        ensemble, rows = self.ensemble, padded(held, tensor.device)
        of_networks, module = ensemble._of_networks, ensemble.module.eval()
        blocks = rows.split(scoring_rows(tensor), dim=1)
        scores = torch.cat([module(of_networks(tensor[block])) for block in blocks], dim=1).cpu()
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
    As `mean_and_standard_error` has it of all at once.

    Parameters
    ----------
    grouped : bool
    """

    def __init__(self, grouped=False):
        self.grouped, self.n = grouped, 0
        self.sums, self.squares = np.zeros(3), np.zeros(3)  # of weights, by powers of the value
        self.bins = np.zeros((2, N_BINS))

    def add(self, values, weights, hashes):
        powers = np.stack([np.ones(len(values)), values, values**2])
        self.n += len(values)
        self.sums += powers @ weights
        self.squares += powers @ weights**2
        if self.grouped:
            place = (hashes % np.uint64(N_BINS)).astype(int)
            self.bins += [np.bincount(place, of, N_BINS) for of in (weights, weights * values)]

    def result(self):
        """Mean, standard error, and of how many rows or groups."""
        if self.grouped:
            weight, total = self.bins[:, self.bins[0] > 0]
            return *mean_and_standard_error(total / weight, weight), len(weight)
        sums, squares = self.sums / self.sums[0], self.squares / self.sums[0] ** 2
        mean = sums[1]
        around = np.array([mean**2, -2 * mean, 1])  # of squared distances, by powers
        direct = around @ squares * self.n / (self.n - 1)
        even = around @ sums * squares[0] / (1 - squares[0])
        return float(mean), float(np.sqrt(max(direct, even, 0))), self.n


def score_in_passes(scores, reader, n_rows):
    """Mean, standard error and number of units of the information in rows that are held out.

    Parameters
    ----------
    scores : HeldOutScores
    reader : RowReader
    n_rows : int
        Of the source; of more than `MOST_SCORED` about so many are scored, drawn at random.
    """
    mean, share = RunningMean(reader.source.grouped), MOST_SCORED / n_rows
    at_once = max(2**6, min(SCORED_AT_ONCE, MOST_LOG_PROBA // len(reader.classes)))
    for rows in reader.source.in_order():
        chosen = np.flatnonzero(chosen_rows(rows.places, share, reader.folds.seed + 1))
        for some in np.split(chosen, range(at_once, len(chosen), at_once)):
            if len(some):
                own = rows.take(some)
                mean.add(scores.pointwise(*reader.read(own)), own.weights, own.hashes)
    return mean.result()
