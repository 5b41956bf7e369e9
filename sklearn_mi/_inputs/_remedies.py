"""What the user may do about a column of text whose reading is not sure."""

import re

from ._written_numbers import as_plain, meaning

LEFT_OUT = (
    "{:,} levels in {:,} rows: left out, but for whether a cell is missing, since levels of one "
    "row each say nothing of new rows"
)
COMMON = "Drop it, or pass what rows have in common in it, such as the first letters of a code."
REMEDIES = {
    "number": "For numbers pass pandas.to_numeric({0}, errors='coerce')",
    "date": "For dates pass pandas.to_datetime({0}, format=...)",
    "duration": "For durations pass pandas.to_timedelta({0})",
    "interval": "For numbers pass the middle of each",
    "marked": "For numbers pass pandas.to_numeric of the column with all its marks but a decimal "
    "point taken out, and a plain minus in front",
    "unit": "For numbers pass those in the cells, without units, signs and marks, as floats",
}
OTHERS = {
    "number": ", with all other cells as missing",
    "marked": ", with all other cells as missing",
    "unit": ", with the first number of all other cells, or as missing",
}


COLUMN, LEVELS = "X[{0!r}]", "X[{0!r}].astype('category')"
COLUMNS = {  # of X as it was passed: one in pandas, and what has it as levels
    "polars": (
        "pandas.Series(X[{0!r}].to_list())",
        "X.with_columns(polars.col({0!r}).cast(polars.Categorical))",
    ),
    "pyarrow": ("X[{0!r}].to_pandas()", "X[{0!r}].dictionary_encode()"),
    "arrow": ("pyarrow.table(X)[{0!r}].to_pandas()", "pyarrow.table(X)[{0!r}].dictionary_encode()"),
    "rows": ("pandas.DataFrame(X)[{0!r}]", "pandas.DataFrame(X).astype({{{0!r}: 'category'}})"),
    "dicts": (
        "pandas.DataFrame(map(dict, X))[{0!r}]",
        "pandas.DataFrame(map(dict, X)).astype({{{0!r}: 'category'}})",
    ),
}


def told_of(reading, name, mixed, left_out, passed_as=None):
    """What is told of a column after its name: the finding, what is done, and the remedy in pandas.

    Parameters
    ----------
    reading : Reading
    name : label of the column
    mixed : bool
        Whether there are cells of other types than text.
    left_out : (n_levels, n_rows) or None
        Of a column that is left out, since nearly all of its levels have one row.
    passed_as : str, default=None
        What X was, a key of `COLUMNS`, or "array" of rows whose column j is here named "xj"; all
        else is taken for a DataFrame of pandas.

    Returns
    -------
    told : str
    """
    if passed_as == "array" and (place := re.fullmatch(r"x(\d+)", str(name))):
        name, passed_as = int(place[1]), "rows"
    column, levels = (way.format(name) for way in COLUMNS.get(passed_as, (COLUMN, LEVELS)))
    finding = reading.finding
    if left_out and not finding:
        return f" has {LEFT_OUT.format(*left_out)}. {COMMON}"
    if reading.other == "category":
        return f": {finding}. To keep its cells as levels, pass {levels}."
    numbers = numbers_of_text(reading, f"{column}.astype(str)" if mixed else column)
    remedy = f"For numbers pass {numbers}" if numbers else REMEDIES[reading.other].format(column)
    remedy += others_of(reading)
    if left_out:
        finding = finding.replace(": left as levels", f", so {LEFT_OUT.format(*left_out)}")
        return f": {finding}. {remedy}; else drop it."
    return f": {finding}. {remedy}; for levels, without this warning, {levels}."


def others_of(reading):
    """What becomes of cells that the remedy for numbers makes no numbers of."""
    return OTHERS.get(reading.other, "") if reading.has_others else ""


def numbers_of_text(reading, text):
    """What gives the numbers of text with marks or units, by each way to read it; or nothing."""
    has_unit = reading.other == "unit"
    ways = [as_plain(text, marks, has_unit, reading.minus) for marks in reading.marks]
    if len(ways) > 1:
        whens = [f" where {meaning(marks)}" for marks in reading.marks]
        ways = [way + when for way, when in zip(ways, whens, strict=True)]
    unit = ", if they have one unit" if ways and has_unit else ""
    return ", or ".join(ways) + unit
