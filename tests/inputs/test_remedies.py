"""What users are told to do about a column of text does it."""

import re
import sqlite3
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._inputs._cells import as_frame, read_kinds
from sklearn_mi._inputs._table_encoder import TableEncoder
from sklearn_mi._inputs._written_numbers import BLANKS

NAN = float("nan")
WRITTEN = {  # cells, and the numbers by each way to read them
    "unit": (["54.3 kg", "-7 kg", ".5kg", "80 kg", None], [[54.3, -7, 0.5, 80, NAN]]),
    "per cent": (["2.3%", "7 %", "60"], [[2.3, 7, 60]]),
    "sign": (["$1,200", "$35", "~ 1,000,000.5"], [[1200, 35, 1000000.5]]),
    "unit and words": (["5 kg", "unknown", "7.25 kg", "heavy"], [[5, NAN, 7.25, NAN]]),
    "unit and numbers": ([5, "6 kg", 7.5], [[5, 6, 7.5]]),
    "unit and decimal comma": (["1,5 kg", "12 kg"], [[1.5, 12]]),
    "less than": ([*map(str, range(20)), "<5"], [[*range(20), NAN]]),
    "commas": (["22,857", "1,234,567", "8", "N/A"], [[22857, 1234567, 8, NAN]]),
    "commas or decimals": (["22,857", "18,584"], [[22857, 18584], [22.857, 18.584]]),
    "no thousands": (["0,857", "18,584"], [[0.857, 18.584]]),
    "decimal commas": (["1,5", "-2", ",25"], [[1.5, -2, 0.25]]),
    "points": (["1.234.567", "5.125"], [[1234567, 5125]]),
    "points and commas": (["2.152,74", "180,90"], [[2152.74, 180.9]]),
    "apostrophes": (["1'234.5", "12"], [[1234.5, 12]]),
    "blanks": (["1 234,5", "12"], [[1234.5, 12]]),
    "minus signs": (["−3", "–2.5", "- 4", "4", None], [[-3, -2.5, -4, 4, NAN]]),
    "accounting": ([" (1,234.5)", "(3)", "12"], [[-1234.5, -3, 12]]),
    "minus at the end": (["1.234,50-", "7 -", "7"], [[-1234.5, -7, 7]]),
    "minus beside units": (
        ["$1,200.5", "($35)", "$ (2)", "-$7", "$8-"],
        [[1200.5, -35, -2, -7, -8]],
    ),
    "minus and words": (["(3)", "4", "sold", "(all)"], [[-3, 4, NAN, NAN]]),
    "minus and numbers": ([5, "(6)", -7.5], [[5, -6, -7.5]]),
    "no-break blanks": (["1\u00a0100", "2\u202f345\u202f678", "-12"], [[1100, 2345678, -12]]),
    "no-break blanks and units": (["1\u00a0100,50\u00a0€", "7\u202f€"], [[1100.5, 7]]),
}


def told_of(cells):
    with pytest.warns(UserWarning) as told:
        read_kinds(pd.DataFrame({"w": pd.Series(cells, dtype=object)}))
    return str(told[0].message)


def found_by_remedy(cells, dtype=object):
    told = told_of(cells).partition("For numbers pass ")[2]
    said = (
        r", if they have one unit|, with (all other|the first).*|; for levels.*| where '.' [^,;]*"
    )
    told = re.sub(said, "", told)
    X = pd.DataFrame({"w": pd.Series(cells, dtype=dtype)})
    return [eval(way, {"X": X, "pandas": pd}).tolist() for way in told.split(", or ")]


@pytest.mark.parametrize(("cells", "ways"), WRITTEN.values(), ids=WRITTEN.keys())
def test_the_remedy_gives_the_numbers(cells, ways):
    np.testing.assert_equal(found_by_remedy(cells), ways)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1000, 10**9), min_size=1), st.sampled_from(BLANKS), st.booleans())
