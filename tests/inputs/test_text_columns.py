"""What a column of text is: read where all cells have one reading, told where they have not."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_mi._inputs._text_columns import (
    EXACT,
    NO_VALUE,
    OFTEN_NO_VALUE,
    parse_texts,
    read_texts,
)

NUMBERS = [str(k / 4) for k in range(20)]
READ = {
    "number": [
        ["1", "-2.5", "+3", "1e5", "1E-3", ".5", "5.", " 7 "],
        [*NUMBERS, "?", ""],
        *(
            [*NUMBERS, marker]
            for marker in ("NA", "n/a", "None", "-", "--", "NULL", "nan", "Unknown")
        ),
        ["1", "2", "NA", "NA", "NA"],  # a word that means nothing else, whatever its share
        ["inf", "1"],
    ],
    "date": [
        ["2020-01-31", "2020-02-01"],
        ["2020-01-31 10:00", "2020-01-31T10:00:30.5", "2020-02-01"],
        ["2020-01-31T10:00:00Z", "2020-01-31T10:00:00+02:00"],
        ["2020-01", "2020-12"],
        ["0001-01-01", "9999-12-31"],
        [*[f"2020-01-{k:02d}" for k in range(1, 20)], "?"],
    ],
    "duration": [
        ["12:30", "1:05", "NA"],
        ["12:30:05", "00:00:01.5"],
        ["1 days 02:03:04", "-1 days +23:59:59", "1 day, 2:03:04", "3 days"],
        ["P1DT2H3M4.5S", "PT1H"],
    ],
}
LEFT = {  # what is left alone, and what is said of it
    "some words": (["a", "b", "12a", ""], None),
    "few numbers": ([*["a"] * 19, "1"], None),
    "empty": (["", "  "], None),
    "less than": (
        [*NUMBERS, "<5"],
        "20 of 21 cells are plain .* 1 with a unit or sign ('<5')",
    ),
    "unit": ([*NUMBERS, "12a"], "20 of 21 cells are plain numbers, 1 not ('12a')"),
    "half a word": (["1", "2", "x", "y"], "2 of 4 cells are plain numbers, 2 not ('x', 'y')"),
    "many unknown": ([*NUMBERS[:6], *["?"] * 3], "6 of 9 cells .* 3 too many to pass for missing"),
    "decimal commas": (["1,5", "2,5"], "0 of 2 cells .* 2 with a mark within"),
    "thousands": (["1,234", "5"], "1 of 2 cells .* 1 with a mark within"),
    "thousands by points": (["1.234.567", "5.125"], "1 of 2 cells .* 1 with a mark within"),
    "minus signs": (["−3", "4"], "1 of 2 cells .* 1 with a minus in another form ('−3')"),
    "accounting": (["(3)", "3-"], "0 of 2 cells .* 2 with a minus in another form"),
    "no-break blanks": (["1\u00a0100", "5"], "1 of 2 cells .* 1 with a mark within"),
    "codes": (["01234", "90210"], "1 of 2 cells .* 1 with leading zeros like codes"),
    "per cent": (["5%", "7 %"], "0 of 2 cells are plain numbers, 2 with a unit or sign"),
    "units": (
        ["5 kg", "12cm", "$1,200", "3 weeks"],
        "0 of 4 cells .* 4 with a unit or sign",
    ),
    "day or month first": (["05/01/2020", "13/01/2020"], "2 of 2 cells look like dates"),
    "dots": (["05.01.2020"], "look like dates"),
    "year first": (["2020/01/05"], "look like dates"),
    "names of months": (["1 Jan 2020", "Jan 5, 2020"], "2 of 2 cells look like dates"),
    "no such day": (["2020-02-30", "2020-02-01"], "2 of 2 cells look like dates"),
    "some with a zone": (["2020-01-31T10:00:00Z", "2020-01-31T10:00:00"], "look like dates"),
    "quarters": (["2020Q1", "2020Q2"], "look like dates"),
    "hours or minutes": (["12:30", "12:30:05"], "look like durations"),
    "afternoon": (["12:30 pm"], "look like durations"),
    "intervals": (["(0, 5]", "(5, 10]"], "2 of 2 cells look like intervals"),
}


@pytest.mark.parametrize(("kind", "texts"), [(k, t) for k, all_ in READ.items() for t in all_])
def test_text_with_one_reading_is_read_and_told(kind, texts):
    reading = read_texts(texts)
    assert (reading.kind, reading.other) == (kind, "category")
    present = [text for text in texts if text.strip()]
    assert f"of {len(present)} cells are {kind}s" in reading.finding
    values, bad = parse_texts(texts, kind)
    assert not bad.any()
    assert np.isnan(values).sum() == sum(not EXACT[kind].fullmatch(t.strip()) for t in texts)


@pytest.mark.parametrize(("texts", "said"), LEFT.values(), ids=LEFT.keys())
def test_text_with_several_readings_is_left_and_told(texts, said):
    reading = read_texts(texts)
    assert reading.kind == "category" and not reading.plain
    if said is None:
        assert reading.finding == ""
    else:
        assert all(part in reading.finding for part in said.split(" .* "))
        assert reading.finding.endswith("left as levels") and reading.other != "category"


def test_the_order_of_cells_does_not_matter():
    for texts in [*READ["number"], *(texts for texts, _ in LEFT.values())]:
        assert read_texts(texts[::-1]) == read_texts(texts)


def test_nine_in_ten_decide():
    assert read_texts([*"123456789", "?"]).kind == "number"
    assert read_texts([*"12345678", "?", "?"]).kind == "category"


def test_values_are_those_that_are_written():
    assert_array_equal(parse_texts(["1.5", "-2", "NA", "01", "x"], "number")[0][:2], [1.5, -2])
    assert_array_equal(parse_texts(["1.5", "NA", "01", "x"], "number")[1], [0, 0, 1, 1])
    assert_allclose(parse_texts(["1970-01-02T12:00:00+12:00", "1969-12"], "date")[0], [1, -31])
    days = parse_texts(["12:00", "6:00:00", "-1 days +12:00:00", "P1DT6H"], "duration")[0]
    assert_allclose(days, [0.5, 0.25, -0.5, 1.25])


@pytest.mark.parametrize(
    "text", ["05/01/2020", "1 Jan 2020", "2020", "2020-1-5", "soon", "2020-02-30"]
)
def test_dates_in_other_forms_are_no_dates(text):
    assert parse_texts([text], "date")[1].all()


def test_words_for_missing_values_are_lower_case():
    assert all(word == word.lower() for word in NO_VALUE | OFTEN_NO_VALUE)
