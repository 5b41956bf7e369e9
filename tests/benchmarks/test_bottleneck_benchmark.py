"""What is exact in the benchmark of bottlenecks, and which rows its judges see."""

from argparse import Namespace

import numpy as np
import pytest
from benchmark_modules import load
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import cross_val_score

data, nuisance, main = map(load, ("_bottleneck_data", "_bottleneck_nuisance", "bottlenecks"))


def test_relevance_goes_from_nothing_to_all():
    X, y = data.gaussian_pair(100_000, 0)
    known = LinearRegression().fit(X, y).score(X, y)
    most = data.exact_relevance(50)
    assert data.exact_relevance(0) == 0
    assert data.sampled_relevance(X, y, 60) == pytest.approx([most, most], abs=0.01)
    assert most == pytest.approx(-np.log1p(-known) / 2, abs=0.01)


def test_chance_of_rows_is_nothing_on_average_and_all_that_the_model_gains_at_a_high_rate():
    rates = 0.25, 1, 50
    assert data.chance_of_rows(*data.gaussian_pair(500_000, 0), rates) == pytest.approx(0, abs=3e-3)
    few = data.gaussian_pair(300, 2)
    least, _, most = data.chance_of_rows(*few, rates)
    gained = data.sampled_relevance(*few, 16)[0] - data.exact_relevance(50)
    assert most == pytest.approx(gained) and abs(least) < abs(most)


def test_leak_of_bins_is_that_of_the_number():
    leak = data.leak_of_bins(data.gaussian_information(0.05, 8), 8)
    assert leak == pytest.approx(data.gaussian_information(0.05))
    assert data.leak_of_bins(-0.01, 8) == 0


def test_frontier_is_what_regressions_of_many_rows_say():
    X, y, s = data.correlated_nuisance(200_000, 0)
    everything, linear, limit = data.exact_frontier()
    t = LinearRegression().fit(X, s).predict(X)[:, None]
    free = X - LinearRegression().fit(t, X).predict(t)
    left = y - LinearRegression().fit(t, y).predict(t)
    told = [(X, y), (free, y), (free, left)]
    found = [LinearRegression().fit(Z, of).score(Z, of) for Z, of in told]
    assert found == pytest.approx([everything, linear, limit], abs=0.01)


def test_linear_frontier_goes_from_no_leak_to_all_of_y():
    everything, free, _ = data.exact_frontier()
    told = [data.linear_frontier(leak) for leak in (0, 0.02, 0.05, 5)]
    assert told == sorted(told)
    assert [told[0], told[-1]] == pytest.approx([free, everything])


def test_bins_hold_less_than_the_number_and_many_of_them_all():
    few, more, exact = (data.gaussian_information(0.5, n) for n in (2, 300, None))
    assert few < more < exact == pytest.approx(more, abs=1e-3)


@pytest.mark.parametrize("kind", nuisance.KINDS)
def test_coded_nuisance_cannot_be_seen_in_a_line(kind):
    X, _, s = data.coded_table(kind, 2000, 0)
    first = s if s.ndim == 1 else s[:, 0]
    labels = first > np.median(first) if kind == "number" else first
    share = np.bincount(labels.astype(int)).max() / len(labels)
    assert cross_val_score(LogisticRegression(), X, labels).mean() < share + 0.1


def test_masks_are_of_the_nuisance_and_can_be_undone():
    X, _, s = data.masked_digits()
    digits = data.load_digits().data
    changed = [(X[s == mask] != digits[s == mask]).any(0) for mask in range(3)]
    for mask, own in enumerate(changed):
        again = np.where(own, 16 - X[s == mask], X[s == mask])
        np.testing.assert_array_equal(again, digits[s == mask])


def test_residuals_do_not_correlate_with_the_nuisance():
    rng = np.random.default_rng(0)
    s = rng.integers(2, size=500).astype(float)
    X = rng.standard_normal((500, 3)) + s[:, None]
    left = data.without_correlation(X, s)
    np.testing.assert_allclose((s - s.mean()) @ left, 0, atol=1e-9)


def test_judges_see_every_third_row_and_fits_the_others(monkeypatch):
    class Seen:
        mutual_info_score_ = mutual_info_stderr_ = nuisance_mutual_info_ = rate_ = 0
        nuisance_mutual_info_stderr_ = nuisance_rate_ = 0

        def fit(self, X, y, nuisance):
            rows.extend(X[:, 0])
            return self

        def transform(self, X):
            return X

    rows, judged = [], []
    monkeypatch.setattr(nuisance, "bottleneck", lambda *_, **__: Seen())
    monkeypatch.setattr(nuisance, "judged", lambda Z, of: judged.append(Z[:, 0]) or (0, 0))
    X, labels = np.arange(30)[:, None], np.arange(30) % 2
    args = Namespace(components=[2], betas=[0.1], weights=[1.0])
    list(nuisance.removal(X, labels, labels, args, 0))
    assert len(judged) == 2 and set(rows) == set(range(30)) - set(range(0, 30, 3))
    assert all(of.tolist() == list(range(0, 30, 3)) for of in judged)


@pytest.mark.parametrize("part", main.REMOVALS)
def test_every_removal_has_lists_of_numbers(part):
    needed = {"adult": ["--folder", "DIR"], "images": ["archive.npz"]}.get(part, [])
    args = main.parse([part, "--betas", ".1,.2", *needed])
    assert args.do is getattr(nuisance, part) and args.betas == [0.1, 0.2]