def test_blanks_of_every_kind_part_thousands(numbers, blank, as_str):
    cells = [f"{number:,}".replace(",", blank) for number in numbers]
    assert found_by_remedy(cells, str if as_str else object) == [numbers]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-(10**6), 10**6), min_size=2).filter(lambda n: min(n) < 0 <= max(n)),
    st.sampled_from(["−{}", "–{}", "({})", "{}-", "{} -", "- {}"]),
    st.sampled_from(["{}", "${}", "{} €"]),
    st.sampled_from(["", ",", "\u00a0"]),
    st.booleans(),
)
def test_a_minus_in_any_form_is_kept(numbers, minus, unit, mark, as_str):
    cells = []
    for number in numbers:
        plain = unit.format(f"{abs(number):,}.0").replace(",", mark)
        cells.append(minus.format(plain) if number < 0 else plain)
    assert numbers in found_by_remedy(cells, str if as_str else object)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["1", "(3)", "x"], ", with all other cells as missing; for levels"),
        (["1", "2", "x"], ", with all other cells as missing; for levels"),
        (["1", "2", "?", "?"], ", with all other cells as missing; for levels"),
        (["5 kg", "4-5 kg"], ", with the first number of all other cells, or as missing; for"),
        (["1", "(3)", "4-"], None),
        (["01", "2"], None),
        (["1,234.5", "2"], None),
    ],
)
def test_it_is_told_that_other_cells_become_missing(cells, said):
    assert said in told_of(cells) if said else ", with " not in told_of(cells)


def test_pairs_in_parentheses_stay_intervals():
    assert "look like intervals" in told_of(["(0,5)", "(5,10)", "(100,200)"])


@pytest.mark.parametrize("cells", [["1.2.3", "10.1"], ["1,5", "1.234,5.6"], ["1e5 kg", "2 kg"]])
def test_without_a_way_to_read_all_numbers_none_is_named(cells):
    assert "str." not in told_of(cells)


TABLES = ["pandas", "polars", "table", "batch", "stream", "lists", "array", "dicts", "database"]
TABLES += ["named tuples", "records"]


def tables_of_text(cells):
    pa, pl = pytest.importorskip("pyarrow"), pytest.importorskip("polars")
    frame = pd.DataFrame({"w": pd.Series(cells, dtype=object)})
    table = pa.table({"w": cells})
    database = sqlite3.connect(":memory:")
    database.row_factory = sqlite3.Row
    frame.to_sql("t", database, index=False)
    rows = database.execute("select * from t").fetchall()
    database.close()
    return {
        "pandas": frame,
        "polars": pl.DataFrame({"w": cells}),
        "table": table,
        "batch": table.to_batches()[0],
        "stream": SimpleNamespace(__arrow_c_stream__=table.__arrow_c_stream__),
        "lists": [[cell] for cell in cells],
        "array": frame.to_numpy(),
        "dicts": [{"w": cell} for cell in cells],
        "database": rows,
        "named tuples": list(frame.itertuples(index=False)),
        "records": frame.to_records(index=False),
    }


@pytest.mark.parametrize("what", TABLES)
def test_what_is_told_runs_for_whatever_the_table_was(what):
    polars, pyarrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    X = tables_of_text(["1", "2,5", "x", None])[what]
    with pytest.warns(UserWarning) as told:
        read_kinds(as_frame(X))
    names = {"X": X, "pandas": pd, "polars": polars, "pyarrow": pyarrow}
    ways = re.search(
        "For numbers pass (.*), with all .* this warning, (.*)[.]", str(told[0].message)
    )
    numbers, levels = (eval(way, names) for way in ways.groups())
    np.testing.assert_equal(numbers.tolist(), [1, 2.5, NAN, NAN])
    if isinstance(levels, pd.Series):
        levels = levels.to_frame()
    if isinstance(levels, pyarrow.Array | pyarrow.ChunkedArray):
        levels = pyarrow.table({"w": levels})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_kinds(as_frame(levels)).tolist() == ["category"]


def test_what_a_table_was_is_known_in_fit():
    polars = pytest.importorskip("polars")
    X = polars.DataFrame({"w": [*"123456789", "x"] * 3, "v": [0.5, 1] * 15})
    clf = MutualInfoClassifier(estimators=None, max_iter=1, cv=2, random_state=0)
    with pytest.warns(UserWarning, match=r"polars.col\('w'\).cast"):
        clf.fit(X, [0, 1, 1] * 10)
    with pytest.warns(UserWarning, match=r"pandas.DataFrame\(X\).astype\({0: 'category'}\)"):
        clf.fit(X.rows(), [0, 1, 1] * 10)


def test_a_column_that_is_left_out_is_told_of_once():
    frame = pd.DataFrame({"w": [f"{i},{500 + i}" for i in range(100, 160)]})
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        TableEncoder().fit(frame)
    (said,) = [str(each.message) for each in told]
    assert "so 60 levels in 60 rows: left out" in said
    assert "left as levels" not in said and "for levels" not in said
    assert "X['w'].str.replace(',', '')" in said
