"""Made tables with columns that mislead, as real ones have: ids, dates as text, rare levels.

`made_tables(n_fit, n_fresh)` gives a dict of name -> function of a seed. The function draws a table
and returns two parts, to fit on and to score, each X, y and groups (None but in the tables of
`IN_GROUPS`, whose fresh rows are of groups that the fit has not seen). The rows of both parts are
drawn in the same way, so that what a held-out row is worth is what a fresh one is, with one
exception: "repeated_rows" was oversampled before the fit, which nothing but the rows can tell.
"""

from functools import partial

import numpy as np
import pandas as pd

GROUP_SIZE = 20
LETTERS = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
WORDS = ["the", "of", "and", "to", "in", "is", "that", "it", "was", "for", "on", "are", "as", "at"]
CAUSES = np.array(["leak", "crack", "noise", "rust", "smoke", "delay", "spill", "fault"])


def labels_of(rng, log_odds):
    """Labels 0 and 1 with these log odds of 1."""
    return (rng.random(len(log_odds)) < 1 / (1 + np.exp(-log_odds))).astype(int)


def with_number(rng, log_odds, **columns):
    """A frame of columns and a number that tells something, and labels that both tell of."""
    z = rng.normal(size=len(log_odds))
    return pd.DataFrame({**columns, "z": z}), labels_of(rng, log_odds + z)


# --- nearly unique ------------------------------------------------------------------------------


def text_ids(rng, n):
    """The first letter of an id tells the class, the rest nothing; three quarters are of one."""
    site = rng.choice(LETTERS[:10], n)
    number = rng.permutation(n)
    y = ((site >= "I") ^ (rng.random(n) < 0.1)).astype(int)
    ids = [f"{letter}{i:06d}" for letter, i in zip(site, number, strict=True)]
    return pd.DataFrame({"id": ids, "z": rng.normal(size=n) + 0.8 * y}), y


def empty_ids(rng, n):
    """Random text, as of a hash, beside classes of 3 to 1."""
    ids = ["".join(letters) for letters in rng.choice(LETTERS, (n, 8))]
    return with_number(rng, np.full(n, -1.1), key=ids)


def integer_ids(rng, n):
    return with_number(rng, np.zeros(n), number=rng.permutation(n) + 10_000)


def rising_ids(rng, n):
    """Numbers rise with time, and so does the share of class 1."""
    order = rng.permutation(n)
    return with_number(rng, 4.0 * order / n - 3, number=order + 500_000)


def tickets(rng, n):
    """Such as 'A/5 21171', 'PC 17599' and '113803'; the prefix tells, the number hardly."""
    prefixes = np.array(["A/5 ", "PC ", "STON/O2. ", "C.A. ", ""])
    effects, kind = np.array([-2.0, 1.5, 0.5, -1.0, 0.0]), rng.integers(5, size=n)
    number = rng.integers(2_000, 400_000, size=n)
    ticket = [f"{prefixes[k]}{i}" for k, i in zip(kind, number, strict=True)]
    return with_number(rng, effects[kind] - 0.5, ticket=ticket)


def free_text(rng, n):
    """Sentences of eight words, one of which names a cause."""
    cause = rng.integers(len(CAUSES), size=n)
    words = rng.choice(np.array(WORDS, object), (n, 8))
    words[np.arange(n), rng.integers(8, size=n)] = CAUSES[cause]
    return with_number(rng, np.where(cause < 3, 2.0, -1.0), remark=[" ".join(row) for row in words])


# --- times and numbers as text --------------------------------------------------------------------


def _moments(rng, n):
    """Minutes of a year, and log odds that are higher in the day and late in the year."""
    minute = rng.integers(365 * 24 * 60, size=n)
    hour = minute // 60 % 24
    moments = pd.Timestamp("2023-01-01") + pd.to_timedelta(minute, unit="min")
    return moments, np.where((hour > 7) & (hour < 19), 1.0, -2.0) + minute / minute.max() - 0.5


