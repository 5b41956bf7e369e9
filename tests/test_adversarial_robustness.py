"""What survives an adversary: known truths, budgets kept, any classifier, and refusals."""

import copy

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from torch import nn

from sklearn_mi import MutualInfoClassifier
from sklearn_mi._input_gradient import OBJECTIVES, posterior_slope
from sklearn_mi._threats import column_spread
from sklearn_mi.inspection import _adversarial_robustness as module
from sklearn_mi.inspection import adversarial_robustness

FIGURES = ["accuracy", "mutual_info", "mutual_info_stderr"]
QUICK = {"max_iter": 8, "max_queries": 40, "random_state": 0}
both_norms = pytest.mark.parametrize("norm", ["inf", "2"])


def make_table(n=120, n_classes=3, seed=0):
    """Blobs: two columns that tell, one that does not, of different units."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    angle = 2 * np.pi * y / n_classes
    X = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(n)]) * 2 + rng.normal(size=(n, 3))
    return X * [1, 100, 0.01], y


def fit(X, y, **params):
    usual = {"max_iter": 8, "cv": 2, "hidden_layer_sizes": (16,), "estimators": None}
    usual["learning_rate_init"] = 0.03
    return MutualInfoClassifier(**usual | {"random_state": 0} | params).fit(X, y)


@pytest.fixture(scope="module")
def rows():
    return make_table()


@pytest.fixture(scope="module")
def clf(rows):
    return fit(*rows)


@pytest.fixture(scope="module")
def fresh():
    return make_table(70, seed=1)


def attack(estimator, X, y, eps=(0, 0.2, 0.6), **options):
    return adversarial_robustness(estimator, X, y, eps=eps, **QUICK | options)


def clean_figures(estimator, X, y):
    codes = np.searchsorted(estimator.classes_, y)
    q = estimator.predict_proba(X)[np.arange(len(y)), codes]
    prior = getattr(estimator, "class_prior_", np.bincount(codes) / len(y))
    return estimator.score(X, y), np.mean(np.log(q) - np.log(prior)[codes])


# --- slopes of the posterior --------------------------------------------------------------------


def difference_quotients(ensemble, matrix, codes, objective, tilt, h=1e-5):
    quotients = np.zeros(matrix.shape)
    for j in range(matrix.shape[1]):
        step = h * np.eye(matrix.shape[1])[j]
        up, down = (
            posterior_slope(ensemble, matrix + s, codes, objective, tilt)[0] for s in (step, -step)
        )
        quotients[:, j] = (up - down) / (2 * h)
    return quotients


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(
    "params",
    [
        {"loss": "ce"},
        {"loss": "pc_softmax", "class_weight": {0: 3}},
        {"loss": "dmi"},
        {"loss": "forward"},
        {"loss": "gce", "cv": None},
        {"estimators": [("bayes", GaussianNB())]},
        {"module": nn.Linear},
    ],
    ids=str,
)
def test_slopes_are_limits_of_difference_quotients(rows, fresh, params, objective):
    clf = fit(*rows, **params)
    matrix, codes = clf._encoder.transform(fresh[0]).astype(float), fresh[1]
    clf.net_.module_.double()
    tilt = np.array([0.5, 0, -0.3])
    _, slope = posterior_slope(clf._ensemble, matrix, codes, objective, tilt)
    quotients = difference_quotients(clf._ensemble, matrix, codes, objective, tilt)
    smooth = np.abs(slope - quotients) < 1e-4 * (1 + np.abs(slope))
    assert smooth.mean() > 0.98  # the rest steps over a kink of the embedding or of the maximum
    assert np.abs(slope).max() > 0.01


def without_floor(clf):
    """The same, whose pool knows something of every row: a floor has no slope, and is left out."""
    clf = copy.deepcopy(clf)
    clf._ensemble.calibration.ignorance_ = 1e-300
    return clf


@pytest.mark.parametrize("loss", ["ce", "pc_softmax", "dmi", "gce"])
def test_without_companions_the_networks_are_the_classifier(rows, fresh, loss):
    clf = without_floor(fit(*rows, loss=loss, class_weight={0: 2}))
    X, y = fresh
    own = np.arange(len(y)), y
    value, _ = clf._input_slope(X, y, "cross_entropy", np.ones(3))  # log odds against the label
    assert_allclose(expit(-value), clf.predict_proba(X)[own], atol=1e-6)
    value, _ = clf._input_slope(X, y, "margin", np.ones(3))
    decision = np.sort(clf.decision_function(X))
    own = clf.decision_function(X)[own]
    gap = np.where(own == decision[:, 2], decision[:, 1], decision[:, 2]) - own
    assert_allclose(value, gap / (decision[:, 2] - decision[:, 0]), atol=1e-5)


def test_slopes_in_raw_columns_are_those_of_the_table(clf, fresh):
    X, y = fresh
    clf, unit = without_floor(clf), column_spread(X)
    _, slope = clf._input_slope(X, y, "cross_entropy", unit)
    for j in range(3):
        step = 1e-2 * unit * np.eye(3)[j]
        up, down = (-logit(clf.predict_proba(X + s)[np.arange(70), y]) for s in (step, -step))
        assert np.median(np.abs((up - down) / 2e-2 - slope[:, j])) < 0.02 * np.abs(slope).max()


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_network_that_is_certain_has_slopes(objective, n_classes):
    """Else its certainty would pass for robustness."""
    X, y = make_table(60, n_classes=n_classes)
    clf = fit(X, y, module=nn.Linear, cv=None)
    with torch.no_grad():
        for parameter in clf.net_.module_.parameters():
            parameter.mul_(1e4)
    clf._ensemble.calibration.weights_[:] = 1
    log_odds, _ = clf._input_slope(X, y, "cross_entropy", np.ones(3))
    assert np.median(np.abs(log_odds)) > 100
    _, slope = clf._input_slope(X, y, objective, np.ones(3))
    assert (slope != 0).any(axis=1)[log_odds < 0].all()  # rows that are right


def test_slopes_of_far_cells_keep_their_sign(clf, fresh):
    """Where float32 sees no change of the encoding any more."""
    X = fresh[0].copy()
    X[:, 0] = 1e6
    _, slope = clf._input_slope(X, fresh[1], "cross_entropy", np.ones(3))
    assert np.isfinite(slope).all() and (slope[:, 0] != 0).all()


def test_asking_for_slopes_leaves_no_trace(rows, fresh, torch_left_alone):
    clf = fit(*rows, module=lambda d, k: nn.Sequential(nn.BatchNorm1d(d), nn.Linear(d, k)))
    network = clf.net_.module_
    before = {name: value.clone() for name, value in network.state_dict().items()}
    parameters = list(network.parameters())
    gradients = [parameter.grad.clone() for parameter in parameters]  # training left them
    for mode in (True, False):
        network.train(mode)
        with torch_left_alone():
            clf._input_slope(*fresh, "margin", np.ones(3))
        assert network.training is mode
    assert all(torch.equal(p.grad, grad) for p, grad in zip(parameters, gradients, strict=True))
    assert all(torch.equal(before[k], value) for k, value in network.state_dict().items())


# --- known truths -------------------------------------------------------------------------------


@both_norms
def test_what_survives_of_a_logistic_regression(norm):
    """Of which the worst point is known: against its weights, as far as the ball goes."""
    X, y = make_table(60, n_classes=2)
    clf = LogisticRegression().fit(X / [1, 100, 0.01], y)
    clf.coef_, scale = clf.coef_ / [1, 100, 0.01], np.array([0.5, 100, 0])
    size = np.linalg.norm(clf.coef_[0] * scale, 1 if norm == "inf" else 2)
    sign, eps = 2 * y - 1, np.array([0.3, 0, 1])
    margin = sign * clf.decision_function(X)
    options = {"norm": norm, "feature_scale": scale, "max_queries": 300}
    result = attack(clf, X, y, eps, **options)
    accuracy = [(margin > e * size).mean() for e in eps]
    assert_allclose(result.accuracy, accuracy)
    # Rows that are misclassified are left alone, so that only the others come down all the way.
    information = np.log(2) - np.logaddexp(0, -(margin - eps[:, None] * size)).mean(axis=1)
    assert (result.mutual_info >= information - 1e-12).all()
    small = attack(clf, X[margin > 1], y[margin > 1], 0.9 / size, **options)
    prior = np.bincount(y[margin > 1]) / (margin > 1).sum()
    lowest = -np.logaddexp(0, 0.9 - margin[margin > 1]) - np.log(prior)[y[margin > 1]]
    assert_allclose(small.mutual_info, lowest.mean(), atol=1e-4)


def test_gradients_find_the_worst_point_of_a_linear_network():
    """One layer, and columns that are encoded almost linearly; 2 classes."""
    X, y = make_table(200, n_classes=2)
    X = X / [1, 100, 0.01]
    clf = fit(X, y, module=nn.Linear, cv=None, max_iter=40, learning_rate_init=0.05)
    result = attack(clf, X, y, 0.3, attacks=["cross_entropy"], n_restarts=1, feature_scale=1.0)
    corners = 0.3 * np.array(np.meshgrid(*[[-1, 1]] * 3)).reshape(3, -1).T
    log_q = [clf.predict_log_proba(X + corner)[np.arange(200), y] for corner in corners]
    expected = (np.min(log_q, axis=0) - np.log(0.5)).mean()
    assert_allclose(result.mutual_info, expected, atol=1e-6)


class Rounded(ClassifierMixin, BaseEstimator):
    """Hides the slope of a classifier: numbers are rounded before it sees them."""

    def __init__(self, inner):
        self.inner = inner

    def fit(self, X, y):
        self.classes_ = self.inner.classes_
        return self

    def predict_proba(self, X):
        return self.inner.predict_proba(np.round(X, 1))

    def predict(self, X):
        return self.inner.predict(np.round(X, 1))


def test_a_hidden_gradient_does_not_help_against_square(rows, fresh):
    inner = LogisticRegression(max_iter=1000).fit(*rows)
    open_, hidden = (
        attack(clf, *fresh, [0.5], max_queries=200) for clf in (inner, Rounded(inner).fit(*rows))
    )
    assert hidden.accuracy < inner.score(*fresh) - 0.2
    assert abs(hidden.accuracy - open_.accuracy) < 0.05


# --- contracts ----------------------------------------------------------------------------------


@both_norms
def test_figures_at_zero_are_those_of_the_rows_and_never_rise(clf, fresh, norm):
    eps = [0.4, 0, 0.1, 0.4, 1.5]
    result = attack(clf, *fresh, eps, norm=norm)
    assert_array_equal(result.eps, eps)
    assert list(result.attacks) == ["cross_entropy", "margin", "square"]
    for figures in [result, *result.attacks.values()]:
        assert_allclose([figures.accuracy[1], figures.mutual_info[1]], clean_figures(clf, *fresh))
        for name in FIGURES:
            assert figures[name].shape == (5,) and figures[name][0] == figures[name][3]
        for name in FIGURES[:2]:
            assert (np.diff(figures[name][[1, 2, 0, 4]]) <= 0).all()
            assert (result[name] <= figures[name] + 1e-12).all()
    assert result.accuracy[4] < 0.5 and result.mutual_info[4] < 0
    assert result.attacks["margin"].accuracy[4] < 0.5


@both_norms
def test_points_are_in_the_ball_and_bear_out_the_figures(clf, fresh, norm):
    X, y = fresh
    X = X.copy()
    X[::5, 0] = np.nan
    result = attack(clf, X, y, [0, 0.3, 0.8], norm=norm, n_restarts=1)
    assert_array_equal(result.X_adversarial[0], X)
    for k, eps in enumerate(result.eps):
        points = result.X_adversarial[k]
        assert_array_equal(np.isnan(points), np.isnan(X))
        moves = np.nan_to_num((points - X) / column_spread(X))
        size = np.abs(moves).max() if norm == "inf" else np.linalg.norm(moves, axis=1).max()
        assert size <= eps * (1 + 1e-9)
        assert_allclose(clf.score(points, y), result.accuracy[k])
        assert clean_figures(clf, points, y)[1] >= result.mutual_info[k] - 1e-12


def test_points_of_a_frame_are_a_frame(rows):
    X, y = make_table(60)
    frame = pd.DataFrame(X, columns=list("abc"), index=np.arange(60) // 2)
    frame["b"] = frame["b"].round().astype(int)
    frame["d"] = np.where(y == 1, "one", "other")
    frame["e"] = 7
    clf = fit(frame, y)
    result = attack(clf, frame, y, [0, 0.5])
    for points in result.X_adversarial:
        assert points.index.equals(frame.index) and points.columns.equals(frame.columns)
        pd.testing.assert_frame_equal(points[["d", "e"]], frame[["d", "e"]])
        assert points["b"].dtype == float
    pd.testing.assert_frame_equal(result.X_adversarial[0], frame, check_dtype=False)
    frozen = attack(clf, frame, y, 0.5, frozen=["a", -1, "b", "d"]).X_adversarial[0]
    assert_array_equal(np.flatnonzero((frozen != frame).any()), [2])
    by_name = attack(clf, frame, y, 0.5, feature_scale={"a": 1, "b": 0, "c": 0, "e": 0})
    assert_array_equal(np.flatnonzero((by_name.X_adversarial[0] != frame).any()), [0])
    series = pd.Series({"c": 0, "a": 1, "e": 0, "b": 0})
    assert_array_equal(by_name.accuracy, attack(clf, frame, y, 0.5, feature_scale=series).accuracy)


def test_levels_change_only_where_they_may():
    level = np.array(["u", "v", "w"])[np.arange(90) % 3]
    frame = pd.DataFrame({"level": level, "noise": np.random.default_rng(0).normal(size=90)})
    y = (level == "u").astype(int)
    trees = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(frame[["level"]], y)
    for clf, X in [(fit(frame, y, max_iter=40), frame), (trees, frame[["level"]])]:
        if X.shape[1] > 1:
            assert attack(clf, X, y, 0.1).accuracy > 0.9
        result = attack(clf, X, y, [0, 0.01], frozen=[], max_queries=60)
        assert_array_equal(result.accuracy, [1, 0])
        assert set(result.X_adversarial[1]["level"]) <= set(level)


def test_lists_are_read_as_arrays(clf, fresh):
    X, y = fresh
    expected = attack(clf, X, y, 0.4).X_adversarial[0]
    assert_array_equal(attack(clf, X.tolist(), y.tolist(), 0.4).X_adversarial[0], expected)
    rows = [[k % 2, "ab"[k % 2]] for k in range(20)]  # which scikit-learn takes for texts alone
    with pytest.raises(ValueError, match="Nothing in X can be moved"):
        attack(fit(rows, y[:20] > 0), rows, y[:20] > 0)


def test_the_same_seed_gives_the_same_result(clf, fresh):
    first, second, other = (attack(clf, *fresh, 0.4, random_state=seed) for seed in (0, 0, 1))
    assert_array_equal(first.X_adversarial[0], second.X_adversarial[0])
    assert first.mutual_info == second.mutual_info
    assert (first.X_adversarial[0] != other.X_adversarial[0]).any()


def test_chunks_do_not_matter_to_what_is_not_random(clf, fresh, monkeypatch):
    options = {"attacks": ["margin", "cross_entropy"], "n_restarts": 1}
    whole = attack(clf, *fresh, **options)
    monkeypatch.setattr(module, "CHUNK", 13)
    chunked = attack(clf, *fresh, **options)
    for name in FIGURES:
        assert_allclose(chunked[name], whole[name], rtol=1e-6)
    assert_allclose(chunked.X_adversarial[2], whole.X_adversarial[2], rtol=1e-4, atol=1e-6)


# --- which classifiers --------------------------------------------------------------------------


def test_decisions_are_those_under_priors(rows, fresh):
    clf = fit(*rows, priors=[0.9, 0.05, 0.05])
    result = attack(clf, *fresh, [0, 0.3])
    assert_allclose(result.accuracy[0], clf.score(*fresh))
    assert_allclose(clf.score(result.X_adversarial[1], fresh[1]), result.accuracy[1])


def test_what_slopes_find_is_judged_by_the_whole_pool(rows, fresh):
    clf = fit(*rows, estimators=[("tree", DecisionTreeClassifier(max_depth=3, random_state=0))])
    result = attack(clf, *fresh, attacks=["cross_entropy"])
    assert_allclose([result.accuracy[0], result.mutual_info[0]], clean_figures(clf, *fresh))
    assert_allclose(clf.score(result.X_adversarial[2], fresh[1]), result.accuracy[2])
    assert result.accuracy[2] < result.accuracy[0]


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


def test_a_search_that_found_a_network_is_attacked_by_its_slopes(rows, fresh):
    clf = MutualInfoClassifier(
        max_iter=2, cv=None, estimators=None, hidden_layer_sizes=(8,), random_state=0
    )
    search = GridSearchCV(clf, {"alpha": [0.01]}, cv=2).fit(*rows)
    result = attack(search, *fresh, 0.3)
    assert "margin" in result.attacks
    inner = attack(search.best_estimator_, *fresh, 0.3)
    assert_array_equal(result.X_adversarial[0], inner.X_adversarial[0])


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
    scaled = attack(clf, X.reshape(60, -1) / 1.0, y, 0.1 * (image_width(X)), feature_scale=1)
    whole = attack(clf, X.reshape(60, -1) / 1.0, y, 0.1)
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
        return self.inner.predict_proba(np.asarray(X, float) / 255)

    predict = None


def test_images_that_a_classifier_reads_as_others(image_clf):
    X, y = make_images(20)
    dim = Dim(image_clf).fit(X, y)
    dim.predict = lambda X: dim.classes_[dim.predict_proba(X).argmax(axis=1)]
    with pytest.raises(ValueError, match="Dim reads them differently"):
        attack(dim, X, y, 0.1)
