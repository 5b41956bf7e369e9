"""The report: units, ranks, text and JSON."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.metrics import balanced_accuracy_score

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection._names import shorten
from sklearn_mi.report import make_report

# --- the numbers --------------------------------------------------------------------------------


def test_units_agree(report):
    entropy = report.label_entropy
    for loss in report.to_dict()["losses"]:
        for value in (loss["mutual_info"], loss["standard_error"], loss["interval"]["low"]):
            assert value["bits"] == pytest.approx(value["nats"] / math.log(2))
            assert value["share"] == pytest.approx(value["nats"] / entropy)


def test_estimates_are_those_of_the_classifier(report, table):
    X, y = table.drop(columns="species"), table["species"]
    for result in report.losses:
        clf = MutualInfoClassifier(result.loss, cv=5, random_state=0).fit(X, y)
        assert result.mutual_info == clf.mutual_info_score_
        assert result.standard_error == clf.mutual_info_stderr_
        assert result.interval == clf.mutual_info_interval(0.95)
        assert report.label_entropy == clf.label_entropy_


def test_decisions_are_those_of_held_out_rows(report, table):
    X, y = table.drop(columns="species"), table["species"]
    clf = MutualInfoClassifier(cv=5, random_state=0).fit(X, y)
    decided = clf.classes_[clf.oof_log_proba_.argmax(axis=1)]
    assert report.losses[0].accuracy == pytest.approx((decided == y).mean())
    assert report.losses[0].balanced_accuracy == pytest.approx(balanced_accuracy_score(y, decided))
    assert np.mean(report.losses[0].recall) == pytest.approx(report.losses[0].balanced_accuracy)


def test_pointwise_values_average_to_the_estimate(report):
    for result in report.losses:
        assert result.pointwise.mean() == pytest.approx(result.mutual_info)


def test_label_noise_is_counted_in():
    X, y = load_iris(return_X_y=True)
    (result,) = make_report(X, y, losses=["dmi"], cv=3, random_state=0).losses
    assert result.pointwise.mean() == pytest.approx(result.mutual_info, abs=0.05)


def test_only_the_highest_is_not_behind(report):
    highest = max(result.mutual_info for result in report.losses)
    for result in report.losses:
        assert result.behind == pytest.approx(highest - result.mutual_info)
        assert (result.behind_standard_error > 0) == (result is not report.best)
        assert result.behind_standard_error < math.sqrt(2) * result.standard_error + 1e-9


def test_counts_and_shares(report, table):
    assert report.n_rows == len(table)
    assert dict(zip(report.classes, report.counts, strict=True)) == dict.fromkeys(
        ["setosa", "versicolor", "virginica"], 50
    )
    assert report.to_dict()["most_frequent_class_accuracy"] == pytest.approx(1 / 3)
    assert report.label_entropy == pytest.approx(math.log(3))


def test_columns_are_listed_from_the_strongest_down(report, table):
    columns = report.to_dict()["columns"]
    values = [column["mutual_info"]["nats"] for column in columns]
    assert values == sorted(values, reverse=True)
    assert {column["column"] for column in columns} == {*table.columns} - {"species"}


# --- text and JSON ------------------------------------------------------------------------------


def test_text_names_everything_within_eighty_characters(report):
    text = report.to_text()
    for name in ["species", "setosa", "virginica", "ce", "pc_softmax", "colour", "150 rows"]:
        assert name in text
    assert f"{report.losses[0].mutual_info:.3f}" in text
    assert max(map(len, text.splitlines())) <= 80


def test_json_has_no_nan(report):
    def refuse(constant):
        raise AssertionError(constant)

    broken = replace(report, losses=(replace(report.losses[0], seconds=math.nan),))
    for text in (report.to_json(), broken.to_json()):
        json.loads(text, parse_constant=refuse)
    assert json.loads(broken.to_json())["losses"][0]["seconds"] is None


def test_labels_keep_their_type_in_json():
    X, y = load_iris(return_X_y=True)
    found = json.loads(make_report(X, y, losses=["ce"], cv=2, random_state=0).to_json())
    assert [one["label"] for one in found["classes"]] == [0, 1, 2]


def test_many_classes_are_summed_up_in_the_text(report):
    many = replace(report, classes=tuple(range(30)), counts=(5,) * 30)
    assert "10 rarer ones" in many.to_text()


def test_long_names_lose_their_middle():
    assert shorten("short") == "short"
    long = shorten("a" * 50 + "b" * 50, 21)
    assert len(long) == 21
    assert long[0] == "a" and long[-1] == "b" and "…" in long