def iso_times(rng, n):
    moments, log_odds = _moments(rng, n)
    return with_number(rng, log_odds, at=moments.strftime("%Y-%m-%d %H:%M:%S").to_numpy(object))


def other_times(rng, n):
    """The day before the month, and twelve hours to the half day."""
    moments, log_odds = _moments(rng, n)
    return with_number(rng, log_odds, at=moments.strftime("%d/%m/%Y %I:%M %p").to_numpy(object))


def numbers_as_text(rng, n):
    """Numbers with a mark between thousands, of which a few are words."""
    amount = np.exp(rng.normal(8, 1.5, size=n))
    text = np.array([f"{value:,.2f}" for value in amount], dtype=object)
    text[rng.random(n) < 0.03] = "unknown"
    return with_number(rng, np.log(amount) - 8, amount=text)


# --- many levels ----------------------------------------------------------------------------------


def postcodes(rng, n):
    """Zipf's law over 3,000 codes, each with an effect of its own."""
    code = np.minimum(rng.zipf(1.3, size=n), 3000) - 1
    names = rng.permutation(90_000)[:3000] + 10_000
    return with_number(rng, rng.normal(0, 1.5, 3000)[code], postcode=names[code].astype(str))


def _rare_levels(rng, n, spread):
    level, effect = rng.integers(1000, size=n), spread * rng.normal(size=1000)
    return with_number(rng, effect[level] - 1, level=[f"level {i}" for i in level])


def rare_levels(rng, n):
    """1,000 levels, each with an effect of its own."""
    return _rare_levels(rng, n, 2.0)


def idle_levels(rng, n):
    """1,000 levels that say nothing."""
    return _rare_levels(rng, n, 0.0)


