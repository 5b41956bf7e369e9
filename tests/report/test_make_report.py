"""Reports from Python: what goes in, and that text, frame and dict tell the same."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.losses import CrossEntropyLoss
from sklearn_mi.report import Report, make_report
from sklearn_mi.report._columns import column_information

N = 90
Y = np.arange(N) % 3


@pytest.fixture
def X():
    rng = np.random.RandomState(0)
    colour = np.array(["red", "green", "blue"])[np.where(rng.rand(N) < 0.8, Y, 0)]
    return pd.DataFrame({"size": Y + rng.randn(N), "noise": rng.randn(N), "colour": colour})


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Networks alone, for three epochs."""
    fit = partial(MutualInfoClassifier, estimators=None, max_iter=3)
    monkeypatch.setattr("sklearn_mi.report._make.MutualInfoClassifier", fit)


def test_frame_and_dict_tell_the_same(X):
    report = make_report(X, Y, losses=("ce", "pc_softmax"), random_state=0)
    assert isinstance(report, Report) and str(report) == report.to_text()
    frame, told = report.to_frame(), report.to_dict()
    names = [("table", one["loss"]) for one in told["losses"]]
    names += [("column", one["column"]) for one in told["columns"]]
    assert frame.index.tolist() == names and len(names) == 5
    every = told["losses"] + told["columns"]
    for name in ("nats", "share"):
        expected = [one["mutual_info"][name] for one in every]
        assert frame["mutual_info" if name == "nats" else name].tolist() == expected
    assert frame["standard_error"].tolist() == [one["standard_error"]["nats"] for one in every]
    assert (frame["low"] <= frame["mutual_info"]).all()
    assert (frame["mutual_info"] <= frame["high"]).all()


def test_folds_of_the_fit_may_be_auto_and_columns_then_have_five(X):
    report = make_report(X, Y, random_state=0)
    clf = MutualInfoClassifier(estimators=None, max_iter=3, random_state=0).fit(X, Y)
    assert report.best.mutual_info == clf.mutual_info_score_
    columns = column_information(X, Y, cv=5, random_state=0)
    pd.testing.assert_frame_equal(report.columns, columns)


def test_figures_are_those_of_the_classifier(X):
    report = make_report(X, Y, cv=3, random_state=0)
    clf = MutualInfoClassifier(cv=3, estimators=None, max_iter=3, random_state=0).fit(X, Y)
    found = report.to_frame().loc[("table", "ce")]
    assert found["mutual_info"] == clf.mutual_info_score_
    assert (found["low"], found["high"]) == clf.mutual_info_interval(0.95)
    assert report.losses[0].accuracy == (clf.oof_log_proba_.argmax(axis=1) == Y).mean()
    columns = column_information(X, Y, cv=3, random_state=0)
    pd.testing.assert_frame_equal(report.columns, columns)


def test_groups_stay_together_in_fits_and_columns(X):
    twice, groups = pd.concat([X, X]), np.tile(np.arange(N), 2)
    report = make_report(twice, np.tile(Y, 2), groups=groups, random_state=0)
    # Of copies that pass for rows of their own, errors are smaller by the root of two, at least.
    apart = column_information(twice, np.tile(Y, 2), random_state=0)["standard_error"]
    assert report.columns["standard_error"]["colour"] > 1.3 * apart["colour"]
    clf = MutualInfoClassifier(cv=5, estimators=None, max_iter=3, random_state=0)
    clf.fit(twice, np.tile(Y, 2), groups=groups)
    assert report.losses[0].standard_error == clf.mutual_info_stderr_


def test_rows_that_no_split_holds_out_are_left_out(X):
    halves = [(np.arange(60), np.arange(60, 90)), (np.arange(30, 90), np.arange(30))]
    columns = column_information(X, Y, cv=halves)
    assert np.isfinite(columns).all(axis=None)
    once = column_information(X, Y, cv=halves[:1])
    assert once["standard_error"]["size"] > columns["standard_error"]["size"]


def test_a_loss_by_itself_and_as_an_object(X):
    assert make_report(X, Y, losses="ce", cv=2).losses[0].loss == "ce"
    assert make_report(X, Y, losses=[CrossEntropyLoss()], cv=2).losses[0].loss == "CrossEntropyLoss"


@pytest.mark.parametrize("losses", [(), [], ("ce", "ce")])
def test_losses_are_named_once(X, losses):
    with pytest.raises(ValueError, match="each once"):
        make_report(X, Y, losses=losses)


def test_other_containers_give_the_same(X):
    records = X.to_dict("records")
    first = make_report(X, Y, cv=2, random_state=0)
    second = make_report(records, Y.tolist(), cv=2, random_state=0)
    assert second.to_frame().equals(first.to_frame())
    assert second.counts == first.counts == (30, 30, 30)


def test_images_are_reported_without_columns():
    images = np.random.RandomState(0).rand(N, 1, 4, 4)
    report = make_report(images, Y, cv=2, random_state=0)
    clf = MutualInfoClassifier(cv=2, estimators=None, max_iter=3, random_state=0).fit(images, Y)
    assert report.best.mutual_info == clf.mutual_info_score_
    assert report.to_frame().index.tolist() == [("table", "ce")]
    assert "columns, each alone" not in report.to_text()


def test_a_single_list_is_no_table():
    with pytest.raises(ValueError):
        make_report(np.arange(N), Y)


def test_what_is_odd_about_a_column_is_told_once(X):
    X["day"] = [f"2020-01-{1 + k % 28:02d}" for k in range(N)]
    with pytest.warns(UserWarning) as told:
        make_report(X, Y, cv=2, random_state=0)
    assert sum("dates as text" in str(warning.message) for warning in told) == 1
