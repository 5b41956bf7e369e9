"""Checks on labels, probabilities, weights, class shares and noise matrices."""

import reprlib

import numpy as np
from sklearn.utils import column_or_1d

from .._inputs._arrays import epsilon_of, read_labels, read_numbers, read_weights

# Wide enough for float32 softmax over many classes, narrow enough to catch raw scores. Types that
# resolve less are allowed a few of their own rounding errors.
TOLERANCE = 1e-4
TOLERATED_EPSILONS = 8


def check_labels(y, *, name="y_true"):
    """Return `y` as a 1-D array of class labels.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Integers, booleans, strings or whole floats.

    name : str, default="y_true"
        How error messages call `y`.

    Returns
    -------
    y : ndarray of shape (n_samples,)

    Raises
    ------
    ValueError
        If `y` is empty, not 1-D, holds missing values or continuous numbers.

    TypeError
        If `y` mixes types that cannot be sorted, for example strings and None.
    """
    y = column_or_1d(read_labels(y, name))
    if y.size == 0:
        raise ValueError(f"{name} is empty; pass at least one label.")
    present = _sorted_classes(y, name)
    if any(label is None or label != label for label in present.tolist()):
        raise ValueError(f"{name} holds missing values; drop those rows or give them a class.")
    if y.dtype.kind == "f" and (present != np.round(present)).any():
        raise ValueError(
            f"{name} must hold class labels, got {reprlib.repr(y.tolist())}; pass one integer or "
            "string per row."
        )
    return y


def check_label_order(labels):
    """Return `labels` as a 1-D array of distinct classes, in the order given."""
    labels = check_labels(labels, name="labels")
    if np.unique(labels).size != labels.size:
        raise ValueError(
            f"labels names a class twice: {reprlib.repr(labels.tolist())}; give each column of "
            "y_proba its own class."
        )
    return labels


def encode_labels(y, labels, *, name="y_true"):
    """Replace each label by its position in `labels`.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Labels.

    labels : ndarray of shape (n_classes,)
        The classes, in any order.

    name : str, default="y_true"
        How error messages call `y`.

    Returns
    -------
    codes : ndarray of int, shape (n_samples,)

    Raises
    ------
    ValueError
        If `y` holds a label that is not among `labels`.
    """
    y, labels = _in_one_unit(y, labels)
    position = {label: k for k, label in enumerate(labels.tolist())}
    present, inverse = np.unique(y, return_inverse=True)
    unknown = [label for label in present.tolist() if label not in position]
    if unknown:
        raise ValueError(
            f"{name} holds {reprlib.repr(unknown)}, not among labels="
            f"{reprlib.repr(labels.tolist())}; name every class in labels=, with the same type."
        )
    return np.array([position[label] for label in present.tolist()])[inverse]


def resolve_labels(y_true, labels, n_columns):
    """Return the class of each column: `labels`, or the sorted classes of `y_true`.

    Raises
    ------
    ValueError
        If their number is not `n_columns`.
    """
    given = labels is not None
    labels = check_label_order(labels) if given else np.unique(y_true)
    if labels.size != n_columns:
        who = "labels names" if given else "y_true holds"
        raise ValueError(
            f"{who} {labels.size} classes ({reprlib.repr(labels.tolist())}) but the probabilities "
            f"have {n_columns} columns; pass labels=, the class of each column, for example an "
            "estimator's classes_."
        )
    return labels


def check_probabilities(proba, n_samples, *, name="y_proba"):
    """Return `proba` as rows that sum to one.

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_classes) or (n_samples,)
        Probabilities; a 1-D array holds those of the second of two classes.

    n_samples : int
        The number of labels they go with.

    name : str, default="y_proba"
        How error messages call `proba`.

    Returns
    -------
    proba : ndarray of float64, shape (n_samples, n_classes)
        Clipped at 0 and divided by the row sums.

    eps : float
        The machine epsilon of the float type that came in, the least probability that it resolves
        next to 1. Lists and whole numbers count as float64.

    Raises
    ------
    ValueError
        If the number of rows differs from `n_samples`, a value is not finite or not in [0, 1],
        or a row does not sum to 1. Rounding errors up to 1e-4 are accepted, or up to eight times
        `eps` where that is more.
    """
    given, expected = proba, "the probability of each class, one row for each label"
    proba = read_numbers(given, name, expected)
    if proba.ndim not in (1, 2):
        raise ValueError(f"Found array with dim {proba.ndim} in {name}, expected {expected}.")
    if len(proba) != n_samples:
        raise ValueError(f"{name} has {len(proba)} rows but y_true has {n_samples}; pass as many.")
    eps = epsilon_of(given, proba)
    tolerance = tolerance_of(eps)
    proba = proba.astype(np.float64)
    outside = (proba < -tolerance) | (proba > 1 + tolerance)
    if outside.any():
        raise ValueError(
            f"{name} holds {proba[outside][0]:.4g}, but probabilities lie in [0, 1]; pass what "
            "predict_proba returns, not scores or logarithms."
        )
    proba = np.maximum(proba, 0)
    if proba.ndim == 1:
        positive = np.minimum(proba, 1)
        return np.column_stack([1 - positive, positive]), eps
    return _normalize_rows(proba, name, tolerance), eps


