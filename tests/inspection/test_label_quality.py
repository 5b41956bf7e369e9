"""The quality of labels: Bayes' rule on known joints, whose rows are asked, wrong labels found."""

import numpy as np
import pandas as pd
import pytest
from benchmark_modules import load
from joblib import parallel_config
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    ShuffleSplit,
    StratifiedKFold,
    cross_val_predict,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.datasets import make_gaussian_classes, make_label_noise
from sklearn_mi.inspection import label_quality

FOLDS = StratifiedKFold(5, shuffle=True, random_state=0)
UNEVEN = np.array([[0.7, 0.3], [0.1, 0.9]])


class Fitted(ClassifierMixin, BaseEstimator):
    """What a fitted classifier is asked for: held-out posteriors and, perhaps, a noise matrix."""

    def __init__(self, proba, noise_matrix=None, classes=None):
        with np.errstate(divide="ignore"):
            self.oof_log_proba_ = np.log(proba)
        self.classes_ = np.arange(np.shape(proba)[1]) if classes is None else classes
        if noise_matrix is not None:
            self.noise_matrix_ = np.array(noise_matrix)

    def fit(self, X, y):
        raise AssertionError("a fitted estimator is asked, not fitted")


class OwnNoise(GaussianNB):
    """Naive Bayes that says it speaks of true classes, behind noise that grows with its rows."""

    def fit(self, X, y):
        super().fit(X, y)
        n_classes = len(self.classes_)
        noise = len(y) / 400 * np.arange(1, n_classes + 1)[:, np.newaxis] / n_classes
        self.noise_matrix_ = (1 - noise) * np.eye(n_classes) + noise / n_classes
        return self


def rows(n_samples):
    return np.zeros((n_samples, 1))


def by_hand(proba, noise_matrix, codes):
    joint = proba * noise_matrix.T[codes]
    return joint / joint.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


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


# --- Bayes' rule -------------------------------------------------------------------------------


def test_formula_on_a_joint_that_is_computed_by_hand():
    clf = Fitted([[0.5, 0.5], [0.8, 0.2], [0.8, 0.2]], UNEVEN)
    result = label_quality(clf, rows(3), [0, 1, 0])
    np.testing.assert_allclose(result.quality, [7 / 8, 3 / 7, 28 / 29])
    np.testing.assert_allclose(
        result.posterior, [[7 / 8, 1 / 8], [4 / 7, 3 / 7], [28 / 29, 1 / 29]]
    )
    np.testing.assert_array_equal(result.suggested_labels, [0, 0, 0])
    np.testing.assert_array_equal(result.noise_matrix, UNEVEN)
    np.testing.assert_array_equal(result.classes, [0, 1])


def test_labels_without_noise_are_right_whatever_the_classifier_believes():
    proba = [[0.5, 0.5], [1 - 1e-300, 1e-300]]
    own = label_quality(Fitted(proba, np.eye(2)), rows(2), [0, 1])
    given = label_quality(Fitted(proba, UNEVEN), rows(2), [0, 1], noise_matrix=np.eye(2))
    for result in (own, given):
        np.testing.assert_array_equal(result.quality, 1)
        np.testing.assert_array_equal(result.noise_matrix, np.eye(2))


def test_perfect_posteriors_find_exactly_the_wrong_labels():
    y = np.arange(300) % 3
    observed, matrix = make_label_noise(y, 0.4, return_noise_matrix=True, random_state=0)
    result = label_quality(Fitted(np.eye(3)[y], matrix), rows(300), observed)
    assert 0 < (observed != y).mean() < 0.4
    np.testing.assert_array_equal(result.quality, observed == y)
    np.testing.assert_array_equal(result.suggested_labels, y)


