"""What the benchmarks make of their figures: comparisons from rows, verdicts on validity."""

import json
from argparse import Namespace

import numpy as np
import pytest
from benchmark_modules import load

comparison, validity = load("_comparison"), load("validity")
false_alarms = load("false_alarms")


# --- arithmetic of comparisons --------------------------------------------------------------------


def row(table, model, mi, seed=0, entropy=2.0, se=0.1, accuracy=0.5, seconds=1.0, **more):
    return {
        "set": table, "model": model, "seed": seed, "n": 100, "mi": mi, "se": se,
        "entropy": entropy, "accuracy": accuracy, "balanced_accuracy": accuracy,
        "fit_seconds": seconds, **more,
    }  # fmt: skip


ROWS = [
    row("A", "ours", 1.0, accuracy=0.9, seconds=3, own_estimate=0.8),
    row("A", "logreg", 0.6, seconds=2),
    row("A", "hgb", 1.05),
    row("A", "ours", 1.2, seed=1, own_estimate=1.2),
    row("A", "logreg", 0.6, seed=1, seconds=2),
    row("B", "ours", 0.3, entropy=1.0, own_estimate=0.3),
    row("B", "logreg", 0.5, entropy=1.0, seconds=2),
    row("B", "hgb", 0.2, entropy=1.0),
    {"set": "B", "model": "rf", "seed": 0, "error": "MemoryError()"},
]


def test_last_success_counts_and_covers_a_failure():
    again = [*ROWS, row("B", "rf", 0.1), row("A", "ours", 1.1)]
    cells = comparison.collect(again)
    assert list(cells) == [("A", 0), ("A", 1), ("B", 0)]
    assert cells["A", 0]["ours"]["mi"] == 1.1
    assert comparison.failures(again, cells) == []
    assert comparison.failures(ROWS, comparison.collect(ROWS)) == [("rf", "B", 0)]


def test_against_the_best_peer():
    gaps, close = comparison.against_best(comparison.collect(ROWS), "ours")
    assert gaps == pytest.approx({("A", 0): -0.025, ("A", 1): 0.3, ("B", 0): -0.2})
    assert close == [True, True, False]  # -.05 against .1; +.6; -.2 against .1


def test_our_other_losses_are_no_peers():
    more = [*ROWS, row("A", "ours:pc_softmax", 1.9), row("A", "networks", 1.9)]
    gaps, _ = comparison.against_best(comparison.collect(more), "ours")
    assert gaps["A", 0] == pytest.approx(-0.025)


def test_paired_comparison_is_over_tables():
    result = comparison.paired(comparison.collect(ROWS), "ours", "logreg")
    # Shares of H(Y): table A +.2 and +.3 at its two seeds, table B -.2.
    by_table = np.array([0.25, -0.2])
    assert (result["cells"], result["tables"]) == (3, 2)
    assert result["gap"] == pytest.approx(by_table.mean())
    assert result["error"] == pytest.approx(by_table.std(ddof=1) / np.sqrt(2))
    assert (result["won"], result["lost"]) == (2, 1)
    assert result["accuracy"] == pytest.approx((0.2 + 0.0) / 2)
    assert result["seconds"] == [5, 6]
    assert 0 < result["p"] <= 1
    assert comparison.paired(comparison.collect(ROWS), "ours", "rf") is None


def test_wilcoxon_sees_what_always_wins_and_not_what_ties():
    def p(gap):
        rows = [row(f"T{i}", "ours", 1 + gap * (i + 1)) for i in range(10)]
        rows += [row(f"T{i}", "hgb", 1.0) for i in range(10)]
        return comparison.paired(comparison.collect(rows), "ours", "hgb")["p"]

    assert p(0.01) == pytest.approx(2 / 2**10)
    assert p(0.0) == 1.0


def test_disasters_are_further_below_than_the_error():
    gaps, below = comparison.disasters(comparison.collect(ROWS), "ours")
    assert min(gaps.values()) == pytest.approx(-0.2)
    assert below == [("B", 0)]


def test_text_of_a_comparison():
    text = comparison.compare(ROWS)
    lines = text.splitlines()
    assert lines[0].split() == ["nats", "seed", "H(Y)", "ours", "logreg", "hgb"]
    assert lines[1].split() == ["A", "0", "2.000", "1.0000", "0.6000", "1.0500"]
    # hgb lacks seed 1 of A: it has no mean to compare.
    assert lines[3].split() == ["A", "mean", "2.000", "1.1000", "0.6000", "-"]
    assert "less its standard error: 2 of 3 cells" in text
    assert "1 of 3 cells: B (0)" in text
    assert "held-out figure: mean -0.0500" in text  # A: -.2 and 0, B: 0
    assert "failed: rf on B (0)" in text


