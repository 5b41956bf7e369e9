"""What the benchmark of selections chooses by, certifies and sums up."""

import json
from argparse import Namespace

import numpy as np
import pandas as pd
import pytest
from benchmark_modules import load
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import KFold
from sklearn.tree import DecisionTreeClassifier

selection, selectors = load("selection"), load("_selectors")


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 200)
    strong, other = y + 0.3 * rng.standard_normal(200), y + rng.standard_normal(200)
    level = pd.Categorical.from_codes(rng.integers(-1, 2, 200), ["a", "b"])
    columns = {"level": level, "strong": strong, "copy": strong, "other": other}
    return pd.DataFrame(columns), y


@pytest.mark.parametrize("name", ["mrmr", "k_best", "rfe", "sequential"])
def test_rivals_order_as_many_columns_as_are_asked_for(table, name):
    order = selectors.SELECTORS[name](*table, 3).tolist()
    assert len(set(order)) == len(order) >= 3 and order[0] in (1, 2)


def test_mrmr_does_not_want_a_copy(table):
    first, second = selectors.mrmr(*table, 2)
    assert first == 1 and second != 2


def test_only_the_chosen_columns_are_seen(table):
    X, y = table
    splits = list(KFold(4).split(X))
    tree, known = DecisionTreeClassifier(max_depth=2, random_state=0), {}
    chosen = selection.certify("tree", tree, X, y, splits, 4 * [(1,)], known)
    other = selection.certify("tree", tree, X, y, splits, 4 * [(3,)], known)
    nothing = selection.certify("none", DummyClassifier(), X, y, splits, 4 * [(1,)], known)
    assert chosen.score > 0.4 > 0.3 > other.score and abs(nothing.score) < 0.01
    assert len(known) == 12


def test_summary_gives_leads_over_tables(tmp_path, capsys):
    lines = [
        {"set": name, "size": 3, "judge": "boosting", "selector": s, "mi": mi, "seconds": 1.0}
        for name, lead in (("A", 0.1), ("B", 0.3))
        for s, mi in dict.fromkeys(selection.SELECTORS, 0.5).items()
        for mi in [mi + lead * (s == "ours")]
    ]
    file = tmp_path / "lines.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    selection.summary(Namespace(files=[file]))
    assert "mrmr +0.200 +- 0.100 (2/2)" in capsys.readouterr().out