def test_quality_is_the_share_of_right_labels_among_rows_of_that_quality():
    rng = np.random.default_rng(0)
    proba = rng.dirichlet([0.6, 0.6, 0.6], 40_000)
    matrix = np.array([[0.6, 0.4, 0.0], [0.1, 0.8, 0.1], [0.2, 0.1, 0.7]])
    y = (rng.random((40_000, 1)) > proba.cumsum(axis=1)).sum(axis=1)
    observed = (rng.random((40_000, 1)) > matrix[y].cumsum(axis=1)).sum(axis=1)
    result = label_quality(Fitted(proba, matrix), rows(40_000), observed)
    for lowest in np.arange(0, 1, 0.1):
        chosen = (result.quality >= lowest) & (result.quality < lowest + 0.1)
        right = (observed == y)[chosen]
        assert abs(right.mean() - result.quality[chosen].mean()) < 3 * 0.5 / np.sqrt(len(right))
    better = (result.suggested_labels == y).mean() - (observed == y).mean()
    assert better > 0.1


def test_without_a_noise_matrix_quality_is_the_probability_of_the_label():
    proba = np.array([[0.2, 0.8], [0.6, 0.4]])
    result = label_quality(Fitted(proba), rows(2), [0, 1])
    np.testing.assert_allclose(result.quality, [0.2, 0.4])
    np.testing.assert_allclose(result.posterior, proba)
    np.testing.assert_array_equal(result.suggested_labels, [1, 0])
    assert result.noise_matrix is None


def test_noise_given_to_a_classifier_of_observed_labels_is_taken_out_of_its_probabilities():
    rng = np.random.default_rng(0)
    proba = 0.1 + 0.7 * rng.dirichlet([1, 1, 1], 50)
    matrix = 0.7 * np.eye(3) + 0.3 * rng.dirichlet([1, 1, 1], 3)
    y = np.arange(50) % 3
    result = label_quality(Fitted(proba @ matrix), rows(50), y, noise_matrix=matrix)
    np.testing.assert_allclose(result.posterior, by_hand(proba, matrix, y), atol=1e-6)


def test_noise_of_nearly_half_of_the_labels_is_taken_out_too():
    proba = np.column_stack([np.linspace(0.05, 0.95, 19), np.linspace(0.95, 0.05, 19)])
    matrix, y = np.array([[0.55, 0.45], [0.45, 0.55]]), np.arange(19) % 2
    result = label_quality(Fitted(proba @ matrix), rows(19), y, noise_matrix=matrix)
    np.testing.assert_allclose(result.posterior, by_hand(proba, matrix, y), atol=0.005)


def test_probabilities_that_no_true_class_explains_are_ranked_all_the_same():
    observed = np.array([[0.99, 0.01], [0.9, 0.1], [0.8, 0.2], [0.5, 0.5]])
    matrix = np.array([[0.7, 0.3], [0.3, 0.7]])
    quality = label_quality(Fitted(observed), rows(4), [1, 1, 1, 0], noise_matrix=matrix).quality
    assert (quality[:3] > 0).all() and (np.diff(quality) > 0).all()
    assert quality[2] < 1e-3 and quality[3] == pytest.approx(0.7)


def test_impossible_label_says_nothing_of_the_true_class():
    matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.5, 0.5]]
    result = label_quality(Fitted([[0.6, 0.4, 0.0]] * 3, matrix), rows(3), [0, 1, 2])
    np.testing.assert_allclose(result.posterior, [[1, 0, 0], [0, 1, 0], [0.6, 0.4, 0]])
    np.testing.assert_allclose(result.quality, [1, 1, 0])


def test_rows_that_nobody_held_out_keep_their_labels():
    proba = [[0.1, 0.9], [np.nan, np.nan], [0.1, 0.9], [np.nan, np.nan]]
    for matrix, given in [(None, None), (UNEVEN, None), (None, UNEVEN)]:
        result = label_quality(Fitted(proba, matrix), rows(4), [0, 0, 0, 1], noise_matrix=given)
        np.testing.assert_array_equal(np.isnan(result.quality), [False, True, False, True])
        np.testing.assert_array_equal(np.isnan(result.posterior).all(axis=1), [0, 1, 0, 1])
        np.testing.assert_array_equal(result.suggested_labels, [1, 0, 1, 1])


