"""Labels, groups, weights and probabilities as arrays, whatever they come in.

NumPy reads much without a word: a list of 1 and "1" becomes text, NaN among texts the text "nan",
a mask is dropped. What it cannot read, it reports in its own terms. Hence these few lines.
"""

import datetime
from collections.abc import Hashable, Iterator, Mapping, Set

import numpy as np

NUMBER = (int, float, np.bool_, np.integer, np.floating)
NO_LABELS = {"S": "bytes", "c": "complex numbers", "V": "records"}
BFLOAT16_EPS = 2.0**-7  # NumPy has no such type


def read_array(values, name, expected):
    """An array of what came as array, frame, list or tensor; a list keeps the types it holds.

    Parameters
    ----------
    values : array-like
    name : str
        How error messages call it.
    expected : str
        What it should be, for the error message.

    Returns
    -------
    array : ndarray

    Raises
    ------
    TypeError
        If there is no reading it as an array.
    ValueError
        If a list is ragged, or entries are masked.
    """
    if isinstance(values, (str, bytes, Mapping, Set, Iterator)):
        raise TypeError(f"{name} is a {type(values).__name__}, expected {expected}. Pass a list.")
    if np.ma.is_masked(values):
        row = np.argwhere(np.ma.getmaskarray(values))[0][0]
        raise ValueError(
            f"{name} has masked entries, the first in row {row}, expected {expected}. Drop the "
            "rows, or fill the entries."
        )
    try:
        array = _as_array(values)
    except Exception as error:  # of whatever library it is from
        raise ValueError(
            f"{name}, of type {type(values).__name__}, cannot be read as an array, expected "
            f"{expected}. Pass a list with one entry for each, or a NumPy array."
        ) from error
    if array.ndim == 0:
        raise ValueError(
            f"{name} is {_shown(values)}, expected {expected}. Pass a list or an array."
        )
    unhashable = [v for v in array.flat if not isinstance(v, Hashable)] if _is_object(array) else []
    if unhashable:
        raise TypeError(f"{name} holds a {type(unhashable[0]).__name__}, expected {expected}.")
    return array


def read_labels(y, name):
    """Labels as an array; refuses types that cannot be labels."""
    if isinstance(y, str):
        raise TypeError(
            f"{name}={y!r} is a str, expected one label for each row. The name of a column is "
            f"understood where X is a path or a Dataset; of a frame pass X.drop(columns={y!r}) "
            f"and X[{y!r}]."
        )
    y = read_array(y, name, "one label for each row")
    if y.dtype.kind in NO_LABELS:
        raise TypeError(
            f"{name} holds {NO_LABELS[y.dtype.kind]} (dtype {y.dtype}), expected numbers, booleans "
            "or strings. Decode bytes by np.char.decode(y), or number the classes."
        )
    if y.dtype.kind != "f":
        return y
    if np.isinf(y).any():
        row = np.argwhere(np.isinf(y))[0][0]
        raise ValueError(
            f"Input {name} contains infinity in row {row}, which is no class. Drop it."
        )
    return y + 0.0  # no -0.0 among the classes


def read_numbers(values, name, expected, *, finite=True):
    """Numbers as an array of floats, of the float type that they came in, else of float64.

    Raises
    ------
    ValueError
        If they are no numbers, or not finite unless `finite` is False.
    """
    array = read_array(values, name, expected)
    if "bfloat16" in str(array.dtype):
        array = array.astype(np.float32)
    if array.dtype.kind in "iub":
        array = array.astype(np.float64)
    if array.dtype.kind == "O":
        array = _numbers_of_objects(array, name, expected)
    if array.dtype.kind != "f":
        what = "complex numbers" if array.dtype.kind == "c" else f"entries of dtype {array.dtype}"
        raise ValueError(f"{name} holds {what}, expected {expected}. Pass floats.")
    bad = np.argwhere(~np.isfinite(array))
    if finite and len(bad):
        value = array[tuple(bad[0])]
        raise ValueError(
            f"{name} contains {'NaN' if np.isnan(value) else 'infinity'}: {value} in "
            f"{_place(bad[0])}, expected {expected}, all of them finite. Replace it, or drop it."
        )
    return array


