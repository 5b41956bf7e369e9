"""The columns of a table from a file: each with its type, and what had to be decided."""

import re

import numpy as np
import pandas as pd

from .._inputs._cells import nearly_unique, numbers_of, read_column
from .._inputs._remedies import numbers_of_text, others_of
from .._inputs._text_columns import is_missing, read_texts
from .._inputs._words import words_of
from .._inputs._written_numbers import BLANKS, meaning

DAY = 86_400_000_000  # microseconds
EXACT_WHOLE = 2**53  # whole numbers from here on are not all floats
WHOLE = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)
ONE_MARK = re.compile(r"\s*[+-]?\d*[.,]\d+(?:[eE][+-]?\d+)?\s*", re.ASCII)
LEFT_OUT = "left out, as nearly every row has a level of its own"
REMEDIES = {
    "category": "--categories {0!r} keeps its cells as levels",
    "number": "--numbers {0!r} reads numbers and takes other cells as missing, --categories {0!r} "
    "keeps levels without this note",
    "marked": "for numbers take all marks but the decimal one out of the file, --categories {0!r} "
    "keeps levels without this note",
    "unit": "for numbers take units and signs out of the file, as no option does it, --categories "
    "{0!r} keeps levels without this note",
    "date": '--dates "{0}=FORMAT" reads dates, such as "{0}=%d/%m/%Y" for day, month, year',
    "duration": "make it a number or hours:minutes:seconds, or pass --categories {0!r}",
    "interval": "make it a number, or pass --categories {0!r}",
}


def column_of_text(cells, decimal=".", thousands=None):
    """Cells of a CSV as numbers where all that are not empty are plain ones, else as text.

    Parameters
    ----------
    cells : list of str
    decimal : {".", ","}
    thousands : {",", ".", "'", " "}, default=None
        What parts groups of three digits; None is a point where commas are decimal and a cell of
        the column has both.

    Returns
    -------
    column : Series
        Empty cells are missing.
    """
    if thousands or decimal == ",":
        cells = _without_thousands(cells, decimal, thousands)
    if decimal == ",":  # where a point is no decimal point, and is not to be taken for one
        marks = str.maketrans(".,", ",.")
        cells = [cell.translate(marks) if ONE_MARK.fullmatch(cell) else cell for cell in cells]
    present = [cell for cell in cells if cell.strip()]
    if not read_texts(present).plain:
        return pd.Series([cell if cell.strip() else None for cell in cells])
    numbers = np.array([cell if cell.strip() else "nan" for cell in cells], dtype=object)
    numbers = numbers.astype(float)
    if not all(map(WHOLE.fullmatch, present)):
        return pd.Series(numbers)
    if np.nanmax(np.abs(numbers)) >= EXACT_WHOLE:
        return pd.Series([cell if cell.strip() else None for cell in cells])
    return pd.Series(numbers if len(present) < len(cells) else numbers.astype(np.int64))


def _without_thousands(cells, decimal, thousands):
    marks = BLANKS if thousands == " " else thousands or "."
    mark = f"[{re.escape(marks)}]"
    grouped = rf"\s*[+-]?\d{{1,3}}(?:{mark}\d{{3}})+"
    both = re.compile(rf"{grouped}{re.escape(decimal)}\d+\s*", re.ASCII)
    if not thousands and not any(map(both.fullmatch, cells)):  # which leave one way to read both
        return cells
    form = re.compile(rf"{grouped}(?:{re.escape(decimal)}\d*)?\s*", re.ASCII)
    return [re.sub(mark, "", cell.strip()) if form.fullmatch(cell) else cell for cell in cells]


def read_columns(X, note):
    """The table with the types that its columns of text have; tells what was decided.

    Text that stays levels after a decision becomes a category, so that it is decided once.
    """
    columns = [_read(X.iloc[:, j], name, note) for j, name in enumerate(X.columns)]
    return pd.concat(columns, axis=1).set_axis(X.columns, axis=1)


def force_columns(frame, note, *, numbers=(), categories=(), dates=()):
    """The table with columns as the user says that they are.

    Parameters
    ----------
    frame : DataFrame
    note : callable
        Is told how many cells of a column are not what it is said to be, and now missing.
    numbers, categories : sequence of str
        Names of columns.
    dates : sequence of (str, str)
        Names and formats.
    """
    frame = frame.copy()
    for name in categories:
        frame[name] = pd.Categorical(words_of(frame[name]))
    for name in numbers:
        text = frame[name].map(_stripped)
        frame[name] = _told(name, frame[name], pd.to_numeric(text, errors="coerce"), note)
    for name, form in dates:
        text = frame[name].astype(str).str.strip().where(frame[name].notna())
        found = pd.to_datetime(text, format=form, errors="coerce")
        frame[name] = _told(name, frame[name], found, note)
    return frame