@pytest.mark.parametrize(
    "y",
    [
        np.array(["b", "a", "c"]),
        np.array(["b", "a", "c"], dtype=object),
        np.array([2.0, 1.0, 4.0]),
        np.array([3, 1, 9], dtype=np.int8),
    ],
)
def test_suggested_labels_are_of_the_type_of_y(y):
    shifted = np.roll(np.eye(3), 1, axis=1)
    result = label_quality(Fitted(shifted, classes=np.unique(y)), rows(3), y)
    assert result.suggested_labels.dtype == result.classes.dtype == y.dtype
    np.testing.assert_array_equal(result.suggested_labels, np.unique(y)[[1, 2, 0]])


# --- clones ------------------------------------------------------------------------------------


def test_clones_and_kept_posteriors_agree_on_a_classifier_that_looks_at_nothing(iris):
    X, y = iris[0][:120], iris[1][:120]
    held_out = cross_val_predict(DummyClassifier(), X, y, cv=FOLDS, method="predict_proba")
    for matrix in (None, 0.8 * np.eye(3) + 0.2 / 3):
        kept = label_quality(Fitted(held_out), X, y, noise_matrix=matrix)
        result = label_quality(DummyClassifier(), X, y, cv=5, noise_matrix=matrix)
        np.testing.assert_allclose(result.posterior, kept.posterior)
        np.testing.assert_array_equal(result.suggested_labels, kept.suggested_labels)
    shares = label_quality(DummyClassifier(), X, y, cv=5).quality
    np.testing.assert_allclose(shares, np.array([50, 50, 20])[y] / 120)


def test_no_clone_judges_a_row_that_it_saw(iris):
    X, y = iris
    flipped = np.arange(0, 150, 30)
    observed = y.copy()
    observed[flipped] = (y[flipped] + 1) % 3
    memory = KNeighborsClassifier(1)
    result = label_quality(memory, X, observed, cv=5)
    np.testing.assert_array_equal(result.quality[flipped], 0)
    assert not hasattr(memory, "classes_")


def test_sorted_rows_are_shuffled_and_stratified(iris):
    number = label_quality(GaussianNB(), *iris, cv=5)
    np.testing.assert_array_equal(
        number.posterior, label_quality(GaussianNB(), *iris, cv=FOLDS).posterior
    )


@pytest.mark.parametrize("wrap", ["plain", "pipeline", "search"])
def test_each_clone_judges_by_its_own_noise_matrix(iris, wrap):
    X, y = iris
    splits = list(KFold(3, shuffle=True, random_state=0).split(X))
    splits[0] = (splits[0][0][::2], splits[0][1])
    clf = OwnNoise()
    if wrap == "pipeline":
        clf = make_pipeline(StandardScaler(with_std=False), clf)
    if wrap == "search":
        clf = GridSearchCV(make_pipeline("passthrough", clf), {}, cv=2)
    result = label_quality(clf, X, y, cv=splits)
    matrices = []
    for train, held in splits:
        clone = OwnNoise().fit(X[train], y[train])
        expected = by_hand(clone.predict_proba(X[held]), clone.noise_matrix_, y[held])
        np.testing.assert_allclose(result.posterior[held], expected, atol=1e-6)
        matrices.append(clone.noise_matrix_)
    assert np.ptp(matrices, axis=0).max() > 0.05
    np.testing.assert_allclose(result.noise_matrix, np.mean(matrices, axis=0))


def test_rows_held_out_twice_are_averaged_and_others_left_out(iris):
    X, y = iris
    splits = list(ShuffleSplit(3, test_size=0.4, random_state=0).split(X))
    result = label_quality(OwnNoise(), X, y, cv=splits)
    parts = [label_quality(OwnNoise(), X, y, cv=[split]).posterior for split in splits]
    count = (~np.isnan(parts)).all(axis=2).sum(axis=0)
    assert set(count) >= {0, 1, 2}
    expected = np.nansum(parts, axis=0)[count > 0] / count[count > 0, np.newaxis]
    np.testing.assert_allclose(result.posterior[count > 0], expected)
    np.testing.assert_array_equal(np.isnan(result.quality), count == 0)