def epsilon_of(values, array):
    """Machine epsilon of the type that numbers came in, here as `values`, there as an array."""
    if "bfloat16" in str(getattr(values, "dtype", "")):
        return BFLOAT16_EPS
    return float(np.finfo(array.dtype).eps)


def read_weights(sample_weight, n_samples):
    """Weights as float64 of shape (n_samples,), the largest 1; None means ones.

    Raises
    ------
    ValueError
        If they are no numbers, the shape differs, one is negative or not finite, all are zero, or
        one is so small that it is nothing beside the largest.
    """
    if sample_weight is None:
        return np.ones(n_samples)
    weight = read_numbers(sample_weight, "sample_weight", "one weight for each row")
    if weight.shape != (n_samples,):
        raise ValueError(
            f"sample_weight has shape {weight.shape}, expected ({n_samples},): one weight per row."
        )
    if (weight < 0).any():
        row = int(np.argmin(weight))
        raise ValueError(
            f"sample_weight has negative values, the lowest is {weight[row]} in row {row}; "
            "weights must not be negative. Use 0 to leave a row out."
        )
    if not weight.any():
        raise ValueError(
            "sample_weight is zero everywhere, expected a non-zero weight in some row. Pass None "
            "for equal weights."
        )
    return relative_weights(weight, "sample_weight")


def relative_weights(weight, name):
    """Weights as shares of the largest, which leaves their scale without a say."""
    with np.errstate(under="ignore"):
        if weight.dtype.itemsize < 8:
            weight = weight.astype(np.float64)
        shares = (weight / weight.max()).astype(np.float64)
    lost = np.flatnonzero((shares == 0) & (weight > 0))
    if len(lost):
        raise ValueError(
            f"{name} has the value {weight[lost[0]]}, which is nothing beside the largest, "
            f"{weight.max()}: floats do not reach as far. Use 0 to leave rows out, or clip it."
        )
    return shares


def _as_array(values):
    if isinstance(values, (list, tuple)):
        return _of_list(values)
    if hasattr(values, "detach"):  # a tensor, which may be on a device or part of a graph
        values = values.detach().cpu()
        values = values.float() if "bfloat16" in str(values.dtype) else values
    array = np.asarray(values)
    if array.dtype.kind == "T" or (_is_object(array) and not isinstance(values, np.ndarray)):
        return _of_list(array.tolist()) if array.ndim == 1 else array
    return array


def _of_list(values):
    """A list as an array, of a type of its own only where all entries are of one kind."""
    values = [v.item() if _is_scalar_array(v) else v for v in values]
    if any(np.ndim(v) for v in values if not isinstance(v, (str, *NUMBER))):
        return np.asarray([v.detach().cpu() if hasattr(v, "detach") else v for v in values])
    if not values or all(isinstance(v, NUMBER) for v in values):
        array = np.asarray(values)
        whole = all(isinstance(v, (int, np.integer)) for v in values)
        # NumPy makes floats of whole numbers that are too long for one type of integer.
        return np.asarray(values, dtype=object) if whole and array.dtype.kind == "f" else array
    for kind in (str, bytes, complex, np.datetime64, np.timedelta64):
        if all(isinstance(v, kind) for v in values):
            return np.asarray(values)
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _is_scalar_array(value):
    return (
        hasattr(value, "item")
        and getattr(value, "shape", None) == ()
        and not isinstance(value, np.generic)
    )


def _is_object(array):
    return array.dtype.kind == "O"


def _numbers_of_objects(array, name, expected):
    wrong = [v for v in array.flat if isinstance(v, (str, bytes, complex, datetime.date))]
    try:
        if not wrong:
            return array.astype(np.float64)
        what = f"{wrong[0]!r}"
    except OverflowError:
        what = "a number that is too large for a float"
    except (TypeError, ValueError):
        what = "what is no number"
    raise ValueError(f"{name} holds {what}, expected {expected}. Pass floats.")


def _shown(value):
    text = " ".join(repr(value).split())
    return text if len(text) < 80 else f"{text[:80]}..."


def _place(index):
    """Where an entry stands, in words."""
    return f"row {index[0]}" + (f", column {index[1]}" if len(index) > 1 else "")
