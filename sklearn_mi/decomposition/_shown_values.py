"""What the points of a picture are told apart by: the values of y or of a nuisance."""

from typing import NamedTuple

import numpy as np
from sklearn.utils import column_or_1d

from .._inputs._arrays import read_labels
from .._inputs._cells import as_frame, numbers_of, read_kinds, texts_of
from ..inspection._names import literal, shorten
from ._codes import NUISANCE_BINS, as_columns, read_target

MISSING = "missing"


class Values(NamedTuple):
    """Values of rows.

    Attributes
    ----------
    name : str
    of_rows : ndarray of shape (n,)
        Numbers, NaN where missing, or the number of the class.
    classes : list of str or None
        None for numbers.
    """

    name: str
    of_rows: np.ndarray
    classes: list


def values_of_y(y, n_rows):
    """Classes, or numbers that are not whole, as a bottleneck reads them.

    Raises
    ------
    ValueError
        If it would not do as the y of a bottleneck.
    """
    target = read_target(y, n_rows, n_bins=2)
    own = getattr(y, "name", None)
    name = _name("y" if own is None else own)
    if target.classes is None:
        return Values(name, column_or_1d(read_labels(y, "y")).astype(float), None)
    return Values(name, target.labels, [_text(label) for label in target.classes])


def values_of_nuisance(nuisance, n_rows):
    """One `Values` for each column: numbers of many values are numbers, all others are classes.

    Raises
    ------
    ValueError
        If it has not `n_rows` rows.
    """
    frame = as_frame(as_columns(nuisance))
    if len(frame) != n_rows:
        raise ValueError(
            f"nuisance has {len(frame)} rows, but the map has {n_rows}. Pass one value, or one row "
            "of values, for each row of the map."
        )
    values = [_of_column(frame, j, kind) for j, kind in enumerate(read_kinds(frame))]
    own = getattr(nuisance, "name", None)  # of a Series
    return values if own is None else [values[0]._replace(name=_name(own))]


def _of_column(frame, j, kind):
    name = str(frame.columns[j])
    if kind == "category":
        cells = texts_of(frame, [j])[:, 0]
    else:
        cells = numbers_of(frame.iloc[:, j], kind, name)
        if len(np.unique(cells[~np.isnan(cells)])) > NUISANCE_BINS:
            return Values(_name(name), cells, None)
    missing = np.array([cell is None or cell != cell for cell in cells])
    found, codes = np.unique(cells[~missing], return_inverse=True)
    of_rows = np.full(len(cells), len(found))
    of_rows[~missing] = codes
    classes = [_text(cell) for cell in found] + [MISSING] * int(missing.any())
    return Values(_name(name), of_rows, classes)


def _name(name):
    return literal(shorten(name))


def _text(label):
    return literal(shorten(f"{label:g}" if isinstance(label, float) else label, 20))
