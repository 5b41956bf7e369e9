"""Subsets of the columns as members of one stack: who scores for which, and what each sees."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from .._inputs._sparse_rows import SparseRows
from ..modules import encoded_rows
from ._members import Members

MEMBERS_PER_STACK = 20  # more gain little, and what they work on leaves the cache


@dataclass(frozen=True)
class SubsetMembers(Members):
    """The splits of all subsets, one subset after the other; no subset has a say in another."""

    n_subsets: int = 1

    @classmethod
    def of(cls, members, n_subsets):
        """So many times the splits of `members`."""
        first = np.arange(n_subsets)[:, None] * members.n_members
        part_member = (members.part_member + first).ravel()
        return cls(
            members.train_rows * n_subsets, members.part_rows * n_subsets, part_member, n_subsets
        )

    def outside(self, part):
        """Which entries are of rows that `part` does not score, and of its subset; bool (N,)."""
        n_parts, n_entries = self.n_parts // self.n_subsets, len(self.entry_row) // self.n_subsets
        first = part // n_parts * n_entries
        own = self.entry_row[first : first + n_entries]
        outside = np.zeros(len(self.entry_row), bool)
        outside[first : first + n_entries] = ~np.isin(own, self.part_rows[part])
        return outside


class SubsetEncoding(nn.Module):
    """What the networks of several subsets see of a table: the columns of theirs, side by side.

    A column that a subset lacks is absent; zeros fill up where a subset has fewer than another.

    Parameters
    ----------
    encoding : TableEncoding
        Of M members.
    columns : int ndarray of shape (M, d)
        Which of its outputs each member sees, numbers first; its `width` stands for a zero.
    n_numeric : int
        The first so many are numbers.
    """

    idle = False

    def __init__(self, encoding, columns, n_numeric):
        super().__init__()
        self.encoding, self.n_numeric = encoding, n_numeric
        self.register_buffer("columns", torch.as_tensor(columns), persistent=False)

    @property
    def width(self):
        return self.columns.shape[1]

    def forward(self, cells, dtype=torch.float32):
        """Cells (M, B, p) to (M, B, d)."""
        seen = nn.functional.pad(self.encoding(cells, dtype), (0, 1))
        return seen.gather(2, self.columns[:, None].expand(-1, seen.shape[1], -1))

    def of_members(self, numbers):
        """The encodings of some networks, a slice."""
        return SubsetEncoding(
            self.encoding.of_members(numbers), self.columns[numbers], self.n_numeric
        )


class SubsetEncoder:
    """An encoder of which each member sees the columns of one subset.

    Parameters
    ----------
    encoder : TableEncoder
        Fitted to the training rows of F folds.
    n_folds : int
    subsets : list of int ndarrays
        Columns of the table.

    Attributes
    ----------
    encoding : SubsetEncoding
        Of S x F members, one subset after the other.
    outputs : list of int ndarrays
        Of each subset, the outputs of the encoding of the whole table.
    """

    def __init__(self, encoder, n_folds, subsets):
        self.kinds_, self.columns_ = encoder.kinds_, encoder.columns_  # for an adversary
        whole = encoder.encoding
        self.outputs = [np.flatnonzero(np.isin(encoder.output_columns, s)) for s in subsets]
        numbers = [own[own < whole.n_numeric] for own in self.outputs]
        others = [own[own >= whole.n_numeric] for own in self.outputs]
        columns = np.hstack([_filled(numbers, whole.width), _filled(others, whole.width)])
        columns = columns if columns.shape[1] else np.full((len(subsets), 1), whole.width)
        of_folds = np.tile(np.arange(n_folds), len(subsets))
        self.encoding = SubsetEncoding(
            whole.of_members(of_folds), columns.repeat(n_folds, axis=0), max(map(len, numbers))
        )


def _filled(columns, with_):
    """Rows of different length as one matrix."""
    filled = np.full((len(columns), max(map(len, columns))), with_)
    for row, own in zip(filled, columns, strict=True):
        row[: len(own)] = own
    return filled


def share_out(subsets, encoder, n_folds):
    """Which subsets of the columns, by number, are one stack: of about one size, and a few each."""
    widths = [np.isin(encoder.output_columns, subset).sum() for subset in subsets]
    order = np.argsort(widths, kind="stable")
    size = max(1, MEMBERS_PER_STACK // n_folds)
    return [order[i : i + size] for i in range(0, len(order), size)]


def seen_by_folds(encoding, X, n_folds):
    """Rows as the members of a fold see them, float32 (F, n, d)."""
    X = torch.as_tensor(X)
    return np.stack([encoded_rows(encoding, X, fold) for fold in range(n_folds)])


def check_has_columns(table):
    """Refuse images and sparse rows, whose columns are not told apart here."""
    if isinstance(table, SparseRows) or table.ndim != 2:
        kind = "a sparse matrix" if isinstance(table, SparseRows) else "images"
        raise ValueError(
            f"X is {kind} of shape {table.shape}, expected a dense table: what each column tells "
            "is asked of tables. Pass a DataFrame or an array of columns, such as components of X."
        )
