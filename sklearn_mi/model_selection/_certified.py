"""What the choice among candidates is worth on rows that had no part in it."""

import numpy as np


def certified_information(log_proba, splits, of_labels, choose):
    """Pointwise mutual information of each row by what the other splits choose.

    Parameters
    ----------
    log_proba : list of C lists of S arrays
        What each candidate says of the labels of the rows that each split holds out; None where
        it failed or says nothing.
    splits : list of S (train, test)
    of_labels : LabelScores
    choose : callable
        Takes numbers of splits and gives the candidate with the best scores in these.

    Returns
    -------
    pointwise : ndarray of shape (n,) or None
        Nats; the mean where several splits hold out a row, NaN where none does. None if a split
        has no other that holds out other rows, or a chosen candidate says nothing.
    """
    total, count = np.zeros((2, len(of_labels.codes)))
    for number, (_, test) in enumerate(splits):
        others = [other for other, (_, rows) in enumerate(splits) if not np.isin(rows, test).any()]
        values = log_proba[choose(others)][number] if others else None
        if values is None:
            return None
        total[test] += values - np.log(of_labels.class_prior[of_labels.codes[test]])
        count[test] += 1
    with np.errstate(invalid="ignore"):
        return np.round(total / count, 12)  # rounding errors are no information
