"""Trained members, their companions, and what turns their scores into probabilities."""

from functools import cached_property, partial

import numpy as np
import torch
from scipy.special import log_softmax

from .._inputs._sparse_encoder import seen_rows
from .._inputs._sparse_rows import of_networks
from .._pool._label_noise import noise_pools
from .._pool._log_linear import LogLinearPool, cross_calibrate, log_mean_exp
from .._pool._noise_error import noise_error
from ..modules import class_maps, of_member
from ._beside import learned_rows
from ._input_gradient import posterior_slope
from ._net import asked_for, history_as_text, storable, trained_net, without_schedules
from ._networks import arrays_of, can_be_made_again, is_known, made_again
from ._rare_classes import leave_unknown_classes_open
from ._resources import answering_device, to_device
from ._scoring import output_order, score_rows, scoring_rows

ANSWERING_ROWS = 2**14
MADE_ANEW = {"module", "net", "encoding", "encoder", "device", "_can_be_made_again"}


class MemberEnsemble:
    """The members of a fit as one calibrated classifier of rows as its encoder reads them.

    Parameters
    ----------
    net : NeuralNet
        The trained members.
    description : dict
        How they are made, for `build_networks`.
    encoder : TableEncoder or ImageEncoder
        What reads rows.
    data : MemberData
        What they were trained on.
    encoding : TableEncoding or ImageEncoding
        What each member sees of rows and, last, what companions see that learn all rows.
    class_prior : ndarray of shape (K,)
        Frequencies of the observed labels.
    class_weight : ndarray of shape (K,)
        Weights of the classes in the training loss. They acted as a change of the frequencies,
        which is undone.
    companions : Companions
        Not yet fitted, or kept from a fit before; may be none.
    unknown : bool array of shape (M, K)
        Which classes the training rows of each member lack.

    Attributes
    ----------
    calibration : LogLinearPool or LabelNoisePool
        Fitted on all held-out rows; for new rows. The networks are its first expert.
    noise_error : NoiseError
        What the labels of these rows leave open of it, if it is a LabelNoisePool.
    """

    def __init__(
        self,
        net,
        description,
        encoder,
        encoding,
        data,
        class_prior,
        class_weight,
        companions,
        unknown,
    ):
        self.module, self.stored, self.description = net.module_, None, description
        self.loss = net.criterion_.loss.cpu()
        self.history, self.callbacks = net.history, without_schedules(asked_for(net))
        self.encoder, self.device = encoder, data.X.device
        self.encoding = encoding.to(self.device)
        self.companions = companions
        self.unknown = unknown
        self.class_prior = class_prior
        self.class_weight = class_weight
        self.n_members = len(data.train_rows)
        self.order = output_order(self.module, self.loss, data, len(class_prior))

    # --- what is made anew after loading ----------------------------------------------------------

    @cached_property
    def module(self):
        """The networks of all members."""
        stored = self.stored
        if stored is None:  # since another thread has just made them
            return vars(self)["module"]
        whole = "whole" in stored
        made = stored["whole"] if whole else made_again(self.description, stored["arrays"])
        self.module, self.stored = made.to(self.device), None
        return vars(self)["module"]

    @cached_property
    def net(self):
        """A skorch net that holds them."""
        return trained_net(self.module, self.history, self.callbacks)

    @cached_property
    def encoding(self):
        """What they see of rows that the encoder has read."""
        return self.encoder.encoding.to(self.device)

    def settle(self, encoder, device):
        """Say what a stored ensemble reads rows with, and by name where it is to answer."""
        self.encoder, self.device = encoder, answering_device(device)

    def __getstate__(self):
        state = {name: value for name, value in vars(self).items() if name not in MADE_ANEW}
        state["callbacks"] = storable(self.callbacks)
        state["history"] = history_as_text(self.history)
        if self.stored is None:
            state |= self._stored_networks()
        return state

    def _stored_networks(self):
        if is_known(self.description) or self._can_be_made_again:
            return {"stored": {"arrays": arrays_of(self.module)}}
        return {"stored": {"whole": self.module}, "description": None}

    @cached_property
    def _can_be_made_again(self):
        return can_be_made_again(self.module, self.description)

    @property
    def _of_networks(self):
        return self.encoding.of_members(slice(self.n_members))

    @property
    def pool_candidates(self):
        """Calibrations that have not been fitted, of which the best is to be chosen."""
        loss = self.loss
        return noise_pools(loss.noise_matrix) if loss.models_label_noise else [LogLinearPool()]

    def calibrate(self, scores, X, labels, weight, members, done=None):
        """Fit companions, and the calibration to held-out entries; apply it across the parts.

        Parameters
        ----------
        scores : Tensor of shape (N, K)
            Of the held-out entries of `members`, each by the member that holds it out.
        X : ndarray of shape (n, p)
            All rows.
        labels : ndarray of shape (n,)
            Encoded labels of all rows.
        weight : ndarray of shape (n,) or None
        members : Members
        done : dict, default=None
            Companions that were fitted before to the same rows.

        Returns
        -------
        log_posterior, log_observed : ndarrays of shape (N, K)
            Of the class and of the observed label; calibrated on the other parts.
        true_information : ndarray of shape (N,)
            Pointwise information about the true class.
        """
        row, member = members.entry_row, members.entry_member
        networks = self.held_out_log_proba(scores, member)
        device = next(self.module.parameters()).device
        rows = learned_rows(self.encoding, device, X, labels, weight, members)
        if self.companions.held_out is None:
            self.companions.fit(rows, networks, done)
        others = self.companions.held_out
        unknown = self.unknown[member]
        log_proba = self._leave_open(np.concatenate([networks[None], others]), unknown)
        weight = None if weight is None else weight[row]
        self.calibration, *pooled, true_information = cross_calibrate(
            self.pool_candidates, log_proba, labels[row], self.class_prior, weight, members.parts
        )
        self.companions.fit_all(rows, self.calibration.weights_[1:] > 0, done)
        if self.loss.models_label_noise:
            said = self._said_by_others(X, others, members)
            self.noise_error = noise_error(self.calibration, log_proba, labels[row], weight, said)
        # Again, for the weights of the pool act on the other classes.
        return *(self._leave_open(answer, unknown) for answer in pooled), true_information

    def _said_by_others(self, X, others, members):
        """Posterior (N, K) of held-out entries by the networks that do not hold them out, or None.

        The mean of these networks, each pooled with what the companions say that hold them out.
        """
        if self.n_members == 1:
            return None
        row, mean = members.entry_row, []
        holder = members.part_member[members.entry_part]
        for some in np.split(np.arange(len(row)), range(ANSWERING_ROWS, len(row), ANSWERING_ROWS)):
            networks = self._networks(X[row[some]])[None]
            shared = np.broadcast_to(others[:, None, some], (len(others), *networks.shape[1:]))
            posterior = np.exp(self.calibration.log_posterior(np.concatenate([networks, shared])))
            posterior[holder[some], np.arange(len(some))] = 0
            mean.append(posterior.sum(axis=0) / (self.n_members - 1))
        return np.concatenate(mean)

    def log_posterior(self, X):
        """Log posterior of each class, (n, K): the mean of the members' probabilities."""
        return self._mean_of_members(self.calibration.log_posterior, X)

    def log_observed(self, X):
        """The same for the observed label, which `dmi` tells from the true class."""
        return self._mean_of_members(self.calibration.log_observed, X)

    def _mean_of_members(self, pool, X):
        """Some rows at a time, since all answers of all experts are large."""
        blocks = (X[i : i + ANSWERING_ROWS] for i in range(0, len(X), ANSWERING_ROWS))
        unknown = self.unknown[:, None, :]
        pooled = (self._leave_open(pool(self._experts(b)), unknown) for b in blocks)
        return np.concatenate([log_mean_exp(of_members, axis=0) for of_members in pooled])

    def slope(self, X, codes, objective, log_tilt):
        """Values (n,) of an objective, and its derivatives in the rows, by the networks."""
        return posterior_slope(self, X, codes, objective, log_tilt)

    def class_maps(self, X):
        """Where in images the networks see information on each class, the mean of the members.

        Parameters
        ----------
        X : ndarray of shape (n, channels, height, width)

        Returns
        -------
        maps : ndarray of shape (n, K, h, w)
            Nats at each place of the coarse maps of the networks.
        offset : ndarray of shape (K,)
            Nats that belong to no place. The sum of a map and its offset is what the networks
            contribute to the calibrated log posterior ratio of class and class frequency, up to a
            number that is the same for all classes.
        """
        blocks = self._on_device(X).split(scoring_rows(X))
        maps, offset = 0, 0
        for number in range(self.n_members):
            module, order = self.module.member(number), self.order[number]
            encoding = of_member(self.encoding, number)
            found = [class_maps(module, encoding(block[None])[0]) for block in blocks]
            self._check_additive(*found[0], number)
            maps = maps + np.concatenate([own.cpu().double().numpy() for own, _ in found])[:, order]
            bias = self._log_proba(found[0][1][None], order[None], number)[0]
            offset = offset + self.calibration.information_of_first(bias) / self.n_members
        weight = self.calibration.weights_[0] / self.n_members
        return weight * maps / np.prod(maps.shape[2:]), offset

    @torch.no_grad()
    def _check_additive(self, maps, bias, member):
        """Refuse a loss under which what adds to a score does not add to the log posterior."""
        located, bias, loss = maps.mean((2, 3)).cpu(), bias.cpu(), self.loss.of_member(member)
        rest = loss.log_proba(located + bias) - loss.log_proba(bias[None]) - located
        off = (rest - rest[:, :1]).abs().max()
        if off > 1e-3 * max(1, located.abs().max()):
            raise ValueError(
                f"Under loss={self.loss!r} differences of scores are no differences of log "
                "posteriors, so that maps of scores are none of information. Use a loss whose "
                "log_proba is a softmax of the scores and a constant, such as 'ce'."
            )

    def _experts(self, X):
        """Log posterior of every row by the networks, (M, n, K), and each companion, (n, K)."""
        networks = self._leave_open(self._networks(X), self.unknown[:, None, :])
        encode = partial(seen_rows, self.encoding, X, self._on_device(X))
        return [networks, *self.companions.log_proba(encode)]

    def _networks(self, X):
        """Log posterior of every row by every network, (M, n, K)."""
        X = self._on_device(X)
        scores = score_rows(self.module, self._of_networks, X, self.n_members)
        return self._log_proba(scores, self.order[:, None, :])

    def _leave_open(self, log_proba, unknown):
        return leave_unknown_classes_open(log_proba, unknown, self.class_prior)

    def _on_device(self, X):
        return to_device(of_networks(X), next(self.module.parameters()).device)

    def held_out_log_proba(self, scores, member):
        """Log posterior of entries (N, K), each by the member (N,) that scored it."""
        log_proba = np.empty(tuple(scores.shape))
        for number, order in enumerate(self.order):
            own = np.flatnonzero(member == number)
            log_proba[own] = self._log_proba(scores[own], order[None], number)
        return log_proba

    def _log_proba(self, scores, order, member=None):
        """Log posterior under the class frequencies, before calibration; of one member or of all.

        `order`, broadcast against the scores, says which output speaks of which class.
        """
        loss = self.loss if member is None else self.loss.of_member(member)
        with torch.no_grad():
            log_proba = loss.log_proba(scores.cpu()).double().numpy()
        if self.loss.models_label_noise:
            return np.take_along_axis(log_proba, np.broadcast_to(order, log_proba.shape), axis=-1)
        return log_softmax(log_proba - np.log(self.class_weight), axis=-1)
