"""Relevance against rate along a path of betas, and the choice among them."""

import numpy as np
import torch
from sklearn.utils import Bunch

from ..metrics._estimate import mean_and_standard_error
from ._bottleneck_loss import rate


class InformationCurve:
    """What held-out rows say of each beta.

    Parameters
    ----------
    trained : Trained
    task : Task
    betas : ndarray of shape (P,)

    Attributes
    ----------
    relevance, rate : ndarrays of shape (P, n)
        Of each row: log q(y | z) - log p(y), and its rate; NaN where no member holds it out.
    """

    def __init__(self, trained, task, betas):
        self.betas, self.members, self.weight = betas, task.members, task.weight
        labels, row = task.target.labels, task.members.entry_row
        log_q = np.take_along_axis(trained.log_q, labels[row][None, :, None], axis=2)[..., 0]
        self.log_std, self.mean, self.n_rows = trained.log_std, trained.mean, len(labels)
        self.entry_rate = rate(*map(torch.as_tensor, (trained.mean, trained.log_std))).numpy()
        relevance = log_q - np.log(task.prior)[labels[row]]
        self.relevance, self.rate = map(self._by_row, (relevance, self.entry_rate))

    def _by_row(self, of_paths):
        return np.stack([self.members.average_by_row(of, self.n_rows) for of in of_paths])

    def choose(self, outside=()):
        """The smallest rate within one standard error of the most relevance, as a number.

        The error is that of the difference, of which rows are paired. Rows `outside` have no say.
        """
        scored = ~np.isnan(self.relevance[0])
        scored[list(outside)] = False
        weight = None if self.weight is None else self.weight[scored]
        own = self.relevance[:, scored]
        best = np.average(own, axis=1, weights=weight).argmax()
        behind = [mean_and_standard_error(own[best] - each, weight) for each in own]
        enough = np.array([mean <= error for mean, error in behind])
        rates = np.average(self.rate[:, scored], axis=1, weights=weight)
        return int(np.where(enough, rates, np.inf).argmin())

    def held_out(self):
        """Means and log standard deviations (n, d), and rates (n,), NaN in rows never held out.

        Those that a part holds out by the choice of all other rows.
        """
        choice = np.array([self.choose(rows) for rows in self.members.part_rows])
        entry, own = np.arange(len(self.members.entry_row)), choice[self.members.entry_part]
        each = (of[own, entry] for of in (self.mean, self.log_std, self.entry_rate))
        return [self.members.average_by_row(of, self.n_rows) for of in each]

    def summary(self, means):
        """Beta, rate and relevance with its standard error, from the least rate to the most."""
        told = np.array([means.of(own)[:2] for own in self.relevance])
        rates = np.array([means.of(own)[0] for own in self.rate])
        order = np.argsort(rates)
        relevance, error = told[order].T
        return Bunch(
            beta=self.betas[order], rate=rates[order], relevance=relevance, relevance_stderr=error
        )
