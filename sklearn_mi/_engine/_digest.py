"""A fingerprint of a stored state, by which it is known if anything of it was changed."""

import hashlib

import numpy as np
from scipy.sparse import issparse

SIZE = 16  # bytes


def digest(value, estimators=True):
    """Hexadecimal digest of plain things, whatever way they were stored in between.

    Parameters
    ----------
    value : object
        Of what is neither plain nor of scikit-learn the name of the class counts alone.
    estimators : bool, default=True
        Whether what scikit-learn's objects hold counts too, which may differ from version to
        version.

    Examples
    --------
    >>> digest([1, 2.5, "a"]) == digest([1, 2.5, "a"])
    True
    >>> digest({"a": np.zeros(2)}) == digest({"a": np.zeros(2, dtype=np.float32)})
    False
    """
    hashed = hashlib.blake2b(digest_size=SIZE)
    _add(value, hashed.update, estimators, set())
    return hashed.hexdigest()


def _add(value, update, estimators, above):
    """Tell `update` the type, the length and what is in a value; `above` are those it is in."""
    if isinstance(value, np.ndarray | np.generic):  # mapped from a file or not
        _add_array(np.asarray(value), update, estimators, above)
        return
    update(_name(type(value)).encode())
    if isinstance(value, dict):
        update(str(len(value)).encode())
        for pair in value.items():
            _add(pair, update, estimators, above)
    elif isinstance(value, list | tuple):
        update(str(len(value)).encode())
        for item in value:
            _add(item, update, estimators, above)
    elif isinstance(value, set | frozenset):
        update(repr(sorted(map(repr, value))).encode())
    elif isinstance(value, str | bytes | bool | int | float | complex | None):
        update(repr(value).encode())
    elif callable(value) and hasattr(value, "__qualname__"):
        update(_name(value).encode())
    elif estimators and _is_of_sklearn(value) and id(value) not in above:
        _add(_held(value), update, estimators, above | {id(value)})


def _add_array(array, update, estimators, above):
    update(f" array {array.dtype.str}{array.shape}".encode())
    if array.dtype.names:  # between the fields there may be anything
        for name in array.dtype.names:
            _add_array(array[name], update, estimators, above)
    elif array.dtype.hasobject:
        _add(array.ravel().tolist(), update, estimators, above)
    else:
        update(array.tobytes())


def _is_of_sklearn(value):
    return type(value).__module__.startswith("sklearn.") or issparse(value)


def _held(value):
    if issparse(value):
        return [getattr(value, name, None) for name in ("shape", "data", "indices", "indptr")]
    try:
        return value.__getstate__()
    except Exception:  # of some that are compiled
        return None


def _name(kind):
    return f" {kind.__module__}.{kind.__qualname__} "
