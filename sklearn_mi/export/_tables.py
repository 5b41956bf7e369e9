"""Columns of a table to what networks and companions see of them."""

from contextlib import suppress

import numpy as np

from .._inputs._words import word
from ..modules._encodings import LARGEST
from ._graph import filled

MATRIX = "X"  # name of an input of all columns, or of images
ROWS = "rows"
TRUTH = {"1": ("True", "true", "TRUE"), "0": ("False", "false", "FALSE")}
UNITS = {
    "number": "number; NaN is missing",
    "date": "days since 1970-01-01 UTC; NaN is missing",
    "duration": "days; NaN is missing",
    "category": "text of a level; the empty text is missing",
}


def encoded_table(graph, encoder, matrix):
    """Add the inputs and the encoding; gives rows (M, n, width) in float32.

    Parameters
    ----------
    graph : Graph
    encoder : TableEncoder
    matrix : bool
        Whether all columns are numbers of one input, or each is an input of its own.
    """
    read = _read_matrix if matrix else _read_columns
    numbers, codes, rows = read(graph, encoder)
    encoding, parts = encoder.encoding, []
    if encoding.n_numeric:
        parts.append(_scaled(graph, encoding, numbers))
    if len(encoding.flagged):
        parts.append(_flags(graph, encoding, numbers))
    if encoding.n_levels:
        parts.append(_one_hot(graph, encoding, codes))
    return _side_by_side(graph, parts) or _nothing(graph, len(encoding.center), rows)


def spellings(level):
    """Texts that are taken for a level: its own, and what Python and NumPy write for the same.

    Examples
    --------
    >>> spellings("1")
    ['1', '1.0', 'TRUE', 'True', 'true']
    >>> spellings("clerk"), spellings(None)
    (['clerk'], [''])
    """
    if level is None:
        return [""]
    others = {f"{level}.0", *TRUTH.get(level, ())}
    with suppress(ValueError, OverflowError):
        others |= {repr(float(level)), repr(float(np.float32(level)))}
    return [level, *sorted(text for text in others - {level} if word(text) == level)]


# --- reading ------------------------------------------------------------------------------------


def _read_matrix(graph, encoder):
    """Numbers (n, a) in double, None for codes, and the input."""
    X = graph.input(MATRIX, np.float64, [ROWS, len(encoder.names_)], UNITS["number"])
    return graph("Gather", X, encoder.columns_, axis=1), None, X


def _read_columns(graph, encoder):
    """Numbers (n, a) in double, codes of levels (n, b), each None if there are none; an input."""
    columns = [
        graph.input(name, str if kind == "category" else np.float64, [ROWS, 1], UNITS[kind])
        for name, kind in zip(encoder.names_, encoder.kinds_, strict=True)
    ]
    numeric, categorical = np.split(encoder.columns_, [encoder.n_numbers_])
    known = zip(categorical, encoder.levels_, strict=True)
    codes = [_codes(graph, columns[j], levels) for j, levels in known]
    numbers = _side_by_side(graph, [columns[j] for j in numeric])
    return numbers, _side_by_side(graph, codes), columns[0]


def _side_by_side(graph, parts):
    """Parts along their last axis; None if there are none."""
    if len(parts) < 2:
        return parts[0] if parts else None
    return graph("Concat", *parts, axis=-1)


def _codes(graph, column, levels):
    """The number of the level of each cell; that of all levels where it is none of them."""
    codes = {text: code for code, level in enumerate(levels) for text in spellings(level)}
    return graph(
        "LabelEncoder",
        column,
        keys_strings=list(codes),
        values_int64s=list(codes.values()),
        default_int64=len(levels),
    )


# --- encoding, as `TableEncoding` does -----------------------------------------------------------


def _scaled(graph, encoding, numbers):
    cells = graph("Gather", numbers, encoding.scaled, axis=1)
    z = graph("Sub", graph("Div", cells, np.float64(4)), encoding.center)
    z = graph("Div", z, encoding.scale)
    z = graph("Clip", z, np.float64(-LARGEST), np.float64(LARGEST))
    third = graph("Div", z, np.float64(3))
    root = graph("Sqrt", graph("Add", graph("Mul", third, third), np.float64(1)))
    z = graph("Where", graph("IsNaN", cells), np.float64(0), graph("Div", z, root))
    return graph.cast(np.float32, z)


def _flags(graph, encoding, numbers):
    missing = graph("IsNaN", graph("Gather", numbers, encoding.flagged, axis=1))
    return graph.cast(np.float32, graph("And", missing, encoding.flags))


def _one_hot(graph, encoding, codes):
    """Ones at the places of the levels; a last column, of those that have none, is dropped."""
    row = graph("Add", codes, encoding.start)
    place = graph("Gather", encoding.place, row, axis=1)
    shape = graph("Shape", place)
    n_columns = np.array([encoding.n_levels + 1])
    wide = graph("Concat", graph("Slice", shape, np.array([0]), np.array([2])), n_columns, axis=0)
    out = graph("ConstantOfShape", wide, value=filled(0))
    ones = graph("ConstantOfShape", shape, value=filled(1))
    out = graph("ScatterElements", out, place, ones, axis=2)
    return graph("Slice", out, np.array([0]), n_columns - 1, np.array([2]))


def _nothing(graph, n_members, like):
    """A column of zeros for each member, for a table that says nothing."""
    n_rows = graph("Slice", graph("Shape", like), np.array([0]), np.array([1]))
    shape = graph("Concat", np.array([n_members]), n_rows, np.array([1]), axis=0)
    return graph("ConstantOfShape", shape, value=filled(0))