def families(rng, n):
    """Surnames of two rows on average, which share a class more often than not."""
    family = rng.integers(n // 2, size=n)
    fate = rng.normal(0, 3, size=n // 2)
    return with_number(rng, fate[family] - 1, surname=[f"Name{i}" for i in family])


# --- scales ---------------------------------------------------------------------------------------


def drifting_scales(rng, n):
    """A signal whose unit grows by six powers of ten over time, which is a column."""
    time, y = rng.random(n), rng.integers(2, size=n)
    reading = (rng.normal(size=n) + y) * 10 ** (6 * time)
    return pd.DataFrame({"time": time, "reading": reading, "load": rng.gamma(0.3, size=n)}), y


def heavy_tails(rng, n):
    """Cauchy noise on everything."""
    y = rng.integers(3, size=n)
    X = rng.standard_cauchy((n, 5)) + 1.5 * y[:, None] * [1, 0.5, 0, 0, 0]
    return pd.DataFrame(X).rename(columns="x{}".format), y


def informative_gaps(rng, n):
    """Numbers and categories; that a cell is missing tells more than what is in it."""
    y = rng.integers(2, size=n)
    frame = pd.DataFrame({"a": rng.normal(size=n) + 0.5 * y, "b": rng.lognormal(size=n)})
    frame["c"] = rng.choice(["low", "mid", "high"], n)
    for name, gap in [("a", 0.1 + 0.3 * y), ("b", 0.5 - 0.3 * y), ("c", 0.2)]:
        frame.loc[rng.random(n) < gap, name] = None
    return frame, y


def constant_columns(rng, n):
    """Constant, empty, and constant but for about two rows in a thousand."""
    odd = np.where(rng.random(n) < 0.002, rng.normal(0, 1e6, size=n), 7.0)
    frame = {"same": 3.0, "empty": np.nan, "odd": odd, "word": np.repeat("yes", n)}
    return with_number(rng, np.zeros(n), **frame)


def noise_columns(rng, n):
    """Sixty columns of noise around one that says little."""
    frame, y = with_number(rng, np.zeros(n))
    noise = pd.DataFrame(rng.normal(size=(n, 60))).rename(columns="noise{}".format)
    return pd.concat([noise, frame], axis=1), y


# --- rows and classes -----------------------------------------------------------------------------


def _classes(rng, n, shares):
    y = rng.choice(len(shares), n, p=shares)
    X = rng.normal(size=(n, 3)) + np.c_[y, y % 2, np.zeros(n)]
    return pd.DataFrame(X).rename(columns="x{}".format), np.array(list("abcdefgh"), object)[y]


def small_classes(rng, n):
    """The smallest of five classes has about 12 rows in 800."""
    return _classes(rng, n, [0.6, 0.3, 0.06, 0.025, 0.015])


def tiny_classes(rng, n):
    """Classes of about 5, 3 and 2 rows in 800: fewer than folds."""
    return _classes(rng, n, [0.6, 0.3875, 0.006, 0.004, 0.0025])


def few_profiles(rng, n):
    """Rows that repeat by nature: 48 different ones in all."""
    levels = {name: rng.integers(size, size=n) for name, size in [("a", 4), ("b", 4), ("c", 3)]}
    log_odds = levels["a"] - 1.5 + (levels["b"] == levels["c"])
    return pd.DataFrame(levels).astype(str), labels_of(rng, log_odds)


def plain_rows(rng, n):
    """Normal numbers that say little; what is made of them matters."""
    X = rng.normal(size=(n, 5))
    return pd.DataFrame(X).rename(columns="x{}".format), labels_of(rng, X[:, 0] - 0.5)


def _group_of_rows(n):
    return np.arange(n) // GROUP_SIZE


def people(rng, n):
    """Rows of a person are alike, and share a class that little else tells."""
    person = _group_of_rows(n)
    fate, face = rng.normal(size=person.max() + 1), rng.normal(size=(person.max() + 1, 4))
    X = pd.DataFrame(face[person] + 0.1 * rng.normal(size=(n, 4))).rename(columns="x{}".format)
    return X, labels_of(rng, 3 * fate[person] + face[person, 0])


def batches(rng, n):
    """Each batch has a zero and a unit of its own in every column."""
    batch = _group_of_rows(n)
    y = rng.integers(2, size=n)
    zero, unit = rng.normal(size=(batch.max() + 1, 3)), 10 ** rng.normal(size=(batch.max() + 1, 3))
    X = (rng.normal(size=(n, 3)) + y[:, None]) * unit[batch] + zero[batch]
    return pd.DataFrame(X).rename(columns="x{}".format), y


MADE = [
    text_ids, empty_ids, integer_ids, rising_ids, tickets, free_text, iso_times, other_times,
    numbers_as_text, postcodes, rare_levels, idle_levels, families, drifting_scales, heavy_tails,
    informative_gaps, constant_columns, noise_columns, small_classes, tiny_classes, few_profiles,
    people, batches,
]  # fmt: skip
IN_GROUPS = (people, batches)


def _two_parts(make, n_fit, n_fresh, seed):
    X, y = make(np.random.default_rng(seed), n_fit + n_fresh)
    groups = _group_of_rows(len(y)) if make in IN_GROUPS else None
    parts = [slice(None, n_fit), slice(n_fit, None)]
    return [
        (X[part].reset_index(drop=True), y[part], None if groups is None else groups[part])
        for part in parts
    ]


def _oversampled(n_fit, n_fresh, grouped, seed):
    """A quarter of the rows to fit on, drawn until there are as many again."""
    (X, y, _), fresh = _two_parts(plain_rows, n_fit, n_fresh, seed)
    rows = np.random.default_rng(seed).integers(n_fit // 4, size=n_fit)
    return (X.iloc[rows].reset_index(drop=True), y[rows], rows if grouped else None), fresh


def made_tables(n_fit, n_fresh):
    """All of them, by name; rows are made up to whole groups."""
    n_fit, n_fresh = (-(-n // GROUP_SIZE) * GROUP_SIZE for n in (n_fit, n_fresh))
    tables = {make.__name__: partial(_two_parts, make, n_fit, n_fresh) for make in MADE}
    tables["repeated_rows"] = partial(_oversampled, n_fit, n_fresh, False)
    tables["repeats_grouped"] = partial(_oversampled, n_fit, n_fresh, True)
    return tables