def labels_of(column, note):
    """Labels that can be sorted: whole numbers as such, all others as text; missing ones as None.

    Of text only empty cells are missing: a class may be called None or NA.
    """
    if not _is_text(column):
        return column
    stripped = column.map(_stripped)
    stripped = stripped.where(stripped != "", None)
    _tell_of_labels(column.name, column, stripped.dropna(), note)
    if read_texts(stripped.dropna().astype(str)).plain:
        numbers = stripped.astype(float)
        if not (numbers.abs() >= EXACT_WHOLE).any():
            return numbers
    return stripped


def _is_text(column):
    return column.dtype == object or isinstance(column.dtype, pd.StringDtype)


def _stripped(cell):
    return cell.strip() if isinstance(cell, str) else cell


def _read(column, name, note):
    try:
        reading = read_column(column, name)
        if not reading.finding:
            return column
        left_out = False
        if reading.kind == "category":
            read = pd.Series(pd.Categorical(words_of(column)))
            left_out = nearly_unique(read.value_counts())
        else:
            read = _with_type(numbers_of(column, reading.kind, name), reading.kind)
    except ValueError:  # which the check of all columns tells, after the notes
        return column
    note(f"column {name!r}: {_told_of(reading, name, left_out)}")
    return read.set_axis(column.index)


def _told_of(reading, name, left_out):
    """The finding of a column, what becomes of it, and the options that help."""
    finding, keep = reading.finding, f"--categories {name!r} keeps levels without this note"
    if left_out:
        finding, keep = finding.replace(": left as levels", f": {LEFT_OUT}"), "else drop it"
    if not reading.marks:
        return f"{finding}; {REMEDIES[reading.other].format(name)}"
    if reading.other == "unit" or reading.minus:
        plain = numbers_of_text(reading, f"X[{name!r}]") + others_of(reading)
        return f"{finding}; no option reads them: make numbers first, by {plain}; {keep}"
    whens = [f" where {meaning(marks)}" if reading.marks[1:] else "" for marks in reading.marks]
    ways = [_options(*marks) for marks in reading.marks]
    ways = [f"{way} reads numbers{when}" for way, when in zip(ways, whens, strict=True)]
    return f"{finding}; {', '.join([*ways, keep])}"


def _options(thousands, decimal):
    """Which say so of the marks."""
    options = [f'--thousands "{thousands}"'] if thousands else []
    return " ".join([*options, *(["--decimal ,"] if decimal == "," else [])])


def _with_type(values, kind):
    if kind == "number":
        return pd.Series(values)
    ticks = np.where(np.isnan(values), np.iinfo(np.int64).min, np.round(values * DAY))
    return pd.Series(ticks.astype(np.int64).view("M8[us]" if kind == "date" else "m8[us]"))


def _told(name, before, after, note):
    """`after`, once it is told how many cells became missing; refused if all of them did."""
    lost = before[after.isna() & before.notna()]
    if len(lost) and after.isna().all():
        raise ValueError(
            f"column {name!r}: no cell is what it is said to be, such as {str(lost.iloc[0])!r}; "
            "check --numbers, which wants no units and the marks of --decimal and --thousands, or "
            "the format of --dates, such as %d.%m.%Y for 31.12.2020."
        )
    words = sorted({str(cell) for cell in lost} - {""})
    if words:
        shown = ", ".join(map(repr, words[:3])) + (", ..." if len(words) > 3 else "")
        cells = "1 cell is" if len(lost) == 1 else f"{len(lost)} cells are"
        share = f", {len(lost) / before.notna().sum():.0%} of them" if len(lost) > 1 else ""
        note(f"column {name!r}: {cells} taken as missing ({shown}){share}")
    return after


def _tell_of_labels(name, column, stripped, note):
    for label, count in stripped.value_counts().items():
        if isinstance(label, str) and is_missing(label):
            note(
                f"{count} rows have the {name} {label!r}, which is kept as a class: empty these "
                "cells if it means that there is none"
            )
    raw = {cell for cell in column.dropna() if isinstance(cell, str) and cell.strip()}
    blanks = _alike(raw, str.strip)
    if blanks:
        note(f"labels of {name} that differ by blanks around are one: {blanks}")
    near = _alike({cell.strip() for cell in raw}, lambda text: text.casefold().lstrip("0"))
    if near:
        note(f"labels of {name} that differ by case or leading zeros only stay apart: {near}")


def _alike(words, key):
    """The first few words that are one under a key, or an empty text."""
    groups = {}
    for text in sorted(words):
        groups.setdefault(key(text), []).append(text)
    return "; ".join(
        " and ".join(map(repr, group[:3])) for group in groups.values() if len(group) > 1
    )[:200]
