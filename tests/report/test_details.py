"""What a report asks for its page: of which rows and columns, and that it agrees with the fits."""

import json
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.__main__ import main
from sklearn_mi.inspection import feature_mutual_info
from sklearn_mi.report import _make, _questions, make_report
from sklearn_mi.report._progress import Progress, TimeLeft

N = 90
Y = np.arange(N) % 3


@pytest.fixture(scope="module", autouse=True)
def quick():
    """Networks alone, for three epochs."""
    fit = partial(MutualInfoClassifier, estimators=None, max_iter=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_make, "MutualInfoClassifier", fit)
        patch.setattr(_questions, "MutualInfoClassifier", fit)
        yield


def make_table():
    rng = np.random.RandomState(0)
    colour = np.array(["red", "green", "blue"])[np.where(rng.rand(N) < 0.8, Y, 0)]
    return pd.DataFrame({"size": Y + rng.randn(N), "noise": rng.randn(N), "colour": colour})


@pytest.fixture
def X():
    return make_table()


@pytest.fixture(scope="module")
def report(quick):
    """With the index of a table that has one of its own."""
    X = make_table()
    X.index = [f"row {k}" for k in range(N)]
    return make_report(X, Y, random_state=0, details=True)


def test_classes_add_up_to_what_the_classifier_found(report):
    details, best = report.details, report.best
    assert details.confusion.sum(axis=1).tolist() == [30, 30, 30]
    assert (np.diag(details.confusion) / 30).tolist() == pytest.approx(best.recall)
    assert details.classes["mutual_info"] @ report.shares == pytest.approx(best.mutual_info)
    assert details.classes["most"] @ report.shares == pytest.approx(report.label_entropy)
    json.loads(report.to_json())


def test_doubted_labels_are_improbable_ones_by_the_index_of_the_table(report):
    details = report.details
    labels = details.labels
    assert 0 < len(labels) == N - np.trace(details.confusion)
    assert labels["probability"].is_monotonic_increasing
    assert (labels["probability"] < labels["probability_of_suggestion"]).all()
    assert (labels["label"] != labels["suggestion"]).all()
    observed = pd.Series(Y, [f"row {k}" for k in range(N)])
    assert (observed[labels["row"]].to_numpy() == labels["label"].to_numpy()).all()


