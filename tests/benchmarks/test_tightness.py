"""The comparison on real tables: reading them, its classifiers, and a small run."""

import ast
import gzip
import json
import sys
from argparse import Namespace
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from benchmark_modules import BENCHMARKS, load
from sklearn.linear_model import LogisticRegression

tables, models, tightness = load("_tables"), load("_models"), load("tightness")


@pytest.mark.parametrize("path", sorted(BENCHMARKS.glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_benchmark_opens_with_its_question_and_its_command(path):
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert "?" in doc.splitlines()[0]
    assert f"python benchmarks/{path.name}" in doc


# --- reading of tables ----------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """24 rows: text, a code, numbers with gaps, a column that is no input, a rare class."""
    n = 24
    frame = pd.DataFrame(
        {
            "colour": ["NA", "", "red", "blue"] * (n // 4),
            "code": ["01", "2", "3"] * (n // 3),
            "size": ["1.5", "", "3"] * (n // 3),
            "split": ["train", "test"] * (n // 2),
            "class": ["None"] * 10 + ["b"] * 10 + ["rare"] * 3 + [""],
        }
    )
    (tmp_path / "declared.csv.gz").write_bytes(gzip.compress(frame.to_csv(index=False).encode()))
    frame.to_csv(tmp_path / "plain.csv", index=False)
    (tmp_path / "notes.txt").write_text("no table")
    meta = {"declared": {"categorical": ["colour", "code"]}}
    (tmp_path / "meta.json").write_text(json.dumps(meta))
    return tmp_path


def test_declared_text_is_read_as_written(folder):
    X, y = tables.folder_tables(folder, drop=["split"])["declared"]()
    assert X.dtypes.astype(str).to_dict() == {
        "colour": "category",
        "code": "category",
        "size": "float64",
    }
    assert set(X["colour"].cat.categories) == {"NA", "red", "blue"}
    assert X["code"].iloc[0] == "01"
    np.testing.assert_array_equal(X["size"].iloc[:3], [1.5, np.nan, 3.0])
    assert X["colour"].isna().sum() == 5
    assert y.tolist() == ["None"] * 10 + ["b"] * 10  # neither the rare class nor the missing label


def test_undeclared_columns_go_by_their_values(folder):
    X, _ = tables.folder_tables(folder)["plain"]()
    assert X.dtypes.astype(str).to_dict() == {
        "colour": "category",
        "code": "float64",
        "size": "float64",
        "split": "category",
    }
    assert set(X["colour"].cat.categories) == {"red", "blue"}


@pytest.mark.parametrize(
    ("columns", "target", "expected"),
    [
        (["y", "target", "a"], None, "target"),
        (["a", "y", "b"], None, "y"),
        (["a", "b"], None, "b"),
        (["a", "target"], "a", "a"),
    ],
)
def test_target_column(tmp_path, columns, target, expected):
    path = tmp_path / "t.csv"
    pd.DataFrame(0, index=range(9), columns=columns).to_csv(path, index=False)
    X, y = tables.read_csv(path, target)
    assert y.name == expected
    assert X.columns.tolist() == [name for name in columns if name != expected]


def test_unknown_target_and_empty_folder(folder, tmp_path_factory):
    with pytest.raises(ValueError, match="no column 'income', only 'colour'"):
        tables.folder_tables(folder, target="income")["plain"]()
    with pytest.raises(SystemExit, match=r"no file that ends in \.csv or \.csv\.gz"):
        tables.folder_tables(tmp_path_factory.mktemp("empty"))


def test_sample_of_a_table_keeps_the_shares():
    X, y = (
        pd.DataFrame({"a": range(400), "b": [True, False] * 200}),
        pd.Series([0] * 300 + [1] * 100),
    )
    small, labels = tables.prepare(X, y, max_rows=40)
    assert pd.Series(labels).value_counts().to_dict() == {"0": 30, "1": 10}
    assert small.index.tolist() == list(range(40))
    assert ((small["a"] < 300) == (labels == "0")).all()
    assert small.dtypes.astype(str).tolist() == ["float64", "category"]


def test_openml_tables_by_name_and_number(monkeypatch):
    asked = []

    def fetch(**options):
        asked.append(options)
        X = pd.DataFrame({"a": pd.Categorical(["u", "v"] * 8), "b": range(16)})
        return Namespace(data=X, target=pd.Series(["no", "yes"] * 8, dtype="category"))

    monkeypatch.setattr(tables, "fetch_openml", fetch)
    for load_table in tables.openml_tables(["adult", "31"]).values():
        X, y = load_table()
        assert X.dtypes.astype(str).tolist() == ["category", "float64"]
        assert y.tolist() == ["no", "yes"] * 8
    assert asked == [{"name": "adult", "as_frame": True}, {"data_id": 31, "as_frame": True}]


@pytest.mark.parametrize("name", ["breast_cancer", "digits", "iris", "wine"])
def test_bundled_tables(name):
    X, y = tables.bundled_tables()[name]()
    assert len(X) == len(y)
    assert X.dtypes.eq("float64").all()


# --- classifiers ----------------------------------------------------------------------------------


def small_table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.standard_normal(120), "b": pd.Categorical(["u", "v", "w"] * 40)})
    y = (X["a"] > 0).to_numpy().astype(int)
    X.loc[::7, "a"] = np.nan
    return X, y


@pytest.mark.parametrize("name", ["logreg", "rf", "hgb", "mlp"])
def test_peers_take_missing_numbers_and_categories(name):
    X, y = small_table()
    proba = models.make(name, X, 1).fit(X, y).predict_proba(X)
    assert proba.shape == (120, 2)
    assert np.mean(proba.argmax(axis=1) == y) > 0.8


def test_names_of_models():
    assert {"ours", "logreg", "rf", "hgb", "mlp"} <= set(models.available())
    models.check_names(["ours:pc_softmax", "networks", "logreg"])
    assert models.make("ours:pc_softmax", None, 1).loss == "pc_softmax"
    assert models.make("networks", None, 1).estimators is None
    with pytest.raises(SystemExit, match="unknown model 'svm'"):
        models.check_names(["ours", "svm"])


def test_peers_without_their_package_are_refused(monkeypatch):
    monkeypatch.setattr(models, "find_spec", lambda package: None)
    assert models.available() == ["logreg", "rf", "hgb", "mlp"]
    with pytest.raises(SystemExit, match="tabm needs the package pytabkit"):
        models.check_names(["tabm"])


def test_pytabkit_gets_numbers_without_gaps(monkeypatch):
    made = []

    def classifier(**options):
        made.append(options)
        return LogisticRegression()

    fake = ModuleType("pytabkit")
    fake.RealMLP_TD_Classifier = classifier
    monkeypatch.setitem(sys.modules, "pytabkit", fake)
    X, y = small_table()
    clf = models.make("realmlp", X, 2).fit(X[["a"]], y)
    assert clf.predict_proba(X[["a"]]).shape == (120, 2)
    assert made[0]["val_metric_name"] == "cross_entropy"
    assert made[0]["use_ls"] is False


# --- a run ----------------------------------------------------------------------------------------


def test_pointwise_information():
    proba = np.array([[0.5, 0.5], [0.0, 1.0], [0.1, 0.9]])
    got = tightness.pointwise_information(proba, np.array([0, 0, 1]), np.array([0.25, 0.75]))
    np.testing.assert_allclose(got, np.log([0.5 / 0.25, 1e-12 / 0.25, 0.9 / 0.75]))


def test_missing_categories_become_one():
    X = pd.DataFrame({"a b": pd.Categorical(["u", None]), "n": [1.0, np.nan]})
    plain = tightness.missing_as_category(X)
    assert plain.columns.tolist() == ["x0", "x1"]
    assert plain["x0"].tolist() == ["u", "missing"]
    assert plain["x1"].isna().sum() == 1
    assert X["a b"].isna().sum() == 1


@pytest.mark.usefixtures("few_trees")
def test_a_run_writes_what_the_table_reads(folder, tmp_path, monkeypatch, capsys):
    def make(name, X, n_threads):
        if name == "hgb":
            raise RuntimeError("out of memory")
        return models.make(name, X, n_threads)

    monkeypatch.setattr(tightness, "make", make)
    options = ["--folder", str(folder), "--sets", "declared", "--drop", "split", "--seeds", "0,1"]
    args = tightness.parse(["run", *options, "--models", "ours,logreg,hgb", "--threads", "1"])
    args.do(args)
    lines = capsys.readouterr().out
    rows = [json.loads(line) for line in lines.splitlines()]
    assert [(row["model"], row["seed"]) for row in rows] == [
        (model, seed) for seed in (0, 1) for model in ("ours", "logreg", "hgb")
    ]
    assert rows[2]["error"] == "RuntimeError('out of memory')"
    keys = ["set", "model", "seed", "n", "mi", "se", "entropy", "accuracy", "balanced_accuracy"]
    assert list(rows[0]) == [*keys, "fit_seconds", "own_estimate"]
    assert list(rows[1]) == [*keys, "fit_seconds"]
    (tmp_path / "out.jsonl").write_text(lines)
    args = tightness.parse(["table", str(tmp_path / "out.jsonl")])
    args.do(args)
    assert "failed: hgb on declared (0), hgb on declared (1)" in capsys.readouterr().out


def test_unknown_sets_are_refused():
    with pytest.raises(SystemExit, match=r"no tables \['moon'\] among breast_cancer"):
        tightness.sources(tightness.parse(["run", "--sets", "iris,moon"]))