def check_weights(sample_weight, n_samples):
    """Return `sample_weight` as float64 of shape (n_samples,), the largest 1; None means ones.

    Raises
    ------
    ValueError
        As :func:`read_weights` does.
    """
    return read_weights(sample_weight, n_samples)


def check_class_prior(class_prior, n_classes):
    """Return `class_prior` as float64 of shape (n_classes,) that sums to one.

    Raises
    ------
    ValueError
        If its shape differs, a share is negative or not finite, or the sum is not 1 within 1e-4.
    """
    prior = read_numbers(class_prior, "class_prior", "one share for each class")
    tolerance = tolerance_of(epsilon_of(class_prior, prior))
    prior = prior.astype(np.float64)
    if prior.shape != (n_classes,):
        raise ValueError(
            f"class_prior has shape {prior.shape}, expected ({n_classes},): one share per class, "
            "in the order of the classes."
        )
    total = prior.sum()
    if prior.min() < 0 or abs(total - 1) > tolerance:
        raise ValueError(
            f"class_prior must be non-negative and sum to 1, got a least share of "
            f"{prior.min():.4g} and a sum of {total:.6g}; divide counts by their sum."
        )
    return prior / total


def check_noise_matrix(noise_matrix, classes, *, name="noise_matrix"):
    """Return `noise_matrix` as float64 of shape (n_classes, n_classes), rows that sum to one.

    Parameters
    ----------
    noise_matrix : array-like of shape (n_classes, n_classes)
        Row i holds P(observed | true class i).

    classes : ndarray of shape (n_classes,)
        The classes that y holds, in the order of rows and columns.

    name : str, default="noise_matrix"
        How error messages call `noise_matrix`.

    Raises
    ------
    ValueError
        If the shape differs, an entry is negative or not finite, or a row does not sum to 1
        within 1e-4.
    """
    n_classes = len(classes)
    matrix = read_numbers(noise_matrix, name, "one row of probabilities for each class")
    tolerance = tolerance_of(epsilon_of(noise_matrix, matrix))
    matrix = matrix.astype(np.float64)
    if matrix.shape != (n_classes, n_classes):
        raise ValueError(
            f"{name} has shape {matrix.shape} but y holds {n_classes} classes; pass a matrix of "
            f"shape ({n_classes}, {n_classes}), classes in the order {classes.tolist()}."
        )
    totals = matrix.sum(axis=1, keepdims=True)
    if matrix.min() < 0 or np.abs(totals - 1).max() > tolerance:
        raise ValueError(
            f"{name} must have non-negative rows that sum to 1, got a least entry of "
            f"{matrix.min():.4g} and row sums {totals.ravel().tolist()}; row i is P(observed | "
            "true class i). Transpose it if its columns sum to 1."
        )
    return matrix / totals


def _sorted_classes(y, name):
    try:
        return np.unique(y)
    except TypeError as error:
        types = ", ".join(sorted({type(label).__name__ for label in y.tolist()}))
        raise TypeError(
            f"{name} mixes types or holds missing values ({types}); use one type of label that can "
            "be sorted, and drop the rows without one."
        ) from error


def _in_one_unit(y, labels):
    """Dates and durations in the finer unit of the two, in which lists of them can be compared."""
    if {y.dtype.kind, labels.dtype.kind} in ({"M"}, {"m"}):
        unit = np.promote_types(y.dtype, labels.dtype)
        return y.astype(unit), labels.astype(unit)
    return y, labels


def tolerance_of(eps):
    """How far from 1 a sum of probabilities may be, in a type of this epsilon."""
    return max(TOLERANCE, TOLERATED_EPSILONS * eps)


def _normalize_rows(proba, name, tolerance):
    total = proba.sum(axis=1, keepdims=True)
    wrong = np.flatnonzero(np.abs(total - 1) > tolerance)
    if wrong.size:
        raise ValueError(
            f"{name} must have rows that sum to 1, but row {wrong[0]} sums to "
            f"{total[wrong[0], 0]:.6g}; pass what predict_proba returns."
        )
    return proba / total
