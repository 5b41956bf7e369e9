"""What a column of text holds: numbers, dates or durations where all cells say so, else levels."""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ._written_numbers import (
    FLAGS,
    MARKED,
    NUMBER,
    WITH_UNIT,
    marks_of,
    ways_of_minus,
    with_minus,
    without_unit,
)

SHARE = 0.9  # of the cells that speak for a kind before others pass for missing
TOLD = 0.1  # share of cells that look like numbers or dates, from which on levels are told of
NO_VALUE = {"na", "n/a", "nan", "-nan", "null", "none", "nat", "<na>", "#n/a", "#na"}
OFTEN_NO_VALUE = {
    *("?", "??", "-", "--", "---", "–", "—", ".", "..", "*", "n.a.", "n.a", "nil", "unknown"),
    *("unk", "missing", "undefined", "not available", "not applicable", "blank", "(blank)"),
    *("#value!", "#div/0!", "#ref!", "#num!", "#null!", "#name?", "(null)", "(none)", "\\n"),
}

_YEAR_FIRST = r"\d{4}-(?:0[1-9]|1[0-2])(?:-\d{2}"
_TIME = r"\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
_SECONDS = r"\d{1,4}:[0-5]\d:[0-5]\d(?:\.\d+)?"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"


def _pattern(*forms):
    return re.compile("|".join(f"(?:{form})" for form in forms), FLAGS)


EXACT = {
    "number": _pattern(NUMBER, r"[+-]?inf(?:inity)?"),
    "date": _pattern(rf"{_YEAR_FIRST}(?:[T ]{_TIME} ?(?:Z|[+-]\d{{2}}(?::?\d{{2}})?)?)?)?"),
    "duration": _pattern(
        rf"[+-]?{_SECONDS}",
        r"\d{1,3}:[0-5]\d",
        rf"-?\d+ days?(?:,? \+?{_SECONDS})?",
        r"-?P(?=[\dT])(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?",
    ),
}
HOURS_MINUTES = re.compile(r"\d+:\d\d", re.ASCII)
OFFSET = re.compile(r".*:\d\d.*(?:Z|[+-]\d\d(?::?\d\d)?)", re.IGNORECASE)
LEADING_ZERO = re.compile(r"[+-]?0\d+(?:\.\d+)?", re.ASCII)
_WEEKDAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
_DAY = r"\d{1,2}"
_DAY_OF_MONTH = rf"(?:{_DAY}(?:st|nd|rd|th|\.)?[ -]{_MONTH}|{_MONTH}[ -]{_DAY})"
LIKE = {
    "date": _pattern(
        EXACT["date"].pattern,
        rf"{_DAY}[./-]{_DAY}[./-](?:\d{{4}}|\d\d)(?:,?[T ]+\d.*)?",
        rf"\d{{4}}[./-]{_DAY}[./-]{_DAY}(?:,?[T ]+\d.*)?",
        rf"(?:{_WEEKDAY},? )?{_DAY_OF_MONTH},?[ -]\d{{2,4}}.*",
        rf"{_MONTH}[ -]\d{{2,4}}",
        r"\d{4}-?(?:Q[1-4]|W\d\d(?:-\d)?)",
        r"\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d",
    ),
    "duration": _pattern(EXACT["duration"].pattern, r"\d{1,2}:\d\d(?::\d\d)? ?[ap]\.?m\.?"),
    "interval": _pattern(r"[\[(].+, ?.+[\])]"),  # before numbers, for (5,10) may be -5.1 too
    "number": _pattern(NUMBER, LEADING_ZERO.pattern, MARKED.pattern, WITH_UNIT.pattern),
}
START = _pattern(r"[\d+−–.<>≤≥~$€£¥\[(P-]", _MONTH, _WEEKDAY)  # of all of these


