"""One step for all members of a stack, whose runs of candidates have rates of their own."""

import copy

import numpy as np
import torch

LANES = 64  # a multiple of what a processor moves at once; what is over is rounded otherwise


class GroupedOptimizer:
    """An optimiser of slices of stacked parameters: one group for each run of equal rates.

    To the bit, it moves each candidate as it would be moved alone: where the numbers of one do not
    fill whole lanes, candidates are tensors of their own, of the same group.

    Parameters
    ----------
    kind : type
        An optimiser of torch that takes each number by itself.
    parameters : list of Tensors of shape (C * M, ...)
    runs : list of ((float, float), int)
        Learning rate and weight decay, and how many members have them, one after the other.
    n_members : int
        M, of one candidate.
    options : dict
        Of the optimiser. Weight decay is not passed to one that has none.
    """

    def __init__(self, kind, parameters, runs, n_members, options):
        self.n_members = n_members
        self._take(parameters, [size for _, size in runs])
        groups = []
        for own, ((rate, decay), _) in zip(self.views, runs, strict=True):
            decays = {"weight_decay": decay} if "weight_decay" in options else {}
            groups.append({"params": _joined(own), "lr": rate, **decays})
        self.optimizer = kind(groups, lr=groups[0]["lr"], **options)

    def _take(self, parameters, sizes):
        """Look at these parameters from now on, in runs of so many members."""
        self.parameters, self.sizes = parameters, sizes
        self.views, self.pieces = [[] for _ in sizes], []
        for parameter in parameters:
            parts = [self._pieces(part) for part in parameter.detach().split(sizes)]
            for own, pieces in zip(self.views, parts, strict=True):
                own.append(pieces)
            self.pieces.append(_joined(parts))

    def _pieces(self, part):
        """Tensors of a run of candidates, in which each is moved as alone."""
        if not len(part):
            return []
        numbers = self.n_members * part[0].numel()
        return [part] if numbers % LANES == 0 else part.split(self.n_members)

    def step(self):
        """Move all along their gradients, which are gone afterwards."""
        for parameter, pieces in zip(self.parameters, self.pieces, strict=True):
            grads = parameter.grad.split([len(piece) for piece in pieces])
            for piece, grad in zip(pieces, grads, strict=True):
                piece.grad = grad
            parameter.grad = None
        self.optimizer.step()

    def keep(self, stay, parameters):
        """Go on with some of the members, bool (C * M,), whose parameters are these now."""
        before, stays = self.views, np.split(stay, np.cumsum(self.sizes)[:-1])
        self._take(parameters, [int(own.sum()) for own in stays])
        groups = zip(self.optimizer.param_groups, before, self.views, stays, strict=True)
        for group, old, new, own in groups:  # an empty one stays where the schedule knows it
            rows = torch.as_tensor(np.flatnonzero(own))
            for first, second in zip(old, new, strict=True):
                self._hand_over(first, second, rows)
            group["params"] = _joined(new)

    def _hand_over(self, old, new, rows):
        """What an optimiser remembers of pieces, to those of the members that stay."""
        states = [self.optimizer.state.pop(piece, {}) for piece in old]
        for name, value in states[0].items() if states else ():
            parts = [copy.deepcopy(value) for _ in new]  # as a count of steps, which is that of all
            if torch.is_tensor(value) and value.shape == old[0].shape:
                whole = torch.cat([state[name] for state in states])
                parts = self._pieces(whole[rows.to(whole.device)])
            for piece, part in zip(new, parts, strict=True):
                self.optimizer.state[piece][name] = part


def _joined(views):
    return [piece for pieces in views for piece in pieces]
