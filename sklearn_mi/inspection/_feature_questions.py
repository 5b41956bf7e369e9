"""What is asked about columns, from the names of the questions to sums of subsets."""

from itertools import combinations

import numpy as np

from ._contrasts import conditional, interaction, marginal, reduced, shapley

KINDS = ("marginal", "conditional", "shapley", "interaction")


def check_kinds(kind):
    """Names of what is asked, as a tuple."""
    kinds = (kind,) if isinstance(kind, str) else tuple(kind)
    if not kinds or any(each not in KINDS for each in kinds):
        raise ValueError(
            f"kind={kind!r} must be one of {', '.join(map(repr, KINDS))}, or a list of some of "
            'them; pass ["marginal", "conditional"] for both.'
        )
    return kinds


def check_pairs(pairs, names):
    """Pairs of groups by their numbers, int (P, 2)."""
    if pairs is None:
        return np.array(list(combinations(range(len(names)), 2)), dtype=int).reshape(-1, 2)
    numbers = [[_number(each, names) for each in pair] for pair in pairs]
    if not numbers or any(len(pair) != 2 or pair[0] == pair[1] for pair in numbers):
        raise ValueError(
            f"pairs={pairs!r} must be at least one pair of two different columns or groups, such "
            f"as [({names[0]!r}, {names[-1]!r})]."
        )
    return np.array(numbers)


def _number(each, names):
    if isinstance(each, str) and each in names:
        return names.index(each)
    if not isinstance(each, str) and 0 <= each < len(names):
        return int(each)
    raise ValueError(
        f"pairs names {each!r}, which is none of {names[:5]} or their numbers below {len(names)}."
    )


def put_questions(kinds, columns, pairs, n_columns, n_permutations, rng, constant=()):
    """Each question as sums and differences of subsets.

    Parameters
    ----------
    kinds : tuple of str
    columns : list of tuples of int
        Of each group.
    pairs : int ndarray of shape (P, 2)
    n_columns, n_permutations : int
    rng : RandomState
    constant : list of int
        Columns that tell nothing, which no subset needs.

    Returns
    -------
    questions : dict of {str: list of {subset: coefficient}}
    orders : list
        As of `shapley`.
    """
    everything, orders = tuple(range(n_columns)), []
    questions = {"total": [{everything: 1.0}]}
    for kind in kinds:
        if kind == "marginal":
            questions[kind] = marginal(columns)
        elif kind == "conditional":
            questions[kind] = conditional(columns, everything)
        elif kind == "interaction":
            questions[kind] = interaction(pairs, columns)
        else:
            _check_each_in_one(columns, n_columns)
            questions[kind], orders = shapley(columns, rng, n_permutations)
    if constant:
        questions = {
            kind: [reduced(one, constant) for one in questions[kind]] for kind in questions
        }
        orders = [[reduced(one, constant) for one in order] for order in orders]
    return questions, orders


def _check_each_in_one(columns, n_columns):
    counts = np.bincount(np.concatenate(columns), minlength=n_columns)
    wrong = np.flatnonzero(counts != 1)
    if len(wrong):
        raise ValueError(
            f"Column {wrong[0]} is in {counts[wrong[0]]} of the feature_groups, but what is shared "
            'out by "shapley" is the total of all columns: put each into one group.'
        )
