"""What companions learn: the rows of a fit, shared out as its networks share them out."""

import numpy as np

ALL = -1  # in place of a member: all rows


class LearnedRows:
    """The rows of a fit as companions see them: of each member, of those it holds out, of all.

    Parameters
    ----------
    encode : callable
        Takes the number of a member, or `ALL`, and rows to an array of these as it sees them.
    y : int array of shape (n,)
    weight : array of shape (n,) or None
    members : Members
    """

    def __init__(self, encode, y, weight, members):
        self.encode, self.y, self.weight, self.members = encode, y, weight, members

    def of_member(self, member):
        """Rows, labels and weights that a member trains on."""
        return self._take(member, self.members.train_rows[member])

    def of_all(self):
        """Rows, labels and weights that any member trains on."""
        return self._take(ALL, np.unique(np.concatenate(self.members.train_rows)))

    def held_out(self, member):
        """The rows of the entries of a member."""
        return self.encode(member, self.members.entry_row[self.entries(member)])

    def entries(self, member):
        """The held-out entries that a member scores."""
        return np.flatnonzero(self.members.entry_member == member)

    def of_entries(self, class_prior):
        """Labels, frequencies, weights and parts of the held-out entries."""
        row = self.members.entry_row
        weight = None if self.weight is None else self.weight[row]
        return self.y[row], class_prior, weight, self.members.parts

    def empty(self, n_classes):
        return np.empty((len(self.members.entry_row), n_classes))

    def _take(self, member, rows):
        return self.encode(member, rows), self.y[rows], _part(self.weight, rows)


def _part(weight, rows):
    """Weights of some rows, one on average; None where they are equal.

    Without their last digits, which depend on the unit of the weights, and trees on them.
    """
    if weight is None or (weight[rows] == weight[rows[0]]).all():
        return None
    return (weight[rows] / weight[rows].mean()).astype(np.float32).astype(float)
