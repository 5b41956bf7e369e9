"""How many rows of each class are to be made."""

import numpy as np
import pandas as pd

from .._inputs._cells import as_frame
from .._inputs._frames import as_pandas

NAMES = ("auto", "not majority", "minority", "not minority", "all")


def rows_to_make(sampling_strategy, labels):
    """New rows of each class, in the words of imbalanced-learn.

    Parameters
    ----------
    sampling_strategy : str, float, dict or callable
        A name of classes that are to be as large as the largest; of two classes the ratio that is
        wanted of the smaller to the larger; or the rows wanted of each class, as a dict or a
        function of the labels that gives one.
    labels : ndarray of shape (n,)

    Returns
    -------
    n_new : dict
        In the order of the classes.
    """
    classes, counts = np.unique(labels, return_counts=True)
    counts = dict(zip(classes.tolist(), counts.tolist(), strict=True))
    most, least = max(counts, key=counts.get), min(counts, key=counts.get)
    if callable(sampling_strategy):
        sampling_strategy = sampling_strategy(labels)
    if isinstance(sampling_strategy, dict):
        wanted = _wanted(sampling_strategy, counts)
    elif isinstance(sampling_strategy, str):
        wanted = _by_name(sampling_strategy, counts, most, least)
    else:
        wanted = {least: _by_ratio(sampling_strategy, counts, most, least)}
    return {label: wanted.get(label, n) - n for label, n in counts.items()}


def _by_name(name, counts, most, least):
    """Rows wanted of classes of a name."""
    if name not in NAMES:
        raise ValueError(
            f"sampling_strategy={name!r} is no name of classes. Use one of {', '.join(NAMES)}; or "
            "a ratio of two classes, or a dict of rows wanted of each class."
        )
    chosen = {
        "minority": [least],
        "not minority": [label for label in counts if label != least],
    }.get(name, list(counts))
    return {label: counts[most] for label in chosen}


def _by_ratio(ratio, counts, most, least):
    if len(counts) != 2:
        raise ValueError(
            f"sampling_strategy={ratio!r} is a ratio of two classes, but y has {len(counts)}. Use "
            'a name such as "auto", or a dict of rows wanted of each class.'
        )
    wanted = int(ratio * counts[most])
    if not counts[least] <= wanted <= counts[most]:
        raise ValueError(
            f"sampling_strategy={ratio!r} asks for {wanted} rows of class {least!r}, which has "
            f"{counts[least]} beside {counts[most]} of the other. Use a ratio from "
            f"{counts[least] / counts[most]:.3g} to 1."
        )
    return wanted


def _wanted(given, counts):
    for label, n in given.items():
        if label not in counts:
            raise ValueError(
                f"sampling_strategy names class {label!r}, which is not among those of y: "
                f"{list(counts)}. Use the labels as y has them."
            )
        if n < counts[label]:
            raise ValueError(
                f"sampling_strategy asks for {n} rows of class {label!r}, which has "
                f"{counts[label]}: rows are made here, not dropped. Ask for at least as many."
            )
    return {label: int(n) for label, n in given.items()}


def with_new_rows(gan, X, y, n_new):
    """Rows and labels, and after them new ones of a fitted generator.

    Parameters
    ----------
    gan : MutualInfoGAN
    X, y : as in `fit_resample`
    n_new : dict
        New rows of each class.
    """
    labels = np.repeat(gan.classes_, [n_new[label] for label in gan.classes_.tolist()])
    if not len(labels):
        return X, y
    new = gan.sample(len(labels), y=labels)[0]
    X = as_pandas(X)
    if isinstance(new, pd.DataFrame):
        both = pd.concat([X if isinstance(X, pd.DataFrame) else as_frame(X), new])
        both = both.reset_index(drop=True)
    else:
        both = np.concatenate([np.asarray(X), new])
    if isinstance(y, pd.Series):
        return both, pd.concat([y, pd.Series(labels, name=y.name).astype(y.dtype)]).reset_index(
            drop=True
        )
    return both, np.concatenate([np.asarray(y).ravel(), labels])
