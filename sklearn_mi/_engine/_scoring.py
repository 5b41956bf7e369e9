"""What trained members say of rows, and which of their outputs speaks of which class."""

import functools
import math

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import nn

from .._pool._label_noise import noise_pools
from .._pool._log_linear import TINY, cross_calibrate
from ..modules import StackedMLP

SCORING_ROWS = 2048  # rows per member of one scoring pass, which bounds its memory
SCORING_PIXELS = 2**18  # the same for images
ANSWERING_ROWS = {True: 128, False: 1024}  # of new rows, of small networks and others


def scoring_rows(X):
    """How many rows of a table, or images, a member scores at a time."""
    return SCORING_ROWS if X.ndim == 2 else max(8, SCORING_PIXELS // math.prod(X.shape[1:]))


def score_held_out(module, data):
    """Scores of every held-out entry by the member that holds it out, (N, K)."""
    return score_by_candidates(module, data)[0]


@torch.no_grad()
def score_by_candidates(module, data):
    """The same by each of C candidates, (C, N, K), whose members are those of the module."""
    if module.training:  # else all layers are walked through after every epoch
        module.eval()
    blocks = data.held_rows.split(scoring_rows(data.X), dim=1)
    scores = torch.cat([module(data.inputs(rows)) for rows in blocks], dim=1)
    return scores.view(-1, data.held_rows.numel(), scores.shape[-1])[:, data.entry_index]


def answering_rows(module, X):
    """How many rows a member answers at a time: always so many, so that each has the same answer.

    A product of matrices rounds by its shape. Few rows of the default network, on a CPU, whose
    cache holds what it makes of them; of images as many as there are, but for memory.
    """
    if X.ndim == 4:
        return scoring_rows(X)
    small = isinstance(module, StackedMLP) and X.device.type == "cpu"
    return ANSWERING_ROWS[small]


@torch.no_grad()
def score_rows(module, encoding, X, n_members):
    """Scores of every row by every member, (M, n, K)."""
    module.eval()
    size = answering_rows(module, X)
    filled = X if X.ndim == 4 else torch.cat([X, X[:1].expand(-len(X) % size, -1)])
    blocks = (x.expand(n_members, *x.shape) for x in filled.split(size))
    return torch.cat([module(encoding(x)) for x in blocks], dim=1)[:, : len(X)]


@torch.no_grad()
def score_training_rows(module, data):
    """For each member the scores (n, K) of what it trained on, and these rows (n,)."""
    module.eval()
    blocks = data.train_rows.split(scoring_rows(data.X), dim=1)
    blocks = [module(data.inputs(rows)) for rows in blocks]
    each = zip(torch.cat(blocks, dim=1), data.train_rows, ~data.padding, strict=True)
    return [(scores[own], rows[own]) for scores, rows, own in each]


@torch.no_grad()
def joint_of_members(module, data, n_classes):
    """Joint frequencies of label and output on each member's own training rows, (M, K, K)."""
    module.eval()
    joint, size = 0, scoring_rows(data.X)
    blocks = (array.split(size, dim=1) for array in (data.train_rows, ~data.padding))
    for rows, own in zip(*blocks, strict=True):
        onehot = nn.functional.one_hot(data.y[rows], n_classes) * own.unsqueeze(-1)
        joint = joint + onehot.float().mT @ module(data.inputs(rows)).softmax(-1)
    return joint / joint.sum((1, 2), keepdim=True)


def class_order(joint):
    """Which output of each member speaks of which class.

    A loss that is blind to the names of the classes may permute them. The order is the assignment
    of outputs to classes with the largest sum of P(label of the class | output): the noise matrix
    that goes with it is the nearest to no noise. With two classes it makes the determinant of the
    joint positive. Class frequencies have no say, so that a rare class keeps its name even where
    most of its labels are wrong.

    Parameters
    ----------
    joint : ndarray of shape (M, K, K)
        Joint frequencies of observed label and output, on the rows the members trained on.

    Returns
    -------
    order : int ndarray of shape (M, K)
        ``order[m, k]`` is the output of member m for class k.
    """
    given_output = joint / np.maximum(joint.sum(axis=1, keepdims=True), TINY)
    return np.stack([linear_sum_assignment(member, maximize=True)[1] for member in given_output])


def output_order(module, loss, data, n_classes):
    """Which output of each member speaks of which class, int ndarray of shape (M, K)."""
    if not loss.blind_to_names:
        return np.tile(np.arange(n_classes), (len(data.train_rows), 1))
    return class_order(joint_of_members(module, data, n_classes).cpu().numpy())


@torch.no_grad()
def estimate_noise_matrix(module, loss, scores, data):
    """Noise matrices (M, K, K) of the labels, from scores (N, K) of the held-out entries.

    That of a member comes from rows that it does not score, unless it scores all that are held out.
    """
    order = torch.as_tensor(output_order(module, loss, data, scores.shape[-1]))
    member = data.part_member[data.entry_part]
    log_proba = loss.log_proba(scores).gather(-1, order.to(member.device)[member])
    y, weight = [*data.target(data.entry_row), None][:2]
    weight = torch.ones(len(y)) if weight is None else weight
    arrays = [a.cpu().double().numpy() for a in (log_proba, weight)]
    y, row = y.cpu().numpy(), data.entry_row.cpu().numpy()
    others = _entries_of_others(data)
    return np.stack([_fit_noise_matrix(*arrays, y, row, entries) for entries in others])


def _entries_of_others(data):
    """For each member the held-out entries of rows that it does not score, or else all entries."""
    part_member, others = data.part_member.cpu().numpy(), []
    for member in range(len(data.train_rows)):
        outside = [data.parts[part][1] for part in np.flatnonzero(part_member == member)]
        entries = functools.reduce(np.intersect1d, outside)
        others.append(entries if len(entries) else np.arange(len(data.entry_row)))
    return others


def _fit_noise_matrix(log_proba, weight, y, row, entries):
    """Noise matrix (K, K) of entries, of the kind by which half of the rows foretells the rest."""
    rows, number = np.unique(row[entries], return_inverse=True)
    half = (np.random.default_rng(0).permutation(len(rows)) % 2 == 0)[number]
    one, other = np.flatnonzero(half), np.flatnonzero(~half)
    arguments = log_proba[None, entries], y[entries], None, weight[entries]
    parts = [(one, other), (other, one)]
    return cross_calibrate(noise_pools(), *arguments, parts)[0].noise_matrix_
