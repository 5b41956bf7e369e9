"""Comparison of classifiers on the same splits."""

import numpy as np
import pytest
from sklearn.model_selection import KFold, ShuffleSplit
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from sklearn_mi.model_selection import compare_mutual_info, cross_val_mutual_info

PAIR = {"bayes": GaussianNB(), "neighbors": KNeighborsClassifier()}


def test_a_classifier_is_no_better_than_itself_on_splits_that_are_drawn_once(iris):
    twins = [("first", GaussianNB()), ("second", GaussianNB())]
    unseeded = KFold(5, shuffle=True)
    differences = compare_mutual_info(twins, *iris, cv=unseeded).differences
    assert differences.index.tolist() == [("first", "second"), ("second", "first")]
    assert (differences == 0).all(axis=None)


def test_differences_are_those_of_the_rows(iris):
    comparison = compare_mutual_info(PAIR, *iris, confidence_level=0.9)
    bayes, neighbors = comparison.results["bayes"], comparison.results["neighbors"]
    gap = bayes.pointwise - neighbors.pointwise
    forth = comparison.differences.loc["bayes", "neighbors"]
    back = comparison.differences.loc["neighbors", "bayes"]
    assert forth["difference"] == pytest.approx(bayes.score - neighbors.score)
    assert forth["standard_error"] == pytest.approx(gap.std(ddof=1) / np.sqrt(150))
    np.testing.assert_allclose(back, forth.iloc[[0, 1, 3, 2]] * [-1, 1, -1, -1])


def test_results_are_those_of_each_classifier_on_its_own(iris):
    X, y = iris
    weight = np.arange(150) % 3 + 1.0
    comparison = compare_mutual_info(
        PAIR,
        X,
        y,
        cv=3,
        proba_prior={"bayes": [0.2, 0.3, 0.5]},
        calibrate={"neighbors": True},
        params={"bayes": {"sample_weight": weight}},
    )
    expected = {
        "bayes": cross_val_mutual_info(
            GaussianNB(), X, y, cv=3, proba_prior=[0.2, 0.3, 0.5], params={"sample_weight": weight}
        ),
        "neighbors": cross_val_mutual_info(KNeighborsClassifier(), X, y, cv=3, calibrate=True),
    }
    assert list(comparison.results) == list(PAIR)
    for name, result in expected.items():
        np.testing.assert_array_equal(comparison.results[name].pointwise, result.pointwise)
        row = [result.score, result.standard_error, *result.interval]
        assert comparison.summary.loc[name].tolist() == row
    assert comparison.summary["score"].is_monotonic_decreasing
    assert comparison.label_entropy == pytest.approx(np.log(3))


def test_comparison_of_groups_and_of_rows_that_are_never_held_out(iris):
    X, y = iris
    groups = np.arange(150) // 5
    comparison = compare_mutual_info(PAIR, X, y, groups=groups)
    expected = cross_val_mutual_info(GaussianNB(), X, y, groups=groups).pointwise
    np.testing.assert_array_equal(comparison.results["bayes"].pointwise, expected)
    means = expected.reshape(30, 5).mean(axis=1)  # of the groups, which are what is independent
    error = comparison.results["bayes"].standard_error
    assert error == comparison.summary.loc["bayes", "standard_error"]
    assert error == pytest.approx(means.std(ddof=1) / np.sqrt(30))
    gap = (expected - comparison.results["neighbors"].pointwise).reshape(30, 5).mean(axis=1)
    forth = comparison.differences.loc["bayes", "neighbors"]
    assert forth["standard_error"] == pytest.approx(gap.std(ddof=1) / np.sqrt(30))
    partly = compare_mutual_info(PAIR, X, y, cv=ShuffleSplit(2, test_size=0.2, random_state=0))
    assert np.isfinite(partly.differences).all(axis=None)


def test_a_single_classifier_has_nothing_to_be_compared_with(iris):
    comparison = compare_mutual_info({"bayes": GaussianNB()}, *iris)
    assert len(comparison.summary) == 1
    assert comparison.differences.empty


@pytest.mark.parametrize(
    ("estimators", "options", "message"),
    [
        ({}, {}, r"estimators=\{\} must be a dict"),
        ([GaussianNB()], {}, r"estimators=\[GaussianNB\(\)\] must be .* list of \(name, class"),
        ([*PAIR.items()] * 2, {}, "which must differ; rename"),
        (PAIR, {"proba_prior": {"forest": "uniform"}}, "proba_prior names 'forest', which is not"),
        (PAIR, {"calibrate": {"forest": True}}, "calibrate names 'forest'"),
        (PAIR, {"params": {"sample_weight": 1}}, "params names 'sample_weight'.*name: value"),
    ],
)
def test_unusable_comparisons_are_refused(iris, estimators, options, message):
    with pytest.raises(ValueError, match=message):
        compare_mutual_info(estimators, *iris, **options)
