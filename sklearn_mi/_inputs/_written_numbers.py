"""Numbers as people write them, with marks and units: what makes plain ones of them in pandas."""

import re

NUMBER = r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?"
BLANKS = " \u00a0\u2009\u202f"  # plain, no-break, thin, narrow no-break
_BLANK = f"[{BLANKS}]?"
_SIGN = r"[<>≤≥~$€£¥]=?"
_UNIT = (
    r"(?:%|°[CF]?|[€$£¥]|[mk]?g|[mck]?m|ml|l|h|hrs?|min|m?s|sec|k|lbs?|oz|ft|in|mph|k?hz|k?w|[kmg]b"
    r"|days?|weeks?|months?|years?|yrs?)"
)
FLAGS = re.ASCII | re.IGNORECASE
MARKED = re.compile(rf"[+-]?\d*(?:[.,'{BLANKS}]\d+)+(?:e[+-]?\d+)?", FLAGS)
_ANY = rf"({NUMBER}|{MARKED.pattern})"
WITH_UNIT = re.compile(rf"{_SIGN}{_BLANK}{_ANY}|{_ANY}{_BLANK}{_UNIT}", FLAGS)
FIRST_NUMBER = r"([-+]?\d*\.?\d+)"
MINUS = [  # other ways to write it, and what becomes of them, one after the other
    ("^[−–-] ?", "-"),
    ("^[(](.+)[)]$", r"-\1"),
    ("^([$€£¥] ?)[(](.+)[)]$", r"\1-\2"),
    ("^(.+?) ?-$", r"-\1"),
    ("^-([$€£¥] ?)", r"\1-"),
]
MARKS = [(",", "."), (".", ","), ("", ","), ("'", "."), (" ", "."), ("'", ","), (" ", ",")]


def without_unit(text):
    """The number in a cell that has a unit or a sign too; None where it is no such cell."""
    found = WITH_UNIT.fullmatch(text)
    return found and (found[1] or found[2])


def with_minus(text):
    """A number, maybe with marks or a unit, with a plain minus; None where it had that before."""
    plain = text
    for form, minus in MINUS:
        plain = re.sub(form, minus, plain)
    is_number = re.fullmatch(_ANY, plain, FLAGS) or WITH_UNIT.fullmatch(plain)
    return plain if plain != text and is_number else None


def ways_of_minus(texts):
    """The places in `MINUS` of what makes plain minuses of those in texts."""
    ways = []
    for k, (form, minus) in enumerate(MINUS):
        changed = [re.sub(form, minus, text) for text in texts]
        if changed != texts:
            ways.append(k)
        texts = changed
    return tuple(ways)


def marks_of(numbers):
    """Which marks for thousands and decimals all the numbers may have been written with.

    Parameters
    ----------
    numbers : collection of str

    Returns
    -------
    marks : tuple of (thousands, decimal)
        The likeliest first, at most two; none if no marks suit them all. A blank stands for all
        of `BLANKS`.

    Examples
    --------
    >>> marks_of(["1,234,567", "2.5"]), marks_of(["1,5", "2"])
    (((',', '.'),), (('', ','),))
    >>> marks_of(["22,857", "18,584"])
    ((',', '.'), ('', ','))
    """
    if all(re.fullmatch(NUMBER, number, FLAGS) for number in numbers):
        return (("", "."),)
    numbers = {re.sub(f"[{BLANKS}]", " ", number) for number in numbers}
    marks = [each for each in MARKS if _occur(*each, numbers) and _suit(*each, numbers)]
    return tuple(marks[:2])


def as_plain(column, marks, has_unit, minus=()):
    """What makes numbers of a column of text in pandas.

    Parameters
    ----------
    column : str
        What gives it, such as "X['income']".
    marks : (thousands, decimal)
    has_unit : bool
    minus : tuple of int, default=()
        As :func:`ways_of_minus` gives them.

    Returns
    -------
    expression : str
    """
    column += ".str.strip()" if minus else ""
    for form, plain in (MINUS[k] for k in minus):
        column += f".str.replace('{form}', r'{plain}', regex=True)"
    thousands, decimal = marks
    if thousands == " ":
        column += f".str.replace({f'[{BLANKS}]'!r}, '', regex=True)"
    elif thousands:
        column += f".str.replace({thousands!r}, '')"
    column += ".str.replace(',', '.')" if decimal == "," else ""
    if has_unit:
        return f"{column}.str.extract(r'{FIRST_NUMBER}')[0].astype(float)"
    return f"pandas.to_numeric({column}, errors='coerce')"


def meaning(marks):
    """What is so of the marks, where others are possible."""
    thousands, decimal = marks
    return f"{thousands!r} parts thousands" if thousands else f"{decimal!r} is the decimal mark"


def _occur(thousands, decimal, numbers):
    needed = thousands if decimal == "." or thousands == "." else thousands + decimal
    return all(any(mark in number for number in numbers) for mark in needed)


def _suit(thousands, decimal, numbers):
    point = re.escape(decimal) if thousands else "[.,]"
    whole = rf"[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}})+|\d+" if thousands else r"\d+"
    form = rf"[+-]?(?:(?:{whole})(?:{point}\d*)?|{point}\d+)(?:e[+-]?\d+)?"
    return all(re.fullmatch(form, number, FLAGS) for number in numbers)