@dataclass(frozen=True)
class Reading:
    """What the cells of a column are read as.

    Parameters
    ----------
    kind : {"number", "date", "duration", "category"}
    finding : str, default=""
        What the user is to know of it; empty where nothing was to decide.
    other : {"number", "marked", "unit", "date", "duration", "interval", "category"}, \
            default="category"
        What the cells may be instead; "marked" are numbers with marks such as commas within, "unit"
        those with a unit or a sign beside them, and maybe marks.
    marks : tuple of (thousands, decimal), default=()
        Marks that suit all numbers of either kind, the likeliest first; none if there are none.
    plain : bool, default=False
        Whether all cells that are not empty are numbers.
    minus : tuple of int, default=()
        What makes plain minuses of all, see `ways_of_minus`.
    has_others : bool, default=False
        Whether there are cells which no such marks or minuses make numbers of.
    """

    kind: str
    finding: str = ""
    other: str = "category"
    marks: tuple = ()
    plain: bool = False
    minus: tuple = ()
    has_others: bool = False


def read_texts(texts):
    """What text cells are, by all of them; empty ones do not count.

    Parameters
    ----------
    texts : iterable of str

    Returns
    -------
    reading : Reading

    Examples
    --------
    >>> read_texts(["1.5", "?", *"123456789"]).kind
    'number'
    >>> read_texts(["1,5", "2"]).finding
    "1 of 2 cells are plain numbers, 1 with a mark within ('1,5'): left as levels"
    """
    counts = Counter()
    for text, count in Counter(texts).items():
        counts[text.strip()] += count
    del counts[""]
    n_cells = counts.total()
    for kind in EXACT:
        odd = _odd_words(counts, EXACT[kind])
        n_odd = 0 if odd is None else sum(map(counts.get, odd))
        if odd is None or n_odd == n_cells or not _pass_for_missing(odd, n_odd, n_cells):
            continue
        if _has_one_reading(kind, counts.keys() - odd):
            finding = f"{n_cells - n_odd} of {n_cells} cells are {kind}s as text: read as {kind}s"
            if odd:
                shown = _some({word: counts[word] for word in odd})
                finding += f", the others ({shown}) as missing"
            return Reading(kind, finding, plain=kind == "number" and not odd)
    return _levels(counts, n_cells)


def parse_texts(texts, kind):
    """Values of text cells, dates and durations in days.

    Parameters
    ----------
    texts : sequence of str
    kind : {"number", "date", "duration"}

    Returns
    -------
    values : float64 ndarray
        NaN where a cell is missing, or no such value.
    bad : bool ndarray
        Cells that are neither a value of that kind nor a word for a missing one.
    """
    codes, words = pd.factorize(np.asarray(texts, dtype=object))
    words = [word.strip() for word in words]
    fits = np.array([EXACT[kind].fullmatch(word) is not None for word in words], dtype=bool)
    values = np.full(len(words), np.nan)
    values[fits] = PARSE[kind]([word for word, fit in zip(words, fits, strict=True) if fit])
    bad = np.isnan(values) & ~np.array([is_missing(word) for word in words], dtype=bool)
    return values[codes], bad[codes]


def is_missing(word):
    """Whether a cell without blanks around is empty, or a word for a missing value."""
    return word == "" or word.lower() in NO_VALUE or word.lower() in OFTEN_NO_VALUE


def _odd_words(counts, form):
    """Words for missing values beside cells of a form; None where there are other words."""
    odd = set()
    for word in counts:
        if not form.fullmatch(word):
            if not is_missing(word):
                return None
            odd.add(word)
    return odd


def _pass_for_missing(odd, n_odd, n_cells):
    return n_cells - n_odd >= SHARE * n_cells or all(word.lower() in NO_VALUE for word in odd)


def _has_one_reading(kind, words):
    if kind == "number":
        return True
    form = OFFSET if kind == "date" else HOURS_MINUTES
    if len({form.fullmatch(word) is None for word in words}) > 1:
        return False  # with a time zone and without, or hours:minutes beside minutes:seconds
    return np.isfinite(PARSE[kind](list(words))).all()