def test_text_without_peers_and_without_ours():
    alone = comparison.compare([row("A", "ours", 1.0)])
    assert len(alone.splitlines()) == 2
    with pytest.raises(SystemExit, match="no results of 'networks'; there are"):
        comparison.compare(ROWS, "networks")


# --- verdicts on validity -------------------------------------------------------------------------


@pytest.mark.parametrize(("above", "verdict"), [(0, "yes"), (16, "yes"), (17, "NO")])
def test_limits_may_fail_as_often_as_they_say(above, verdict):
    limits = np.where(np.arange(200) < above, 1.1, 0.9)
    share, allowed, said = validity.limit_verdict(limits, truth=1.0, expected=0.05)
    assert share == above / 200
    assert allowed == pytest.approx(0.0808, abs=1e-4)
    assert said == verdict


@pytest.mark.parametrize(
    ("shift", "verdict"), [(0, "unbiased"), (0.5, "OPTIMISTIC"), (-0.5, "pessimistic")]
)
def test_bias_is_judged_by_its_standard_error(shift, verdict):
    differences = shift + np.array([-1, 1] * 50)
    mean, error, said = validity.bias_verdict(differences)
    assert mean == pytest.approx(shift)
    assert error == pytest.approx(np.sqrt(100 / 99) / 10)
    assert said == verdict


def test_one_seed_out_of_range_is_seen():
    runs = [(1.0, 1.02, 0.01, 0.03, 2.0), (1.0, 0.96, 0.01, 0.03, 4.0)]
    line = validity.truth_line("data", 2000, runs)
    assert "-0.0400 to +0.0200" in line
    assert line.split()[-3:] == ["NO", "1/2", "3.0"]
    assert "yes 1/1" in validity.truth_line("data", 2000, runs[:1])


def test_slope_of_a_power():
    rows = np.array([1000, 3000, 10_000])
    assert validity.slope(rows, 1e-3 * rows**1.1) == pytest.approx(1.1)


def test_bits_hold_the_parity_that_they_promise():
    data = validity.make_bits(4000, return_X_y=False, random_state=0)
    assert set(np.unique(data.X)) == {0.0, 1.0}
    wrong = np.mean(data.X.sum(axis=1) % 2 != data.y)
    assert wrong == pytest.approx(0.05, abs=0.015)


def test_every_case_of_the_truth_has_one():
    for _, make, rows, allowance in validity.truth_cases():
        options = (
            {"n_monte_carlo": 1000} if "n_monte_carlo" in getattr(make, "keywords", {}) else {}
        )
        data = make(n_samples=50, return_X_y=False, random_state=0, **options)
        assert len(data.X) == 50 <= rows
        assert 0.4 < data.mutual_info < np.log(5)
        assert 0.01 < allowance(0.01) < 0.05


def test_a_replication_scores_fresh_rows(monkeypatch, few_trees):
    monkeypatch.setattr(validity, "FRESH_ROWS", 500)
    runs = validity.in_parallel(
        validity.replicate, [(validity.gaussian_rows, 200, seed) for seed in (0, 1)], n_jobs=1
    )
    for estimate, error, low95, low975, certified in runs:
        assert low975 < low95 < estimate
        assert estimate == pytest.approx(certified, abs=6 * error)
    assert "2 replications" in validity.coverage_block("Gaussians", 1.3, runs)


def test_one_fit_tells_time_and_memory(capsys, few_trees):
    validity.one_fit(Namespace(rows=150))
    seconds, epochs, before, peak = json.loads(capsys.readouterr().out)
    assert 0 < seconds < 60
    assert epochs >= 1
    assert 10 < before <= peak < 1e5


def test_command_lines():
    assert validity.parse(["truth", "--seeds", "3,4"]).seeds == [3, 4]
    assert validity.parse(["coverage"]).replications == 200
    assert validity.parse(["scaling"]).sizes[-1] == 100_000


@pytest.mark.parametrize("low, said", [(-1.0, "yes"), (0.1, "NO")])
def test_intervals_above_nothing_are_false_alarms(low, said):
    runs = [(-0.1, -1.0), (0.3, low), (0.1, low), (0.1, low)]
    line = false_alarms.line("ce", 2, runs, 3.0).split()
    assert line[:6] == ["ce", "2", "+0.1000", "+-", "0.0816", f"{0.75 * (low > 0):.3f}"]
    assert line[7] == said


def test_a_fit_to_nothing_finds_nothing():
    estimate, low = false_alarms.fit_to_nothing("ce", 2, 60, {"max_iter": 2}, 0)
    assert low <= estimate < 0.1
