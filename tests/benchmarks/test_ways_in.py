"""Whatever its columns hold, a table says the same by every way in, or a note names the column."""

import os

import pytest
from benchmark_modules import load
from hypothesis import HealthCheck, given, settings

pytest.importorskip("polars")
pytest.importorskip("pyarrow")
ways_in, odd_tables = load("ways_in"), load("_odd_tables")
EXAMPLES = int(os.environ.get("WAYS_IN_EXAMPLES", 100))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(odd_tables.tables())
def test_every_way_reads_the_same_or_tells(table):
    found = list(ways_in.outcomes(*table))
    assert [outcome for outcome in found if outcome[2] == "SILENT"] == []


@pytest.mark.parametrize("kind", odd_tables.KINDS)
def test_each_kind_of_column_by_every_way(kind):
    @settings(max_examples=3, deadline=None, database=None)
    @given(odd_tables.tables_of([kind]))
    def check(table):
        found = list(ways_in.outcomes(*table))
        assert len(found) == len(ways_in.WAYS)
        assert "SILENT" not in {outcome for *_, outcome in found}

    check()


def test_the_table_counts_every_outcome():
    counts = ways_in.count(5, 0)
    assert counts["tables"] == 5
    head, *_, last = ways_in.lines(counts)
    assert all(way in head for way in ways_in.WAYS)
    assert last.startswith("all") and sum(map(int, last.split()[1:])) == counts.total() - 5


def test_a_way_that_loses_something_is_silent(monkeypatch):
    def rounded(frame):
        return ways_in.read(frame.round(0))

    monkeypatch.setitem(ways_in.READERS, "rows", rounded)
    frame = ways_in.pd.DataFrame({"c0": [0.25, 1.5]})
    outcomes = dict((way, outcome) for _, way, outcome in ways_in.outcomes(frame, ["float64"]))
    assert outcomes == {"CSV": "same", "Parquet": "same", "polars": "same", "rows": "SILENT"}
