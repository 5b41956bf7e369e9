"""The one text by which a level is known, whatever type carries it."""

import re
from decimal import Decimal

import numpy as np
import pandas as pd

from ..exceptions import ColumnWarning, warn

TRUTH = dict.fromkeys(["True", "true", "TRUE"], "1") | dict.fromkeys(
    ["False", "false", "FALSE"], "0"
)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?", re.ASCII)
LEADING_ZERO = re.compile(r"0\d+", re.ASCII)


def word(cell):
    """Text of a level: one for True, 1, 1.0 and "1.0", one for a number of either precision.

    Text keeps the form of its digits, as codes and versions need ("01", "1.10"), unless it is
    what Python writes for a number. Blanks around do not count.

    Examples
    --------
    >>> [word(cell) for cell in (True, "True", 1.0, "1.0", "01", np.float32(0.1), 0.1)]
    ['1', '1', '1', '1', '01', '0.1', '0.1']
    """
    if isinstance(cell, bytes):
        cell = cell.decode(errors="backslashreplace")
    if isinstance(cell, str):
        text = cell.strip()
        return TRUTH.get(text) or _as_written(text)
    if isinstance(cell, (bool, np.bool_)):
        return str(int(cell))
    if isinstance(cell, np.float16):
        return _as_written(str(cell))
    if isinstance(cell, (float, np.floating, Decimal)):
        return _of_float(float(cell))
    return str(cell).removesuffix(" 00:00:00")  # a date, and the midnight at its start


def words_of(column):
    """Words of the cells of a column, None where a cell is missing or empty."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        words = words_of(pd.Series(column.cat.categories, dtype=object))
        return np.append(words, None)[column.cat.codes]
    cells = column.to_numpy(object)
    words = np.full(len(cells), None)
    present = column.notna().to_numpy()
    try:
        codes, cells = pd.factorize(cells[present])
    except TypeError:  # cells that have no hash
        codes, cells = slice(None), cells[present]
    found = np.full(len(cells), None)
    found[:] = [word(cell) or None for cell in cells]
    words[present] = found[codes]
    return words


def warn_of_unknown_levels(frame, columns, words, known):
    """Warn of columns of which no level is known, or whose codes have lost their zeros.

    Parameters
    ----------
    frame : DataFrame
    columns : sequence of int
        The categorical ones.
    words : ndarray of shape (n, len(columns))
        Words of their cells, as :func:`texts_of` gives them.
    known : sequence of sequences
        The words that `fit` has seen in each of them.
    """
    for j, cells, levels in zip(columns, np.transpose(words), known, strict=True):
        name, levels = frame.columns[j], {level for level in levels if level is not None}
        present = {cell for cell in cells if cell is not None}
        if present and levels and not present & levels:
            warn(
                f"Column {name!r}: none of its levels ({_some(present)}) was seen in fit "
                f"({_some(levels)}), so it tells nothing about these rows. Pass the values as they "
                "were in fit.",
                ColumnWarning,
            )
        elif frame.dtypes.iloc[j].kind in "iuf" and any(map(LEADING_ZERO.fullmatch, levels)):
            warn(
                f"Column {name!r} holds numbers, but was text with leading zeros in fit "
                f"({_some({level for level in levels if level[0] == '0'})}), so levels get lost. "
                "Pass it as text.",
                ColumnWarning,
            )


def _as_written(text):
    """A number if text is the form in which Python writes it, else the text."""
    if not NUMBER.fullmatch(text) or LEADING_ZERO.match(text):
        return text
    value = float(text)
    return _of_float(value) if text in {str(value), str(_single(value))} else text


def _of_float(value):
    if value.is_integer():
        return str(int(value))
    return str(_single(value)) if _single(value) == value else repr(value)


def _single(value):
    with np.errstate(over="ignore"):
        return np.float32(value)


def _some(words):
    words = sorted(words)
    return ", ".join(map(repr, words[:3])) + (", ..." if len(words) > 3 else "")
