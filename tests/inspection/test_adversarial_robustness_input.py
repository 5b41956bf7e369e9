"""Classifiers, images and options that go into an attack, and what is refused."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from quick_attacks import Rounded, attack, both_norms, fit
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi.inspection import adversarial_robustness

# --- which classifiers --------------------------------------------------------------------------


def test_decisions_are_those_under_priors(rows, fresh):
    clf = fit(*rows, priors=[0.9, 0.05, 0.05])
    result = attack(clf, *fresh, [0, 0.3])
    assert_allclose(result.accuracy[0], clf.score(*fresh))
    assert_allclose(clf.score(result.X_adversarial[1], fresh[1]), result.accuracy[1])


@pytest.mark.parametrize(
    "estimator",
    [
        DecisionTreeClassifier(max_depth=3, random_state=0),
        GaussianNB(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9, 1e-3]}, cv=2),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_any_classifier_can_be_attacked_in_its_raw_columns(rows, fresh, estimator):
    X, y = rows
    estimator = estimator.fit(X, np.array(["a", "b", "c"])[y])
    X, y = fresh[0], np.array(["a", "b", "c"])[fresh[1]]
    result = attack(estimator, X, y, [0, 0.6])
    assert list(result.attacks) == ["square"]
    assert_allclose(result.accuracy[0], estimator.score(X, y))
    assert_allclose(estimator.score(result.X_adversarial[1], y), result.accuracy[1])
    assert result.accuracy[1] < result.accuracy[0] - 0.1
    moves = (result.X_adversarial[1] - X) / X.std(axis=0)
    assert np.abs(moves).max() <= 0.6 * (1 + 1e-9)
    assert np.isfinite(result.mutual_info).all()


# --- images -------------------------------------------------------------------------------------


def make_images(n=60, seed=0):
    rng = np.random.default_rng(seed)
    X, y = rng.integers(0, 120, size=(n, 1, 6, 6)), np.arange(n) % 2
    X[np.arange(n), :, 1 + 3 * y] += 100
    return X.astype(np.uint8), y


def network(n_channels, n_classes):
    layers = [nn.Conv2d(n_channels, 4, 3, padding=1), nn.SiLU(), nn.AdaptiveAvgPool2d((6, 1))]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(24, n_classes))


@pytest.fixture(scope="module")
def image_clf():
    return fit(*make_images(), module=network, max_iter=25, learning_rate_init=0.05)


@both_norms
def test_images_stay_images(image_clf, norm):
    X, y = make_images(40, seed=1)
    eps = [0, 0.1, 0.4] if norm == "inf" else [0, 0.5, 2]
    results = [attack(image_clf, images, y, eps, norm=norm) for images in (X, X / np.float32(255))]
    assert_allclose(results[0].mutual_info, results[1].mutual_info, rtol=1e-6)
    points = results[0].X_adversarial[2]
    assert points.shape == X.shape and points.dtype == np.float32
    assert points.min() >= 0 and points.max() <= 1
    moves = points - X / 255
    size = np.abs(moves).max() if norm == "inf" else np.sqrt((moves**2).sum((1, 2, 3))).max()
    assert size <= eps[2] * (1 + 1e-6)
    assert results[0].accuracy[0] > 0.9 > 0.3 > results[0].accuracy[2]
    assert_allclose(results[0].X_adversarial[0], X / 255, rtol=1e-6)


def test_rows_of_pixels_are_attacked_as_images():
    X, y = make_images()
    clf = fit(X.reshape(60, -1), y, module=network, image_shape=(6, 6), max_iter=10)
    rows = attack(clf, X.reshape(60, -1), y, 0.1)
    images = attack(clf, X, y, 0.1)
    assert_array_equal(rows.X_adversarial[0], images.X_adversarial[0].reshape(60, -1))
    numbers = X.reshape(60, -1) / 1.0
    clf = fit(numbers, y, module=network, image_shape=(6, 6), max_iter=10)
    scaled = attack(clf, numbers, y, 0.1 * image_width(X), feature_scale=1)
    whole = attack(clf, numbers, y, 0.1)
    assert_allclose(scaled.X_adversarial[0], whole.X_adversarial[0])


def test_images_in_a_pipeline_are_attacked_by_queries(image_clf):
    X, y = make_images(30, seed=1)
    pipe = make_pipeline(FunctionTransformer(), image_clf)
    result = attack(pipe, X, y, 0.3)
    assert list(result.attacks) == ["square"] and result.X_adversarial[0].shape == X.shape
    assert result.accuracy < image_clf.score(X, y)


def image_width(X):
    return float(X.max()) - float(X.min())


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"eps": [0.1, -1]}, r"eps=\[0.1, -1\] must be one radius"),
        ({"eps": []}, "must be one radius"),
        ({"eps": [np.nan]}, "finite and not negative"),
        ({"eps": -0.1}, "eps"),
        ({"norm": "1"}, "norm"),
        ({"attacks": ["pgd"]}, "list of names among"),
        ({"attacks": []}, "list of names among"),
        ({"feature_scale": [1, 2]}, r"shape \(2,\), but X has 3 columns"),
        ({"feature_scale": [1, np.inf, 2]}, "is inf for column 1"),
        ({"feature_scale": [1, -1, 2]}, "is -1.0 for column 1"),
        ({"feature_scale": {0: 1, 1: 1}}, "lacks column 2"),
        ({"feature_scale": {0: 1, 1: 1, 2: 1, "z": 1}}, "names 'z'"),
        ({"frozen": ["z"]}, "frozen holds 'z', which is no column"),
        ({"frozen": [3]}, "frozen holds 3, which is no column"),
        ({"frozen": [0, 1, 2]}, "Nothing in X can be moved"),
        ({"feature_scale": 0}, "Nothing in X can be moved"),
        ({"max_iter": 0}, "max_iter"),
    ],
    ids=str,
)
def test_options_that_cannot_be_used(clf, fresh, options, message):
    with pytest.raises(ValueError, match=message):
        adversarial_robustness(clf, *fresh, **{"eps": 0.1} | options)


def test_rows_and_labels_that_cannot_be_used(clf, fresh):
    X, y = fresh
    for wrong, message in [
        ((X, y[1:]), "inconsistent numbers of samples: X has 70, y has 69"),
        ((X, np.where(y == 1, 5, y)), "the label 5, which the estimator has never seen"),
        ((X[:0], y[:0]), "at least 2 rows"),
        ((X[0], y), "at least 2 rows"),
        ((X[:, :2], y), "2 features"),
    ]:
        with pytest.raises(ValueError, match=message):
            attack(clf, *wrong)
    with pytest.raises(TypeError, match="dense table is required"):
        attack(clf, csr_array(X), y)


def test_classifiers_that_cannot_be_used(rows, fresh):
    with pytest.raises(NotFittedError):
        attack(MutualInfoClassifier(), *fresh)
    with pytest.raises(ValueError, match=r"'margin' needs slopes.*this is GaussianNB"):
        attack(GaussianNB().fit(*rows), *fresh, attacks=["square", "margin"])

    class Lost(Rounded):
        def predict_proba(self, X):
            return np.full((len(X), 3), np.nan)

    inner = GaussianNB().fit(*rows)
    with pytest.raises(ValueError, match="predict_proba of Lost gave values that are not finite"):
        attack(Lost(inner).fit(*rows), *fresh)


def test_options_that_images_do_not_have(image_clf):
    X, y = make_images(20)
    with pytest.raises(ValueError, match="names columns of a table"):
        attack(image_clf, X, y, frozen=[0])
    with pytest.raises(ValueError, match="has to be one number for images"):
        attack(image_clf, X, y, feature_scale=[1, 2])


class Dim(Rounded):
    """Reads whole numbers up to 255 only."""

    def predict_proba(self, X):
        return self.inner.predict_proba(np.clip(np.asarray(X, float) / 255, 0.02, 1))

    predict = None


def test_images_that_a_classifier_reads_as_others(image_clf):
    X, y = make_images(20)
    dim = Dim(image_clf).fit(X, y)
    dim.predict = lambda X: dim.classes_[dim.predict_proba(X).argmax(axis=1)]
    with pytest.raises(ValueError, match="Dim reads them differently"):
        attack(dim, X, y, 0.1)
