"""Relevance against rate along a path, and the choice of beta and the weight of the nuisance."""

import numpy as np
import torch
from sklearn.utils import Bunch

from .._engine._rare_classes import leave_unknown_classes_open, unknown_classes
from ..metrics._estimate import mean_and_standard_error
from ._bottleneck_loss import rate
from ._independence_test import LEVEL, independence_p_value


class InformationCurve:
    """What held-out rows say of each pair of a beta and a weight of the nuisance.

    Parameters
    ----------
    trained : Trained
    task : Task
    path : tuple of two ndarrays of shape (P,)

    Attributes
    ----------
    relevance, rate : ndarrays of shape (P, n)
        Of each row: log q(y | z) - log p(y), and its rate; NaN where no member holds it out.
    """

    def __init__(self, trained, task, path):
        self.betas, self.weights, self.nuisance = *path, task.nuisance
        self.members, self.weight = task.members, task.weight
        labels, row = task.target.labels, task.members.entry_row
        unknown = unknown_classes(labels, task.members, task.target.n_classes)
        log_q = leave_unknown_classes_open(
            trained.log_q, unknown[task.members.entry_member], task.prior
        )
        log_q = np.take_along_axis(log_q, labels[row][None, :, None], axis=2)[..., 0]
        self.log_std, self.mean, self.n_rows = trained.log_std, trained.mean, len(labels)
        self.entry_rate = rate(*map(torch.as_tensor, (trained.mean, trained.log_std))).numpy()
        relevance = log_q - np.log(task.prior)[labels[row]]
        self.relevance, self.rate = map(self._by_row, (relevance, self.entry_rate))

    def _by_row(self, of_paths):
        return np.stack([self.members.average_by_row(of, self.n_rows) for of in of_paths])

    def choose(self, outside=()):
        """The number of the pair to take, in which rows `outside` have no say.

        The least weight with which codes do not depend on the nuisance, as far as a test at 5 %
        sees, or the largest. Of its betas the smallest rate within one standard error of the most
        relevance; the error is that of the difference, of which rows are paired.
        """
        scored = ~np.isnan(self.relevance[0])
        scored[list(outside)] = False
        for weight in np.unique(self.weights):
            chosen = self._choose_beta(np.flatnonzero(self.weights == weight), scored)
            if weight == self.weights.max() or self._is_independent(chosen, scored):
                return chosen

    def _choose_beta(self, pairs, scored):
        weight = None if self.weight is None else self.weight[scored]
        own = self.relevance[pairs][:, scored]
        best = np.average(own, axis=1, weights=weight).argmax()
        behind = [mean_and_standard_error(own[best] - each, weight) for each in own]
        enough = np.array([mean <= error for mean, error in behind])
        rates = np.average(self.rate[pairs][:, scored], axis=1, weights=weight)
        return int(pairs[np.where(enough, rates, np.inf).argmin()])

    def _is_independent(self, pair, scored):
        code = self.members.average_by_row(self.mean[pair], self.n_rows)
        return independence_p_value(code[scored], self.nuisance[scored]) > LEVEL

    def held_out(self):
        """Means and log standard deviations (n, d), and rates (n,), NaN in rows never held out.

        Those that a part holds out by the choice of all other rows.
        """
        n_pairs, parts = len(self.betas), self.members.part_rows
        choice = np.array([self.choose(rows) if n_pairs > 1 else 0 for rows in parts])
        entry, own = np.arange(len(self.members.entry_row)), choice[self.members.entry_part]
        each = (of[own, entry] for of in (self.mean, self.log_std, self.entry_rate))
        return [self.members.average_by_row(of, self.n_rows) for of in each]

    def summary(self, means, chosen):
        """Beta, rate and relevance of the chosen weight, from the least rate to the most."""
        own = np.flatnonzero(self.weights == self.weights[chosen])
        told = np.array([means.of(self.relevance[pair])[:2] for pair in own])
        rates = np.array([means.of(self.rate[pair])[0] for pair in own])
        order = np.argsort(rates)
        relevance, error = told[order].T
        betas = self.betas[own[order]]
        return Bunch(beta=betas, rate=rates[order], relevance=relevance, relevance_stderr=error)
