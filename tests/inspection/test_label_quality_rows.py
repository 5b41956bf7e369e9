"""The quality of labels: whose rows are asked, what is refused, and wrong labels found."""

import numpy as np
import pandas as pd
import pytest
from judged_labels import Fitted, by_hand, rows
from scipy.special import softmax
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_gaussian_classes, make_label_noise
from sklearn_mi.inspection import label_quality


@pytest.fixture(scope="module")
def fitted():
    """A classifier of noisy labels fitted in a second, with its rows, labels and true classes."""
    X, y = make_gaussian_classes(600, 4, centers=(0, 2, -2, 4), random_state=0)
    observed = make_label_noise(y, 0.4, random_state=0)
    return small_fit("dmi").fit(X, observed), X, observed, y


def small_fit(loss):
    return MutualInfoClassifier(
        loss, estimators=None, hidden_layer_sizes=(32,), max_iter=30, cv=3, random_state=0
    )


# --- whose rows -----------------------------------------------------------------------------------


def test_other_rows_than_those_of_the_fit_are_refused(fitted):
    clf, X, y, _ = fitted
    label_quality(clf, X.copy(), y.tolist())
    assert not clf._was_fitted_on(X, y + 1)
    other = X.copy()
    other[7, 2] += 0.1
    changed = y.copy()
    changed[7] = (y[7] + 1) % 4
    swapped = np.r_[1, 0, 2 : len(y)]
    wrong = [(other, y), (X, changed), (X[swapped], y[swapped]), (X[:-1], y[:-1]), (X, y + 1)]
    for rows_, labels in wrong:
        with pytest.raises(ValueError, match=r"fitted on 600 rows.*X and y.*cv=5"):
            label_quality(clf, rows_, labels)


def test_rows_are_known_in_any_container_and_with_any_weights(iris):
    X, y = pd.DataFrame(iris[0]).add_prefix("x"), np.array(["a", "b", "c"])[iris[1]]
    weight = np.where(np.arange(150) % 10, 1.0, 0.0)
    clf = small_fit("ce").set_params(max_iter=1).fit(X, list(y), sample_weight=weight)
    result = label_quality(clf, X.copy(), pd.Series(y))
    np.testing.assert_array_equal(np.isnan(result.quality), weight == 0)
    np.testing.assert_array_equal(result.suggested_labels[weight == 0], y[weight == 0])
    with pytest.raises(ValueError, match="fitted on 150 rows"):
        label_quality(clf, X, y[::-1])


def test_lengths_and_classes_are_compared_where_an_estimator_keeps_no_rows():
    clf = Fitted(np.full((4, 2), 0.5))
    label_quality(clf, rows(4), [0, 1, 0, 1])
    for n, y in [(3, [0, 1, 0]), (4, [0, 1, 0, 2]), (4, [0, 1, 2, 1])]:
        with pytest.raises(ValueError, match=f"on 4 rows that are not the {n} rows"):
            label_quality(clf, rows(n), y)


def test_estimator_without_held_out_posteriors_is_refused(iris):
    for clf in (GaussianNB(), make_pipeline(StandardScaler(), GaussianNB())):
        with pytest.raises(ValueError, match=r"GaussianNB.*oof_log_proba_.*Pass cv=5"):
            label_quality(clf.fit(*iris), *iris)


@pytest.mark.parametrize("clf", [MutualInfoClassifier(), LogisticRegression()])
def test_estimator_that_is_not_fitted_is_refused(iris, clf):
    with pytest.raises(NotFittedError, match=f"{type(clf).__name__} instance is not fitted"):
        label_quality(clf, *iris)


@pytest.mark.parametrize("cv", [None, 2])
@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[0.5, 0.5, 0], [0, 1, 0], [0, 0, 1]], r"shape \(3, 3\) but y holds 2 .*order \[0, 1\]"),
        ([0.5, 0.5], r"shape \(2,\)"),
        ([[0.5, 0.4], [0.5, 0.6]], r"sum to 1.*row sums.*Transpose"),
        ([[1.2, -0.2], [0.0, 1.0]], "least entry of -0.2"),
        ([[0.5, np.nan], [0.0, 1.0]], "noise_matrix contains NaN"),
        ([[1.0, 0.0], [1.0, 0.0]], "label 1 is never observed"),
    ],
)
def test_noise_matrix_that_is_none_is_refused(cv, matrix, message):
    with pytest.raises(ValueError, match=message):
        label_quality(Fitted(np.full((4, 2), 0.5)), rows(4), [0, 1] * 2, cv=cv, noise_matrix=matrix)


def test_rounding_errors_of_a_noise_matrix_are_taken_out():
    clf = Fitted(np.full((4, 2), 0.5))
    result = label_quality(clf, rows(4), [0, 1] * 2, noise_matrix=[[0.33333, 0.66666], [0, 1]])
    np.testing.assert_allclose(result.noise_matrix.sum(axis=1), 1, rtol=1e-15)


@pytest.mark.parametrize(
    "options", [{"groups": [0, 0, 1, 1]}, {"params": {}}, {"checkpoint": "folder"}]
)
def test_what_only_clones_could_use_is_refused_without_them(options):
    with pytest.raises(ValueError, match=f"{next(iter(options))} would have no effect.*cv=5"):
        label_quality(Fitted(np.full((4, 2), 0.5)), rows(4), [0, 1] * 2, **options)


# --- wrong labels found ---------------------------------------------------------------------------


def test_labels_that_noise_changed_are_found(fitted):
    clf, X, observed, y = fitted
    wrong = observed != y
    result = label_quality(clf, X, observed)
    found = average_precision_score(wrong, 1 - result.quality)
    confidence = np.exp(clf.oof_log_proba_)[np.arange(len(y)), observed]
    distance = ((X[:, None] - np.array([0, 2, -2, 4])[:, None]) ** 2).sum(axis=2)
    _, noise_matrix = make_label_noise(y, 0.4, return_noise_matrix=True)
    exact = by_hand(softmax(-distance / 2, axis=1), noise_matrix, observed)
    best = average_precision_score(wrong, 1 - exact[np.arange(len(y)), observed])
    assert wrong.mean() < 0.25
    assert found > best - 0.03
    assert found > average_precision_score(wrong, 1 - confidence)
    assert abs((1 - result.quality).mean() - wrong.mean()) < 0.05
    assert (result.suggested_labels == y).mean() > (observed == y).mean() + 0.1


def test_known_noise_helps_a_classifier_that_takes_labels_as_they_are(fitted):
    _, X, observed, y = fitted
    matrix = make_label_noise(y, 0.4, return_noise_matrix=True, random_state=0)[1]
    plain = label_quality(LogisticRegression(), X, observed, cv=5)
    known = label_quality(LogisticRegression(), X, observed, cv=5, noise_matrix=matrix)
    found = [average_precision_score(observed != y, 1 - r.quality) for r in (plain, known)]
    assert found[1] > found[0] + 0.1
    assert abs((1 - known.quality).mean() - (observed != y).mean()) < 0.03
