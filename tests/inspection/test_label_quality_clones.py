"""The quality of labels by clones, each of which judges the rows that it did not see."""

import numpy as np
import pytest
from joblib import parallel_config
from judged_labels import FOLDS, Fitted, by_hand
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GridSearchCV, KFold, ShuffleSplit, cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_mi.inspection import label_quality


class OwnNoise(GaussianNB):
    """Naive Bayes that says it speaks of true classes, behind noise that grows with its rows."""

    def fit(self, X, y):
        super().fit(X, y)
        n_classes = len(self.classes_)
        noise = len(y) / 400 * np.arange(1, n_classes + 1)[:, np.newaxis] / n_classes
        self.noise_matrix_ = (1 - noise) * np.eye(n_classes) + noise / n_classes
        return self


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