@pytest.mark.parametrize("clf", [GaussianNB(), OwnNoise()])
def test_class_that_training_rows_lack_has_labels_of_the_quality_of_its_frequency(iris, clf):
    X, y = iris
    splits = [(np.arange(100), np.arange(100, 150)), (np.arange(50, 150), np.arange(50))]
    said = "100 held-out row.*class 2 .*quality.*how frequent the class is"
    with pytest.warns(RuntimeWarning, match=said) as w:
        result = label_quality(clf, X, y, cv=splits)
    assert w[0].filename == __file__
    np.testing.assert_allclose(result.quality[:50], 1 / 3)
    np.testing.assert_allclose(result.quality[100:], 1 / 3)
    np.testing.assert_allclose(result.posterior[:50].sum(axis=1), 1)
    assert (result.suggested_labels[:50] > 0).all()


def test_labels_that_are_never_wrong_are_right_of_unknown_classes_too(iris):
    splits = [(np.arange(100), np.arange(100, 150)), (np.arange(50, 150), np.arange(50))]
    with pytest.warns(RuntimeWarning, match="held-out row"):
        result = label_quality(GaussianNB(), *iris, cv=splits, noise_matrix=np.eye(3))
    np.testing.assert_allclose(result.quality[np.r_[:50, 100:150]], 1)


def test_noise_matrix_of_a_clone_that_lacks_a_class_is_put_in_order(iris):
    X, y = iris
    order = np.r_[50:150, 0:50]
    splits = [(np.arange(0, 100, 2), np.arange(1, 100, 2)), (np.arange(150)[::2], [101, 103])]
    result = label_quality(OwnNoise(), X[order], y[order], cv=splits)
    train, held = order[splits[0][0]], order[splits[0][1]]
    clone = OwnNoise().fit(X[train], y[train])
    expected = by_hand(clone.predict_proba(X[held]), clone.noise_matrix_, y[held] - 1)
    np.testing.assert_allclose(result.posterior[splits[0][1], 1:], expected)
    np.testing.assert_array_equal(result.posterior[splits[0][1], 0], 0)


def test_weights_and_groups_reach_the_clones(iris):
    X, y = iris
    weight = np.where(np.arange(150) % 2, 1.0, 0.0)
    params = {"sample_weight": weight}
    result = label_quality(GaussianNB(), X, y, cv=FOLDS, params=params)
    train, held = next(FOLDS.split(X, y))
    expected = GaussianNB().fit(X[train], y[train], weight[train]).predict_proba(X[held])
    np.testing.assert_allclose(result.posterior[held], expected)
    assert not np.isnan(result.quality).any()
    twins, labels = np.repeat(X[:60], 2, axis=0), np.repeat(np.arange(60) % 2, 2)
    alone = label_quality(KNeighborsClassifier(1), twins, labels, cv=4)
    together = label_quality(
        KNeighborsClassifier(1), twins, labels, cv=4, groups=np.repeat(np.arange(60), 2)
    )
    assert alone.quality.mean() > 0.7 > together.quality.mean()


def test_result_does_not_depend_on_the_number_of_jobs(iris):
    with parallel_config("threading"):
        results = [label_quality(OwnNoise(), *iris, cv=3, n_jobs=n).posterior for n in (None, 2)]
    np.testing.assert_array_equal(*results)


# --- whose rows --------------------------------------------------------------------------------


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


@pytest.mark.parametrize("options", [{"groups": [0, 0, 1, 1]}, {"params": {}}])
def test_what_only_clones_could_use_is_refused_without_them(options):
    with pytest.raises(ValueError, match=f"{next(iter(options))} would have no effect.*cv=5"):
        label_quality(Fitted(np.full((4, 2), 0.5)), rows(4), [0, 1] * 2, **options)


# --- wrong labels found ------------------------------------------------------------------------


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


def test_benchmark_ranks_reported_rows_before_others():
    score = np.array([0.4, 0.1, 0.3, 0.2, 0.0])
    rank = load("label_quality").issues_first(np.array([3, 0]), score)
    np.testing.assert_array_equal(rank, [1, 3, 4, 0, 2])
    none = load("label_quality").issues_first(np.array([], dtype=int), score)
    np.testing.assert_array_equal(none, np.argsort(np.argsort(score)))