@pytest.mark.filterwarnings("ignore:.*held-out row")
@pytest.mark.parametrize("groups", [None, np.minimum(np.arange(N), 80) // 4])
def test_a_class_of_one_row_or_group_has_a_mean_without_an_error(groups, X):
    rare = np.arange(N) < 1 if groups is None else groups == 20
    report = make_report(X, np.where(rare, 3, Y), groups=groups, random_state=0, details=True)
    of_class = report.details.classes
    assert np.isfinite(of_class["mutual_info"]).all()
    assert np.isnan(of_class["standard_error"]).tolist() == [False, False, False, True]
    assert of_class["mutual_info"] @ report.shares == pytest.approx(report.best.mutual_info)
    page, told = report.to_html(), json.loads(report.to_json())["details"]["classes"][3]
    assert told["standard_error"]["nats"] is None and f"{told['mutual_info']['nats']!r}" in page


@pytest.mark.filterwarnings("ignore:The labels cannot tell noise")
def test_a_loss_that_knows_of_noise_judges_the_labels(X, report):
    details = make_report(X, Y, losses=["ce", "dmi"], random_state=0, details=True).details
    assert (details.judge, details.noise_aware) == ("dmi", True)
    assert (report.details.judge, report.details.noise_aware) == ("ce", False)


def test_columns_and_pairs_are_all_asked_where_they_are_few(X, report):
    asked = report.details.columns
    assert asked.names == ["size", "noise", "colour"]
    assert asked.kinds == ["number", "number", "category"]
    assert asked.pairs.tolist() == [[0, 1], [0, 2], [1, 2]]
    assert (asked.n_rows, asked.n_columns) == (N, 3)
    single = make_report(X[["size"]], Y, random_state=0, details=True)
    assert "pairs" not in single.details.columns
    assert 'id="pairs"' not in single.to_html()


def test_splits_of_the_report_are_those_of_its_questions(X):
    halves = [(np.arange(45), np.arange(45, 90)), (np.arange(45, 90), np.arange(45))]
    report = make_report(X, Y, cv=halves, random_state=0, details=True)
    again = feature_mutual_info(
        X, Y, estimator=_make.MutualInfoClassifier(), cv=halves, random_state=0
    )
    assert report.details.columns.conditional.tolist() == again.conditional.tolist()


def test_of_many_rows_and_columns_some_are_asked_and_the_page_says_so(X, monkeypatch):
    monkeypatch.setattr(_questions, "MOST_COLUMNS", 2)
    monkeypatch.setattr(_questions, "N_STRONGEST", 2)
    monkeypatch.setattr(_questions, "MOST_ROWS", 60)
    report = make_report(X, Y, random_state=0, details=True)
    asked = report.details.columns
    assert asked.names == [name for name in X if name in report.strongest_columns.index[:2]]
    assert (asked.n_rows, asked.n_columns) == (60, 3)
    page = report.to_html()
    assert "They had" in page and "that tell most alone" in page
    assert "The other columns, each alone" in page


@pytest.mark.filterwarnings("ignore:.*held-out rows")
def test_repeated_rows_are_counted_and_so_are_their_quarrels(X):
    twice = pd.concat([X, X.iloc[:5]], ignore_index=True)
    labels = np.r_[Y, 1 + Y[:1], Y[1:5]]
    details = make_report(twice, labels, random_state=0, details=True).details
    assert (details.n_repeated_rows, details.n_contradicting_rows) == (5, 2)


def test_arrays_and_images_have_pages_too(X):
    page = make_report(X[["size", "noise"]].to_numpy(), Y, random_state=0, details=True).to_html()
    assert "<bdi>x1</bdi>" in page
    images = np.random.RandomState(0).rand(N, 1, 8, 8).astype("float32")
    report = make_report(images, Y, random_state=0, details=True)
    assert report.details.columns is None and len(report.columns) == 0
    assert "images" in report.to_html() and "columns" not in report.to_text().split("\n\n")[-1]
    json.loads(report.to_json())


def test_more_rows_are_asked_for_by_the_best_loss_and_with_few_groups(X, monkeypatch):
    monkeypatch.setattr(_questions, "LEAST_FOR_CURVE", N)
    report = make_report(X, Y, groups=np.arange(N) // 30, random_state=0, details=True)
    curve = report.details.curve
    assert curve.train_sizes[-1] == 60  # of three folds, one for each group
    assert curve.label_entropy == pytest.approx(report.label_entropy)
    told = report.to_dict()["details"]["curve"]
    assert told["asymptote"]["mutual_info"]["nats"] == curve.asymptote
    assert [point["n_rows"] for point in told["points"]] == curve.train_sizes.tolist()
    assert 'class="curve"' in report.to_html()


def test_warnings_are_given_and_kept_as_notes(X):
    X["day"] = [f"2020-01-{1 + k % 28:02d}" for k in range(N)]
    with pytest.warns(UserWarning, match="dates as text"):
        report = make_report(X, Y, cv=2, random_state=0)
    assert sum("dates as text" in note for note in report.notes) == 1


# --- the command line ----------------------------------------------------------------------------


def run(X, tmp_path, *options):
    path = tmp_path / "table.csv"
    X.assign(y=np.where(np.arange(N) < 4, "", Y.astype(str))).to_csv(path, index=False)
    target = [str(path), "--target", "y", "--losses", "ce", "--cv", "3"]
    return main(["report", *target, *options])


def test_page_and_labels_are_written_with_rows_as_in_the_file(X, tmp_path, capsys):
    assert run(X, tmp_path, "--html", str(tmp_path / "page.html"), "--json") == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    labels = pd.read_csv(tmp_path / "page_labels.csv", dtype={"label": str})
    assert len(labels) == told["details"]["labels"]["n_doubted"] > 0
    assert [Y[row - 1] for row in labels["row"]] == labels["label"].astype(int).tolist()
    assert labels["row"].min() > 4
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "4 rows have no y: left out" in page and "sklearn-mi report" in page
    assert "columns: " in err and "page_labels.csv" in err


def test_a_page_that_cannot_be_saved_is_refused_before_the_training(X, tmp_path, capsys):
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "full_labels.csv").mkdir()
    (tmp_path / "table_labels.csv").touch()
    for name, word in [
        ("page.pdf", ".html"),
        ("folder.html", "directory"),
        ("full.html", "directory"),
        ("no/page.html", "no directory"),
    ]:
        assert run(X, tmp_path, "--html", str(tmp_path / name)) == 2
        assert word in capsys.readouterr().err
    arguments = [str(tmp_path / "table_labels.csv"), "--html", str(tmp_path / "table.html")]
    assert main(["report", *arguments]) == 2
    assert "written over the table" in capsys.readouterr().err


def test_without_html_nothing_more_is_asked(X, tmp_path, capsys):
    assert run(X, tmp_path, "--json", "--quiet") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["details"] is None and err == ""


def test_time_left_is_told_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    watched = TimeLeft("columns", 8)
    watched.n_begun_, watched.start_ = 2, watched.start_ - 30
    watched.on_train_begin(None, type("Rows", (), {"n_train": [9, 9]}))
    assert "columns #####............... 25%, 0:30, about 1:30 left" in capsys.readouterr().err


def test_time_is_told_of_each_question(X, capsys):
    make_report(X, Y, random_state=0, details=True, callbacks=[Progress()])
    err = capsys.readouterr().err
    assert "columns: 35 networks" in err and "pairs of columns: 35 networks" in err
