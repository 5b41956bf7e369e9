"""What the user may do about a column of text whose reading is not sure."""

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


def told_of(reading, name, mixed, left_out):
    """What is told of a column after its name: the finding, what is done, and the remedy in pandas.

    Parameters
    ----------
    reading : Reading
    name : label of the column
    mixed : bool
        Whether there are cells of other types than text.
    left_out : (n_levels, n_rows) or None
        Of a column that is left out, since nearly all of its levels have one row.

    Returns
    -------
    told : str
    """
    column, finding = f"X[{name!r}]", reading.finding
    if left_out and not finding:
        return f" has {LEFT_OUT.format(*left_out)}. {COMMON}"
    if reading.other == "category":
        return f": {finding}. To keep its cells as levels, pass {column}.astype('category')."
    numbers = numbers_of_text(reading, f"{column}.astype(str)" if mixed else column)
    remedy = f"For numbers pass {numbers}" if numbers else REMEDIES[reading.other].format(column)
    remedy += others_of(reading)
    if left_out:
        finding = finding.replace(": left as levels", f", so {LEFT_OUT.format(*left_out)}")
        return f": {finding}. {remedy}; else drop it."
    return f": {finding}. {remedy}; for levels, without this warning, {column}.astype('category')."


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