def _levels(counts, n_cells):
    maybe = {text: n for text, n in counts.items() if START.match(text)}
    if sum(maybe.values()) < TOLD * n_cells:
        return Reading("category")
    likes = {
        kind: {text: n for text, n in maybe.items() if _looks_like(text, kind)} for kind in LIKE
    }
    kind = max(likes, key=lambda kind: sum(likes[kind].values()))
    n_like = sum(likes[kind].values())
    if n_like < max(1, TOLD * n_cells):
        return Reading("category")
    if kind == "number":
        return _of_numbers(counts, n_cells)
    finding = f"{n_like} of {n_cells} cells look like {kind}s ({_some(likes[kind])})"
    why = {"date": "not all of them in one form of ISO 8601", "interval": "which are text here"}
    why = why.get(kind, "not all of them in one form")
    return Reading("category", f"{finding}, {why}: left as levels", kind)


def _looks_like(text, kind):
    return LIKE[kind].fullmatch(text) or (kind == "number" and with_minus(text))


def _of_numbers(counts, n_cells):
    """What is said of numbers among levels, what they are, and the marks within them."""
    left = dict(counts)
    numbers = {text for text in counts if EXACT["number"].fullmatch(text)}
    parts = [f"{sum(map(left.pop, numbers))} of {n_cells} cells are plain numbers"]
    groups = {
        "with leading zeros like codes": LEADING_ZERO.fullmatch,
        "with a minus in another form": with_minus,
        "with a mark within": MARKED.fullmatch,
        "with a unit or sign": without_unit,
        "too many to pass for missing ones": is_missing,
        "not": bool,
    }
    found = {}
    for what, belongs in groups.items():
        found[what] = {text: left.pop(text) for text in list(left) if belongs(text)}
        if found[what]:
            parts.append(f"{sum(found[what].values())} {what} ({_some(found[what])})")
    return _made_of(numbers, found.values(), n_cells, f"{', '.join(parts)}: left as levels")


def _made_of(numbers, groups, n_cells, finding):
    """The reading of plain numbers beside the groups of others: what makes numbers of these."""
    _, with_minuses, marked, with_unit, *others = groups
    units = {text: n for text, n in {**with_unit, **with_minuses}.items() if _has_unit(text)}
    has_unit = sum(units.values()) > TOLD * n_cells
    used = (with_unit | marked | with_minuses).keys() - (() if has_unit else units.keys())
    others = any([*others, units.keys() - used])
    if not used:
        return Reading("category", finding, "number", has_others=others)
    plain = {with_minus(text) or text for text in used}
    numbers = numbers | {without_unit(text) or text for text in plain}
    unsure = has_unit and any("e" in number.lower() for number in numbers)
    return Reading(
        "category",
        finding,
        "unit" if has_unit else "marked",
        () if unsure else marks_of(numbers),
        minus=ways_of_minus(list(used & with_minuses.keys())),
        has_others=others,
    )


def _has_unit(text):
    return without_unit(with_minus(text) or text)


def _some(counts):
    """The most frequent cells, for a sentence."""
    shown = sorted(counts, key=lambda text: (-counts[text], text))[:3]
    more = f" and {len(counts) - 3} more" if len(counts) > 3 else ""
    return ", ".join(repr(text if len(text) <= 30 else f"{text[:29]}…") for text in shown) + more


def _numbers(words):
    return np.array(words, dtype=object).astype(float)


def _days_since_1970(words):
    # Microseconds, since nanoseconds would leave no room for the years before 1678.
    words = [re.sub(r"[.,](\d{6})\d*", r".\1", word.replace(",", ".").upper()) for word in words]
    stamps = pd.to_datetime(words, format="ISO8601", utc=True, errors="coerce")
    return days(stamps - pd.Timestamp("1970", tz="UTC"))


def _days(words):
    words = [f"{word}:00" if HOURS_MINUTES.fullmatch(word) else word for word in words]
    return days(pd.to_timedelta(words, errors="coerce"))


def days(durations):
    """A TimedeltaIndex in days."""
    return durations.total_seconds().to_numpy(float) / 86_400


PARSE = {"number": _numbers, "date": _days_since_1970, "duration": _days}
