"""The cells of a CSV as they stand in it: text, in rows of one length."""

import csv
import gzip
import io

import numpy as np

BYTE_ORDER = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
CODE_PAGES = {
    "cp1252": "the code page of Windows in Western Europe",
    "latin-1": "which takes any byte",
}
SHOWN = 30


class CsvError(ValueError):
    """What is wrong with a file, in one sentence with its remedy."""


def read_cells(path, sep, encoding, check):
    """Names and cells of a CSV.

    Parameters
    ----------
    path : str or Path
    sep : str
    encoding : str
    check : callable
        Is called with the names before the cells are looked at.

    Returns
    -------
    names : list of str
    columns : list of lists of str
    notes : list of str
        What was done to rows that are shorter or longer than the names.
    """
    rows, lines = _rows(_text(path, encoding), sep)
    if not rows:
        raise CsvError("the file is empty.")
    names, rows, lines = [name.strip() for name in rows[0]], rows[1:], lines[1:]
    check(names)
    widths = np.array([len(row) for row in rows], dtype=int)
    notes = [*_trim(rows, widths, len(names)), *_pad(rows, widths, lines, len(names))]
    for row, line in zip(rows, lines, strict=True):
        if len(row) > len(names):
            raise CsvError(
                f"line {line} has {len(row)} cells, but there are {len(names)} names of columns. "
                "Name all columns, or put cells in quotes that hold what separates them."
            )
    columns = [list(column) for column in zip(*rows, strict=True)]
    return names, columns or [[] for _ in names], notes


def _text(path, encoding):
    opened = gzip.open if str(path).lower().endswith(".gz") else open
    with opened(path, "rb") as file:
        content = file.read()
    mark = next((mark for mark in BYTE_ORDER if content.startswith(mark)), b"")
    utf8 = _is_utf8(encoding)
    if utf8 and (not mark or BYTE_ORDER[mark] == "utf-8-sig"):
        content, encoding = content.removeprefix(mark), "utf-8"
    try:
        text = content.decode(encoding)
    except LookupError:
        raise CsvError(
            f"--encoding {encoding!r} is not known; expected utf-8, utf-16, cp1252 or another name "
            "that Python knows."
        ) from None
    except UnicodeError as error:
        raise CsvError(_other_encoding(content, encoding, mark, error)) from error
    if "\x00" in text:
        raise CsvError(_other_encoding(content, encoding, mark, None))
    return text


def _is_utf8(encoding):
    return encoding.lower().replace("_", "-") in {"utf-8", "utf8", "utf-8-sig"}


def _other_encoding(content, encoding, mark, error):
    said = "UTF-8" if _is_utf8(encoding) else encoding
    if mark:
        guess, why = BYTE_ORDER[mark], "as its first bytes say"
    elif b"\x00" in content[:1000]:
        guess = "utf-16-le" if content[1:2] == b"\x00" else "utf-16-be"
        why = "as every other byte is zero"
    else:
        guess, why = _code_page(content, getattr(error, "start", 0))
    return (
        f"it is not {said}. Save it as UTF-8, or pass --encoding with the one that it has, maybe "
        f"--encoding {guess} ({why})."
    )


def _code_page(content, start):
    if _decodes(content, "utf-8"):
        return "utf-8", "in which it can be read"
    guess = "cp1252" if _decodes(content, "cp1252") else "latin-1"
    begin = max(content.rfind(b"\n", 0, start) + 1, start - SHOWN // 2)
    word = content[begin : start + SHOWN // 2].splitlines()[0].decode(guess)
    return guess, f"{CODE_PAGES[guess]}, where it reads {word!r}"


def _decodes(content, encoding):
    try:
        content.decode(encoding)
    except UnicodeError:
        return False
    return True


def _rows(text, sep):
    """The rows that are not blank, and the lines on which they end."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=sep, skipinitialspace=sep != " ", strict=True
    )
    rows, lines = [], []
    try:
        for row in reader:
            if any(cell.strip() for cell in row) or len(row) > 1:
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as error:
        raise CsvError(
            f"line {reader.line_num}: {error}. Mend the quotes of its cells: they come in pairs, "
            "and twice within a cell."
        ) from error
    return rows, lines


def _trim(rows, widths, width):
    """Take away the empty cell that ends every row where lines end with what separates cells."""
    if len(rows) and (widths == width + 1).all() and not any(row[-1].strip() for row in rows):
        for row in rows:
            row.pop()
        widths -= 1
        yield "every line ends with an empty cell without a name: left out"


def _pad(rows, widths, lines, width):
    short = np.flatnonzero(widths < width)
    for i in short:
        rows[i].extend([""] * (width - len(rows[i])))
    if len(short):
        which = "1 line has" if len(short) == 1 else f"{len(short)} lines have"
        yield (
            f"{which} fewer cells than there are names of columns, the first is line "
            f"{lines[short[0]]}: the last ones are taken as missing"
        )


def unnamed(names):
    """Names in which a column without one is called by its position, as pandas does."""
    return [name or f"Unnamed: {j}" for j, name in enumerate(names)]
